"""A controller for a command: the one that runs already, or one of our own for as long as it takes."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from app.cli.surroundings import on_a_pi
from app.link.client import no_answer
from app.places import Places
from hardware.errors import InstepError, TerminalError
from hardware.machine import Machine
from hardware.messages import Command, Reply, Snapshot
from hardware.senders import Role

if TYPE_CHECKING:
    from app.link.client import Client

READY_S = 15.0
TEST_S = 240.0
"""The longest self-test there is: large bags with no feet in them, and everything asked twice."""


class Stopped:
    """Ctrl-C, SIGTERM and a closed terminal ask for a stop; what runs is ended by the controller."""

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask)

    def _ask(self, _signal: int, _frame: FrameType | None) -> None:
        self.asked = True


@contextlib.contextmanager
def attached(path: Path, machine: Machine, places: Places, pins: str | None, role: Role) -> Iterator[Client]:
    """A link to a controller in this role. Raises InstepError when none can be had."""
    from app.stack import Stack

    running = running_controller(places, role)
    if running is not None:
        click.echo("Using the controller that is running.")
        try:
            yield running
        finally:
            running.close()
        return
    virtual = (pins or ("machine" if on_a_pi() else "virtual")) == "virtual"
    click.echo(f"On {'a virtual machine' if virtual else f'the pins of {machine.name}'}.")
    with Stack(path, machine, places, virtual=virtual, role=role) as stack:
        yield stack.client


def running_controller(places: Places, role: Role = "command-line") -> Client | None:
    """A link to the controller that runs there, to be closed; None when none answers."""
    if not (places.runtime / "snapshots").exists():
        return None
    from app.link.client import Client

    client = Client(places.runtime, role)
    if client.wait(0.5):
        return client
    client.close()
    return None


def ask(client: Client, command: Command) -> Reply:
    """Send it and wait for the answer. Raises InstepError with the reason when it is refused."""
    replies: list[Reply] = []
    client.send(command, replies.append)
    while not replies:
        client.wait(0.05)
    if not replies[0].ok:
        raise InstepError(replies[0].reason or no_answer())
    return replies[0]


def until_idle(client: Client, stopped: Stopped) -> Snapshot:
    """Wait until the machine can begin something. Raises InstepError when that will not be."""
    begun = time.monotonic()
    testing = False
    while True:
        client.wait(0.1)
        latest = client.latest
        if stopped.asked:
            raise click.Abort
        if latest is not None and latest.state == "idle":
            return latest
        if latest is not None and latest.state == "fault" and latest.faults:
            fault = latest.faults[0]
            raise TerminalError(
                f"{fault.words} ({fault.code}: {fault.detail}) Once you have seen to it: instep acknowledge"
            )
        if latest is not None and latest.session is not None:
            raise TerminalError("a session is running already; stop it first")
        if latest is not None and latest.state == "self-test" and not testing and latest.check:
            testing = latest.check.left_s > 1
            if testing:
                click.echo(f"The machine is checking itself, about {latest.check.left_s} s yet.")
        if time.monotonic() - begun > (TEST_S if testing else READY_S):
            raise TerminalError(
                f"the machine is not ready (it is {'silent' if latest is None else latest.state})"
            )


def follow(client: Client, seen: Callable[[Snapshot], bool], patience_s: float) -> None:
    """Give ``seen`` each snapshot until it is content. Raises InstepError once the controller is silent."""
    heard = time.monotonic()
    while True:
        if client.wait(0.05):
            heard = time.monotonic()
            assert client.latest is not None
            if seen(client.latest):
                return
        elif time.monotonic() - heard > patience_s:
            raise TerminalError("the controller has gone; the machine has made itself safe")
