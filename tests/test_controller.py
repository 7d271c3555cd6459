"""The controller process put together: what it does with commands that are not the engine's alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
from msgspec.structs import replace

from app.controller import Controller
from app.household.people import People
from app.household.screening import AGAIN_DAYS, GENTLE_INTENSITY
from app.places import ASSETS, Places
from hardware.board.interface import all_off
from hardware.engine import Step
from hardware.machine import Gains, Machine, load_machine
from hardware.messages import EndedView, KeepGains, PainWhere, Reply, SessionEnded, SessionStarted, Start
from hardware.safety.locks import NO_LOCKS, Locks
from hardware.senders import Sender
from hardware.service.tuning import PadTuning

FOUND = Gains(kp=0.4, ki=0.008, kd=4.0)


class Tuned(PadTuning):
    found = FOUND  # type: ignore[assignment]


@pytest.fixture
def controller(places: Places) -> Iterator[Controller]:
    found = Controller(ASSETS / "machines" / "reference.toml", places)
    yield found
    found.server.close()


def keep(controller: Controller) -> list[Reply]:
    replies: list[Reply] = []
    controller._handle(KeepGains(), Sender("service", "t1"), replies.append)
    return replies


def test_accepted_gains_are_in_the_file_before_the_engine_is_asked(
    controller: Controller, places: Places, machine: Machine
) -> None:
    controller.engine.tuning = Tuned(machine, "right", 38.0)
    assert keep(controller) == [], "the engine answers, from its own thread"
    assert load_machine(places.own_machine).pad[1].gains == FOUND


def test_what_cannot_be_written_is_not_used(controller: Controller, places: Places, machine: Machine) -> None:
    controller.engine.tuning = Tuned(machine, "right", 38.0)
    controller.machine_path = places.data / "gone" / "machine.toml"
    (reply,) = keep(controller)
    assert not reply.ok
    assert "could not be written" in reply.reason
    assert not controller.loop._commands


def test_without_a_tuning_nothing_is_written(controller: Controller, places: Places) -> None:
    assert keep(controller) == []
    assert not places.own_machine.exists()


# --- who may have what (S14) --------------------------------------------------------------------------


@pytest.fixture
def screen(places: Places) -> People:
    """The kiosk's side of the file."""
    return People(places.people)


def today() -> date:
    return datetime.now().astimezone().date()


def locks_after_a_start(controller: Controller, person: str | None) -> Locks:
    """What the engine will hold: a Start makes the controller look at the people's file again."""
    answers = None if person else ()
    start = Start(program="relax", minutes=10, intensity=3, person=person, answers=answers)
    controller._handle(start, Sender("screen", "s1"), lambda _reply: None)
    return controller.engine.locks_for(start)


def test_s14_somebody_unknown_is_refused(controller: Controller, screen: People) -> None:
    assert "not known" in locks_after_a_start(controller, "p-nobody").refuse
    anna = screen.add("Anna")
    screen.change(anna.with_answers((), today()))
    assert not locks_after_a_start(controller, anna.id).refuse
    screen.remove(anna.id)
    assert "not known" in locks_after_a_start(controller, anna.id).refuse


def test_s14_who_has_not_answered_or_long_ago_is_refused(controller: Controller, screen: People) -> None:
    anna = screen.add("Anna")
    assert "questions" in locks_after_a_start(controller, anna.id).refuse
    screen.change(anna.with_answers((), today() - timedelta(days=AGAIN_DAYS)))
    assert "questions" in locks_after_a_start(controller, anna.id).refuse
    screen.change(anna.with_answers((), today()))
    assert not locks_after_a_start(controller, anna.id).refuse


def test_s14_a_first_session_is_held_to_ten_minutes_and_level_four_the_second_is_not(
    controller: Controller, screen: People
) -> None:
    anna = screen.add("Anna")
    screen.change(anna.with_answers((), today()))
    first = locks_after_a_start(controller, anna.id)
    assert (first.max_minutes, first.max_intensity) == (10, 4)
    controller.admission.had_sessions.add(anna.id)
    later = locks_after_a_start(controller, anna.id)
    assert (later.max_minutes, later.max_intensity) == (30, 10)


def test_s14_an_answer_counts_from_the_next_start_on(controller: Controller, screen: People) -> None:
    anna = screen.add("Anna").with_answers((), today())
    screen.change(anna)
    assert not locks_after_a_start(controller, anna.id).refuse
    screen.change(replace(anna, yes=("fever",)))
    assert "doctor" in locks_after_a_start(controller, anna.id).refuse


def test_a_guest_is_known_to_nobody_and_held_by_nothing_of_others(
    controller: Controller, screen: People
) -> None:
    anna = screen.add("Anna")
    screen.change(anna.with_answers(("fever",), today()))
    assert locks_after_a_start(controller, None) == NO_LOCKS


def test_a_damaged_people_file_refuses_everybody_but_the_guest(
    controller: Controller, screen: People, places: Places
) -> None:
    anna = screen.add("Anna")
    screen.change(anna.with_answers((), today()))
    places.people.write_text("{")
    assert "not known" in locks_after_a_start(controller, anna.id).refuse
    assert locks_after_a_start(controller, None) == NO_LOCKS


def test_s14_where_it_hurts_is_left_out_at_once_and_after_a_restart(
    controller: Controller, places: Places
) -> None:
    controller.recorder.start()
    at_s, guest = 5.0, Start(program="relax", minutes=10, intensity=3, answers=())
    controller.engine.ended = EndedView("s1", "relax", "Relax", "pain", 30.0, 3)
    controller._record(Step(all_off(controller.machine), (), (begun("s1", at_s), over("s1", at_s))))
    assert controller.engine.locks_for(guest).max_intensity == GENTLE_INTENSITY, "nobody has said where"
    replies: list[Reply] = []
    controller._handle(PainWhere(session="s1", zone="heel"), Sender("screen", "s1"), replies.append)
    assert controller.engine.locks_for(guest).left_out == {"heel"}
    controller.recorder.close(10.0)
    assert [reply.ok for reply in replies] == [True]
    again = Controller(ASSETS / "machines" / "reference.toml", places)
    try:
        assert again.engine.locks_for(guest).left_out == {"heel"}
    finally:
        again.server.close()


def begun(session: str, at_s: float) -> SessionStarted:
    return SessionStarted(
        at_s=at_s, session=session, program="relax", title="Relax", program_version=1, person=None,
        minutes=10, intensity=3, heat_c=None, feet="both", pads=(), bags=(),
    )  # fmt: skip


def over(session: str, at_s: float) -> SessionEnded:
    return SessionEnded(
        at_s=at_s, session=session, outcome="pain", duration_s=30.0, intensity=3, max_level=1.0,
        mean_level=1.0, minutes=10, heat_c=None,
    )  # fmt: skip
