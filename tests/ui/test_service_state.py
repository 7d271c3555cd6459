"""What Service says and decides, without Kivy."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from scenes import NOW, idle
from serviced import CODES, FOUND, IN_USE, KEYS, at_rest, broken, driving, log_rows, read, sensed, tune

from app.places import ASSETS
from app.sessions.faultlog import LogRow
from app.ui.habits import time_of_day
from app.ui.state.home import home
from app.ui.state.route import Router, serviced
from app.ui.state.service import air, check, inputs, log, outputs, tuning
from app.ui.state.service import hold as holding
from app.ui.state.service.hold import AGAIN_S, Hold
from hardware import sensors
from hardware.machine import Machine, load_machine
from hardware.messages import CheckView, Drive, InputsView
from hardware.safety import pad_watch
from hardware.safety.expectation import Expectation
from hardware.service import finding
from hardware.service.drive import LEASE_S, LONGEST_S
from tests.said import say


@pytest.fixture(scope="module")
def machine() -> Machine:
    return load_machine(Path(ASSETS) / "machines" / "reference.toml")


# --- a finger ---------------------------------------------------------------------------------------


def asked(
    hold: Hold, seconds: float, down: bool = True, every_s: float = 1 / 30, since: float = 0.0
) -> list[float]:
    """When it asked."""
    times = []
    for step in range(round(seconds / every_s)):
        now = since + step * every_s
        if hold.step(now, down) is not None:
            times.append(now)
    return times


def test_a_finger_asks_again_well_within_the_lease() -> None:
    times = asked(Hold("knead.arch.left", 0.0), 3.0)
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert times[0] == 0.0
    assert max(gaps) <= AGAIN_S + 1 / 30 + 1e-9 < LEASE_S / 2
    assert Hold("knead.arch.left", 0.0).step(0.0, True) == Drive(output="knead.arch.left")


def test_the_screen_and_the_controller_mean_the_same_numbers() -> None:
    assert holding.LONGEST_S == LONGEST_S
    assert (inputs.FULL_SCALE, inputs.NTC_LOW, inputs.NTC_HIGH) == (
        sensors.FULL_SCALE, sensors.NTC_LOW, sensors.NTC_HIGH,
    )  # fmt: skip
    assert inputs.BAG_REST_MMHG == finding.BAG_REST_MMHG
    assert inputs.APART_C == pad_watch.DISAGREE_C


def test_a_finger_that_is_not_known_to_be_down_asks_for_nothing_ever_again() -> None:
    hold = Hold("valve.foot", 0.0)
    assert asked(hold, 1.0)
    assert hold.step(1.0, False) is None
    assert hold.over
    assert asked(hold, 1.0, since=1.1) == []


def test_a_finger_that_never_leaves_asks_for_a_quarter_of_a_minute() -> None:
    hold = Hold("pad.right", 0.0)
    times = asked(hold, LONGEST_S + 20)
    assert LONGEST_S - 0.5 < times[-1] < LONGEST_S
    assert hold.over


def test_what_the_machine_has_ended_is_not_begun_again_by_the_same_finger() -> None:
    hold = Hold("roll.sole.left", 0.0)
    hold.seen(False)
    assert not hold.over, "it has not begun yet"
    hold.seen(True)
    hold.seen(False)
    assert hold.step(1.0, True) is None
    assert hold.over


# --- inputs -----------------------------------------------------------------------------------------


def test_every_input_of_a_sound_machine(machine: Machine) -> None:
    lines = inputs.inputs(at_rest(), machine)
    assert len(lines) == 10
    assert (lines[0].what, lines[0].value, lines[0].source) == ("Left pad A", "24.1 °C", "input 0: 513")
    assert (lines[4].what, lines[4].value) == ("Foot bag", "2 mmHg")
    assert [line.verdict for line in lines[:9]] == ["ok"] * 9
    assert (lines[8].value, lines[9].value) == ("closed", "on")


def test_what_is_wrong_is_named(machine: Machine) -> None:
    lines = inputs.inputs(broken(), machine)
    assert [line.verdict for line in lines[:9]] == [
        "open", "ok", "short", "ok", "open", "ok", "odd", "ok", "pressed",
    ]  # fmt: skip
    assert (lines[8].value, lines[8].said) == ("pressed", ""), "not the word for a broken wire"
    assert lines[8].bad
    assert lines[9].value == "off"


def test_a_bag_that_is_full_at_rest_and_sensors_that_differ_are_odd(machine: Machine) -> None:
    view = read(CODES, (24.0, 28.0, 24.0, 24.0, 40.0, 0.0, 0.0, 0.0))
    lines = inputs.inputs(at_rest(inputs=view), machine)
    assert [line.verdict for line in lines[:5]] == ["odd", "odd", "ok", "ok", "odd"]


def test_without_pins_nothing_is_judged(machine: Machine) -> None:
    lines = inputs.inputs(at_rest(inputs=None), machine)
    assert not any(line.bad for line in lines)
    assert lines[9].value == "off"


def test_what_is_expected_stands_beside_it(machine: Machine) -> None:
    lines = inputs.inputs(sensed(), machine)
    assert (lines[0].value, lines[0].expected) == ("38.2 °C", "38.0 ± 0.5")
    assert (lines[5].value, lines[5].expected) == ("52 mmHg", "50 ± 5")
    assert [line.verdict for line in lines[:8]] == ["ok"] * 8
    assert (lines[8].expected, lines[9].expected) == ("", "")
    assert [line.expected for line in inputs.inputs(at_rest(), machine)] == [""] * 10, "an older controller"


def test_nothing_is_expected_while_nothing_can_be_said(machine: Machine) -> None:
    view = sensed().inputs
    assert view is not None
    blind = {
        key: msgspec.structs.replace(view.by_key[key], expected=Expectation(38.2, None)) for key in KEYS[:2]
    }
    snapshot = sensed(inputs=InputsView(False, view.by_key | blind))
    assert inputs.Doubts().hear(snapshot) == frozenset()
    assert [line.expected for line in inputs.inputs(snapshot, machine)[:3]] == ["", "", "38.1 ± 0.5"]


def marked(*looks: tuple[float, float]) -> list[frozenset[str]]:
    """After each look: (when, how far the left pad's A is off)."""
    doubts = inputs.Doubts()
    return [doubts.hear(sensed(off, at_s=at)) for at, off in looks]


def test_only_what_stays_off_is_marked() -> None:
    assert not any(marked(*((at / 10, -4.0 * (at % 20 == 0)) for at in range(200)))), "chance"
    steady = marked(*((at / 10, -4.0) for at in range(60)))
    assert steady[-1] == {"pad.left.a"}
    assert not any(steady[: round(inputs.OFF_S * 10)])
    nearly = marked(*((at / 10, -4.0 * (at % 9 != 0)) for at in range(1, 60)))
    assert nearly[-1] == {"pad.left.a"}, "one look that is right is chance, too"
    over = marked(*((at / 10, -4.0 * (at < 50)) for at in range(90)))
    assert over[60] == {"pad.left.a"}
    assert over[-1] == frozenset()


def test_a_mark_says_on_which_side_it_is_off(machine: Machine) -> None:
    snapshot = sensed(-4.3, 46.0)
    lines = inputs.inputs(snapshot, machine, {"pad.left.a", "bag.heel"})
    assert [line.said for line in lines[:8]] == ["low", "ok", "ok", "ok", "ok", "ok", "ok", "high"]
    assert (lines[0].bad, lines[0].unexpected) == (True, True)
    assert [line.said for line in inputs.inputs(snapshot, machine)[:2]] == ["odd", "odd"], (
        "which is not known"
    )


def test_a_controller_that_starts_anew_is_looked_at_anew() -> None:
    doubts = inputs.Doubts()
    for at in range(5):
        doubts.hear(sensed(-4.3, at_s=float(at)))
    assert doubts.hear(sensed(-4.3, at_s=0.0, boot="b2")) == frozenset()


def test_an_input_that_nothing_is_wired_to(machine: Machine) -> None:
    less = msgspec.structs.replace(machine, bag=machine.bag[:3])
    assert inputs.inputs(at_rest(), less)[7].verdict == "unused"


# --- outputs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "effect"),
    [("knead.arch.left", "arch, 30 %"), ("valve.ankle", "24 mmHg"), ("pad.right", "25.4 °C, 100 %")],
)
def test_only_what_the_machine_drives_is_lit(key: str, effect: str, machine: Machine) -> None:
    found = outputs.outputs(driving(key), machine)
    assert [output.key for output in found if output.driven] == [key]
    assert next(output for output in found if output.driven).effect == effect
    assert len(found) == 12
    assert not any(output.driven for output in outputs.outputs(at_rest(), machine))


