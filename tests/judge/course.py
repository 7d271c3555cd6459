"""S9, S10, S11, S13, S15: how a session begins, goes on and ends, and what a refused command leaves alone."""

from __future__ import annotations

from collections import deque

from hardware.messages import Acknowledge, Alive, Resume, Start
from hardware.safety import limits
from hardware.session import Session
from tests.judge.look import Look

MINUTE_S = 60.0


def _asked(session: Session) -> tuple[object, ...]:
    """What the person has chosen, which only a command that is done may change."""
    return (
        *(session.intensity, session.minutes, session.heat_c, session.boost),
        *session.balance.values(),
    )


class CourseJudge:
    def __init__(self, look: Look) -> None:
        self.look = look
        self._proof_at = look.rig.engine.alive_at
        self._owner = look.rig.by
        self._unseen = False
        """There was a fault, and no person has acknowledged it yet."""
        self._lates: deque[float] = deque()
        self._session: Session | None = None
        self._asked: tuple[object, ...] = ()

    def check(self) -> None:
        look = self.look
        session = look.rig.engine.session
        self._ways()
        if session is None:
            self._lates.clear()
        else:
            if session is not self._session:
                self._lates.clear()
            if look.at_s - session.started_at > limits.SESSION_MAX_S + max(look.gap_s, limits.TICK_S):
                look.fail("S9", "longer than 30 min")
            self._alive()
        self._late(session)
        self._refused(session)
        self._session = session

    def _ways(self) -> None:
        """S13: only a person starts, goes on, or clears a fault, and that only once its cause has gone."""
        look = self.look
        if look.state == "fault":
            self._unseen = True
        elif self._unseen:  # whatever was started anew in between
            if not look.asked(Acknowledge):
                look.fail("S13", f"{look.state} after a fault that nobody has seen")
            self._unseen = False
        if look.state == look.before:
            return
        if look.state == "running" and not look.asked(Start, Resume):
            look.fail("S13", f"from {look.before} to running, and nobody asked")
        if look.before == "fault" and look.state != "starting":
            if not look.asked(Acknowledge):
                look.fail("S13", f"from a fault to {look.state}, and nobody has seen it")
            if look.rig.read.stop_open or look.rig.cut:
                look.fail("S13", "cleared with its cause still there")

    def _alive(self) -> None:
        """S10, from the proofs of life that its owner sent."""
        look = self.look
        if look.asked(Start, Resume):
            self._owner, self._proof_at = look.rig.by, look.at_s
        elif look.asked(Alive) and look.rig.by == self._owner:
            self._proof_at = look.at_s
        silent_s = look.at_s - self._proof_at
        if look.state == "running" and silent_s > limits.SCREEN_PAUSE_S + limits.TICK_S:
            look.fail("S10", f"running {silent_s:.1f} s after the screen's last proof of life")
        if silent_s > limits.SCREEN_STOP_S + limits.TICK_S:
            look.fail("S10", f"a session {silent_s:.1f} s after the screen's last proof of life")

    def _late(self, session: Session | None) -> None:
        """S11: the third late tick of a session within a minute ends it."""
        if not self.look.late or session is None or session.started_at >= self.look.at_s:
            return  # the tick that began it is not one of its own
        lates, now = self._lates, self.look.at_s
        lates.append(now)
        while now - lates[0] > MINUTE_S:
            lates.popleft()
        if len(lates) >= limits.LATE_TICKS:
            self.look.fail("S11", f"{len(lates)} late ticks in a minute")

    def _refused(self, session: Session | None) -> None:
        """S15: a command that is refused says why, and leaves what was chosen alone."""
        look = self.look
        commands = [command for command in look.given if not isinstance(command, Alive)]
        if session is not None and (commands or session is not self._session):
            asked = _asked(session)
            refused = not any(reply.ok for _, reply in zip(commands, look.rig.replies, strict=False))
            if refused and session is self._session and asked != self._asked:
                look.fail("S15", f"{commands} refused, and from {self._asked} to {asked}")
            self._asked = asked
        for command, reply in zip(look.given, look.rig.replies, strict=True):
            if not reply.ok and not reply.reason:
                look.fail("S15", f"{command} refused without a reason")
