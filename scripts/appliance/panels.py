"""In the PC with real systemd: panels of the kernel's under the kiosk that draws alone (KMSDRM).

A palm, a plug that is pulled and put back under another number, a panel of one finger, a kiosk that starts
with a finger on the glass, a panel built in upside down; told from what the controller does, what the doctor
says and what is on the display.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from scripts.appliance import guest
from scripts.appliance.card import image
from scripts.appliance.emulator import Emulator, Picture
from scripts.appliance.guest import FINGER, HOME_RELAX, SESSION, STOP, session, watched
from scripts.appliance.proof import ProofError, Say, see, until

PALM = ((0.05, 0.95), (0.12, 0.9), (0.3, 0.55), (0.02, 0.4))
STOP_BOX = (*STOP, 0.2, 0.14)
"""Within the Stop button."""
HOME_BOX = (*HOME_RELAX, 0.1, 0.1)
"""Within the first program's card."""
COLOURS = 3
"""More than these are not bare ground."""
WORD_BOX = (0.55, 0.03, 0.3, 0.05)
"""Bare in a session, until its screen says that it feels nothing."""
ALIKE = 0.98
"""Share of the pixels."""
GONE_S = 40
"""A session without a screen has ended by then (S10), however slow the emulated computer is."""
PATIENCE_S = 600
SOON_S = 60
TRIES = 4
MOUNTING = "/var/lib/instep/mounting.json"
_LINE = (
    'import json, sys; lines = json.load(sys.stdin)["lines"]; '
    '[print(line["verdict"] + ": " + line["value"]) for line in lines if line["id"] == "touch"]'
)


class LateError(ProofError):
    """The emulated computer did not keep up, and the machine did what it does then (S10, S11)."""


def prove(work: Path, release: str, say: Say, *, again: bool = False) -> None:
    """Raises ProofError or GuestError with what was seen."""
    root = work / "guest"
    if not (again and root.exists()):
        root = guest.prepare(work, say, release)
    card = image(root, work / "panels.img", "8G")
    with guest.start(root, card, log=work / "panels-console.log", own_time=True) as pc:
        guest.log_in(pc)
        _doctor(pc, "ok", "Proof touch panel", say)
        for deed in (_palm, _follows, _starts_touched, _plug):
            _proven(pc, work, say, partial(deed, pc, work, say))

        _do(pc, "gone")
        _do(pc, "one")
        _do(pc, "back")
        until(lambda: "of one finger" in _doctor_says(pc), PATIENCE_S, lambda: _doctor_says(pc))
        say("a panel of one finger: " + _doctor_says(pc))
        _proven(pc, work, say, partial(_one_finger, pc, work, say))
        _do(pc, "gone")
        _do(pc, "several")
        _do(pc, "back")
        _proven(pc, work, say, partial(_upside_down, pc, work, say))
        _proven(pc, work, say, partial(_gone_for_good, pc, work, say))
        _doctor(pc, "broken", "none is there", say)


def _proven(pc: Emulator, work: Path, say: Say, deed: Callable[[], None]) -> None:
    """A computer that is emulated beside other work may be too late meanwhile: then once more."""
    for left in reversed(range(TRIES)):
        _do(pc, "back")
        try:
            deed()
        except ProofError as error:
            pc.picture(work / "panels-failed.png")
            late = isinstance(error, LateError) or watched(pc).fault == "controller-late"
            if not late or not left:
                raise
            say(f"once more, for the emulated computer was late: {error}")
        else:
            return
        finally:
            _do(pc, "lift")


# --- what is proven -----------------------------------------------------------------------------------------


def _palm(pc: Emulator, work: Path, say: Say) -> None:
    _start(pc, work, say)
    for place in PALM:
        _do(pc, "lay {} {}".format(*place))
    pc.picture(work / "panels-palm.png")
    see(watched(pc).state in SESSION, f"a palm is a Stop: {watched(pc)}")
    _stop(pc, "with a palm on the glass", say)


def _follows(pc: Emulator, work: Path, say: Say) -> None:
    _start(pc, work, say)
    _do(pc, "lay {} {}".format(*PALM[0]))
    _stop(pc, "in the frame in which a palm left", say, "after {} {}".format(*STOP))


def _starts_touched(pc: Emulator, work: Path, say: Say) -> None:
    # A session outlives its screen for less than an emulated one takes to start (S10): it is begun with the
    # finger that lies there.
    _do(pc, "lay {} {}".format(*PALM[0]))
    _start(pc, work, say)
    _stop(pc, "by a kiosk that started with a finger on the glass", say)


def _plug(pc: Emulator, work: Path, say: Say) -> None:
    _start(pc, work, say)
    if watched(pc).state != "running":
        raise LateError(f"the screen was silent: {watched(pc)}")
    see(not _worded(pc), "the screen says something before the plug is pulled")
    _do(pc, "gone")
    until(lambda: watched(pc).state == "paused", SOON_S, lambda: f"not paused: {watched(pc)}")
    _open(pc, "")
    until(lambda: _worded(pc), SOON_S, lambda: "the screen does not say that it feels nothing")
    say("the panel's plug was pulled: paused, and the screen says that it feels nothing")
    pc.picture(work / "panels-gone.png")
    _do(pc, "back")
    _open(pc, "Proof touch panel")
    _stop(pc, "by a panel that came back under another number", say)


def _one_finger(pc: Emulator, work: Path, say: Say) -> None:
    _start(pc, work, say)
    _stop(pc, "by a panel of one finger", say)


