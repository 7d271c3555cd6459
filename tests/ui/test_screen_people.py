"""Fingers on glass: who sits here, the questions, and what a person may have."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from scenes import NOW, ScriptedHistory, household_of, idle, running

from app.household.household import Household
from app.household.screening import QUESTION_SET, QUESTIONS
from app.places import Places
from app.sessions.rows import EventRow, SessionDetail
from app.ui import find
from hardware.messages import ForgetPerson, SetIntensity, Start

pytestmark = pytest.mark.screen


@pytest.fixture
def house(places: Places) -> Household:
    return Household(places)


def begin(
    hand: Any, house: Household, snapshot: Any = None, *names: str, history: Any = None, **about: Any
) -> None:
    if names:
        household_of(*names, **about)(house)
    hand.start(snapshot or idle(), household=house, history=history)
    hand.settle(1.0)


def touch(hand: Any, *names: str) -> None:
    for name in names:
        hand.touch(name)
        hand.settle(1.0)


def says(hand: Any, words: str) -> bool:
    from app.ui.widgets.base import Text

    return any(
        isinstance(widget, Text) and words in widget.text.replace("\n", " ")
        for widget in hand.app.stage.walk(restrict=True)
    )


def place(hand: Any) -> str:
    return str(hand.app.router.place)


def test_a_new_person_types_a_name_and_sits_here(hand: Any, house: Household) -> None:
    begin(hand, house)
    assert says(hand, "Guest")
    touch(hand, "who", "add-person", "key-o", "key-page", "key-é", *3 * ("key-page",), "key-s")
    touch(hand, "key-space", "key-backspace", "name-done")
    (person,) = house.people.all
    assert person.name == "Oés"
    assert house.who == person
    assert place(hand) == "person"
    touch(hand, "colour-teal", "ticklish-True")
    assert (house.people.all[0].colour, house.people.all[0].ticklish) == ("teal", True)
    touch(hand, "back", "home")
    assert says(hand, "Oés")


def test_a_name_that_is_taken_is_said_on_the_screen_and_nothing_is_lost(hand: Any, house: Household) -> None:
    begin(hand, house, None, "Jo")
    touch(hand, "who", "add-person", "key-j", "key-o", "name-done")
    assert place(hand) == "naming"
    assert says(hand, "There is a Jo already.")
    touch(hand, "key-e", "name-done")
    assert [person.name for person in house.people.all] == ["Jo", "Joe"]


def test_a_card_that_is_full_is_said_calmly_everywhere(hand: Any, house: Household, monkeypatch: Any) -> None:
    import os

    begin(hand, house, None, "Anna")

    def full(_file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    touch(hand, "who", "edit-anna", "ticklish-True")
    assert says(hand, "cannot be written")
    assert not house.people.all[0].ticklish
    assert not says(hand, "Stop works")
    touch(hand, "questions", *["no"] * len(QUESTIONS))
    assert says(hand, "cannot be written")


def test_choosing_somebody_brings_their_own_again_and_week(hand: Any, house: Household) -> None:
    history = ScriptedHistory(whose="anna")
    household_of("Anna", sits=None)(house)
    begin(hand, house, history=history)
    assert find(hand.app.stage, "again") is None
    touch(hand, "who", "sit-anna")
    assert place(hand) == "home"
    assert find(hand.app.stage, "again") is not None
    touch(hand, "who", "sit-guest")
    assert house.who is None
    assert find(hand.app.stage, "again") is None


def test_the_questions_come_before_the_first_session_and_lead_on_to_it(hand: Any, house: Household) -> None:
    begin(hand, house, None, "Anna", answered=None)
    touch(hand, "program-relax")
    assert place(hand) == "screening"
    touch(hand, *["no"] * 8, "yes")
    assert says(hand, "the pads stay off")
    touch(hand, "go-on", *["no"] * 5)
    assert house.people.all[0].answered == NOW.date(), "kept as soon as the last one is answered"
    assert house.people.all[0].yes == ("feeling",)
    assert says(hand, "No warmth")
    touch(hand, "screening-done")
    assert place(hand) == "ready"
    touch(hand, "heat-plus", "minutes-20", *["intensity-plus"] * 4, "start")
    (start,) = hand.link.of(Start)
    assert (start.person, start.heat_c, start.minutes, start.intensity) == ("anna", None, 10, 4)
    assert start.answers is None, "they are kept with her"


def test_after_thirty_days_they_come_again(hand: Any, house: Household) -> None:
    begin(hand, house, None, "Anna", answered=NOW.date() - timedelta(days=30))
    touch(hand, "program-relax")
    assert place(hand) == "screening"


def test_answers_that_refuse_leave_no_start(hand: Any, house: Household) -> None:
    begin(hand, house, None, "Anna", answered=None)
    touch(hand, "program-relax", "yes", "go-on", *["no"] * 13)
    assert says(hand, "Please ask your doctor first")
    assert find(hand.app.stage, "screening-done") is None
    touch(hand, "back", "program-relax")
    assert place(hand) == "ready"
    assert find(hand.app.stage, "start") is None
    assert says(hand, "Ask your doctor first")
    touch(hand, "answer-again", *["no"] * len(QUESTIONS), "screening-done")
    assert find(hand.app.stage, "start") is not None


def test_a_new_yes_that_is_left_half_way_takes_the_old_answers_away(hand: Any, house: Household) -> None:
    begin(hand, house, None, "Anna")
    touch(hand, "who", "edit-anna", "questions", "yes", "back")
    assert place(hand) == "person"
    assert house.people.all[0].answered is None
    assert house.people.all[0].yes == ()


def test_leaving_the_questions_with_nothing_new_changes_nothing(hand: Any, house: Household) -> None:
    begin(hand, house, None, "Anna")
    before = house.people.all
    touch(hand, "who", "edit-anna", "questions", "no", "no", "back", "back", "back")
    assert place(hand) == "person"
    assert house.people.all == before


def test_an_answer_that_arrives_twice_answers_one_question(hand: Any, house: Household) -> None:
    begin(hand, house, None, "Anna", answered=None)
    touch(hand, "program-relax")
    hand.touch("no")
    hand.now += 0.15
    hand.touch("no")
    hand.settle(1.0)
    assert says(hand, "Question 2 of 14")


def test_a_guest_is_asked_once_until_somebody_else_sits_down(hand: Any, house: Household) -> None:
    begin(hand, house, None, "Anna", sits=None)
    touch(hand, "program-relax", "start")
    assert hand.link.of(Start) == []
    assert says(hand, "Pacemaker")
    touch(hand, "guest-back", "start", "none-of-these")
    (start,) = hand.link.of(Start)
    assert (start.person, start.answers) == (None, ())
    hand.app.expect_start(False)
    touch(hand, "back", "program-heel", "start")
    assert len(hand.link.of(Start)) == 2, "it still counts"
    hand.app.expect_start(False)
    touch(hand, "back", "who", "sit-anna", "who", "sit-guest", "program-heel", "start")
    assert len(hand.link.of(Start)) == 2
    assert find(hand.app.stage, "none-of-these")


def test_a_guest_who_ticks_a_row_sees_what_is_locked_and_starts_with_it(hand: Any, house: Household) -> None:
    begin(hand, house)
    touch(hand, "program-relax", "start", "some-of-these", "these-apply")
    assert find(hand.app.stage, "these-apply"), "nothing is ticked yet"
    touch(hand, "applies-feeling", "applies-veins", "applies-veins", "these-apply")
    assert hand.link.of(Start) == [], "first it is seen what the massage is"
    assert says(hand, "No warmth")
    assert says(hand, "Gentle air and kneading")
    touch(hand, "heat-plus", "start")
    (start,) = hand.link.of(Start)
    assert (start.answers, start.heat_c) == (("feeling",), None)


def test_a_guest_with_what_refuses_is_told_so_and_nothing_starts(hand: Any, house: Household) -> None:
    begin(hand, house)
    touch(hand, "program-relax", "start", "one-of-these")
    assert says(hand, "Please ask your doctor first")
    assert find(hand.app.stage, "none-of-these") is None
    touch(hand, "card-again", "some-of-these", "applies-pregnant")
    assert says(hand, "Ask your doctor before the first massage.")
    touch(hand, "card-back", "guest-back")
    assert find(hand.app.stage, "start")
    assert hand.link.of(Start) == []
    assert not hand.app.sitting.word.given


@pytest.mark.parametrize("name", ["Anna", None])
def test_the_days_check_is_one_touch_from_start_and_locks_for_the_day(
    hand: Any, house: Household, places: Places, name: str | None
) -> None:
    begin(hand, house, None, *([name] if name else []))
    touch(hand, "program-relax", "new-today")
    assert says(hand, "Corns or nails that hurt")
    touch(hand, "nothing-new")
    assert find(hand.app.stage, "start"), "nothing has changed"
    touch(hand, "new-today", "something-new")
    assert find(hand.app.stage, "start") is None
    assert says(hand, "No massage today")
    kept = Household(places).people
    assert kept.new_today("anna" if name else None, NOW.date())
    touch(hand, "back", "program-heel")
    assert find(hand.app.stage, "start") is None


def test_something_new_counts_even_where_it_cannot_be_written_down(
    hand: Any, house: Household, monkeypatch: Any
) -> None:
    import os

    begin(hand, house, None, "Anna")

    def full(_file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    touch(hand, "program-relax", "new-today", "something-new")
    assert says(hand, "cannot be written")
    assert find(hand.app.stage, "start") is None


def test_what_was_asked_before_there_were_new_questions_is_asked_again_and_why(
    hand: Any, house: Household
) -> None:
    begin(hand, house, None, "Anna", questions=1)
    touch(hand, "program-relax")
    assert place(hand) == "screening"
    assert says(hand, "There are new questions since you answered last.")
    touch(hand, "no")
    assert says(hand, "Questions for Anna")
    touch(hand, *["no"] * (len(QUESTIONS) - 1), "screening-done")
    assert place(hand) == "ready"
    assert house.people.all[0].questions == QUESTION_SET


def test_where_it_hurt_today_is_said_before_the_next_massage(hand: Any, house: Household) -> None:
    history = ScriptedHistory(count=2, whose="anna")
    hurt = msgspec.structs.replace(history.known[0], outcome="pain", started_at=NOW.timestamp() - 600)
    history.known[0] = hurt
    told = SessionDetail(
        row=hurt, seconds=[], level=[], pads={}, bags={},
        events=[EventRow(elapsed_s=9.0, what="pain-where", detail={"zone": "heel", "side": None})],
    )  # fmt: skip
    history.session = lambda _id: told
    begin(hand, house, None, "Anna", history=history)
    touch(hand, "program-relax")
    assert says(hand, "The heel rests today")
    assert says(hand, "It hurt")


def test_a_guests_word_is_forgotten_after_half_an_hour_without_a_touch(hand: Any, house: Household) -> None:
    begin(hand, house)
    touch(hand, "program-relax", "start", "none-of-these")
    hand.app.expect_start(False)
    touch(hand, "back", "program-relax")
    hand.now += 31 * 60
    hand.settle(1.0)
    touch(hand, "start")
    assert not hand.app.sitting.word.given
    assert len(hand.link.of(Start)) == 1


def test_a_guest_leaves_nothing_personal(hand: Any, house: Household, places: Places) -> None:
    begin(hand, house)
    hand.link.obeys = True
    touch(hand, "program-relax", "intensity-plus", "start", "none-of-these")
    assert place(hand) == "session"
    assert not places.people.exists()


def test_how_a_person_likes_a_program_is_proposed_the_next_time(hand: Any, house: Household) -> None:
    begin(hand, house, None, "Anna", history=ScriptedHistory(whose="anna"))
    touch(hand, "program-relax", "minutes-20", "intensity-plus", "feet-left", "start")
    (first,) = hand.link.of(Start)
    begin(hand, house, history=ScriptedHistory(whose="anna"))
    touch(hand, "program-relax", "start")
    (second,) = hand.link.of(Start)
    assert msgspec.structs.replace(second) == first
    assert (second.minutes, second.intensity, second.feet) == (20, 4, "left")


def test_a_refusal_by_the_controller_is_shown_and_not_remembered(hand: Any, house: Household) -> None:
    begin(hand, house, None, "Anna")
    hand.link.refuse[Start] = "Your intensity is at most 4."
    touch(hand, "program-relax", "start")
    assert says(hand, "Your intensity is at most 4.")
    assert house.people.all[0].preferred == {}


def test_in_the_session_the_intensity_ends_where_the_persons_does(hand: Any, house: Household) -> None:
    session = running("relax", intensity=4, max_intensity=4, person="anna")
    begin(hand, house, session, "Anna", sits=None)
    assert house.who is not None, "a screen that was restarted finds who sits here"
    assert house.who.id == "anna"
    touch(hand, "plus")
    assert hand.link.of(SetIntensity) == []
    assert says(hand, "first time")


@pytest.mark.parametrize(("button", "sessions"), [("remove-keep", False), ("remove-all", True)])
def test_removing_somebody_takes_a_second_step_and_tells_the_history(
    hand: Any, house: Household, button: str, sessions: bool
) -> None:
    begin(hand, house, None, "Anna", "Jo", history=ScriptedHistory(whose="anna"))
    touch(hand, "who", "edit-anna", "remove", "keep")
    assert len(house.people.all) == 2
    touch(hand, "remove")
    where = find(hand.app.stage, button).center
    hand.touch_at(*where)
    hand.touch_at(*where)
    assert hand.link.of(ForgetPerson) == [ForgetPerson(person="anna", sessions=sessions)]
    hand.settle(1.0)
    assert [person.name for person in house.people.all] == ["Jo"]
    assert house.who is None
    assert place(hand) == "people"


def test_who_the_history_cannot_forget_stays(hand: Any, house: Household) -> None:
    begin(hand, house, None, "Anna")
    hand.link.refuse[ForgetPerson] = "The history cannot be written now."
    touch(hand, "who", "edit-anna", "remove", "remove-all")
    assert says(hand, "The history cannot be written now.")
    assert house.people.get("anna") is not None
    del hand.link.refuse[ForgetPerson]
    touch(hand, "remove-all")
    assert house.people.get("anna") is None


def test_two_dozen_people_are_reached_with_buttons(hand: Any, house: Household) -> None:
    begin(hand, house, None, *(f"Number {number}" for number in range(24)))
    touch(hand, "who")
    last = house.people.all[-1]
    for _ in range(6):
        if find(hand.app.stage, f"sit-{last.id}"):
            break
        touch(hand, "people-on")
    touch(hand, f"sit-{last.id}")
    assert house.who == last
