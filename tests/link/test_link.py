"""The link: good commands arrive and are answered; nothing else does any harm."""

from __future__ import annotations

import contextlib
import json
import os
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zmq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.link import wire
from app.link.client import Client
from app.link.server import Respond, Server
from app.places import Places, make_private, only_one
from hardware.errors import InstepError
from hardware.messages import (
    DONE,
    PROTOCOL_VERSION,
    Command,
    DeleteSession,
    Pause,
    Rate,
    Reply,
    SetIntensity,
    Snapshot,
    Start,
    Stop,
)
from hardware.senders import Sender
from tests.said import say


class Desk:
    """A server that remembers what it was told, and answers at once."""

    def __init__(self, runtime: Path) -> None:
        self.got: list[Command] = []
        self.by: list[Sender] = []
        self.reply = DONE
        self.server = Server(runtime, self._handle)
        self.server.start()

    def _handle(self, command: Command, by: Sender, respond: Respond) -> None:
        self.got.append(command)
        self.by.append(by)
        respond(self.reply)


@pytest.fixture
def desk(places: Places) -> Iterator[Desk]:
    found = Desk(places.runtime)
    yield found
    found.server.close()


@pytest.fixture
def client(places: Places, desk: Desk) -> Iterator[Client]:
    found = Client(places.runtime, "screen")
    publish_until(desk, found, lambda: found.connected)
    yield found
    found.close()


def publish_until(desk: Desk, client: Client, condition: Callable[[], bool], within_s: float = 5.0) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline
        desk.server.publish(Snapshot(at_s=time.monotonic(), boot="b", state="idle"))
        client.wait(0.02)


def ask(client: Client, command: Command) -> Reply:
    replies: list[Reply] = []
    deadline = time.monotonic() + 5
    client.send(command, replies.append)
    while not replies:
        assert time.monotonic() < deadline
        client.wait(0.02)
    return replies[0]


@pytest.fixture
def raw(places: Places, desk: Desk) -> Iterator[zmq.Socket[bytes]]:
    """A socket that says whatever a test likes."""
    context = zmq.Context()
    socket = context.socket(zmq.DEALER)
    socket.setsockopt(zmq.LINGER, 0)
    socket.setsockopt(zmq.RCVTIMEO, 5000)
    socket.connect(wire.endpoints(places.runtime)[0])
    yield socket
    socket.close()
    context.term()


def request(**changes: object) -> bytes:
    good: dict[str, object] = {
        "v": PROTOCOL_VERSION, "id": "x1", "sent_s": time.monotonic(), "role": "screen", "who": "s1",
        "command": {"do": "pause"},
    }  # fmt: skip
    return json.dumps({**good, **changes}).encode()


def answer(raw: zmq.Socket[bytes], frame: bytes) -> Reply:
    raw.send(frame)
    found = wire.unpack_answer(raw.recv())
    assert found is not None
    return found.reply


def test_a_command_arrives_typed_and_is_acknowledged(desk: Desk, client: Client) -> None:
    assert ask(client, SetIntensity(level=7)) == DONE
    assert desk.got == [SetIntensity(level=7)]


def test_a_command_says_who_sent_it(desk: Desk, client: Client, places: Places) -> None:
    ask(client, Pause())
    ask(client, Pause())
    other = Client(places.runtime, "command-line")
    publish_until(desk, other, lambda: other.connected)
    ask(other, Pause())
    other.close()
    assert [by.role for by in desk.by] == ["screen", "screen", "command-line"]
    assert desk.by[0] == desk.by[1] != desk.by[2]


def test_who_says_no_role_or_an_unknown_one_is_refused(desk: Desk, raw: zmq.Socket[bytes]) -> None:
    for wrong in ({"role": "king"}, {"who": ""}, {"role": None}):
        assert not answer(raw, request(**wrong)).ok
    assert not desk.got


def test_a_refusal_comes_with_its_reason(desk: Desk, client: Client) -> None:
    desk.reply = Reply(False, say("Not now."))
    assert str(ask(client, Pause()).reason) == "Not now."


