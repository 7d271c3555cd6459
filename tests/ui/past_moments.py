"""Moments of the history and of comfort, in every state they have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from pictures import Moment
from scenes import household_of, idle, running

from app import usb
from app.ui.state.takeaway import TakeAway

HISTORY = ("history",)
DETAIL = ("history", "session-h-0")
DELETED = (*DETAIL, "delete")
STICK = (*HISTORY, "takeaway")


def a_stick(name: str = "BLUE", device: str = "/dev/sda1") -> usb.Stick:
    return usb.Stick(device, Path("/nowhere"), name, 10**9, read_only=False, number=0)


def with_sticks(
    *sticks: usb.Stick, trouble: Any = "", out: bool = True, hangs: bool = False
) -> Callable[[Any], None]:
    """Put these sticks in; written to at once, or with this trouble."""

    def write(_stick: usb.Stick, name: str, chunks: Any) -> Path:
        if trouble:
            raise usb.UsbError(trouble)
        for _chunk in chunks:
            pass
        return Path(name)

    def act(hand: Any) -> None:
        screen = hand.app.stage.screen
        screen.away = TakeAway(
            lambda: hand.now, lambda: list(sticks), write, lambda _stick: out, lambda work: work()
        )
        screen.update()
        if hangs:
            screen.away._spawn = lambda _work: None
        screen.update()

    return act


def written(*sticks: usb.Stick, **more: Any) -> Callable[[Any], None]:
    def act(hand: Any) -> None:
        with_sticks(*sticks, **more)(hand)
        hand.settle(1.0)
        hand.touch("write")
        hand.app.stage.screen.update()
        hand.calm()

    return act


def at(share: float) -> Callable[[Any], None]:
    """A finger on the curves."""

    def act(hand: Any) -> None:
        from app.ui import find

        curves = find(hand.app.stage, "curves")
        hand.touch_at(curves.x + share * curves.width, curves.center[1])

    return act


def after_minutes(minutes: float) -> Callable[[Any], None]:
    def act(hand: Any) -> None:
        hand.now += minutes * 60
        hand.app.refresh()

    return act


def unrated(hand: Any) -> None:
    import msgspec

    reader = hand.app.history()
    reader.known = [msgspec.structs.replace(row, before=None, after=None) for row in reader.known]
    hand.app.stage.screen.opened()


def since(days: float) -> Callable[[Any], None]:
    def act(hand: Any) -> None:
        from datetime import timedelta

        from scenes import NOW

        hand.app._past._last_at = (NOW - timedelta(days=days)).timestamp()

    return act


def refused(hand: Any) -> None:
    from hardware.messages import DeleteSession

    hand.link.refuse[DeleteSession] = "The machine does not answer. Try again in a moment."
    hand.app.removal.settle()


def moments() -> list[Moment]:
    long = a_stick("SANDISK ULTRA 128", "/dev/sdb1")
    family = household_of("Maximiliane-Josefa", "Jonas")
    return [
        Moment("history-ratings", idle(), touches=(*HISTORY, "chart-feet")),
        Moment("history-unrated", idle(), touches=(*HISTORY, "chart-feet"), acts=unrated),
        Moment("history-deleted", idle(), touches=DELETED),
        Moment("history-kept", idle(), touches=DELETED, acts=refused),
        Moment("detail-probed", idle(), touches=DETAIL, acts=at(0.62)),
        Moment("detail-probed-end", idle(), touches=DETAIL, acts=at(0.99)),
        Moment("takeaway-none", idle(), touches=STICK, acts=with_sticks()),
        Moment("takeaway", idle(), touches=STICK, acts=with_sticks(a_stick())),
        Moment(
            "takeaway-all",
            idle(),
            history={"whose": "anna"},
            touches=STICK,
            acts=with_sticks(a_stick(), long),
            before=family,
        ),
        Moment("takeaway-writing", idle(), touches=STICK, acts=written(a_stick(), hangs=True)),
        Moment("takeaway-done", idle(), touches=STICK, acts=written(a_stick())),
        *(
            Moment(f"takeaway-{trouble}", idle(), touches=STICK, acts=written(a_stick(), trouble=trouble))
            for trouble in ("gone", "full", "read-only", "differs", "failed")
        ),
        Moment("home-reminder", idle(), acts=since(5)),
        Moment("comfort-dimmed", running(), acts=after_minutes(4)),
        Moment("comfort-dark", idle(), acts=after_minutes(30)),
    ]
