"""A Raspberry Pi made of files, and a machine that a controller tells of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.doctor.line import Line
from app.doctor.look import Look
from app.doctor.page import examine
from app.places import ASSETS, Places
from hardware.machine import Machine
from hardware.messages import Snapshot
from hardware.program import Program
from hardware.wiring.setup import pin_mask
from tests.rig import Rig

NOW_S = 1_790_000_000.0
LISTENING = "  sl  local_address rem_address   st\n   0: {} 00000000:0000 0A 0 0 0 1000\n"
TOUCH = """I: Bus=0018 Vendor=0416 Product=038f Version=0000
N: Name="Goodix Capacitive TouchScreen"
H: Handlers=mouse0 event4
B: PROP=2
B: EV=b
B: KEY=400 0 0 0 0 0
B: ABS=265800000000003

I: Bus=0003 Vendor=046d Product=c31c Version=0110
N: Name="A keyboard"
H: Handlers=sysrq kbd event0
B: PROP=0
B: EV=120013
"""


class Pi:
    """A sound Raspberry Pi 4 on Bookworm, installed as an appliance; change what you like, then ``lines``."""

    def __init__(self, root: Path, places: Places, machine: Machine) -> None:
        self.root = root
        self.said: dict[str, str] = {
            "vcgencmd get_throttled": "throttled=0x0",
            "systemctl show": (
                "LoadState=loaded\nActiveState=active\nSubState=running\nUnitFileState=enabled\nNRestarts=0"
            ),
        }
        self.closed: set[str] = set()
        """Names of files that may not be opened."""
        self.changes: dict[str, Any] = {}
        self.places = places
        self.machine = machine
        for path, text in {
            "proc/device-tree/model": "Raspberry Pi 4 Model B Rev 1.5\0",
            "etc/os-release": 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_CODENAME=bookworm\n',
            "etc/passwd": "root:x:0:0::/root:/bin/sh\ninstep:x:990:990::/var/lib/instep:/usr/sbin/nologin\n",
            "etc/group": "".join(
                f"{name}:x:1:instep\n" for name in ("gpio", "spi", "video", "render", "input", "audio")
            ),
            "etc/instep/installed.json": "{}",
            "proc/net/tcp": LISTENING.format("0100007F:22B8"),
            "proc/net/tcp6": LISTENING.format("00000000000000000000000001000000:22B8"),
            "proc/812/comm": "pigpiod\n",
            "proc/812/cmdline": f"pigpiod\0-g\0-l\0-f\0-x\0{pin_mask(machine):#x}\0",
            "sys/class/thermal/thermal_zone0/temp": "48312\n",
            "sys/class/drm/card1-DSI-1/status": "connected\n",
            "sys/class/drm/card1-DSI-1/modes": "800x480\n",
            "sys/class/drm/card1-HDMI-A-1/status": "disconnected\n",
            "sys/class/backlight/10-0045/brightness": "255\n",
            "proc/bus/input/devices": TOUCH,
            "dev/input/event4": "",
            "dev/gpiochip0": "",
        }.items():
            self.write(path, text)

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def look(self, *heard: Snapshot) -> Look:
        def run(*command: str) -> str | None:
            return next((said for key, said in self.said.items() if " ".join(command).startswith(key)), None)

        look = Look(
            self.places,
            ASSETS / "machines" / "reference.toml",
            self.machine,
            heard=heard,
            root=self.root,
            run=run,
            knock=lambda _host, _port: "",
            may_open=lambda path: path.name not in self.closed,
            room=lambda _path: (20 << 30, 32 << 30),
            package=lambda _name: "1.0",
            clock=lambda: NOW_S,
            architecture="aarch64",
            user="instep",
        )
        return replace(look, **self.changes)

    def lines(self, *heard: Snapshot) -> dict[str, Line]:
        return {line.id: line for line in examine(self.look(*heard))}


@pytest.fixture
def pi(tmp_path: Path, places: Places, machine: Machine) -> Pi:
    return Pi(tmp_path / "root", places, machine)


@pytest.fixture
def told(machine: Machine, programs: Mapping[str, Program]) -> Callable[[Rig | None], list[Snapshot]]:
    """Two seconds of what the controller of a rig says."""

    def listen(rig: Rig | None = None) -> list[Snapshot]:
        rig = rig or Rig(machine, programs).ready()
        found = []
        for _ in range(20):
            rig.wait(0.1)
            found.append(rig.engine.snapshot())
        return found

    return listen
