"""Faults over the state socket of a real daemon, with the genuine client on the other side."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import suppress

import pigpio
import pytest

from hardware.errors import InstepError
from hardware.machine import Machine
from hardware.virtual.commands import Commands
from hardware.virtual.plant import Plant
from hardware.virtual.protocol import Cmd
from hardware.virtual.watch import StateClient, StateFace
from hardware.virtual.wiring import Wiring
from tests.daemon import Daemon, ask, raw, until, virtual_daemon

RAIL, MOTOR, PAD, STOP = 26, 12, 25, 5


@pytest.fixture
def face(machine: Machine) -> StateFace:
    return StateFace(Commands(machine, Wiring(machine, Plant(machine), 10.0), lambda: 10.0))


@pytest.fixture
def watch(daemon: Daemon) -> Iterator[StateClient]:
    with daemon.watch() as found:
        yield found
        found.clear()


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({"put": "sensor-open"}, "has to be on one of: left a, left b, right a, right b"),
        ({"put": 3}, '"put" is a word'),
        ({"put": "bag-leak", "on": ["foot"]}, '"on" is a word'),
        ({"put": "bag-leak", "on": "foot", "amount": "much"}, '"amount" is a number'),
        ({"put": "bag-leak", "on": "foot", "amount": True}, '"amount" is a number'),
        ({"put": "bag-leak", "on": "foot", "amount": 1e300}, "it can be 0.1 to 500 mL/s"),
        ({"put": "daemon-gone"}, "there is no daemon here"),
        ({"take": "pump-dead"}, "pump-dead is not in; what is: none"),
        ({"clear": 1}, '"clear" is true or false'),
        ({"ask": "money"}, '"ask" is one of state, sensors, edges, faults'),
    ],
)
def test_what_cannot_be_is_refused_with_words(
    face: StateFace, request_: dict[str, object], words: str
) -> None:
    answer = face.answer(json.dumps(request_).encode())
    assert set(answer) == {"error"}
    assert words in answer["error"]
    assert face.state()["faults"] == []


def test_the_registry_and_what_is_in(face: StateFace) -> None:
    asked = face.answer(b'{"put": "bag-leak", "on": "calf", "amount": 30}')
    assert asked == {"name": "bag-leak", "target": "calf", "amount": 30.0}
    answer = face.answer(b'{"ask": "faults"}')
    assert answer["active"] == [asked] == face.state()["faults"]
    by_name = {fault["name"]: fault for fault in answer["faults"]}
    assert by_name["bag-leak"]["amount"] == {"unit": "mL/s", "least": 0.1, "most": 500.0, "default": 20.0}
    assert by_name["sensor-open"]["targets"] == ("left a", "left b", "right a", "right b")
    assert all(fault["about"] for fault in by_name.values())
    assert face.answer(b'{"clear": true}') == {"ok": True}
    assert face.state()["faults"] == []


def test_sensors_say_what_the_state_does_not(face: StateFace) -> None:
    face.answer(b'{"put": "sensor-open", "on": "left a"}')
    face.answer(b'{"put": "pressure-open", "on": "calf"}')
    sensors = face.answer(b'{"ask": "sensors"}')
    assert sensors["pads_c"][0][0] is None
    assert sensors["pads_c"][0][1] == pytest.approx(20.0, abs=0.5)
    assert [mmhg is None for mmhg in sensors["bags_mmhg"]] == [False, False, True, False]
    assert face.state()["pads_c"][0] == 20.0
    assert face.state()["pins"]["25"]["part"] == "pad left"


@pytest.mark.process
def test_a_fault_reaches_the_genuine_client(watch: StateClient, pi: pigpio.pi) -> None:
    handle = pi.spi_open(0, 500_000, 0)

    def code() -> int:
        _, data = pi.spi_xfer(handle, [1, 0x80, 0])
        return int((data[1] & 3) << 8 | data[2])

    sound = code()
    assert watch.put("sensor-open", "left a") == {"name": "sensor-open", "target": "left a", "amount": None}
    assert code() == 1023
    assert watch.faults()["active"] == [{"name": "sensor-open", "target": "left a", "amount": None}]
    watch.take("sensor-open")
    assert code() == pytest.approx(sound, abs=20)
    pi.spi_close(handle)
    with pytest.raises(InstepError, match="there is no fault named 'mood'"):
        watch.put("mood")


@pytest.mark.process
def test_a_stop_pressed_by_a_fault_calls_back(watch: StateClient, pi: pigpio.pi) -> None:
    seen: list[int] = []
    pi.set_pull_up_down(STOP, pigpio.PUD_UP)
    callback = pi.callback(STOP, pigpio.EITHER_EDGE, lambda gpio, level, tick: seen.append(level))
    watch.put("stop-wire-broken")
    until(lambda: seen == [1])
    watch.clear()
    until(lambda: seen == [1, 0])
    callback.cancel()


@pytest.mark.process
def test_a_slow_daemon_answers_late_and_then_at_once_again(watch: StateClient, pi: pigpio.pi) -> None:
    watch.put("daemon-slow", amount=120.0)
    begun_s = time.monotonic()
    pi.write(MOTOR, 1)
    assert time.monotonic() - begun_s > 0.115
    watch.take("daemon-slow")
    begun_s = time.monotonic()
    for _ in range(5):
        pi.write(MOTOR, 0)
    assert time.monotonic() - begun_s < 0.4


@pytest.mark.process
def test_a_daemon_that_is_gone_refuses_until_it_is_back_and_its_pins_freeze() -> None:
    pulses = b"tag 0 w 26 1 mils 25 w 26 0 mils 25 jmp 0"
    with virtual_daemon() as daemon, daemon.watch() as watch, raw(daemon) as plain:
        assert ask(plain, Cmd.PROC, 0, 0, pulses) == 0
        until(lambda: ask(plain, Cmd.PROCR, 0) == 0)  # it is initialising at first
        assert ask(plain, Cmd.PFS, PAD, 10) == 10
        assert ask(plain, Cmd.PWM, PAD, 250) == 0
        assert ask(plain, Cmd.WRITE, MOTOR, 1) == 0
        assert ask(plain, Cmd.SPIO, 0, 500_000, bytes(4)) == 0
        until(lambda: watch.state()["rail"])
        watch.put("daemon-gone")
        with suppress(ConnectionResetError):
            assert plain.recv(1) == b""
        assert isinstance(_knock(daemon.port), ConnectionRefusedError)
        until(lambda: not watch.state()["rail"])
        pins = watch.state()["pins"]
        assert pins[str(MOTOR)]["duty"] == 1.0
        assert pins[str(PAD)]["duty"] in (0.0, 1.0)
        assert watch.state()["scripts"] == 0
        watch.take("daemon-gone")
        until(lambda: _knock(daemon.port) is None)
        with raw(daemon) as again:
            assert ask(again, Cmd.READ, MOTOR) == 1
            assert ask(again, Cmd.SPIO, 0, 500_000, bytes(4)) == 0, "its handle was forgotten"
            assert ask(again, Cmd.PROCD, 0) == -48


def _knock(port: int) -> OSError | None:
    try:
        socket.create_connection(("127.0.0.1", port), 1.0).close()
    except OSError as error:
        return error
    return None


@pytest.mark.process
def test_a_daemon_that_dies_ends_its_process_and_clears_nothing_up() -> None:
    with virtual_daemon() as daemon, daemon.watch() as watch:
        assert watch.put("daemon-died")["name"] == "daemon-died"
        assert daemon.process.wait(5.0) == 1
        assert daemon.state.exists()
