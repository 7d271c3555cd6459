"""``instep run``: one session in the terminal, on the very controller and machine that the kiosk uses."""

from __future__ import annotations

import itertools
import signal
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from app.cli.options import machine_option, place_options
from app.cli.past import line_of
from app.cli.surroundings import on_a_pi
from app.places import Places, machine_file
from hardware.errors import InstepError
from hardware.machine import Machine, load_machine
from hardware.messages import Alive, EndedView, Reply, Snapshot, Start, Stop
from hardware.program import Program
from hardware.safety import limits
from hardware.words import Feet

if TYPE_CHECKING:
    from app.link.client import Client

ALIVE_S = 0.2
READY_S = 15.0
RECORDED_S = 5.0
EXIT_STOPPED = 130
EXIT_FAULT = 3
EXIT_BY_OUTCOME = {"completed": 0, "stopped": EXIT_STOPPED, "fault": EXIT_FAULT}


class _Stopped:
    """Ctrl-C, SIGTERM and a closed terminal ask for a stop; the session itself is ended by the controller."""

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask)

    def _ask(self, _signal: int, _frame: FrameType | None) -> None:
        self.asked = True


@click.command()
@click.argument("program", default="relax")
@click.option("--minutes", type=click.IntRange(5, 30), help="[default: the program's own]")
@click.option("--intensity", type=click.IntRange(1, 10), default=3, show_default=True)
@click.option("--heat", type=click.FloatRange(34, 42), help="Of the pads, in °C.  [default: the program's]")
@click.option("--no-heat", is_flag=True, help="Leave the pads off.")
@click.option("--feet", type=click.Choice(["both", "left", "right"]), default="both", show_default=True)
@click.option("--fast", is_flag=True, help="On a virtual machine in this process, as fast as it can.")
@click.option("--pins", type=click.Choice(["machine", "virtual"]), help="As in: instep start --help")
@machine_option
@place_options
def run(
    program: str,
    minutes: int | None,
    intensity: int,
    heat: float | None,
    no_heat: bool,
    feet: Feet,
    fast: bool,
    pins: str | None,
    machine_name: str | None,
    data: Path | None,
    runtime: Path | None,
) -> None:
    """Run a session of PROGRAM in the terminal, with live progress. Ctrl-C stops it safely.

    A controller that runs already is used; otherwise one is started, on the virtual machine unless this is
    a Raspberry Pi.

    Exit code: 0 completed, 130 stopped, 3 ended by a fault, 1 not started.
    """
    from app.shelf import Shelf

    path = machine_file(machine_name)
    machine = load_machine(path)
    places = Places(data, runtime)
    shelf = Shelf(places.shipped_programs, places.own_programs)
    chosen = shelf.get(program)
    if chosen is None:
        raise InstepError(f"there is no program named {program}; there are: {', '.join(shelf)}")
    own_heat = chosen.heat.target_c if chosen.heat else None
    start = Start(
        program=program,
        minutes=minutes or chosen.default_minutes,
        intensity=intensity,
        heat_c=None if no_heat else heat or own_heat,
        feet=feet,
    )
    ended = (
        _run_fast(machine, places, shelf, start) if fast else _run_live(path, machine, places, pins, start)
    )
    _say_entry(places, ended)
    sys.exit(EXIT_BY_OUTCOME.get(ended.outcome, 1))


# --- in real time ------------------------------------------------------------------------------------


def _run_live(path: Path, machine: Machine, places: Places, pins: str | None, start: Start) -> EndedView:
    from app.stack import Stack

    stopped = _Stopped()
    running = _controller_there(places)
    if running is not None:
        click.echo("Using the controller that is running.")
        try:
            return _follow(running, start, stopped)
        finally:
            running.close()
    virtual = (pins or ("machine" if on_a_pi() else "virtual")) == "virtual"
    click.echo(f"On {'a virtual machine' if virtual else f'the pins of {machine.name}'}.")
    with Stack(path, machine, places, virtual=virtual) as stack:
        return _follow(stack.client, start, stopped)


def _controller_there(places: Places) -> Client | None:
    if not (places.runtime / "snapshots").exists():
        return None
    from app.link.client import Client

    client = Client(places.runtime)
    if client.wait(0.5):
        return client
    client.close()
    return None


