"""An installation from its first look to its last step."""

from __future__ import annotations

import contextlib
import fcntl
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from scripts.installer import panel, refusals
from scripts.installer.computer import Computer, look
from scripts.installer.plan import OWN_MACHINE, Plan, choose, find_machine, machine_files
from scripts.installer.record import Record
from scripts.installer.steps import ALL, Job
from scripts.installer.steps.files import missing_from
from scripts.installer.steps.services import Services
from scripts.installer.steps.tree import version_of
from scripts.installer.system import FailedError, RefusedError, System

HELD = "INSTEP_INSTALLER_ALONE"
"""In the environment of what runs under the lock."""
Ask = Callable[[str], str]


@dataclass(frozen=True)
class Options:
    """What was said on the command line."""

    yes: bool = False
    machine: str | None = None
    model: str | None = None
    force: bool = False
    virtual: bool = False
    start: bool = True
    rotation: int | None = None
    """Degrees clockwise, of the picture."""


def install(system: System, source: Path, options: Options, ask: Ask = input) -> int:
    """Returns the exit code. Raises RefusedError before anything was changed, FailedError in the middle."""
    only_as_root(system, "install")
    with alone(system):
        record = _record(system)
        job = Job(system, record, print, source, version_of(source), start=options.start)
        job.computer = computer = look(system, options.model or record.model or None)
        virtual = options.virtual or record.virtual
        if options.model:
            record.model = options.model
        record.virtual = virtual
        _refuse(
            refusals.of_the_computer(
                computer, force=options.force, virtual=virtual, installed=bool(record.version)
            )
        )
        board = computer.model or "A computer that is no Raspberry Pi"
        print(f"{board}, {computer.system}, {computer.architecture}.")
        machine = _which_machine(system, options, ask)
        job.plan = plan = choose(
            computer, virtual=virtual, machine=machine, in_place=system.read(OWN_MACHINE)
        )
        _refuse(_reasons(job, computer, plan))
        print(f"Pins by {_pins(plan)}; the screen: {_SCREENS[plan.screen]}.")
        job.rotation = _which_way_round(job, options, ask)
        return _work(job, options, ask)


def _reasons(job: Job, computer: Computer, plan: Plan) -> Iterator[str]:
    shipped = {path.name for path in (job.source / "systemd").glob("*")}
    for name in missing_from(shipped, plan):
        yield f"{job.source}/systemd/{name} is missing: this is not a whole copy of Instep. Clone it again."
    yield from refusals.of_the_system(job.system, computer, plan)


_SCREENS = {
    "kms": "drawn straight to the display (KMSDRM)",
    "cage": "cage with XWayland, as the Pi 5 needs",
    "none": "none, because a desktop has it (instep kiosk opens a window there)",
}


def _pins(plan: Plan) -> str:
    return "a virtual machine" if plan.virtual else plan.factory


def _work(job: Job, options: Options, ask: Ask) -> int:
    steps = [step(job) for step in ALL]
    waiting = [step for step in steps if step.needed()]
    services = next(step for step in steps if isinstance(step, Services))
    if not waiting:
        print(f"Instep {job.version} is installed as it should be. Nothing to do.")
        _say_restart(services)
        return 0
    print("\nThis will be done:")
    for step in waiting:
        print(f"  {step.name:<13}{step.say()}")
    if services not in waiting:
        waiting.append(services)  # it hears of what the others change
    print("\n./scripts/uninstall takes it back. What it changes is kept in /etc/instep/installed.json.")
    if not options.yes and not agreed(ask, "Go ahead? [y/N] "):
        print("Nothing was changed.")
        return 1
    print()
    job.record.save()
    for step in waiting:
        if step.needed():  # the steps before may have shown that it is not
            print(f"{step.name} ...", flush=True)
            try:
                step.do()
            except FailedError as failed:
                raise FailedError(f"Stopped at: {step.name}. {failed}") from failed
            except OSError as error:
                raise FailedError(f"Stopped at: {step.name}. {error}") from error
    print(f"\nDone: Instep {job.version}.")
    _say_restart(services)
    print("instep doctor tells what is right and what is not.")
    return 0


def _say_restart(services: Services) -> None:
    if not services.starts_here:
        print("With its next start it comes up as the machine.")
    elif services.restart_is_due:
        print("Restart the computer now: sudo reboot. It comes up as the machine.")


def _which_machine(system: System, options: Options, ask: Ask) -> Path | None:
    """None: the one in place stays. The first of three questions, asked only where there is none yet."""
    if options.machine is not None:
        return find_machine(options.machine)
    if options.yes or system.read(OWN_MACHINE) is not None:
        return None
    names = ", ".join(machine_files())
    answer = _answer(ask, f"Which machine is it? A machine file's path, or one of: {names} [reference] ")
    return find_machine(answer or "reference")


def _which_way_round(job: Job, options: Options, ask: Ask) -> int | None:
    """None: the picture stays as it is. The second question, where there is a screen and no answer yet."""
    shown = panel.look(job.system)
    if shown.fingers:
        print(
            f"config.txt turns touches by itself ({shown.fingers}), and Instep turns them with the picture: "
            "if fingers land elsewhere, take invx, invy and swapxy out of that line."
        )
    if options.rotation is not None:
        return options.rotation
    if job.to_do.screen == "none" or panel.kept(job.system) is not None:
        return None
    if options.yes:
        # An update does not turn a picture that somebody has lived with.
        return None if job.record.version else shown.rotation
    return panel.ask_which(shown, lambda question: _answer(ask, question))


def _record(system: System) -> Record:
    try:
        return Record(system)
    except FailedError as failed:
        raise RefusedError(str(failed)) from failed


def _refuse(reasons: Iterator[str]) -> None:
    found = list(reasons)
    if found:
        raise RefusedError("\n".join(found))


# --- shared with uninstall ------------------------------------------------------------------------------


def only_as_root(system: System, command: str) -> None:
    if system.here and os.geteuid() != 0:
        raise RefusedError(f"This changes the system, which only root may: sudo ./scripts/{command}")


@contextlib.contextmanager
def alone(system: System) -> Iterator[None]:
    """Two at once would undo each other. The lock leaves nothing behind.

    Whoever holds it may start an installation of their own, as an update does.
    """
    if os.environ.get(HELD):
        yield
        return
    number = os.open(system.path("/etc"), os.O_RDONLY)
    try:
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RefusedError("Another installation is at work. Wait until it has ended.") from error
        os.environ[HELD] = "1"
        try:
            yield
        finally:
            del os.environ[HELD]
    finally:
        os.close(number)


def agreed(ask: Ask, question: str) -> bool:
    return _answer(ask, question).lower() in ("y", "yes")


def _answer(ask: Ask, question: str) -> str:
    try:
        sys.stdout.flush()
        return ask(question).strip()
    except EOFError:
        raise RefusedError("There is nobody to answer. --yes asks nothing.") from None
