"""What every screen has: its place, its way out, and the desk it asks for things."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from app.ui.layout import Rect
from app.ui.theme import MARGIN
from app.ui.widgets.base import Element, Ui
from app.ui.widgets.button import Touchable

if TYPE_CHECKING:
    # The first frame needs none of these.
    from app.household.household import Household
    from app.ui.ports import HistoryReader
    from app.ui.state.home import Choices
    from app.ui.state.lock import Lock
    from app.ui.state.removal import Removal
    from app.ui.state.route import Router
    from app.ui.state.session import SessionModel
    from app.ui.state.sitting import Sitting
    from app.ui.state.turning import Turning
    from hardware.machine import Machine
    from hardware.message import Message
    from hardware.messages import Command, Reply, Snapshot
    from hardware.program import Program

T = TypeVar("T")

WAY_OUT = (19.5, 9.0)
"""Stop's size, grid steps. Every screen's way out is there too: bottom right."""


class Desk(Protocol):
    """What a screen may ask of the app."""

    programs: Mapping[str, Program]
    machine: Machine
    household: Household
    problems: Sequence[Message]
    wrong: str
    """Why the machine file cannot be used; empty when it can."""
    router: Router
    choices: Choices | None
    """What Get ready is about."""
    shown_session: str
    """What the curves are about."""
    lock: Lock
    removal: Removal
    """The session that is being deleted."""
    sitting: Sitting
    turning: Turning
    """Which way round the picture is."""
    page_of: dict[str, str]
    """Which page of a screen was open: a screen that is built anew comes back to it."""

    @property
    def model(self) -> SessionModel: ...
    @property
    def snapshot(self) -> Snapshot | None: ...
    def wall(self) -> datetime: ...
    def send(self, command: Command, on_reply: Callable[[Reply], None] | None = None) -> None: ...
    def refresh(self) -> None:
        """Show at once what has changed."""

    def go(self, place: Any) -> None:
        """Lead there; past the PIN pad where a PIN guards it."""

    def offers(self, place: Any) -> bool:
        """Whether there is such a screen."""

    def sit(self, person: str | None) -> None:
        """Somebody sits here now; None is a guest."""

    def restyle(self) -> None:
        """The household's preferences have changed: build every screen anew."""

    def look(
        self,
        read: Callable[[HistoryReader], T],
        done: Callable[[T], None],
        failed: Callable[[], None] = lambda: None,
    ) -> None:
        """Look into the history without waiting: ``read`` runs in another thread, ``done`` gets what it found
        in this one, or ``failed`` hears that it cannot be read."""

    def aside(self, work: Callable[[], T], done: Callable[[T], None]) -> None:
        """Do what may wait for a disk in another thread; ``done`` gets it in this one."""

    def history(self) -> HistoryReader | None:
        """The reader, for another thread to use; None when it cannot be had."""

    def last_session(self) -> tuple[Program, Choices] | None:
        """The last session, if its program is still there; None too while it is not known."""

    def sessions_this_week(self) -> int | None: ...
    def reminder(self) -> str:
        """One quiet line for Home, or nothing."""

    def expect_start(self, expected: bool) -> None:
        """A Start is on its way: Stop is to be in reach from now on, until it is known to be lost."""

    @property
    def expects_start(self) -> bool: ...


WONDER_S = 0.5
"""What is read shows that it is awaited when it takes longer than this."""


def way_out(ui: Ui, rect: Rect) -> Rect:
    """Where Stop is, and on other screens the button that leaves."""
    margin = ui.g(MARGIN)
    width, height = ui.g(WAY_OUT[0]), ui.g(WAY_OUT[1])
    return Rect(rect.right - margin - width, rect.y + margin, width, height)


def rearm(root: Element) -> None:
    """What is new under ``root`` is not to feel the touch that brought it up."""
    now = root.ui.now()
    for widget in root.walk(restrict=True):
        if isinstance(widget, Touchable):
            widget.opened_at = now


class Screen(Element):
    """A full screen, built for one size; a new size gets a new one."""

    def __init__(self, ui: Ui, rect: Rect, desk: Desk) -> None:
        super().__init__(ui, rect)
        self.desk = desk
        self.portrait = rect.h > rect.w
        self.page = rect.inset(ui.g(MARGIN))
        self.out = way_out(ui, rect)

    @classmethod
    def warm(cls, ui: Ui, rect: Rect) -> None:
        """Do what takes long before the screen is wanted."""

    def opened(self) -> None:
        """The screen has come up: from now on touches count."""
        self.rearm()

    def left(self) -> None:
        """Another screen takes over, or the machine cannot be heard any more."""

    def rearm(self, root: Element | None = None) -> None:
        """What is new under ``root``, or everything, is not to feel the touch that brought it up."""
        rearm(root or self)

    def update(self) -> None:
        """Show the latest."""

    def curves_ready(self) -> None:
        """The recorder has had a moment to write down the session that has just ended."""

    def beside_out(self) -> Rect:
        """The rest of the bottom row, left of the way out."""
        gap = self.ui.g(1.5)
        return Rect(self.page.x, self.out.y, self.out.x - gap - self.page.x, self.out.h)