# --- tuning -----------------------------------------------------------------------------------------


def test_tuning_from_choosing_to_keeping() -> None:
    chosen = tuning.Chosen()
    assert tuning.tuning(at_rest(), chosen).step == "choose"
    assert tuning.tuning(at_rest(), chosen).can_start
    going = tuning.tuning(at_rest(state="service", tune=tune()), chosen)
    assert (going.step, going.clock, going.can_start) == ("going", "6:52", False)
    assert "Measuring" in going.words
    done = at_rest(tune=tune("done", found=FOUND))
    found = tuning.tuning(done, chosen)
    assert found.gains[0] == ("kp", "0.5", "0.6123")
    chosen.left = tuning.result_of(done)
    assert tuning.tuning(done, chosen).step == "choose"
    again = at_rest(tune=tune("done", 500, found=FOUND, in_use=IN_USE))
    assert tuning.tuning(again, chosen).step == "found", "a later one is another"


def test_a_tuning_that_was_ended_says_why() -> None:
    said = tuning.tuning(at_rest(tune=tune("aborted", reason=say("It was stopped."))), tuning.Chosen())
    assert (said.step, said.words, said.can_start) == ("failed", "It was stopped.", True)


@pytest.mark.parametrize("more", [{"state": "fault"}, {"state": "idle"}])
def test_a_tuning_that_a_fault_has_ended_is_over(more: dict[str, str]) -> None:
    said = tuning.tuning(at_rest(tune=tune(), **more), tuning.Chosen())
    assert (said.step, said.words) == ("failed", "It was ended by a fault.")
    by_hand = driving("roll.sole.left", tune=tune())
    assert tuning.tuning(by_hand, tuning.Chosen()).step == "failed"


