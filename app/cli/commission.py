"""``instep commission``: a builder goes through a new machine, part by part, in the terminal."""

from __future__ import annotations

import math
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.attach import ask, attached
from app.cli.options import machine_option, pins_option, place_options
from app.commissioning.walk import left_for_later
from app.places import Places, machine_file
from app.virtual import virtual_there
from hardware.errors import TerminalError
from hardware.machine import Machine, load_machine
from hardware.message import Foreign, verbatim
from hardware.messages import Acknowledge, Snapshot

if TYPE_CHECKING:
    from app.commissioning.record import Record
    from app.commissioning.stop import Phase
    from app.commissioning.walk import Walk
    from app.link.client import Client

START_S = 100.0
"""A controller that has just started tests itself first."""
SILENT_S = 30.0
PRESS_S = 20.0
"""For a hand on the emergency stop; then it is asked what is the matter."""


@click.command()
@click.option("--show", is_flag=True, help="Show what was found the last time, and do nothing.")
@click.option("--no-tuning", is_flag=True, help="Leave the heaters' tuning for later without being asked.")
@machine_option
@place_options
@pins_option
def commission(
    show: bool,
    no_tuning: bool,
    machine_name: str | None,
    data: Path | None,
    runtime: Path | None,
    pins: str | None,
) -> None:
    """Go through a new machine: the emergency stop, every output on its own, every sensor, and what all of it
    comes to.

    Take your feet out and look at the machine: it asks what you see. Sensors are compared at rest, pressures
    zeroed, valves and pads tested, heaters tuned if you have the time. Wires that are swapped or dead are
    named with their pins. The result is kept; another wiring makes it outdated. Ctrl-C ends it, keeping
    nothing.

    Exit code: 0 the machine is as it should be, 1 something is not, or was not gone through.
    """
    places = Places(data, runtime)
    path = machine_file(machine_name, places)
    machine = load_machine(path)
    if show:
        sys.exit(_show(places, machine))
    from app.commissioning import record
    from app.commissioning.walk import Walk
    from app.sessions.clock import clock_is_good

    walk = Walk(machine)
    with attached(path, machine, places, pins, "service") as client:
        _until_ready(client)
        click.echo("Take your feet out of the machine, and stand where you see all of it.\n")
        try:
            through = _lead(client, walk, no_tuning)
        except (KeyboardInterrupt, click.Abort):
            for command in walk.leave():
                client.send(command)
                client.wait(0.2)
            click.echo("\nLeft before the end: nothing was kept.")
            raise click.Abort from None
        virtual = virtual_there(places)
    now = datetime.now().astimezone() if clock_is_good() else None
    found = walk.record(now, virtual=virtual)
    if not through:
        click.echo("\nMend this first, then begin again; nothing was kept:")
        click.echo(_findings(found, machine))
        sys.exit(1)
    record.keep(found, places)
    click.echo(f"\n{_findings(found, machine)}\nKept in {places.commissioned}.")
    sys.exit(1 if found.findings else 0)


def _lead(client: Client, walk: Walk, no_tuning: bool) -> bool:
    """Through all of it; False when a fault is in the way that is not mended now."""
    while not walk.over:
        step = walk.step
        head = f"[{walk.at + 1}/{len(walk.steps)}]"
        if step.kind == "tune":
            if no_tuning:
                walk.skip(left_for_later())
                continue
            if not click.confirm(f"{head} Tune the {step.side} pad's heat now? It takes 5 to 15 minutes."):
                why = click.prompt("    Why not", default=str(left_for_later()))
                walk.skip(verbatim(Foreign(why)))
                continue
        else:
            click.echo(f"{head} {_saying(walk)}")
        walk.begin(time.monotonic())
        (_stop if step.kind == "stop" else _busy)(client, walk)
        if walk.stage == "asking":
            _answer(walk)
            _busy(client, walk)  # gains are being written
        elif walk.stage == "told":
            click.echo(_told(walk))
            walk.next()
        elif walk.problem and not _again(client, walk):
            return False
    return True


