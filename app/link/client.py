"""A screen's end of the link. Nothing here blocks: call ``poll`` from the screen's own clock."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

import zmq

from app.link import wire
from hardware.message import says
from hardware.messages import (
    PROTOCOL_VERSION,
    Command,
    DeleteSession,
    ForgetPerson,
    KeepGains,
    Reply,
    Snapshot,
)
from hardware.senders import Role


@says("The machine is not ready yet. Try again in a moment.")
def not_ready_yet() -> None: ...


@says("The machine does not answer. Try again in a moment.")
def no_answer() -> None: ...


@says("It is not on the disk yet: the disk is very slow. Check the card.")
def not_on_disk_yet() -> None: ...


OnReply = Callable[[Reply], None]

SILENT_S = 1.0
"""Snapshots come every tenth of a second; this long without one means the controller is gone."""
ANSWER_S = 2.0
AGAIN_S = 1.0
"""What is accepted and not done yet is asked for again after so long ..."""
LONGEST_S = 60.0
"""... and for so long at most."""
UNTIL_DONE = DeleteSession | ForgetPerson | KeepGains
"""Of these a person has to hear what became of them, not that they are accepted."""
NOT_THERE = Reply(False, not_ready_yet())
NO_ANSWER = Reply(False, no_answer())
NOT_DONE_YET = Reply(False, not_on_disk_yet())


class Client:
    """Sends commands and keeps the latest snapshot. Reconnects by itself, and never queues for later.

    ``role`` says what is at this end; what it may ask for hangs on that. What ends on a disk that is slow may
    be answered as accepted; of UNTIL_DONE the reply comes only once it is done, or is known not to be.
    """

    def __init__(self, runtime: Path, role: Role, clock: Callable[[], float] = time.monotonic) -> None:
        self.role: Role = role
        self._clock = clock
        commands, snapshots = wire.endpoints(runtime)
        self._context = zmq.Context(io_threads=1)
        self._dealer = self._context.socket(zmq.DEALER)
        self._dealer.setsockopt(zmq.LINGER, 200)
        # Without a controller a command fails now; it is not kept for a later one.
        self._dealer.setsockopt(zmq.IMMEDIATE, 1)
        self._dealer.setsockopt(zmq.RECONNECT_IVL, 100)
        self._dealer.setsockopt(zmq.RECONNECT_IVL_MAX, 500)
        self._dealer.connect(commands)
        self._sub = self._context.socket(zmq.SUB)
        self._sub.setsockopt(zmq.CONFLATE, 1)
        self._sub.setsockopt(zmq.LINGER, 0)
        self._sub.setsockopt(zmq.RECONNECT_IVL, 100)
        self._sub.setsockopt(zmq.RECONNECT_IVL_MAX, 500)
        self._sub.setsockopt(zmq.SUBSCRIBE, b"")
        self._sub.connect(snapshots)
        self._poller = zmq.Poller()
        self._poller.register(self._dealer, zmq.POLLIN)
        self._poller.register(self._sub, zmq.POLLIN)
        self._name = os.urandom(4).hex()
        self._numbers = count(1)
        self._waiting: dict[str, tuple[float, OnReply | None]] = {}
        self._again: list[tuple[float, Callable[[], None]]] = []
        """When to ask once more, and how."""
        self._heard_at = float("-inf")
        self.latest: Snapshot | None = None

    @property
    def connected(self) -> bool:
        """The controller is heard, and a command would reach it."""
        heard = self._clock() - self._heard_at < SILENT_S
        return heard and _ready(self._dealer, zmq.POLLOUT)

    def send(self, command: Command, on_reply: OnReply | None = None) -> None:
        """Send now or not at all; ``on_reply`` comes from a later ``poll``, or at once if it cannot go."""
        now = self._clock()
        if on_reply is not None and isinstance(command, UNTIL_DONE):
            on_reply = self._until_done(command, on_reply, now + LONGEST_S)
        self._send(command, on_reply, now)

    def _until_done(self, command: Command, on_reply: OnReply, until: float) -> OnReply:
        def heard(reply: Reply) -> None:
            now = self._clock()
            if not reply.waits:
                on_reply(reply)
            elif now < until:
                self._again.append((now + AGAIN_S, lambda: self._send(command, heard, self._clock())))
            else:
                on_reply(NOT_DONE_YET)

        return heard

    def _send(self, command: Command, on_reply: OnReply | None, now: float) -> None:
        id_ = f"{self._name}-{next(self._numbers)}"
        try:
            self._dealer.send(
                wire.pack(
                    wire.Request(PROTOCOL_VERSION, id_, time.monotonic(), self.role, self._name, command)
                ),
                zmq.NOBLOCK,
            )
        except zmq.ZMQError:
            if on_reply is not None:
                on_reply(NOT_THERE)
            return
        self._waiting[id_] = (now + ANSWER_S, on_reply)

    def poll(self) -> bool:
        """Take what has come, without blocking. True when there is a new snapshot."""
        while _ready(self._dealer, zmq.POLLIN):
            try:
                frame = self._dealer.recv(zmq.NOBLOCK)
            except zmq.ZMQError:
                break
            answer = wire.unpack_answer(frame)
            if answer is not None:
                _, on_reply = self._waiting.pop(answer.id, (0.0, None))
                if on_reply is not None:
                    on_reply(answer.reply)
        self._give_up()
        self._ask_again()
        if not _ready(self._sub, zmq.POLLIN):
            return False
        try:
            snapshot = wire.unpack_snapshot(self._sub.recv(zmq.NOBLOCK))
        except zmq.ZMQError:
            return False
        if snapshot is None:
            return False
        self._heard_at = self._clock()
        self.latest = snapshot
        return True

    def wait(self, seconds: float) -> bool:
        """Block until something comes, at most this long; then ``poll``. For programs without a screen."""
        self._poller.poll(int(seconds * 1000))
        return self.poll()

    def _give_up(self) -> None:
        if not self._waiting:
            return
        now = self._clock()
        for id_ in [id_ for id_, (deadline, _) in self._waiting.items() if now > deadline]:
            _, on_reply = self._waiting.pop(id_)
            if on_reply is not None:
                on_reply(NO_ANSWER)

    def _ask_again(self) -> None:
        if not self._again:
            return
        now = self._clock()
        due = [ask for at, ask in self._again if at <= now]
        self._again = [(at, ask) for at, ask in self._again if at > now]
        for ask in due:
            ask()

    def close(self) -> None:
        self._dealer.close()
        self._sub.close(linger=0)
        self._context.term()


def _ready(socket: zmq.Socket[bytes], event: int) -> bool:
    """Asked up to sixty times a second: a poller, or an error for an empty queue, costs ten times as much."""
    return bool(int(socket.getsockopt(zmq.EVENTS)) & event)
