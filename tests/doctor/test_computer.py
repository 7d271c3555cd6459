"""The doctor on the computer, the way to the pins and the software: each fault shown, each line named."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace as change

from app.commissioning import record
from app.doctor.line import Line, worst
from app.doctor.page import examine, page, report
from app.keeping.backup import make
from hardware.machine import Machine
from hardware.messages import Snapshot
from tests.doctor.conftest import LISTENING, NOW_S, Pi

Told = Callable[..., list[Snapshot]]


def test_a_sound_appliance_wants_only_to_be_backed_up_and_gone_through(pi: Pi, told: Told) -> None:
    lines = pi.lines(*told())
    asked = {line.id for line in lines.values() if line.verdict != "ok"}
    assert asked == {"self-test", "backup", "commissioned"}
    assert lines["model"].value == "Raspberry Pi 4 Model B Rev 1.5"
    assert lines["display"].value == "DSI-1 800x480"
    assert lines["touch"].value == "Goodix Capacitive TouchScreen"
    assert lines["daemon-door"].value == "this computer only"


@pytest.mark.parametrize(
    ("path", "text", "line", "verdict", "said"),
    [
        ("proc/net/tcp", LISTENING.format("00000000:22B8"), "daemon-door", "broken", "open to the network"),
        (
            "proc/net/tcp6",
            LISTENING.format("00000000000000000000000000000000:22B8"),
            *("daemon-door", "broken", "open to the network"),
        ),
        ("proc/812/cmdline", "pigpiod\0-g\0-l\0", "daemon-mask", "attention", "every pin"),
        ("proc/812/cmdline", "pigpiod\0-x\0" + "0x1000\0", "daemon-mask", "broken", "may not change"),
        ("etc/os-release", "VERSION_CODENAME=bullseye\n", "system", "attention", ""),
        ("sys/class/thermal/thermal_zone0/temp", "83000", "warmth", "broken", "83 °C"),
        ("sys/class/thermal/thermal_zone0/temp", "72000", "warmth", "attention", "72 °C"),
        ("run/systemd/timesync/other", "", "clock", "attention", "not confirmed"),
        ("dev/spidev0.0", "", "spi", "attention", "kernel holds it"),
        ("sys/class/drm/card1-DSI-1/status", "disconnected", "display", "broken", "none is connected"),
        ("proc/bus/input/devices", "", "touch", "attention", "none is there"),
        ("etc/group", "video:x:1:other\ninput:x:2:instep\n", "groups", "attention", "not in video"),
        (
            "proc/device-tree/model",
            "Raspberry Pi 5 Model B Rev 1.0",
            *("daemon", "broken", "does not know the Raspberry Pi 5"),
        ),
    ],
)
def test_what_is_wrong_is_named_with_what_to_do(
    pi: Pi, path: str, text: str, line: str, verdict: str, said: str
) -> None:
    pi.write(path, text)
    found = pi.lines()[line]
    assert found.verdict == verdict
    assert said in found.value
    assert found.do


@pytest.mark.parametrize(
    ("kept", "config", "verdict", "said"),
    [
        (None, "", "ok", "the panel's own way round"),
        ('{"version": 1, "rotation": 270}', "", "ok", "turned by 270° clockwise"),
        ('{"version": 1, "rotation": 45}', "", "attention", "mounting.json could not be understood"),
        (None, "dtoverlay=vc4-kms-dsi-7inch,invx,invy # old case\n", "attention", "-7inch,invx,invy)"),
    ],
)
def test_which_way_round_the_picture_is(
    pi: Pi, kept: str | None, config: str, verdict: str, said: str
) -> None:
    pi.write("boot/firmware/config.txt", f"dtparam=audio=on\n{config}")
    if kept is not None:
        pi.places.data.mkdir(parents=True, exist_ok=True)
        pi.places.mounting.write_text(kept)
    line = pi.lines()["picture"]
    assert (line.verdict, said in line.value) == (verdict, True), line.value
    assert kept is None or pi.places.mounting.read_text() == kept, "it only looks"


@pytest.mark.parametrize(
    ("word", "verdict", "said", "do"),
    [
        ("0x1", "broken", "now: the power supply is too weak", "cable"),
        (
            "0x50005",
            "broken",
            "now: the power supply is too weak: under-voltage; now: the processor is",
            "cable",
        ),
        ("0x10000", "attention", "since the start: the power supply is too weak", "cable"),
        ("0x80008", "attention", "now: the processor is near its hottest", "air"),
    ],
)
def test_power_is_told_for_now_and_for_since_the_start(
    pi: Pi, word: str, verdict: str, said: str, do: str
) -> None:
    pi.said["vcgencmd get_throttled"] = f"throttled={word}"
    line = pi.lines()["power"]
    assert (line.verdict, said in line.value, do in line.do) == (verdict, True, True)


def test_without_the_firmwares_tool_the_kernel_is_asked(pi: Pi) -> None:
    del pi.said["vcgencmd get_throttled"]
    assert pi.lines()["power"].verdict == "attention"
    pi.write("sys/devices/platform/soc/soc:firmware/get_throttled", "50000\n")
    assert "since the start" in pi.lines()["power"].value


def test_a_silent_daemon_and_no_controller(pi: Pi) -> None:
    pi.changes["knock"] = lambda host, port: f"no pigpio daemon answers at {host}:{port}"
    lines = pi.lines()
    assert lines["daemon"].verdict == lines["controller"].verdict == "broken"
    assert "localhost:8888" in lines["daemon"].value
    assert "journalctl -u pigpiod" in lines["daemon"].do
    assert not any(id_.startswith(("pad", "bag", "adc")) for id_ in lines)


def test_lgpio_needs_its_library_its_chip_and_its_bus(pi: Pi, machine: Machine) -> None:
    pi.machine = change(machine, pins=change(machine.pins, factory="lgpio"))
    assert pi.lines()["spi"].verdict == "broken"
    pi.write("dev/spidev0.0", "")
    lines = pi.lines()
    assert {lines[id_].verdict for id_ in ("chip", "spi", "groups")} == {"ok"}
    pi.closed |= {"gpiochip0", "spidev0.0"}
    lines = pi.lines()
    assert "usermod -aG gpio instep" in lines["chip"].do
    assert "usermod -aG spi instep" in lines["spi"].do
    pi.changes["package"] = lambda name: "" if name == "lgpio" else "1.0"
    (pi.root / "dev/gpiochip0").unlink()
    lines = pi.lines()
    assert {lines[id_].verdict for id_ in ("chip", "lgpio")} == {"broken"}
    assert "daemon" not in lines


def test_a_32_bit_system_is_refused_and_a_full_or_read_only_disk_named(pi: Pi) -> None:
    pi.changes["architecture"] = "armv7l"
    pi.changes["room"] = lambda _path: (50 << 20, 32 << 30)
    lines = pi.lines()
    assert (lines["system"].verdict, lines["disk"].verdict) == ("broken", "broken")
    pi.closed.add(pi.places.data.name)
    assert "cannot be written" in pi.lines()["disk"].value


@pytest.mark.parametrize(
    ("said", "verdict", "words"),
    [
        ("LoadState=not-found\nActiveState=inactive", "broken", "not installed"),
        ("LoadState=loaded\nActiveState=failed\nSubState=failed", "broken", "failed"),
        ("LoadState=loaded\nActiveState=active\nUnitFileState=disabled", "attention", "does not start"),
        ("LoadState=loaded\nActiveState=active\nUnitFileState=enabled\nNRestarts=3", "attention", "3 times"),
    ],
)
def test_services_are_told_as_the_service_manager_has_them(
    pi: Pi, said: str, verdict: str, words: str
) -> None:
    pi.said["systemctl show"] = said
    line = pi.lines()["instep-controller"]
    assert line.verdict == verdict
    assert words in line.value
    assert line.do


def test_a_wrong_machine_file_is_one_line(pi: Pi) -> None:
    pi.changes |= {"machine": None, "wrong": "mine.toml: motor[0].pin: expected `int` <= 27"}
    lines = pi.lines()
    assert lines["machine-file"].verdict == "broken"
    assert "motor[0].pin" in lines["machine-file"].value
    assert {"model", "display", "history"} <= set(lines)


def test_a_check_that_fails_itself_costs_no_other(pi: Pi) -> None:
    def fails(_path: Path) -> tuple[int, int]:
        raise RuntimeError("no idea")

    pi.changes["room"] = fails
    lines = pi.lines()
    assert "no idea" in lines["disk"].value
    assert lines["clock"].verdict == "ok"


def test_a_damaged_history_and_one_set_aside(pi: Pi) -> None:
    pi.places.history.write_bytes(b"not a database")
    (pi.places.data / "history.damaged-20261101.db").write_bytes(b"")
    lines = pi.lines()
    assert "damaged" in lines["history"].value
    assert "history.damaged-20261101.db" in lines["history-aside"].value


def test_a_program_that_is_left_out_is_named(pi: Pi) -> None:
    assert pi.lines()["programs"].value == "4 on Home"
    pi.places.own_programs.mkdir(exist_ok=True)
    (pi.places.own_programs / "mine.toml").write_text("title = 3")
    found = pi.lines()["programs"]
    assert found.verdict == "attention"
    assert "mine.toml: title" in found.value


def test_a_backup_of_a_day_to_come_may_be_as_old_as_any(pi: Pi) -> None:
    make(pi.places, now=datetime.fromtimestamp(NOW_S + 400 * 86400, UTC))
    found = pi.lines()["backup"]
    assert found.verdict == "attention"
    assert "not known" in found.value


def test_the_last_backup_is_told_and_missed_when_it_is_old(pi: Pi) -> None:
    make(pi.places, now=datetime.fromtimestamp(NOW_S - 5 * 86400, UTC))
    assert pi.lines()["backup"].verdict == "attention"
    # The timer came by last night and found nothing new to keep.
    pi.said = {"systemctl show -p LastTriggerUSec": f"LastTriggerUSec=@{NOW_S - 3600:.0f}", **pi.said}
    assert pi.lines()["backup"].verdict == "ok"


def test_whether_it_was_gone_through(pi: Pi, machine: Machine) -> None:
    def keep(machine: Machine, **found: Any) -> None:
        at = datetime.fromtimestamp(NOW_S, UTC)
        record.keep(record.new_record(machine, virtual=False, at=at, **found), pi.places)

    assert "never" in pi.lines()["commissioned"].value
    keep(machine)
    assert pi.lines()["commissioned"].verdict == "ok"
    pads = (change(machine.pad[0], gains=change(machine.pad[0].gains, kp=0.7)), machine.pad[1])
    pi.machine = change(machine, pad=pads)
    assert pi.lines()["commissioned"].verdict == "ok", "gains are no wiring"
    pi.machine = change(machine, rail=change(machine.rail, pin=4))
    assert "has changed" in pi.lines()["commissioned"].value
    pi.machine = machine
    keep(machine, findings=(record.Finding("silent", ("pad.left",)),))
    assert pi.lines()["commissioned"].verdict == "broken"
    pi.places.commissioned.write_text("{")
    assert "damaged" in pi.lines()["commissioned"].value


def test_the_page_is_for_people_and_the_report_for_machines(pi: Pi, told: Told) -> None:
    lines = examine(pi.look(*told()))
    text = page(lines, lambda line: f"{line.verdict:<9}")
    assert text.startswith("Computer\n")
    assert all(len(line) <= 110 or "/" in line for line in text.splitlines())
    assert "some lines want attention" in text
    found = json.loads(report(lines, NOW_S))
    assert found["verdict"] == worst(lines) == "attention"
    assert {"section", "id", "name", "value", "verdict", "do", "miswired"} == set(found["lines"][0])
    assert worst([Line("Pins", "x", "X", "", "broken", "Do."), *lines]) == "broken"


PLAIN = "/dev/mmcblk0p2 / ext4 rw 0 0\n"
SHIELDED = "overlayroot / overlay rw 0 0\n/dev/mmcblk0p2 /media/root-ro ext4 ro 0 0\n"


def test_a_system_that_no_plug_can_harm_and_where_the_data_are(pi: Pi, told: Told) -> None:
    pi.write("proc/mounts", PLAIN)
    lines = pi.lines(*told())
    assert lines["read-only"].value == "off"
    assert lines["data"].value.endswith("with the system")
    pi.write("proc/mounts", f"{SHIELDED}/dev/sda1 {pi.places.data} ext4 rw 0 0\n")
    pi.write("etc/overlayroot.local.conf", "")
    lines = pi.lines(*told())
    assert lines["read-only"].value.startswith("on:")
    assert lines["data"].value.endswith("on /dev/sda1")
    assert {lines[name].verdict for name in ("read-only", "data")} == {"ok"}


def test_data_that_the_next_start_forgets_are_broken(pi: Pi, told: Told) -> None:
    pi.write("proc/mounts", SHIELDED)
    line = pi.lines(*told())["data"]
    assert line.verdict == "broken"
    assert "gone with the next start" in line.value
    pi.write("proc/mounts", f"{SHIELDED}overlayroot {pi.places.data} overlay rw 0 0\n")
    assert pi.lines(*told())["data"] == line, "also as a service sees it"
    pi.places.astray.write_text("it is elsewhere")
    line = pi.lines(*told())["data"]
    assert line.verdict == "broken"
    assert "partition is missing" in line.value


def test_a_read_only_system_that_is_not_in_force(pi: Pi, told: Told) -> None:
    pi.write("proc/mounts", PLAIN)
    pi.write("etc/overlayroot.local.conf", "")
    line = pi.lines(*told())["read-only"]
    assert line.verdict == "attention"
    assert "update-initramfs" in line.do


def test_a_damaged_machine_file_of_ones_own_has_a_way_back(pi: Pi) -> None:
    pi.changes = {"machine": None, "wrong": "machine.toml: cut short", "machine_path": pi.places.own_machine}
    line = pi.lines()["machine-file"]
    assert line.verdict == "broken"
    assert "instep restore newest" in line.do


def test_on_a_virtual_machine_no_pin_daemon_is_missed(pi: Pi) -> None:
    assert "pigpiod" in pi.lines()
    pi.changes["virtual"] = True
    assert "pigpiod" not in pi.lines()