def _saying(walk: Walk) -> str:
    from app.parts import name as part_name

    step = walk.step
    match step.kind:
        case "rest":
            return "Looking at the sensors."
        case "stop":
            pin = walk.machine.emergency_stop.pin
            return (
                f"The emergency stop (pin {pin}). Stand where you see the lamp of the 12 V rail: it is lit."
            )
        case "zero":
            return "Zeroing the pressures."
        case "self-test":
            return "The machine pulses each valve and pad, half a minute. Keep your hands off."
    assert step.output is not None
    name, pin = part_name(step.output, walk.machine), step.output.pin
    match step.output.family:
        case "air":
            return f"Watch the {name} (pin {pin}): it takes a little air."
        case "heat":
            return f"Lay a hand on each pad: the {name} (pin {pin}) gets two degrees warmer."
    return f"Watch the {name} (pin {pin}): it turns slowly."


def _busy(client: Client, walk: Walk, *, phase: Phase | None = None, within_s: float = math.inf) -> None:
    """Let the step run until the person is wanted; trying the emergency stop, at most through ``phase``."""
    begun = heard = time.monotonic()
    at = walk.at
    while walk.stage == "busy" and walk.at == at and phase in (None, walk.stop.phase):
        now = time.monotonic()
        if now - begun > within_s:
            return
        if not client.wait(0.05):
            if now - heard > SILENT_S:
                raise TerminalError("the controller has gone; the machine has made itself safe")
            continue
        heard = now
        assert client.latest is not None
        for command in walk.update(now, client.latest):
            client.send(command, lambda reply, sent=command: walk.replied(sent, reply))  # type: ignore[misc]


def _stop(client: Client, walk: Walk) -> None:
    """A hand on the emergency stop, an eye on the lamp: until it is told, or something is in the way."""
    from app.commissioning.stop import HANDS

    at = walk.at
    told: Phase | None = None
    while walk.at == at and not walk.problem and walk.stage != "told":
        phase = walk.stop.phase
        if phase != told and phase in _ASKED_OF_HANDS:
            click.echo(f"    {_ASKED_OF_HANDS[phase]}")
        told = phase
        if walk.stage == "asking":
            _lamp(walk)
        elif phase in HANDS:
            _busy(client, walk, phase=phase, within_s=PRESS_S)
            if walk.stop.phase == phase and not walk.problem:
                _no_hand(walk)
        else:
            _busy(client, walk, phase=phase)


_ASKED_OF_HANDS: dict[Phase, str] = {
    "press": "Press it now.",
    "fading": "It is read. Leave it pressed, and look at the lamp.",
    "release": "Unlatch it now: turn it or pull it.",
}


def _lamp(walk: Walk) -> None:
    if walk.stop.phase == "confirm":
        if click.confirm("    It is read. Turn the machine's power on again?", default=None):
            walk.answer("yes")
        else:
            walk.skip(left_for_later())
        return
    if walk.stop.phase == "still":
        # Said, not taken for granted: one answer brings power back, the other ends all of it.
        dark = click.confirm("    Is the lamp still dark? With yes the power comes back", default=None)
        walk.answer("yes" if dark else "no")
        return
    choice = click.prompt(
        "    Is the lamp of the 12 V rail dark now? yes, no, none (there is no lamp)",
        type=click.Choice(["yes", "no", "none", "y", "n"]),
        show_choices=False,
    )
    walk.answer("skipped" if choice == "none" else "yes" if choice[0] == "y" else "no")


def _no_hand(walk: Walk) -> None:
    """Nothing has changed at the stop's pin for a while."""
    pressing = walk.stop.phase == "press"
    pin = walk.machine.emergency_stop.pin
    choices = ["again", "skip", "a", "s", *(["nothing", "n"] if pressing else [])]
    nothing = ", nothing (it is pressed)" if pressing else ""
    choice = click.prompt(
        f"    Nothing has changed at pin {pin}. again{nothing}, skip",
        type=click.Choice(choices),
        show_choices=False,
    )[0]
    if choice == "n":
        walk.answer("no")
    elif choice == "s":
        walk.skip(left_for_later())


def _answer(walk: Walk) -> None:
    from app.parts import name

    step, machine = walk.step, walk.machine
    if step.output is None:
        click.echo(f"    found {walk.found_gains}")
        walk.answer("yes" if click.confirm("    Keep it?", default=True) else "no")
        return
    verb = {"motion": "move", "air": "fill", "heat": "get warm"}[step.output.family]
    choice = click.prompt(
        f"    Did the {name(step.output, machine)} {verb}, and nothing else? yes, no, other, again, skip",
        type=click.Choice(["yes", "no", "other", "again", "skip", "y", "n", "o", "a", "s"]),
        show_choices=False,
    )[0]
    if choice == "a":
        return  # the same step is begun once more
    if choice == "s":
        walk.skip(left_for_later())
        return
    if choice != "o":
        walk.answer("yes" if choice == "y" else "no")
        return
    others = [output for output in walk.machine.outputs if output.key != step.output.key]
    for number, output in enumerate(others, 1):
        click.echo(f"    {number:2d}  {name(output, walk.machine)}")
    number = click.prompt("    What moved instead", type=click.IntRange(1, len(others)))
    walk.answer("other", others[number - 1].key)


