"""Which snapshots are worth drawing: what happens at once, what is only measured, now and then."""

from __future__ import annotations

from collections.abc import Callable

from hardware.messages import Snapshot

MEASURED_S = 0.19
"""Numbers that are measured are drawn five times a second, every other snapshot."""


class News:
    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._seen: object = None
        self._measured_at = 0.0

    def worth_showing(self, snapshot: Snapshot | None, *, watched: bool = False) -> bool:
        """``watched``: somebody is looking at the inputs themselves.

        The app shows what there is once a second by itself; of a machine that rests that is enough.
        """
        if snapshot is None:
            return True
        now, session = self._now(), snapshot.session
        going = (session.id, session.phase, session.intensity, session.balance) if session else ()
        news = (snapshot.state, going, snapshot.driven, snapshot.faults, snapshot.notices)
        rests = snapshot.state == "idle" and not watched
        if news == self._seen and (rests or now - self._measured_at < MEASURED_S):
            return False
        self._seen, self._measured_at = news, now
        return True
