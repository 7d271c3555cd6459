"""Whether everything fits: screens laid out on paper, every text and target looked at.

Started as a process of its own for each size, since :mod:`paper` lasts as long as the process; it writes the
misfits it found, one a line, and ends. Nothing is drawn. ``python tests/ui/fitting.py 800x480 de uk-large``
shows them.
"""

from __future__ import annotations

import argparse
import gc
import json
import logging
import os
import re
import shutil
import sys
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from gettext import NullTranslations
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parents[2]), str(Path(__file__).resolve().parent)]

from app.ui.languages import NAMES  # noqa: E402
from app.ui.layout import Rect  # noqa: E402
from app.ui.state.settings import COMPONENTS  # noqa: E402
from hardware.message import PLACE  # noqa: E402

SIZES = {
    "800x480": (800, 480),
    "1024x600": (1024, 600),
    "1280x400": (1280, 400),
    "1280x720": (1280, 720),
    "1280x800": (1280, 800),
    "480x800": (480, 800),
    "720x1280": (720, 1280),
}
SHM = Path("/dev/shm")
"""A thousand households take their time on a disk."""
LANGUAGES = ("en", "de", "es", "fr", "uk")

INK_ABOVE, INK_BELOW = 0.50, 0.55
"""How far a line's ink reaches from its middle, of its size: accents above, tails below."""
FIGURES = 0.40
"""The same of figures, which have neither."""
LONG_WORDS = ("WWWWW", "ЩЩЩЩЩ", "Щедрий", "Feierabendentspannung", "Ein langer Text", "Langsam und warm")
"""What people may be called and write only here; whoever may be cut has such words in it, or is whole."""
SAMPLE = (
    "home", "home-advice", "people", "ready", "ready-refused", "session-circulation", "balance", "after",
    "history", "detail", "settings-rest", "screening-some", "fault-bag-not-venting", "title-1-home",
)  # fmt: skip
"""Where paper is compared with Kivy."""
VERBATIM = {
    *NAMES.values(),
    *(part for component in COMPONENTS for part in component),
    "Instep",
}
"""Names, the same in every language."""
OWN = re.compile(
    "|".join(
        (
            "Feierabend", "Langsam und warm", "Ein langer Text", "Ten quiet", "After the run",  # own programs
            "Calves first", "Only air, only", r"evening\.toml", r"machine\.toml: ", "No space left",
            "WWW", "Щедрий", "Pull your toes",
            "Anna", "Ann$", "Jonas", "Олена", "Björn", "Maximiliane", "äéñ", "abc", r"\bJo\b", "ЩЩЩ",  # names
            "BLUE", "SANDISK", r"instep-2026\S+",
            r"\d+:\d\d [ap]m",  # in English alone
            r"channels? \d", "GPIO", r"\bk[pid]\b", r"^[a-z ]+: \d", r"\(.*(Relax|Circulation|Heel)\)",
            r"^[a-z]+(-[a-z]+)+(: | \(|$)",  # a fault's code: builders look it up
        )
    )
)  # fmt: skip
"""What a person wrote, in a program's file or as a name; and what only a builder reads."""
ROUNDING = 1.5
"""Places are on whole pixels, and edges that touch are apart."""


@dataclass(frozen=True)
class Line:
    """One line of a text as it will be drawn: where its ink is."""

    widget: Any
    words: str
    ink: Rect


def lines(text: Any) -> list[Line]:
    """The lines of a text, as Kivy lays them out in its picture and the picture in its place."""
    (wide, high), made = text.laid_out()
    left, top = text.center[0] - wide / 2, text.center[1] + high / 2
    found = []
    for words, x, y, w, h in made:
        middle = top - y - h / 2
        figures = not any(letter.isalpha() for letter in words)
        above = (FIGURES if figures else INK_ABOVE) * text.font_size
        below = (FIGURES if figures else INK_BELOW) * text.font_size
        found.append(Line(text, words, Rect(left + x, middle - below, w, above + below)))
    return found


