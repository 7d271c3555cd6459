"""Which Instep this is."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from app.places import ASSETS


def our_version() -> str:
    """The installed version's name, as its folder has it; in a checkout the package's."""
    home = ASSETS.parent
    if home.parent.name == "versions":
        return home.name
    try:
        return version("instep")
    except PackageNotFoundError:
        return "unknown"
