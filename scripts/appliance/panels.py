"""In the PC with real systemd: panels of the kernel's under the kiosk that draws alone (KMSDRM).

A palm, a plug that is pulled and put back under another number, a panel of one finger, a kiosk that starts
with a finger on the glass; told from what the controller does and what the doctor says.
"""

from __future__ import annotations

import time
from pathlib import Path

from scripts.appliance import guest
from scripts.appliance.card import image
from scripts.appliance.emulator import Emulator
from scripts.appliance.guest import FINGER, SESSION, STOP, in_session, session, status, touch
from scripts.appliance.proof import ProofError, Say, see, until

PALM = ((0.05, 0.95), (0.12, 0.9), (0.3, 0.55), (0.02, 0.4))
GONE_S = 40
"""A session without a screen has ended by then (S10), however slow the emulated computer is."""
PATIENCE_S = 60
TRIES = 3
_LINE = (
    'import json, sys; lines = json.load(sys.stdin)["lines"]; '
    '[print(line["verdict"] + ": " + line["value"]) for line in lines if line["id"] == "touch"]'
)


def prove(work: Path, release: str, say: Say, *, again: bool = False) -> None:
    """Raises ProofError or GuestError with what was seen."""
    root = work / "guest"
    if not (again and root.exists()):
        root = guest.prepare(work, say, release)
    card = image(root, work / "panels.img", "8G")
    with guest.start(root, card, log=work / "panels-console.log") as pc:
        guest.log_in(pc)
        _doctor(pc, "ok", "Proof touch panel")
        _start(pc, work, say)
        for place in PALM:
            _do(pc, "lay {} {}".format(*place))
        in_session(pc)
        _stop(pc, "with a palm on the glass", say)
        _do(pc, "lift")

        _start(pc, work, say)
        _do(pc, "lay {} {}".format(*PALM[0]))
        _do(pc, "after {} {}".format(*STOP))
        _stopped(pc, "in the frame in which a palm left", say)

        _start(pc, work, say)
        _do(pc, "lay {} {}".format(*PALM[0]))
        pc.run("systemctl kill --signal=KILL instep-kiosk")
        _felt(pc)
        time.sleep(10)
        _stop(pc, "by a kiosk that started with a finger on the glass", say)
        _do(pc, "lift")

        _start(pc, work, say)
        _do(pc, "gone")
        until(lambda: status(pc).startswith("paused"), PATIENCE_S, lambda: status(pc))
        say("the panel's plug was pulled: " + status(pc))
        time.sleep(5)
        pc.picture(work / "panels-gone.png")
        _doctor(pc, "broken", "none is there")
        _do(pc, "back")
        _felt(pc)
        in_session(pc)
        _stop(pc, "by a panel that came back under another number", say)

        _do(pc, "gone")
        _do(pc, "one")
        _do(pc, "back")
        until(lambda: "of one finger" in _doctor_says(pc), PATIENCE_S, lambda: _doctor_says(pc))
        say("a panel of one finger: " + _doctor_says(pc))
        _start(pc, work, say)
        _stop(pc, "by a panel of one finger", say)

        _start(pc, work, say)
        _do(pc, "gone")
        until(lambda: not status(pc).startswith(SESSION), GONE_S + PATIENCE_S, lambda: status(pc))
        say("without a panel the session ended by itself: " + status(pc))


def _start(pc: Emulator, work: Path, say: Say) -> None:
    """By three touches, from Home. A computer emulated beside other work may be too late (S11) meanwhile."""
    for left in reversed(range(TRIES)):
        until(lambda: _at_rest(pc), PATIENCE_S, lambda: status(pc))
        # A screen that starts comes up with Home, whatever was shown.
        pc.run("systemctl restart instep-kiosk")
        _felt(pc)
        time.sleep(15)
        try:
            session(pc, work, say, pictures=False)
            return
        except ProofError:
            if not left:
                raise


def _at_rest(pc: Emulator) -> bool:
    if status(pc).startswith("fault"):
        pc.run("instep acknowledge --yes", check=False)
    return status(pc).startswith("idle")


def _stop(pc: Emulator, how: str, say: Say) -> None:
    in_session(pc)
    touch(pc, *STOP)
    _stopped(pc, how, say)


def _stopped(pc: Emulator, how: str, say: Say) -> None:
    until(lambda: not status(pc).startswith(SESSION), 10, lambda: f"{how}: {status(pc)}")
    say(f"stopped {how}")


def _do(pc: Emulator, deed: str) -> None:
    pc.run(f"echo {deed} > {FINGER}")
    time.sleep(1)


def _doctor_says(pc: Emulator) -> str:
    """``verdict: value`` of the touchscreen's line."""
    said = pc.run(f"instep doctor --json | python3 -c '{_LINE}'", check=False)
    return said.strip().splitlines()[-1] if said.strip() else "the doctor says nothing"


def _felt(pc: Emulator) -> None:
    """The kiosk that runs has a panel open, and the doctor is content."""

    def open_() -> bool:
        told = pc.run("cat /run/instep/touch.json", check=False)
        return '"open":[{' in told and _doctor_says(pc).startswith("ok")

    until(open_, PATIENCE_S, lambda: _doctor_says(pc))


def _doctor(pc: Emulator, verdict: str, said: str) -> None:
    found = _doctor_says(pc)
    see(found.startswith(verdict) and said in found, f"the doctor says: {found}")
