"""Pictures drawn by Graphviz, in this process: no browser, no network."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from configurable_agents.errors import SettingsError

_PNG_DOTS_PER_INCH = "144"  # two dots for each point of a screen that has 72


def draw(dot: str, form: Literal["svg", "png"]) -> bytes:
    """The picture of a graph in DOT.

    The SVG refers to nothing outside of itself. Its text is text, so its fonts are the reader's; a PNG has this
    machine's.

    Raises:
        SettingsError: Graphviz is not installed.
    """
    try:
        from pygraphviz import AGraph
    except ImportError:
        message = "Drawing SVG and PNG takes Graphviz, which is not installed."
        hint = "pip install 'configurable-agents[graph]'   (--format ascii and mermaid need nothing more)"
        raise SettingsError("missing_extra", message, hint) from None
    with _silent_libraries():
        graph = AGraph(string=dot)
        try:
            if form == "png":
                graph.graph_attr["dpi"] = _PNG_DOTS_PER_INCH
            drawn: bytes = graph.draw(format=form, prog="dot")
        finally:
            graph.close()
    # Graphviz names a document type by its URL, which some readers of XML would fetch.
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + drawn[drawn.index(b"<svg") :] if form == "svg" else drawn


@contextmanager
def _silent_libraries() -> Iterator[None]:
    """Nothing that C libraries print on stderr is seen: fontconfig finds fault with files of the system."""
    sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:  # closed by the caller
        yield
        return
    try:
        with tempfile.TemporaryFile() as nowhere:
            os.dup2(nowhere.fileno(), 2)
            yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
