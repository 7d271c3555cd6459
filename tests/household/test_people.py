"""The people of a household: names, colours, bounds; what is wrong is said in words."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import date, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from app.glyphs import undrawable
from app.household.household import Household
from app.household.people import COLOURS, GUESTS, MOST_PEOPLE, NAME_LETTERS, People, Preferred, person_unknown
from app.household.preferences import Language
from app.household.screening import (
    AGAIN_DAYS,
    QUESTION_SET,
    QUESTIONS,
    ask_your_doctor,
    locks_of,
    new_questions,
    new_today,
    new_today_of_a_guest,
)
from app.places import Places
from app.ui.languages import catalogue
from hardware.errors import InstepError
from hardware.messages import Start
from hardware.safety.locks import NO_LOCKS, Locks, answer_first
from hardware.words import Zone

TODAY = date(2026, 11, 19)
START = Start(program="relax", minutes=10, intensity=2, answers=())


def locks(
    people: People,
    person: str | None,
    answers: Any = (),
    had_sessions: Collection[str] = (),
    sore: Collection[Zone | None] = (),
) -> Locks:
    """What is held today for this person, or for a guest with these answers."""
    start = replace(START, person=person, answers=None if person else answers)
    return people.locks_for(start, TODAY, had_sessions, sore)


@pytest.fixture
def people(tmp_path: Path) -> People:
    return People(tmp_path / "people.json")


def test_everybody_has_an_id_of_their_own_and_a_colour_nobody_has_yet(people: People) -> None:
    for number in range(len(COLOURS)):
        people.add(f"Number {number}")
    assert [person.colour for person in people.all] == list(COLOURS)
    assert len({person.id for person in people.all}) == len(COLOURS)
    assert people.add("One more").colour == COLOURS[0]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "at least one"),
        ("   ", "at least one"),
        ("x" * 21, "at most 20"),
        ("aNNa", "There is a aNNa"),
        ("\u200b\u202e", "at least one"),
        ("- '", "at least one"),
        ("An\u200bna", "There is a Anna"),
        ("GUEST", "what guests are called"),
        ("гість", "what guests are called"),
        ("夜 Jo", "cannot show 夜"),
        ("A\u0308nna 🌙", "cannot show 🌙"),
    ],
)
def test_a_name_that_will_not_do_is_refused_and_nobody_is_added(
    people: People, name: str, words: str
) -> None:
    people.add("Anna")
    with pytest.raises(InstepError, match=words):
        people.add(name)
    assert [person.name for person in people.all] == ["Anna"]


def test_a_name_is_tidied_and_may_be_in_any_script(people: People) -> None:
    assert people.add("  Олена   Ґудзь ").name == "Олена Ґудзь"
    assert people.add("Björn-Łukasz").name == "Björn-Łukasz"


def test_there_is_room_for_so_many(people: People) -> None:
    for number in range(MOST_PEOPLE):
        people.add(f"Number {number}")
    with pytest.raises(InstepError, match="room for 24"):
        people.add("One more")


def test_somebody_may_keep_their_own_name_but_not_take_anothers(people: People) -> None:
    anna, jo = people.add("Anna"), people.add("Jo")
    people.change(replace(anna, name="ANNA", ticklish=True))
    assert people.get(anna.id) == replace(anna, name="ANNA", ticklish=True)
    with pytest.raises(InstepError, match="There is a anna already"):
        people.change(replace(jo, name="anna"))
    assert people.get(jo.id) == jo


def test_who_is_gone_cannot_be_changed_and_leaving_twice_is_leaving_once(people: People) -> None:
    anna = people.add("Anna")
    people.remove(anna.id)
    people.remove(anna.id)
    assert people.all == ()
    with pytest.raises(InstepError, match="not known"):
        people.change(anna)


def test_settings_of_a_program_out_of_bounds_are_not_kept(people: People) -> None:
    anna = people.add("Anna")
    with pytest.raises(InstepError):
        people.change(replace(anna, preferred={"relax": Preferred(minutes=90, intensity=5)}))
    assert people.get(anna.id) == anna


def test_the_controller_sees_what_the_screen_wrote(tmp_path: Path) -> None:
    screen, controller = (People(tmp_path / "people.json") for _ in range(2))
    anna = screen.add("Anna")
    assert locks(controller, anna.id).refuse == person_unknown()
    assert controller.refresh()
    assert locks(controller, anna.id).refuse == answer_first()
    screen.change(replace(anna, answered=TODAY, questions=QUESTION_SET))
    controller.refresh()
    assert locks(controller, anna.id).refuse is None


def test_answers_count_for_thirty_days_and_not_before_they_were_given(people: People) -> None:
    anna = replace(people.add("Anna"), answered=TODAY, questions=QUESTION_SET)
    assert anna.screened(TODAY + timedelta(days=AGAIN_DAYS - 1))
    assert not anna.screened(TODAY + timedelta(days=AGAIN_DAYS))
    assert anna.screened(TODAY - timedelta(days=1)), "a journey, or a clock that was set"
    assert not anna.screened(TODAY - timedelta(days=2))
    people.change(replace(anna, answered=TODAY + timedelta(days=400)))
    assert locks(people, anna.id).refuse == answer_first()


def test_answers_to_an_older_set_of_questions_are_asked_again_and_keep_locking(tmp_path: Path) -> None:
    path = tmp_path / "people.json"
    path.write_text(
        json.dumps(
            {
                "version": 1,
                "people": [
                    {"id": "p-1", "name": "Anna", "answered": TODAY.isoformat(), "yes": ["feeling"]},
                    {"id": "p-2", "name": "Jo", "answered": None},
                ],
            }
        )
    )
    found = People(path)
    assert not found.problem, "a file of before is read"
    anna = found.get("p-1")
    assert anna is not None
    assert (anna.questions, anna.screened(TODAY), anna.asked_anew) == (1, False, True)
    assert locks(found, "p-1").refuse == new_questions()
    assert locks(found, "p-2").refuse == answer_first()
    found.change(replace(anna, name="Ann"))
    again = People(path).get("p-1")
    assert again is not None
    assert again.yes == ("feeling",), "what was told before is not forgotten"
    found.change(replace(again, answered=TODAY, questions=QUESTION_SET))
    held = locks(found, "p-1", had_sessions={"p-1"})
    assert (held.refuse, held.forbids("heat")) == (None, True)


def test_answers_to_a_set_that_is_not_known_here_are_asked_again(people: People) -> None:
    anna = replace(people.add("Anna"), answered=TODAY, questions=QUESTION_SET + 1)
    assert not anna.screened(TODAY)


def test_what_is_new_locks_that_person_for_that_day_and_no_other(tmp_path: Path) -> None:
    screen, controller = (People(tmp_path / "people.json") for _ in range(2))
    anna, jo = screen.add("Anna"), screen.add("Jo")
    for each in (anna, jo):
        screen.change(replace(each, answered=TODAY, questions=QUESTION_SET))
    screen.tell_new(anna.id, TODAY)
    controller.refresh()
    assert locks(controller, anna.id).refuse == new_today()
    assert not locks(controller, jo.id).refuse
    assert not locks(controller, None).refuse
    for days in (1, -1, -400):
        day = TODAY + timedelta(days=days)
        assert not controller.new_today(anna.id, day), "a clock that was wrong locks nobody for ever"
    restarted = People(tmp_path / "people.json")
    assert locks(restarted, anna.id).refuse == new_today(), "it outlives the controller"


def test_what_is_new_with_a_guest_locks_guests_for_that_day(people: People) -> None:
    people.tell_new(None, TODAY)
    assert locks(people, None).refuse == new_today_of_a_guest()
    assert locks(people, None, answers=("fever",)).refuse == ask_your_doctor(), "which weighs more"
    later = people.locks_for(START, TODAY + timedelta(days=1))
    assert later == NO_LOCKS


def test_a_guests_answers_lock_as_a_persons_do(people: People) -> None:
    assert locks(people, None, answers=None).refuse == answer_first()
    assert locks(people, None) == NO_LOCKS
    for question in QUESTIONS:
        assert locks(people, None, answers=(question.id,)) == locks_of([question.id])
    assert locks(people, None, answers=("no-such-question",)).refuse == ask_your_doctor()
    assert locks(people, None, sore={"heel"}).left_out == {"heel"}


def test_a_first_session_is_short_and_gentle(people: People) -> None:
    anna = people.add("Anna")
    people.change(replace(anna, answered=TODAY, questions=QUESTION_SET))
    first = locks(people, anna.id)
    assert (first.max_minutes, first.max_intensity) == (10, 4)
    assert locks(people, anna.id, had_sessions={anna.id}) == NO_LOCKS
    assert locks(people, anna.id, sore={"heel"}).left_out == {"heel"}


def test_a_damaged_file_costs_the_people_and_no_more(tmp_path: Path) -> None:
    path = tmp_path / "people.json"
    People(path).add("Anna")
    path.write_text(path.read_text()[:-20])
    found = People(path)
    assert found.all == ()
    assert "could not be understood" in str(found.problem)
    assert locks(found, "anna").refuse == person_unknown()
    found.add("Jo")


def test_who_was_removed_sits_here_no_more(tmp_path: Path) -> None:
    household = Household(Places(tmp_path))
    anna = household.people.add("Anna")
    household.sit(anna.id)
    assert household.who == anna
    household.people.remove(anna.id)
    assert household.who is None


def test_names_are_compared_as_they_are_read(people: People) -> None:
    assert people.add("Zoe\u0308").name == "Zoë"
    with pytest.raises(InstepError, match="There is a ZOË already"):
        people.add(" ZO\u00cb\u200d ")


def test_a_guest_is_nobodys_name_in_any_language() -> None:
    for language in get_args(Language):
        assert catalogue(language).gettext("Guest") in GUESTS


def test_a_name_of_before_the_rules_costs_nobody_their_answers(tmp_path: Path) -> None:
    path = tmp_path / "people.json"
    path.write_text(json.dumps({"people": [{"id": "p-1", "name": "Guest"}, {"id": "p-2", "name": "guest"}]}))
    people = People(path)
    for person in people.all:
        people.change(person.with_answers([], TODAY))
        assert not locks(people, person.id).refuse


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(), max_size=24))
def test_any_name_is_taken_in_its_clean_form_or_refused_with_a_sentence(text: str) -> None:
    nobody = People(Path("/nonexistent/people.json"))
    try:
        name = nobody._fit(text, None)
    except InstepError:
        return
    assert name == nobody._fit(name, None)
    assert not undrawable(name)
    assert 1 <= len(name) <= NAME_LETTERS
