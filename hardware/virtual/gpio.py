"""The pins as pigpio has them: modes, pulls, levels and PWM, with pigpio's own answers and errors."""

from __future__ import annotations

from collections.abc import Callable

from hardware.virtual.protocol import (
    DEFAULT_FREQUENCY,
    DEFAULT_RANGE,
    HARDWARE_PWM,
    HARDWARE_PWM_CLOCK,
    HARDWARE_PWM_FULL,
    HARDWARE_PWM_MAX,
    Err,
    nearest_frequency,
    real_range,
)
from hardware.virtual.wiring import Wiring

MAX_GPIO = 53
MAX_USER_GPIO = 31
INPUT, OUTPUT = 0, 1
PULL_DOWN, PULL_UP = 1, 2
BOOT_PULL_UPS = range(9)
EVERY_PIN = (1 << 54) - 1


class Pin:
    """One GPIO. ``pwm`` is None without PWM, else the duty that was asked for in steps of ``range``."""

    __slots__ = ("frequency", "hardware", "latch", "mode", "pull", "pwm", "range")

    def __init__(self, number: int) -> None:
        self.mode = INPUT
        self.pull = PULL_UP if number in BOOT_PULL_UPS else PULL_DOWN
        self.latch = 0
        self.pwm: int | None = None
        self.range = DEFAULT_RANGE
        self.frequency = DEFAULT_FREQUENCY
        self.hardware: tuple[int, int] | None = None
        """(Hz, duty of a million) while the PWM peripheral drives it."""

    def duty(self) -> float:
        """What it drives, 0..1, in the steps that PWM really has."""
        if self.hardware is not None:
            return self.hardware[1] / HARDWARE_PWM_FULL
        if self.mode != OUTPUT:
            return 0.0
        if not self.pwm:
            # PWM begun with duty 0 leaves the level as it was, on the real chip too
            return float(self.latch)
        steps = real_range(self.frequency)
        return (self.pwm * steps // self.range) / steps


class Gpio:
    """All pins of one virtual Pi. Every method answers as pigpio does: 0 or a value, or a negative error.

    ``mask`` is the set of pins that may be changed, as a bit each; ``clock`` gives monotonic seconds.
    ``on_change`` is called with the bits of the pins whose level has changed.
    """

    def __init__(self, wiring: Wiring, clock: Callable[[], float], mask: int = EVERY_PIN) -> None:
        self.wiring = wiring
        self.mask = mask
        self.on_change: Callable[[int], None] = lambda bits: None
        self._clock = clock
        self._pins = [Pin(number) for number in range(MAX_GPIO + 1)]
        self._stop_pin = wiring.machine.emergency_stop.pin
        self._stop_level = wiring.stop_level
        wiring.plant.faults.listeners.append(self.stop_moved)
        for number in wiring.spi_pins:
            self._pins[number].mode = 4

    # Modes and pulls

    def set_mode(self, gpio: int, mode: int) -> int:
        if error := self._refused(gpio, MAX_GPIO, Err.BAD_GPIO):
            return error
        if mode > 7:
            return Err.BAD_MODE
        pin = self._pins[gpio]
        if pin.mode != mode:
            before = self.level(gpio)
            pin.mode, pin.pwm, pin.hardware = mode, None, None
            self._drive(gpio, before)
        return 0

    def get_mode(self, gpio: int) -> int:
        return self._pins[gpio].mode if gpio <= MAX_GPIO else Err.BAD_GPIO

    def set_pull(self, gpio: int, pull: int) -> int:
        if error := self._refused(gpio, MAX_GPIO, Err.BAD_GPIO):
            return error
        if pull > 2:
            return Err.BAD_PUD
        before = self.level(gpio)
        self._pins[gpio].pull = pull
        self._report(gpio, before)
        return 0

    # Levels

    def level(self, gpio: int) -> int:
        """0 or 1 at this moment; a pin with PWM is caught somewhere in its cycle."""
        pin = self._pins[gpio]
        if pin.mode == OUTPUT or pin.hardware is not None:
            duty = pin.duty()
            if 0.0 < duty < 1.0:
                hertz = pin.frequency if pin.hardware is None else pin.hardware[0]
                return int(self._clock() * hertz % 1.0 < duty)
            return int(duty)
        if gpio == self._stop_pin:
            # an open contact with no pull floats: taken as high, the safe reading
            return 0 if not self.wiring.stop_level or pin.pull == PULL_DOWN else 1
        if gpio in self.wiring.duties:
            return 0  # 10 k to ground outside beats the chip's own pull-up
        return int(pin.pull == PULL_UP)

    def read(self, gpio: int) -> int:
        return self.level(gpio) if gpio <= MAX_GPIO else Err.BAD_GPIO

    def bank(self, first: int) -> int:
        """Levels of 32 pins from ``first`` on, a bit each."""
        last = min(first + 31, MAX_GPIO)
        return sum(self.level(gpio) << gpio - first for gpio in range(first, last + 1))

    def write(self, gpio: int, level: int) -> int:
        if error := self._refused(gpio, MAX_GPIO, Err.BAD_GPIO):
            return error
        if level > 1:
            return Err.BAD_LEVEL
        pin = self._pins[gpio]
        before = self.level(gpio)
        pin.mode, pin.pwm, pin.hardware, pin.latch = OUTPUT, None, None, level
        self._drive(gpio, before)
        return 0

    def write_bank(self, bits: int, level: int) -> int:
        for gpio in range(MAX_USER_GPIO + 1):
            if bits & self.mask & 1 << gpio:
                self.write(gpio, level)
        return Err.SOME_PERMITTED if bits & ~self.mask else 0

    # PWM

    def pwm(self, gpio: int, duty: int) -> int:
        if error := self._refused(gpio, MAX_USER_GPIO, Err.BAD_USER_GPIO):
            return error
        pin = self._pins[gpio]
        if duty > pin.range:
            return Err.BAD_DUTYCYCLE
        before = self.level(gpio)
        if pin.pwm:
            pin.latch = 0  # PWM that comes down to 0 ends low
        pin.mode, pin.hardware, pin.pwm = OUTPUT, None, duty
        self._drive(gpio, before)
        return 0

    def get_duty(self, gpio: int) -> int:
        if gpio > MAX_USER_GPIO:
            return Err.BAD_USER_GPIO
        pin = self._pins[gpio]
        if pin.hardware is not None:
            return pin.hardware[1]
        return Err.NOT_PWM_GPIO if pin.pwm is None else pin.pwm

    def set_range(self, gpio: int, steps: int) -> int:
        """Answers the real range at the pin's frequency. A running PWM keeps its share."""
        if error := self._refused(gpio, MAX_USER_GPIO, Err.BAD_USER_GPIO):
            return error
        if not 25 <= steps <= 40_000:
            return Err.BAD_DUTYRANGE
        pin = self._pins[gpio]
        if pin.pwm is not None:
            pin.pwm = pin.pwm * steps // pin.range
        pin.range = steps
        self._drive(gpio, None)
        return real_range(pin.frequency)

    def get_range(self, gpio: int) -> int:
        if gpio > MAX_USER_GPIO:
            return Err.BAD_USER_GPIO
        pin = self._pins[gpio]
        return pin.range if pin.hardware is None else HARDWARE_PWM_FULL

    def get_real_range(self, gpio: int) -> int:
        if gpio > MAX_USER_GPIO:
            return Err.BAD_USER_GPIO
        pin = self._pins[gpio]
        if pin.hardware is not None:
            return HARDWARE_PWM_CLOCK // pin.hardware[0]
        return real_range(pin.frequency)

    def set_frequency(self, gpio: int, hertz: int) -> int:
        """Answers the frequency of the table that it became."""
        if error := self._refused(gpio, MAX_USER_GPIO, Err.BAD_USER_GPIO):
            return error
        pin = self._pins[gpio]
        pin.frequency = nearest_frequency(hertz)
        self._drive(gpio, None)
        return pin.frequency

    def get_frequency(self, gpio: int) -> int:
        if gpio > MAX_USER_GPIO:
            return Err.BAD_USER_GPIO
        pin = self._pins[gpio]
        return pin.frequency if pin.hardware is None else pin.hardware[0]

    def hardware_pwm(self, gpio: int, hertz: int, duty: int) -> int:
        if error := self._refused(gpio, MAX_GPIO, Err.BAD_GPIO):
            return error
        if gpio not in HARDWARE_PWM:
            return Err.NOT_HPWM_GPIO
        if hertz > HARDWARE_PWM_MAX:
            return Err.BAD_HPWM_FREQ
        if duty > HARDWARE_PWM_FULL:
            return Err.BAD_HPWM_DUTY
        pin = self._pins[gpio]
        before = self.level(gpio)
        channel, mode = HARDWARE_PWM[gpio]
        pin.pwm = None
        if hertz == 0:
            pin.mode, pin.hardware, pin.latch = OUTPUT, None, 0
        else:
            pin.mode, pin.hardware = mode, (hertz, duty)
            for other, (its_channel, _) in HARDWARE_PWM.items():
                if other != gpio and its_channel == channel and self._pins[other].hardware is not None:
                    self._pins[other].hardware = (hertz, duty)
                    self._drive(other, None)
        self._drive(gpio, before)
        return 0

    # The outside

    def stop_moved(self) -> None:
        """The emergency stop was pressed, released or cut."""
        level = self.level(self._stop_pin)
        if level != self._stop_level:
            self._stop_level = level
            self.on_change(1 << self._stop_pin)

    def freeze(self) -> None:
        """As when the daemon dies: its PWM stops wherever in the cycle it is, everything else stays.

        The PWM peripheral needs no daemon and goes on.
        """
        for gpio, pin in enumerate(self._pins):
            if pin.pwm is not None:
                pin.latch, pin.pwm = self.level(gpio), None
                self._drive(gpio, None)

    def _refused(self, gpio: int, highest: int, error: Err) -> int:
        if gpio > highest:
            return error
        return 0 if self.mask >> gpio & 1 else Err.NOT_PERMITTED

    def _drive(self, gpio: int, before: int | None) -> None:
        """Hand the pin's duty to the machine; report a level that steadily changed."""
        now_s = self._clock()
        if gpio in self.wiring.duties:
            self.wiring.drive(gpio, self._pins[gpio].duty(), now_s)
        if before is not None:
            self._report(gpio, before)

    def _report(self, gpio: int, before: int) -> None:
        if gpio == self._stop_pin:
            self._stop_level = self.level(gpio)
        if self.level(gpio) != before:
            self.on_change(1 << gpio)
