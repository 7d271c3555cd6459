"""``instep virtual`` and ``instep fault``: the virtual machine, its inside, and what goes wrong with it."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, TypeVar

import click

from app.cli.options import machine_option, runtime_option
from app.places import Places, machine_file, make_private
from hardware.errors import BoardError, InstepError
from hardware.machine import load_machine

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from hardware.virtual.watch import StateClient

START_S = 15.0
END_S = 5.0
LOOK_S = 0.2
MAX_SAID = 9
"""Lines of an answer that are shown at once."""
BAR = 5
HEAT, AIR, MOTION, QUIET, WARNING = "#F2A65A", "#7DB8EA", "#8ED3A2", "#B9ADA6", "#F0705A"

F = TypeVar("F", bound=Callable[..., Any])

socket_option = click.option(
    "--state-socket",
    type=click.Path(dir_okay=False, path_type=Path),
    help="To watch it by.  [default: virtual in the runtime folder]",
)


def where_options(function: F) -> F:
    return socket_option(runtime_option(function))


@click.command()
@machine_option
@click.option("--port", type=click.IntRange(0, 65535), default=8888, show_default=True, help="0 chooses one.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the sensors' noise.")
@click.option("--ready-file", type=click.Path(dir_okay=False, path_type=Path), help="Gets the port.")
@where_options
def virtual(
    machine_name: str | None,
    port: int,
    seed: int,
    ready_file: Path | None,
    state_socket: Path | None,
    runtime: Path | None,
) -> None:
    """Run the virtual machine alone: it answers as a pigpio daemon does, on this computer only.

    In a terminal it shows its inside live and takes faults: type help. Elsewhere it says where it listens
    and runs until it is ended; it can be watched then if it is given a --state-socket.

    \b
    Any pigpio program can drive it:
      instep virtual --port 8888 &
      python -c "import pigpio; pigpio.pi().set_PWM_dutycycle(12, 128)"
    """
    path = machine_file(machine_name)
    found = load_machine(path)
    if not _in_a_terminal():
        from hardware.virtual.daemon import serve

        sys.exit(serve(found, port, seed, ready=ready_file, state_socket=state_socket))
    inside = _socket(state_socket, runtime)
    for number in (signal.SIGTERM, signal.SIGHUP):  # the machine ends with its console, however that ends
        signal.signal(number, _end)
    with _running(path, port, seed, ready_file, inside) as chosen:
        _console(inside, f"{found.name} on 127.0.0.1:{chosen}")


@click.group()
def fault() -> None:
    """Put faults into the virtual machine that is running, and take them out again.

    \b
    Rehearse: start a session, then see what the machine does about
      instep fault put valve-stuck-shut foot
      instep fault put sensor-offset left b --amount 6
      instep fault clear
    """


@fault.command()
@click.argument("name")
@click.argument("on", nargs=-1)
@click.option("--amount", type=float, help="How much of it.  [default: the fault's usual one]")
@where_options
def put(
    name: str, on: tuple[str, ...], amount: float | None, state_socket: Path | None, runtime: Path | None
) -> None:
    """Put the fault NAME in, ON one of the places it can be; "instep fault list" tells which.

    \b
      instep fault put sensor-open left a
      instep fault put bag-leak calf --amount 30
    """
    from hardware.virtual.rehearsal import in_words

    with _client(state_socket, runtime) as client:
        click.echo(f"in: {in_words(client.put(name, ' '.join(on), amount))}")


@fault.command()
@click.argument("name")
@click.argument("on", nargs=-1)
@where_options
def take(name: str, on: tuple[str, ...], state_socket: Path | None, runtime: Path | None) -> None:
    """Take the fault NAME out; without ON, wherever it is.

    \b
      instep fault take sensor-open left a
      instep fault take bag-leak
    """
    with _client(state_socket, runtime) as client:
        client.take(name, " ".join(on))
        click.echo(f"out: {' '.join((name, *on))}")


@fault.command()
@where_options
def clear(state_socket: Path | None, runtime: Path | None) -> None:
    """Take all faults out."""
    with _client(state_socket, runtime) as client:
        client.clear()
        click.echo("all faults are out")


@fault.command(name="list")
@where_options
def list_(state_socket: Path | None, runtime: Path | None) -> None:
    """Every fault this machine can have, where and how much, and those that are in."""
    from hardware.virtual.rehearsal import describe, in_words

    with _client(state_socket, runtime) as client:
        told = client.faults()
    for entry in told["faults"]:
        click.echo("\n".join(describe(entry)))
    click.echo("\nin: " + (", ".join(in_words(active) for active in told["active"]) or "none"))


@fault.command()
@where_options
def watch(state_socket: Path | None, runtime: Path | None) -> None:
    """Show the inside of the machine that is running, live, and take faults at a prompt.

    Where there is no terminal it is shown once.
    """
    inside = _socket(state_socket, runtime)
    if _in_a_terminal():
        _console(inside, str(inside))
        return
    from rich.console import Console

    with _client(state_socket, runtime) as client:
        Console(highlight=False).print(picture(client.state(), client.sensors(), str(inside)))


def _end(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


# --- the machine --------------------------------------------------------------------------------------


def _in_a_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _socket(state_socket: Path | None, runtime: Path | None) -> Path:
    return state_socket or Places(runtime=runtime).runtime / "virtual"


def _client(state_socket: Path | None, runtime: Path | None) -> StateClient:
    from hardware.virtual.watch import StateClient

    try:
        return StateClient(_socket(state_socket, runtime))
    except BoardError as error:
        raise InstepError(
            f"{error}. Start one with: instep virtual; or name its --state-socket or --runtime folder"
        ) from error


@contextmanager
def _running(path: Path, port: int, seed: int, ready: Path | None, inside: Path) -> Iterator[int]:
    """The virtual machine as a process of its own, so that drawing never delays a pin; yields its port."""
    from hardware.virtual.watch import StateClient

    make_private(inside.parent)
    try:
        StateClient(inside).close()
    except BoardError:
        pass
    else:
        raise InstepError(
            f"a virtual machine runs already at {inside}: look inside with: instep fault watch; "
            "or give this one another --state-socket"
        )
    with tempfile.TemporaryDirectory() as folder:
        told = ready or Path(folder) / "port"
        told.unlink(missing_ok=True)
        process = subprocess.Popen(
            [
                sys.executable, "-m", "hardware.virtual.daemon",
                "--machine", str(path), "--port", str(port), "--seed", str(seed),
                "--ready-file", str(told), "--state-socket", str(inside),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C belongs to the console
        )  # fmt: skip
        try:
            deadline = time.monotonic() + START_S
            while not told.exists():
                if process.poll() is not None or time.monotonic() > deadline:
                    assert process.stderr is not None
                    process.kill()
                    words = process.stderr.read().decode(errors="replace").strip()
                    raise InstepError(words or "the virtual machine did not start")
                time.sleep(0.02)
            yield int(told.read_text())
        finally:
            process.terminate()
            try:
                process.wait(END_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


# --- the console --------------------------------------------------------------------------------------


class Prompt:
    """A line being typed: letters, Backspace, Ctrl-U, Tab, Up, Enter."""

    def __init__(self, complete: Callable[[str], str]) -> None:
        self.line = ""
        self.ended = False
        self._last = ""
        self._complete = complete

    def type(self, keys: str) -> list[str]:
        """The lines that these keys finished."""
        done = []
        for key in keys.replace("\x1b[A", "\x10").replace("\x1bOA", "\x10").split("\x1b")[0]:
            if key in "\r\n":
                done.append(self.line)
                self._last, self.line = self.line or self._last, ""
            elif key in "\x7f\b":
                self.line = self.line[:-1]
            elif key == "\x15":
                self.line = ""
            elif key == "\t":
                self.line = self._complete(self.line)
            elif key == "\x10":
                self.line = self._last
            elif key == "\x04" and not self.line:
                self.ended = True
            elif key.isprintable():
                self.line += key
        return done


@contextmanager
def _keys() -> Iterator[Callable[[float], str]]:
    """Reads what is typed, unechoed, within a time; "" when nothing is."""
    import termios
    import tty

    number = sys.stdin.fileno()
    before = termios.tcgetattr(number)

    def read(seconds: float) -> str:
        ready, _, _ = select.select([number], [], [], seconds)
        if not ready:
            return ""
        return os.read(number, 1024).decode(errors="ignore") or "\x04"

    tty.setcbreak(number)
    try:
        yield read
    finally:
        termios.tcsetattr(number, termios.TCSADRAIN, before)


def _console(inside: Path, title: str) -> None:
    """Show the machine and do what is typed until quit, Ctrl-C or Ctrl-D, or until the machine has gone."""
    from rich.console import Console
    from rich.live import Live

    from hardware.virtual.rehearsal import Rehearsal

    console = Console(highlight=False)
    with _client(inside, None) as client, _keys() as read:
        rehearsal = Rehearsal(client)
        prompt, said = Prompt(rehearsal.complete), "type help, or put a fault in"
        with Live(console=console, screen=True, auto_refresh=False) as live:
            try:
                while not prompt.ended:
                    shown = picture(client.state(), client.sensors(), title)
                    live.update(_page(console, shown, said, prompt.line), refresh=True)
                    for line in prompt.type(read(LOOK_S)):
                        if line.strip().lower() in ("quit", "exit", "q"):
                            return
                        said = rehearsal.do(line) or said
            except KeyboardInterrupt:
                return


def _page(console: Console, shown: RenderableType, said: str, typed: str) -> RenderableType:
    """The machine above, cut where there is no room; the answer and the prompt below, always there."""
    from rich.layout import Layout
    from rich.text import Text

    answer = Text(said, QUIET)
    room = max(1, min(MAX_SAID, console.height - 8))
    lines = answer.wrap(console, console.width)[:room]
    page = Layout()
    page.split_column(
        Layout(shown),
        Layout(Text("\n").join(lines), size=max(1, len(lines))),
        Layout(Text.assemble(("> ", "bold"), typed, ("▏", QUIET)), size=1),
    )
    return page


def picture(state: dict[str, Any], sensors: dict[str, Any], title: str) -> RenderableType:
    """The machine's inside: its outputs on the left, what came of them and what is measured on the right.

    Not wider than 80 columns.
    """
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    from hardware.virtual.rehearsal import in_words

    speeds = iter(state["motor_speeds"])
    outputs = Table.grid(padding=(0, 1))
    zones, sides = [], []
    for pin, found in state["pins"].items():
        part, duty = found["part"], found["duty"]
        kind, _, place = part.partition(" ")
        if kind == "rail":
            continue
        colour = AIR if kind in ("pump", "valve") else HEAT if kind == "pad" else MOTION
        speed = ""
        if kind == "valve":
            zones.append(place)
        elif kind == "pad":
            sides.append(place)
        elif kind != "pump":
            speed = f"→{next(speeds):4.0%}"
        bar = "█" * round(duty * BAR)
        outputs.add_row(
            Text(f"{pin:>2}", QUIET),
            part,
            Text(f"{bar:<{BAR}} {duty:4.0%}", colour if duty else QUIET),
            speed,
        )
    truth = Table.grid(padding=(0, 1))
    rail = Text("on", MOTION) if state["rail"] else Text("off", QUIET)
    truth.add_row("rail", rail, f"{state['watts']:.1f} W")
    stop = Text("pressed", WARNING) if state["emergency_stop"] else Text("not pressed")
    truth.add_row("stop", stop)
    for side, pad_c, pair in zip(sides, state["pads_c"], sensors["pads_c"], strict=True):
        says = "  ".join(f"{name} {_number(c, '.1f')}" for name, c in zip("ab", pair, strict=True))
        truth.add_row(f"pad {side}", Text(f"{pad_c:5.1f} °C", HEAT), Text(says, QUIET))
    for side, skin_c in state["skin_c"].items():
        truth.add_row(f"foot {side}", "no foot" if skin_c is None else Text(f"{skin_c:5.1f} °C", HEAT))
    for zone, mmhg, says in zip(zones, state["bags_mmhg"], sensors["bags_mmhg"], strict=True):
        truth.add_row(
            f"bag {zone}", Text(f"{mmhg:5.1f} mmHg", AIR), Text(f"says {_number(says, '.1f')}", QUIET)
        )
    both = Table.grid(padding=(0, 3))
    both.add_row(outputs, truth)
    faults = ", ".join(in_words(active) for active in state["faults"])
    wrong = Text.assemble(("faults  ", "bold"), (faults, WARNING) if faults else ("none", QUIET))
    return Group(Text(title, "bold"), wrong, Text(), both)


def _number(value: float | None, form: str) -> str:
    return "--" if value is None else format(value, form)
