"""A watcher at a virtual daemon: its own connection, its own thread, its own heart."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hardware.errors import BoardError
from hardware.virtual.watch import StateClient
from tests.process.trace import BEAT_S, LOOK_S, NEW, Look, Trace

ANSWER_S = 0.5
"""A daemon that is frozen does not answer for longer; it is asked again on a new connection."""
SCRIPTS, RUNNING, WAITING = 32, 2, 3
PROCP = 45
"""pigpio's command for how a stored script is."""


class Watcher:
    """Fills a trace for as long as the ``with`` block lasts. It looks at whichever daemon is there."""

    def __init__(self, state_socket: Path, port: int, rail_pin: int, patience: float = 1.0) -> None:
        self._socket = state_socket
        self._port = port
        self._rail_pin = rail_pin
        self._patience = patience
        self.trace = Trace(rail_pin, patience)
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._threads = [threading.Thread(target=target) for target in (self._beat, self._watch)]
        self._newest_s = 0.0
        self.seen: Mapping[str, Any] = {}
        """The last answer."""

    def __enter__(self) -> Watcher:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def take(self) -> Trace:
        """What was seen since it was last taken; the next one begins with the machine as it is now."""
        with self._lock:
            found, now = self.trace, Trace(self._rail_pin, self._patience)
            found.edges.sort(key=lambda edge: edge[0])  # what a dead daemon had still to say comes late
            now.edges = _as_it_is(found)
            self.trace = now
            return found

    def _beat(self) -> None:
        while not self._over.is_set():
            time.sleep(BEAT_S)
            self.trace.beats.append(time.monotonic())

    def _watch(self) -> None:
        while not self._over.is_set():
            with contextlib.suppress(BoardError, OSError), StateClient(self._socket, ANSWER_S) as watch:
                self._look_at(watch)
            time.sleep(LOOK_S)

    def _look_at(self, watch: StateClient) -> None:
        while not self._over.is_set():
            state = watch.state()
            with self._lock:
                self._take_in(state, watch.request({"ask": "edges", "since": self._newest_s})["edges"])
            self.seen = state
            time.sleep(LOOK_S)

    def _take_in(self, state: Mapping[str, Any], edges: list[list[Any]]) -> None:
        trace = self.trace
        for at_s, pin, duty in edges:
            trace.edges.append((at_s, pin, duty))
            self._newest_s = max(self._newest_s, at_s)
        trace.looks.append(
            Look(
                state["now_s"],
                tuple(state["bags_mmhg"]),
                tuple(state["pads_c"]),
                0 if state["scripts"] < 2 else leases(self._port),
            )
        )

    def another(self) -> None:
        """It is another virtual machine from here on."""
        with self._lock:
            self.trace.edges.append((time.monotonic(), NEW, 0.0))


def _as_it_is(trace: Trace) -> list[Any]:
    """The pins and the rail at the end of a trace, as edges of before."""
    duties: dict[int | str, tuple[float, float]] = {}
    for at_s, pin, duty in trace.edges:
        if pin == NEW:
            duties = {}
        else:
            duties[pin] = (at_s, duty)
    return sorted((at_s, pin, duty) for pin, (at_s, duty) in duties.items())


def leases(port: int) -> int:
    """How many scripts run in the daemon: each feeds the rail. Raises OSError when it does not answer."""
    running = 0
    with socket.create_connection(("127.0.0.1", port), ANSWER_S) as plain, plain.makefile("rb") as answers:
        for number in range(SCRIPTS):
            plain.sendall(struct.pack("<IIII", PROCP, number, 0, 0))
            head = answers.read(16)
            if len(head) < 16:
                raise ConnectionError("the daemon has hung up")
            size = struct.unpack("<IIIi", head)[3]
            if size > 0:
                running += struct.unpack_from("<I", answers.read(size))[0] in (RUNNING, WAITING)
    return running
