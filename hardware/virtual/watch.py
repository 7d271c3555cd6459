"""Watching the virtual machine and rehearsing with it: JSON lines over a unix socket.

Requests, one a line, each answered with one line::

    {"ask": "state"}                                     the plant's truth
    {"ask": "sensors"}                                   what the ADC says of it
    {"ask": "edges", "since": 0.0}                       changes of the power pins and the rail after then
    {"ask": "faults"}                                    what can go wrong, and what has
    {"set": "foot", "side": "left", "present": false}
    {"set": "emergency_stop", "pressed": true}
    {"put": "bag-leak", "on": "calf", "amount": 30}      a fault; "on" and "amount" where it has them
    {"take": "bag-leak", "on": "calf"}
    {"clear": true}                                      takes all faults out

Whatever cannot be done is answered with ``{"error": "why"}``.
"""

from __future__ import annotations

import asyncio
import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self, TypeVar

import msgspec

from hardware.errors import BoardError, TerminalError
from hardware.machine import Machine
from hardware.message import Foreign, Named, foreign, says
from hardware.sensors import bag_mmhg, pad_celsius
from hardware.virtual.commands import Commands
from hardware.virtual.params import SIDES


@says("no virtual machine answers at {path}: {why}")
def no_virtual_machine(path: Named, why: Foreign) -> None: ...


@says("the virtual machine went away: {why}")
def virtual_machine_gone(why: Foreign) -> None: ...


MAX_LINE = 64 * 1024
Answer = dict[str, Any]
Does = TypeVar("Does")


