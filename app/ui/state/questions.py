"""The words of the questions about health: as a person is asked them, and in rows for a guest's card."""

from __future__ import annotations

from dataclasses import dataclass

from app.household.screening import GENTLE_INTENSITY, Effect
from app.ui.words import _


def question(id_: str) -> tuple[str, str]:
    """The question and, smaller, what is meant by it."""
    return {
        "clot": (
            _("Do you have, or have you ever had, a blood clot?"),
            _("Thrombosis, an inflamed vein (phlebitis), a clot in the lung (embolism)."),
        ),
        "artery": (
            _("Has a doctor told you that you have severe artery disease in your legs?"),
            _("Pain in the calf after a few steps, cold and pale feet."),
        ),
        "heart": (
            _("Has a doctor told you that you have severe heart failure?"),
            _("Short of breath at rest, or legs swollen from the heart."),
        ),
        "skin": (
            _("Are there wounds, sores, an infection, a rash, eczema or fungus on your feet or legs?"),
            _("Also a recent skin graft."),
        ),
        "cancer": (
            _("Are you being treated for cancer?"),
            _("Chemotherapy, radiation or an operation, now or planned."),
        ),
        "fever": (
            _("Do you have a fever or an acute infection now?"),
            _("A flu counts, too."),
        ),
        "blood": (
            _("Do you have a blood disorder?"),
            _("For example blood that clots too easily or not enough."),
        ),
        "surgery": (
            _("Was a foot or leg operated on or injured in the last three months?"),
            _("A sprain or a broken bone counts, too."),
        ),
        "feeling": (
            _("Do you have diabetes, or reduced feeling in your feet?"),
            _("Numb, tingling or burning feet."),
        ),
        "thinners": (
            _("Do you take blood thinners, or do you bruise easily?"),
            _("For example warfarin, apixaban or aspirin every day."),
        ),
        "veins": (
            _("Do you have varicose veins that hurt or are inflamed?"),
            _("Thick, winding veins that are sore, warm or red."),
        ),
        "pregnant": (
            _("Are you pregnant, or may you be?"),
            _("Answer yes also if you only think so."),
        ),
        "implant": (
            _("Do you have a pacemaker, another electronic implant, or epilepsy?"),
            _("A defibrillator, a pump, a nerve stimulator. Not a hip or a tooth."),
        ),
        "flare": (
            _("Is arthritis or another long illness flaring up now?"),
            _("Joints that are hot, swollen or more painful than usual."),
        ),
    }[id_]


def what_a_yes_does(effect: Effect) -> str:
    """Said on the card as soon as somebody says yes."""
    return {
        "refuse": _("Then there is no massage for now. Please ask your doctor first."),
        "feeling": _("Then the pads stay off, and air and kneading stay gentle: you might not feel a harm."),
        "thinners": _(
            "Then the massage stays gentle, with intensity {level} at most. Ask your doctor first."
        ),
        "veins": _("Then the calf is left out. Ask your doctor first."),
        "pregnant": _(
            "Then there is no warmth and no vibration; the air stays gentle. Ask your doctor first."
        ),
        "implant": _("Then there is no vibration. Ask your doctor first."),
        "gentle": _("Then the massage stays gentle: intensity {level} at most."),
    }[effect].format(level=GENTLE_INTENSITY)


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
        "feeling": _("Diabetes or reduced feeling"),
        "thinners": _("Blood thinners, or easy bruises"),
        "veins": _("Painful varicose veins"),
        "pregnant": _("You are or may be pregnant"),
        "implant": _("An implant, or epilepsy"),
        "flare": _("A flare-up"),
    }.get(id_, _("An answer that is no longer understood"))


def what(effect: Effect) -> str:
    """What is locked, as short as a list wants it."""
    return {
        "refuse": _("No massage until your doctor agrees"),
        "feeling": _("No warmth; gentle air and kneading"),
        "thinners": _("Intensity {level} at most; gentle air"),
        "veins": _("The calf is left out"),
        "pregnant": _("No warmth, no vibration; gentle air"),
        "implant": _("No vibration"),
        "gentle": _("Intensity {level} at most"),
    }[effect].format(level=GENTLE_INTENSITY)


# --- a guest's card -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """One row of a guest's card: what is asked, and the questions it stands for."""

    ids: tuple[str, ...]
    words: str
    what: str = ""
    """What it locks; empty where it is no massage at all."""


def refusing() -> tuple[Row, ...]:
    """What there is no massage with, all of it; as strong as the questions."""
    return (
        Row(("clot",), _("A blood clot, now or before: thrombosis, phlebitis, lung embolism")),
        Row(("artery", "heart"), _("Severe artery disease in the legs, severe heart failure")),
        Row(
            ("skin",),
            _("Wounds, sores, infection, rash, eczema, fungus or a recent skin graft on feet or legs"),
        ),
        Row(("cancer", "blood", "fever"), _("Cancer treatment, a blood disorder, acute infection or fever")),
        Row(("surgery",), _("An operation or injury of a foot or leg in the last three months")),
    )


def adapting() -> tuple[Row, ...]:
    """What changes the massage, one row a question."""
    return (
        Row(("feeling",), _("Diabetes, or reduced feeling in the feet"), what("feeling")),
        Row(("thinners",), _("Blood thinners, or easy bruises"), what("thinners")),
        Row(("veins",), _("Painful or inflamed varicose veins"), what("veins")),
        Row(("pregnant",), _("Pregnant, or may be"), what("pregnant")),
        Row(("implant",), _("Pacemaker, other electronic implant, epilepsy"), what("implant")),
        Row(("flare",), _("A flare-up of arthritis or another long illness"), what("gentle")),
    )


def new_today() -> tuple[str, ...]:
    """What the check of the day asks for."""
    return (
        _("Sores or broken skin"),
        _("Corns or nails that hurt"),
        _("Fever"),
        _("Swelling"),
        _("Numbness"),
    )