@pytest.mark.parametrize("seconds", [0, 1, 30, 900])
def test_the_curve_stays_in_its_frame(seconds: int) -> None:
    for curve in tuning.curves(tune(seconds=seconds)):
        for piece in curve.lines:
            assert all(0 <= x <= 1.01 and 0 <= y <= 1 for x, y in piece)


def test_the_target_stays_within_what_a_pad_can_be_tuned_at() -> None:
    chosen = tuning.Chosen()
    for _ in range(30):
        chosen.warmer(1)
    assert chosen.target_c == 40
    for _ in range(30):
        chosen.warmer(-1)
    assert chosen.target_c == 25


# --- air, self-test, log ----------------------------------------------------------------------------


def test_the_zero_is_what_lies_between(machine: Machine) -> None:
    said = air.air(at_rest(), machine)
    assert [(bag.now, bag.zero) for bag in said.bags[:2]] == [("0", "zero +1.8"), ("0", "zero +0.4")]
    assert said.can_zero
    assert not air.air(at_rest(state="stopping"), machine).can_zero


def test_the_report_of_the_self_test() -> None:
    assert check.check(at_rest()).heading == "All is sound."
    going = check.check(at_rest(state="self-test", check=CheckView(None, None, False, 12)))
    assert going.heading == "The machine is checking itself, about 12 seconds yet."
    bad = check.check(at_rest(check=CheckView(None, say("The calf bag leaks."), True, 0)))
    assert [(words, sound) for _name, words, sound in bad.lines] == [
        ("Sensors and pads are sound.", True), ("The calf bag leaks.", False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("left_s", "words"),
    [
        (18, "The machine is checking itself, about 18 seconds yet."),
        (1, "The machine is checking itself, about 1 second yet."),
        (0, "The machine is checking itself."),
    ],
)
def test_home_says_how_long_the_machine_looks_at_itself(left_s: int, words: str) -> None:
    snapshot = idle(state="self-test", check=CheckView(None, None, False, left_s))
    assert words in home(snapshot, NOW, (), None).condition


def test_the_log_in_plain_lines() -> None:
    lines = [log.line(row, NOW) for row in log_rows(9)]
    assert (lines[0].what, lines[0].detail) == (
        "Seen and cleared",
        "An air bag does not fill as it should",
    )
    assert lines[0].when == f"Today, {time_of_day(NOW - timedelta(hours=1))}"
    assert (lines[0].icon, lines[1].icon) == ("check", "warning")
    assert lines[1].detail.endswith("It leaks. (in Relax)")
    assert lines[2].detail == "Left pad: kp 0.6123, ki 0.01384, kd 6.772"
    assert lines[7].when == "Date unknown"
    assert lines[8].detail == "in Arch"


def test_a_line_of_a_later_version_is_shown_as_it_is() -> None:
    row = LogRow(key=1, at=None, what="descaled", detail={}, title=None)
    assert log.line(row, datetime.now(NOW.tzinfo)).what == "descaled"
    odd = LogRow(key=1, at=None, what="gains", detail={"side": "left", "now": {"kp": "much"}}, title=None)
    assert log.line(odd, NOW).detail == "Left pad: kp much"
    unknown = LogRow(key=1, at=None, what="fault", detail={}, title=None, code="new-one")
    assert log.line(unknown, NOW).what == "new-one"


# --- the way there ----------------------------------------------------------------------------------


def test_a_fault_does_not_drive_a_builder_out_of_service() -> None:
    router = Router()
    router.follow(at_rest(), True)
    router.go("service")
    assert router.follow(broken(), True) == "service"
    router.read_notice()
    assert router.follow(broken(), True) == "fault"


def test_stop_is_there_while_service_does_something() -> None:
    assert serviced("service", driving("roll.sole.left"))
    assert serviced("service", at_rest(state="self-test"))
    assert not serviced("service", at_rest())
    assert not serviced("home", at_rest(state="self-test"))