def misfits(stage: Any, scale: float) -> Iterator[str]:
    """What does not fit on the screen that is up."""
    from app.ui.widgets.base import Icon, Text
    from app.ui.widgets.button import Touchable

    if "trouble" in stage._said:
        yield "a part of it cannot be shown"
    seen = [*_seen(_front(stage.screen)), *_seen(stage.stop)]
    window = Rect(0, 0, *stage.size)
    inked: list[Line] = []
    for text, within in seen:
        if not isinstance(text, Text) or not text.text:
            continue
        drawn = lines(text)
        if not text.whole or "".join(line.words for line in drawn).endswith("..."):
            if not (text.may_cut and any(word in text._said for word in LONG_WORDS)):
                yield f"{text._said!r} is cut in {text.width:.0f}x{text.height:.0f}"
        elif not text._wrap and len(drawn) > 1:
            yield f"{text._said!r} takes {len(drawn)} lines"
        for line in drawn:
            for place, what in ((window, "the window"), (within, "its button")):
                if place is not None and not _holds(place, line.ink):
                    yield f"{line.words!r} lies outside {what}"
        inked += drawn
    for one, other in _overlapping([(line, line.ink) for line in inked]):
        if one.widget is not other.widget:
            yield f"{one.words!r} lies on {other.words!r}"
    for icon, _within in seen:
        if isinstance(icon, Icon) and icon._rgba[3] > 0:
            side = icon.ui.g(icon._steps)
            place = icon.rect.middle(side, side)
            for line in inked:
                if _overlap(place, line.ink):
                    yield f"{line.words!r} lies on the picture {icon._icon}"
    targets = [widget for widget, _within in seen if isinstance(widget, Touchable)]
    least = 64 * scale - 1.5
    for target in targets:
        if not target.name:
            yield f"a target at {target.pos} has no name"
        if min(target.size) < least:
            yield f"{target.name} is a target of {target.width:.0f}x{target.height:.0f}"
        if not _holds(window, _rect(target)):
            yield f"{target.name} lies outside the window"
    for one, other in _overlapping(
        [*((t, _rect(t)) for t in targets), *((line, line.ink) for line in inked)]
    ):
        target, line = (one, other) if isinstance(other, Line) else (other, one)
        if isinstance(line, Line) and not isinstance(target, Line) and not _under(line.widget, target):
            yield f"{line.words!r} lies on the target {target.name}"
    for one, other in _overlapping([(target, _rect(target)) for target in targets]):
        yield f"{one.name} lies on {other.name}"


def _front(screen: Any) -> Any:
    """What is in front: a sheet hides what lies under it."""
    from app.ui.screens.balance import BalanceSheet
    from app.ui.screens.filter import FilterSheet
    from app.ui.widgets.sheet import Sheet

    covers = (child for child in screen.children if isinstance(child, BalanceSheet | FilterSheet | Sheet))
    return next(covers, screen)


def _seen(root: Any, within: Rect | None = None) -> Iterator[tuple[Any, Rect | None]]:
    """Everything that is shown under this, and the button it stands in."""
    from app.ui.widgets.button import Touchable

    if root.opacity <= 0:
        return
    yield root, within
    for child in reversed(root.children):
        yield from _seen(child, _rect(root) if isinstance(root, Touchable) else within)


def _rect(widget: Any) -> Rect:
    return Rect(*widget.pos, *widget.size)


def _under(widget: Any, root: Any) -> bool:
    while widget is not None and widget is not root:
        widget = widget.parent
    return widget is root


def _holds(place: Rect, ink: Rect) -> bool:
    return (
        ink.x >= place.x - ROUNDING
        and ink.right <= place.right + ROUNDING
        and ink.y >= place.y - ROUNDING
        and ink.top <= place.top + ROUNDING
    )


def _overlapping(placed: list[tuple[Any, Rect]]) -> Iterator[tuple[Any, Any]]:
    """Pairs of which one lies on the other."""
    reaching: list[tuple[Any, Rect]] = []
    for found, place in sorted(placed, key=lambda each: each[1].x):
        reaching = [each for each in reaching if each[1].right - place.x > ROUNDING]
        for other, where in reaching:
            if _overlap(place, where):
                yield found, other
        reaching.append((found, place))


def _overlap(one: Rect, other: Rect) -> bool:
    across = min(one.right, other.right) - max(one.x, other.x)
    along = min(one.top, other.top) - max(one.y, other.y)
    return across > ROUNDING and along > ROUNDING


def foreign(stage: Any) -> Iterator[str]:
    """What a catalogue could not translate, on a screen that speaks :class:`Marked`."""
    from app.ui.widgets.base import Text

    for text in stage.walk(restrict=True):
        if not isinstance(text, Text) or text.opacity <= 0:
            continue
        said = text._said
        if (
            re.search(r"[^\W\d_ß]{2}", said.replace("Ss", ""))
            and said not in VERBATIM
            and not OWN.search(said)
        ):
            yield f"{said!r} cannot be translated"


