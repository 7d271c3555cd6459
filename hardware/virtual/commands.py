"""What each command number does: the pins, the ADC, the notifications and the scripts behind one door."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from struct import error as struct_error
from struct import pack, unpack

from hardware.machine import Machine
from hardware.virtual.gpio import EVERY_PIN, MAX_USER_GPIO, Gpio
from hardware.virtual.protocol import (
    ALIVE_EVERY_S,
    ALIVE_FLAG,
    PI_4B,
    REPORT,
    VERSION,
    WATCHDOG_FLAG,
    Cmd,
    Err,
)
from hardware.virtual.scripts import Scripts
from hardware.virtual.spi import MAX_COUNT, Spi
from hardware.virtual.wiring import Wiring

NOTIFY_SLOTS = 32
MAX_WDOG_MS = 60_000
MAX_STEADY_US = 300_000
MAX_ACTIVE_US = 1_000_000
FRESH_S = 0.002
"""The plant is brought up to date for a look at it when it is older than this."""

Send = Callable[[bytes], None]


class Listener:
    """Where one handle's notifications go."""

    __slots__ = ("bits", "send", "sequence")

    def __init__(self, send: Send) -> None:
        self.send = send
        self.bits = 0
        self.sequence = 0


class Commands:
    """Runs pigpio commands on the virtual machine. For one event loop; nothing here is thread-safe."""

    def __init__(
        self, machine: Machine, wiring: Wiring, clock: Callable[[], float], mask: int = EVERY_PIN
    ) -> None:
        self.wiring = wiring
        self.clock = clock
        self.gpio = Gpio(wiring, clock, mask)
        self.gpio.on_change = self._changed
        self.reply_delay_s = 0.0
        """How late every reply is."""
        self.gone = False
        """Dead: whoever got in a moment ago is put out again."""
        self._machine = machine
        self.spi = Spi(machine, self._adc_code)
        self.scripts = Scripts(self._script_do, self._wait)
        self._listeners: dict[int, Listener] = {}
        self._waiting: list[tuple[int, asyncio.Future[int]]] = []
        self._watchdogs: dict[int, tuple[float, float]] = {}
        """By GPIO: how long without a change, and since when."""
        self._alive_at_s = clock()
        gpio = self.gpio
        self._plain: dict[int, Callable[[int, int], int]] = {
            Cmd.MODES: gpio.set_mode,
            Cmd.MODEG: lambda p1, p2: gpio.get_mode(p1),
            Cmd.PUD: gpio.set_pull,
            Cmd.READ: lambda p1, p2: gpio.read(p1),
            Cmd.WRITE: gpio.write,
            Cmd.PWM: gpio.pwm,
            Cmd.PRS: gpio.set_range,
            Cmd.PFS: gpio.set_frequency,
            Cmd.WDOG: self._set_watchdog,
            Cmd.BR1: lambda p1, p2: gpio.bank(0),
            Cmd.BR2: lambda p1, p2: gpio.bank(32),
            Cmd.BC1: lambda p1, p2: gpio.write_bank(p1, 0),
            Cmd.BS1: lambda p1, p2: gpio.write_bank(p1, 1),
            Cmd.TICK: lambda p1, p2: self.tick(),
            Cmd.HWVER: lambda p1, p2: PI_4B,
            Cmd.NO: lambda p1, p2: Err.NO_HANDLE,  # notifications through a pipe: there is none
            Cmd.NB: self._begin,
            Cmd.NP: lambda p1, p2: self._begin(p1, 0),
            Cmd.NC: lambda p1, p2: self.unlisten(p1),
            Cmd.PRG: lambda p1, p2: gpio.get_range(p1),
            Cmd.PFG: lambda p1, p2: gpio.get_frequency(p1),
            Cmd.PRRG: lambda p1, p2: gpio.get_real_range(p1),
            Cmd.PIGPV: lambda p1, p2: VERSION,
            Cmd.PROCD: lambda p1, p2: self.scripts.delete(p1),
            Cmd.PROCS: lambda p1, p2: self.scripts.stop(p1),
            Cmd.SPIC: lambda p1, p2: self.spi.close(p1),
            Cmd.GDC: lambda p1, p2: gpio.get_duty(p1),
            Cmd.FG: self._set_filter,
        }

    def do(self, command: int, p1: int, p2: int, extension: bytes = b"") -> tuple[int, bytes]:
        """(result, bytes that follow the reply). Never raises; cut short a command is an unknown one."""
        plain = self._plain.get(command)
        if plain is not None:
            return plain(p1, p2), b""
        try:
            return self._do_extended(command, p1, p2, extension)
        except struct_error:
            return Err.UNKNOWN_COMMAND, b""

    def _do_extended(self, command: int, p1: int, p2: int, extension: bytes) -> tuple[int, bytes]:
        match command:
            case Cmd.SPIX | Cmd.SPIW:
                count, data = self.spi.transfer(p1, extension)
                return count, data if command == Cmd.SPIX else b""
            case Cmd.SPIR:
                return self.spi.transfer(p1, bytes(min(p2, MAX_COUNT)))
            case Cmd.SPIO:
                return self.spi.open(p1, p2, unpack("<I", extension[:4])[0]), b""
            case Cmd.HP:
                return self.gpio.hardware_pwm(p1, p2, unpack("<I", extension[:4])[0]), b""
            case Cmd.FN:
                return self._set_noise_filter(p1, p2, unpack("<I", extension[:4])[0]), b""
            case Cmd.PROC:
                return self.scripts.store(extension.decode("latin-1").rstrip("\0")), b""
            case Cmd.PROCR | Cmd.PROCU:
                count = len(extension) // 4
                params = unpack(f"<{count}I", extension[: 4 * count])
                run = self.scripts.run if command == Cmd.PROCR else self.scripts.update
                return run(p1, params), b""
            case Cmd.PROCP:
                status, values = self.scripts.status(p1)
                if status < 0:
                    return status, b""
                data = pack("<11i", status, *values)
                return len(data), data
        return Err.UNKNOWN_COMMAND, b""

    # Time

    def tick(self) -> int:
        """Microseconds, as the 32 bits that pigpio has of them."""
        return int(self.clock() * 1e6) & 0xFFFFFFFF

    def refresh(self) -> None:
        """Bring the plant up to now, unless it nearly is."""
        now_s = self.clock()
        if now_s - self.wiring.now_s > FRESH_S:
            self.wiring.advance(now_s)

    def periodic(self) -> None:
        """What has to happen though nobody asks: the plant's time, watchdogs, keep-alives."""
        self.refresh()
        now_s = self.clock()
        for gpio, (limit_s, since_s) in self._watchdogs.items():
            if now_s - since_s >= limit_s:
                self._watchdogs[gpio] = (limit_s, now_s)
                self._notify(1 << gpio, WATCHDOG_FLAG | gpio)
        if now_s - self._alive_at_s >= ALIVE_EVERY_S:
            self._alive_at_s = now_s
            self._notify(0xFFFFFFFF, ALIVE_FLAG)

    def _adc_code(self, channel: int) -> int:
        self.refresh()
        return self.wiring.plant.adc_code(channel)

    def die(self) -> None:
        """As when the daemon's process has ended: no scripts, handles and PWM any more; levels stay."""
        self.scripts.close()
        self.spi = Spi(self._machine, self._adc_code)
        self._listeners.clear()
        self._watchdogs.clear()
        self.gpio.freeze()

    # Notifications

    def listen(self, send: Send) -> int:
        """A handle for notifications through ``send``."""
        for handle in range(NOTIFY_SLOTS):
            if handle not in self._listeners:
                self._listeners[handle] = Listener(send)
                return handle
        return Err.NO_HANDLE

    def unlisten(self, handle: int) -> int:
        return 0 if self._listeners.pop(handle, None) is not None else Err.BAD_HANDLE

    def forget(self, send: Send) -> None:
        """Give back the handles of a connection that has gone; one it closed may be another's now."""
        for handle in [handle for handle, listener in self._listeners.items() if listener.send == send]:
            del self._listeners[handle]

    def _begin(self, handle: int, bits: int) -> int:
        listener = self._listeners.get(handle)
        if listener is None:
            return Err.BAD_HANDLE
        listener.bits = bits
        return 0

    def _changed(self, bits: int) -> None:
        now_s = self.clock()
        for gpio, (limit_s, _) in self._watchdogs.items():
            if bits >> gpio & 1:
                self._watchdogs[gpio] = (limit_s, now_s)
        self._notify(bits, 0)
        if self._waiting:
            still = [(wanted, future) for wanted, future in self._waiting if not wanted & bits]
            for wanted, future in self._waiting:
                if wanted & bits and not future.done():
                    future.set_result(wanted & bits)
            self._waiting = still

    def _notify(self, bits: int, flags: int) -> None:
        concerned = [listener for listener in self._listeners.values() if listener.bits & bits]
        if not concerned:
            return
        tick, levels = self.tick(), self.gpio.bank(0)
        for listener in concerned:
            listener.send(REPORT.pack(listener.sequence, flags, tick, levels))
            listener.sequence = listener.sequence + 1 & 0xFFFF

    def _wait(self, bits: int) -> asyncio.Future[int]:
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting = [entry for entry in self._waiting if not entry[1].done()]
        self._waiting.append((bits, future))
        return future

    def _script_do(self, command: int, p1: int, p2: int) -> int:
        return self.do(command, p1, p2)[0]

    # Filters and watchdogs

    def _set_watchdog(self, gpio: int, timeout_ms: int) -> int:
        if gpio > MAX_USER_GPIO:
            return Err.BAD_USER_GPIO
        if timeout_ms > MAX_WDOG_MS:
            return Err.BAD_WDOG_TIMEOUT
        if timeout_ms:
            self._watchdogs[gpio] = (timeout_ms / 1e3, self.clock())
        else:
            self._watchdogs.pop(gpio, None)
        return 0

    def _set_filter(self, gpio: int, steady_us: int) -> int:
        """Accepted, and without effect: these contacts do not bounce."""
        if gpio > MAX_USER_GPIO:
            return Err.BAD_USER_GPIO
        return 0 if steady_us <= MAX_STEADY_US else Err.BAD_FILTER

    def _set_noise_filter(self, gpio: int, steady_us: int, active_us: int) -> int:
        if active_us > MAX_ACTIVE_US:
            return Err.BAD_FILTER
        return self._set_filter(gpio, steady_us)
