"""What each answer locks, and that the screen has words for every one of them."""

from __future__ import annotations

import itertools

import pytest

from app.household.screening import (
    EFFECTS,
    FEELING_KNEAD,
    FIRST_INTENSITY,
    FIRST_MINUTES,
    GENTLE_INTENSITY,
    QUESTIONS,
    SQUEEZE_MMHG,
    TICKLISH_KNEAD,
    TICKLISH_MMHG,
    Question,
    ask_your_doctor,
    locks_of,
    may_feel_little,
    rested,
)
from hardware.safety.locks import NO_LOCKS

NO_HEAT = {"heat": 0.0}
EXPECTED: dict[str, dict[str, object]] = {
    **{
        id_: {"refuse": ask_your_doctor()}
        for id_ in ("clot", "artery", "heart", "skin", "cancer", "fever", "blood", "surgery")
    },
    "feeling": {
        "max_levels": {"heat": 0.0, "knead": FEELING_KNEAD}, "max_squeeze_mmhg": SQUEEZE_MMHG,
    },
    "thinners": {"max_intensity": GENTLE_INTENSITY, "max_squeeze_mmhg": SQUEEZE_MMHG},
    "veins": {"left_out": frozenset({"calf"})},
    "pregnant": {"max_levels": {"heat": 0.0, "vibrate": 0.0}, "max_squeeze_mmhg": SQUEEZE_MMHG},
    "implant": {"max_levels": {"vibrate": 0.0}},
    "flare": {"max_intensity": GENTLE_INTENSITY},
}  # fmt: skip


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)
def test_each_yes_locks_what_the_table_says_and_nothing_else(question: Question) -> None:
    locks = locks_of([question.id])
    for name in NO_LOCKS.__struct_fields__:
        expected = EXPECTED[question.id].get(name, getattr(NO_LOCKS, name))
        assert getattr(locks, name) == expected, name


def test_the_questions_are_those_of_the_table() -> None:
    assert {question.id for question in QUESTIONS} == set(EXPECTED) == set(EFFECTS)
    assert len(QUESTIONS) == len(EFFECTS), "none twice"


def test_no_yes_locks_nothing() -> None:
    assert locks_of([]) == NO_LOCKS


def test_an_answer_nobody_knows_any_more_is_a_refusal() -> None:
    assert locks_of(["from-an-older-version"]).refuse


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations([q.id for q in QUESTIONS], 2)))
def test_two_answers_lock_at_least_what_each_locks(one: str, other: str) -> None:
    both = locks_of([one, other])
    for single in (locks_of([one]), locks_of([other])):
        assert bool(both.refuse) >= bool(single.refuse)
        assert both.max_minutes <= single.max_minutes
        assert both.max_intensity <= single.max_intensity
        assert both.max_squeeze_mmhg <= single.max_squeeze_mmhg
        assert both.left_out >= single.left_out
        for kind, level in single.max_levels.items():
            assert both.max_levels[kind] <= level


def test_a_first_session_never_loosens_what_an_answer_locks() -> None:
    first = locks_of([], first=True)
    assert (first.max_minutes, first.max_intensity) == (FIRST_MINUTES, FIRST_INTENSITY)
    assert locks_of(["flare"], first=True).max_intensity == GENTLE_INTENSITY


def test_ticklish_feet_get_nothing_light_and_no_more_than_others() -> None:
    locks = locks_of([], ticklish=True)
    assert locks.max_levels == {"vibrate": 0.0, "roll": 0.0}
    assert (locks.least_levels, locks.least_squeeze_mmhg) == ({"knead": TICKLISH_KNEAD}, TICKLISH_MMHG)
    both = locks_of(["feeling"], ticklish=True)
    assert both.max_squeeze_mmhg == SQUEEZE_MMHG
    assert both.max_levels["knead"] < both.least_levels["knead"], "then kneading rests: safe comes first"


def test_where_it_hurt_rests_and_a_pain_without_a_place_makes_everything_gentle() -> None:
    veins = locks_of(["veins"])
    assert rested(veins, ()) is veins
    assert rested(veins, {"heel"}).left_out == {"calf", "heel"}
    assert rested(veins, {"heel"}).max_intensity == 10
    nowhere = rested(locks_of([]), {None})
    assert (nowhere.left_out, nowhere.max_intensity) == (frozenset(), GENTLE_INTENSITY)
    assert rested(locks_of([], first=True), {None, "arch"}).max_intensity == GENTLE_INTENSITY


def test_ice_is_not_for_feet_that_feel_little_nor_for_who_was_not_asked() -> None:
    assert may_feel_little(["feeling"])
    assert may_feel_little(None)
    assert not may_feel_little([])
