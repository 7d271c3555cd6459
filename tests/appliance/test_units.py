"""The units as the service manager sees them: sound, closed, and naming only what is there."""

from __future__ import annotations

import configparser
import importlib.util
import itertools
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli import main as instep
from app.controller import PINS_WAIT_S
from app.last_resort import GIVE_UP_S
from app.places import Places
from hardware.machine import Machine
from hardware.wiring.setup import pin_mask

SYSTEMD = Path(__file__).resolve().parents[2] / "systemd"
SERVICES = sorted(path.name for path in SYSTEMD.glob("*.service"))
BIN = "opt/instep/current/.venv/bin"

# Older managers do what this line asks for anyway, and say that they do not know it.
NEWER_KEY = re.compile(r"^.*Unknown key.*'RestartMode'.*\n", re.MULTILINE)

# As Raspberry Pi OS ships it: our drop-in has to turn all of it round.
PIGPIOD = """[Unit]
Description=Daemon required to control GPIO pins via pigpio
[Service]
ExecStart=/usr/bin/pigpiod -l
ExecStop=/bin/systemctl kill pigpiod
Type=forking
[Install]
WantedBy=multi-user.target
"""

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None,
    reason="systemd-analyze is not installed: ./scripts/setup test installs the package systemd",
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A system with nothing but our units, and programs that can be started."""
    root = tmp_path_factory.mktemp("root")
    units, own = root / "usr/lib/systemd/system", root / "etc/systemd/system"
    units.mkdir(parents=True)
    for name in ("sysinit", "basic", "shutdown", "timers", "multi-user", "reboot", "time-set", "time-sync"):
        (units / f"{name}.target").write_text("[Unit]\n")
    (units / "pigpiod.service").write_text(PIGPIOD)
    own.mkdir(parents=True)
    for unit in (*SYSTEMD.glob("*.service"), *SYSTEMD.glob("*.timer")):
        shutil.copy(unit, own)
    for folder, name in (("pigpiod.service.d", "pigpiod.conf"),):
        (own / folder).mkdir()
        shutil.copy(SYSTEMD / name, own / folder / "instep.conf")
    for program in (f"{BIN}/instep", f"{BIN}/python", "usr/bin/cage", "usr/bin/pigpiod", "bin/rm"):
        (root / program).parent.mkdir(parents=True, exist_ok=True)
        (root / program).write_text("#!/bin/sh\n")
        (root / program).chmod(0o755)
    return root


@pytest.fixture(scope="module")
def root_with_cage(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same for a Pi 5."""
    other = tmp_path_factory.mktemp("pi5") / "root"
    shutil.copytree(root, other)
    folder = other / "etc/systemd/system/instep-kiosk.service.d"
    folder.mkdir()
    shutil.copy(SYSTEMD / "instep-kiosk.cage.conf", folder / "cage.conf")
    return other


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *arguments], capture_output=True, text=True, check=False, timeout=60
    )


def verify(root: Path, *units: str) -> str:
    """What is wrong with the units, empty for nothing."""
    done = analyze("verify", "--man=no", f"--root={root}", *units)
    said = NEWER_KEY.sub("", done.stderr)
    return said or ("" if done.returncode == 0 else f"code {done.returncode}")


@needs_systemd
def test_the_units_are_sound(root: Path) -> None:
    own = root / "etc/systemd/system"
    assert (
        verify(root, *sorted(path.name for path in own.iterdir() if path.is_file()), "pigpiod.service") == ""
    )


@needs_systemd
def test_the_kiosk_of_a_pi_5_is_sound(root_with_cage: Path) -> None:
    assert verify(root_with_cage, "instep-kiosk.service") == ""


@needs_systemd
def test_a_wrong_unit_would_be_seen(root: Path) -> None:
    (root / "etc/systemd/system/wrong.service").write_text("[Service]\nExecStart=/no/such\nNonsense=1\n")
    try:
        said = verify(root, "wrong.service")
    finally:
        (root / "etc/systemd/system/wrong.service").unlink()
    assert "Nonsense" in said
    assert "/no/such" in said


# pigpiod maps the chip's registers: root, raw I/O and writable executable memory are what it is.
@needs_systemd
@pytest.mark.parametrize(("unit", "most"), [*((name, 15) for name in SERVICES), ("pigpiod.service", 19)])
def test_the_units_are_closed(root: Path, unit: str, most: int) -> None:
    done = analyze("security", "--offline=true", f"--threshold={most}", f"--root={root}", "--no-pager", unit)
    assert done.returncode == 0, done.stdout[-2000:]


@needs_systemd
def test_the_kiosk_of_a_pi_5_is_closed(root_with_cage: Path) -> None:
    done = analyze(
        "security", "--offline=true", "--threshold=15", f"--root={root_with_cage}", "instep-kiosk.service"
    )
    assert done.returncode == 0, done.stdout[-2000:]


# --- what the files say -------------------------------------------------------------------------------


class Unit:
    """A unit file's settings; a key may come often."""

    def __init__(self, name: str) -> None:
        self._lines = (SYSTEMD / name).read_text().splitlines()

    def all(self, key: str) -> list[str]:
        return [line.partition("=")[2] for line in self._lines if line.startswith(f"{key}=")]

    def __getitem__(self, key: str) -> str:
        (value,) = self.all(key)
        return value

    def __contains__(self, key: str) -> bool:
        return bool(self.all(key))

    @property
    def commands(self) -> list[list[str]]:
        keys = ("ExecStartPre", "ExecStopPost", "ExecStart")
        return [line.split() for key in keys for line in self.all(key) if line]


