"""Sounds: ours, small, played elsewhere than in the screen's thread, and silent without a speaker."""

from __future__ import annotations

import logging
import threading
import wave
from pathlib import Path
from typing import Any

import pytest

from app.ui.sounds import SOUNDS, Sounds
from scripts import tones


@pytest.mark.parametrize("name", tones.SOUNDS)
def test_a_sound_is_small_soft_and_made_by_the_script(name: str, tmp_path: Path) -> None:
    path = SOUNDS / f"{name}.wav"
    with wave.open(str(path)) as found:
        assert (found.getnchannels(), found.getsampwidth()) == (1, 2)
        assert found.getnframes() / found.getframerate() <= 1.0
    assert path.stat().st_size < 24_000
    values = tones.samples(name)
    assert max(abs(value) for value in values) < 0.4 * 32767
    assert abs(values[0]) < 100
    assert abs(values[-1]) < 100
    tones.write(tmp_path)
    assert (tmp_path / f"{name}.wav").read_bytes() == path.read_bytes()


class Speaker:
    def __init__(self) -> None:
        self.played: list[str] = []
        self.threads: set[int] = set()
        self.heard = threading.Event()

    def load(self, path: Path) -> Any:
        speaker = self

        class Sound:
            def play(self) -> None:
                speaker.played.append(path.stem)
                speaker.threads.add(threading.get_ident())
                speaker.heard.set()

        return Sound()


def test_a_sound_is_played_in_another_thread() -> None:
    speaker = Speaker()
    sounds = Sounds(lambda: True, speaker.load)
    sounds.play("start")
    assert speaker.heard.wait(5)
    sounds.close(5)
    assert speaker.played == ["start"]
    assert threading.get_ident() not in speaker.threads


def test_off_is_off() -> None:
    speaker = Speaker()
    sounds = Sounds(lambda: False, speaker.load)
    sounds.play("start")
    sounds.close()
    assert speaker.played == []


def test_without_a_speaker_it_is_silent_and_says_so_once(caplog: pytest.LogCaptureFixture) -> None:
    tried: list[Path] = []

    def load(path: Path) -> None:
        tried.append(path)

    sounds = Sounds(lambda: True, load)
    with caplog.at_level(logging.INFO, logger="app.ui.sounds"):
        for _ in range(3):
            sounds.play("end")
            sounds.close(5)
    assert len(tried) == 1
    assert len(caplog.records) == 1


def test_a_speaker_that_hangs_holds_up_nothing() -> None:
    stuck, begun = threading.Event(), threading.Event()

    def load(_path: Path) -> Any:
        begun.set()
        stuck.wait(10)
        raise OSError

    sounds = Sounds(lambda: True, load)
    sounds.play("end")
    assert begun.wait(5)
    for _ in range(20):
        sounds.play("phase")
    stuck.set()
