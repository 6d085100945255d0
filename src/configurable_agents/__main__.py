"""`python -m configurable_agents`."""

from __future__ import annotations

from configurable_agents.cli.main import main

if __name__ == "__main__":
    main()
