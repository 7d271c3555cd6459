"""The genuine pigpio client, and worse ones, on the daemon."""

from __future__ import annotations

import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pigpio
import pytest

from hardware.machine import Machine
from hardware.sensors import pad_celsius
from hardware.virtual.daemon import listen_on_loopback
from tests.daemon import DEADLINE_S, REFERENCE, ROOT, Daemon, ask, raw, until

pytestmark = pytest.mark.process

RAIL, MOTOR, HEATER, STOP = 26, 12, 25, 5
LEASE_S = 1.0
PULSE_S = 0.05


def dead_man(machine: Machine) -> str:
    """Pulses the rail while p0 counts down; then every power pin low."""
    off = " ".join(f"w {pin} 0" for pin in (machine.rail.pin, *machine.power_pins()))
    return f"tag 0 dcr p0 jm 9 w 26 1 mils 25 w 26 0 mils 25 jmp 0 tag 9 {off} ld p0 0 halt"


@contextmanager
def errors_as_numbers() -> Iterator[None]:
    pigpio.exceptions = False
    try:
        yield
    finally:
        pigpio.exceptions = True


def test_who_it_says_it_is(pi: pigpio.pi) -> None:
    assert pi.get_hardware_revision() == 0xC03114
    assert pi.get_pigpio_version() > 70
    first = pi.get_current_tick()
    assert pigpio.tickDiff(first, pi.get_current_tick()) < 1_000_000


def test_pins_and_pwm(pi: pigpio.pi) -> None:
    pi.write(MOTOR, 1)
    assert (pi.get_mode(MOTOR), pi.read(MOTOR), pi.read_bank_1() >> MOTOR & 1) == (pigpio.OUTPUT, 1, 1)
    assert pi.set_PWM_frequency(MOTOR, 700) == 800
    assert pi.set_PWM_range(MOTOR, 1000) == 250
    pi.set_PWM_dutycycle(MOTOR, 400)
    assert pi.get_PWM_dutycycle(MOTOR) == 400
    assert (pi.get_PWM_range(MOTOR), pi.get_PWM_real_range(MOTOR), pi.get_PWM_frequency(MOTOR)) == (
        *(1000, 250),
        800,
    )
    pi.hardware_PWM(13, 25_000, 300_000)
    assert pi.get_PWM_dutycycle(13) == 300_000


def test_errors_have_pigpios_numbers(pi: pigpio.pi) -> None:
    with errors_as_numbers():
        assert pi.read(54) == pigpio.PI_BAD_GPIO
        assert pi.set_PWM_dutycycle(32, 0) == pigpio.PI_BAD_USER_GPIO
        assert pi.set_PWM_dutycycle(24, 256) == pigpio.PI_BAD_DUTYCYCLE
        assert pi.get_PWM_dutycycle(22) == pigpio.PI_NOT_PWM_GPIO
        assert pi.spi_close(31) == pigpio.PI_BAD_HANDLE
        assert pi.script_status(31)[0] == pigpio.PI_BAD_SCRIPT_ID
        assert pi.run_script(31) == pigpio.PI_BAD_SCRIPT_ID
        assert pi.set_watchdog(STOP, 60_001) == pigpio.PI_BAD_WDOG_TIMEOUT
        assert pi.set_glitch_filter(STOP, 300_001) == pigpio.PI_BAD_FILTER
        assert pi.set_glitch_filter(STOP, 5000) == 0
        assert pi.set_noise_filter(STOP, 5000, 1_000_001) == pigpio.PI_BAD_FILTER
        assert pi.store_script("fly 12") == pigpio.PI_BAD_SCRIPT
        assert pi.i2c_open(1, 0x53) == pigpio.PI_UNKNOWN_COMMAND
        assert pi.wave_clear() == pigpio.PI_UNKNOWN_COMMAND


def test_the_adc_over_spi(pi: pigpio.pi, machine: Machine) -> None:
    handle = pi.spi_open(0, 500_000, 0)
    count, data = pi.spi_xfer(handle, [1, 0x80, 0])
    assert count == 3
    assert pad_celsius((data[1] & 3) << 8 | data[2], machine) == pytest.approx(20.0, abs=3.0)
    assert pi.spi_read(handle, 2) == (2, b"\0\0")
    assert pi.spi_write(handle, b"\1\2") == 2
    pi.spi_close(handle)


