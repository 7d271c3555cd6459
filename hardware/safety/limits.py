"""The hard numbers of the safety rules, each declared once.

A machine file may ask for less, never for more. The rule a number belongs to stands beside it; the
numbers' sources are IEC 60601-1 (applied parts in long contact, 41 to 43 °C), ISO 13732-1 and Moritz &
Henriques (burns begin at 44 °C over hours), and published trials of foot pumps.
"""

from __future__ import annotations

# Heat
PAD_TARGET_MIN_C = 34.0
PAD_TARGET_MAX_C = 42.0  # S5
PAD_HOT_C = 43.0  # S4: no duty at or above
PAD_HOT_TARGET_C = 41.0  # S5: at or above, only for ...
PAD_HOT_TARGET_S = 15 * 60.0  # in any hour
HEAT_MAX_S = 30 * 60.0  # S5: for one person, in any hour
SENSOR_STALE_S = 2.0  # S4
PREHEAT_C = 34.0  # S2: before a session, for at most ...
PREHEAT_S = 3 * 60.0
PREHEAT_OFF_C = 36.0
"""Read by either sensor; a pad that is warmer has no need of it."""

# Air
BAG_TARGET_MAX_MMHG = 90.0
BAG_PUMP_STOP_MMHG = 100.0  # S6: above, the pump stops
BAG_OPEN_MMHG = 120.0  # S6: above for BAG_OPEN_S, every valve opens
BAG_OPEN_S = 0.3
BAG_EMPTY_MMHG = 10.0  # S3, S7
BAG_HELD_MMHG = 25.0  # S7: above, for at most ...
BAG_HELD_S = 15.0
BAG_HELD_EVER_S = 20.0
BAG_REST_S = 3.0  # S7: then empty for at least
VENT_S = 3.0  # S3: every bag empty within

# Without a session, in self-test and service (S2, S4): little air, and nobody's squeeze
ERRAND_BAG_MMHG = 40.0

# Rates of rise (S8); falls are at once
LEVEL_PER_S = 1 / 3
AIR_MMHG_PER_S = 5.0
DUTY_PER_S = 0.08
HEAT_C_PER_S = 2 / 60

# Sessions
GENTLE_S = 60.0  # the first minute runs at intensity 1
GENTLE_RISE_S = 90.0  # then to the chosen level over this long
SESSION_MAX_MINUTES = 30
SESSION_MAX_S = 30 * 60.0  # S9
SCREEN_PAUSE_S = 2.0  # S10
SCREEN_STOP_S = 30.0  # S10
TOO_STRONG_HOLD_S = 30.0
TOO_STRONG_LEVELS = 2

# The controller
TICK_S = 0.05
LATE_TICK_S = 0.25  # S11
LATE_TICKS = 3  # S11: in a minute
FROZEN_S = 1.0
"""After a gap this long the dead-man has cut the power: a person is to say that it may go on."""
