"""The claim on the pins: one holder, found by the pins' own address, and asked to switch off by others."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from types import SimpleNamespace

import msgspec
import pytest

from hardware.board.claim import MOST, Claim, Request, owner, place_of
from hardware.errors import BoardError
from hardware.machine import Machine
from tests.daemon import ROOT, until


@pytest.fixture
def place() -> str:
    return f"test {secrets.token_hex(8)}"


@pytest.fixture
def claim(place: str) -> Iterator[Claim]:
    found = Claim(place)
    yield found
    found.release()


def test_there_is_one_and_it_says_who(claim: Claim, place: str) -> None:
    assert owner(place) == os.getpid()
    with pytest.raises(BoardError, match=f"another controller .*process {os.getpid()}"):
        Claim(place)
    claim.release()
    assert owner(place) == 0
    Claim(place).release()


def test_it_goes_with_its_process_however_that_ends(place: str) -> None:
    program = (
        f"from hardware.board.claim import Claim; c = Claim({place!r}); print('ready', flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        assert owner(place) == process.pid
        with pytest.raises(BoardError, match=f"process {process.pid}"):
            Claim(place)
        process.kill()
        process.wait()
    until(lambda: owner(place) == 0)
    Claim(place).release()


def test_one_daemon_has_one_place_by_whatever_name(machine: Machine) -> None:
    names = ("localhost", "127.0.0.1", "127.0.1.1", "::1")
    places = {place_of(SimpleNamespace(host=name, port=8888), machine) for name in names}
    assert places == {"pigpio localhost:8888"}
    assert place_of(SimpleNamespace(host="localhost", port=8889), machine) not in places
    assert place_of(SimpleNamespace(host="192.0.2.7", port=8888), machine) not in places
    lgpio = msgspec.structs.replace(machine, pins=msgspec.structs.replace(machine.pins, factory="lgpio"))
    assert place_of(SimpleNamespace(chip=4), lgpio) != place_of(SimpleNamespace(chip=0), lgpio)


def test_a_request_waits_until_it_is_looked_at_and_is_answered(claim: Claim, place: str) -> None:
    assert not claim.asked()
    request = Request(place)
    assert claim.asked()
    claim.answer()
    assert request.done(1.0)
    assert not claim.asked(), "once asked, once off"


def test_one_that_has_gone_before_it_was_looked_at_counts_all_the_same(claim: Claim, place: str) -> None:
    assert not Request(place).done(0.01)
    assert claim.asked()
    claim.answer()
    assert not claim.asked()


def test_nobody_in_the_door_keeps_others_from_being_heard(claim: Claim, place: str) -> None:
    address = b"\0" + f"instep pins {place}".encode()
    silent = [socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(MOST)]
    for plain in silent:
        plain.connect(address)
    silent[0].send(b"nonsense that is far too long for anything")
    assert not claim.asked()
    assert not claim.asked()
    request = Request(place)
    assert claim.asked()
    claim.answer()
    assert request.done(1.0)
    for plain in silent:
        plain.close()


def test_nobody_there_is_no_answer(place: str) -> None:
    assert not Request(place).done(0.01)
