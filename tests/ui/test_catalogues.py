"""The words in other languages: complete, up to date, and as long as nobody looks, still right."""

from __future__ import annotations

from datetime import datetime
from gettext import NullTranslations
from typing import Any, get_args

import pytest

from app.household.preferences import Language, Preferences
from app.ui import habits, languages, words
from app.ui.speech import render
from app.ui.state import common, home
from app.ui.state.spoken import Spoken
from hardware.message import Count, Message, Part, Pressure, Title
from hardware.refusals import program_takes, your_intensity_at_most
from hardware.safety.bag_watch import bag_reads
from hardware.safety.faults import FAULTS

book = pytest.importorskip("scripts.catalogues.book")
spoken = pytest.importorskip("scripts.catalogues.spoken")

OTHERS = tuple(language for language in get_args(Language) if language != "en")


@pytest.fixture
def wanted() -> Any:
    return book.template()


@pytest.fixture(autouse=True)
def _in_english_again() -> Any:
    yield
    languages.speak(Preferences())
    habits.use(habits.Habits())


def test_every_language_that_can_be_chosen_has_its_catalogue() -> None:
    assert book.languages() == sorted(OTHERS)
    assert set(languages.NAMES) == set(languages.HABITS) == set(get_args(Language))


@pytest.mark.parametrize("language", OTHERS)
def test_no_message_is_missing_unused_unsure_or_not_compiled(language: str, wanted: Any) -> None:
    """./scripts/words finds and compiles; the new ones are to be translated by a person."""
    assert list(book.problems(language, wanted)) == []


def test_what_the_machine_says_is_said_in_the_language_spoken() -> None:
    languages.speak(Preferences(language="de"))
    for fault in FAULTS.values():
        assert render(fault.title) != str(fault.title)
    assert render(program_takes(Title("Relax"), Count(10), Count(30))) == "Ruhe dauert 10 bis 30 Minuten."
    assert render(your_intensity_at_most(Count(4))) == "Ihre Stärke ist höchstens 4."
    assert words.of_program("Feierabendentspannung") == "Feierabendentspannung"
    assert render(None) == words.of_program("") == ""


def test_a_message_that_no_catalogue_has_is_shown_as_it_was_declared() -> None:
    languages.speak(Preferences(language="de"))
    assert render(Message("of-a-later-version", "The {part} sings.", values={"part": Part("horn.left")})) == (
        "The Left horn sings."
    )


def test_a_language_may_have_a_sentence_of_its_own_for_one_part(monkeypatch: Any) -> None:
    class Own(NullTranslations):
        def pgettext(self, context: str, message: str) -> str:
            return {"bag-reads@bag.calf": "An der Wade: {now}."}.get(context, message)

    words.use(Own())
    assert render(bag_reads(Part("bag.calf"), Pressure(12.0))) == "An der Wade: 12 mmHg."
    assert render(bag_reads(Part("bag.foot"), Pressure(12.0))) == "Foot bag: reads 12 mmHg."


def test_shipped_programs_are_translated_and_a_persons_own_are_not(programs: Any) -> None:
    seen = Spoken(programs)
    assert seen["relax"].title == "Relax"
    languages.speak(Preferences(language="uk"))
    assert seen["relax"].title != "Relax"
    assert home.cards(seen)[0].line != programs["relax"].line
    assert seen["relax"].phase == programs["relax"].phase


def test_numbers_dates_and_degrees_follow() -> None:
    then, now = datetime(2026, 3, 4, 20, 5), datetime(2026, 11, 21)  # noqa: DTZ001 - a wall clock's
    expected = {
        "en": ("39.2 °C", "8:05 pm", "4 March"),
        "de": ("39,2 °C", "20:05", "4. März"),
        "es": ("39,2 °C", "20:05", "4 de marzo"),
        "fr": ("39,2 °C", "20:05", "4 mars"),
        "uk": ("39,2 °C", "20:05", "4 березня"),
    }
    for language, said in expected.items():
        languages.speak(Preferences(language=language))  # type: ignore[arg-type]
        assert (common.degrees(39.2), common.oclock(then), common.day(then, now)) == said
    languages.speak(Preferences(language="de", fahrenheit=True))
    assert common.degrees(38.0, 0) == "100 °F"
    assert common.degrees_apart(39.2) == ("102,6", "°F")


def test_plurals_follow_the_language() -> None:
    languages.speak(Preferences(language="uk"))
    said = [words.plural("{count} day", "{count} days", count) for count in (1, 2, 5, 21)]
    assert said == ["1 день", "2 дні", "5 днів", "21 день"]


def test_a_catalogue_that_cannot_be_read_leaves_english(tmp_path: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(languages, "WORDS", tmp_path)
    words.use(languages.catalogue("de"))
    assert words._("Stop") == "Stop"
