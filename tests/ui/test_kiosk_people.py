"""People, questions and locks as plain values: no screen needed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from app.household.people import NAME_LETTERS, Person, Preferred
from app.household.screening import QUESTIONS, effects, locks_of, rested
from app.places import ASSETS
from app.ui.state import limits, people, questions, screening
from app.ui.state.home import Choices
from app.ui.state.typing import PER_ROW, ROWS, Typing, pages
from hardware.machine import load_machine
from hardware.program import load_programs
from hardware.safety.locks import NO_LOCKS
from hardware.words import ZONES, Zone

TODAY = date(2026, 11, 19)
ANNA = Person(id="anna", name="Anna").with_answers((), TODAY)
MACHINE = load_machine(ASSETS / "machines" / "reference.toml")
PROGRAMS = load_programs(ASSETS / "programs")[0]
EFFECTS = sorted({question.effect for question in QUESTIONS})


# --- the questions ----------------------------------------------------------------------------------


@pytest.mark.parametrize("id_", [question.id for question in QUESTIONS])
def test_every_question_has_words_and_says_what_a_yes_does(id_: str) -> None:
    words, meant = questions.question(id_)
    assert words.endswith("?")
    assert meant
    assert questions.because(id_) != questions.because("no-such-question")
    (limit,) = screening.limits_of([id_])
    assert limit.why
    assert limit.what


@pytest.mark.parametrize("effect", EFFECTS)
def test_every_effect_has_words(effect: str) -> None:
    assert questions.what_a_yes_does(effect)  # type: ignore[arg-type]


def test_a_guests_card_asks_as_much_as_the_questions_do() -> None:
    rows = [*questions.refusing(), *questions.adapting()]
    asked = [id_ for row in rows for id_ in row.ids]
    assert sorted(asked) == sorted(question.id for question in QUESTIONS)
    for row in questions.refusing():
        assert effects(row.ids) == {"refuse"}
    for row in questions.adapting():
        (effect,) = effects(row.ids)
        assert row.what == questions.what(effect)


def test_no_to_every_question_is_the_summary_and_back_leads_all_the_way() -> None:
    walk = screening.Walk()
    for question in QUESTIONS:
        assert walk.id == question.id
        walk = walk.answer(False)
    assert walk.over
    assert walk.yes == ()
    for question in reversed(QUESTIONS):
        walk = walk.back()
        assert screening.card(walk).chosen is False
        assert walk.id == question.id
    assert walk.back() == walk


def test_a_yes_stays_and_says_what_it_does_until_the_person_goes_on() -> None:
    walk = screening.Walk().answer(True)
    card = screening.card(walk)
    assert walk.at == 0
    assert card.refuses
    assert "doctor" in card.effect
    assert screening.card(walk.answer(False).back()).effect == ""
    assert walk.on().at == 1


def test_a_question_is_not_passed_unanswered() -> None:
    assert screening.Walk().on() == screening.Walk()


def test_the_summary_says_what_is_locked_and_why() -> None:
    clear = screening.summary([])
    assert (clear.limits, clear.refused) == ((), False)
    some = screening.summary(["feeling", "flare"], ticklish=True, first=True)
    assert len(some.limits) == 4
    assert not some.refused
    refused = screening.summary(["feeling", "fever"], ticklish=True, first=True)
    assert refused.refused
    assert [limit.effect for limit in refused.limits] == ["refuse"]
    assert "doctor" in screening.summary(["implant"]).words
    assert screening.summary(["no-such-question"]).refused


@pytest.mark.parametrize(
    ("days", "valid", "words"),
    [
        (None, False, "Not answered yet"),
        (0, True, "Answered today"),
        (1, True, "Answered yesterday"),
        (12, True, "Answered 12 days ago"),
        (31, False, "time to answer again"),
        (-1, True, "Answered today"),
        (-3, False, "Time to answer again"),
    ],
)
def test_the_date_of_the_answers(days: int | None, valid: bool, words: str) -> None:
    answered = None if days is None else TODAY - timedelta(days=days)
    assert words in screening.answered_words(answered, TODAY, valid=valid)


# --- locks ------------------------------------------------------------------------------------------


def test_a_guest_who_has_said_nothing_yet_is_told_of_no_locks() -> None:
    assert limits.locks(None, first=True) == NO_LOCKS
    assert limits.shown(None, first=True) == ()


SINGLE = [(question.id,) for question in QUESTIONS]
SEVERAL: list[tuple[str, ...]] = [(), ("feeling", "thinners"), ("veins", "flare"), ("pregnant", "thinners")]


@pytest.mark.parametrize("yes", [*SINGLE, *SEVERAL])
def test_a_guest_is_locked_and_told_as_a_person_with_the_same_answers(yes: tuple[str, ...]) -> None:
    assert limits.locks(None, first=True, answers=yes) == limits.locks(replace(ANNA, yes=yes), first=False)
    assert limits.shown(None, first=True, answers=yes) == limits.shown(replace(ANNA, yes=yes), first=False)


@pytest.mark.parametrize("yes", [*SINGLE, *SEVERAL])
@pytest.mark.parametrize("sore", [(), ("heel",), (None, "calf")])
@pytest.mark.parametrize("ticklish", [False, True])
@pytest.mark.parametrize("first", [False, True])
def test_whatever_is_locked_is_explained_and_nothing_else(
    yes: tuple[str, ...], ticklish: bool, first: bool, sore: tuple[Zone | None, ...]
) -> None:
    who = replace(ANNA, yes=yes, ticklish=ticklish)
    locks = limits.locks(who, first, sore=sore)
    assert locks == rested(locks_of(yes, ticklish=ticklish, first=first), sore)
    said = " / ".join(limit.what for limit in limits.shown(who, first, sore=sore))
    if locks.refuse:
        assert said == "Ask your doctor first"
        return
    assert ("No warmth" in said) == locks.forbids("heat")
    assert ("ibration" in said) == locks.forbids("vibrate")
    assert ("rolling" in said) == locks.forbids("roll")
    assert ("kneading" in said) == ("knead" in locks.max_levels)
    assert ("Gentle air" in said) == (locks.max_squeeze_mmhg < 90)
    assert (f"Intensity {locks.max_intensity}" in said) == (locks.max_intensity < 10)
    assert ("10 minutes" in said) == (locks.max_minutes < 30)
    assert ("alf" in said) == ("calf" in locks.left_out)
    assert ("heel" in said) == ("heel" in locks.left_out)


@pytest.mark.parametrize("zone", ZONES)
def test_every_zone_that_rests_is_named_and_the_pads_rest_with_the_sole(zone: Zone) -> None:
    locks = limits.locks(ANNA, first=False, sore={zone})
    (limit,) = limits.shown(ANNA, first=False, sore={zone})
    assert zone in limit.what.lower().replace("top of the foot", "foot")
    assert ("warmth" in limit.what) == limits.no_warmth(locks) == (zone == "sole")


def test_something_new_is_all_that_is_said() -> None:
    (limit,) = limits.shown(ANNA, first=True, sore={"heel"}, new=True)
    assert limit.what == "No massage today"


def test_choices_come_within_the_locks() -> None:
    relax = PROGRAMS["relax"]
    asked = Choices("relax", 20, 7, 40.0)
    assert limits.within(asked, relax, NO_LOCKS) == asked
    first = limits.within(asked, relax, locks_of((), first=True))
    assert (first.minutes, first.intensity, first.heat_c) == (10, 4, 40.0)
    assert limits.within(asked, relax, locks_of(["pregnant"])).heat_c is None


@pytest.mark.parametrize("program", sorted(PROGRAMS))
def test_every_program_can_be_had_by_somebody_who_is_here_for_the_first_time(program: str) -> None:
    found = limits.within(Choices(program, 30, 9, None), PROGRAMS[program], locks_of((), first=True))
    assert found.minutes <= 10


def test_the_last_settings_of_a_program_are_proposed_as_far_as_it_has_them() -> None:
    relax = PROGRAMS["relax"]
    assert limits.preferred_choices(None, relax, MACHINE) is None
    assert limits.preferred_choices(ANNA, relax, MACHINE) is None
    chosen = Choices("relax", 20, 7, 40.0, "left")
    after = limits.remembered(ANNA, chosen)
    assert limits.preferred_choices(after, relax, MACHINE) == chosen
    odd = replace(ANNA, preferred={"relax": Preferred(minutes=25, intensity=7)})
    found = limits.preferred_choices(odd, relax, MACHINE)
    assert found is not None
    assert found.minutes == relax.default_minutes


def test_why_it_gets_no_stronger() -> None:
    assert limits.why_no_stronger(ANNA, 10) == ""
    assert "4" in limits.why_no_stronger(ANNA, 4)
    assert "gentle" in limits.why_no_stronger(replace(ANNA, yes=("flare",)), 3)
    assert "gentle" in limits.why_no_stronger(replace(ANNA, yes=("thinners",)), 3)
    assert "gentle" in limits.why_no_stronger(ANNA, 3, sore={None})
    assert "gentle" in limits.why_no_stronger(None, 3)


def test_a_guests_word_counts_half_an_hour_from_the_last_touch() -> None:
    now = [0.0]
    word = limits.GuestWord(lambda: now[0])
    word.touched()
    assert not word.given
    word.give(("feeling",))
    now[0] = 29 * 60
    assert word.given
    assert word.answers == ("feeling",)
    word.touched()
    now[0] += 29 * 60
    assert word.given
    now[0] += 60
    assert not word.given
    word.touched()
    assert not word.given, "whoever comes later is somebody else"
    assert word.answers is None
    word.give()
    assert word.answers == ()
    word.forget()
    assert not word.given


# --- people -----------------------------------------------------------------------------------------


def test_the_guest_comes_first_then_everybody_by_name() -> None:
    jo = Person(id="jo", name="jo")
    found = people.tiles([jo, ANNA], ANNA, TODAY)
    assert [tile.id for tile in found] == [None, "anna", "jo"]
    assert [tile.sits for tile in found] == [False, True, False]
    assert people.tiles([], None, TODAY)[0].sits


def test_a_person_says_what_is_open() -> None:
    assert "not answered" in people.tiles([replace(ANNA, answered=None)], None, TODAY)[1].words
    old = replace(ANNA, answered=TODAY - timedelta(days=40))
    assert "again" in people.tiles([old], None, TODAY)[1].words
    assert "new questions" in people.tiles([replace(ANNA, questions=1)], None, TODAY)[1].words
    assert "new questions" in people.person(replace(ANNA, questions=1), TODAY).answered
    assert "No massage today" in people.tiles([replace(ANNA, new_on=TODAY)], None, TODAY)[1].words
    assert "doctor" in people.tiles([replace(ANNA, yes=("clot",))], None, TODAY)[1].words
    said = people.person(replace(ANNA, yes=("feeling",)), TODAY)
    assert said.reduced_feeling
    assert not said.refused
    assert not people.person(ANNA, TODAY).reduced_feeling


def test_only_who_has_sessions_is_asked_what_becomes_of_them() -> None:
    assert "history" in people.farewell("Anna", True)
    assert "history" not in people.farewell("Anna", False)


# --- typing -----------------------------------------------------------------------------------------


def typed(letters: str, typing: Typing | None = None) -> Typing:
    typing = typing or Typing()
    for letter in letters:
        typing = typing.space() if letter == " " else typing.letter(letter)
    return typing


def test_names_begin_with_a_capital_by_themselves() -> None:
    assert typed("anna-lena ößterl").text == "Anna-Lena Ößterl"
    assert typed("олена").text == "Олена"
    assert typed("").shifted().letter("a").text == "a"


def test_backspace_takes_one_letter_and_nothing_from_nothing() -> None:
    assert typed("jo").backspace().text == "J"
    assert typed("j").backspace().shift
    assert Typing().backspace() == Typing()


def test_a_name_has_an_end_and_no_double_spaces() -> None:
    full = typed("a" * 30)
    assert len(full.text) == NAME_LETTERS
    assert full.full
    assert typed("a  b").text == "A B"
    assert typed("  ").empty


@pytest.mark.parametrize("language", sorted(ROWS))
def test_every_language_has_its_letters_in_rows_a_finger_can_hit(language: str) -> None:
    alphabet = {
        "en": "abcdefghijklmnopqrstuvwxyz",
        "de": "abcdefghijklmnopqrstuvwxyzäöüß",
        "es": "abcdefghijklmnopqrstuvwxyzñáéíóúü",
        "fr": "abcdefghijklmnopqrstuvwxyzàâæçéèêëîïôœùûüÿ",
        "uk": "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
    }[language]
    found = pages(language)
    assert set(alphabet) <= set("".join(page.letters for page in found))
    # A neighbour's name can be written, too.
    assert set("łąęśćżźńčšžřěůďťőűğşıİșțđ") <= set("".join(page.letters for page in found))
    assert {page.kind for page in found} == {"latin", "accents", "eastern", "cyrillic"}
    for page in found:
        assert len(page.rows) == 3
        assert all(len(row) <= PER_ROW for row in page.rows)
        # Upright the letters stand in the same order, each row broken in two.
        assert "".join(page.halves) == page.letters
        assert all(len(half) <= 6 for half in page.halves)
        assert len(set(page.letters)) == len(page.letters)
    # Its own letters need no page to be turned, but for Spanish ú and the rarer French ones.
    assert set(alphabet) - set(found[0].letters) <= set("úü") | set("àâæëîôœùûüÿ")
