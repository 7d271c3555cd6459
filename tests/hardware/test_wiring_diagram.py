"""The wiring pictures say what the machine file says, are legible, and need nothing from elsewhere."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from app.cli import main
from app.places import ASSETS
from hardware.machine import Machine, load_machine
from hardware.wiring.diagram import file_names, pictures
from hardware.wiring.header import HEADER, PIN_OF
from hardware.wiring.names import channel_names, spi_pins

WIRING = Path(__file__).resolve().parents[2] / "hardware" / "wiring"
REFERENCE = (ASSETS / "machines" / "reference.toml").read_text()
LETTER = 0.585
"""Mean width of a letter to its height, on the generous side."""


@pytest.fixture(scope="module")
def odd_machine(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """Other pins, other channels, one foot's pad, one bag, the other SPI port, 24 V, no divider."""
    text = REFERENCE[: REFERENCE.index("# --- motors")]
    text = (
        text.replace("pin = 26", "pin = 2")
        .replace("port = 0", "port = 1")
        .replace("volts = 12", "volts = 24")
    )
    text = text.replace("full_volts = 4.5", "full_volts = 2.5").replace("divider = 0.66", "divider = 1.0")
    text = text.replace('"Instep reference machine"', '"Left foot <only> & a long name for a machine"')
    for index, (kind, zone) in enumerate((("knead", "arch"), ("roll", "calf"), ("vibrate", "ankle"))):
        text += f'[[motor]]\nkind = "{kind}"\nzone = "{zone}"\nside = "left"\npin = {22 + index}\nwatts = 9\n'
    text += '[pump]\npin = 27\nwatts = 30\n[[bag]]\nzone = "calf"\nvalve_pin = 13\nchannel = 0\n'
    text += "mmhg_at_1 = 20\nmmhg_at_10 = 60\n"
    text += '[[pad]]\nside = "left"\npin = 12\nchannels = [7, 3]\nwatts = 20\n'
    text += "gains = { kp = 1, ki = 0, kd = 0 }\n"
    path = tmp_path_factory.mktemp("odd") / "odd.toml"
    path.write_text(text)
    return load_machine(path)


@pytest.fixture(params=["reference", "small", "odd"])
def any_machine(request: pytest.FixtureRequest, odd_machine: Machine) -> Machine:
    if request.param == "odd":
        return odd_machine
    return load_machine(ASSETS / "machines" / f"{request.param}.toml")


def words(svg: str) -> list[str]:
    return [
        element.text or "" for element in ElementTree.fromstring(svg).iter() if element.tag.endswith("}text")
    ]


def test_the_reference_machine_s_pictures_are_today_s(machine: Machine) -> None:
    kept = {path.name: path.read_text() for path in WIRING.glob("*.svg")}
    drawn = {path.name: svg for path, svg in file_names(machine, WIRING / "reference.svg").items()}
    assert kept.keys() == drawn.keys()
    stale = [name for name in kept if kept[name] != drawn[name]]
    assert not stale, "draw them anew: instep machine reference --diagram hardware/wiring/reference.svg"


def test_every_gpio_of_the_file_is_on_its_header_pin(any_machine: Machine) -> None:
    shown = words(pictures(any_machine)["1-header"])
    used = {
        *any_machine.power_pins(),
        any_machine.rail.pin,
        any_machine.emergency_stop.pin,
        *spi_pins(any_machine),
    }
    for pin in used:
        assert f"GPIO {pin}" in shown
    # what drives it is drawn with the same numbers elsewhere
    elsewhere = [
        text for name, svg in pictures(any_machine).items() if name != "1-header" for text in words(svg)
    ]
    for pin in used:
        place = elsewhere.index(f"GPIO {pin}")
        assert elsewhere[place + 1] == f"header {PIN_OF[pin]}"
        assert elsewhere.count(f"GPIO {pin}") == 1


def test_every_sensor_is_at_its_input(any_machine: Machine) -> None:
    drawn = pictures(any_machine)
    sensors = words(drawn["6-sensors"])
    order = [name for name in sensors if name in channel_names(any_machine).values()]
    assert order == [name for _, name in sorted(channel_names(any_machine).items())]
    for pad in any_machine.pad:
        assert {f"CH{channel}" for channel in pad.channels} <= set(words(drawn["5-heat"]))
    for bag in any_machine.bag:
        assert f"CH{bag.channel}" in words(drawn["4-air"])


