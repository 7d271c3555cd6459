"""From contacts to touches of Kivy's, and from a screen that feels nothing to a session that ends."""

from __future__ import annotations

from typing import Any

import pytest
from scenes import running

from app.touch.contact import Contact
from app.ui.app import UNFELT_S
from hardware.messages import Alive, Stop

pytestmark = pytest.mark.screen


class Scripted:
    hears = True

    def __init__(self) -> None:
        self.waits: list[Contact] = []

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def take(self) -> list[Contact]:
        found, self.waits = self.waits, []
        return found


class Frames:
    """Kivy's loop, as far as fingers go: a touch is where it is when it is told of."""

    def __init__(self) -> None:
        from app.ui.fingers import Fingers

        self.source = Scripted()
        self.fingers = Fingers(self.source)

    def frame(self, *contacts: Contact) -> list[tuple[str, Any, float, float]]:
        self.source.waits += contacts
        told: list[tuple[str, Any]] = []
        self.fingers.update(lambda what, touch: told.append((what, touch)))
        return [(what, touch.id, round(touch.sx, 3), round(touch.sy, 3)) for what, touch in told]


def test_a_touch_comes_down_where_it_came_down_and_moves_in_the_next_frame() -> None:
    frames = Frames()
    assert frames.frame(Contact("down", 1, 0.9, 0.9), Contact("move", 1, 0.1, 0.2)) == [
        ("begin", 1, 0.9, 0.1)
    ]
    assert frames.frame() == [("update", 1, 0.1, 0.8)]
    assert frames.frame(Contact("up", 1)) == [("end", 1, 0.1, 0.8)]
    assert frames.frame(Contact("move", 1, 0.5, 0.5), Contact("up", 1)) == [], "nobody's"


def test_a_tap_within_a_frame_and_one_after_it_are_two_touches() -> None:
    frames = Frames()
    tap = (Contact("down", 1, 0.5, 0.5), Contact("move", 1, 0.6, 0.5), Contact("up", 1))
    again = (Contact("down", 2, 0.2, 0.5), Contact("up", 2))
    assert [what for what, *_ in frames.frame(*tap, *again)] == ["begin", "end", "begin", "end"]
    assert frames.frame() == []


def test_a_contact_that_begins_anew_has_ended() -> None:
    frames = Frames()
    palm, mouse = Contact("down", "palm", 0.1, 0.1), Contact("down", "mouse", 0.5, 0.5)
    assert [what for what, *_ in frames.frame(palm, mouse)] == ["begin", "begin"]
    assert [(what, key) for what, key, *_ in frames.frame(mouse)] == [("end", "mouse"), ("begin", "mouse")]


def test_a_screen_that_feels_nothing_says_so_and_does_not_prove_that_it_lives(hand: Any) -> None:
    app = hand.start(running())
    feels = [True]
    app._feels = lambda: feels[0]
    app._prove()
    sent = len(hand.link.of(Alive))
    assert sent
    feels[0] = False
    app._prove()
    assert len(hand.link.of(Alive)) == sent
    hand.now += UNFELT_S / 2
    app._tick()
    assert not _told(app), "a plug that is put back at once is nothing to speak of"
    hand.now += UNFELT_S
    app._tick()
    assert _told(app)
    hand.touch("stop")
    assert hand.link.of(Stop) == [Stop()], "a finger that comes all the same"
    app.restyle()
    app._tick()
    assert _told(app), "whatever is built anew meanwhile"
    feels[0] = True
    app._prove()
    app._tick()
    assert len(hand.link.of(Alive)) == sent + 1
    assert not _told(app)


def _told(app: Any) -> bool:
    from app.ui.widgets.base import Text

    return any(
        isinstance(widget, Text) and "does not feel" in widget.text.replace("\n", " ")
        for widget in app.stage.walk()
    )


def test_what_flickers_on_stop_does_not_keep_it_from_acting(hand: Any) -> None:
    hand.start(running())
    for _ in range(10):
        hand.now += 0.05
        hand.touch("stop")
    assert len(hand.link.of(Stop)) == 5