class Marked(NullTranslations):
    """A language in which every word is ß: what has any other letter never came past ``_()``."""

    def gettext(self, message: str) -> str:
        return "".join(re.sub(r"[^\W\d_]", "ß", part) if at % 2 == 0 else f"{{{part}}}"
                       for at, part in enumerate(PLACE.split(message)))  # fmt: skip

    def ngettext(self, one: str, many: str, count: int) -> str:
        return self.gettext(many)

    def pgettext(self, context: str, message: str) -> str:
        return self.gettext(message)


def as_laid_out(text: Any) -> list[Any]:
    """All there is to know of a text and its lines, of Kivy's own as of one on paper."""
    if hasattr(text, "laid_out"):
        size, made = text.laid_out()
    else:
        text.texture_update()
        core = text._label
        if text.text:
            core.render(real=True)
        size = text.texture_size
        made = [
            (line.words[0].text, line.x, line.y, line.w, line.h)
            for line in (core._cached_lines if text.text else ())
            if line.words and line.words[0].text.strip()
        ]
    about = (text.text, text.font_size, *text.pos, *text.size, text.opacity)
    return [*about, list(size), [list(line) for line in made]]


def sample(hand: Any, language: str, large: bool) -> Iterator[list[Any]]:
    """Some screens as they are laid out: their texts and their targets."""
    from pictures import moments

    from app.household.preferences import Preferences
    from app.ui.widgets.base import Text
    from app.ui.widgets.button import Touchable

    hand.preferences = Preferences(language=language, large_text=large)  # type: ignore[arg-type]
    for moment in moments():
        if moment.name in SAMPLE:
            hand.play(moment)
            for widget in hand.app.stage.walk(restrict=True):
                if isinstance(widget, Text):
                    yield [moment.name, *as_laid_out(widget)]
                elif isinstance(widget, Touchable):
                    yield [moment.name, widget.name, *widget.pos, *widget.size, widget.opacity]


def look(size: str, runs: Sequence[str], only: str = "") -> Iterator[str]:
    """Every moment in this size, in these languages and sizes of text; see ``main`` for how they are told."""
    hand = _on_paper(size)
    from pictures import moments

    from app.household.preferences import Preferences
    from app.ui import languages

    spoken = languages.catalogue
    for run in runs:
        other, _, wanted = run.rpartition(":")
        if other:
            size = other
            hand.resize(SIZES[size])
        language, large = _run(wanted)
        marked = language == "marked"
        languages.catalogue = (lambda _language: Marked()) if marked else spoken
        hand.preferences = Preferences(language="en" if marked else language, large_text=large)  # type: ignore[arg-type]
        for moment in moments():
            if only and only not in moment.name:
                continue
            if language == "uk" and moment.name.startswith("naming"):
                continue  # the keys that are touched there are not on the keyboard that comes up first
            hand.play(moment)
            stage = hand.app.stage
            where = f"{size} {language}{' large' if large else ''} {moment.name}"
            for misfit in foreign(stage) if marked else misfits(stage, hand.app._ui.theme.scale):
                yield f"{where}: {misfit}"
        hand.close()
        gc.collect()


def _run(told: str) -> tuple[str, bool]:
    """A language, and whether its text is large."""
    return told.removesuffix("-large"), told.endswith("-large")


def _on_paper(size: str) -> Any:
    import paper
    from stagehand import Hand, prepare

    prepare(SIZES[size])
    paper.lay_out()
    logging.disable()
    hand = Hand(SIZES[size])
    hand.draws = False
    gc.freeze()  # what has been loaded stays
    return hand


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("size", choices=SIZES)
    parser.add_argument(
        "runs",
        nargs="*",
        help='languages, "de" or "de-large", "1280x400:de" for another size, or "marked"; all by default',
    )
    parser.add_argument("--only", default="", help="only the moments whose name contains this")
    parser.add_argument("--sample", action="store_true", help="write how some screens are laid out instead")
    asked = parser.parse_args()
    every = [f"{language}{large}" for language in LANGUAGES for large in ("", "-large")]
    runs = asked.runs or every
    tempfile.tempdir = tempfile.mkdtemp(prefix="fit-", dir=SHM if os.access(SHM, os.W_OK) else None)
    try:
        if asked.sample:
            hand = _on_paper(asked.size)
            print(json.dumps([list(sample(hand, *_run(run))) for run in runs]))
        else:
            for misfit in look(asked.size, runs, asked.only):
                print(misfit)
    except Exception:
        traceback.print_exc(file=sys.__stderr__)  # what else is said goes to a log that is off
        sys.exit(1)
    finally:
        shutil.rmtree(tempfile.tempdir)


if __name__ == "__main__":
    main()
