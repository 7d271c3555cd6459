"""A controller's link for a command that a builder types, on a machine in fake time."""

from __future__ import annotations

from collections.abc import Callable

from hardware.messages import Command, Reply, Snapshot
from hardware.virtual.params import FootParams, PlantParams
from tests.rig import Rig

NO_FEET = PlantParams(feet={"left": FootParams(present=False), "right": FootParams(present=False)})


class Bench:
    """A link whose waiting is the machine's living."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig.ready()
        self.latest: Snapshot = rig.engine.snapshot()
        self._answers: list[tuple[Callable[[Reply], None], Reply]] = []

    def send(self, command: Command, on_reply: Callable[[Reply], None] | None = None) -> None:
        reply = self.rig.give(command)  # type: ignore[arg-type]
        if on_reply is not None:
            self._answers.append((on_reply, reply))

    def wait(self, seconds: float) -> bool:
        self.rig.tick()
        self.rig.tick()
        answers, self._answers = self._answers, []
        for on_reply, reply in answers:
            on_reply(reply)
        self.latest = self.rig.engine.snapshot()
        return True