def seconds(text: str) -> float:
    found = re.fullmatch(r"(\d+)(s|min|)", text)
    assert found
    return float(found[1]) * (60 if found[2] == "min" else 1)


def everything_named() -> Iterator[tuple[str, list[str]]]:
    for path in sorted(SYSTEMD.iterdir()):
        for command in Unit(path.name).commands:
            yield path.name, command


def test_every_command_is_there() -> None:
    seen = set()
    for name, words in everything_named():
        for before, word in itertools.pairwise(words):
            if before.endswith("/bin/instep"):
                assert word in instep.commands, f"{name}: instep {word}"
                seen.add(word)
            if before == "-m":
                assert importlib.util.find_spec(word) is not None, f"{name}: {word}"
                seen.add(word)
    assert {"controller", "kiosk", "backup", "app.last_resort", "hardware.safety.everything_off"} <= seen


def test_the_services_find_the_same_places(places: Places) -> None:
    for name in SERVICES:
        unit = Unit(name)
        said = " ".join(unit.all("Environment"))
        assert "INSTEP_DATA=/var/lib/instep" in said, name
        assert "INSTEP_RUNTIME=/run/instep" in said, name
        assert unit["StateDirectory"] == unit["RuntimeDirectory"] == "instep"
        assert unit["StateDirectoryMode"] == unit["RuntimeDirectoryMode"] == "0700"
        assert unit["RuntimeDirectoryPreserve"] == "yes", "the folder is shared"
    stop_post = Unit("instep-controller.service")["ExecStopPost"]
    assert stop_post.endswith(f"--machine /var/lib/instep/{places.own_machine.name}")


def test_no_service_reaches_beyond_this_computer() -> None:
    for name in (*SERVICES, "pigpiod.conf"):
        unit = Unit(name)
        assert unit["IPAddressDeny"] == "any", name
        assert unit.all("IPAddressAllow") in ([], ["localhost"]), name
        assert "RestrictAddressFamilies" in unit, name
    assert "-l" in Unit("pigpiod.conf").commands[-1], "on loopback alone"


def test_what_would_break_a_service_is_not_set() -> None:
    controller, kiosk, daemon = (
        Unit(name) for name in ("instep-controller.service", "instep-kiosk.service", "pigpiod.conf")
    )
    for key in ("ProcSubset", "PrivateDevices", "PrivateNetwork", "RestrictRealtime"):
        assert key not in controller, key
    for key in ("MemoryDenyWriteExecute", "PrivateDevices"):
        assert key not in kiosk, key
        assert key not in daemon, key


def test_the_controller_is_watched_and_does_not_die_of_waiting() -> None:
    unit = Unit("instep-controller.service")
    assert (unit["Type"], unit["NotifyAccess"]) == ("notify", "main")
    assert seconds(unit["WatchdogSec"]) <= 2
    assert seconds(unit["TimeoutStartSec"]) > PINS_WAIT_S + 10
    assert unit["Restart"] == "always"
    assert unit["OnFailure"] == "instep-last-resort.service"
    assert seconds(Unit("instep-last-resort.service")["TimeoutStartSec"]) > GIVE_UP_S + 60


def test_the_drop_in_for_pigpiod_is_the_reference_machines(machine: Machine) -> None:
    command = Unit("pigpiod.conf").commands[-1]
    assert command[:4] == ["/usr/bin/pigpiod", "-g", "-l", "-f"]
    assert command[4:] == ["-x", f"{pin_mask(machine):#x}"]


def test_the_drop_in_for_cage_starts_the_same_kiosk() -> None:
    plain = Unit("instep-kiosk.service").commands[-1]
    caged = Unit("instep-kiosk.cage.conf").commands[-1]
    start = plain.index("app.display") + 1
    assert caged == [*plain[:start], "/usr/bin/cage", "--", *plain[start:]]


@pytest.mark.parametrize("name", ["journald.conf", "watchdog.conf", "instep-backup.timer"])
def test_the_settings_can_be_read(name: str) -> None:
    found = configparser.ConfigParser(interpolation=None)
    found.read(SYSTEMD / name)
    assert found.sections()


def test_the_pis_watchdog_can_count_so_far() -> None:
    assert 1 <= seconds(Unit("watchdog.conf")["RuntimeWatchdogSec"]) <= 15


def test_only_user_instep_is_given_rights_and_only_for_sticks() -> None:
    text = (SYSTEMD / "instep.rules").read_text()
    assert text.count("{") == text.count("}")
    assert text.count("(") == text.count(")")
    assert 'subject.user !== "instep"' in text
    actions = re.findall(r'"(org\.freedesktop\.[\w.-]+)"', text)
    assert {"org.freedesktop.login1.reboot", "org.freedesktop.login1.power-off"} <= set(actions)
    assert not [action for action in actions if action.endswith("-system")], "the system's own disks"
    assert text.rstrip().endswith("return polkit.Result.NOT_HANDLED;\n});")
