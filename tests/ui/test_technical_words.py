"""What only a builder asks for is said in the person's language, too: details of faults, findings, tuning."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import get_args

import pytest

from app.household.preferences import Language, Preferences
from app.ui import habits, languages
from app.ui.sentences import SENTENCES
from app.ui.state.fault import fault
from app.ui.words import PLACEHOLDER, told
from hardware.board.interface import Readings
from hardware.machine import Machine
from hardware.messages import FaultView, Snapshot
from hardware.safety.faults import FAULTS
from hardware.service.finding import look

OTHERS = tuple(language for language in get_args(Language) if language != "en")
NAMES = re.compile(
    r"MOSFET|pigpio\w*|sudo systemctl (?:re)?start|everything-off|instep virtual|BrokenPipeError"
    r"|mmHg|Instep|README"
)
LATIN = re.compile(r"[A-Za-z]{4,}")
"""Four letters and more: an English word that was left standing, where the language is Ukrainian."""
BUILT_WITH = (
    "The {side}",
    "A {side}",
    "The {zone}",
    "Air for",
    "Tuning",
    "no pigpio",
    "the pigpio",
    "the pins",
)


@pytest.fixture(params=OTHERS)
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    languages.speak(Preferences(language=request.param))
    yield request.param
    languages.speak(Preferences())
    habits.use(habits.Habits())


def said(text: str, language: str) -> str:
    """``text`` as it is told; that nothing of it stayed English is checked."""
    found = told(text)
    assert found != text
    assert language != "uk" or LATIN.findall(NAMES.sub("", found)) == [], found
    return found


def filled_in(sentence: str) -> tuple[str, list[str]]:
    """A sentence as the machine says it, and the numbers in it."""
    words = {"side": "left", "zone": "sole", "place": "127.0.0.1:8888", "why": "BrokenPipeError"}
    words["other"] = "right" if "{side}" in sentence else "calf"
    names = PLACEHOLDER.findall(sentence)
    numbers = [name for name in names if name not in words]
    values = {name: words.get(name, f"{40 + at}.5") for at, name in enumerate(names)}
    return sentence.format(**values), [values[name].replace(".", ",") for name in numbers]


def test_what_every_fault_means_to_a_builder_is_said(language: str) -> None:
    for code, means in FAULTS.items():
        found = FaultView(code, means.words, f"{means.technical} It leaks.", "stop", True, True)
        shown = fault(found, Snapshot(at_s=0.0, boot="a", state="fault", faults=(found,))).detail
        assert shown.partition(": ")[0].rstrip("\u00a0 :") == code or shown.startswith(code)
        assert shown.endswith(told("It leaks.")), shown
        assert said(means.technical, language) in shown


def test_what_is_filled_in_is_said_with_it(language: str) -> None:
    built_with = [sentence for sentence in SENTENCES if sentence.startswith(BUILT_WITH)]
    assert len(built_with) > 20
    for sentence in built_with:
        text, numbers = filled_in(sentence)
        found = said(text, language)
        assert all(number in found for number in numbers), found
        for name in ("side", "zone"):
            word = {"side": "left", "zone": "sole"}[name]
            assert f"{{{name}}}" not in sentence or told(word) in found, found


def test_one_sentence_ends_where_the_next_begins(language: str) -> None:
    both = "The left pad is at 47.5 °C at rest. The calf bag reads 31 mmHg at rest, which should be about 0."
    found = said(both, language)
    assert "47,5" in found
    assert "31" in found
    assert found == " ".join(told(part) for part in re.split(r"(?<=\.) (?=T)", both))


def test_what_a_look_finds_is_said(language: str, machine: Machine) -> None:
    cold = Readings(0.0, ((None, 24.2),) * len(machine.pad), (40.0,) * len(machine.bag), False)
    finding = look(cold, machine)
    assert "24,2 °C" in said(finding.heat, language)
    assert "40" in said(finding.air, language)


def test_a_persons_own_words_stay_in_a_sentence(language: str) -> None:
    assert "J. Smith" in told("There is a J. Smith already.")
    assert told("My feet. Both of them.") == "My feet. Both of them."
