"""Every screen, in every state of everybody: each text whole, apart and inside, each target large enough.

Nothing is drawn: the screens are laid out on paper, see ``paper`` and ``fitting``, in processes of their own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fitting import LANGUAGES, SIZES, sample

pytestmark = pytest.mark.screen

EVERY = tuple(f"{language}{large}" for large in ("", "-large") for language in LANGUAGES)
LARGE = EVERY[len(LANGUAGES) :]
RUNS: list[tuple[str, tuple[str, ...]]] = [
    # The tightest lying and the tightest upright: every other size has as many steps of the grid, or more.
    # Every language in large letters, which take the most room; in usual ones the longest words, and none.
    # Marked: every word on the screens can be translated.
    ("800x480", ("marked", "en", "de", "uk")),
    ("800x480", LARGE),
    ("480x800", ("en", "de", *LARGE)),
    # What is left to go wrong in the others is rounding, and a layout that takes its room for granted.
    (
        "1024x600",
        (
            "es-large",
            "1280x400:uk-large",
            "1280x720:fr-large",
            "1280x800:de-large",
            "720x1280:uk-large",
        ),
    ),
]
"""INSTEP_FIT=all has every language and both sizes of text in every size, which takes minutes."""

if os.environ.get("INSTEP_FIT") == "all":
    RUNS = [(size, EVERY) for size in SIZES]


def fitting(*asked: str) -> str:
    script = Path(__file__).with_name("fitting.py")
    done = subprocess.run(
        [sys.executable, str(script), *asked], capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("size", "runs"), RUNS, ids=lambda value: value if isinstance(value, str) else value[0]
)
def test_everything_fits(size: str, runs: tuple[str, ...]) -> None:
    assert fitting(size, *runs).splitlines() == []


def test_paper_is_laid_out_as_kivy_lays_out(hand: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(hand, "preferences", hand.preferences)
    monkeypatch.setattr(hand, "draws", False)
    on_paper = json.loads(fitting("800x480", "de", "uk-large", "--sample"))
    drawn = [list(sample(hand, *run)) for run in (("de", False), ("uk", True))]
    for papers, kivys in zip(on_paper, drawn, strict=True):
        assert len(papers) > 400
        for paper, kivy in zip(papers, kivys, strict=True):
            assert paper == pytest.approx(kivy) if _plain(kivy) else json.loads(json.dumps(kivy)) == paper


def _plain(values: list[Any]) -> bool:
    return not any(isinstance(value, list) for value in values)
