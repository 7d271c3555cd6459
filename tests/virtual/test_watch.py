"""The state socket: who may, what it says, and what it refuses."""

from __future__ import annotations

import asyncio
import socket
import stat
from pathlib import Path
from typing import Any

import pytest

from hardware.errors import BoardError
from hardware.machine import Machine
from hardware.virtual.commands import Commands
from hardware.virtual.plant import Plant
from hardware.virtual.watch import StateClient, StateFace, serve_state
from hardware.virtual.wiring import Wiring
from tests.daemon import Daemon, until


@pytest.fixture
def face(machine: Machine) -> StateFace:
    return StateFace(Commands(machine, Wiring(machine, Plant(machine), 10.0), lambda: 10.0))


@pytest.mark.parametrize(
    "line",
    [
        *(b"", b"nonsense", b"[]", b"3", b"{}", b'{"ask": "money"}', b'{"set": "mood"}', b'{"set": []}'),
        b'{"ask": "edges", "since": "noon"}',
        b'{"set": "foot", "side": "middle", "present": true}',
        b'{"set": "foot", "side": ["left"], "present": true}',
        b'{"set": "foot", "side": "left", "present": 1}',
        b'{"set": "emergency_stop"}',
        b"\xff\xfe",
    ],
)
def test_what_makes_no_sense_is_answered_with_an_error(face: StateFace, line: bytes) -> None:
    before = face.state()
    assert set(face.answer(line)) == {"error"}
    assert face.state() == before


def test_the_state_is_the_plants_truth(face: StateFace, machine: Machine) -> None:
    state = face.answer(b'{"ask": "state"}')
    assert state["now_s"] == 10.0
    assert set(state["pins"]) == {str(pin) for pin in (*machine.power_pins(), machine.rail.pin)}
    assert state["feet"] == {"left": True, "right": True}
    assert state["watts"] == 0.0


def test_feet_and_the_stop_can_be_set(face: StateFace) -> None:
    assert face.answer(b'{"set": "foot", "side": "left", "present": false}') == {"ok": True}
    assert face.state()["skin_c"]["left"] is None
    assert face.answer(b'{"set": "emergency_stop", "pressed": true}') == {"ok": True}
    assert face.state()["emergency_stop"] is True


def test_a_daemon_that_goes_leaves_its_watchers_quietly(face: StateFace, tmp_path: Path) -> None:
    said: list[dict[str, Any]] = []

    async def live() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _loop, context: said.append(context))
        server = await serve_state(face, tmp_path / "state")
        reader, writer = await asyncio.open_unix_connection(str(tmp_path / "state"))
        writer.write(b'{"ask": "state"}\n')
        assert await reader.readline()
        conversing = asyncio.all_tasks() - {asyncio.current_task()}
        assert conversing
        for task in conversing:
            task.cancel()
        await asyncio.wait(conversing)
        await asyncio.sleep(0)  # for what is called once they are done
        writer.close()
        server.close()

    asyncio.run(live())
    assert said == []


@pytest.mark.process
def test_only_its_user_may_ask_and_edges_are_kept(daemon: Daemon) -> None:
    assert stat.S_IMODE(daemon.state.stat().st_mode) == 0o600
    with daemon.watch() as watch:
        since = watch.state()["now_s"]
        client = daemon.client()
        client.write(17, 1)
        client.write(17, 0)
        until(lambda: [edge[1:] for edge in watch.edges(since)] == [(17, 1.0), (17, 0.0)])
        with pytest.raises(ValueError, match="unknown request"):
            watch.set("mood", good=True)
        assert watch.state()["pins"]["17"]["mode"] == 1


@pytest.mark.process
def test_endless_lines_end_their_own_connection_only(daemon: Daemon) -> None:
    with socket.socket(socket.AF_UNIX) as plain:
        plain.connect(str(daemon.state))
        plain.settimeout(10.0)
        try:
            plain.sendall(b"x" * (1 << 20))
            assert plain.recv(1) == b""
        except ConnectionError:
            pass
    with daemon.watch() as watch:
        assert watch.state()["feet"]["left"] is True


def test_nobody_there_is_a_board_error(tmp_path: Path) -> None:
    with pytest.raises(BoardError, match="no virtual machine"):
        StateClient(tmp_path / "nothing")
