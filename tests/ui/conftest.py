"""Kivy is configured here, before anything imports it: offscreen, our settings, no input."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import pytest

from app.household.preferences import Preferences
from app.ui import languages

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


@pytest.fixture(autouse=True, scope="module")
def _no_garbage_is_looked_for() -> Iterator[None]:
    """At every touch that would take longest of all; the window does so itself, every so many apps."""
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(autouse=True, scope="module")
def _english_afterwards() -> Iterator[None]:
    """A screen speaks for its whole process, and other tests run in it."""
    yield
    languages.speak(Preferences())


@pytest.fixture
def hand(_window: Any) -> Iterator[Any]:
    """The process's one window at 800x480, no app in it yet; nothing is drawn unless ``draws`` is set."""
    _window.draws = False
    _window.resize((800, 480))
    yield _window
    _window.close()


@pytest.fixture
def drawn(hand: Any) -> Any:
    """The same, with every frame drawn."""
    hand.draws = True
    return hand
