"""Watching the virtual machine and rehearsing with it: JSON lines over a unix socket.

Requests, one a line, each answered with one line::

    {"ask": "state"}                                     the plant's truth
    {"ask": "edges", "since": 0.0}                       changes of the power pins and the rail after then
    {"set": "foot", "side": "left", "present": false}
    {"set": "emergency_stop", "pressed": true}

Whatever cannot be done is answered with ``{"error": "why"}``.
"""

from __future__ import annotations

import asyncio
import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import msgspec

from hardware.errors import BoardError
from hardware.virtual.commands import Commands
from hardware.virtual.params import SIDES

MAX_LINE = 64 * 1024
Answer = dict[str, Any]


class StateFace:
    """Answers requests about one virtual machine."""

    def __init__(self, commands: Commands) -> None:
        self._commands = commands
        self._settings: dict[str, Callable[[Answer], None]] = {
            "foot": self._set_foot,
            "emergency_stop": self._set_stop,
        }

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
            if request.get("ask") == "state":
                return self.state()
            if request.get("ask") == "edges":
                return self._edges(request.get("since", 0.0))
            setting = request.get("set")
            if isinstance(setting, str) and setting in self._settings:
                self._settings[setting](request)
                return {"ok": True}
        except ValueError as error:
            return {"error": str(error)}
        return {"error": 'unknown request: "ask" state or edges, or "set" ' + ", ".join(self._settings)}

    def state(self) -> Answer:
        """The plant's truth: temperatures in °C, pressures in mmHg, speeds and duties 0..1."""
        wiring, gpio = self._commands.wiring, self._commands.gpio
        plant = wiring.plant
        return {
            "now_s": wiring.now_s,
            "rail": plant.rail,
            "pins": {
                str(pin): {"mode": gpio.get_mode(pin), "level": gpio.level(pin), "duty": duty}
                for pin, duty in wiring.duties.items()
            },
            "pads_c": plant.pad_c,
            "skin_c": {side: plant.skin_c[side] if here else None for side, here in plant.feet.items()},
            "bags_mmhg": plant.bag_mmhg,
            "motor_speeds": plant.motor_speed,
            "watts": plant.watts,
            "emergency_stop": plant.stop_open,
            "feet": plant.feet,
            "scripts": len(self._commands.scripts),
        }

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
        except (ValueError, ConnectionError):  # a line too long; gone
            pass
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


class StateClient:
    """Asks a virtual machine's state socket.

        with StateClient(path) as watch:
            watch.set("foot", side="left", present=False)
            watch.state()["bags_mmhg"]

    Raises :class:`~hardware.errors.BoardError` when nobody answers, ValueError when the request is refused.
    """

    def __init__(self, path: Path | str, timeout_s: float = 5.0) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(timeout_s)
        try:
            self._socket.connect(str(path))
        except OSError as error:
            self._socket.close()
            raise BoardError(f"no virtual machine answers at {path}: {error.strerror or error}") from error
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

    def request(self, request: Answer) -> Answer:
        try:
            self._socket.sendall(msgspec.json.encode(request) + b"\n")
            line = self._file.readline()
        except OSError as error:
            raise BoardError(f"the virtual machine went away: {error}") from error
        if not line:
            raise BoardError("the virtual machine went away")
        answer: Answer = msgspec.json.decode(line)
        if "error" in answer:
            raise ValueError(answer["error"])
        return answer

    def close(self) -> None:
        self._file.close()
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
