"""The picture and its touches turned together, judged by what the panel shows and where it is touched."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from scenes import running
from serviced import at_rest

from app.household.household import Household
from app.household.mounting import ROTATIONS, Mounting
from app.places import Places
from app.ui import find
from app.ui.state.turning import ANSWER_S, Turning
from hardware.errors import InstepError
from hardware.messages import Stop
from tests.said import say

pytestmark = pytest.mark.screen

PANELS = {"lying": (800, 480), "upright": (270, 480)}
"""An upright one of 720x1280, in small: what is drawn offscreen never grows over the window's first size."""


def house(folder: Path, rotation: Any = 0) -> Household:
    (folder / "mounting.json").write_text(json.dumps({"version": 1, "rotation": rotation}))
    return Household(Places(folder))


def red_at(hand: Any) -> tuple[float, float]:
    """Where the panel shows Stop's colour: shares of its size, from its own bottom left."""
    width, height, raw = hand.pixels()
    red, green, blue = (round(255 * part) for part in hand.app._ui.color("warning")[:3])
    xs, ys = [], []
    for y in range(0, height, 3):
        for x in range(0, width, 3):
            at = (y * width + x) * 3
            if max(abs(raw[at] - red), abs(raw[at + 1] - green), abs(raw[at + 2] - blue)) <= 3:
                xs.append(x)
                ys.append(y)
    assert len(xs) > 100, "there is no Stop to be seen"
    # Two small icons have that colour, too: the middle one of all is on Stop.
    return median(xs) / (width - 1), 1 - median(ys) / (height - 1)


CORNER = {0: (1, 0), 90: (0, 0), 180: (0, 1), 270: (1, 1)}
"""Where the picture's bottom right is on the panel when it is turned clockwise by so much."""


@pytest.mark.parametrize("rotation", ROTATIONS)
@pytest.mark.parametrize("panel", PANELS)
def test_s3_stop_is_where_the_panel_shows_it(hand: Any, tmp_path: Path, panel: str, rotation: int) -> None:
    hand.resize(PANELS[panel])
    hand.start(running(), household=house(tmp_path, rotation))
    hand.settle()
    seen = red_at(hand)
    assert (round(seen[0]), round(seen[1])) == CORNER[rotation]
    assert not hand.link.of(Stop)
    hand.touch_panel(1 - seen[0], 1 - seen[1])
    assert not hand.link.of(Stop), "nor does the opposite corner stop"
    hand.touch_panel(*seen)
    assert hand.link.of(Stop) == [Stop()]


