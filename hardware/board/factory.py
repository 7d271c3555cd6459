"""Opens the pin factory that the machine file names, and no other."""

from __future__ import annotations

import atexit
import contextlib
import io
import socket
import struct
from typing import Any

from hardware.errors import BoardError
from hardware.machine import Machine
from hardware.message import Foreign, Named, foreign, says


@says(
    "no pigpio daemon answers at {place}: start it (on a Pi: sudo systemctl start pigpiod; "
    "without hardware: instep virtual)"
)
def no_daemon(place: Named) -> None: ...


@says("the pigpio daemon at {place} does not answer: it is frozen")
def daemon_frozen(place: Named) -> None: ...


@says(
    "the machine file asks for lgpio, which is not installed: "
    "install python3-lgpio, or pip install 'instep[lgpio]'"
)
def no_lgpio() -> None: ...


@says("lgpio cannot open the GPIO chip: {why}")
def no_chip(why: Foreign) -> None: ...


GET_VERSION, REPLY_BYTES = 26, 16
"""Of pigpio's socket protocol: a request anybody may make, and the length of its reply."""
REPLY_TIMEOUT_S = 0.5
"""A daemon that does not answer for this long is gone, whatever its socket says."""


def open_factory(machine: Machine, *, port: int | None = None) -> Any:
    """A gpiozero pin factory for ``machine.pins``; ``port`` takes the place of the file's.

    Raises :class:`~hardware.errors.BoardError` when it cannot be opened. There is no second choice: a
    machine on the wrong pins is worse than none.
    """
    if machine.pins.factory == "pigpio":
        return _open_pigpio(machine.pins.host, port or machine.pins.port)
    return _open_lgpio()


def _open_pigpio(host: str, port: int) -> Any:
    from gpiozero.pins.pigpio import PiGPIOFactory

    knock(host, port)
    # pigpio explains a failed connection at length on standard output: ours is one sentence, below.
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            factory = PiGPIOFactory(host=host, port=port)
        except OSError as error:
            raise BoardError(no_daemon(_at(host, port))) from error
        except Exception as error:  # struct.error and pigpio's own, from a daemon that hangs up
            raise BoardError(no_daemon(_at(host, port))) from error
    connection = factory.connection
    if connection is None:
        raise BoardError(no_daemon(_at(host, port)))
    connection.sl.s.settimeout(REPLY_TIMEOUT_S)
    return factory


def knock(host: str, port: int) -> None:
    """See that the daemon answers. Raises BoardError.

    The system takes connections for a frozen one, too, and the client waits for its first answer for ever.
    """
    try:
        with socket.create_connection((host, port), REPLY_TIMEOUT_S) as plain:
            plain.sendall(struct.pack("<IIII", GET_VERSION, 0, 0, 0))
            answered = plain.recv(REPLY_BYTES, socket.MSG_WAITALL)
    except TimeoutError as error:
        raise BoardError(daemon_frozen(_at(host, port))) from error
    except OSError as error:
        raise BoardError(no_daemon(_at(host, port))) from error
    if len(answered) < REPLY_BYTES:
        raise BoardError(no_daemon(_at(host, port)))


def _at(host: str, port: int) -> Named:
    return Named(f"{host}:{port}")


def _open_lgpio() -> Any:
    try:
        from gpiozero.pins.lgpio import LGPIOFactory
    except ImportError as error:
        raise BoardError(no_lgpio()) from error
    try:
        return LGPIOFactory()
    except Exception as error:
        raise BoardError(no_chip(foreign(error))) from error


def drop_connection(factory: Any) -> None:
    """Let go of a pigpio connection whose daemon is gone.

    The client's notification thread would otherwise spin on the dead socket for ever, and every ``close``
    would raise.
    """
    connection = getattr(factory, "_connection", None)
    if connection is None:
        return
    atexit.unregister(
        connection.stop
    )  # it would be kept to the end of the process, with all that hangs on it
    notify, connection._notify = connection._notify, None
    if notify is not None:
        notify.go = False
        with contextlib.suppress(OSError):
            notify.sl.s.shutdown(socket.SHUT_RDWR)
        notify.join(REPLY_TIMEOUT_S)  # it reads to the end; closed under its hands it would complain
        _shut(notify.sl.s)
    sock, connection.sl.s = connection.sl.s, None
    connection.connected = False
    if sock is not None:
        _shut(sock)


def _shut(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
    with contextlib.suppress(OSError):
        sock.close()
