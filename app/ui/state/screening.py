"""The questions about health as plain values: their words, the way through them, what they lock and why."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date

from app.household.screening import (
    ASK_FIRST,
    EFFECTS,
    FIRST_INTENSITY,
    FIRST_MINUTES,
    QUESTIONS,
    Effect,
    effects,
)
from app.ui.state.questions import because, question, what, what_a_yes_does
from app.ui.words import _, plural

ORDER: tuple[Effect, ...] = (
    "refuse",
    "pregnant",
    "implant",
    "feeling",
    "thinners",
    "veins",
    "gentle",
)
"""What weighs most comes first."""


@dataclass(frozen=True)
class Limit:
    """Something a person may not have."""

    why: str
    what: str
    effect: Effect | None = None
    """None: not from an answer."""


def limits_of(yes: Collection[str], *, ticklish: bool = False, first: bool = False) -> tuple[Limit, ...]:
    """What is locked and why, the weightiest first; as ``locks_of`` locks it."""
    found: list[Limit] = []
    for effect in ORDER:
        found += [
            Limit(because(id_), what(effect), effect)
            for id_ in sorted(yes, key=_place)
            if EFFECTS.get(id_, "refuse") == effect
        ]
    if first and "refuse" not in effects(yes):
        found.append(
            Limit(
                _("Your first massage"),
                _("{minutes} minutes, intensity {level} at most").format(
                    minutes=FIRST_MINUTES, level=FIRST_INTENSITY
                ),
            )
        )
    if ticklish and "refuse" not in effects(yes):
        found.append(Limit(_("Ticklish feet"), _("No rolling, no vibration; a firmer touch")))
    return tuple(found)


def _place(id_: str) -> int:
    return next((at for at, question in enumerate(QUESTIONS) if question.id == id_), len(QUESTIONS))


@dataclass(frozen=True)
class Walk:
    """A person's way through the questions; every step gives a new one."""

    answers: dict[str, bool] = field(default_factory=dict)
    at: int = 0
    """The question shown; beyond the last one: the summary."""

    @property
    def over(self) -> bool:
        return self.at >= len(QUESTIONS)

    @property
    def id(self) -> str:
        return QUESTIONS[self.at].id

    @property
    def yes(self) -> tuple[str, ...]:
        return tuple(question.id for question in QUESTIONS if self.answers.get(question.id))

    def answer(self, yes: bool) -> Walk:
        """A no goes on at once; a yes stays, so that what it does can be read."""
        answers = {**self.answers, self.id: yes}
        return Walk(answers, self.at if yes else self.at + 1)

    def on(self) -> Walk:
        """To the next question, if this one has been answered."""
        return replace(self, at=self.at + 1) if not self.over and self.id in self.answers else self

    def back(self) -> Walk:
        return replace(self, at=max(0, self.at - 1))


@dataclass(frozen=True)
class Card:
    """One question as it stands on the screen."""

    progress: str
    done: float
    question: str
    meant: str
    chosen: bool | None
    effect: str
    """What a yes does; empty as long as nobody said yes."""
    refuses: bool


def card(walk: Walk) -> Card:
    words, meant = question(walk.id)
    chosen = walk.answers.get(walk.id)
    effect = QUESTIONS[walk.at].effect
    return Card(
        progress=_("Question {number} of {count}").format(number=walk.at + 1, count=len(QUESTIONS)),
        done=walk.at / len(QUESTIONS),
        question=words,
        meant=meant,
        chosen=chosen,
        effect=what_a_yes_does(effect) if chosen else "",
        refuses=effect == "refuse",
    )


@dataclass(frozen=True)
class Summary:
    heading: str
    words: str
    limits: tuple[Limit, ...]
    refused: bool


def summary(yes: Collection[str], *, ticklish: bool = False, first: bool = False) -> Summary:
    """What the answers come to."""
    found = effects(yes)
    limits = limits_of(yes, ticklish=ticklish, first=first)
    if "refuse" in found:
        return Summary(
            _("Please ask your doctor first"),
            _(
                "Your answers say that a massage could harm you. "
                "When your doctor agrees, or it has passed, answer again."
            ),
            tuple(limit for limit in limits if limit.effect == "refuse"),
            True,
        )
    if found & ASK_FIRST:
        words = _("Ask your doctor before the first massage. The machine keeps to this:")
    elif limits:
        words = _("The machine keeps to this, whatever is chosen:")
    else:
        words = _("There is nothing the machine has to keep from you.")
    return Summary(_("Thank you"), words, limits, False)


def answered_words(answered: date | None, today: date, *, valid: bool, anew: bool = False) -> str:
    """When the questions were answered last; ``anew``: there are others now."""
    if answered is None:
        return _("Not answered yet")
    days = (today - answered).days
    if days < -1:
        return _("Time to answer again")  # a date that is still to come tells nothing
    if days <= 0:
        when = _("Answered today")
    else:
        when = plural("Answered yesterday", "Answered {count} days ago", days)
    if anew:
        return _("{when}: there are new questions").format(when=when)
    return when if valid else _("{when}: time to answer again").format(when=when)
