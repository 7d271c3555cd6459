"""Restart and shut down: the right words to systemd, and plain ones when it says no."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest

from app import system
from hardware.errors import InstepError


@pytest.fixture(autouse=True)
def _systemd(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system.shutil, "which", lambda _name: "/bin/systemctl")


def answering(code: int, stderr: str = "") -> tuple[list[list[str]], Any]:
    asked: list[list[str]] = []

    def run(command: list[str], **_options: Any) -> subprocess.CompletedProcess[str]:
        asked.append(command)
        return subprocess.CompletedProcess(command, code, "", stderr)

    return asked, run


def test_what_is_asked() -> None:
    asked, run = answering(0)
    system.leave("restart", run)
    system.leave("shut-down", run)
    assert [command[-1] for command in asked] == ["reboot", "poweroff"]


@pytest.mark.parametrize(
    ("stderr", "words"),
    [
        ("Call to Reboot failed: Interactive authentication required.", "Use its own switch.*authentication"),
        ("Access denied", "Use its own switch.*denied"),
        ("System has not been booted with systemd as init system.", "refuses.*System has not"),
        ("", "refuses.*1"),
    ],
)
def test_a_no_is_told_plainly(stderr: str, words: str) -> None:
    _asked, run = answering(1, stderr)
    with pytest.raises(InstepError, match=words):
        system.leave("restart", run)


def test_no_answer_and_no_systemd(monkeypatch: pytest.MonkeyPatch) -> None:
    def hangs(command: list[str], **_options: Any) -> Any:
        raise subprocess.TimeoutExpired(command, 1)

    with pytest.raises(InstepError, match="does not answer"):
        system.leave("restart", hangs)
    monkeypatch.setattr(system.shutil, "which", lambda _name: None)
    with pytest.raises(InstepError, match="own switch"):
        system.leave("restart")
