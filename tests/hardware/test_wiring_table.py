"""The guide's tables are the machine file's, its parts add up, and it documents every key there is."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from app.cli import main
from app.places import ASSETS
from hardware.machine import LGPIO_RAIL_MS, Machine, Rail, load_machine
from hardware.safety import limits
from hardware.wiring import values
from hardware.wiring.diagram import pictures
from hardware.wiring.keys import MEANING, key_table, keys
from hardware.wiring.parts import parts
from hardware.wiring.table import marked, tables

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "hardware" / "WIRING.md").read_text()


@pytest.mark.parametrize("name", ["parts", "pins", "inputs"])
def test_the_guide_s_tables_are_today_s(machine: Machine, name: str) -> None:
    assert marked(name, tables(machine)[name]) in GUIDE, "paste anew: instep machine reference --table"


def test_the_guide_has_every_key_with_its_bounds() -> None:
    assert MEANING.keys() == keys().keys()
    assert marked("keys", key_table()) in GUIDE, "paste anew: instep machine --keys"
    assert keys()["pad.max_c"] == ("number from 20 to 42", "42")
    assert keys()["rail.pin"] == ("whole number from 2 to 27", "must be given")


def test_the_guide_s_machine_file_is_a_good_one(tmp_path: Path) -> None:
    (block,) = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)
    path = tmp_path / "mine.toml"
    path.write_text(block)
    assert load_machine(path).pump is None


def test_every_file_the_guide_names_is_there() -> None:
    named = re.findall(r"\]\(((?!http)[^)#]+)\)", GUIDE)
    assert len(named) >= 6
    assert [name for name in named if not (ROOT / "hardware" / name).exists()] == []


def test_every_command_the_guide_names_is_one() -> None:
    for command in set(re.findall(r"`instep ([a-z-]+)", GUIDE)):
        assert command in main.commands, command


def test_the_parts_add_up(machine: Machine) -> None:
    found = {part.name: part.number for part in parts(machine)}
    assert found["N-channel MOSFET"] == len(machine.power_pins()) + 1
    assert found["Schottky diode 1N5819"] + found["Schottky diode SS34 or 1N5822"] == 6 + 4 + 1
    assert found["thermostat 50 °C"] == found["thermal fuse 70 °C"] == 2
    assert found["thermistor"] == 4
    assert found["air bag"] == 8
    assert found["relief valve 150 mmHg"] == 1
    assert found["fixed cover"] == 4
    small = {part.name for part in parts(load_machine(ASSETS / "machines" / "small.toml"))}
    assert not small & {"air pump", "relief valve 150 mmHg", "check valve", "pressure sensor"}


def test_the_valve_to_buy_is_sold_as_normally_closed(machine: Machine) -> None:
    """The other kind keeps every bag hard when the power fails."""
    valve = next(part for part in parts(machine) if part.name == "three-way air valve")
    assert "sold as **normally closed**" in valve.look_for
    assert "sold as normally closed" in pictures(machine)["4-air"]
    assert "**normally open**" not in GUIDE


def test_no_step_of_the_guide_heats_a_thermal_fuse() -> None:
    """It opens at 70 °C once and for ever."""
    first = GUIDE[GUIDE.index("### Step 1") : GUIDE.index("### Step 2")]
    assert "without the fuse" in first
    assert "gone for good" in first
    assert GUIDE.count("hair dryer") == first.count("hair dryer") == 1


@pytest.mark.parametrize("drops_after_ms", range(100, 1001, 25))
def test_the_monostable_never_holds_longer_than_the_file_says(machine: Machine, drops_after_ms: int) -> None:
    other = msgspec.structs.replace(machine, rail=Rail(pin=26, drops_after_ms=drops_after_ms))
    shortest, typical, longest = values.holds_ms(other)
    assert shortest < typical < longest <= drops_after_ms
    assert longest > 0.85 * drops_after_ms
    assert 2e3 <= values.timing_ohms(other) <= 1e6  # what the chip allows


def test_on_lgpio_even_the_fastest_monostable_outlasts_a_missed_pulse(machine: Machine) -> None:
    """The loop toggles the pin, so that two ticks are one pulse."""
    least = msgspec.structs.replace(machine, rail=Rail(pin=26, drops_after_ms=LGPIO_RAIL_MS))
    shortest, _, _ = values.holds_ms(least)
    assert shortest >= 2 * (2 * limits.TICK_S * 1000)


def test_the_guide_gives_the_values_of_the_pictures(machine: Machine) -> None:
    text = " ".join(GUIDE.split())
    shortest, typical, longest = values.holds_ms(machine)
    assert f"430 kΩ · 2.2 µF = {typical:.0f} ms" in text
    assert f"{shortest:.0f} to {longest:.0f} ms" in text
    assert values.timing_ohms(machine) == 430e3


@pytest.mark.parametrize(
    ("volts", "watts", "fuse"), [(12, 60, 6.3), (12, 36, 4.0), (24, 60, 3.15), (5, 10, 2.5), (12, 400, 40.0)]
)
def test_the_fuse_carries_the_supply_and_the_wire_the_fuse(
    machine: Machine, volts: float, watts: float, fuse: float
) -> None:
    supply = msgspec.structs.replace(machine.supply, volts=volts, watts=watts)
    other = msgspec.structs.replace(machine, supply=supply)
    assert values.fuse_amps(other) == fuse
    assert values.fuse_amps(other) > values.supply_amps(other)
    assert "mm²" in values.rail_wire(other)


def test_the_divider_stays_below_the_converter_s_reference(machine: Machine) -> None:
    assert values.upper_ohms(machine) == 5100
    assert values.divider(machine) == pytest.approx(machine.pressure_sensor.divider, rel=0.01)
    assert machine.pressure_sensor.full_volts * values.divider(machine) < machine.adc.volts


def test_the_command_prints_them(machine: Machine) -> None:
    printed = CliRunner().invoke(main, ["machine", "reference", "--table"]).output
    assert all(text in printed for text in tables(machine).values())
    assert CliRunner().invoke(main, ["machine", "reference", "--keys"]).output.strip() == key_table()
