"""Chooses what fits a computer: the library for its pins, the way to its screen, the packages."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from scripts.installer.computer import Computer
from scripts.installer.system import RefusedError

Factory = Literal["pigpio", "lgpio"]
Screen = Literal["kms", "cage", "none"]

MACHINES = Path(__file__).resolve().parents[2] / "assets" / "machines"
OWN_MACHINE = "/var/lib/instep/machine.toml"

ALWAYS = (
    "libgl1", "libegl1", "libgbm1",  # what scripts/setup asks for, too
    "polkitd",  # lets the machine's user switch off, and take out sticks
    "udisks2",  # mounts sticks where no desktop does
)  # fmt: skip
TO_BUILD_LGPIO = ("swig", "gcc", "libc6-dev")
WHEELS_UP_TO = (3, 12)
"""PyPI has lgpio ready for these versions of Python; later ones build it."""


@dataclass(frozen=True)
class Plan:
    """What is to be made of the computer."""

    factory: Factory
    screen: Screen
    virtual: bool
    packages: tuple[str, ...]
    machine_text: str | None
    """A new machine file with this in it; None when the one in place stays."""
    machine_name: str
    boot_files: bool
    """Whether the firmware's files are to be set."""

    @property
    def units(self) -> tuple[str, ...]:
        """What is started with the computer, in the order of starting.

        The screen is the last: it takes the console that the installer may be running on.
        """
        pins: tuple[str, ...] = () if self.factory == "lgpio" else ("pigpiod.service",)
        if self.virtual:
            pins = ("instep-virtual.service",)
        screen = () if self.screen == "none" else ("instep-kiosk.service",)
        return (*pins, "instep-controller.service", "instep-backup.timer", *screen)


def choose(computer: Computer, *, virtual: bool, machine: Path | None, in_place: str | None) -> Plan:
    """``machine`` is the file asked for, ``in_place`` the text of the one there is. Raises RefusedError."""
    pigpio_possible = virtual or (
        "pigpio" in computer.packaged and computer.generation is not None and computer.generation <= 4
    )
    name, text = ("as it is", in_place) if machine is None and in_place is not None else _read(machine)
    assert text is not None
    factory: Factory = (
        "pigpio" if pigpio_possible and (virtual or _factory(name, text) == "pigpio") else "lgpio"
    )
    wanted = with_factory(text, factory)
    return Plan(
        factory=factory,
        screen=_screen(computer, virtual),
        virtual=virtual,
        packages=_packages(computer, factory, virtual),
        machine_text=None if wanted == in_place else wanted,
        machine_name=name,
        boot_files=computer.is_a_pi,
    )


def machine_files() -> list[str]:
    """The machine files that ship with Instep, by name; the reference machine's first."""
    names = sorted(path.stem for path in MACHINES.glob("*.toml"))
    return sorted(names, key=lambda name: name != "reference")


def find_machine(name: str) -> Path:
    """A machine file by its path or shipped name. Raises RefusedError."""
    path = Path(name)
    if path.suffix != ".toml":
        path = MACHINES / f"{name}.toml"
    if not path.is_file():
        raise RefusedError(
            f"There is no machine file {name}. Give a path, or one of those that ship with Instep: "
            + ", ".join(machine_files())
        )
    return path


def _read(machine: Path | None) -> tuple[str, str]:
    path = machine or MACHINES / "reference.toml"
    try:
        return path.stem, path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise RefusedError(f"The machine file {path} cannot be read: {error}") from error


def _factory(name: str, text: str) -> str:
    """Only what must be known before Instep is there, which then checks the whole file."""
    try:
        found = tomllib.loads(text)["pins"]["factory"]
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise RefusedError(f"The machine file ({name}) is not a good one: {error!r}") from error
    return str(found)


def with_factory(text: str, factory: Factory) -> str:
    """The machine file with its pins by ``factory``; everything else, comments too, as it was."""
    return re.sub(
        r'^(\s*factory\s*=\s*)(["\'])\w+\2', rf"\g<1>\g<2>{factory}\g<2>", text, count=1, flags=re.M
    )


def _screen(computer: Computer, virtual: bool) -> Screen:
    if computer.is_a_pi:
        # From the Pi 5 on the panel and the GPU are different cards, which a compositor brings together.
        return "kms" if computer.generation is not None and computer.generation <= 4 else "cage"
    # A PC with a desktop keeps it: the demonstration there is not worth somebody's session.
    return "none" if virtual and computer.starts_desktop else "kms"


def _packages(computer: Computer, factory: Factory, virtual: bool) -> tuple[str, ...]:
    python = f"python{computer.python[0]}.{computer.python[1]}"
    wanted = [*ALWAYS, f"{python}-venv"]
    wanted += [name for name in ("libasound2t64", "libasound2") if name in computer.packaged][:1]
    if _screen(computer, virtual) == "cage":
        # Without libXi, SDL has one pointer for all fingers.
        wanted += ["cage", "xwayland", "libxi6"]
    if factory == "pigpio":
        wanted += [] if virtual else ["pigpio"]
    elif "python3-lgpio" in computer.packaged:
        wanted.append("python3-lgpio")
    elif computer.python[:2] > WHEELS_UP_TO:
        wanted += [*TO_BUILD_LGPIO, f"{python}-dev"]
    return tuple(wanted)
