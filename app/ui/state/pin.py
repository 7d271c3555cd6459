"""The PIN pad as plain values: what has been typed, what it says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from app.household.pin import DIGITS
from app.ui.speech import render
from app.ui.words import _, plural
from hardware.errors import InstepError


class PinStore(Protocol):
    @property
    def wait_s(self) -> float: ...
    def opens(self, digits: str) -> bool: ...
    def set(self, digits: str) -> None: ...


@dataclass
class PinEntry:
    """Asks for the PIN or, ``setting``, twice for a new one."""

    pin: PinStore
    setting: bool = False
    typed: str = ""
    _first: str = field(default="", repr=False)
    _said: str = ""

    @property
    def heading(self) -> str:
        if not self.setting:
            return _("Your PIN")
        return _("The same again") if self._first else _("Choose four digits")

    @property
    def wait_s(self) -> int:
        """Whole seconds until the next try is looked at."""
        return 0 if self.setting else -int(-self.pin.wait_s // 1)

    @property
    def words(self) -> str:
        """What stands below the dots."""
        if self.wait_s > 60:
            return plural(
                "Too many tries. The next is possible in {count} minute.",
                "Too many tries. The next is possible in {count} minutes.",
                -(-self.wait_s // 60),
            )
        if self.wait_s:
            return plural(
                "Too many tries. The next is possible in {count} second.",
                "Too many tries. The next is possible in {count} seconds.",
                self.wait_s,
            )
        if self._said:
            return self._said
        if self.setting:
            return _("It guards the settings. Massages need no PIN.")
        return _("The settings are locked.")

    @property
    def alarming(self) -> bool:
        return bool(self._said or self.wait_s)

    def press(self, digit: str) -> bool:
        """One more digit; True when the pad has done its work."""
        if self.wait_s:
            return False
        self._said = ""
        self.typed = (self.typed + digit)[:DIGITS]
        if len(self.typed) < DIGITS:
            return False
        typed, self.typed = self.typed, ""
        try:
            return self._keep(typed) if self.setting else self._try(typed)
        except InstepError as error:
            self._first, self._said = "", render(error.message)
            return False

    def erase(self) -> None:
        self.typed = self.typed[:-1]

    def _try(self, typed: str) -> bool:
        if self.pin.opens(typed):
            return True
        self._said = _("That was not it.")
        return False

    def _keep(self, typed: str) -> bool:
        if not self._first:
            self._first = typed
            return False
        first, self._first = self._first, ""
        if first != typed:
            self._said = _("The two were not the same. Choose anew.")
            return False
        self.pin.set(typed)
        return True
