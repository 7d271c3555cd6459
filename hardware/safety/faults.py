"""The faults: one table of what each means, to a person and to a builder, and what it does.

Which of them is present is found by protection.py; here they are only remembered. The first one wins the
screen, all are reported, and one that stops stays until a person has seen it and its cause has gone (S13).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from hardware.message import Message, as_message, says
from hardware.messages import FaultView
from hardware.safety.memory import Latched
from hardware.safety.pad_watch import Present
from hardware.words import Severity

# --- what the machine does about it ------------------------------------------------------------------


@says("Everything is off.")
def everything_off() -> None: ...


@says("All power is cut.")
def power_cut() -> None: ...


@says("The pads stay off.")
def pads_stay_off() -> None: ...


@says("This pad stays off.")
def pad_stays_off() -> None: ...


@says("This bag stays off for now.")
def bag_rests() -> None: ...


@says("This bag may be left out.")
def bag_may_be_left_out() -> None: ...


@says("Air stays off.")
def air_stays_off() -> None: ...


@says("What failed is left out.")
def left_out() -> None: ...


@says("The rest goes on.")
def rest_goes_on() -> None: ...


# --- what a person can do ----------------------------------------------------------------------------


@says("Let it cool down.")
def let_it_cool() -> None: ...


@says("Have the pad checked.")
def have_pad_checked() -> None: ...


@says("Check the pad's plug.")
def check_pad_plug() -> None: ...


@says("Take your feet out now.")
def take_feet_out() -> None: ...


@says("Let the pads cool.")
def let_pads_cool() -> None: ...


@says("Check that nothing presses on the hoses.")
def check_nothing_presses() -> None: ...


@says("Check the bag's hose, and that a foot is in it.")
def check_hose_and_foot() -> None: ...


@says("Check the bag's hose and plug.")
def check_hose_and_plug() -> None: ...


@says("Pull the bag's hose off, then take your feet out.")
def pull_hose_off() -> None: ...


@says("Check the pressure sensor's plug.")
def check_sensor_plug() -> None: ...


@says("Unlatch it (turn it or pull it), then go on here.")
def unlatch_stop() -> None: ...


@says("Start again; if it happens again, restart the machine.")
def start_again() -> None: ...


@says("Confirm it here. For an hour there is no warmth; the rest works.")
def confirm_without_warmth() -> None: ...


@says("Confirm here when it may have power again.")
def confirm_power() -> None: ...


@says("It keeps trying. If it goes on, restart the machine.")
def keeps_trying() -> None: ...


@says("Check the SD card.")
def check_card() -> None: ...


@says("See the details.")
def see_details() -> None: ...


@says("Have the machine checked.")
def have_machine_checked() -> None: ...


# --- what is wrong, and the rule that found it -------------------------------------------------------


@says("A pad got too hot.")
def pad_too_hot() -> None: ...


@says("A pad is a little too warm.")
def pad_too_warm() -> None: ...


@says("A pad read 43.0 °C or more for 3 s (heat off), or for 10 s, or 44.0 °C (stop).")
def pad_too_hot_rule() -> None: ...


@says("A pad's temperature cannot be measured.")
def pad_sensor_invalid() -> None: ...


@says("A pad sensor is open, shorted, out of range or faster than 1 °C/s.")
def pad_sensor_invalid_rule() -> None: ...


@says("The two sensors in a pad disagree.")
def pad_sensors_disagree() -> None: ...


@says("A pad's sensors were more than 3 °C apart for 10 s in all.")
def pad_sensors_disagree_rule() -> None: ...


@says("A pad's sensor is stuck.")
def pad_sensor_stuck() -> None: ...


@says("A pad sensor's word stood still for 30 s of heating while its twin's moved.")
def pad_sensor_stuck_rule() -> None: ...


@says("A pad's sensors cannot be right.")
def pad_sensors_wrong() -> None: ...


@says("Heat and reading do not belong together: both sensors came off, stick or are reversed.")
def pad_sensors_wrong_rule() -> None: ...


@says("A pad does not get warm.")
def pad_not_heating() -> None: ...


@says("Its heat makes no difference to what is read: heater, fuse or wire is open.")
def pad_not_heating_rule() -> None: ...


@says("A pad heats by itself.")
def pad_heating_by_itself() -> None: ...


@says("The pads get warm without heat: a warm room, sun or a blanket.")
def pads_warmed_from_outside() -> None: ...


@says("A pad rose with its output off. Steeply and alone: its MOSFET conducts, the rail is cut.")
def pad_heating_by_itself_rule() -> None: ...


@says("An air bag was too full.")
def bag_over_pressure() -> None: ...


@says("A bag was above 120 mmHg for 0.3 s.")
def bag_over_pressure_rule() -> None: ...


@says("An air bag does not fill as it should.")
def bag_not_filling() -> None: ...


@says("Three times below half of its target after all the air it should need: a leak, or no foot.")
def bag_not_filling_rule() -> None: ...


@says("An air bag takes air, but no pressure is felt.")
def bag_sensor_blind() -> None: ...


@says("Three fills brought no pressure: its sensor, its hose, its valve, or the pump.")
def bag_sensor_blind_rule() -> None: ...


@says("An air bag does not empty.")
def bag_not_venting() -> None: ...


@says("Above 10 mmHg 6 s after its valve was opened: valve or hose is stuck. The rail is off.")
def bag_not_venting_rule() -> None: ...


@says("The pressure of an air bag cannot be measured.")
def pressure_sensor_invalid() -> None: ...


@says("A pressure sensor was out of range for 0.5 s, or again and again.")
def pressure_sensor_invalid_rule() -> None: ...


@says("The stop button is pressed.")
def emergency_stop() -> None: ...


@says("The emergency stop's contact is open: pressed, unplugged, or its wire is broken.")
def emergency_stop_rule() -> None: ...


@says("The machine could not keep up and has stopped to be safe.")
def controller_late() -> None: ...


@says("Three ticks within a minute came more than 250 ms late.")
def controller_late_rule() -> None: ...


@says("The machine has lost touch with its motors and pads.")
def pins_lost() -> None: ...


@says("The pin daemon or chip cannot be reached, or another program has it.")
def pins_lost_rule() -> None: ...


@says("The machine was switched off from elsewhere.")
def switched_off_elsewhere() -> None: ...


@says("Another program ended the power, such as everything-off; the controller was in time.")
def switched_off_elsewhere_rule() -> None: ...


@says("What the machine had to remember for safety is damaged.")
def safety_memory_damaged() -> None: ...


@says("The file of latched faults and used heat cannot be read. All heat counts as used (S13).")
def safety_memory_damaged_rule() -> None: ...


@says("The machine cannot save what safety needs.")
def safety_memory_unsaved() -> None: ...


@says("Used heat could not be written to the disk for 30 s: no heat until it can (S13).")
def safety_memory_unsaved_rule() -> None: ...


@says("The self-test failed.")
def self_test_failed() -> None: ...


@says("A part of the machine cannot be used now.")
def part_unusable() -> None: ...


@says("At rest a sensor was invalid, a bag not empty, or a pad hot.")
def self_test_failed_rule() -> None: ...


@says("The machine stopped for a reason that this version does not know.")
def of_another_version() -> None: ...


@says("A fault remembered by another version of Instep.")
def of_another_version_rule() -> None: ...


class Fault(Struct, frozen=True, kw_only=True):
    """One row of the table: what it means, what it costs and what a person can do about it."""

    title: Message
    """What is wrong, when it stops; its code is the fault's."""
    mild: Message | None = None
    """The same when it only advises, where that is another thing to say."""
    rule: Message
    """For the builder: what was seen, for how long."""
    steps: tuple[Message, ...]
    advised: tuple[Message, ...] | None = None
    """What a person can do when it only advises, where that is another thing."""
    costs: Message | None = None
    """What the machine does without when it only advises."""
    believed_s: float = 0.0
    """How long it takes to be believed; as long its cause has to be gone before it may be cleared (S13)."""


