"""Every screen in every language: all of it translated, all of it readable, large text too."""

from __future__ import annotations

import os
import re
from gettext import NullTranslations
from typing import Any, get_args

import pytest
from msgspec.structs import replace
from pictures import SIZES, moments

from app.household.preferences import Language, Preferences
from app.ui import habits, languages, words
from app.ui.state.settings import COMPONENTS

pytestmark = pytest.mark.screen

VERBATIM = {
    *languages.NAMES.values(),
    *(part for component in COMPONENTS for part in component),
    "Instep",
}
"""Names, the same in every language."""


class Marked(NullTranslations):
    """A language in which every word is ß: what has any other letter never came past ``_()``."""

    def gettext(self, message: str) -> str:
        return "".join(re.sub(r"[^\W\d_]", "ß", part) if at % 2 == 0 else f"{{{part}}}"
                       for at, part in enumerate(words.PLACEHOLDER.split(message)))  # fmt: skip

    def ngettext(self, one: str, many: str, count: int) -> str:
        return self.gettext(many)


@pytest.fixture(autouse=True)
def _in_english_again(hand: Any) -> Any:
    before = hand.preferences
    yield
    hand.preferences = before
    languages.speak(Preferences())
    habits.use(habits.Habits())


RUNS = [
    ("800x480", "de", False),
    ("800x480", "uk", False),
    ("800x480", "de", True),
    ("720x1280", "fr", True),
]
"""Those that are first to find no room. INSTEP_FIT=all has every language in every size, which takes long."""

if os.environ.get("INSTEP_FIT") == "all":
    RUNS = [(size, name, large) for size in SIZES for name in get_args(Language) for large in (False, True)]


@pytest.mark.parametrize(("size", "language", "large"), RUNS)
def test_everything_can_be_read_to_its_end(
    hand: Any, monkeypatch: Any, size: str, language: str, large: bool
) -> None:
    hand.resize(SIZES[size])
    hand.preferences = Preferences(language=language, large_text=large)
    monkeypatch.setattr(hand, "draws", False)
    cut = []
    for moment in moments():
        if language == "uk" and moment.name.startswith("naming"):
            continue  # the keys that are touched there are not on the keyboard that comes up first
        hand.play(moment)
        for text in _texts(hand.app.stage):
            text.texture_update()
            if (text.is_shortened or not text.whole) and not _persons_own(text._said):
                cut.append(f"{moment.name}: {text._said!r} in {text.width:.0f}x{text.height:.0f}")
    assert cut == []


def test_every_word_on_the_screens_can_be_translated(hand: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(languages, "catalogue", lambda _language: Marked())
    monkeypatch.setattr(hand, "draws", False)
    foreign = []
    for moment in moments():
        hand.play(moment)
        for text in _texts(hand.app.stage):
            said = text._said
            if (
                re.search(r"[^\W\d_ß]{2}", said.replace("Ss", ""))
                and said not in VERBATIM
                and not _persons_own(said)
            ):
                foreign.append(f"{moment.name}: {said!r}")
    assert foreign == []


def _texts(stage: Any) -> list[Any]:
    from app.ui.widgets.base import Text

    found = [widget for widget in stage.walk(restrict=True) if isinstance(widget, Text)]
    return [text for text in found if text.text and text.opacity > 0]


OWN = re.compile(
    "|".join(
        (
            "Feierabend", "Langsam und warm", "Ein langer Text", "Ten quiet", "After the run",  # own programs
            "Calves first", "Only air, only", r"evening\.toml", r"machine\.toml: ", "No space left",
            "Anna", "Ann$", "Jonas", "Олена", "Björn", "Maximiliane", "äéñ", "abc", "Jo$",  # names
            "BLUE", "SANDISK", r"instep-2026\S+",
            r"\d+:\d\d [ap]m",  # in English alone
            r"channels? \d", "GPIO", r"\bk[pid]\b", r"^[a-z ]+: \d", r"\(.*(Relax|Circulation|Heel)\)",
            r"^[a-z]+(-[a-z]+)+(: | \(|$)",  # a fault's code: builders look it up
        )
    )
)  # fmt: skip
"""What a person wrote, in a program's file or as a name; and what only a builder reads."""


def _persons_own(said: str) -> bool:
    return OWN.search(said) is not None


def test_a_language_is_chosen_by_a_touch_and_kept(hand: Any) -> None:
    from app.ui import find

    app = hand.start()
    hand.settle()
    hand.touch("settings")
    hand.settle()
    hand.touch("section-language")
    hand.settle()
    hand.touch("language-uk")
    hand.settle()
    assert app.household.preferences.value.language == "uk"
    assert find(app.stage, "home").text == "Додому"
    assert find(app.stage, "language-uk") is not None
    assert find(app.stage, "stop").text == "Стоп"
    hand.touch("home")
    hand.settle()
    assert any(text.text.startswith("Доброго вечора") for text in _texts(app.stage))


def test_the_look_that_follows_the_day_turns_by_itself_on_home(hand: Any) -> None:
    hand.preferences = replace(hand.preferences, look="auto")
    app = hand.start()
    hand.settle()
    assert app._ui.theme.dark
    app.wall = lambda: __import__("scenes").NOW.replace(hour=9)
    app._tick()
    assert not app._ui.theme.dark
    assert app.stage.screen is not None


def test_the_pin_stands_before_the_settings_and_is_asked_once(hand: Any) -> None:
    app = hand.start()
    app.household.pin.set("2580")
    hand.settle()
    hand.touch("settings")
    hand.settle()
    assert app.router.place == "pin"
    for digit in "2580":
        hand.settle()
        hand.touch(f"pin-{digit}")
    hand.settle()
    assert app.router.place == "settings"
    hand.touch("home")
    hand.settle()
    hand.touch("settings")
    hand.settle()
    assert app.router.place == "pin"
    hand.touch("back")
    hand.settle()
    assert app.router.place == "home"


def test_settings_act_at_once_and_touches_that_arrive_twice_act_once(hand: Any) -> None:
    app = hand.start()
    hand.settle()
    hand.touch("settings")
    hand.settle()
    hand.touch("brightness-plus")
    hand.touch("brightness-plus")
    assert app.household.preferences.value.brightness == 90
    hand.settle()
    hand.touch("large-text-True")
    hand.touch("large-text-True")
    assert app.household.preferences.value.large_text
    assert app._ui.theme.large
    hand.settle()
    assert app.router.place == "settings"
