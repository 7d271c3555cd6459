"""A PC with real systemd: a session by touches under the installed units, and the plug pulled in it."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from scripts.appliance import tree
from scripts.appliance.card import give_time, image, log_root_in, name_itself, with_kernel
from scripts.appliance.emulator import Emulator
from scripts.appliance.proof import Say, see, until
from scripts.appliance.source import put_source

MODULES = ("virtio_pci", "virtio_blk", "ext4")
BOOT_S = UP_S = 900
"""By our clock, as all that is waited for; by its own an emulated computer may be several times as fast."""
CPU = "max,avx=off,avx2=off"
"""With AVX, the code that Trixie's LLVM compiles for drawing dies of a fault of the emulation."""
OWN_TIME = "shift=1,sleep=on"
"""Two nanoseconds an instruction: half a GHz on one core, a fraction of a Pi. With a second core the kernel
does not get past its start."""
IN_A_START = 0.4
"""How often the plug goes once more while the computer starts from the last time."""
FINGER = "/run/proof-finger"
WATCHED = "/run/proof-said"
"""What the controller says, as ``scripts.appliance.watch`` keeps it."""
UNITS = ("instep-virtual", "instep-controller", "instep-kiosk")
HOME_RELAX, START, NONE_OF_THESE, STOP = (0.14, 0.4), (0.6, 0.87), (0.4, 0.87), (0.87, 0.87)
"""Where a finger goes on an 800x480 panel, as shares of it."""

SHOWN_S = 180
"""Another screen has come up by then."""
CALM_LOOKS = 8

SESSION = ("running", "paused")
"""An emulated screen may be silent for the two seconds that pause a session (rule S10): it is one, too."""

_FINGER_UNIT = """\
[Unit]
Description=The proof's finger
DefaultDependencies=no
After=systemd-tmpfiles-setup-dev.service local-fs.target
Before=instep-kiosk.service

[Service]
ExecStartPre=/sbin/modprobe uinput
WorkingDirectory=/opt/instep/current
ExecStart=/opt/instep/current/.venv/bin/python -m scripts.appliance.finger {fifo}

[Install]
WantedBy=multi-user.target
"""
_WATCH_UNIT = """\
[Unit]
Description=What the proof looks at

[Service]
Environment=INSTEP_DATA=/var/lib/instep INSTEP_RUNTIME=/run/instep
WorkingDirectory=/opt/instep/current
ExecStart=/opt/instep/current/.venv/bin/python -m scripts.appliance.watch {file}
Restart=always

[Install]
WantedBy=multi-user.target
"""

_CHECK = (
    'import sqlite3; db = sqlite3.connect("/var/lib/instep/history.db"); '
    'print(db.execute("PRAGMA integrity_check").fetchone()[0])'
)


Source = Callable[[Path], object]
"""Puts what is installed into a tree, in ``root/instep``."""


def prepare(
    work: Path, say: Say, release: str = "bookworm", name: str = "guest", source: Source = put_source
) -> Path:
    kernel = with_kernel(work, release, "amd64", MODULES, say)
    root = tree.copy(kernel, work / name)
    say("Instep, by scripts/install")
    source(root)
    name_itself(root)
    (root / "etc/fstab").write_text("/dev/vda / ext4 defaults,noatime 0 1\n")
    with tree.entered(root):
        said = tree.inside(root, ["/root/instep/scripts/install", "--yes", "--virtual", "--force"])
        (work / f"{name}-install.log").write_text(said)
    units = root / "etc/systemd/system"
    for unit, text in (
        ("instep-proof-finger.service", _FINGER_UNIT.format(fifo=FINGER)),
        ("instep-proof-watch.service", _WATCH_UNIT.format(file=WATCHED)),
    ):
        (units / unit).write_text(text)
        (units / "multi-user.target.wants" / unit).symlink_to(f"../{unit}")
    give_time(root, 20)
    log_root_in(root, "ttyS0")
    return root


def start(root: Path, *disks: Path, log: Path, own_time: bool = False) -> Emulator:
    """A PC with the kernel of ``root`` and these disks; the first has the system.

    ``own_time``: its clock counts what it has computed, so that it is as fast by its own clock however little
    this computer gives it; by ours it takes longer.
    """
    clock = ("-icount", OWN_TIME, "-smp", "1") if own_time else ("-smp", "2")
    kernel = sorted((root / "boot").glob("vmlinuz-*"))[-1]
    return Emulator(
        [
            *("qemu-system-x86_64", "-accel", f"tcg,thread={'single' if own_time else 'multi'}"),
            *("-cpu", CPU, *clock, "-m", "2G"),
            *("-kernel", str(kernel), "-initrd", str(kernel).replace("vmlinuz", "initrd.img")),
            *(word for disk in disks for word in ("-drive", f"file={disk},format=raw,if=virtio,cache=none")),
            *("-vga", "none", "-device", "virtio-vga,xres=800,yres=480"),
            *("-append", "root=/dev/vda console=ttyS0 consoleblank=0"),
        ],
        log,
    )


