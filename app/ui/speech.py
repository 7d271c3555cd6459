"""Messages in the reader's words: the language, the units and the names of parts that the screen uses."""

from __future__ import annotations

import errno

from app.glyphs import drawable
from app.ui import habits
from app.ui.state import common
from app.ui.state.service import parts
from app.ui.words import _, of_program, template
from hardware.message import Message, Speech
from hardware.message import render as put_into_words


class Screen(Speech):
    """Speaks as the household has chosen."""

    @property
    def decimal(self) -> str:  # type: ignore[override]
        return habits.current().decimal

    @property
    def fahrenheit(self) -> bool:  # type: ignore[override]
        return habits.current().fahrenheit

    def text(self, message: Message) -> str:
        return template(message)

    def part(self, key: str) -> str:
        return parts.named(key) or super().part(key)

    def zone(self, zone: str) -> str:
        return common.zone(zone)

    def kind(self, kind: str) -> str:
        return common.kind(kind)

    def title(self, title: str) -> str:
        return drawable(of_program(title))

    def foreign(self, words: str, number: int) -> str:
        known = {
            errno.ENOSPC: _("No space left on device"),
            errno.EACCES: _("Permission denied"),
            errno.EROFS: _("Read-only file system"),
        }
        return known.get(number, words)

    def pressure(self, mmhg: float) -> str:
        return parts.pressure(mmhg)

    def percent(self, share: float) -> str:
        return parts.share(share)

    def seconds(self, s: float) -> str:
        return _("{seconds} s").format(seconds=self.number(s))

    def minutes(self, minutes: float) -> str:
        return _("{count} min").format(count=self.number(minutes))


_SCREEN = Screen()


def render(said: Message | None) -> str:
    """``said`` in the language spoken now; empty when nothing was said."""
    return "" if said is None else put_into_words(said, _SCREEN)