class StateFace:
    """Answers requests about one virtual machine."""

    def __init__(self, commands: Commands) -> None:
        self._commands = commands
        self._machine = commands.wiring.machine
        self._faults = commands.wiring.plant.faults
        self._verbs: dict[str, Callable[[Answer], Answer]] = {
            "ask": self._ask,
            "set": self._set,
            "put": self._put,
            "take": self._take,
            "clear": self._clear,
        }
        self._questions: dict[str, Callable[[Answer], Answer]] = {
            "state": lambda request: self.state(),
            "sensors": lambda request: self.sensors(),
            "edges": lambda request: self._edges(request.get("since", 0.0)),
            "faults": lambda request: self.faults(),
        }
        self._settings: dict[str, Callable[[Answer], None]] = {
            "foot": self._set_foot,
            "emergency_stop": self._set_stop,
        }
        self._parts = parts_by_pin(self._machine)

    def answer(self, line: bytes) -> Answer:
        """Never raises: what is wrong with a request is in the answer."""
        try:
            request = msgspec.json.decode(line)
        except msgspec.DecodeError as error:
            return {"error": f"not JSON: {error}"}
        if not isinstance(request, dict):
            return {"error": "a request is an object"}
        self._commands.wiring.advance(self._commands.clock())
        try:
            for verb, does in self._verbs.items():
                if verb in request:
                    return does(request)
        except ValueError as error:
            return {"error": str(error)}
        return {"error": f"unknown request: it needs one of {', '.join(self._verbs)}"}

    def _ask(self, request: Answer) -> Answer:
        return _one_of(self._questions, request, "ask")(request)

    def _set(self, request: Answer) -> Answer:
        _one_of(self._settings, request, "set")(request)
        return {"ok": True}

    def _put(self, request: Answer) -> Answer:
        amount = None
        if "amount" in request:  # null is what JSON makes of a number that is none
            amount = request["amount"]
            if isinstance(amount, bool) or not isinstance(amount, int | float):
                raise ValueError('"amount" is a number')
        active = self._faults.put(_word(request, "put"), _word(request, "on", ""), amount)
        return {"name": active.name, "target": active.target, "amount": active.amount}

    def _take(self, request: Answer) -> Answer:
        self._faults.take(_word(request, "take"), _word(request, "on", ""))
        return {"ok": True}

    def _clear(self, request: Answer) -> Answer:
        if _truth(request, "clear"):
            self._faults.clear()
        return {"ok": True}

    def faults(self) -> Answer:
        """Every fault this machine can have with its targets and bounds, and those that are in."""
        return {
            "faults": [
                {
                    "name": fault.name,
                    "on": fault.on,
                    "about": fault.about,
                    "targets": self._faults.targets(fault.name),
                    "amount": None if fault.amount is None else msgspec.to_builtins(fault.amount),
                }
                for fault in (*self._faults.possible(), *self._faults.mistakes())
            ],
            "active": msgspec.to_builtins(self._faults.active()),
        }

    def sensors(self) -> Answer:
        """What is measured: °C of each pad's two sensors and mmHg of each bag; null is out of range."""
        machine, plant = self._machine, self._commands.wiring.plant
        codes = [plant.adc_code(channel) for channel in range(8)]
        return {
            "codes": codes,
            "pads_c": [
                [pad_celsius(codes[channel], machine) for channel in pad.channels] for pad in machine.pad
            ],
            "bags_mmhg": [bag_mmhg(codes[bag.channel], machine) for bag in machine.bag],
        }

    def state(self) -> Answer:
        """The plant's truth: temperatures in °C, pressures in mmHg, speeds and duties 0..1."""
        wiring, gpio = self._commands.wiring, self._commands.gpio
        plant = wiring.plant
        return {
            "now_s": wiring.now_s,
            "rail": plant.rail,
            "pins": {
                str(pin): {
                    "part": self._parts[pin],
                    "mode": gpio.get_mode(pin),
                    "level": gpio.level(pin),
                    "duty": duty,
                }
                for pin, duty in wiring.duties.items()
            },
            "pads_c": plant.pad_c,
            "skin_c": {side: plant.skin_c[side] if here else None for side, here in plant.feet.items()},
            "bags_mmhg": plant.bag_mmhg,
            "motor_speeds": plant.motor_speed,
            "pump_speed": plant.pump_speed,
            "moves": self._moves(),
            "watts": plant.watts,
            "emergency_stop": plant.stop_open,
            "feet": plant.feet,
            "scripts": len(self._commands.scripts),
            "faults": msgspec.to_builtins(self._faults.active()),
        }

    def _moves(self) -> list[str]:
        """What turns, fills or is heated at this moment, by its own name and not by that of the pin."""
        machine, plant = self._machine, self._commands.wiring.plant
        turning = [motor.pin for motor, speed in zip(machine.motor, plant.motor_speed, strict=True) if speed]
        if machine.pump is not None and plant.pump_speed:
            turning.append(machine.pump.pin)
        held = [bag.valve_pin for bag, state in zip(machine.bag, plant.bags, strict=True) if state.closed]
        warmed = [pad.pin for pad, watts in zip(machine.pad, plant.pad_watts, strict=True) if watts]
        return [self._parts[pin] for pin in (*turning, *held, *warmed)]

    def _edges(self, since: object) -> Answer:
        if isinstance(since, bool) or not isinstance(since, int | float):
            raise ValueError('"since" is a time in seconds')
        wiring = self._commands.wiring
        return {"now_s": wiring.now_s, "edges": [edge for edge in wiring.edges if edge[0] > since]}

    def _set_foot(self, request: Answer) -> None:
        side = request.get("side")
        if side not in SIDES:
            raise ValueError('"side" is left or right')
        self._commands.wiring.plant.set_foot(side, _truth(request, "present"))

    def _set_stop(self, request: Answer) -> None:
        self._commands.wiring.plant.stop_pressed = _truth(request, "pressed")
        self._commands.gpio.stop_moved()


def parts_by_pin(machine: Machine) -> dict[int, str]:
    """What hangs on each power pin and on the rail's, in the machine file's order."""
    names = {motor.pin: f"{motor.kind} {motor.zone} {motor.side}" for motor in machine.motor}
    if machine.pump is not None:
        names[machine.pump.pin] = "pump"
    names |= {bag.valve_pin: f"valve {bag.zone}" for bag in machine.bag}
    names |= {pad.pin: f"pad {pad.side}" for pad in machine.pad}
    return names | {machine.rail.pin: "rail"}