def prove(
    work: Path,
    release: str,
    say: Say,
    *,
    again: bool = False,
    pulls: int = 3,
    seed: int = 1,
) -> None:
    """Raises ProofError or GuestError with what was seen."""
    root = work / "guest"
    if not (again and root.exists()):
        root = prepare(work, say, release)
    card = image(root, work / "guest.img", "8G")
    log = work / "guest-console.log"
    dice = random.Random(seed)
    say(f"seed {seed}, {pulls} plugs to pull")
    done: list[str] = []
    for pull in range(pulls + 1):
        if pull and dice.random() < IN_A_START:
            with start(root, card, log=log) as guest:
                wait = dice.uniform(2, 30)
                time.sleep(wait)
                guest.pull_the_plug()
                say(f"the plug was pulled {wait:.0f} s into a start")
        with start(root, card, log=log) as guest:
            log_in(guest)
            say(f"start {pull + 1}: {', '.join(UNITS)} active")
            look_back(guest, done, say)
            if pull == pulls:
                break
            if pull == 0:
                guest.picture(work / "guest-home.png")
            session(guest, work, say, pictures=pull == 0)
            done.append("relax")
            wait = dice.uniform(2, 40)
            time.sleep(wait)
            doing = in_session(guest)
            guest.pull_the_plug()
            say(f"the plug was pulled {wait:.0f} s into the session ({doing})")


def session(guest: Emulator, work: Path, say: Say, *, pictures: bool, upside_down: bool = False) -> None:
    _tap(guest, HOME_RELAX, upside_down)
    if pictures:
        guest.picture(work / "guest-ready.png")
    _tap(guest, START, upside_down)
    _tap(guest, NONE_OF_THESE, upside_down)
    until(lambda: watched(guest).state in SESSION, SHOWN_S, lambda: f"no session: {status(guest)}")
    if pictures:
        time.sleep(8)
        guest.picture(work / "guest-session.png")
    say(f"three touches started Relax: {watched(guest).state}")


def _tap(guest: Emulator, place: tuple[float, float], upside_down: bool) -> None:
    """And wait until another screen has come of it."""
    before = guest.pixels()
    touch(guest, *place, upside_down=upside_down)
    until(lambda: guest.pixels() != before, SHOWN_S, lambda: f"a touch at {place} changes nothing")
    calm(guest)


def calm(guest: Emulator) -> None:
    """Until the picture is at rest, or never is. By the guest's own clock, by which it draws."""
    last = None
    for _ in range(CALM_LOOKS):
        now = guest.pixels()
        if now == last:
            return
        last = now
        guest.run("sleep 2")


class Watched(NamedTuple):
    """What the controller says, without asking it: ``state`` is "silent" without one, the others "-"."""

    state: str
    fault: str
    ended: str
    """The last session that ended ..."""
    outcome: str
    """... and how."""


def watched(guest: Emulator) -> Watched:
    words = guest.run(f"cat {WATCHED}", check=False).split()
    return Watched(*words) if len(words) == len(Watched._fields) else Watched("silent", "-", "-", "-")


def in_session(guest: Emulator) -> str:
    doing = status(guest)
    see(doing.startswith(SESSION), f"no session runs: {doing}")
    return doing


def look_back(guest: Emulator, done: list[str], say: Say) -> None:
    """After a pulled plug: at rest, nothing resumed, the history whole, the session an interrupted one."""
    doing = status(guest)
    see(doing.startswith("idle"), f"the machine is not at rest after its start: {doing}")
    if not done:
        return
    said = guest.run("instep history")
    rows = [line for line in said.splitlines() if "intensity" in line]
    see(len(rows) == len(done), f"{len(done)} sessions were begun, the history has:\n{said}")
    see(all("interrupted" in row for row in rows), f"not all are told as interrupted:\n{said}")
    checked = guest.run(f"/opt/instep/current/.venv/bin/python -c '{_CHECK}'")
    see(checked.endswith("ok"), f"the history is damaged: {checked}")
    damaged = guest.run("ls /var/lib/instep")
    see("damaged" not in damaged, f"something was set aside as damaged: {damaged}")
    say(f"after it: idle, nothing resumed, {len(rows)} sessions in the history, all interrupted, file sound")


def touch(guest: Emulator, x: float, y: float, seconds: float = 0.15, *, upside_down: bool = False) -> None:
    """Where ``x`` and ``y`` are of the picture; ``upside_down``: the panel is built in like that."""
    if upside_down:
        x, y = 1 - x, 1 - y
    guest.run(f"echo {x} {y} {seconds} > {FINGER}")


def status(guest: Emulator) -> str:
    return guest.run("instep status", check=False).splitlines()[-1]


def log_in(guest: Emulator) -> None:
    """With its start, until it can be used."""
    guest.log_in(BOOT_S)
    until_up(guest)


def until_up(guest: Emulator) -> None:
    def up() -> bool:
        said = guest.run(f"systemctl is-active {' '.join(UNITS)}", check=False)
        return said.split() == ["active"] * len(UNITS)

    until(up, UP_S, lambda: guest.run(f"systemctl --no-pager status -n 30 {' '.join(UNITS)}", check=False))
    until(lambda: _at_rest(guest), UP_S, lambda: f"it does not come to rest: {status(guest)}")
    begun = _restarts(guest)
    time.sleep(10)  # the screen, too, has something to show, and does not die of it
    see(_restarts(guest) == begun, f"a service dies: {guest.run('journalctl --no-pager -n 30', check=False)}")


def _restarts(guest: Emulator) -> str:
    return guest.run(f"systemctl show --property=NRestarts --value {' '.join(UNITS)}")


def _at_rest(guest: Emulator) -> bool:
    """A computer emulated beside other work stands still now and then, and its pin daemon counts as lost for
    that: then the controller begins anew, as it would for a person.
    """
    now = watched(guest)
    if now.state == "fault" and now.fault == "pins-lost":
        guest.run("systemctl restart instep-controller", patience_s=120)
    return now.state == "idle"