def _follow(client: Client, start: Start, stopped: _Stopped) -> EndedView:
    """Start the session and show it until it has ended. Raises InstepError when it cannot start."""
    from app.cli.progress import Progress

    _await(client, lambda snapshot: snapshot.state == "idle", READY_S, stopped)
    session = _begin(client, start)
    alive_due = last_heard = time.monotonic()
    told = False
    with Progress() as progress:
        while True:
            now = time.monotonic()
            if now >= alive_due:
                client.send(Alive())
                alive_due = now + ALIVE_S
            if stopped.asked and not told:
                client.send(Stop())
                told = True
            if client.wait(0.05):
                last_heard = now
                snapshot = client.latest
                assert snapshot is not None
                progress.show(snapshot)
                if snapshot.session is None and snapshot.ended and snapshot.ended.id == session:
                    return snapshot.ended
            elif now - last_heard > limits.SCREEN_STOP_S:
                raise InstepError("the controller has gone; the machine has made itself safe")


def _begin(client: Client, start: Start) -> str:
    """The new session's id."""
    replies: list[Reply] = []
    client.send(start, replies.append)
    while not replies:
        client.wait(0.05)
    if not replies[0].ok:
        raise InstepError(replies[0].reason)
    return replies[0].session


def _await(client: Client, condition: Callable[[Snapshot], bool], seconds: float, stopped: _Stopped) -> None:
    deadline = time.monotonic() + seconds
    while client.latest is None or not condition(client.latest):
        client.wait(0.1)
        latest = client.latest
        if stopped.asked:
            raise click.Abort
        if latest is not None and latest.state == "fault" and latest.faults:
            fault = latest.faults[0]
            raise InstepError(f"{fault.words} ({fault.code}: {fault.detail})")
        if latest is not None and latest.session is not None:
            raise InstepError("a session is running already; stop it first")
        if time.monotonic() > deadline:
            state = "silent" if latest is None else latest.state
            raise InstepError(f"the machine is not ready (it is {state})")


# --- as fast as it can -------------------------------------------------------------------------------


def _run_fast(machine: Machine, places: Places, programs: Mapping[str, Program], start: Start) -> EndedView:
    """The same engine and recorder on a virtual machine in this process, in a time of its own."""
    import secrets

    from app.cli.progress import Progress
    from app.sessions.recorder import Recorder
    from hardware.engine import Engine
    from hardware.virtual.board import VirtualBoard

    places.make()
    stopped = _Stopped()
    board = VirtualBoard(machine)
    boot = secrets.token_hex(4)
    recorder = Recorder(places.history, boot=boot, monotonic=lambda: board.now_s)
    recorder.start()
    engine = Engine(machine, programs, new_id=lambda: secrets.token_hex(6), boot=boot)
    commands: list[Start | Stop | Alive] = []
    begun = told = False
    with Progress(fast=True) as progress:
        for tick in itertools.count():
            step = engine.step(board.now_s, board.read(), commands)
            board.write(step.outputs)
            if step.feed:
                board.keep_alive()
            board.advance(limits.TICK_S)
            for event in step.events:
                recorder.put(event)
            refused = [reply for reply in step.replies if not reply.ok]
            if refused:
                raise InstepError(refused[0].reason)
            if engine.faults.stops:
                fault = engine.snapshot().faults[0]
                if engine.ended is None:
                    raise InstepError(f"{fault.words} ({fault.code})")
            commands = []
            if engine.state == "idle" and not begun:
                commands, begun = [start], True
            elif engine.session is not None:
                commands = [Alive()]
                if stopped.asked and not told:
                    commands, told = [Stop()], True
            elif engine.ended is not None:
                break
            if tick % 10 == 0:
                progress.show(engine.snapshot(recorder.notices))
    recorder.close(RECORDED_S)
    assert engine.ended is not None
    return engine.ended


def _say_entry(places: Places, ended: EndedView) -> None:
    """The session's entry in the history, as the kiosk would find it."""
    from app.sessions.history import History

    deadline = time.monotonic() + RECORDED_S
    past = History(places.history)
    try:
        while True:
            found = past.session(ended.id)
            if found is not None and found.row.outcome != "running":
                click.echo(f"In the history: {line_of(found.row)}")
                return
            if time.monotonic() > deadline:
                click.echo("The session is not in the history; see the notice above.", err=True)
                return
            time.sleep(0.05)
    finally:
        past.close()
