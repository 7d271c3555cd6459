"""The real board: gpiozero devices on the machine file's pins.

Wiring is the machine file's; ``hardware/WIRING.md`` shows it. The same class runs on pigpio (genuine or
virtual daemon) and on lgpio:

    with GpioBoard(machine) as board:
        readings = board.read()
        board.write(all_off(machine))
        board.keep_alive()
"""

from __future__ import annotations

import contextlib
import gc
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Self

from hardware.board.claim import Claim, place_of
from hardware.board.factory import drop_connection, open_factory
from hardware.board.interface import Outputs, Readings, all_off
from hardware.board.lease import EdgeLease, Lease, ScriptLease
from hardware.board.takeover import take_over
from hardware.errors import BoardError, NotOwnerError, SwitchedOffError
from hardware.machine import Machine
from hardware.message import Foreign, Message, says
from hardware.parts import Output
from hardware.sensors import in_units


@says(
    "the SPI that the ADC is on cannot be opened: enable it (dtparam=spi=on in config.txt, then "
    "restart) and see that this user is in the group spi ({why})"
)
def no_spi(why: Foreign) -> None: ...


@says(
    "the pigpio daemon has no free SPI handle: another program holds them all; "
    "end it, or restart the daemon (sudo systemctl restart pigpiod)"
)
def no_spi_handle() -> None: ...


@says("the pigpio daemon does not open the SPI that the ADC is on ({why})")
def daemon_opens_no_spi(why: Foreign) -> None: ...


@says("the board is closed")
def board_closed() -> None: ...


@says("the pins cannot be reached any more ({why})")
def pins_unreachable(why: Foreign) -> None: ...


@says("another program has asked for everything off")
def asked_for_off() -> None: ...


REWRITE_S = 0.5
"""Every output is sent again after so long, so that no pin stays for a second as somebody else has set it."""


@contextlib.contextmanager
def _real_spi(factory: str) -> Iterator[None]:
    """Where the SPI cannot be had gpiozero would toggle its pins by hand: far too slow for twenty ticks a
    second, and told by a warning alone. Raises BoardError with the true reason instead.
    """
    from gpiozero import SPISoftwareFallback

    with warnings.catch_warnings():
        warnings.simplefilter("error", SPISoftwareFallback)
        try:
            yield
        except SPISoftwareFallback as error:
            raise BoardError(_no_spi(factory, error.__context__ or error)) from error


def _no_spi(factory: str, cause: BaseException) -> Message:
    if factory != "pigpio":
        return no_spi(Foreign(str(cause)))
    import pigpio

    if getattr(cause, "value", None) == pigpio.error_text(pigpio.PI_NO_HANDLE):
        return no_spi_handle()
    return daemon_opens_no_spi(Foreign(str(cause)))