def test_the_emergency_stop_calls_back(daemon: Daemon, pi: pigpio.pi) -> None:
    seen: list[tuple[int, int]] = []
    pi.set_mode(STOP, pigpio.INPUT)
    pi.set_pull_up_down(STOP, pigpio.PUD_UP)
    assert pi.read(STOP) == 0
    callback = pi.callback(STOP, pigpio.EITHER_EDGE, lambda gpio, level, tick: seen.append((gpio, level)))
    with daemon.watch() as watch:
        watch.set("emergency_stop", pressed=True)
        until(lambda: (STOP, 1) in seen)
        assert pi.read(STOP) == 1
        watch.set("emergency_stop", pressed=False)
        until(lambda: (STOP, 0) in seen)
    pi.set_watchdog(STOP, 50)
    until(lambda: (STOP, pigpio.TIMEOUT) in seen)
    pi.set_watchdog(STOP, 0)
    callback.cancel()


def stored(pi: pigpio.pi, text: str) -> int:
    script = pi.store_script(text)
    until(lambda: pi.script_status(script)[0] != pigpio.PI_SCRIPT_INITING)
    return int(script)


def test_the_dead_man(daemon: Daemon, pi: pigpio.pi, machine: Machine) -> None:
    script = stored(pi, dead_man(machine))
    pi.run_script(script, [round(LEASE_S / PULSE_S)])
    for pin in machine.power_pins():
        pi.set_PWM_dutycycle(pin, 255)
    with daemon.watch() as watch:
        until(lambda: watch.state()["rail"])
        renewed_until_s = time.monotonic() + 1.5
        while time.monotonic() < renewed_until_s:
            pi.update_script(script, [round(LEASE_S / PULSE_S)])
            state = watch.state()
            assert state["rail"]
            assert state["pins"]["25"]["duty"] == 1.0
            time.sleep(0.05)
        last_s = time.monotonic()
        pi.update_script(script, [round(LEASE_S / PULSE_S)])
        until(lambda: not watch.state()["rail"])
        off = {pin: at_s - last_s for at_s, pin, duty in watch.edges(last_s) if duty == 0.0}
    assert set(off) == {*machine.power_pins(), "rail"}
    assert all(0.5 * LEASE_S < after_s < 1.5 for pin, after_s in off.items() if pin != "rail")
    assert off["rail"] < 2.0
    assert pi.script_status(script)[0] == pigpio.PI_SCRIPT_HALTED
    assert all(pi.read(pin) == 0 for pin in machine.power_pins())


def test_pins_outlive_their_client_and_the_rail_does_not(daemon: Daemon, pi: pigpio.pi) -> None:
    with daemon.watch() as watch:
        with raw(daemon) as plain:
            assert ask(plain, 4, HEATER, 1) == 0
            assert ask(plain, 4, RAIL, 1) == 0
        until(lambda: not watch.state()["rail"])
        state = watch.state()
        assert state["pins"]["25"]["duty"] == 1.0
        assert state["watts"] == 0.0


def test_what_is_malformed_ends_its_own_connection_only(daemon: Daemon, pi: pigpio.pi) -> None:
    with raw(daemon) as plain:
        plain.sendall(struct.pack("<IIII", 38, 0, 0, 1 << 16))
        assert plain.recv(16) == b""
    with raw(daemon) as plain:
        plain.sendall(b"\xff" * 16)
        assert plain.recv(16) == b""
    with raw(daemon) as cut_short:
        cut_short.sendall(struct.pack("<IIII", 38, 0, 0, 100) + b"tag 0")
    with raw(daemon) as plain:
        assert ask(plain, 12345, 1, 2, b"whatever") == -88
        assert ask(plain, 71, 0, 500_000, b"\0") == -88, "its flags are missing"
        assert ask(plain, 40, 0, 0, bytes(7)) == -48
        assert ask(plain, 3, MOTOR) == 0
    assert pi.read(MOTOR) == 0