def _one_of(choice: dict[str, Does], request: Answer, verb: str) -> Does:
    word = _word(request, verb)
    if word not in choice:
        raise ValueError(f'unknown request: "{verb}" is one of {", ".join(choice)}')
    return choice[word]


def _word(request: Answer, key: str, usual: str | None = None) -> str:
    value = request.get(key, usual)
    if not isinstance(value, str):
        raise ValueError(f'"{key}" is a word')
    return value


def _truth(request: Answer, key: str) -> bool:
    value = request.get(key)
    if not isinstance(value, bool):
        raise ValueError(f'"{key}" is true or false')
    return value


async def serve_state(face: StateFace, path: Path) -> asyncio.Server:
    """Listen at ``path``, for this user only. Raises OSError when somebody else does already."""
    _clear(path)

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                writer.write(msgspec.json.encode(face.answer(line)) + b"\n")
                await writer.drain()
        except (ValueError, ConnectionError, asyncio.CancelledError):
            pass  # a line too long; gone; or the daemon goes, and nobody waits for this task's end
        finally:
            writer.close()

    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        before = os.umask(0o177)
        try:
            listener.bind(str(path))
        finally:
            os.umask(before)
        return await asyncio.start_unix_server(converse, sock=listener, limit=MAX_LINE)
    except BaseException:
        listener.close()
        raise


def _clear(path: Path) -> None:
    """Take away the socket of a daemon that has died; leave one that answers, and other files."""
    try:
        if not stat.S_ISSOCK(path.lstat().st_mode):
            return
    except FileNotFoundError:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink(missing_ok=True)


class RefusedError(TerminalError, ValueError):
    """The virtual machine will not do what it was asked, and says why."""


class StateClient:
    """Asks a virtual machine's state socket.

        with StateClient(path) as watch:
            watch.set("foot", side="left", present=False)
            watch.state()["bags_mmhg"]

    Raises :class:`~hardware.errors.BoardError` when nobody answers, :class:`RefusedError` when the
    request is refused.
    """

    def __init__(self, path: Path | str, timeout_s: float = 5.0) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(timeout_s)
        try:
            self._socket.connect(str(path))
        except OSError as error:
            self._socket.close()
            raise BoardError(no_virtual_machine(Named(str(path)), foreign(error))) from error
        self._file = self._socket.makefile("rb")

    def state(self) -> Answer:
        return self.request({"ask": "state"})

    def edges(self, since: float = 0.0) -> list[tuple[float, int | str, float]]:
        """(monotonic seconds, pin or "rail", duty) of every change after ``since``, oldest first."""
        return [
            (at_s, pin, duty) for at_s, pin, duty in self.request({"ask": "edges", "since": since})["edges"]
        ]

    def set(self, what: str, **values: object) -> None:
        self.request({"set": what, **values})

    def sensors(self) -> Answer:
        return self.request({"ask": "sensors"})

    def faults(self) -> Answer:
        """``faults``: every one this machine can have; ``active``: those that are in."""
        return self.request({"ask": "faults"})

    def put(self, name: str, target: str = "", amount: float | None = None) -> Answer:
        """Put a fault in; answers it as it is now: name, target, amount."""
        much = {} if amount is None else {"amount": amount}
        return self.request({"put": name, "on": target, **much})

    def take(self, name: str, target: str = "") -> None:
        """Take a fault out; without a target, wherever it is."""
        self.request({"take": name, "on": target})

    def clear(self) -> None:
        self.request({"clear": True})

    def request(self, request: Answer) -> Answer:
        try:
            self._socket.sendall(msgspec.json.encode(request) + b"\n")
            line = self._file.readline()
        except OSError as error:
            raise BoardError(virtual_machine_gone(foreign(error))) from error
        if not line:
            raise BoardError(virtual_machine_gone(Foreign("it hung up")))
        answer: Answer = msgspec.json.decode(line)
        if "error" in answer:
            raise RefusedError(answer["error"])
        return answer

    def close(self) -> None:
        self._file.close()
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
