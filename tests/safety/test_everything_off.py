"""Everything off, alone: with a daemon, without one, and where something comes on again."""

from __future__ import annotations

import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pigpio
import pytest
from gpiozero.pins.mock import MockFactory, MockPWMPin

from hardware.board.claim import Claim, place_of
from hardware.board.gpio import GpioBoard
from hardware.errors import BoardError
from hardware.machine import Machine
from hardware.safety import everything_off as module
from hardware.safety.everything_off import LOOK_AFTER_S, every_pin, everything_off, main, pins_off
from hardware.virtual.watch import StateClient
from tests.daemon import Daemon, until, virtual_daemon


def no_time(_seconds: float) -> None: ...


def test_every_pin_is_driven_low_and_scripts_are_stopped(machine: Machine) -> None:
    with virtual_daemon() as daemon, StateClient(daemon.state) as watch:
        pi = pigpio.pi("localhost", daemon.port)
        for pin in machine.power_pins():
            pi.set_PWM_dutycycle(pin, 200)
        script = pi.store_script(f"tag 0 w {machine.rail.pin} 1 mils 20 w {machine.rail.pin} 0 mils 20 jmp 0")
        while pi.script_status(script)[0] == 0:
            pass
        pi.run_script(script)
        assert everything_off(machine, port=daemon.port, wait=no_time) == []
        pins = watch.state()["pins"]
        assert {pin["duty"] for pin in pins.values()} == {0.0}
        pi.stop()


def test_it_runs_alone_as_the_service_manager_starts_it(machine: Machine) -> None:
    with virtual_daemon() as daemon:
        found = subprocess.run(
            [sys.executable, "-m", "hardware.safety.everything_off", "--port", str(daemon.port)],
            capture_output=True,
            text=True,
            check=False,
        )
    assert found.returncode == 0, found.stderr
    assert "Everything is off: 14 pins" in found.stdout


def test_without_a_daemon_it_says_what_it_could_not_reach(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--port", "1"]) == 1
    said = capsys.readouterr().err
    assert "no pigpio daemon answers at localhost:1" in said
    assert "Cut the 12 V supply" in said


def test_a_broken_machine_file_does_not_keep_it_from_acting(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text("name = ")
    with virtual_daemon() as daemon:
        assert main(["--machine", str(bad), "--port", str(daemon.port)]) == 0
    assert "bad.toml" in capsys.readouterr().err


def test_one_pin_that_fails_does_not_keep_the_others_on(machine: Machine) -> None:
    low: list[int] = []

    def drive_low(pin: int) -> None:
        if pin == 20:
            raise OSError("no permission")
        low.append(pin)

    assert pins_off(machine, drive_low) == ["pin 20 could not be driven low: OSError: no permission"]
    assert set(low) == {machine.rail.pin, *machine.power_pins()} - {20}
    assert low[-1] == machine.rail.pin, "lowering it may be the edge that keeps the rail alive"


class Stubborn:
    """Somebody who puts it on again each time, as often as ``times``, while nobody looks."""

    def __init__(self, daemon: Daemon, put_on: Callable[[pigpio.pi], object], times: int) -> None:
        self._pi, self._put_on, self._left = daemon.client(), put_on, times

    def wait(self, seconds: float) -> None:
        if seconds >= LOOK_AFTER_S and self._left:
            self._left -= 1
            self._put_on(self._pi)


@pytest.mark.parametrize(
    ("put_on", "said"),
    [
        (lambda pi: pi.write(22, 1), "pin 22 is on again"),
        (lambda pi: pi.set_PWM_dutycycle(25, 3), "pin 25 is on again"),
        (lambda pi: pi.write(26, 1), "pin 26 is on again"),
    ],
    ids=["level", "PWM", "rail"],
)
def test_s12_off_is_said_only_when_it_is_still_off(
    machine: Machine, put_on: Callable[[pigpio.pi], object], said: str
) -> None:
    with virtual_daemon() as daemon:
        once = Stubborn(daemon, put_on, 1)
        assert everything_off(machine, port=daemon.port, wait=once.wait) == [], "off at the second try"
        always = Stubborn(daemon, put_on, 9)
        assert everything_off(machine, port=daemon.port, wait=always.wait) == [said]


def test_s12_a_lease_that_is_fed_again_is_not_off(machine: Machine) -> None:
    with virtual_daemon() as daemon:
        pi = daemon.client()
        script = pi.store_script("tag 0 mils 5 jmp 0")
        until(lambda: pi.script_status(script)[0] == pigpio.PI_SCRIPT_HALTED)
        stubborn = Stubborn(daemon, lambda pi: pi.run_script(script), 9)
        (said,) = everything_off(machine, port=daemon.port, wait=stubborn.wait)
        assert said == f"script {script} in the pigpio daemon feeds the rail again"


def test_its_exit_code_says_that_it_is_not_off(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "everything_off", lambda machine, port: ["pin 25 is on again"])
    assert main([]) == 1
    said = capsys.readouterr()
    assert "pin 25 is on again" in said.err
    assert "off" not in said.out


def test_no_controller_begins_while_it_looks(machine: Machine) -> None:
    with virtual_daemon() as daemon:
        refused: list[str] = []

        def wait(seconds: float) -> None:
            if seconds >= LOOK_AFTER_S:
                with pytest.raises(BoardError) as caught:
                    GpioBoard(machine, port=daemon.port)
                refused.append(str(caught.value))

        assert everything_off(machine, port=daemon.port, wait=wait) == []
        assert len(refused) == 1
        GpioBoard(machine, port=daemon.port).close()


# --- on lgpio, where the kernel lends a line to one process only -----------------------------------------


class Chip(MockFactory):
    chip = 0


@pytest.fixture
def lgpio(machine: Machine) -> Machine:
    return msgspec.structs.replace(machine, pins=msgspec.structs.replace(machine.pins, factory="lgpio"))


@pytest.fixture
def chip(monkeypatch: pytest.MonkeyPatch) -> Chip:
    found = Chip(pin_class=MockPWMPin)
    found.chip = secrets.randbelow(1 << 40)  # a place of this test's own
    monkeypatch.setattr(module, "open_factory", lambda machine, port: found)
    return found


def test_on_lgpio_the_lines_are_held_low_until_they_were_looked_at(lgpio: Machine, chip: Chip) -> None:
    seen: list[float] = []

    def wait(_seconds: float) -> None:
        seen.extend(chip.pin(pin).state for pin in every_pin(lgpio))

    assert everything_off(lgpio, wait=wait) == []
    assert len(seen) == len(every_pin(lgpio))
    assert not any(seen)


def test_on_lgpio_a_living_controller_is_asked_twice(lgpio: Machine, chip: Chip) -> None:
    claim = Claim(place_of(chip, lgpio))
    ended = threading.Event()
    asked: list[float] = []

    def live() -> None:
        while not ended.wait(0.005):
            if claim.asked():
                asked.append(time.monotonic())
                claim.answer()

    thread = threading.Thread(target=live)
    thread.start()
    try:
        assert everything_off(lgpio, wait=no_time) == []
        assert len(asked) == 2
    finally:
        ended.set()
        thread.join()
        claim.release()


def test_on_lgpio_a_controller_that_does_not_answer_is_not_off(
    lgpio: Machine, chip: Chip, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ANSWER_S", 0.05)
    claim = Claim(place_of(chip, lgpio))
    try:
        (said,) = everything_off(lgpio, wait=no_time)
        assert "does not answer" in said
    finally:
        claim.release()