@pytest.fixture
def unseen(hand: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Where only places matter: drawing takes most of the time."""
    monkeypatch.setattr(hand, "draws", False)
    return hand


def to_the_arrows(hand: Any, household: Household, snapshot: Any = None) -> None:
    hand.start(snapshot or at_rest(), household=household)
    hand.settle()
    hand.app.go("service")
    for name in ("tab-computer", "rotation"):
        hand.settle(1.0)
        hand.touch(name)
    hand.settle(1.0)


def shows(hand: Any, name: str) -> bool:
    return find(hand.app.stage, name) is not None


def on_disk(folder: Path) -> int:
    return int(json.loads((folder / "mounting.json").read_text())["rotation"])


@pytest.mark.parametrize(
    ("arrow", "turned"), [("turn-right", 90), ("turn-down", 180), ("turn-left", 270), ("turn-up", 0)]
)
@pytest.mark.usefixtures("unseen")
def test_the_arrow_that_points_up_makes_it_the_top(
    hand: Any, tmp_path: Path, arrow: str, turned: int
) -> None:
    to_the_arrows(hand, house(tmp_path))
    hand.touch(arrow)
    hand.frames(2)
    assert hand.window.rotation == -turned % 360
    assert hand.window.size == ((800, 480) if turned % 180 == 0 else (480, 800))
    assert on_disk(tmp_path) == 0, "nothing is kept before somebody says so"
    hand.settle(1.0)
    assert shows(hand, "turn-keep") == (turned != 0)
    if turned:
        hand.touch("turn-keep")
        assert on_disk(tmp_path) == turned
        hand.settle(ANSWER_S + 5)
        hand.app._tick()
        assert hand.window.rotation == -turned % 360
        assert shows(hand, "turn-up")


def test_without_an_answer_it_turns_back_by_itself(hand: Any, tmp_path: Path) -> None:
    to_the_arrows(hand, house(tmp_path, 180))
    before = panel_shows(hand)
    hand.touch("turn-down")
    hand.settle(ANSWER_S - 1)
    hand.app._tick()
    assert hand.window.rotation == 0
    hand.settle(1.1)
    hand.app._tick()
    hand.frames(2)
    assert hand.window.rotation == 180
    assert panel_shows(hand) == before, "the picture has turned back, not only its touches"
    assert on_disk(tmp_path) == 180
    assert shows(hand, "turn-up")


def panel_shows(hand: Any) -> bytes:
    return bytes(hand.pixels()[2])


@pytest.mark.parametrize("way", ["tab", "back", "offline", "session"])
@pytest.mark.usefixtures("unseen")
def test_who_leaves_has_not_said_that_it_is_right(hand: Any, tmp_path: Path, way: str) -> None:
    to_the_arrows(hand, house(tmp_path))
    hand.touch("turn-left")
    hand.settle(1.0)
    assert hand.window.rotation == 90
    match way:
        case "tab" | "back":
            hand.touch({"tab": "tab-log", "back": "back"}[way])
        case "offline":
            hand.link.connected = False
        case "session":
            hand.link.show(running())
    hand.settle(1.0)
    assert hand.window.rotation == 0
    assert on_disk(tmp_path) == 0


@pytest.mark.usefixtures("unseen")
def test_what_cannot_be_kept_is_said_and_stays_for_now(
    hand: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    household = house(tmp_path)

    def full(_value: Mounting) -> None:
        raise InstepError(say("mounting.json cannot be written: No space left on device"))

    monkeypatch.setattr(household.mounting, "save", full)
    to_the_arrows(hand, household)
    hand.touch("turn-down")
    hand.settle(1.0)
    hand.touch("turn-keep")
    hand.settle(ANSWER_S + 5)
    hand.app._tick()
    assert hand.window.rotation == 180
    assert "mounting.json" in hand.app.stage.screen._page._line.text


@pytest.mark.usefixtures("unseen")
def test_the_picture_is_not_turned_while_the_machine_moves(hand: Any, tmp_path: Path) -> None:
    to_the_arrows(hand, house(tmp_path), at_rest(state="self-test"))
    hand.touch("turn-down")
    assert hand.window.rotation == 0


@pytest.mark.usefixtures("unseen")
def test_a_rotation_that_there_is_not_turns_nothing(tmp_path: Path) -> None:
    assert house(tmp_path, 45).mounting.value.rotation == 0


def test_a_file_that_makes_no_sense_turns_nothing_and_is_told(hand: Any, tmp_path: Path) -> None:
    (tmp_path / "mounting.json").write_text("{rotation")
    household = Household(Places(tmp_path))
    assert household.mounting.value.rotation == 0
    to_the_arrows(hand, household)
    assert hand.window.rotation == 0
    assert "mounting.json" in hand.app.stage.screen._page._line.text


def test_a_second_attempt_goes_back_to_where_the_first_began(tmp_path: Path) -> None:
    shown: list[int] = []
    clock = [0.0]
    turning = Turning(house(tmp_path, 90).mounting, shown.append, lambda: clock[0])
    turning.attempt(90)
    clock[0] = 10.0
    turning.attempt(180)
    assert turning.left_s == ANSWER_S
    clock[0] = 10.0 + ANSWER_S
    turning.tick()
    assert shown == [180, 0, 90]
    assert not turning.asked


def test_a_rotation_for_one_time_is_not_kept(tmp_path: Path) -> None:
    shown: list[int] = []
    turning = Turning(house(tmp_path).mounting, shown.append, lambda: 0.0, rotation=270)
    turning.begin()
    assert (shown, on_disk(tmp_path)) == ([270], 0)