def _told(walk: Walk) -> str:
    match walk.step.kind:
        case "rest":
            marks = {"ok": "ok", "attention": "attention", "broken": "broken"}
            lines = [f"    {marks[line.verdict]:<10} {line.name:<14} {line.value}" for line in walk.lines]
            return "\n".join(lines)
        case "stop":
            lamp = ", and the power goes with it" if walk.stop.rail == "dark" else ""
            return f"    the emergency stop is read{lamp}"
        case "zero":
            return f"    {'done' if walk.zeroed else walk.not_zeroed}"
    wrong = [f"    {what}: {words}" for what, words in walk.self_test.items()]
    return "\n".join(wrong or ["    every valve and pad answered"])


def _again(client: Client, walk: Walk) -> bool:
    """Something is in the way. Once its cause has gone a person confirms it, and the step is done again."""
    click.echo(f"    {walk.problem}")
    latest = client.latest
    if latest is not None and latest.state == "fault":
        if not click.confirm("    Is the cause mended? Then confirm it, and go on"):
            return False
        ask(client, Acknowledge())
        _until_ready(client)
        return True
    return click.confirm("    Try again")


def _until_ready(client: Client) -> Snapshot:
    """At rest, or in a fault: then a look at the sensors is all the more wanted."""
    begun = time.monotonic()
    said = False
    while True:
        client.wait(0.1)
        latest = client.latest
        if latest is not None and latest.state in ("idle", "fault"):
            return latest
        if latest is not None and latest.session is not None:
            raise TerminalError("a session is running; stop it first")
        if latest is not None and latest.state == "self-test" and not said:
            said = True
            click.echo("The machine is checking itself first.")
        if time.monotonic() - begun > START_S:
            raise TerminalError("the machine is not ready; see instep doctor")


def _findings(record: Record, machine: Machine) -> str:
    from app.commissioning.conclude import words

    if not record.findings:
        return "The machine is as it should be."
    return "\n".join(f"- {words(finding, machine)}" for finding in record.findings)


_LAMP = {
    "": "not looked at",
    "skipped": "skipped",
    "dark": "dark without edges",
    "lit": "lit with the stop pressed",
    "held": "lit without edges",
}


def _show(places: Places, machine: Machine) -> int:
    from app.commissioning import record
    from app.parts import name

    names = {output.key: name(output, machine) for output in machine.outputs}
    kept = record.read(places.commissioned, machine)
    if kept is None:
        click.echo("This machine was never gone through: instep commission")
        return 1
    where = " on a virtual machine" if kept.virtual else ""
    when = f"{kept.at.astimezone():%Y-%m-%d %H:%M}" if kept.at else "date not known"
    click.echo(f"{kept.machine}, {when}, Instep {kept.software}{where}")
    if kept.stop:
        pins = machine.emergency_stop.pin, machine.rail.pin
        click.echo(f"  pin {pins[0]:<4}{'emergency stop':<24}{kept.stop}")
        click.echo(f"  pin {pins[1]:<4}{'lamp of the 12 V rail':<24}{_LAMP[kept.rail]}")
    for seen in kept.outputs:
        moved = names.get(seen.moved, seen.moved)
        said = f"{moved} instead" if moved else seen.answer
        click.echo(f"  pin {seen.pin:<4}{seen.name:<24}{said}")
    click.echo(f"  pressures zeroed: {'yes' if kept.zeroed else 'no'}")
    for what, found in kept.self_test.items():
        click.echo(f"  self-test, {what}: {found}")
    for line in kept.rest:
        click.echo(f"  at rest: {line}")
    for tuned in kept.tuned:
        click.echo(f"  {tuned.side} pad: {tuned.gains or f'not tuned ({tuned.skipped})'}")
    click.echo(_findings(kept, machine))
    if kept.wiring != record.wiring(machine):
        click.echo("Outdated: the machine file's wiring has changed since. Go through it again.")
        return 1
    return 1 if kept.findings else 0
