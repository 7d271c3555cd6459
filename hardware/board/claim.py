"""The claim on a machine's pins: one owner, whoever runs it and from whatever folder (S12).

A claim is a name in the kernel's space of abstract sockets, not a file. It belongs to the pin daemon's
address or to the chip, is the same for every user and for services with folders of their own, needs no right
to write anywhere, and goes with the process that holds it, however that ends. It also carries the one
question that others have for an owner: to switch off.
"""

from __future__ import annotations

import contextlib
import errno
import socket
import struct
from ipaddress import ip_address
from typing import Any

from hardware.errors import BoardError
from hardware.machine import Machine
from hardware.message import Foreign, Named, foreign, says


@says("the pins at {place} cannot be claimed: {why}")
def cannot_claim(place: Named, why: Foreign) -> None: ...


@says("another controller holds this machine's pins (process {number}): stop it first")
def pins_held(number: Named) -> None: ...


OFF, DONE = b"off", b"done"
MOST = 8
"""Questions that may wait; more are let go unanswered."""
NAME_BYTES = 100
CREDENTIALS = struct.Struct("3i")


def place_of(factory: Any, machine: Machine) -> str:
    """What the pins are at: the daemon's address, or the chip. The same for every name of this computer."""
    if machine.pins.factory == "pigpio":
        return f"pigpio {_host(str(factory.host))}:{factory.port}"
    return f"gpiochip{factory.chip}"


def _host(name: str) -> str:
    try:
        found = sorted({str(info[4][0]) for info in socket.getaddrinfo(name, None)})
    except OSError:
        return name
    own = any(ip_address(address.partition("%")[0]).is_loopback for address in found)
    return "localhost" if own else found[0]


def _address(place: str) -> bytes:
    return b"\0" + f"instep pins {place}".encode()[:NAME_BYTES]


class Claim:
    """The pins at ``place``, claimed until :meth:`release`, or until the process has ended.

    Raises BoardError when they are another's.
    """

    def __init__(self, place: str) -> None:
        self._asking: list[socket.socket] = []
        self._door = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            self._door.bind(_address(place))
            self._door.listen(MOST)
            self._door.setblocking(False)
        except OSError as error:
            self._door.close()
            if error.errno != errno.EADDRINUSE:
                raise BoardError(cannot_claim(Named(place), foreign(error))) from error
            raise BoardError(pins_held(Named(str(owner(place) or "unknown")))) from error

    def asked(self) -> bool:
        """Whether somebody has asked to switch off since the last answer. Never waits."""
        seen_before = len(self._asking)
        with contextlib.suppress(OSError):
            while len(self._asking) < MOST:
                visitor, _ = self._door.accept()
                visitor.setblocking(False)
                self._asking.append(visitor)
        off = False
        for number, visitor in enumerate(list(self._asking)):
            try:
                said = visitor.recv(len(OFF))
            except BlockingIOError:
                if number >= seen_before:
                    continue  # it has only just come in and may speak yet; nobody stays silent in the way
                said = b""
            except OSError:
                said = b""
            if said == OFF:
                off = True
            else:
                self._leave(visitor)
        return off

    def answer(self) -> None:
        """Say to all who asked that it is done."""
        for visitor in list(self._asking):
            with contextlib.suppress(OSError):
                visitor.send(DONE)
            self._leave(visitor)

    def release(self) -> None:
        for visitor in list(self._asking):
            self._leave(visitor)
        self._door.close()

    def _leave(self, visitor: socket.socket) -> None:
        self._asking.remove(visitor)
        visitor.close()


def owner(place: str) -> int:
    """The process that holds the pins at ``place``; 0 when nobody does, or it cannot be seen from here."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as plain:
        try:
            plain.connect(_address(place))
            seen = plain.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size)
        except OSError:
            return 0
        return int(CREDENTIALS.unpack(seen)[0])


class Request:
    """Whoever holds the pins at ``place`` is asked to switch off. It looks once a tick, if it lives."""

    def __init__(self, place: str) -> None:
        self._plain = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._plain.setblocking(False)
        with contextlib.suppress(OSError):  # nobody, or one that is asked by many already
            self._plain.connect(_address(place))
            self._plain.send(OFF)

    def done(self, within_s: float) -> bool:
        """Whether it has said so. What it does not look at within that time waits for it all the same."""
        self._plain.settimeout(within_s)
        try:
            return self._plain.recv(len(DONE)) == DONE
        except OSError:
            return False
        finally:
            self._plain.close()
