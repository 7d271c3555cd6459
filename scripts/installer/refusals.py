"""Why a computer cannot be made the machine, found before anything is changed; a sentence or two each."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scripts.installer.boot import BootFiles
from scripts.installer.computer import Computer
from scripts.installer.plan import Plan
from scripts.installer.system import FailedError, System

RELEASES = {"12": "Bookworm", "13": "Trixie"}
PYTHONS = ((3, 11), (3, 13))
LEAST_FREE_MB = 1500
LEAST_BOOT_KB = 256
PIGPIO_PORT = 8888
SETTING = "/etc/overlayroot.local.conf"
LOWER = "/media/root-ro"
"""Where the system on the disk is while there is memory over it."""
_GONE = "The system is read-only (overlay): what is changed now would be gone with the next start. "
BY_OURSELVES = (
    f"{_GONE}First sudo ./scripts/read-only off, and restart; afterwards sudo ./scripts/read-only on."
)
BY_OTHERS = (
    f"{_GONE}Turn that off first (raspi-config, Performance Options, Overlay File System) and restart."
)
REMOTE_GPIO = "/etc/systemd/system/pigpiod.service.d/public.conf"


def of_the_computer(computer: Computer, *, force: bool, virtual: bool, installed: bool) -> Iterator[str]:
    """What no machine file could change."""
    if computer.architecture not in ("arm64", "amd64"):
        if computer.kernel in ("aarch64", "x86_64"):
            yield (
                f"This system is 32-bit ({computer.architecture}) although its kernel is 64-bit: Instep's "
                "screen has no 32-bit build. Write a card with Raspberry Pi OS Lite, 64-bit."
            )
        else:
            yield (
                f"This system is 32-bit ({computer.architecture}): Instep needs a 64-bit one. Write a card "
                "with Raspberry Pi OS Lite, 64-bit, for a Pi 3 or newer."
            )
    elif computer.python[2] == 32:
        yield "The system's python3 is a 32-bit one: Instep needs a 64-bit system."
    if computer.debian not in RELEASES:
        yield (
            f"This is {computer.system}. Instep is made for Raspberry Pi OS and Debian "
            + " and ".join(f"{number} ({name})" for number, name in RELEASES.items())
            + "."
        )
    elif not PYTHONS[0] <= computer.python[:2] <= PYTHONS[1]:
        found = ".".join(str(part) for part in computer.python[:2])
        yield f"The system's python3 is {found}: Instep runs on 3.11, 3.12 and 3.13."
    if computer.generation is None and not (force or virtual):
        board = f"an unknown board ({computer.model})" if computer.model else "no Raspberry Pi"
        yield (
            f"This is {board}: Instep knows the Pi 3, 4 and 5 and their relatives, and will not drive pins "
            "that it does not know. For a demonstration on a virtual machine: --virtual. To do it all the "
            "same: --force."
        )
    if not installed and computer.free_mb < LEAST_FREE_MB:
        yield (
            f"There are {computer.free_mb} MB free; {LEAST_FREE_MB} are needed. Take a larger card, or let "
            "the system grow over the whole of it (raspi-config, Advanced Options, Expand Filesystem)."
        )


def of_the_system(system: System, computer: Computer, plan: Plan) -> Iterator[str]:
    """What stands in the way on this very installation."""
    if not system.path("/usr/bin/systemctl").exists():
        yield (
            "There is no systemd here, which starts the machine and watches over it: "
            "sudo apt-get install systemd-sysv"
        )
    yield from of_read_only(system)
    opt = system.path("/opt/instep")
    if opt.exists() and any(path.name not in ("versions", "current") for path in opt.iterdir()):
        yield f"{opt} is there and was not made by this installer. Move it away first."
    yield from _open_daemon(system, plan)
    masked = system.path("/etc/systemd/system/pigpiod.service").is_symlink()
    if plan.virtual and system.path("/usr/bin/pigpiod").exists() and not masked:
        yield (
            "The pigpio daemon is installed here and would be started in the virtual machine's place. Keep "
            "it from that first: sudo systemctl mask --now pigpiod"
        )
    if plan.boot_files:
        yield from _boot(system)


# --- a read-only system ---------------------------------------------------------------------------------


def is_on(system: System) -> bool:
    """Whether there is memory over the root, now."""
    lines = (system.read("/proc/mounts") or "").splitlines() if system.here else []
    return any(line.startswith("overlayroot / ") for line in lines)


def waits(system: System) -> bool:
    """Whether it will be so after the next start, by our own doing."""
    return system.read(f"{LOWER}{SETTING}" if is_on(system) else SETTING) is not None


def of_read_only(system: System) -> Iterator[str]:
    """Why nothing can be installed or taken away now."""
    if is_on(system):
        yield BY_OURSELVES if waits(system) else BY_OTHERS


def _boot(system: System) -> Iterator[str]:
    try:
        files = BootFiles(system)
        if files.free_kb() < LEAST_BOOT_KB:
            yield f"{files.config} has no room: {LEAST_BOOT_KB} kB are needed on the boot partition."
    except FailedError as error:
        yield str(error)


# --- a pigpio daemon that is open to the network --------------------------------------------------------


def _open_daemon(system: System, plan: Plan) -> Iterator[str]:
    """Whoever reaches such a daemon drives pumps and heaters past every rule of ours."""
    if system.path(REMOTE_GPIO).exists():
        yield (
            "Remote GPIO is on: anybody in the network can drive this machine's pins. Turn it off (sudo "
            f"raspi-config, Interface Options, Remote GPIO), or remove {REMOTE_GPIO}, and restart."
        )
    for path in sorted(system.path("/etc/systemd/system/pigpiod.service.d").glob("*.conf")):
        name = "/" + str(path.relative_to(system.root))
        if (
            path.name != "instep.conf"
            and name != REMOTE_GPIO
            and re.search(r"^ExecStart=", system.read(name) or "", re.M)
        ):
            yield f"{name} starts pigpiod in its own way, past what keeps it local. Remove it first."
    if not system.here:
        return
    for arguments in _running_daemons(system):
        if "-l" not in arguments[1:]:
            yield (
                f"A pigpio daemon runs that is open to the network ({' '.join(arguments)}). Stop it: sudo "
                "systemctl disable --now pigpiod, or sudo killall pigpiod if it was started by hand."
            )
            return
    for address in listening(system, PIGPIO_PORT):
        if address == "every address":
            yield (
                f"Something listens on port {PIGPIO_PORT} on every address of this computer: that is "
                "the pigpio daemon's port, and an open one lets the network drive the pins. Stop it: "
                "sudo ss -ltnp tells what it is."
            )
            return
        if plan.virtual and system.ask("systemctl", "is-active", "instep-virtual.service").code != 0:
            yield (
                f"Something listens on port {PIGPIO_PORT} already (sudo ss -ltnp tells what): the virtual "
                "machine needs it. Stop that first."
            )
            return


def _running_daemons(system: System) -> Iterator[list[str]]:
    for path in sorted(system.path("/proc").glob("[0-9]*/cmdline")):
        try:
            arguments = path.read_bytes().decode(errors="replace").rstrip("\0").split("\0")
        except OSError:
            continue  # it has ended
        if arguments[0].rpartition("/")[2] == "pigpiod":
            yield [part for joined in arguments for part in _apart(joined)]


def _apart(argument: str) -> list[str]:
    """-gl is -g -l."""
    flags = re.fullmatch(r"-([a-z]+)", argument)
    return [f"-{letter}" for letter in flags[1]] if flags else [argument]


def listening(system: System, port: int) -> list[str]:
    """Who takes connections on a port: "every address", "this computer" or "an address"; each once."""
    found = set()
    for name in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in (system.read(name) or "").splitlines()[1:]:
            parts = line.split()
            if len(parts) < 4 or parts[3] != "0A":
                continue
            address, _, number = parts[1].partition(":")
            if int(number, 16) != port:
                continue
            if set(address) == {"0"}:
                found.add("every address")
            elif address.endswith("7F") or address == "0" * 24 + "01000000":
                found.add("this computer")
            else:
                found.add("every address")  # an address of the network: as open
    return sorted(found)