_TABLE = (
    Fault(
        title=pad_too_hot(),
        mild=pad_too_warm(),
        rule=pad_too_hot_rule(),
        steps=(let_it_cool(), have_pad_checked()),
        advised=(let_it_cool(),),
        costs=pad_stays_off(),
        believed_s=10.0,
    ),
    Fault(
        title=pad_sensor_invalid(),
        rule=pad_sensor_invalid_rule(),
        steps=(check_pad_plug(),),
        costs=pad_stays_off(),
        believed_s=5.0,
    ),
    Fault(
        title=pad_sensors_disagree(),
        rule=pad_sensors_disagree_rule(),
        steps=(check_pad_plug(),),
        believed_s=10.0,
    ),
    Fault(
        title=pad_sensor_stuck(),
        rule=pad_sensor_stuck_rule(),
        steps=(have_pad_checked(),),
        believed_s=30.0,
    ),
    Fault(
        title=pad_sensors_wrong(),
        rule=pad_sensors_wrong_rule(),
        steps=(have_pad_checked(),),
        believed_s=30.0,
    ),
    Fault(
        title=pad_not_heating(),
        rule=pad_not_heating_rule(),
        steps=(check_pad_plug(),),
        costs=pad_stays_off(),
    ),
    Fault(
        title=pad_heating_by_itself(),
        mild=pads_warmed_from_outside(),
        rule=pad_heating_by_itself_rule(),
        steps=(take_feet_out(), have_pad_checked()),
        advised=(let_pads_cool(),),
        believed_s=20.0,
    ),
    Fault(
        title=bag_over_pressure(),
        rule=bag_over_pressure_rule(),
        steps=(check_nothing_presses(),),
        believed_s=0.3,
    ),
    Fault(
        title=bag_not_filling(),
        rule=bag_not_filling_rule(),
        steps=(check_hose_and_foot(),),
        costs=bag_may_be_left_out(),
    ),
    Fault(
        title=bag_sensor_blind(),
        rule=bag_sensor_blind_rule(),
        steps=(check_hose_and_plug(),),
        costs=bag_rests(),
    ),
    Fault(
        title=bag_not_venting(),
        rule=bag_not_venting_rule(),
        steps=(pull_hose_off(),),
        believed_s=6.0,
    ),
    Fault(
        title=pressure_sensor_invalid(),
        rule=pressure_sensor_invalid_rule(),
        steps=(check_sensor_plug(),),
        costs=air_stays_off(),
        believed_s=0.5,
    ),
    Fault(
        title=emergency_stop(),
        rule=emergency_stop_rule(),
        steps=(unlatch_stop(),),
        believed_s=0.09,
    ),
    Fault(title=controller_late(), rule=controller_late_rule(), steps=(start_again(),)),
    Fault(title=pins_lost(), rule=pins_lost_rule(), steps=(keeps_trying(),)),
    Fault(title=switched_off_elsewhere(), rule=switched_off_elsewhere_rule(), steps=(confirm_power(),)),
    Fault(
        title=safety_memory_damaged(),
        rule=safety_memory_damaged_rule(),
        steps=(confirm_without_warmth(),),
    ),
    Fault(
        title=safety_memory_unsaved(),
        rule=safety_memory_unsaved_rule(),
        steps=(check_card(),),
        costs=pads_stay_off(),
    ),
    Fault(
        title=self_test_failed(),
        mild=part_unusable(),
        rule=self_test_failed_rule(),
        steps=(see_details(),),
        costs=left_out(),
    ),
)
FAULTS: Mapping[str, Fault] = {fault.title.code: fault for fault in _TABLE}


