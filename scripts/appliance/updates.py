"""Updates in a PC with real systemd: none in a session, ill ones that go by themselves, and the plug."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from scripts.appliance import guest as pc
from scripts.appliance import tree
from scripts.appliance.card import image
from scripts.appliance.emulator import Emulator
from scripts.appliance.guest import STOP, UNITS, touch, until_up
from scripts.appliance.proof import Say, see, until
from scripts.appliance.source import put_source

NAME = "update"
WHEELS = "root/wheels"
UPDATE = "/root/instep/scripts/update --no-fetch --yes"
LOG = "/root/update.log"
PATIENCE_S = 1500
"""For one update in an emulated computer: most of it is the new version's environment."""

FIRST, SOUND, DIES, BLIND = "v1.0", "v1.1", "v1.2-dies", "v1.3-blind"
CHANGES = (
    (SOUND, "CHANGELOG.md", "", "\n"),
    # The controller dies whenever it starts; the screen is as sound as before, and the other way round.
    (DIES, "hardware/engine.py", "from __future__ import annotations\n", "raise SystemExit(9)\n"),
    (BLIND, "app/ui/app.py", "from __future__ import annotations\n", "raise SystemExit(9)\n"),
)
"""Each release that follows the first: its name, a file, a line of it, and what comes after that line."""

_READY = """\
from pathlib import Path
from scripts.installer.system import System
from scripts.installer.update import Update, Version
Update(System(), Path("/root/instep")).prepare(Version("{before}"), Version("{after}"))
"""


def clone(root: Path) -> None:
    """A clone with releases; the first of them is checked out."""
    home = put_source(root)
    _git(home, "init", "-q", "-b", "main")
    _release(home, FIRST)
    for name, file, line, more in CHANGES:
        text = (home / file).read_text()
        see(line in text, f"{file} has no {line!r}")
        (home / file).write_text(text.replace(line, line + more, 1))
        _release(home, name)
        (home / file).write_text(text)
    _git(home, "checkout", "-q", "--force", FIRST)


def _release(home: Path, name: str) -> None:
    _git(home, "add", "--all")
    _git(home, "-c", "user.name=Proof", "-c", "user.email=proof@localhost", "commit", "-q", "-m", name)
    _git(home, "tag", name)


def _git(home: Path, *arguments: str) -> None:
    subprocess.run(["git", "-c", f"safe.directory={home}", *arguments], cwd=home, check=True)


def prepare(work: Path, say: Say, release: str) -> Path:
    root = pc.prepare(work, say, release, NAME, clone)
    say("what the versions need, for a computer without a network")
    with tree.entered(root):
        fetch = [
            "/opt/instep/current/.venv/bin/python",
            "-m",
            "pip",
            "download",
            "-q",
            "--only-binary",
            ":all:",
        ]
        tree.inside(root, [*fetch, "-d", f"/{WHEELS}", "-r", "/root/instep/scripts/locks/run.txt"])
        # Once is seen in the emulated computer, which needs minutes for each: the others are ready.
        for name in (DIES, BLIND):
            ready = _READY.format(before=FIRST, after=name)
            tree.inside(root, ["python3", "-P", "-c", ready], env={"PYTHONPATH": "/root/instep"})
    (root / "etc/pip.conf").write_text(f"[global]\nno-index = true\nfind-links = /{WHEELS}\n")
    return root