class GpioBoard(AbstractContextManager["GpioBoard"]):
    """A machine's pins through gpiozero, held by one owner only.

    ``port`` takes the place of the machine file's; ``woken`` is called from another thread when the
    emergency stop opens, so that a loop need not wait for its next tick (the level is read each tick all
    the same). Raises :class:`~hardware.errors.BoardError` when the pins cannot be had. Whoever brings a
    ``factory`` of their own brings the claim on its pins, too, or answers for there being no other owner.
    """

    def __init__(
        self,
        machine: Machine,
        *,
        port: int | None = None,
        woken: Callable[[], None] | None = None,
        factory: Any = None,
        claim: Claim | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.machine = machine
        self._clock, self._sleep = clock, sleep
        self._factory = factory if factory is not None else open_factory(machine, port=port)
        self._claim = claim
        self._stack = contextlib.ExitStack()
        self._written: Outputs | None = None
        self._all_sent_s = 0.0
        self._unproven = False
        """Outputs have been sent, and it has not been seen since that the pins were still ours."""
        self._closed = False
        # gpiozero shares one SPI among a converter's channels, by name. What is left of a board that was
        # abandoned would, when collected halfway through, take the name from the new one's.
        gc.collect()
        with self._guarded():
            if factory is None:
                self._claim = Claim(place_of(self._factory, machine))
            self._open(woken)

    def _open(self, woken: Callable[[], None] | None) -> None:
        from gpiozero import MCP3008, DigitalInputDevice, DigitalOutputDevice, PWMOutputDevice

        machine, factory, stack = self.machine, self._factory, self._stack

        def driver(output: Output) -> Any:
            if output.pwm_hz is None:
                return DigitalOutputDevice(output.pin, initial_value=False, pin_factory=factory)
            return PWMOutputDevice(output.pin, frequency=output.pwm_hz, initial_value=0, pin_factory=factory)

        lease: Lease | None = None
        if machine.pins.factory == "pigpio":
            take_over(factory.connection, machine, clock=self._clock, sleep=self._sleep)
            lease = ScriptLease(factory.connection, machine, clock=self._clock, sleep=self._sleep)
        # The outputs come first and low, the rail's edges last: no pin has power before all are off.
        self._outputs = [stack.enter_context(driver(output)) for output in machine.outputs]
        self._stop = stack.enter_context(
            DigitalInputDevice(machine.emergency_stop.pin, pull_up=True, pin_factory=factory)
        )
        if woken is not None:
            self._stop.when_deactivated = woken
        adc = {"port": machine.adc.port, "device": machine.adc.select, "pin_factory": factory}
        with _real_spi(machine.pins.factory):
            self._inputs = [
                stack.enter_context(MCP3008(measured.channel, **adc)) for measured in machine.inputs
            ]
        self._lease = lease or EdgeLease(factory, machine, clock=self._clock)
        stack.callback(self._lease.close)

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        """Whatever the drivers raise becomes one BoardError, and the connection is let go."""
        if self._closed:
            raise BoardError(board_closed())
        try:
            yield
        except SwitchedOffError:
            raise  # the pins can still be reached
        except BoardError:
            self.abandon()
            raise
        except Exception as error:
            # A dead daemon shows as struct.error, BrokenPipeError, AttributeError ...: all mean the same.
            self.abandon()
            raise BoardError(pins_unreachable(Foreign(f"{type(error).__name__}: {error}"))) from error

    def read(self) -> Readings:
        """Every input once. Raises BoardError."""
        with self._guarded():
            words = tuple([device.raw_value for device in self._inputs])
            stop_open = not self._stop.value
        return Readings(time.monotonic(), in_units(words, self.machine), stop_open, words)

    def write(self, outputs: Outputs) -> None:
        """Put outputs on the pins: what has changed, and all of them twice a second. Raises BoardError.

        When the dead-man has come before, everything is off instead: the outputs are of a tick too late.
        Raises SwitchedOffError when somebody else has switched the machine off; everything is off then.
        """
        with self._guarded():
            self._heed()
            if not self._dropped():
                self._send(outputs)

    def keep_alive(self) -> None:
        """Renew the lease on the rail. Raises BoardError, SwitchedOffError as :meth:`write` does."""
        with self._guarded():
            self._heed()
            self._dropped()
            self._lease.renew()

    def _heed(self) -> None:
        """Somebody may have asked for everything off, in the middle of a tick as well."""
        if self._claim is not None and self._claim.asked():
            self._lease.end()
            self._revive()
            self._claim.answer()
            raise SwitchedOffError(asked_for_off())

    def _dropped(self) -> bool:
        """Whether the dead-man has come. Sees that the pins are ours; if anything is amiss all is off."""
        try:
            dropped = self._lease.ran_out()
        except SwitchedOffError:
            self._revive()
            raise
        except NotOwnerError:
            if self._unproven:
                self._take_back()
            raise
        self._unproven = False
        if dropped:
            self._revive()
        return dropped

    def _send(self, outputs: Outputs) -> None:
        now_s = self._clock()
        before = self._written
        if now_s - self._all_sent_s >= REWRITE_S:
            before = None
        self._written = None  # until all of it has arrived, nothing is known
        self._unproven = True
        _send(self._outputs, outputs.duties, before.duties if before else None)
        self._written = outputs
        if before is None:
            self._all_sent_s = now_s

    def _revive(self) -> None:
        """Every pin has been dropped behind our back: what we believe is worth nothing.

        What this tick has written was decided before that, so it goes before there is power again.
        """
        self._written = None
        self._send(all_off(self.machine))

    def _take_back(self) -> None:
        """What was sent when the pins had become another's already has no right to be there.

        The new owner misses its own outputs until it sends them all again, which is soon: too little power
        for a moment, never too much.
        """
        for device in self._outputs:
            with contextlib.suppress(Exception):  # the next one is tried all the same
                _put(device, 0)

    def abandon(self) -> None:
        """Let go of pins that cannot be reached: no output can be changed, no thread is left behind."""
        if not self._closed:
            self._closed = True
            drop_connection(self._factory)
            with contextlib.suppress(Exception):
                self._stack.close()
            with contextlib.suppress(Exception):
                self._factory.close()
            self._release()

    def close(self) -> None:
        """Everything off and every pin released. Safe to call twice."""
        if self._closed:
            return
        try:
            self.write(all_off(self.machine))
        except SwitchedOffError:
            pass  # by somebody else, who was first
        except BoardError:
            return  # already abandoned
        self._closed = True
        try:
            self._stack.close()
            self._factory.close()
        except Exception:
            # Gone while closing: the lease runs out by itself.
            drop_connection(self._factory)
        self._release()

    def _release(self) -> None:
        if self._claim is not None:
            self._claim.release()

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __enter__(self) -> Self:
        return self


def _send(devices: list[Any], values: tuple[Any, ...], before: tuple[Any, ...] | None) -> None:
    """What has changed; all of it, and what is off by force, where nothing is known of ``before``."""
    for index, (device, value) in enumerate(zip(devices, values, strict=True)):
        if before is None and not value:
            _force_low(device)
        elif before is None or before[index] != value:
            _put(device, value)


def _put(device: Any, value: float | bool) -> None:
    from gpiozero import PinInvalidState, PinSetInput

    try:
        device.value = value
    except PinInvalidState:  # a plain write, the dead-man's or a stranger's, has ended the pin's PWM
        _force_low(device)
        device.value = value
    except PinSetInput:  # a stranger has made it one
        device.pin.function = "output"
        device.value = value


def _force_low(device: Any) -> None:
    """By a plain write. A duty of 0 is not sent where the daemon believes that it is one already; and where a
    plain write has ended the PWM, which gpiozero cannot know, it begins anew.
    """
    frequency_hz = getattr(device, "frequency", None)
    if frequency_hz is None:
        _put(device, False)
    else:
        device.pin.frequency = None
        device.pin.frequency = frequency_hz