def test_parts_that_a_machine_lacks_are_not_drawn() -> None:
    small = load_machine(ASSETS / "machines" / "small.toml")
    assert list(pictures(small)) == ["1-header", "2-power", "3-motors", "5-heat", "6-sensors"]
    assert not [word for svg in pictures(small).values() for word in words(svg) if "pump" in word.lower()]


def test_what_keeps_feet_safe_is_always_drawn(any_machine: Machine) -> None:
    drawn = {name: " ".join(words(svg)) for name, svg in pictures(any_machine).items()}
    for part in ("74HCT123", "relay", "fuse T", "first contact", "second contact"):
        assert part in drawn["2-power"]
    assert drawn["5-heat"].count("thermostat 50 °C") == len(any_machine.pad)
    assert drawn["5-heat"].count("thermal fuse 70 °C") == len(any_machine.pad)
    assert any_machine.pump is None or "relief valve 150 mmHg" in drawn["4-air"]


def test_the_capacitor_is_between_the_fuse_and_the_relay_s_contact(any_machine: Machine) -> None:
    """Behind the contact its inrush would weld it."""
    root = ElementTree.fromstring(pictures(any_machine)["2-power"])
    places = {
        (element.text or ""): float(element.attrib["x"])
        for element in root.iter()
        if element.tag.endswith("}text")
    }
    fuse = next(x for words, x in places.items() if words.startswith("fuse T"))
    assert fuse < places["470 µF"] < places["relay contact"]
    assert places["470 µF"] < next(x for words, x in places.items() if words.endswith("V rail"))


def test_a_cover_is_asked_for_where_something_turns(any_machine: Machine) -> None:
    turns = any(motor.kind in ("knead", "roll") for motor in any_machine.motor)
    assert ("fixed cover" in " ".join(words(pictures(any_machine)["3-motors"]))) == turns


def test_a_picture_stands_alone(any_machine: Machine) -> None:
    for svg in pictures(any_machine).values():
        assert set(re.findall(r"https?://[^\s\"']+", svg)) == {"http://www.w3.org/2000/svg"}
        assert not re.search(r"<(image|style|script|use|foreignObject)|@import|url\(", svg)


def test_no_words_lie_on_others_or_leave_the_sheet(any_machine: Machine) -> None:
    for name, svg in pictures(any_machine).items():
        root = ElementTree.fromstring(svg)
        width, height = (float(root.attrib[side]) for side in ("width", "height"))
        boxes = [box(element) for element in root.iter() if element.tag.endswith("}text")]
        for text, left, top, right, bottom in boxes:
            assert left >= 0, (name, text)
            assert right <= width, (name, text)
            assert top >= 0, (name, text)
            assert bottom <= height, (name, text)
        for (one, *a), (other, *b) in combinations(boxes, 2):
            apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
            assert apart, f"{name}: {one!r} lies on {other!r}"


def box(element: ElementTree.Element) -> tuple[str, float, float, float, float]:
    text, size = element.text or "", float(element.attrib["font-size"])
    long = len(text) * size * LETTER
    x, y = float(element.attrib["x"]), float(element.attrib["y"])
    left = x - {"start": 0.0, "middle": long / 2, "end": long}[element.attrib.get("text-anchor", "start")]
    return text, left, y - 0.75 * size, left + long, y + 0.2 * size


def test_the_header_is_the_pi_s() -> None:
    assert len(HEADER) == 40
    assert [place for place, what in enumerate(HEADER, 1) if what == "GND"] == [6, 9, 14, 20, 25, 30, 34, 39]
    assert sorted(pin for pin in HEADER if isinstance(pin, int)) == list(range(2, 28))
    assert (PIN_OF[17], PIN_OF[21], PIN_OF[26], PIN_OF[5]) == (11, 40, 37, 29)


def test_the_command_draws_them(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["machine", "small", "--diagram", str(tmp_path / "mine.svg")])
    assert result.exit_code == 0
    assert [Path(line) for line in result.output.splitlines()] == sorted(tmp_path.iterdir())
    assert (tmp_path / "mine-2-power.svg").read_text().startswith("<svg ")
    refused = CliRunner().invoke(main, ["machine", "small", "--diagram", str(tmp_path / "no" / "mine.svg")])
    assert refused.exit_code == 1
    assert "cannot be written" in refused.output
