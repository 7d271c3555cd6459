"""S9, S10, S11, S15: how a session begins, goes on and ends, and what a refused command leaves alone."""

from __future__ import annotations

from collections import deque

from hardware.messages import (
    Acknowledge,
    Alive,
    Pain,
    Pause,
    Resume,
    SessionStarted,
    SessionView,
    Start,
    Stop,
)
from tests.judge import rules
from tests.judge.look import Look


def _asked(session: SessionView) -> tuple[object, ...]:
    """What the person has chosen, which only a command that is done may change."""
    return (
        *(session.intensity, session.minutes, session.heat_c, session.boost),
        *session.balance.values(),
    )


class CourseJudge:
    def __init__(self, look: Look) -> None:
        self.look = look
        self._proof_at = look.at_s
        self._owner = look.rig.by.id
        self._lates: deque[float] = deque()
        session = look.session
        self._session = session.id if session else ""
        self._began_at = look.at_s
        self._asked: tuple[object, ...] = _asked(session) if session else ()

    def check(self) -> None:
        look = self.look
        for event in look.news:
            if isinstance(event, SessionStarted):
                self._began_at = event.at_s
                self._lates.clear()
        self._ways()
        session = look.session
        self._owners()
        if session is None:
            self._lates.clear()
        else:
            if look.at_s - self._began_at > rules.SESSION_MOST_S + max(look.gap_s, rules.TICK_S):
                look.fail("S9", "longer than 30 min")
            self._alive()
            if look.late:
                self._late()
        if look.orders or (session.id if session else "") != self._session:
            self._refused(session)

    def _ways(self) -> None:
        """S13: only a person starts, goes on, or ends a fault."""
        look = self.look
        if look.state == look.before:
            return
        if look.state == "running" and not look.asked(Start, Resume):
            look.fail("S13", f"from {look.before} to running, and nobody asked")
        if look.before == "fault" and look.state != "starting":
            if not look.asked(Acknowledge):
                look.fail("S13", f"from a fault to {look.state}, and nobody has seen it")
            if look.rig.read.stop_open or look.rig.cut:
                look.fail("S13", "cleared with its cause still there")

    def _owners(self) -> None:
        """S10: whose proof of life counts, and when it came last."""
        look = self.look
        frozen = look.before == "running" and look.gap_s > rules.FROZEN_S
        state = "paused" if frozen else look.before
        for command, _, by, reply in look.given:
            if not reply.ok:
                continue
            if isinstance(command, Alive):
                if by == self._owner:
                    self._proof_at = look.at_s
                elif state in ("running", "paused"):
                    look.fail("S10", f"the proof of life of {by} counts for the session of {self._owner}")
            if isinstance(command, Start) or (isinstance(command, Resume) and state == "paused"):
                state, self._owner, self._proof_at = "running", by, look.at_s
            elif isinstance(command, Pause) and state == "running":
                state = "paused"
            elif isinstance(command, Stop | Pain):
                state = "stopping"

    def _alive(self) -> None:
        look = self.look
        silent_s = look.at_s - self._proof_at
        if look.state == "running" and silent_s > rules.SILENT_PAUSES_S + rules.TICK_S:
            look.fail("S10", f"running {silent_s:.1f} s after the screen's last proof of life")
        if silent_s > rules.SILENT_STOPS_S + rules.TICK_S:
            look.fail("S10", f"a session {silent_s:.1f} s after the screen's last proof of life")

    def _late(self) -> None:
        """S11: the third late tick of a session within a minute ends it."""
        if self._began_at >= self.look.at_s:
            return  # the tick that began it is not one of its own
        lates, now = self._lates, self.look.at_s
        lates.append(now)
        while now - lates[0] > rules.MINUTE_S:
            lates.popleft()
        if len(lates) >= rules.LATE_TICKS:
            self.look.fail("S11", f"{len(lates)} late ticks in a minute")

    def _refused(self, session: SessionView | None) -> None:
        """S15: a command that is refused says why, and leaves what was chosen alone."""
        look = self.look
        if session is not None:
            asked = _asked(session)
            done = any(reply.ok for _, _, _, reply in look.orders)
            if not done and session.id == self._session and asked != self._asked:
                look.fail("S15", f"{look.orders} refused, and from {self._asked} to {asked}")
            self._asked = asked
        self._session = session.id if session else ""
        for command, _, _, reply in look.orders:
            if not reply.ok and not reply.reason:
                look.fail("S15", f"{command} refused without a reason")