def test_the_latest_snapshot_wins(desk: Desk, client: Client) -> None:
    for state in ("idle", "running", "paused"):
        desk.server.publish(Snapshot(at_s=1.0, boot="b", state=state))  # type: ignore[arg-type]
    deadline = time.monotonic() + 5
    while client.latest is None or client.latest.state != "paused":
        assert time.monotonic() < deadline
        client.wait(0.02)


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (b"", "not a command"),
        (b"\x00\xff\x80", "not a command"),
        (b"[1, 2]", "not a command"),
        (b"{}", "not a command"),
        (b'{"v": 99, "id": "x"}', "version 99"),
        (request(command={"do": "explode"}), "not understood"),
        (request(command={"do": "intensity", "level": 11}), "<= 10"),
        (request(command={"do": "intensity", "level": 3.5}), "not understood"),
        (request(command={"do": "intensity", "level": None}), "not understood"),
        (
            request(command={"do": "start", "program": "../../etc", "minutes": 10, "intensity": 1}),
            "matching regex",
        ),
        (request(command={"do": "start", "program": "relax", "minutes": 90, "intensity": 1}), "<= 30"),
        (request(command={"do": "heat", "heat_c": 60}), "<= 42"),
        (request(command={"do": "pause", "force": True}), "unknown field"),
        (request(id=""), "not understood"),
        (request(id="x" * 65), "not understood"),
        (request(command={"do": "boost", "zone": "x" * wire.MAX_BYTES}), "bytes long"),
        (b"[" * 10_000, "not a command"),
    ],
    ids=range(17),
)
def test_what_is_not_a_command_is_refused_and_does_nothing(
    desk: Desk, raw: zmq.Socket[bytes], frame: bytes, reason: str
) -> None:
    reply = answer(raw, frame)
    assert not reply.ok
    assert reason in str(reply.reason)
    assert desk.got == []
    assert answer(raw, request(id="good")).ok, "the link lives on"


def test_a_frame_beyond_reason_is_not_even_read(desk: Desk, raw: zmq.Socket[bytes], client: Client) -> None:
    raw.send(b"x" * (wire.HARD_MAX_BYTES + 1))
    assert ask(client, Pause()).ok, "others are served"
    assert desk.got == [Pause()]


def test_many_frames_are_refused(raw: zmq.Socket[bytes]) -> None:
    raw.send_multipart([b"a", b"b", b"c"])
    found = wire.unpack_answer(raw.recv())
    assert found is not None
    assert str(found.reply.reason) == "A command is one frame."


def test_a_command_that_arrives_twice_is_done_once_and_answered_twice(
    desk: Desk, raw: zmq.Socket[bytes]
) -> None:
    desk.reply = Reply(True, session="s1")
    frame = request(id="same")
    assert answer(raw, frame).session == "s1"
    assert answer(raw, frame).session == "s1"
    assert desk.got == [Pause()]


def test_a_stale_command_is_refused_but_never_a_stop(desk: Desk, raw: zmq.Socket[bytes]) -> None:
    old = time.monotonic() - wire.STALE_S - 1
    start = {"do": "start", "program": "relax", "minutes": 10, "intensity": 1}
    assert "too late" in str(answer(raw, request(id="a", sent_s=old, command=start)).reason)
    assert answer(raw, request(id="b", sent_s=old, command={"do": "stop"})).ok
    assert desk.got == [Stop()]


def test_a_handler_that_fails_answers_and_the_link_lives_on(desk: Desk, raw: zmq.Socket[bytes]) -> None:
    def broken(command: Command, respond: Respond) -> None:
        raise RuntimeError("inside")

    good, desk.server._handle = desk.server._handle, broken
    assert "went wrong" in str(answer(raw, request(id="a")).reason)
    desk.server._handle = good
    assert answer(raw, request(id="b")).ok


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.binary(max_size=200), st.text(max_size=100).map(str.encode)))
def test_no_bytes_at_all_do_harm(frame: bytes) -> None:
    with contextlib.suppress(wire.RefusedError):
        assert wire.unpack_request(frame).v == PROTOCOL_VERSION


def test_sockets_and_folder_are_the_owner_s_alone(places: Places, desk: Desk) -> None:
    assert stat.S_IMODE(places.runtime.stat().st_mode) == 0o700
    for name in ("commands", "snapshots"):
        assert stat.S_IMODE((places.runtime / name).stat().st_mode) & 0o077 == 0


