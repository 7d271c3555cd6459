"""The questions before a person's first session, and what a yes locks (S14).

What is risky is from published contraindications of foot massagers, compression sleeves and heating pads;
the words are ours. Instep is not a medical device: in doubt the answer is to ask a doctor.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from hardware.message import says
from hardware.safety.locks import Locks
from hardware.words import Kind, Zone


@says("Please ask your doctor first: your answers say that a massage could harm you.")
def ask_your_doctor() -> None: ...


@says("There are new questions about your health. Please answer them first.")
def new_questions() -> None: ...


@says("You said that something is new today: no massage until tomorrow. In doubt ask your doctor.")
def new_today() -> None: ...


@says("A guest said that something is new today: no guest has a massage until tomorrow.")
def new_today_of_a_guest() -> None: ...


AGAIN_DAYS = 30
QUESTION_SET = 2
"""Which set of questions this is. One more whenever a question is added or asks more than it did: who
answered another set is asked again."""
FIRST_MINUTES, FIRST_INTENSITY = 10, 4
"""Of the first session ever."""
FEELING_KNEAD, GENTLE_INTENSITY = 2.0, 3
SQUEEZE_MMHG = 45.0
TICKLISH_KNEAD, TICKLISH_MMHG = 3.0, 40.0

Effect = Literal["refuse", "feeling", "thinners", "veins", "pregnant", "implant", "gentle"]


class Question(Struct, frozen=True):
    id: str
    effect: Effect


QUESTIONS: tuple[Question, ...] = (
    Question("clot", "refuse"),
    Question("artery", "refuse"),
    Question("heart", "refuse"),
    Question("skin", "refuse"),
    Question("cancer", "refuse"),
    Question("fever", "refuse"),
    Question("blood", "refuse"),
    Question("surgery", "refuse"),
    Question("feeling", "feeling"),
    Question("thinners", "thinners"),
    Question("veins", "veins"),
    Question("pregnant", "pregnant"),
    Question("implant", "implant"),
    Question("flare", "gentle"),
)
"""Their words are the screen's (``app/ui/state/questions.py``); here is what each does."""

EFFECTS: dict[str, Effect] = {question.id: question.effect for question in QUESTIONS}
ASK_FIRST: frozenset[Effect] = frozenset({"thinners", "veins", "pregnant", "implant"})
"""Effects that allow a session, but say: ask your doctor first."""

VEINS_LEFT_OUT: frozenset[Zone] = frozenset({"calf"})


def effects(yes: Collection[str]) -> frozenset[Effect]:
    """What the questions answered with yes do. One that is not known any more counts as a refusal."""
    return frozenset(EFFECTS.get(id_, "refuse") for id_ in yes)


def locks_of(yes: Collection[str], *, ticklish: bool = False, first: bool = False) -> Locks:
    """What a person with these answers may not have."""
    found = effects(yes)
    levels: dict[Kind, float] = {}
    least: dict[Kind, float] = {}
    if found & {"feeling", "pregnant"}:
        levels["heat"] = 0.0
    if "feeling" in found:
        levels["knead"] = FEELING_KNEAD
    if found & {"pregnant", "implant"} or ticklish:
        levels["vibrate"] = 0.0
    if ticklish:
        levels["roll"] = 0.0
        least["knead"] = TICKLISH_KNEAD
    return Locks(
        refuse=ask_your_doctor() if "refuse" in found else None,
        max_minutes=FIRST_MINUTES if first else 30,
        max_intensity=min(
            FIRST_INTENSITY if first else 10, GENTLE_INTENSITY if found & {"gentle", "thinners"} else 10
        ),
        max_squeeze_mmhg=SQUEEZE_MMHG if found & {"feeling", "thinners", "pregnant"} else 90.0,
        max_levels=levels,
        least_levels=least,
        least_squeeze_mmhg=TICKLISH_MMHG if ticklish else 0.0,
        left_out=VEINS_LEFT_OUT if "veins" in found else frozenset(),
    )


def rested(locks: Locks, sore: Collection[Zone | None]) -> Locks:
    """The locks after sharp pain on the same day: where it hurt rests.

    None is a pain whose place nobody told. It could be anywhere, so everything stays gentle.
    """
    if not sore:
        return locks
    most = min(locks.max_intensity, GENTLE_INTENSITY) if None in sore else locks.max_intensity
    zones = frozenset(zone for zone in sore if zone is not None)
    return replace(locks, max_intensity=most, left_out=locks.left_out | zones)


def may_feel_little(answers: Collection[str] | None) -> bool:
    """Whether feet could be harmed without a warning, by ice for one. Who has not answered may be such."""
    return answers is None or "feeling" in effects(answers)
