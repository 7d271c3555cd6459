"""The controller's end of the link: takes commands, answers each, publishes snapshots.

A thread of its own reads commands, so that nothing a client sends or fails to read can hold up the control
loop. Answers come from whichever thread decided; each such thread has its own socket to this one.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import zmq

from app.link import wire
from hardware.errors import TerminalError
from hardware.message import says
from hardware.messages import Command, Pain, Reply, Snapshot, Stop
from hardware.senders import Sender


@says("The disk is very slow. Try again in a moment.")
def disk_slow() -> None: ...


@says("That came too late and was not done. Try again.")
def came_too_late() -> None: ...


@says("A command is one frame.")
def one_frame() -> None: ...


@says("Something went wrong inside. Try again.")
def went_wrong_inside() -> None: ...


log = logging.getLogger(__name__)

Respond = Callable[[Reply], None]
Handler = Callable[[Command, Sender, Respond], None]

AT_ONCE = 256
BREATH_S = 0.004
EACH_S, EACH_MOST = 1.0, 100
"""Of one client so many frames in so long are read; of what is more only Stop and Sharp pain."""
ALWAYS = (b'"do":"stop"', b'"do":"pain"')
CLIENTS = 4096
TOLD = 3
"""Of one client's mistakes within a second so many go to the log: a card is soon full."""
REMEMBERED = 256
"""A command that arrives again under the same id gets the same answer and does nothing."""
SLOW_DISK = Reply(False, disk_slow())
TOO_LATE = Reply(False, came_too_late())