def test_a_runtime_folder_open_to_others_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    make_private(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_path_too_long_for_a_socket_says_so() -> None:
    with pytest.raises(InstepError, match="too long for a socket"):
        wire.endpoints(Path("/tmp") / ("x" * 200))


def test_without_a_controller_a_command_fails_at_once_and_is_not_kept(places: Places) -> None:
    client = Client(places.runtime, "screen")
    try:
        replies: list[Reply] = []
        client.send(Start(program="relax", minutes=10, intensity=3, answers=()), replies.append)
        assert [reply.ok for reply in replies] == [False]
        assert not client.connected
        late = Desk(places.runtime)
        try:
            publish_until(late, client, lambda: client.connected)
            assert ask(client, Pause()).ok
            assert late.got == [Pause()], "the start from before is not done now"
        finally:
            late.server.close()
    finally:
        client.close()


def test_it_reconnects_by_itself_when_the_controller_restarts(places: Places) -> None:
    first = Desk(places.runtime)
    client = Client(places.runtime, "screen")
    try:
        publish_until(first, client, lambda: client.connected)
        first.server.close()
        deadline = time.monotonic() + 5
        while client.connected:
            assert time.monotonic() < deadline
            client.wait(0.02)
        second = Desk(places.runtime)
        try:
            publish_until(second, client, lambda: client.connected)
            assert ask(client, Pause()).ok
            assert second.got == [Pause()]
        finally:
            second.server.close()
    finally:
        client.close()


def test_a_command_nobody_answers_is_given_up(places: Places, desk: Desk) -> None:
    now = [0.0]
    client = Client(places.runtime, "screen", clock=lambda: now[0])
    try:
        publish_until(desk, client, lambda: client.latest is not None)
        desk.server._handle = lambda command, by, respond: None
        replies: list[Reply] = []
        client.send(Pause(), replies.append)
        client.wait(0.05)
        assert replies == []
        now[0] = 10.0
        client.poll()
        assert [reply.ok for reply in replies] == [False]
    finally:
        client.close()


def test_what_is_accepted_is_asked_for_again_until_it_is_done_and_a_rating_is_not(
    places: Places, desk: Desk
) -> None:
    now = [0.0]
    client = Client(places.runtime, "screen", clock=lambda: now[0])
    try:
        publish_until(desk, client, lambda: client.latest is not None)
        desk.reply = Reply(True, waits=True)
        deleted: list[Reply] = []
        rated: list[Reply] = []
        client.send(DeleteSession(session="s1"), deleted.append)
        client.send(Rate(session="s1", after=1), rated.append)
        publish_until(desk, client, lambda: rated != [])
        now[0] += 1.5
        publish_until(desk, client, lambda: len(desk.got) == 3)
        assert (rated, deleted) == ([Reply(True, waits=True)], [])
        desk.reply = DONE
        publish_until(desk, client, lambda: client._again != [])
        now[0] += 1.5
        publish_until(desk, client, lambda: deleted != [])
        assert deleted == [DONE]
        assert [command for command in desk.got if command != Rate(session="s1", after=1)] == [
            DeleteSession(session="s1")
        ] * 3
        desk.reply = Reply(True, waits=True)
        client.send(DeleteSession(session="s2"), deleted.append)
        publish_until(desk, client, lambda: client._again != [])
        now[0] += 100.0
        publish_until(desk, client, lambda: len(deleted) == 2)
        assert not deleted[1].ok, "it is not waited for for ever"
    finally:
        client.close()


def test_one_controller_to_a_folder(places: Places) -> None:
    refused = pytest.raises(InstepError, match=f"process {os.getpid()}")
    with only_one(places.runtime), refused, only_one(places.runtime):
        pass
    with only_one(places.runtime):
        pass


def test_a_runtime_folder_that_is_full_is_held_all_the_same(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_about: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    refused = pytest.raises(InstepError, match="process unknown")
    with only_one(places.runtime), refused, only_one(places.runtime):
        pass


@pytest.mark.parametrize("name", ["commands", "snapshots"])
def test_sockets_that_cannot_be_made_are_a_sentence(places: Places, name: str) -> None:
    (places.runtime / name).mkdir()
    with pytest.raises(InstepError, match="sockets cannot be made") as refused:
        Server(places.runtime, lambda _command, _by, respond: respond(DONE))
    assert str(places.runtime) in str(refused.value)
