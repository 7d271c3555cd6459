"""Dates of a clock that may be wrong: nothing is fresh for years, and nobody is asked at every start."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from app.household.people import People
from app.household.screening import AGAIN_DAYS, new_today
from app.ui.state.people import person as shown
from hardware.message import Message
from hardware.messages import Start
from hardware.safety.locks import answer_first

TODAY = date(2026, 11, 19)


class Computer:
    """A machine whose clock is known to be right, or is not; each start reads the file anew."""

    def __init__(self, path: Path) -> None:
        self.path, self.good, self.boot, self.now_s = path, False, 0, 0.0
        self.today = TODAY

    def start(self, *, boot: bool = True) -> People:
        self.boot += boot
        return People(self.path, lambda: self.good, lambda: self.now_s, str(self.boot))

    def refuses(self, people: People, person: str | None) -> Message | None:
        """As the controller has it, which reads what the screen has written."""
        people.refresh()
        answers = None if person else ()
        start = Start(program="relax", minutes=10, intensity=2, person=person, answers=answers)
        return people.locks_for(start, self.today, {"p"}).refuse


@pytest.fixture
def computer(tmp_path: Path) -> Computer:
    return Computer(tmp_path / "people.json")


def answer(computer: Computer, people: People) -> str:
    anna = people.all[0] if people.all else people.add("Anna")
    people.change(people.answered(anna, [], computer.today))
    return anna.id


def test_answers_of_a_clock_that_ran_ahead_are_not_fresh(computer: Computer) -> None:
    computer.good, computer.today = True, date(2036, 11, 19)
    people = computer.start()
    anna = answer(computer, people)
    assert computer.refuses(people, anna) is None
    computer.today = TODAY
    assert computer.refuses(people, anna) == answer_first()
    assert shown(people.all[0], TODAY).answered == "Time to answer again"


def test_a_machine_that_never_knows_the_date_does_not_ask_at_every_start(computer: Computer) -> None:
    anna = answer(computer, computer.start())
    for _start in range(3):
        assert computer.refuses(computer.start(), anna) is None
    computer.today += timedelta(days=AGAIN_DAYS)
    assert computer.refuses(computer.start(), anna) == answer_first(), "as far as its clock tells"


def test_answers_without_a_date_are_asked_again_once_there_is_one(computer: Computer) -> None:
    anna = answer(computer, computer.start())
    computer.good = True
    people = computer.start()
    people.settle(computer.today)
    assert computer.refuses(people, anna) == answer_first()
    assert shown(people.all[0], TODAY).answered == "Time to answer again"
    answer(computer, people)
    assert computer.refuses(computer.start(), anna) is None


def test_answers_of_this_very_evening_get_their_date_when_the_network_comes(computer: Computer) -> None:
    screen = computer.start()
    anna = answer(computer, screen)
    computer.good, computer.now_s = True, 2.5 * 86400
    computer.today += timedelta(days=70)
    screen.settle(computer.today)
    found = People(computer.path, lambda: True).get(anna)
    assert found is not None
    assert (found.answered, found.undated) == (computer.today - timedelta(days=2), False)


@pytest.mark.parametrize("guest", [True, False])
def test_something_new_outlives_the_clock_being_set_and_is_no_lock_for_ever(
    computer: Computer, guest: bool
) -> None:
    screen = computer.start()
    anna = answer(computer, screen)
    person = None if guest else anna
    screen.tell_new(person, computer.today)
    controller = computer.start(boot=False)
    assert controller.new_today(person, computer.today)
    computer.today += timedelta(days=70)
    computer.good = True
    assert controller.new_today(person, computer.today), "the clock was set five minutes later"
    screen.settle(computer.today)
    controller.refresh()
    assert controller.new_today(person, computer.today)
    assert not controller.new_today(person, computer.today + timedelta(days=1))


@pytest.mark.parametrize("guest", [True, False])
def test_a_clock_that_begins_with_one_day_at_every_start_locks_nobody_for_ever(
    computer: Computer, guest: bool
) -> None:
    screen = computer.start()
    anna = answer(computer, screen)
    person = None if guest else anna
    screen.tell_new(person, computer.today)
    if not guest:
        assert computer.refuses(computer.start(boot=False), anna) == new_today()
    assert not computer.start().new_today(person, computer.today)
