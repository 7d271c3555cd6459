"""The numbers of the safety rules S1 to S18, as the judges hold them: written anew, shared with nobody.

What is judged has its own numbers elsewhere. A rule that changes is changed in both places, by two thoughts;
a slip in one of them is then a violation and no agreement.
"""

from __future__ import annotations

from hardware.machine import Motor

# S2: before a session pads alone, to 34 °C and what control and sensors are off by, for 3 min; anew only once
# there was none of it for 10
PREHEAT_C = 34.0
PREHEAT_OVER_C = 2.5
PREHEAT_MOST_S = 180.0
PREHEAT_ANEW_S = 600.0

# S3: every motor, pump and heater off at once, every bag below 10 mmHg within 3 s
EMPTY_MMHG = 10.0
VENTS_S = 3.0

# S4: no heat from 43.0 °C read, nor on readings older than 2 s
NO_HEAT_C = 43.0
FRESH_S = 2.0

# S5: a target of at most 42.0 °C; in any hour 15 min at 41 °C for a pad, 30 min of heat for a person
TARGET_MOST_C = 42.0
HOT_C = 41.0
HOT_MOST_S = 15 * 60.0
PERSON_MOST_S = 30 * 60.0
HOUR_S = 3600.0
# ... and whatever one or two faults do, the pad itself stays below 46 °C
WITH_FAULTS_C = 46.0
THERMOSTAT_LEAVES_C = 51.0
"""50 °C and how far heat goes on for: what is left when three faults hide one another."""
SKIN_C = 43.0
SKIN_WITH_FAULTS_C = 46.0

# S6: above 100 mmHg no pump; 120 mmHg for 0.3 s opens everything; by hand and in self-test never above 40
PUMP_STOPS_MMHG = 100.0
OPENS_MMHG = 120.0
OPENS_AFTER_S = 0.3
BY_HAND_MMHG = 40.0
RELIEF_MMHG = 150.0

# S7: above 25 mmHg for 15 s in normal work, 20 s ever; then below 10 mmHg for 3 s
HELD_MMHG = 25.0
HELD_S = 15.0
HELD_EVER_S = 20.0
RESTS_S = 3.0

# S8: one level in 3 s, motors 8 %/s, air target 5 mmHg/s, heat target 2 °C/min; the first minute at level 1
LEVEL_PER_S = 1 / 3
DUTY_PER_S = 0.08
AIR_MMHG_PER_S = 5.0
HEAT_C_PER_S = 2 / 60
GENTLE_S = 60.0

# S9, S10: half an hour at most; 2 s without proof of life pause, 30 s stop
SESSION_MOST_S = 30 * 60.0
SILENT_PAUSES_S = 2.0
SILENT_STOPS_S = 30.0

# S11: twenty ticks a second; more than 250 ms late drops everything, three in a minute fault
TICK_S = 0.05
LATE_S = 0.25
LATE_TICKS = 3
MINUTE_S = 60.0
FROZEN_S = 1.0

# S12: cut off from the pins everything is off within 1.5 s
CUT_OFF_S = 1.5

# S13: how long a cause has to be gone; memory that cannot be written for 30 s means no heat
DISAGREE_C = 3.0
DISAGREE_GONE_S = 10.0
TOO_HOT_GONE_S = 10.0
PAD_INVALID_GONE_S = 5.0
BAG_INVALID_GONE_S = 0.5
UNWRITTEN_S = 30.0
DAMAGED_S = 3600.0
PLAUSIBLE_PAD_C = (-5.0, 60.0)

MAY: dict[str, frozenset[str] | None] = {
    "screen": None,
    "command-line": None,
    "service": frozenset(
        {"Drive", "Tune", "KeepGains", "Rezero", "Stop", "Pain", "Acknowledge", "Alive", "CheckItself"}
    ),
    "outside": frozenset({"Stop", "Pause"}),
}
"""S15: what may come from where, by the command's name; None: anything but what stands in ``MAY_NOT``."""
MAY_NOT: dict[str, frozenset[str]] = {
    "command-line": frozenset({"Drive", "Tune", "KeepGains", "Rezero"}),
}


def may(role: str, command: str) -> bool:
    allowed = MAY[role]
    return (allowed is None or command in allowed) and command not in MAY_NOT.get(role, frozenset())


def highest_duty(motor: Motor, level: float) -> float:
    """What a motor may have at a level of at most so much (S14), from the machine file: a straight line
    between its duty at 1 and its duty at 10, and none at a level of 0."""
    if level <= 0.0:
        return 0.0
    share = (min(max(level, 1.0), 10.0) - 1.0) / 9.0
    return min(motor.duty_at_1 + share * (motor.duty_at_10 - motor.duty_at_1), motor.max_duty)
