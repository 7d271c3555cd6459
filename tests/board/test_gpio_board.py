"""What is particular to the board on a pigpio daemon: how it opens, and how it loses its pins."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time

import msgspec
import pigpio
import pytest

from hardware.board import gpio
from hardware.board.gpio import GpioBoard
from hardware.board.interface import all_off
from hardware.errors import BoardError
from hardware.machine import Machine
from hardware.safety import limits
from hardware.virtual.watch import StateClient
from tests import shaped
from tests.daemon import until, virtual_daemon


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_no_daemon_is_one_clear_error_and_no_fake(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(BoardError, match=r"no pigpio daemon answers at localhost:.*start it"):
        GpioBoard(machine, port=free_port())
    assert capsys.readouterr().out == ""


def test_lgpio_that_is_not_installed_is_one_clear_error(machine: Machine) -> None:
    pins = msgspec.structs.replace(machine.pins, factory="lgpio")
    with pytest.raises(BoardError, match="lgpio"):
        GpioBoard(msgspec.structs.replace(machine, pins=pins))


def test_a_second_controller_is_refused_while_the_first_one_lives(machine: Machine) -> None:
    with virtual_daemon() as daemon, GpioBoard(machine, port=daemon.port) as board:
        stop = threading.Event()

        def live() -> None:
            while not stop.wait(0.05):
                board.keep_alive()

        board.write(shaped.outputs(machine, heaters=(0.5, 0.5)))
        board.keep_alive()
        watch = StateClient(daemon.state)
        driven = watch.state()["pins"]
        thread = threading.Thread(target=live)
        thread.start()
        try:
            with pytest.raises(BoardError, match="another controller"):
                GpioBoard(machine, port=daemon.port)
            pins = watch.state()["pins"]
            loads = [str(pin) for pin in machine.power_pins()]
            assert [pins[pin]["duty"] for pin in loads] == [driven[pin]["duty"] for pin in loads]
        finally:
            stop.set()
            thread.join()
            watch.close()


def test_what_a_dead_controller_left_in_the_daemon_is_cleared(machine: Machine) -> None:
    with virtual_daemon() as daemon:
        for _ in range(3):
            board = GpioBoard(machine, port=daemon.port)
            board.keep_alive()
            board.abandon()  # as a killed process would: nothing is given back
        with GpioBoard(machine, port=daemon.port), StateClient(daemon.state) as watch:
            assert watch.state()["scripts"] == 1


def test_a_controller_that_is_back_within_the_lease_waits_for_it_and_then_drives(machine: Machine) -> None:
    heat = shaped.outputs(machine, heaters=(0.5, 0.5))
    with virtual_daemon() as daemon, daemon.watch() as watch:
        board = GpioBoard(machine, port=daemon.port)
        board.write(heat)
        board.keep_alive()
        board.abandon()
        with GpioBoard(machine, port=daemon.port) as again:
            assert not any(watch.state()["pins"][str(pin)]["duty"] for pin in machine.power_pins())
            again.write(heat)
            again.keep_alive()
            until(lambda: watch.state()["watts"] > 0)


def test_a_daemon_that_died_is_a_board_error_at_once_and_leaves_no_thread_spinning(machine: Machine) -> None:
    before = threading.active_count()
    with virtual_daemon() as daemon:
        board = GpioBoard(machine, port=daemon.port)
        board.read()
        daemon.process.kill()
        daemon.process.wait()
        begun = time.monotonic()
        with pytest.raises(BoardError, match="cannot be reached"):
            board.read()
        assert time.monotonic() - begun < 1.0
        with pytest.raises(BoardError):
            board.write(all_off(machine))
        board.close()
    deadline = time.monotonic() + 2
    while threading.active_count() > before:
        assert time.monotonic() < deadline, threading.enumerate()
        time.sleep(0.01)


def test_a_frozen_daemon_is_a_board_error_within_a_second(machine: Machine) -> None:
    with virtual_daemon() as daemon:
        board = GpioBoard(machine, port=daemon.port)
        os.kill(daemon.process.pid, signal.SIGSTOP)
        begun = time.monotonic()
        with pytest.raises(BoardError):
            board.read()
        assert time.monotonic() - begun < 1.0
        with pytest.raises(BoardError, match="does not answer"):
            GpioBoard(machine, port=daemon.port)


def test_s12_a_daemon_that_thaws_puts_no_power_on_what_it_was_left_with(machine: Machine) -> None:
    with virtual_daemon() as daemon, daemon.watch() as watch:
        board = GpioBoard(machine, port=daemon.port)
        board.write(shaped.outputs(machine, heaters=(0.5, 0.5)))
        board.keep_alive()
        until(lambda: watch.state()["watts"] > 0)
        os.kill(daemon.process.pid, signal.SIGSTOP)
        frozen = time.monotonic()
        with pytest.raises(BoardError):
            board.read()
        time.sleep(limits.TICK_S + machine.rail.drops_after_ms / 1000 - (time.monotonic() - frozen))
        os.kill(daemon.process.pid, signal.SIGCONT)
        until(lambda: not any(watch.state()["pins"][str(pad.pin)]["duty"] for pad in machine.pad))
        assert [edge for edge in watch.edges(frozen) if edge[1:] == ("rail", 1.0)] == []
        assert not watch.state()["rail"]


def test_s12_the_rail_has_no_power_before_the_first_whole_tick(machine: Machine) -> None:
    with virtual_daemon() as daemon, GpioBoard(machine, port=daemon.port) as board, daemon.watch() as watch:
        assert watch.edges() == []
        board.keep_alive()
        until(lambda: watch.state()["rail"])


@pytest.mark.parametrize("late", [{"valves": (True,) * 4}, {"heaters": (0.5, 0.5)}], ids="".join)
def test_s12_what_a_tick_writes_after_the_lease_ran_out_gets_no_power(
    machine: Machine, late: dict[str, tuple[bool | float, ...]]
) -> None:
    with virtual_daemon() as daemon, GpioBoard(machine, port=daemon.port) as board, daemon.watch() as watch:
        board.write(all_off(machine))
        board.keep_alive()
        until(lambda: watch.state()["rail"])
        until(lambda: not watch.state()["rail"])
        board.write(shaped.outputs(machine, **late))  # it was frozen before it could
        board.keep_alive()
        until(lambda: watch.state()["rail"])
        assert not any(watch.state()["pins"][str(pin)]["duty"] for pin in machine.power_pins())
        rail_on = max(at for at, pin, _ in watch.edges() if pin == "rail")
        assert all(at < rail_on for at, pin, _ in watch.edges() if pin != "rail")
        board.write(shaped.outputs(machine, heaters=(0.5, 0.5)))
        assert watch.state()["watts"] > 0, "and it can be driven again"


def test_another_pigpio_program_sees_what_the_board_drives(machine: Machine) -> None:
    with virtual_daemon() as daemon, GpioBoard(machine, port=daemon.port) as board:
        board.write(shaped.outputs(machine, motors=(0.5, *(0.0,) * 5), valves=(True, False, False, False)))
        pi = pigpio.pi("localhost", daemon.port)
        try:
            assert pi.get_PWM_dutycycle(12) / pi.get_PWM_range(12) == pytest.approx(0.5, abs=0.005)
            assert pi.get_PWM_frequency(12) == 800
            assert pi.read(21) == 1
            assert pi.read(22) == 0
        finally:
            pi.stop()


def test_what_earlier_connections_left_open_is_closed_and_hiccups_are_survived(machine: Machine) -> None:
    with virtual_daemon() as daemon:
        pi = daemon.client()
        left = [pi.spi_open(0, 500_000) for _ in range(32)]
        assert len(set(left)) == 32
        for _ in range(3):
            GpioBoard(machine, port=daemon.port).abandon()
        with GpioBoard(machine, port=daemon.port) as board:
            assert board.read().values[0] is not None
            assert pi.spi_open(0, 500_000) == 1, "the board holds one, and nobody any other"


def test_a_daemon_without_a_free_handle_is_said_as_what_it_is(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with virtual_daemon() as daemon:
        pi = daemon.client()

        def in_between(*_given: object, **_times: object) -> None:
            for _ in range(32):
                pi.spi_open(0, 500_000)

        monkeypatch.setattr(gpio, "take_over", in_between)
        with pytest.raises(BoardError, match="no free SPI handle") as caught:
            GpioBoard(machine, port=daemon.port)
        assert "dtparam" not in str(caught.value)
