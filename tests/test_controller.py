"""The controller process put together: what it does with commands that are not the engine's alone."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from datetime import date, datetime, timedelta

import pytest
from msgspec.structs import replace

from app.controller import READING, Controller
from app.household.people import People
from app.household.screening import AGAIN_DAYS, GENTLE_INTENSITY
from app.link.patience import WITHIN_S
from app.link.server import SLOW_DISK
from app.places import ASSETS, Places
from app.sessions.trouble import not_kept
from hardware.board.interface import all_off
from hardware.engine import Step
from hardware.loop import BUSY, STOPPED
from hardware.machine import Gains, Machine, load_machine
from hardware.messages import (
    Command,
    Drive,
    EndedView,
    EndPreheat,
    KeepGains,
    PainWhere,
    Preheat,
    Rate,
    Reply,
    SessionEnded,
    SessionStarted,
    Start,
    Stop,
)
from hardware.safety.locks import NO_LOCKS, Locks
from hardware.senders import Sender
from hardware.service.drive import HandDrive
from hardware.service.tuning import PadTuning
from tests.said import say

DEADLINE_S = 60.0
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
    assert controller._gains.close(DEADLINE_S)
    return replies


def until_read(controller: Controller) -> None:
    """What was given has been read for and handed over, or refused."""
    done = threading.Event()
    assert controller._reader.do(done.set)
    assert done.wait(DEADLINE_S)


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
    assert "could not be written" in str(reply.reason)
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
    until_read(controller)
    return controller.engine.locks_for(start)


def test_s14_somebody_unknown_is_refused(controller: Controller, screen: People) -> None:
    assert "not known" in str(locks_after_a_start(controller, "p-nobody").refuse)
    anna = screen.add("Anna")
    screen.change(anna.with_answers((), today()))
    assert not locks_after_a_start(controller, anna.id).refuse
    screen.remove(anna.id)
    assert "not known" in str(locks_after_a_start(controller, anna.id).refuse)


def test_s14_who_has_not_answered_or_long_ago_is_refused(controller: Controller, screen: People) -> None:
    anna = screen.add("Anna")
    assert "questions" in str(locks_after_a_start(controller, anna.id).refuse)
    screen.change(anna.with_answers((), today() - timedelta(days=AGAIN_DAYS)))
    assert "questions" in str(locks_after_a_start(controller, anna.id).refuse)
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
    assert "doctor" in str(locks_after_a_start(controller, anna.id).refuse)


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
    assert "not known" in str(locks_after_a_start(controller, anna.id).refuse)
    assert locks_after_a_start(controller, None) == NO_LOCKS


def test_s14_where_it_hurts_is_left_out_at_once_and_after_a_restart(
    controller: Controller, places: Places
) -> None:
    controller.recorder.start()
    at_s, guest = time.monotonic(), Start(program="relax", minutes=10, intensity=3, answers=())
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


# --- a disk that is slow ------------------------------------------------------------------------------


class Gate:
    """A disk that answers once it is let."""

    def __init__(self) -> None:
        self.asked, self.open = threading.Event(), threading.Event()

    def __call__(self, *_about: object) -> None:
        self.asked.set()
        assert self.open.wait(DEADLINE_S)


def give(controller: Controller, command: Command) -> list[Reply]:
    replies: list[Reply] = []
    controller._handle(command, Sender("screen", "s1"), replies.append)
    return replies


GUEST = Start(program="relax", minutes=10, intensity=3, answers=())


def test_s3_stop_does_not_wait_for_what_a_start_reads_and_that_start_is_not_done(
    controller: Controller, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Gate()
    monkeypatch.setattr(controller.admission, "refresh", disk)
    start = give(controller, GUEST)
    assert disk.asked.wait(DEADLINE_S)
    give(controller, Stop())
    (stop,) = controller.loop._stops
    assert stop[0].command == Stop()
    disk.open.set()
    until_read(controller)
    assert start == [STOPPED]
    assert not controller.loop._commands
    give(controller, GUEST)
    until_read(controller)
    assert [given.command for given, _answer in controller.loop._commands] == [GUEST]


def test_s2_who_has_left_the_page_is_not_warmed_by_what_waited_for_a_disk(
    controller: Controller, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Gate()
    monkeypatch.setattr(controller.admission, "refresh", disk)
    warm, start = give(controller, Preheat(answers=())), give(controller, GUEST)
    assert disk.asked.wait(DEADLINE_S)
    give(controller, EndPreheat())
    disk.open.set()
    until_read(controller)
    assert (warm, start) == ([STOPPED], [])
    commands = [given.command for given, _answer in controller.loop._commands]
    assert commands == [EndPreheat(), GUEST], "it ends no start"


def test_a_start_whose_reading_took_too_long_is_not_done_later(
    controller: Controller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.controller.READ_S", -1.0)
    replies = give(controller, GUEST)
    until_read(controller)
    assert replies == [SLOW_DISK]
    assert not controller.loop._commands


def test_more_starts_than_can_be_read_for_are_refused_and_none_is_lost(
    controller: Controller, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Gate()
    monkeypatch.setattr(controller.admission, "refresh", disk)
    given = [give(controller, GUEST) for _ in range(READING + 8)]
    assert [BUSY] in given
    disk.open.set()
    assert controller._reader.close(DEADLINE_S)
    done = len(controller.loop._commands)
    assert done + sum(replies == [BUSY] for replies in given) == len(given)


def test_a_finger_that_stays_on_an_output_waits_for_no_disk(
    controller: Controller, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Gate()
    monkeypatch.setattr(controller.admission, "refresh", disk)
    controller.engine.by_hand = HandDrive(machine, "roll.sole.left", 0.0)
    give(controller, Drive(output="roll.sole.left", answers=()))
    assert len(controller.loop._commands) == 1
    give(controller, Drive(output="roll.sole.left", person="p-another"))
    assert len(controller.loop._commands) == 1, "who sits there now has to be read first (S14)"
    disk.open.set()
    until_read(controller)
    assert len(controller.loop._commands) == 2


def test_gains_on_a_slow_disk_hold_up_nobody_and_are_in_use_once_they_are_kept(
    controller: Controller, machine: Machine, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Gate()
    monkeypatch.setattr(os, "fsync", disk)
    controller.engine.tuning = Tuned(machine, "right", 38.0)
    replies = give(controller, KeepGains())
    assert disk.asked.wait(DEADLINE_S)
    give(controller, Stop())
    again = give(controller, KeepGains())
    assert len(controller.loop._stops) == 1
    assert not controller.loop._commands
    disk.open.set()
    assert controller._gains.close(DEADLINE_S)
    assert [given.command for given, _answer in controller.loop._commands] == [KeepGains()]
    assert load_machine(places.own_machine).pad[1].gains == FOUND
    assert replies == [], "the engine answers"
    ((_given, answer),) = controller.loop._commands
    answer(Reply(True))
    assert replies == again == [Reply(True)], "asked for twice, written once"


def test_what_is_said_of_a_session_is_accepted_while_the_disk_is_slow_and_told_if_it_fails_then(
    controller: Controller, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(controller._patience, "_clock", lambda: now[0])
    asked: list[Future[Reply]] = []

    def ask(_command: Command) -> Future[Reply]:
        asked.append(Future())
        return asked[-1]

    monkeypatch.setattr(controller.recorder, "ask", ask)
    rate = Rate(session="s1", before=6)
    slow, quick = give(controller, rate), give(controller, rate)
    asked[1].set_result(Reply(True, session="s1"))
    assert quick == [Reply(True, session="s1")]
    controller._fed()
    assert slow == []
    now[0] = WITHIN_S
    controller._fed()
    assert slow == [Reply(True, session="s1", waits=True)]
    asked[0].set_result(Reply(False, say("The history does not know this session.")))
    assert len(slow) == 1, "it is answered once"
    notice = not_kept(say("The history does not know this session."))
    assert notice in controller.loop._notices()
    give(controller, rate)
    asked[2].set_result(Reply(True))
    assert notice not in controller.loop._notices()
