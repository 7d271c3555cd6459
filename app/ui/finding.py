"""Finding a widget by its stable name, for tests and for whoever drives the screen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def named(root: Any) -> Iterator[Any]:
    """Every widget under ``root`` that has a name, front-most first."""
    for child in root.children:
        yield from named(child)
    if getattr(root, "name", ""):
        yield root


def find(root: Any, name: str) -> Any | None:
    """The front-most widget called ``name`` under ``root``, or None."""
    return next((widget for widget in named(root) if widget.name == name), None)
