"""Sessions onto a USB stick, step by step: look for one, choose, write, say what came of it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from types import EllipsisType
from typing import Any, Literal

from app import usb
from app.sessions.errors import HistoryError
from app.sessions.export import Format, csv_lines, json_lines
from app.sessions.table import Style, spreadsheet
from app.ui import habits
from app.ui.habits import number
from app.ui.words import _, plural

log = logging.getLogger(__name__)

Step = Literal["looking", "none", "choose", "writing", "done", "failed"]
LOOK_S = 2.0
CHUNK = 64 * 1024


@dataclass(frozen=True)
class Said:
    """What the screen says in large and in small."""

    head: str
    words: str


def in_thread(work: Callable[[], None]) -> None:
    """A stick may hang for as long as it likes: never in the screen's thread."""
    threading.Thread(target=work, name="usb", daemon=True).start()


class TakeAway:
    """The screen asks ``poll`` now and then; the work is done elsewhere and leaves its answer here."""

    def __init__(
        self,
        now: Callable[[], float],
        look: Callable[[], list[usb.Stick]] = usb.look,
        write: Callable[..., Any] = usb.write,
        finish: Callable[[usb.Stick], bool] = usb.finish,
        spawn: Callable[[Callable[[], None]], None] = in_thread,
    ) -> None:
        self._now, self._look, self._write, self._finish, self._spawn = now, look, write, finish, spawn
        self.step: Step = "looking"
        self.sticks: list[usb.Stick] = []
        self.device = ""
        """The chosen stick's."""
        self.form: Format = "csv"
        self.everybody = False
        self.count = 0
        """Sessions written so far."""
        self._name = ""
        self._trouble = ""
        self._out = False
        self._looking = False
        self._next_look = float("-inf")

    @property
    def stick(self) -> usb.Stick | None:
        return next((stick for stick in self.sticks if stick.device == self.device), None)

    def poll(self) -> None:
        """Look for sticks every now and then, as long as nothing is being written."""
        if self.step not in ("looking", "none", "choose") or self._looking or self._now() < self._next_look:
            return
        self._looking = True
        self._next_look = self._now() + LOOK_S
        self._spawn(self._seek)

    def start(
        self,
        reader: Any,
        person: str | EllipsisType | None,
        today: date | None,
        names: Mapping[str, str] | None = None,
    ) -> None:
        """Write to the chosen stick, a table as the language on the screen writes it. ``names`` says what
        people are called, by id; ``today`` is None where nobody knows it. A second touch changes nothing."""
        stick = self.stick
        if self.step != "choose" or stick is None:
            return
        self.step, self.count = "writing", 0
        name = f"instep-{today.isoformat()}.{self.form}" if today else f"instep.{self.form}"
        style = spreadsheet(habits.current().decimal)
        whose = dict(names or {}) if person is ... else _only(person, names or {})
        self._spawn(partial(self._carry, stick, name, self._lines(reader, person, style, whose)))

    def again(self) -> None:
        """Begin anew, after it failed or for another file."""
        if self.step in ("done", "failed"):
            self.step, self._next_look = "looking", float("-inf")

    def _seek(self) -> None:
        try:
            found = self._look()
            if self.step in ("looking", "none", "choose"):
                self.sticks = found
                if self.stick is None:
                    self.device = found[0].device if found else ""
                self.step = "choose" if found else "none"
        finally:
            self._looking = False

    def _lines(
        self, reader: Any, person: str | EllipsisType | None, style: Style, names: Mapping[str, str]
    ) -> Iterator[str]:
        if self.form == "csv":
            for at, line in enumerate(csv_lines(reader, person, style, names)):
                self.count = at  # the first is the heads of the columns
                yield line
            return
        yield from json_lines(self._counted(reader.everything(person)), names)

    def _counted(self, details: Iterable[Any]) -> Iterator[Any]:
        for count, detail in enumerate(details, 1):
            self.count = count
            yield detail

    def _carry(self, stick: usb.Stick, name: str, lines: Iterator[str]) -> None:
        try:
            self._name = self._write(stick, name, _chunks(lines)).name
            self._out = self._finish(stick)
            self.step = "done"
        except usb.UsbError as error:
            log.warning("nothing was written to %s: %s", stick.device, error)
            self._fail(error.trouble)
        except HistoryError:
            log.exception("the history cannot be exported")
            self._fail("history")
        except Exception:
            log.exception("the export failed")
            self._fail("failed")

    def _fail(self, trouble: str) -> None:
        self._trouble = trouble
        self.step = "failed"

    def said(self) -> Said:
        match self.step:
            case "looking":
                return Said(_("Looking for a stick."), _("One moment."))
            case "none":
                return Said(
                    _("Plug in a USB stick."), _("Any stick from a computer will do. What is on it stays.")
                )
            case "writing":
                return Said(_("Writing. Leave the stick in."), self._counted_words() if self.count else "")
            case "done":
                head = (
                    _("You can take it out now.") if self._out else _("All written. You can take it out now.")
                )
                words = _("{sessions} in the file {name}.").format(
                    sessions=self._counted_words(), name=self._name
                )
                return Said(head, words)
            case "failed":
                return Said(*trouble_words(self._trouble))
            case _:
                return Said(_("Your sessions for a computer"), self._stick_words())

    def _stick_words(self) -> str:
        stick = self.stick
        if stick is None:
            return ""
        if stick.read_only:
            return _("The stick {name} is write-protected.").format(name=stick.name)
        free = number(stick.free / 1e9) if stick.free >= 1e8 else number(stick.free / 1e9, 3)
        return _("The stick {name} has {free} GB free.").format(name=stick.name, free=free)

    def _counted_words(self) -> str:
        return plural("One session", "{count} sessions", self.count) if self.count else _("No sessions")


def _only(person: str | None, names: Mapping[str, str]) -> dict[str, str]:
    """What this one is called: whoever takes theirs away learns nobody else's name."""
    return {} if person is None or person not in names else {person: names[person]}


def _chunks(lines: Iterable[str]) -> Iterator[bytes]:
    kept: list[bytes] = []
    size = 0
    for line in lines:
        part = line.encode()
        kept.append(part)
        size += len(part)
        if size >= CHUNK:
            yield b"".join(kept)
            kept, size = [], 0
    if kept:
        yield b"".join(kept)


def trouble_words(trouble: str) -> tuple[str, str]:
    """What went wrong with a stick, and what to do."""
    match trouble:
        case "gone":
            return (
                _("The stick was pulled out."),
                _("Nothing is lost here. Plug it in again and try once more."),
            )
        case "full":
            return (
                _("The stick is full."),
                _("Nothing was left on it. Make room on it, or take another one."),
            )
        case "read-only":
            return (
                _("The stick is write-protected."),
                _("Some have a small switch at the side. Otherwise take another one."),
            )
        case "differs":
            return (
                _("The stick did not keep it."),
                _("What came back was not what was written: it may be worn out. Take another one."),
            )
        case "history":
            return (
                _("The history cannot be read."),
                _("Nothing was left on the stick. Your programs work all the same."),
            )
        case _:
            return (
                _("The stick cannot be written."),
                _("Nothing was left on it. Take another one."),
            )
