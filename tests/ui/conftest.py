"""Kivy is configured here, before anything imports it: offscreen, our settings, no input."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import pytest

if find_spec("kivy") is not None:
    from stagehand import prepare

    prepare()
else:
    collect_ignore_glob = ["test_screen_*.py"]


@pytest.fixture(scope="session")
def _window() -> Iterator[Any]:
    from stagehand import Hand

    found = Hand()
    yield found
    found.close()


@pytest.fixture
def hand(_window: Any) -> Iterator[Any]:
    """The process's one window at 800x480, no app in it yet."""
    _window.resize((800, 480))
    yield _window
    _window.close()
