"""What a person and a screen do to a running stack, and what is seen of it from the daemon's pins."""

from __future__ import annotations

import time
from collections.abc import Callable

from app.link.client import Client
from app.sessions.history import History
from app.stack import Stack
from hardware.messages import Alive, Command, Reply, Start
from hardware.virtual.watch import StateClient

PATIENCE_S = 60.0
"""For what has to happen, however busy the machine is."""
BUSY_S = 1.0
"""What a busy machine may add to a time of the rules. How long things take on an idle one is told by
``scripts/bench``, and that the rules' own times are kept by tests in a time of their own."""


class Screen:
    """A kiosk without a window: proves it is alive, if it is to, and waits for things."""

    def __init__(self, stack: Stack, *, alive: bool = True) -> None:
        self.stack = stack
        self.client: Client = stack.client
        self.watch = StateClient(stack.state_socket)
        self.alive = alive
        self._due = 0.0

    def pump(self) -> None:
        now = time.monotonic()
        if self.alive and now >= self._due:
            self.client.send(Alive())
            self._due = now + 0.2
        self.client.wait(0.02)

    def until(self, condition: Callable[[], object], within_s: float = PATIENCE_S) -> float:
        begun = time.monotonic()
        while not condition():
            assert time.monotonic() - begun < within_s, f"not within {within_s} s: {self.client.latest}"
            self.pump()
        return time.monotonic() - begun

    def back(self) -> bool:
        """Whether the controller is there again; started anew as often as it takes, as by what tends it."""
        self.stack.tend()
        return self.client.connected

    def ask(self, command: Command) -> Reply:
        replies: list[Reply] = []
        self.client.send(command, replies.append)
        self.until(lambda: replies)
        return replies[0]

    def start(self, program: str = "circulation", minutes: int = 20, intensity: int = 5) -> str:
        self.until(lambda: self.client.latest and self.client.latest.state == "idle")
        reply = self.ask(
            Start(program=program, minutes=minutes, intensity=intensity, heat_c=38.0, answers=())
        )
        assert reply.ok, reply.reason
        return reply.session

    @property
    def state(self) -> str:
        assert self.client.latest is not None
        return self.client.latest.state

    def power(self) -> dict[str, float]:
        """The power pins that are on, from the daemon."""
        rail = str(self.stack.machine.rail.pin)
        pins = self.watch.state()["pins"]
        return {pin: p["duty"] for pin, p in pins.items() if p["duty"] > 0 and pin != rail}

    def pressures(self) -> list[float]:
        return list(self.watch.state()["bags_mmhg"])

    def ended(self, session: str) -> str:
        """The session's outcome in the history, once it has one."""
        history = History(self.stack.places.history)
        try:
            deadline = time.monotonic() + PATIENCE_S
            while True:
                found = history.session(session)
                if found is not None and found.row.outcome != "running":
                    return found.row.outcome
                assert time.monotonic() < deadline
                time.sleep(0.05)
        finally:
            history.close()
