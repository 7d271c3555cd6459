"""``instep run``: one session in the terminal, on the very controller and machine that the kiosk uses."""

from __future__ import annotations

import itertools
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import click

from app.cli.attach import Stopped, ask, attached, follow, until_idle
from app.cli.options import machine_option, pins_option, place_options
from app.cli.past import line_of
from app.cli.who import for_whom
from app.places import Places, machine_file
from hardware.errors import TerminalError
from hardware.machine import Machine, load_machine
from hardware.messages import Alive, EndedView, Snapshot, Start, Stop
from hardware.plaintext import legible
from hardware.program import Program
from hardware.safety import limits
from hardware.senders import Given, Sender
from hardware.words import Feet

ALIVE_S = 0.2
READY_S = 15.0
RECORDED_S = 5.0
EXIT_STOPPED = 130
EXIT_FAULT = 3
EXIT_BY_OUTCOME = {"completed": 0, "stopped": EXIT_STOPPED, "fault": EXIT_FAULT}


@click.command()
@click.argument("program", default="relax")
@click.option("--minutes", type=click.IntRange(5, 30), help="[default: the program's own]")
@click.option("--intensity", type=click.IntRange(1, 10), default=3, show_default=True)
@click.option("--heat", type=click.FloatRange(34, 42), help="Of the pads, in °C.  [default: the program's]")
@click.option("--no-heat", is_flag=True, help="Leave the pads off.")
@click.option("--feet", type=click.Choice(["both", "left", "right"]), default="both", show_default=True)
@click.option("--person", "name", help="Who this is for, by name; their answers and limits hold.")
@click.option(
    "--answers",
    metavar="none|ID,ID",
    help="What a guest says yes to, of the questions that are asked otherwise.",
)
@click.option("--fast", is_flag=True, help="On a virtual machine in this process, as fast as it can.")
@machine_option
@place_options
@pins_option
def run(
    program: str,
    minutes: int | None,
    intensity: int,
    heat: float | None,
    no_heat: bool,
    feet: Feet,
    name: str | None,
    answers: str | None,
    fast: bool,
    pins: str | None,
    machine_name: str | None,
    data: Path | None,
    runtime: Path | None,
) -> None:
    """Run a session of PROGRAM in the terminal, with live progress. Ctrl-C stops it safely.

    A controller that runs already is used; otherwise one is started, on the virtual machine unless this is
    a Raspberry Pi. It is for a guest, who is asked about their health first, unless --person says for whom.

    Exit code: 0 completed, 130 stopped, 3 ended by a fault, 1 not started.
    """
    from app.shelf import Shelf

    places = Places(data, runtime)
    path = machine_file(machine_name, places)
    machine = load_machine(path)
    shelf = Shelf(places.shipped_programs, places.own_programs)
    chosen = shelf.find(program)
    if chosen is None:
        raise TerminalError(f"there is no program named {legible(program)}; there are: {', '.join(shelf)}")
    own_heat = chosen.heat.target_c if chosen.heat else None
    start = Start(
        program=chosen.id,
        minutes=minutes or chosen.default_minutes,
        intensity=intensity,
        heat_c=None if no_heat else heat or own_heat,
        feet=feet,
        **for_whom(name, answers, places),
    )
    ended = (
        _run_fast(machine, places, shelf, start) if fast else _run_live(path, machine, places, pins, start)
    )
    _say_entry(places, ended)
    sys.exit(EXIT_BY_OUTCOME.get(ended.outcome, 1))


# --- in real time ------------------------------------------------------------------------------------


def _run_live(path: Path, machine: Machine, places: Places, pins: str | None, start: Start) -> EndedView:
    """Start the session and show it until it has ended. Raises InstepError when it cannot start."""
    from app.cli.progress import Progress

    stopped = Stopped()
    with attached(path, machine, places, pins, "command-line") as client:
        until_idle(client, stopped)
        session = ask(client, start).session
        alive_due, told = 0.0, False

        def over(snapshot: Snapshot) -> bool:
            nonlocal alive_due, told
            progress.show(snapshot)
            now = time.monotonic()
            if now >= alive_due:
                client.send(Alive())
                alive_due = now + ALIVE_S
            if (stopped.asked or progress.unseen) and not told:
                client.send(Stop())
                told = True
            return snapshot.session is None and snapshot.ended is not None and snapshot.ended.id == session

        with Progress() as progress:
            follow(client, over, limits.SCREEN_STOP_S)
        assert client.latest is not None
        assert client.latest.ended is not None
        return client.latest.ended


# --- as fast as it can -------------------------------------------------------------------------------


def _run_fast(machine: Machine, places: Places, programs: Mapping[str, Program], start: Start) -> EndedView:
    """The same engine and recorder on a virtual machine in this process, in a time of its own."""
    import secrets

    from app.cli.progress import Progress
    from app.household.admission import Admission
    from app.sessions.recorder import Recorder
    from hardware.engine import Engine
    from hardware.virtual.board import VirtualBoard

    places.make()
    stopped = Stopped()
    board = VirtualBoard(machine)
    boot = secrets.token_hex(4)
    # Its time runs away from the wall's: dates are counted from when the session began.
    origin_s = time.time() - board.now_s
    recorder = Recorder(places.history, boot=boot, clock=lambda: origin_s, monotonic=lambda: 0.0)
    recorder.start()
    engine = Engine(
        machine,
        programs,
        new_id=lambda: secrets.token_hex(6),
        boot=boot,
        locks_for=Admission(places).locks_for,
        pulses=False,
    )
    commands: list[Start | Stop | Alive] = []
    by = Sender("command-line", "fast")
    begun = told = False
    with Progress(fast=True) as progress:
        for tick in itertools.count():
            step = engine.step(board.now_s, board.read(), [Given(command, by) for command in commands])
            if step.keep is not None:
                engine.memory.written = step.keep.number  # a machine that is gone with this process
            board.write(step.outputs)
            if step.feed:
                board.keep_alive()
            board.advance(limits.TICK_S)
            for event in step.events:
                recorder.put(event)
            refused = [reply for reply in step.replies if not reply.ok]
            if refused:
                raise TerminalError(str(refused[0].reason))
            if engine.faults.stops:
                fault = engine.snapshot().faults[0]
                if engine.ended is None:
                    raise TerminalError(f"{fault.words} ({fault.code})")
            commands = []
            if engine.state == "idle" and not begun:
                commands, begun = [start], True
                origin_s = time.time() - board.now_s
            elif engine.session is not None:
                commands = [Alive()]
                if (stopped.asked or progress.unseen) and not told:
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
