"""The form of what goes over the link, and its bounds. JSON, so that a person can read along.

A request is one frame: ``{"v": 3, "id": "…", "sent_s": 12.3, "role": "screen", "who": "…", "command":
{"do": "start", …}}``; the answer is ``{"id": "…", "reply": {"ok": true, …}}``. A snapshot is one frame,
published ten times a second.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from hardware.errors import InstepError, TerminalError
from hardware.message import Count, Foreign, Message, foreign, says
from hardware.messages import PROTOCOL_VERSION, Command, Reply, Snapshot
from hardware.senders import Role


@says("The command is {size} bytes long; at most {most} are read.")
def command_too_long(size: Count, most: Count) -> None: ...


@says("That is not a command: {why}")
def not_a_command(why: Foreign) -> None: ...


@says(
    "The command speaks version {theirs}, the controller {ours}: restart the screen, or update both together."
)
def other_version(theirs: Count, ours: Count) -> None: ...


@says("The command is not understood: {why}")
def command_not_understood(why: Foreign) -> None: ...


MAX_BYTES = 16 * 1024
"""A longer command is refused; none of ours is near it."""
HARD_MAX_BYTES = 1024 * 1024
"""A longer frame is not even read."""
STALE_S = 2.0
"""A command this old was meant for another moment."""
ID_CHARS = 64
IPC_PATH_MAX = 100


class Request(Struct, frozen=True, forbid_unknown_fields=True):
    v: int
    id: Annotated[str, Meta(min_length=1, max_length=ID_CHARS)]
    sent_s: float
    """The sender's monotonic clock, which all processes of one machine share."""
    role: Role
    """What the sender is, on which hangs what it may ask for ..."""
    who: Annotated[str, Meta(min_length=1, max_length=ID_CHARS)]
    """... and which of them, for as long as its process lives."""
    command: Command


class Answer(Struct, frozen=True):
    id: str
    reply: Reply


class _Version(Struct, frozen=True):
    v: int
    id: str = ""


class RefusedError(InstepError, ValueError):
    """A request that is not one; ``id`` is the sender's name for it as far as that could be read."""

    def __init__(self, reason: Message, id: str = "") -> None:  # noqa: A002
        self.id = id
        super().__init__(reason)


_encoder = msgspec.json.Encoder()
_requests = msgspec.json.Decoder(Request)
_versions = msgspec.json.Decoder(_Version)
_answers = msgspec.json.Decoder(Answer)
_snapshots = msgspec.json.Decoder(Snapshot)


def pack(message: Request | Answer | Snapshot) -> bytes:
    return _encoder.encode(message)


def unpack_request(frame: bytes) -> Request:
    """Raises RefusedError for anything but a request of this version, within its bounds."""
    if len(frame) > MAX_BYTES:
        raise RefusedError(command_too_long(Count(len(frame)), Count(MAX_BYTES)))
    try:
        version = _versions.decode(frame)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RefusedError(not_a_command(foreign(error))) from error
    known = version.id if len(version.id) <= ID_CHARS else ""
    if version.v != PROTOCOL_VERSION:
        raise RefusedError(other_version(Count(version.v), Count(PROTOCOL_VERSION)), known)
    try:
        return _requests.decode(frame)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RefusedError(command_not_understood(foreign(error)), known) from error


def unpack_answer(frame: bytes) -> Answer | None:
    try:
        return _answers.decode(frame)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def unpack_snapshot(frame: bytes) -> Snapshot | None:
    """None for a frame that is not a snapshot of this version."""
    try:
        snapshot = _snapshots.decode(frame)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return snapshot if snapshot.version == PROTOCOL_VERSION else None


def endpoints(runtime: Path) -> tuple[str, str]:
    """The addresses of (commands, snapshots) in a runtime folder.

    Raises InstepError where the folder's path is too long for a unix socket, or not UTF-8.
    """
    # ZeroMQ takes UTF-8, whatever this process's locale makes of the folder's bytes.
    path = os.fsencode(runtime)
    if len(path) + len("/snapshots") > IPC_PATH_MAX:
        raise TerminalError(
            f"the runtime folder's path is too long for a socket ({runtime}): choose a shorter one with "
            "--runtime or INSTEP_RUNTIME"
        )
    try:
        folder = path.decode("utf-8")
    except UnicodeDecodeError:
        raise TerminalError(
            f"the runtime folder's path is not UTF-8 ({runtime}): choose another with --runtime or "
            "INSTEP_RUNTIME"
        ) from None
    return f"ipc://{folder}/commands", f"ipc://{folder}/snapshots"