OF_ANOTHER_VERSION = Fault(
    title=of_another_version(), rule=of_another_version_rule(), steps=(have_machine_checked(),)
)
ADVICE_STAYS_S = 10.0
"""Advice stays this long after its cause has gone: long enough to be read, and one that flickers is one."""


class _Entry(Struct):
    found: Message | None
    latched: bool
    rail_off: bool
    seen_at: float | None
    """None: it was remembered, and nobody has looked yet whether its cause is there."""

    def gone_s(self, now: float) -> float:
        """How long its cause has been gone, as far as was seen."""
        return 0.0 if self.seen_at is None else now - self.seen_at


class FaultLog:
    """The faults in force, in the order they came. What stops latches; what only advises goes by itself."""

    def __init__(self, remembered: Iterable[Latched] = ()) -> None:
        """``remembered``: what was latched when it was last kept; a code of another version stays, too."""
        self._entries: dict[str, _Entry] = {}
        for known in remembered:
            self._entries[known.code] = _Entry(as_message(known.found), True, known.rail_off, None)
        self._present: frozenset[str] = frozenset()

    def update(self, present: Mapping[str, Present], now: float) -> list[tuple[str, Present]]:
        """Take what is present at ``now``; what is new or has become graver, by code."""
        if not present and not self._entries:
            self._present = frozenset()
            return []
        for remembered in self._entries.values():
            if remembered.seen_at is None:
                remembered.seen_at = now
        news: list[tuple[str, Present]] = []
        for code, fault in present.items():
            entry = self._entries.get(code)
            if entry is None or (fault.stops and not entry.latched):
                self._entries[code] = _Entry(fault.found, fault.stops, fault.rail_off, now)
                news.append((code, fault))
            else:
                entry.seen_at, entry.found = now, fault.found  # why as it is now
        self._present = frozenset(present)
        for code, entry in list(self._entries.items()):
            if not entry.latched and entry.gone_s(now) > ADVICE_STAYS_S:
                del self._entries[code]
        return news

    def acknowledge(self, now: float) -> list[str]:
        """A person has seen them: those whose cause has been gone for as long as it took to be believed are
        cleared. Returns their codes."""
        gone = [
            code
            for code, entry in self._entries.items()
            if entry.latched and code not in self._present and entry.gone_s(now) >= fault_of(code).believed_s
        ]
        for code in gone:
            del self._entries[code]
        return gone

    @property
    def stops(self) -> bool:
        """Something is latched: no session until a person has seen it."""
        return any(entry.latched for entry in self._entries.values())

    @property
    def latched(self) -> tuple[Latched, ...]:
        """What has to be remembered until a person has acknowledged it (S13)."""
        return tuple(
            Latched(code, entry.found, entry.rail_off)
            for code, entry in self._entries.items()
            if entry.latched
        )

    @property
    def rail_off(self) -> bool:
        """The power rail is to stay dead: an output does not obey."""
        return any(entry.rail_off and entry.latched for entry in self._entries.values())

    def views(self) -> tuple[FaultView, ...]:
        """For a screen; what stops comes before what advises, each in the order it came."""
        ordered = sorted(self._entries.items(), key=lambda item: not item[1].latched)
        return tuple(self._view(code, entry) for code, entry in ordered)

    def _view(self, code: str, entry: _Entry) -> FaultView:
        fault, stops = fault_of(code), entry.latched
        severity: Severity = "stop" if stops else "advise"
        did: tuple[Message, ...]
        if stops:
            did = (power_cut(),) if entry.rail_off else (everything_off(),)
        else:
            did = (fault.costs,) if fault.costs is not None else ()
        return FaultView(
            code=code,
            part="" if entry.found is None else entry.found.part,
            severity=severity,
            title=fault.title if stops or fault.mild is None else fault.mild,
            did=did,
            works=None if stops else rest_goes_on(),
            steps=fault.steps if stops or fault.advised is None else fault.advised,
            rule=fault.rule,
            found=entry.found,
            latched=stops,
            present=code in self._present,
        )


def fault_of(code: str) -> Fault:
    """The fault's row; one that stands for those of another version."""
    return FAULTS.get(code, OF_ANOTHER_VERSION)