def prove(work: Path, release: str, say: Say, *, again: bool = False) -> None:
    """Raises ProofError or GuestError with what was seen."""
    root = work / NAME
    if not (again and root.exists()):
        root = prepare(work, say, release)
    card = image(root, work / f"{NAME}.img", "8G")
    log = work / f"{NAME}-console.log"
    with pc.start(root, card, log=log) as guest:
        pc.log_in(guest)
        pc.session(guest, work, say, pictures=False)
        touch(guest, *STOP)
        until(lambda: pc.status(guest).startswith("idle"), 120, lambda: f"not stopped: {pc.status(guest)}")
        for name, why in ((DIES, "does not come up"), (BLIND, "instep-kiosk.service died")):
            _ill(guest, name, why, say)
        _sound(guest, work, say)
        said = _update(guest, "--back", 0)
        see(_in_use(guest) == FIRST, f"back means {FIRST}:\n{said}")
        until_up(guest)
        say(f"back to {FIRST} by hand")
        _begin(guest, SOUND)
        until(lambda: _in_use(guest) == SOUND, PATIENCE_S, lambda: _said(guest))
        guest.pull_the_plug()
        say(f"the plug was pulled as soon as {SOUND} was in place")
    with pc.start(root, card, log=log) as guest:
        guest.log_in(pc.BOOT_S)
        until(lambda: "No such file" in _note(guest), 600, lambda: _journal(guest))
        until_up(guest)
        see(_in_use(guest) == FIRST, f"the start did not go back:\n{_journal(guest)}")
        left = guest.run("ls /etc/systemd/system")
        see("instep-update" not in left, f"the update left: {left}")
        _history(guest, 2)
        say(f"the start went back to {FIRST} by itself; the history is whole")


def _sound(guest: Emulator, work: Path, say: Say) -> None:
    """An update is asked for while somebody sits there."""
    pc.session(guest, work, say, pictures=False)
    _begin(guest, SOUND)
    until(lambda: "waiting for its end" in _said(guest), PATIENCE_S, lambda: _said(guest))
    doing = pc.in_session(guest)
    see(_in_use(guest) == FIRST, "the version was changed under a session")
    say(f"{SOUND} is ready, and waits for the session's end: {doing}")
    touch(guest, *STOP)
    said = _ended(guest, SOUND, 0)
    see(f"Done: Instep {SOUND}" in said, said)
    see(_in_use(guest) == SOUND, f"in use is {_in_use(guest)}")
    until_up(guest)
    _history(guest, 2)
    say(f"after it: {SOUND} in use, {', '.join(UNITS)} active, the history whole")


def _ill(guest: Emulator, name: str, why: str, say: Say) -> None:
    began = time.monotonic()
    said = _update(guest, name, 1)
    see(why in said, f"{name} was not found to be ill by {why!r}:\n{said}")
    see(_in_use(guest) == FIRST, f"in use is {_in_use(guest)} after:\n{said}")
    until_up(guest)
    _history(guest, 1)
    say(f"{name}: {why}; {FIRST} came back by itself ({time.monotonic() - began:.0f} s in all)")


def _begin(guest: Emulator, which: str) -> None:
    guest.run(f"rm -f {LOG}; (setsid sh -c '{UPDATE} {which}; echo ended-with=$?' > {LOG} 2>&1 &)")


def _update(guest: Emulator, which: str, code: int) -> str:
    _begin(guest, which)
    return _ended(guest, which, code)


def _ended(guest: Emulator, which: str, code: int) -> str:
    """Wait for its end; what it said."""
    until(lambda: "ended-with=" in _said(guest), PATIENCE_S, lambda: _said(guest))
    said = _said(guest)
    see(f"ended-with={code}" in said, f"update {which}:\n{said}")
    return said


def _said(guest: Emulator) -> str:
    return guest.run(f"cat {LOG}", check=False)


def _in_use(guest: Emulator) -> str:
    return Path(guest.run("readlink /opt/instep/current")).name


def _note(guest: Emulator) -> str:
    return guest.run("ls /etc/instep/updating.json", check=False)


def _journal(guest: Emulator) -> str:
    return guest.run("journalctl --no-pager -n 40 -u instep-update", check=False)


def _history(guest: Emulator, sessions: int) -> None:
    """Each, stopped by a finger, is there whatever the versions did since."""
    rows = [line for line in guest.run("instep history").splitlines() if "intensity" in line]
    see(len(rows) == sessions, f"{sessions} sessions were had, the history has: {rows}")
    see(not any("interrupted" in row for row in rows), f"not all were stopped by the finger: {rows}")
