"""The command line of the virtual machine: faults from another terminal, and the console in its own."""

from __future__ import annotations

import io
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from app.cli import main
from app.cli.console import Prompt, picture
from hardware.virtual.watch import StateClient
from tests.daemon import DEADLINE_S, ROOT, Daemon, until

process = pytest.mark.process


def instep(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


@pytest.fixture
def where(daemon: Daemon) -> Iterator[list[str]]:
    yield ["--state-socket", str(daemon.state)]
    with daemon.watch() as watch:
        watch.clear()


@pytest.mark.parametrize(
    "command", ["fault", "fault put", "fault take", "fault list", "fault watch", "virtual"]
)
def test_every_command_explains_itself(command: str) -> None:
    result = instep(*command.split(), "--help")
    assert result.exit_code == 0
    assert len(result.output) > 150


def test_help_teaches_with_examples() -> None:
    told = instep("fault", "put", "--help").output
    assert "instep fault put sensor-open left a" in told
    assert "instep fault put bag-leak calf --amount 30" in told


@process
def test_a_fault_is_put_in_listed_and_taken_out(where: list[str], daemon: Daemon) -> None:
    assert instep("fault", "put", "sensor-open", "left", "a", *where).output == "in: sensor-open left a\n"
    put = instep("fault", "put", "sensor-offset", "right b", "--amount", "-6", *where)
    assert put.output == "in: sensor-offset right b -6\n"
    listed = instep("fault", "list", *where).output
    assert "in: sensor-open left a, sensor-offset right b -6" in listed
    assert "bag-leak: loses this much more air at 60 mmHg" in listed
    assert instep("fault", "take", "sensor-open", *where).output == "out: sensor-open\n"
    with daemon.watch() as watch:
        assert [active["name"] for active in watch.state()["faults"]] == ["sensor-offset"]
        assert instep("fault", "clear", *where).exit_code == 0
        assert watch.state()["faults"] == []


@process
def test_what_is_refused_is_one_line_and_exit_code_1(where: list[str]) -> None:
    for arguments, words in (
        (("put", "mood"), "there is no fault named 'mood'; there are: sensor-open"),
        (("put", "valve-stuck-open"), "has to be on one of: foot, ankle, calf, heel"),
        (("put", "bag-leak", "foot", "--amount", "nan"), "number"),
        (("take", "pump-dead"), "pump-dead is not in; what is: none"),
    ):
        result = instep("fault", *arguments, *where)
        assert result.exit_code == 1
        assert words in result.output
        assert result.output.count("\n") == 1


def test_no_machine_says_how_to_start_one(tmp_path: Path) -> None:
    for command in (("put", "pump-dead"), ("take", "pump-dead"), ("clear",), ("list",), ("watch",)):
        result = instep("fault", *command, "--runtime", str(tmp_path))
        assert result.exit_code == 1
        assert f"no virtual machine answers at {tmp_path / 'virtual'}" in result.output
        assert "instep virtual" in result.output
        assert "Traceback" not in result.output


@process
def test_the_machines_inside_is_shown_once_without_a_terminal(where: list[str]) -> None:
    instep("fault", "put", "pressure-open", "calf", *where)
    shown = instep("fault", "watch", *where).output
    for words in (
        "pressure-open calf",
        "knead arch left",
        "pad right",
        "bag heel",
        "says --",
        "not pressed",
        "moves   nothing",
    ):
        assert words in shown
    assert "…" not in shown, "it fits into 80 columns"


def test_what_moves_is_shown_by_its_own_name() -> None:
    """As when the wires of pump and right vibration motor are swapped: the pin is driven, the other turns."""
    part = {"mode": 1, "level": 1}
    state = {
        "pins": {
            "19": {"part": "vibrate sole right", "duty": 0.8, **part},
            "20": {"part": "pump", "duty": 0.0, **part},
        },
        "motor_speeds": [0.0],
        "pump_speed": 0.75,
        "moves": ["pump"],
        "rail": True,
        "watts": 7.0,
        "emergency_stop": False,
        "pads_c": [],
        "skin_c": {},
        "bags_mmhg": [],
        "faults": [],
    }
    paper = Console(width=80, record=True, file=io.StringIO())
    paper.print(picture(state, {"pads_c": [], "bags_mmhg": []}, "inside"))
    shown = paper.export_text()
    assert "moves   pump" in shown
    assert [line.split("→")[1].split()[0] for line in shown.splitlines() if "→" in line] == ["0%", "75%"]


def test_a_line_is_typed_mended_completed_and_brought_back() -> None:
    prompt = Prompt(lambda line: line + "!")
    assert prompt.type("put x\x7fy") == []
    assert prompt.line == "put y"
    assert prompt.type("\t\r") == ["put y!"]
    assert prompt.type("\x1b[A") == []
    assert prompt.line == "put y!"
    assert prompt.type("\x15clear\nfau") == ["clear"]
    assert prompt.line == "fau"
    prompt.type("\x1b[3~\x04")
    assert not prompt.ended
    prompt.type("\x15\x04")
    assert prompt.ended


class Terminal:
    """A command in a terminal of its own, and all it has written."""

    def __init__(self, *arguments: str) -> None:
        self._ours, theirs = pty.openpty()
        environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100", "LINES": "30"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "app", *arguments],
            cwd=ROOT,
            env=environment,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        os.set_blocking(self._ours, False)
        self.output = ""

    def type(self, keys: str) -> None:
        os.write(self._ours, keys.encode())

    def shows(self, words: str) -> bool:
        with suppress(OSError):  # nothing new, or nobody there any more
            self.output += os.read(self._ours, 1 << 16).decode(errors="replace")
        return words in self.output

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(DEADLINE_S)
        os.close(self._ours)


@process
def test_in_a_terminal_it_shows_its_inside_and_takes_faults(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    terminal = Terminal("virtual", "--port", "0", "--state-socket", str(inside))
    try:
        until(lambda: terminal.shows("not pressed"))
        terminal.type("put sensor-open left a\r")
        until(lambda: terminal.shows("in: sensor-open left a"))
        with StateClient(inside) as watch:
            assert [active["name"] for active in watch.state()["faults"]] == ["sensor-open"]
        second = Terminal("fault", "watch", "--state-socket", str(inside))
        try:
            until(lambda: second.shows("sensor-open left a"))
            second.process.send_signal(signal.SIGINT)
            until(lambda: second.shows("\x1b[?1049l") or second.process.poll() is not None)
            assert second.process.wait(DEADLINE_S) == 0
        finally:
            second.close()
        terminal.type("quit\r")
        until(lambda: terminal.shows("\x1b[?1049l") and terminal.process.poll() is not None)
        assert terminal.process.wait(DEADLINE_S) == 0
        assert not inside.exists()
    finally:
        terminal.close()


@process
def test_two_at_one_place_are_refused_before_the_second_starts(daemon: Daemon) -> None:
    terminal = Terminal("virtual", "--port", "0", "--state-socket", str(daemon.state))
    try:
        until(lambda: terminal.shows("a virtual machine runs already"))
        assert terminal.process.wait(DEADLINE_S) == 1
    finally:
        terminal.close()


@process
def test_a_port_that_is_taken_is_said_so(daemon: Daemon, tmp_path: Path) -> None:
    terminal = Terminal("virtual", "--port", str(daemon.port), "--state-socket", str(tmp_path / "other"))
    try:
        until(lambda: terminal.shows("cannot listen"))
        assert terminal.process.wait(DEADLINE_S) == 1
    finally:
        terminal.close()


@process
def test_killed_it_takes_its_machine_with_it(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    terminal = Terminal("virtual", "--port", "0", "--state-socket", str(inside))
    try:
        until(lambda: terminal.shows("not pressed"))
        terminal.process.terminate()
        until(lambda: terminal.shows("\x1b[?1049l") or terminal.process.poll() is not None)
        terminal.process.wait(DEADLINE_S)
        until(lambda: not inside.exists())
    finally:
        terminal.close()
