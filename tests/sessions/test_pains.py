"""Where it hurt rests for the day: from what is told, and from the history after a restart (S14)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from app.sessions.pains import AT_LEAST_S, Pains
from app.sessions.recorder import Recorder
from hardware.messages import DeleteSession, EndedView, PainWhere, SessionEnded, SessionStarted
from hardware.words import Outcome, Zone

NOW = datetime(2026, 11, 19, 20, 14, tzinfo=UTC).astimezone()


class Evening:
    """A history and the controllers that come after one another; a clock and a date of its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.now = NOW
        self.clock_is_good = True
        self.monotonic_s = 1000.0
        self.pains = self.restarted()

    def restarted(self) -> Pains:
        self.pains = Pains(self.path, self._today, lambda: self.monotonic_s)
        return self.pains

    def _today(self) -> date:
        return self.now.date()

    def session(
        self,
        id_: str,
        person: str | None = "anna",
        outcome: Outcome = "pain",
        zone: Zone | None = None,
        at: datetime | None = None,
    ) -> None:
        """One that is recorded only, as if by a controller before."""
        self.record(id_, person, outcome, at or self.now)
        if zone is not None:
            self.ask(PainWhere(session=id_, zone=zone))

    def record(self, id_: str, person: str | None, outcome: Outcome, at: datetime) -> None:
        recorder = self._recorder(at)
        recorder.put(
            SessionStarted(
                at_s=self.monotonic_s, session=id_, program="relax", title="Relax", program_version=1,
                person=person, minutes=10, intensity=3, heat_c=None, feet="both", pads=(), bags=(),
            )
        )  # fmt: skip
        recorder.put(
            SessionEnded(
                at_s=self.monotonic_s, session=id_, outcome=outcome, duration_s=60.0, intensity=3,
                max_level=1.0, mean_level=1.0, minutes=10, heat_c=None,
            )
        )  # fmt: skip
        assert recorder.close(10.0)

    def ask(self, command: PainWhere | DeleteSession) -> None:
        recorder = self._recorder(self.now)
        assert recorder.ask(command).result(10.0).ok
        assert recorder.close(10.0)

    def _recorder(self, at: datetime) -> Recorder:
        recorder = Recorder(
            self.path,
            boot="b",
            clock=at.timestamp,
            monotonic=lambda: self.monotonic_s,
            is_good=lambda: self.clock_is_good,
        )
        recorder.start()
        return recorder


@pytest.fixture
def evening(tmp_path: Path) -> Evening:
    return Evening(tmp_path / "history.db")


def ended(id_: str, person: str | None, outcome: Outcome = "pain") -> EndedView:
    return EndedView(id_, "relax", "Relax", outcome, 60.0, 3, person)


def test_what_is_told_rests_for_that_person_and_for_guests_as_for_one(evening: Evening) -> None:
    pains = evening.pains
    pains.ended(ended("a", "anna"))
    assert pains.of("anna") == {None}, "nobody has said where yet"
    assert pains.told(PainWhere(session="a", zone="heel", side="left"))
    assert pains.of("anna") == {"heel"}
    assert pains.of("jo") == pains.of(None) == frozenset()
    pains.ended(ended("b", None))
    pains.told(PainWhere(session="b", zone="calf"))
    assert pains.of(None) == {"calf"}
    pains.told(PainWhere(session="a", zone="arch"))
    assert pains.of("anna") == {"arch"}, "the last word counts"


def test_a_session_without_pain_or_that_is_not_known_leaves_nothing_out(evening: Evening) -> None:
    evening.pains.ended(ended("a", "anna", "stopped"))
    assert not evening.pains.told(PainWhere(session="a", zone="heel"))
    assert not evening.pains.told(PainWhere(session="no-such", zone="heel"))
    assert evening.pains.of("anna") == frozenset()


def test_a_restart_forgets_nothing_of_today(evening: Evening) -> None:
    evening.session("a", "anna", zone="heel")
    evening.session("b", None)
    evening.session("c", "jo", outcome="completed")
    found = evening.restarted()
    assert found.of("anna") == {"heel"}
    assert found.of(None) == {None}
    assert found.of("jo") == frozenset()


def test_tomorrow_it_is_over(evening: Evening) -> None:
    evening.session("a", "anna", zone="heel")
    evening.restarted().ended(ended("b", "jo"))
    evening.now += timedelta(days=1)
    evening.monotonic_s += AT_LEAST_S
    assert evening.pains.of("anna") == evening.pains.of("jo") == frozenset()
    assert evening.restarted().of("anna") == frozenset()


def test_a_clock_that_is_set_in_the_middle_of_an_evening_lets_nothing_go(evening: Evening) -> None:
    evening.pains.ended(ended("a", "anna"))
    evening.now += timedelta(days=90)
    evening.monotonic_s += AT_LEAST_S - 1
    assert evening.pains.of("anna") == {None}
    evening.monotonic_s += 1
    assert evening.pains.of("anna") == frozenset()


def test_a_pain_of_a_day_to_come_counts_as_one_without_a_date(evening: Evening) -> None:
    evening.session("a", "anna", at=NOW + timedelta(days=3650))
    assert evening.restarted().of("anna") == {None}
    evening.session("b", "anna", outcome="completed", at=NOW + timedelta(days=3651))
    assert evening.restarted().of("anna") == frozenset()


def test_a_pain_without_a_date_counts_until_the_next_session(evening: Evening) -> None:
    evening.clock_is_good = False
    evening.session("a", "anna", zone="heel")
    evening.session("b", "jo", zone="calf")
    evening.session("c", "anna", outcome="completed")
    found = evening.restarted()
    assert found.of("anna") == frozenset(), "not for ever"
    assert found.of("jo") == {"calf"}


@pytest.mark.parametrize("damage", [lambda path: path.write_bytes(b"no history" * 500), lambda path: None])
def test_a_history_that_cannot_be_read_stops_no_controller(
    evening: Evening, damage: Callable[[Path], object]
) -> None:
    damage(evening.path)
    found = evening.restarted()
    assert found.of("anna") == frozenset()
    found.ended(ended("a", "anna"))
    assert found.of("anna") == {None}
