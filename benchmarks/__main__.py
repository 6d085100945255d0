"""`python -m benchmarks [graphs] [startup]`: all of them, or those named."""

from __future__ import annotations

import sys

from benchmarks import graphs, startup

BENCHMARKS = {"graphs": graphs.main, "startup": startup.main}


def main() -> None:
    """Run the benchmarks named on the command line, by default all."""
    unknown = [name for name in sys.argv[1:] if name not in BENCHMARKS]
    if unknown:
        sys.exit(f"There is no benchmark {', '.join(unknown)}; there is {', '.join(BENCHMARKS)}.")
    for name in sys.argv[1:] or BENCHMARKS:
        BENCHMARKS[name]()


if __name__ == "__main__":
    main()