def _gone_for_good(pc: Emulator, work: Path, say: Say) -> None:
    _start(pc, work, say)
    before = watched(pc)
    _do(pc, "gone")
    _ended(pc, before.ended, "interrupted", GONE_S + PATIENCE_S)
    say("without a panel the session ended by itself: interrupted")
    pc.picture(work / "panels-without.png")


def _upside_down(pc: Emulator, work: Path, say: Say) -> None:
    _start(pc, work, say)
    upright = _stop_drawn(pc).box(*STOP_BOX)
    _stop(pc, "by a panel of ten fingers again", say)
    try:
        pc.run(f'echo \'{{"version": 1, "rotation": 180}}\' > {MOUNTING} && chown instep: {MOUNTING}')
        _start(pc, work, say, upside_down=True)
        shown = _stop_drawn(pc, upside_down=True)
        pc.picture(work / "panels-upside-down.png")
        see(_alike(upright, shown.box(*STOP_BOX)) < ALIKE, "the picture is not turned")
        share = _alike(upright, shown.turned().box(*STOP_BOX))
        see(share >= ALIKE, f"of Stop's pixels only {share:.0%} are where a turned panel shows it")
        say(f"built in upside down: {share:.1%} of Stop's pixels are where it is then")
        _stop(pc, "where Stop is drawn on a panel built in upside down", say, _at(1 - STOP[0], 1 - STOP[1]))
    finally:
        pc.run(f"rm -f {MOUNTING}")


# --- how ----------------------------------------------------------------------------------------------------


def _at(x: float, y: float) -> str:
    """A touch there."""
    return f"{x:.3f} {y:.3f} 0.15"


def _start(pc: Emulator, work: Path, say: Say, *, upside_down: bool = False) -> None:
    """By three touches, from Home."""
    until(lambda: _at_rest(pc), PATIENCE_S, lambda: f"no rest: {watched(pc)}")
    # A screen that starts comes up with Home, whatever was shown.
    pc.run("systemctl restart instep-kiosk")
    _open(pc, "Proof ")
    until(lambda: len(set(pc.pixels().box(*HOME_BOX))) > COLOURS, PATIENCE_S, lambda: "Home is not drawn")
    guest.calm(pc)
    session(pc, work, say, pictures=False, upside_down=upside_down)


def _at_rest(pc: Emulator) -> bool:
    now = watched(pc)
    if now.state == "fault":
        pc.run("instep acknowledge --yes", check=False)
        pc.run("sleep 2")
    return now.state == "idle"


def _stop(pc: Emulator, how: str, say: Say, deed: str = _at(*STOP)) -> None:
    _stop_drawn(pc, upside_down=deed == _at(1 - STOP[0], 1 - STOP[1]))
    before = watched(pc)
    if before.state not in SESSION:
        raise LateError(f"no session runs: {before}")
    _do(pc, deed)
    _ended(pc, before.ended, "stopped", SOON_S)
    say(f"stopped {how}")


def _stop_drawn(pc: Emulator, *, upside_down: bool = False) -> Picture:
    """The picture, once Stop is there and at rest."""
    shown: list[Picture] = []

    def drawn() -> bool:
        now = pc.pixels()
        shown.append(now.turned() if upside_down else now)
        boxes = [picture.box(*STOP_BOX) for picture in shown[-2:]]
        pc.run("sleep 1")
        return len(boxes) == 2 and boxes[0] == boxes[1] and len(set(boxes[0])) > COLOURS

    until(drawn, PATIENCE_S, lambda: f"Stop is not drawn: {watched(pc)}")
    return shown[-1].turned() if upside_down else shown[-1]


def _ended(pc: Emulator, last: str, outcome: str, patience_s: float) -> None:
    """The session that runs ends like this. ``last``: the id of the one before it."""
    until(lambda: watched(pc).ended != last, patience_s, lambda: f"it goes on: {watched(pc)}")
    now = watched(pc)
    if now.outcome != outcome:
        late = now.fault == "controller-late" or now.outcome == "interrupted"
        raise (LateError if late else ProofError)(f"not {outcome}: {now}")


def _alike(one: Sequence[bytes], other: Sequence[bytes]) -> float:
    return sum(a == b for a, b in zip(one, other, strict=True)) / len(one)


def _do(pc: Emulator, deed: str) -> None:
    pc.run(f"echo {deed} > {FINGER}; sleep 1")


def _worded(pc: Emulator) -> bool:
    return len(set(pc.pixels().box(*WORD_BOX))) > COLOURS


def _open(pc: Emulator, name: str) -> None:
    """The kiosk that runs has the panel of this name open, or none at all."""
    wanted = f'"name":"{name}' if name else ""

    def open_() -> bool:
        told = pc.run("cat /run/instep/touch.json", check=False)
        _, there, opened = told.partition('"open":[')
        opened = opened.partition("]")[0]
        return bool(there) and (wanted in opened if name else not opened)

    until(open_, PATIENCE_S, lambda: pc.run("cat /run/instep/touch.json", check=False))


def _doctor_says(pc: Emulator) -> str:
    """``verdict: value`` of the touchscreen's line."""
    said = pc.run(f"instep doctor --json | python3 -c '{_LINE}'", check=False)
    return said.strip().splitlines()[-1] if said.strip() else "the doctor says nothing"


def _doctor(pc: Emulator, verdict: str, said: str, say: Say) -> None:
    found = _doctor_says(pc)
    see(found.startswith(verdict) and said in found, f"the doctor says: {found}")
    say(f"the doctor: {found}")
