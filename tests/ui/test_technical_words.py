"""What only a builder asks for is said in the person's language, too: details of faults, findings, tuning."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest

from app.household.preferences import Language, Preferences
from app.ui import habits, languages
from app.ui.speech import render
from app.ui.state.fault import fault
from hardware.message import (
    PLACE,
    Count,
    Duration,
    Foreign,
    Message,
    Named,
    Part,
    Percent,
    Place,
    Pressure,
    Temperature,
)
from hardware.messages import Snapshot
from hardware.safety.bag_causes import it_leaks
from hardware.safety.faults import FAULTS
from tests.said import fault_view

spoken = pytest.importorskip("scripts.catalogues.spoken")

OTHERS = tuple(language for language in get_args(Language) if language != "en")
NAMES = re.compile(
    r"MOSFET|pigpio\w*|sudo systemctl (?:re)?start|everything-off|instep \w+|evening\.toml|mmHg|Instep|README"
    r"|config\.txt|dtparam|lgpio|WIRING\.md|[a-z]+(?:_[a-z0-9]+)+|[a-z_]+\.[a-z_0-9]+|\[pump\]|python3|`\w+`"
    r"|GPIO|pipe|pull-up|gains|pip install|instep|--\w+|INSTEP_\w+|toml|python|level_to|spidev"
)
LATIN = re.compile(r"[A-Za-z]{4,}")
"""Four letters and more: an English word that was left standing, where the language is Ukrainian."""
OF_FILES = ("hardware/machine.py", "hardware/program.py", "hardware/textfile.py")
"""What they say names keys of files, which are English."""


@pytest.fixture(params=OTHERS)
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    languages.speak(Preferences(language=request.param))
    yield request.param
    languages.speak(Preferences())
    habits.use(habits.Habits())


def filled(declared: Any) -> Message:
    """A declared message with something in each of its places."""
    made: dict[str, Any] = {
        "count": Count(3), "bag": Part("bag.calf"), "pad": Part("pad.left"), "other": Part("pad.right"),
        "part": Part("pad.left"), "zone": Place("sole"), "share": Percent(0.4), "after": Duration(6.0),
        "file": Named("evening.toml"), "why": Foreign("!"), "reason": it_leaks(), "cause": it_leaks(),
    }  # fmt: skip
    names = PLACE.findall(declared.text + declared.many)
    values = {name: made.get(name, Temperature(40.5)) for name in names}
    return Message(declared.code, declared.text, declared.many, values)


def test_what_every_fault_means_to_a_builder_is_said(language: str) -> None:
    for code, means in FAULTS.items():
        found = fault_view(code, it_leaks())
        shown = fault(found, Snapshot(at_s=0.0, boot="a", state="fault", faults=(found,))).detail
        assert shown.startswith(code)
        assert shown.endswith(render(it_leaks())), shown
        assert render(means.rule) in shown


def test_every_message_is_said_whole_with_what_is_filled_in(language: str) -> None:
    seen = 0
    for declared in spoken.messages():
        message = filled(declared)
        said, english = render(message), str(message)
        if not PLACE.sub("", declared.text).strip(": "):
            continue
        seen += 1
        assert said != english, declared.code
        assert PLACE.findall(said) == [], said
        if language == "uk" and declared.where not in OF_FILES:
            assert LATIN.findall(NAMES.sub("", said)) == [], said
    assert seen > 250


def test_values_are_written_as_the_language_writes_them(language: str) -> None:
    message = Message(
        "x", "{a} {b} {c}", values={"a": Temperature(43.5), "b": Pressure(23.4), "c": Percent(0.4)}
    )
    unit = "мм рт. ст." if language == "uk" else "mmHg"
    assert render(message).replace("\u00a0", " ") == f"43,5 °C 23 {unit} 40 %"


def test_temperatures_follow_the_households_unit() -> None:
    languages.speak(Preferences(fahrenheit=True))
    assert render(Message("x", "{a}", values={"a": Temperature(43.0)})) == "109.4 °F"
    languages.speak(Preferences())