class Server:
    """Binds its sockets at once, or raises InstepError; call ``publish`` from one thread only.

    ``handle`` gets each good command with who sent it and a function that answers it, from any thread, once.
    """

    def __init__(self, runtime: Path, handle: Handler) -> None:
        self._handle = handle
        commands, snapshots = wire.endpoints(runtime)
        self._context = zmq.Context(io_threads=1)
        self._answers = f"inproc://answers-{id(self)}"
        mask = os.umask(0o177)  # the sockets are the owner's alone
        try:
            self._router = self._context.socket(zmq.ROUTER)
            self._router.setsockopt(zmq.MAXMSGSIZE, wire.HARD_MAX_BYTES)
            self._router.setsockopt(zmq.LINGER, 0)
            self._router.bind(commands)
            self._pub = self._context.socket(zmq.PUB)
            self._pub.setsockopt(zmq.LINGER, 0)
            self._pub.setsockopt(zmq.SNDHWM, 4)
            self._pub.bind(snapshots)
        except zmq.ZMQError as error:
            self._context.destroy(linger=0)
            raise TerminalError(
                f"the sockets cannot be made in the runtime folder {runtime}: {error.strerror}; make room "
                "there, or choose another with --runtime or INSTEP_RUNTIME"
            ) from error
        finally:
            os.umask(mask)
        self._pull = self._context.socket(zmq.PULL)
        self._pull.bind(self._answers)
        self._counts: dict[bytes, int] = {}
        self._counted_s = 0.0
        self._local = threading.local()
        self._sockets: list[zmq.Socket[bytes]] = []
        self._seen: OrderedDict[tuple[bytes, str], Reply | None] = OrderedDict()
        self._thread = threading.Thread(target=self._serve, name="link", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def publish(self, snapshot: Snapshot) -> None:
        """Send the latest state to whoever listens; never blocks."""
        with contextlib.suppress(zmq.Again):
            self._pub.send(wire.pack(snapshot), zmq.NOBLOCK)

    def close(self) -> None:
        """Stop taking commands. Call from the thread that publishes."""
        if self._thread.is_alive():
            self._post([b""])
            self._thread.join(timeout=2.0)
        self._pub.close()
        for socket in self._sockets:
            socket.close(linger=0)
        self._router.close()
        self._pull.close()
        self._context.term()

    # --- the link's own thread -----------------------------------------------------------------------

    def _serve(self) -> None:
        poller = zmq.Poller()
        poller.register(self._router, zmq.POLLIN)
        poller.register(self._pull, zmq.POLLIN)
        while True:
            for socket, _ in poller.poll():
                # One of each client in turn, so that who sends much waits for itself ...
                for _ in range(AT_ONCE):
                    try:
                        frames = socket.recv_multipart(zmq.NOBLOCK)
                    except zmq.Again:
                        break
                    if socket is self._router:
                        self._take(frames)
                    elif len(frames) == 1:
                        return
                    else:
                        self._give(frames)
                else:
                    # ... and the control loop, which shares the interpreter with this thread, does not.
                    time.sleep(BREATH_S)

    def _too_many(self, frames: list[bytes]) -> bool:
        """Whether this client floods, and this frame is not one that only makes things safe."""
        now = time.monotonic()
        if now - self._counted_s > EACH_S or len(self._counts) > CLIENTS:
            self._counted_s = now
            self._counts.clear()
        count = self._counts[frames[0]] = self._counts.get(frames[0], 0) + 1
        if count <= EACH_MOST:
            return False
        if count == EACH_MOST + 1:
            log.warning("a client sends more than %d commands a second: most are not read", EACH_MOST)
        return not any(word in frames[-1] for word in ALWAYS) or len(frames[-1]) > wire.MAX_BYTES

    def _take(self, frames: list[bytes]) -> None:
        client = frames[0]
        if self._too_many(frames):
            return
        if len(frames) != 2:
            self._answer(client, "", Reply(False, one_frame()))
            return
        try:
            request = wire.unpack_request(frames[1])
        except wire.RefusedError as error:
            if self._counts.get(client, 0) <= TOLD:
                log.warning("refused: %s", error)
            self._answer(client, error.id, Reply(False, error.message))
            return
        key = (client, request.id)
        if key in self._seen:
            reply = self._seen[key]
            if reply is not None:
                self._answer(client, request.id, reply)
            return
        if self._stale(request):
            self._answer(client, request.id, TOO_LATE)
            return
        self._seen[key] = None
        while len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)

        def respond(reply: Reply) -> None:
            self._post([client, request.id.encode(), wire.pack(wire.Answer(request.id, reply))])

        try:
            self._handle(request.command, Sender(request.role, request.who), respond)
        except Exception:
            log.exception("the command %r could not be handled", request.command)
            respond(Reply(False, went_wrong_inside()))

    @staticmethod
    def _stale(request: wire.Request) -> bool:
        """What was queued while nobody listened is not done later; except what only makes things safe."""
        if isinstance(request.command, Stop | Pain):
            return False
        return abs(time.monotonic() - request.sent_s) > wire.STALE_S

    def _answer(self, client: bytes, id: str, reply: Reply) -> None:  # noqa: A002
        self._send(client, wire.pack(wire.Answer(id, reply)))

    def _give(self, frames: list[bytes]) -> None:
        client, id_, packed = frames
        key = (client, id_.decode())
        answer = wire.unpack_answer(packed)
        if key in self._seen and answer is not None:
            self._seen[key] = answer.reply
        self._send(client, packed)

    def _send(self, client: bytes, packed: bytes) -> None:
        # A client that has gone, or does not read, has lost its answer.
        with contextlib.suppress(zmq.ZMQError):
            self._router.send_multipart([client, packed], zmq.NOBLOCK)

    # --- from any thread -----------------------------------------------------------------------------

    def _post(self, frames: list[bytes]) -> None:
        socket: zmq.Socket[bytes] | None = getattr(self._local, "socket", None)
        if socket is None:
            socket = self._context.socket(zmq.PUSH)
            socket.setsockopt(zmq.LINGER, 0)
            socket.connect(self._answers)
            self._local.socket = socket
            self._sockets.append(socket)
        try:
            socket.send_multipart(frames, zmq.NOBLOCK)
        except zmq.ZMQError:
            log.warning("an answer was lost")
