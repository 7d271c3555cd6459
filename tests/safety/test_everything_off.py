"""Everything off, alone: with a daemon, without one, and beside a controller that has died."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pigpio
import pytest

from hardware.machine import Machine
from hardware.safety.everything_off import everything_off, main, pins_off
from hardware.virtual.watch import StateClient
from tests.daemon import virtual_daemon


def test_every_pin_is_driven_low_and_scripts_are_stopped(machine: Machine) -> None:
    with virtual_daemon() as daemon, StateClient(daemon.state) as watch:
        pi = pigpio.pi("localhost", daemon.port)
        for pin in machine.power_pins():
            pi.set_PWM_dutycycle(pin, 200)
        script = pi.store_script(f"tag 0 w {machine.rail.pin} 1 mils 20 w {machine.rail.pin} 0 mils 20 jmp 0")
        while pi.script_status(script)[0] == 0:
            pass
        pi.run_script(script)
        assert everything_off(machine, port=daemon.port) == []
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
