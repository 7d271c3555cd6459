"""Service under a finger: an output goes on only while the finger is known to be there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from scenes import FAULT, ScriptedLink, idle, running
from serviced import FOUND, at_rest, broken, driving, read, sensed, tune

from app import system, usb
from app.ui import find
from hardware.errors import InstepError
from hardware.messages import Alive, CheckItself, Drive, KeepGains, Reply, Rezero, Snapshot, Stop, Tune
from hardware.safety.expectation import Expectation
from hardware.service.drive import LEASE_S, LONGEST_S
from tests.rig import Rig
from tests.said import say

pytestmark = pytest.mark.screen

FRAME_S = 1 / 30


class Finger:
    """One that can be lifted, moved, or lost."""

    def __init__(self, hand: Any, name: str) -> None:
        from kivy.tests.common import UnitTestTouch

        widget = find(hand.app.stage, name)
        assert widget is not None, f"there is no {name} here"
        self.hand = hand
        self.touch = UnitTestTouch(*widget.center)
        self.touch.touch_down()

    def lift(self) -> None:
        self.touch.touch_up()

    def slide_to(self, x: float, y: float) -> None:
        self.touch.touch_move(x, y)


def pass_by(hand: Any, seconds: float, each: Callable[[], None] = lambda: None) -> None:
    """Time goes on as it does on a screen: what is timed comes due, the machine is heard."""
    page = hand.app.stage.screen._page if hand.app.router.place == "service" else None
    for _ in range(round(seconds / FRAME_S)):
        hand.now += FRAME_S
        each()
        if getattr(page, "_event", None) is not None:
            page._event.get_callback()(FRAME_S)
        hand.app._poll()


def at(hand: Any, tab: str, snapshot: Any = None, **more: Any) -> None:
    hand.start(snapshot or at_rest(), **more)
    hand.settle()
    hand.app.go("service")
    hand.settle(1.0)
    hand.touch(f"tab-{tab}")
    hand.settle(1.0)
    past_the_card(hand)


def past_the_card(hand: Any) -> None:
    """A guest is asked before anything is driven."""
    if find(hand.app.stage, "none-of-these") is not None:
        hand.touch("none-of-these")
        hand.settle(1.0)


def test_whatever_digits_come_none_of_them_is_cut(hand: Any) -> None:
    from app.ui.widgets.base import Text

    at(hand, "inputs", sensed())
    view = sensed().inputs
    assert view is not None
    values = [40.4 if key.startswith("pad.") else of.value for key, of in view.by_key.items()]
    wide = read((400,) * 8, values, [Expectation(value, value, 4.0) for value in values])
    hand.link.show(sensed(inputs=wide))
    hand.settle()
    texts = [widget for widget in hand.app.stage.walk(restrict=True) if isinstance(widget, Text)]
    assert "expected 40.4 ± 4.0" in {text.text for text in texts}
    assert all(text.whole for text in texts)


@pytest.fixture
def drives(hand: Any) -> Callable[[], list[Any]]:
    at(hand, "outputs")
    return lambda: hand.link.of(Drive)


def test_s14_a_guest_is_asked_before_anything_is_driven_and_their_answers_hold(hand: Any) -> None:
    hand.start(at_rest())
    hand.settle()
    hand.app.go("service")
    hand.settle(1.0)
    hand.touch("tab-outputs")
    hand.settle(1.0)
    assert find(hand.app.stage, "some-of-these") is not None
    hand.touch("guest-back")
    hand.settle(1.0)
    assert find(hand.app.stage, "some-of-these") is None
    assert hand.app.page_of["service"] == "inputs", "a look at the inputs asks nobody"
    hand.touch("tab-outputs")
    hand.settle(1.0)
    hand.touch("some-of-these")
    hand.settle(1.0)
    hand.touch("applies-pregnant")
    hand.settle(1.0)
    hand.touch("these-apply")
    hand.settle(1.0)
    Finger(hand, "drive-pad.left")
    assert hand.link.of(Drive) == [Drive(output="pad.left", answers=("pregnant",))]


def test_a_held_finger_asks_again_and_again(hand: Any, drives: Callable[[], list[Any]]) -> None:
    finger = Finger(hand, "drive-knead.arch.left")
    assert drives() == [Drive(output="knead.arch.left", answers=())], "at touch-down, at once"
    pass_by(hand, 2.0)
    assert 9 <= len(drives()) <= 12
    assert set(drives()) == {Drive(output="knead.arch.left", answers=())}
    finger.lift()
    asked = len(drives())
    pass_by(hand, 2.0)
    assert len(drives()) == asked
    assert hand.link.of(Stop) == [Stop()]


def test_a_finger_that_slides_off_has_let_go(hand: Any, drives: Callable[[], list[Any]]) -> None:
    finger = Finger(hand, "drive-valve.foot")
    pass_by(hand, 0.5)
    there = find(hand.app.stage, "drive-valve.foot").center
    finger.slide_to(*find(hand.app.stage, "drive-valve.ankle").center)
    asked = len(drives())
    pass_by(hand, 1.0)
    finger.slide_to(*there)
    pass_by(hand, 1.0)
    assert len(drives()) == asked, "sliding back on does not begin again"


def test_a_finger_whose_end_is_never_told_has_a_quarter_of_a_minute(
    hand: Any, drives: Callable[[], list[Any]]
) -> None:
    Finger(hand, "drive-pad.left")
    pass_by(hand, LONGEST_S + 5)
    asked = len(drives())
    assert asked <= LONGEST_S / (LEASE_S / 3) + 1
    pass_by(hand, 5)
    assert len(drives()) == asked
    assert hand.link.of(Stop) == [Stop()]


@pytest.mark.parametrize("way", ["tab", "back", "offline", "session", "size"])
def test_leaving_ends_it(hand: Any, drives: Callable[[], list[Any]], way: str) -> None:
    Finger(hand, "drive-roll.sole.left")
    pass_by(hand, 0.5)
    match way:
        case "tab":
            hand.touch("tab-inputs")
        case "back":
            hand.now += 1
            hand.touch("back")
        case "offline":
            hand.link.connected = False
        case "session":
            hand.link.show(running())
        case "size":
            hand.app.restyle()
    hand.app._poll()
    asked = len(drives())
    hand.settle(1.0)
    pass_by(hand, 2.0)
    hand.link.connected = True
    pass_by(hand, 2.0)
    assert len(drives()) == asked
    if way == "session":
        assert hand.link.of(Stop) == [], "nobody's session is stopped by a finger in Service"


def test_a_touch_that_ends_without_a_word_is_seen(hand: Any, drives: Callable[[], list[Any]]) -> None:
    from kivy.base import EventLoop

    finger = Finger(hand, "drive-roll.sole.left")
    EventLoop.touches.remove(finger.touch)
    pass_by(hand, 1.0)
    assert len(drives()) == 1


def test_a_touch_that_came_too_early_is_no_hold_and_spoils_none(hand: Any) -> None:
    at(hand, "outputs")
    hand.touch("tab-outputs")
    early = Finger(hand, "drive-roll.sole.left")
    early.lift()
    pass_by(hand, 0.5)
    assert hand.link.of(Drive) == []
    Finger(hand, "drive-roll.sole.left")
    pass_by(hand, 0.5)
    assert len(hand.link.of(Drive)) > 1


def test_a_finger_that_arrives_twice_holds_once(hand: Any, drives: Callable[[], list[Any]]) -> None:
    first, second = Finger(hand, "drive-roll.sole.left"), Finger(hand, "drive-roll.sole.left")
    assert len(drives()) == 1
    second.lift()
    pass_by(hand, 0.5)
    assert len(drives()) > 1
    first.lift()
    asked = len(drives())
    pass_by(hand, 0.5)
    assert len(drives()) == asked


def test_one_output_at_a_time(hand: Any, drives: Callable[[], list[Any]]) -> None:
    Finger(hand, "drive-roll.sole.left")
    pass_by(hand, 0.5)
    Finger(hand, "drive-roll.sole.right")
    pass_by(hand, 1.0)
    assert {command.output for command in drives()} == {"roll.sole.left"}


def test_stop_ends_what_a_finger_still_holds(hand: Any, drives: Callable[[], list[Any]]) -> None:
    Finger(hand, "drive-roll.sole.left")
    hand.link.show(driving("roll.sole.left"))
    pass_by(hand, 0.5)
    assert find(hand.app.stage, "stop").shown
    assert not find(hand.app.stage, "back").shown
    hand.touch("stop")
    hand.link.show(at_rest(state="stopping"))
    pass_by(hand, 0.2)
    asked = len(drives())
    hand.link.show(at_rest())
    pass_by(hand, 2.0)
    assert len(drives()) == asked


def test_the_light_is_the_machines(hand: Any, drives: Callable[[], list[Any]]) -> None:
    Finger(hand, "drive-valve.ankle")
    pass_by(hand, 0.3)
    button = find(hand.app.stage, "drive-valve.ankle")
    assert not button._driven
    hand.link.show(driving("valve.ankle"))
    pass_by(hand, 0.1)
    assert button._driven
    assert button._effect.text == "24 mmHg"


def test_a_refusal_is_told(hand: Any, drives: Callable[[], list[Any]]) -> None:
    hand.link.refuse[Drive] = "The air is still being let out. Try again in a moment."
    Finger(hand, "drive-roll.sole.left")
    pass_by(hand, 0.3)
    assert _says(hand, "The air is still being let out.")


def test_a_screen_proves_its_life_while_a_pad_is_tuned_but_not_for_a_finger(hand: Any) -> None:
    at(hand, "tuning")
    assert hand.app._alive_event is None
    hand.touch("side-right")
    hand.now += 1
    hand.touch("target-minus")
    hand.now += 1
    hand.touch("tune")
    assert hand.link.of(Tune) == [Tune(side="right", target_c=37.0, answers=())]
    hand.link.show(at_rest(state="service", tune=tune()))
    hand.settle()
    assert hand.app._alive_event.timeout == pytest.approx(0.2)
    assert hand.link.of(Alive)
    hand.link.show(driving("roll.sole.left"))
    hand.settle()
    assert hand.app._alive_event is None


def test_leaving_a_tuning_stops_it(hand: Any) -> None:
    at(hand, "tuning")
    hand.link.show(at_rest(state="service", tune=tune()))
    hand.settle(1.0)
    hand.touch("tab-inputs")
    hand.settle()
    assert hand.link.of(Stop) == [], "another page of Service may be looked at meanwhile"
    hand.app.go("home")
    hand.settle()
    assert hand.link.of(Stop) == [Stop()]
    assert hand.app._alive_event is None


def test_gains_are_kept_or_left(hand: Any) -> None:
    at(hand, "tuning", at_rest(tune=tune("done", found=FOUND)))
    assert _says(hand, "0.6123")
    hand.touch("leave")
    hand.settle()
    assert hand.link.of(KeepGains) == []
    assert find(hand.app.stage, "tune")
    hand.link.show(at_rest(tune=tune("done", 700, found=FOUND)))
    hand.settle(1.0)
    hand.now += 1
    hand.touch("keep")
    assert hand.link.of(KeepGains) == [KeepGains()]
    assert _says(hand, "The new gains are in use")


def test_pressures_are_zeroed_and_a_refusal_says_why(hand: Any) -> None:
    at(hand, "air")
    hand.touch("rezero")
    assert hand.link.of(Rezero) == [Rezero()]
    assert _says(hand, "What the sensors read now is zero.")
    hand.link.refuse[Rezero] = "A bag is not empty."
    hand.now += 1
    hand.touch("rezero")
    assert _says(hand, "A bag is not empty.")


def test_the_self_test_is_run_and_can_be_stopped(hand: Any) -> None:
    at(hand, "check")
    hand.touch("check")
    assert hand.link.of(CheckItself) == [CheckItself(answers=())]
    hand.link.show(at_rest(state="self-test"))
    hand.settle()
    hand.touch("stop")
    assert hand.link.of(Stop) == [Stop()]
    hand.link.show(at_rest())
    hand.settle(0.1)
    hand.touch("back")
    assert hand.app.router.place == "service", "the second touch was meant for Stop"


def test_a_fault_is_told_in_service_and_opens(hand: Any) -> None:
    at(hand, "inputs")
    hand.link.show(broken())
    hand.settle(1.0)
    assert hand.app.router.place == "service"
    assert _says(hand, str(FAULT.title))
    hand.now += 1
    hand.touch("notice")
    hand.settle()
    assert hand.app.router.place == "fault"


@pytest.mark.parametrize("pin", ["", "4711"])
def test_from_a_fault_there_is_a_way_to_service(hand: Any, pin: str) -> None:
    """A fault that is there at the start shuts everything but its own screen."""
    hand.start(broken())
    if pin:
        hand.app.household.pin.set(pin)
    hand.settle(1.0)
    assert hand.app.router.place == "fault"
    hand.touch("detail")
    hand.settle(1.0)
    hand.touch("service")
    hand.settle(1.0)
    for digit in pin:
        assert hand.app.router.place == "pin"
        hand.settle(1.0)
        hand.touch(f"pin-{digit}")
    hand.settle(1.0)
    assert hand.app.router.place == "service"
    hand.now += 1
    hand.touch("back")
    hand.settle(1.0)
    assert hand.app.router.place == "fault"


def test_the_log_turns_its_pages(hand: Any) -> None:
    at(hand, "log")
    first = _texts(hand)
    hand.touch("log-on")
    hand.settle(1.0)
    assert _texts(hand) != first
    hand.touch("log-back")
    hand.settle(1.0)
    assert _texts(hand) == first


@pytest.mark.parametrize("plugged", [True, False])
def test_the_log_goes_onto_a_stick(hand: Any, plugged: bool, monkeypatch: Any, tmp_path: Path) -> None:
    at(hand, "log")
    page = hand.app.stage.screen._page
    written: list[bytes] = []
    stick = usb.Stick("/dev/sda1", tmp_path, "BLUE", 10**9, False, 1)

    def write(_stick: Any, name: str, chunks: Any) -> Path:
        written.extend(chunks)
        return tmp_path / name

    monkeypatch.setattr(usb, "sticks", lambda: [stick] if plugged else [])
    monkeypatch.setattr(usb, "write", write)
    monkeypatch.setattr(usb, "finish", lambda _stick: True)
    monkeypatch.setattr(page, "aside", _at_once)
    hand.touch("log-save")
    if plugged:
        assert _says(hand, "Saved as instep-log.txt on BLUE.")
        assert b"pad-sensors-disagree" in b"".join(written)
    else:
        assert _says(hand, "There is no USB stick.")


def test_shutting_down_takes_two_steps_and_stops_first(hand: Any, monkeypatch: Any) -> None:
    at(hand, "computer")
    done: list[tuple[str, int]] = []
    monkeypatch.setattr(system, "leave", lambda deed: done.append((deed, len(hand.link.of(Stop)))))
    monkeypatch.setattr(hand.app.stage.screen._page, "aside", _at_once)
    hand.touch("shut-down")
    hand.touch_at(*find(hand.app.stage, "shut-down-yes").center)
    assert done == [], "the finger that opened the question cannot answer it"
    hand.now += 1
    hand.touch("shut-down-yes")
    assert done == [("shut-down", 1)]


def test_a_computer_that_may_not_says_so(hand: Any, monkeypatch: Any) -> None:
    at(hand, "computer")

    def refuse(_deed: str) -> None:
        raise InstepError(say("Instep is not allowed to do this here."))

    monkeypatch.setattr(system, "leave", refuse)
    monkeypatch.setattr(hand.app.stage.screen._page, "aside", _at_once)
    hand.touch("restart")
    hand.now += 1
    hand.touch("restart-yes")
    assert _says(hand, "Instep is not allowed to do this here.")
    hand.now += 1
    assert find(hand.app.stage, "restart")


def test_live_readings_redraw_nothing_that_stays_the_same(hand: Any, drawn: Any) -> None:

    at(hand, "inputs")
    hand.frames(3)
    drawn = []
    hand.window.bind(on_draw=lambda *_: drawn.append(1))
    for number in range(20):
        hand.now += 0.1
        hand.link.show(msgspec.structs.replace(at_rest(), at_s=1000.0 + number))
        hand.app._poll()
        hand.frames(1)
    assert drawn == []


# --- with the real engine ---------------------------------------------------------------------------


class RigLink(ScriptedLink):
    """The real engine on the virtual machine behind the glass."""

    def __init__(self, rig: Rig) -> None:
        super().__init__()
        self.rig = rig
        rig.alive = False
        self.cut = False
        self._look()

    def _look(self) -> None:
        self.latest: Snapshot | None = self.rig.engine.snapshot()

    def send(self, command: Any, on_reply: Callable[[Reply], None] | None = None) -> None:
        self.sent.append(command)
        if self.cut:
            return
        reply = self.rig.give(command)
        if on_reply is not None:
            on_reply(reply)

    def go_on(self) -> None:
        self.rig.wait(FRAME_S)
        if not self.cut:
            self._look()
            self._new = True


def test_the_motor_itself_turns_for_as_long_as_the_finger_lies_there(hand: Any) -> None:
    rig = Rig(hand.machine, hand.programs)
    rig.ready()
    link = RigLink(rig)
    at(hand, "outputs", link=link)
    finger = Finger(hand, "drive-knead.arch.right")
    pass_by(hand, 2.0, link.go_on)
    assert rig.plant.motor_speed[3] > 0.2
    assert find(hand.app.stage, "drive-knead.arch.right")._driven
    finger.lift()
    pass_by(hand, 0.15, link.go_on)
    assert not any(rig.plant.motor_duty)
    pass_by(hand, 2.0, link.go_on)
    Finger(hand, "drive-valve.foot")
    pass_by(hand, 3.0, link.go_on)
    assert rig.plant.bag_mmhg[0] > 10
    link.cut = True
    pass_by(hand, LEASE_S + 0.2, link.go_on)
    assert rig.engine.snapshot().driven is None, "nothing arrived any more"
    pass_by(hand, 3.0, link.go_on)
    assert rig.plant.bag_mmhg[0] < 10


def _at_once(work: Callable[[], Any], done: Callable[[Any, str], None]) -> None:
    try:
        done(work(), "")
    except InstepError as error:
        done(None, str(error))


def _texts(hand: Any) -> list[str]:
    from app.ui.widgets.base import Text

    return [widget.text for widget in hand.app.stage.walk(restrict=True) if isinstance(widget, Text)]


def _says(hand: Any, words: str) -> bool:
    return any(words in text.replace("\n", " ") for text in _texts(hand))


def test_service_is_reached_with_the_pin_alone(hand: Any) -> None:
    hand.start(idle())
    hand.settle()
    hand.app.household.pin.set("4711")
    hand.app.go("service")
    hand.settle()
    assert hand.app.router.place == "pin"