def test_requests_may_come_in_pieces_and_in_heaps(daemon: Daemon) -> None:
    request = struct.pack("<IIII", 17, 0, 0, 0)
    with raw(daemon) as plain:
        for byte in request:
            plain.sendall(bytes((byte,)))
        plain.sendall(request * 99)
        received = b""
        while len(received) < 1600:
            received += plain.recv(1 << 16)
        assert received == struct.pack("<IIII", 17, 0, 0, 0xC03114) * 100


def test_a_delay_holds_up_its_own_connection_only(daemon: Daemon, pi: pigpio.pi) -> None:
    with raw(daemon) as plain:
        assert ask(plain, 47, 60_001) == -65
        plain.sendall(struct.pack("<IIII", 47, 60_000, 0, 0) + struct.pack("<IIII", 17, 0, 0, 0))
        assert pi.read(MOTOR) == 0
        plain.setblocking(False)
        with pytest.raises(BlockingIOError):
            plain.recv(16)


def test_handles_are_given_back(daemon: Daemon) -> None:
    for _ in range(3):
        opened = [socket.create_connection(("127.0.0.1", daemon.port), DEADLINE_S) for _ in range(40)]
        try:
            handles = [ask(plain, 99) for plain in opened]
            assert handles[-1] == -24
            assert len({handle for handle in handles if handle >= 0}) >= 30
            assert ask(opened[0], 19, 77, 1) == -25
            assert ask(opened[0], 21, handles[0]) == 0
            assert ask(opened[0], 21, handles[0]) == -25
        finally:
            for plain in opened:
                plain.close()
        with raw(daemon) as plain:
            until(lambda plain=plain: ask(plain, 99) >= 0)


def test_a_handle_closed_and_given_to_another_stays_the_others(daemon: Daemon) -> None:
    with raw(daemon) as first, raw(daemon) as second:
        handle = ask(first, 99)
        assert ask(first, 21, handle) == 0
        assert ask(second, 99) == handle
        first.close()
        with raw(daemon) as third:
            taken = ask(third, 99)  # by now the first has been noticed to be gone
            assert taken not in (handle, -24)
        assert ask(second, 19, handle, 0) == 0


def test_both_loopbacks_at_one_port(daemon: Daemon) -> None:
    with socket.create_connection(("localhost", daemon.port), DEADLINE_S) as plain:
        assert ask(plain, 17) == 0xC03114
    sockets = listen_on_loopback(0)
    ports = {bound.getsockname()[1] for bound in sockets}
    hosts = {bound.getsockname()[0] for bound in sockets}
    for bound in sockets:
        bound.close()
    assert len(ports) == 1
    assert hosts <= {"127.0.0.1", "::1"}


def run(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hardware.virtual.daemon", *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=DEADLINE_S, check=False)


def test_a_port_that_is_taken_is_said_so(daemon: Daemon) -> None:
    ended = run("--machine", str(REFERENCE), "--port", str(daemon.port))
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr.count("\n") == 1
    assert f"127.0.0.1:{daemon.port}" in ended.stderr


def test_a_machine_file_that_is_wrong_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("name = 3\n")
    ended = run("--machine", str(tmp_path / "bad.toml"))
    assert ended.returncode == 2
    assert ended.stderr.startswith("bad.toml: ")


def test_the_mask_and_a_clean_end(tmp_path: Path) -> None:
    daemon = Daemon(tmp_path, "--mask", hex(1 << MOTOR))
    try:
        client = daemon.client()
        client.write(MOTOR, 1)
        with errors_as_numbers():
            assert client.write(13, 1) == pigpio.PI_NOT_PERMITTED
            assert client.set_bank_1(1 << 13) == pigpio.PI_SOME_PERMITTED
        assert daemon.process.stdout is not None
        assert daemon.process.stdout.readline() == f"listening on 127.0.0.1:{daemon.port}\n"
    finally:
        assert daemon.stop() == 0
    assert not daemon.state.exists()
    assert not daemon.ready.exists()
