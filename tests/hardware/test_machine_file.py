"""Machine files: the reference is good, and each mistake is told by file, key and reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.places import ASSETS
from hardware.errors import FileError
from hardware.machine import Machine, load_machine

REFERENCE = (ASSETS / "machines" / "reference.toml").read_text()


def test_the_reference_machine_has_the_parts_of_the_wiring_table(machine: Machine) -> None:
    assert {(m.kind, m.side): m.pin for m in machine.motor} == {
        ("roll", "left"): 12, ("roll", "right"): 13,
        ("knead", "left"): 16, ("knead", "right"): 17,
        ("vibrate", "left"): 18, ("vibrate", "right"): 19,
    }  # fmt: skip
    assert machine.pump is not None
    assert machine.pump.pin == 20
    assert {bag.zone: (bag.valve_pin, bag.channel) for bag in machine.bag} == {
        "foot": (21, 4), "ankle": (22, 5), "calf": (23, 6), "heel": (24, 7),
    }  # fmt: skip
    assert {pad.side: (pad.pin, pad.channels) for pad in machine.pad} == {
        "left": (25, (0, 1)), "right": (27, (2, 3)),
    }  # fmt: skip
    assert machine.rail.pin == 26
    assert machine.rail.drops_after_ms == 500
    assert machine.emergency_stop.pin == 5
    assert len(machine.power_pins()) == 13


@pytest.mark.parametrize(
    ("old", "new", "where", "reason"),
    [
        ("pin = 12", "pin = 13", "motor[1].pin", "pin 13 is used by motor[0] already"),
        ("pin = 26", "pin = 10", "rail.pin", "used by adc"),
        ("pin = 5", "pin = 7", "emergency_stop.pin", "used by adc"),
        ("port = 0", "port = 1", "motor[2].pin", "pin 16 is used by adc"),
        ("pin = 12", "pin = 4", "motor[0].pin", "boots with a pull-up"),
        ("pin = 12", "pin = 15", "motor[0].pin", "serial console"),
        ("pin = 12", "pin = 99", "motor[0].pin", "<= 27"),
        ("pin = 12", 'pin = "12"', "motor[0].pin", "expected `int`"),
        ("drops_after_ms = 500", "drops_after_ms = 5000", "rail.drops_after_ms", "<= 1000"),
        ("drops_after_ms = 500", "drops_after_ms = 99", "rail.drops_after_ms", ">= 100"),
        ("mmhg_at_10 = 90", "mmhg_at_10 = 110", "bag[0].mmhg_at_10", "<= 90"),
        ("channels = [0, 1]", "channels = [0, 4]", "bag[0].channel", "read by pad[0].channels[1]"),
        ("channels = [0, 1]", "channels = [0, 1]\nmax_c = 43", "pad[0].max_c", "<= 42"),
        ("volts = 12", "volts = 12\nampere = 5", "supply", "unknown key `ampere`"),
        ('side = "left"', 'side = "up"', "motor[0].side", "invalid enum value"),
        ('factory = "pigpio"', 'factory = "native"', "pins.factory", "invalid enum value"),
        ("watts = 60 ", "watt = 60 ", "supply", "unknown key `watt`"),
        ("[rail] ", "[reil] ", "", "unknown key `reil`"),
        ("stalls_below = 0.75", "stalls_below = 0.75\nmax_duty = 0.5", "pump.max_duty", "never turn"),
        ("duty_at_10 = 0.85", "duty_at_10 = 0.1", "motor[0]", "rise in this order"),
        ("[[3, 43], [5, 57]", "[[3, 43], [5, 37]", "bag[0].mmhg_steps", "rise with intensity"),
        ("divider = 0.66", "divider = 0.9", "pressure_sensor.divider", "above what the ADC can read"),
        ("full_mmhg = 300", "full_mmhg = 110", "pressure_sensor.full_mmhg", "bag.mmhg_at_10 is 90"),
        ("full_mmhg = 300", "full_mmhg = 125", "pressure_sensor.full_mmhg", "has to be 130"),
        (
            "full_mmhg = 300",
            "full_mmhg = 1000",
            "pressure_sensor.full_mmhg",
            "pressure_sensor.divider = 0.66",
        ),
        (
            "pull_up_ohms = 10000",
            "pull_up_ohms = 220",
            "pad_sensor.pull_up_ohms",
            "pad_sensor.ohms_25c = 10000",
        ),
        ("ohms_25c = 10000", "ohms_25c = 500", "pad_sensor.pull_up_ohms", "pad_sensor.ohms_25c = 500"),
        ("gains = {", "gains = { kx = 1,", "pad[0].gains", "unknown key `kx`"),
    ],
)
def test_a_mistake_is_told_by_file_key_and_reason(
    tmp_path: Path, old: str, new: str, where: str, reason: str
) -> None:
    assert old in REFERENCE
    path = tmp_path / "mine.toml"
    path.write_text(REFERENCE.replace(old, new, 1))
    with pytest.raises(FileError) as caught:
        load_machine(path)
    assert caught.value.file == "mine.toml"
    assert caught.value.where == where
    assert reason in str(caught.value.reason)


def test_a_rail_that_a_late_pulse_would_drop_is_refused_where_the_loop_itself_pulses(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    short = REFERENCE.replace("drops_after_ms = 500", "drops_after_ms = 299")
    path.write_text(short)
    load_machine(path)  # pigpiod's own pulses are quicker
    path.write_text(short.replace('factory = "pigpio"', 'factory = "lgpio"'))
    with pytest.raises(FileError, match=r"rail.drops_after_ms.*300 ms or more"):
        load_machine(path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"name = ", "not valid TOML"),
        (b"\xff\xfa", "not UTF-8"),
        (b"", "the key `name` is missing"),
        (b"x = 1\n" * 100_000, "such a file is at most"),
    ],
)
def test_what_is_no_machine_file_at_all(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "odd.toml"
    path.write_bytes(content)
    with pytest.raises(FileError, match=reason):
        load_machine(path)


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"none\.toml: cannot be read: No such file"):
        load_machine(tmp_path / "none.toml")
