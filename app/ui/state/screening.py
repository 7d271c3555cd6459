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
    GENTLE_INTENSITY,
    QUESTIONS,
    Effect,
    effects,
)
from app.ui.words import _, plural

ORDER: tuple[Effect, ...] = ("refuse", "pregnant", "implant", "sensitive", "gentle")
"""What weighs most comes first."""


def question(id_: str) -> tuple[str, str]:
    """The question and, smaller, what is meant by it."""
    return {
        "clot": (
            _("Do you have a blood clot, or have you had one?"),
            _("Thrombosis, an inflamed vein, a clot in the lung."),
        ),
        "artery": (
            _("Do you have severe artery disease in your legs?"),
            _("Pain in the calf after a few steps, cold and pale feet."),
        ),
        "heart": (
            _("Do you have severe heart failure?"),
            _("Short of breath at rest, or legs swollen from the heart."),
        ),
        "skin": (
            _("Are there wounds, sores or a rash on your feet or legs?"),
            _("Also an infection, or skin that was grafted not long ago."),
        ),
        "cancer": (
            _("Are you being treated for cancer?"),
            _("Chemotherapy, radiation or an operation, now or planned."),
        ),
        "fever": (
            _("Do you have a fever or an infection now?"),
            _("A flu counts, too."),
        ),
        "blood": (
            _("Do you have a blood disorder?"),
            _("Blood that clots too easily or too little."),
        ),
        "surgery": (
            _("Was a foot or leg operated on or injured in the last three months?"),
            _("A sprain or a broken bone counts, too."),
        ),
        "feeling": (
            _("Do you have diabetes, or do your feet feel little?"),
            _("Numb, tingling or burning feet."),
        ),
        "pregnant": (
            _("Are you pregnant?"),
            _("Also if you only may be."),
        ),
        "implant": (
            _("Do you have a pacemaker, another implant, or epilepsy?"),
            _("A defibrillator, a pump, a nerve stimulator."),
        ),
        "flare": (
            _("Is arthritis or another long illness flaring up now?"),
            _("Joints that are hot, swollen or more painful than usual."),
        ),
    }[id_]


def known(id_: str) -> bool:
    return id_ in EFFECTS


def what_a_yes_does(effect: Effect) -> str:
    """Said on the card as soon as somebody says yes."""
    return {
        "refuse": _("Then there is no massage for now. Please ask your doctor first."),
        "sensitive": _("Then the pads stay off, and air and kneading stay soft: you might not feel a harm."),
        "pregnant": _("Then there is no warmth and no vibration, and soft air. Ask your doctor first."),
        "implant": _("Then there is no vibration. Ask your doctor first."),
        "gentle": _("Then the massage stays gentle: intensity {level} at most.").format(
            level=GENTLE_INTENSITY
        ),
    }[effect]


def because(id_: str) -> str:
    """What was answered with yes, as short as a list wants it."""
    return {
        "clot": _("A blood clot"),
        "artery": _("Artery disease in the legs"),
        "heart": _("Heart failure"),
        "skin": _("Wounds, sores or a rash"),
        "cancer": _("Treatment for cancer"),
        "fever": _("A fever or an infection"),
        "blood": _("A blood disorder"),
        "surgery": _("An operation or injury"),
        "feeling": _("Diabetes, or feet that feel little"),
        "pregnant": _("You are or may be pregnant"),
        "implant": _("An implant, or epilepsy"),
        "flare": _("A flare-up"),
    }.get(id_, _("An answer that is no longer understood"))


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
    what: dict[Effect, str] = {
        "refuse": _("No massage until your doctor agrees"),
        "sensitive": _("No warmth, soft air and kneading"),
        "pregnant": _("No warmth, no vibration, soft air"),
        "implant": _("No vibration"),
        "gentle": _("Intensity {level} at most").format(level=GENTLE_INTENSITY),
    }
    for effect in ORDER:
        found += [
            Limit(because(id_), what[effect], effect)
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
        found.append(Limit(_("Ticklish feet"), _("No rolling or vibration, a firmer touch")))
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


def answered_words(answered: date | None, today: date, *, valid: bool) -> str:
    """When the questions were answered last."""
    if answered is None:
        return _("Not answered yet")
    days = (today - answered).days
    if days <= 0:
        when = _("Answered today")
    else:
        when = plural("Answered yesterday", "Answered {count} days ago", days)
    return when if valid else _("{when}: time to answer again").format(when=when)


def never() -> tuple[tuple[str, str], ...]:
    """When nobody should use the machine, for a guest: icon and words."""
    return (
        ("bolt", _("A blood clot, bad arteries, severe heart failure, a blood disorder")),
        ("eye", _("Wounds, sores or a rash on feet or legs, fever, cancer treatment")),
        ("foot", _("A foot or leg operated on or injured in the last three months")),
        ("warm", _("Diabetes, or feet that feel little")),
        ("air", _("Pregnant, a pacemaker or another implant, epilepsy, a flare-up")),
    )
