"""One moment of every screen, sheet and page, for what has to hold wherever a person happens to be."""

from __future__ import annotations

from typing import Any

from pictures import Moment, moments

SCENES: dict[str, str] = {
    "home": "home",
    "home-many-2": "home",
    "comfort-dark": "home",
    "ready-again": "ready",
    "ready-guest-card": "ready",
    "ready-warming": "ready",
    "ready-doctor": "ready",
    "session-relax": "session",
    "session-paused": "session",
    "session-guide": "session",
    "balance": "session",
    "comfort-dimmed": "session",
    "pain": "pain",
    "after-rated": "after",
    "history-deleted": "history",
    "history-filter": "history",
    "detail-probed": "detail",
    "takeaway": "takeaway",
    "takeaway-writing": "takeaway",
    "people": "people",
    "person": "person",
    "farewell": "person",
    "naming": "naming",
    "screening-yes": "screening",
    "screening-some": "screening",
    "settings": "settings",
    "settings-lock": "settings",
    "pin": "pin",
    "pin-new": "pin",
    "service-inputs": "service",
    "service-outputs-driven": "service",
    "service-tuning-going": "service",
    "service-air": "service",
    "service-check-going": "service",
    "service-log": "service",
    "service-computer-asks": "service",
    "fault": "fault",
    "fault-detail": "fault",
    "offline": "offline",
    "waking": "offline",
}
"""Moments of ``pictures`` and the screen that each is on."""

SCREENS: dict[str, str] = {place: scene for scene, place in reversed(SCENES.items())}
"""The screens, each with its first scene."""

_known: dict[str, Moment] = {}


def go_to(hand: Any, scene: str) -> None:
    """Bring the kiosk there; nothing is drawn."""
    if not _known:
        _known.update((moment.name, moment) for moment in moments())
    was, hand.draws = hand.draws, False
    try:
        hand.play(_known[scene])
    finally:
        hand.draws = was
    assert hand.app._shown == SCENES[scene], scene


def says(hand: Any, words: str) -> bool:
    from app.ui.widgets.base import Text

    return any(
        isinstance(widget, Text) and words in widget.text.replace("\n", " ")
        for widget in hand.app.stage.walk(restrict=True)
    )


def stop_acts(hand: Any) -> bool:
    """A finger comes down where Stop always is. Whether Stop was sent, by that alone: no frame, no clock."""
    from app.ui.screens.base import way_out
    from hardware.messages import Stop

    stop = hand.app.stage.stop
    place = way_out(hand.app._ui, hand.app._rect)
    assert (*stop.pos, *stop.size) == (place.x, place.y, place.w, place.h)
    before = len(hand.link.of(Stop))
    hand.touch_at(*place.center)
    return bool(stop.shown and len(hand.link.of(Stop)) == before + 1)


def feel(hand: Any, x: float, y: float) -> None:
    """As ``hand.touch_at``, with a mistake ending where the loop lets it end."""
    from kivy.base import ExceptionManager

    try:
        hand.touch_at(x, y)
    except Exception as error:
        if ExceptionManager.handle_exception(error) != ExceptionManager.PASS:
            raise
