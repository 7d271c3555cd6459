"""``instep virtual`` and ``instep fault``: the virtual machine, its inside, and what goes wrong with it."""

from __future__ import annotations

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

from app.cli.console import console, in_a_terminal, picture
from app.cli.options import machine_option, runtime_option
from app.places import Places, machine_file, make_private
from hardware.errors import BoardError, TerminalError
from hardware.machine import load_machine

if TYPE_CHECKING:
    from hardware.virtual.watch import StateClient

START_S = 15.0
END_S = 5.0

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
    if not in_a_terminal():
        from hardware.virtual.daemon import serve

        sys.exit(serve(found, port, seed, ready=ready_file, state_socket=state_socket))
    inside = _socket(state_socket, runtime)
    for number in (signal.SIGTERM, signal.SIGHUP):  # the machine ends with its console, however that ends
        signal.signal(number, _end)
    with _running(path, port, seed, ready_file, inside) as chosen, _client(inside, None) as client:
        console(client, f"{found.name} on 127.0.0.1:{chosen}")


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
    if in_a_terminal():
        with _client(inside, None) as client:
            console(client, str(inside))
        return
    from rich.console import Console

    with _client(state_socket, runtime) as client:
        Console(highlight=False).print(picture(client.state(), client.sensors(), str(inside)))


def _end(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


# --- the machine --------------------------------------------------------------------------------------


def _socket(state_socket: Path | None, runtime: Path | None) -> Path:
    return state_socket or Places(runtime=runtime).runtime / "virtual"


def _client(state_socket: Path | None, runtime: Path | None) -> StateClient:
    from hardware.virtual.watch import StateClient

    try:
        return StateClient(_socket(state_socket, runtime))
    except BoardError as error:
        raise TerminalError(
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
        raise TerminalError(
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
                    raise TerminalError(words or "the virtual machine did not start")
                time.sleep(0.02)
            yield int(told.read_text())
        finally:
            process.terminate()
            try:
                process.wait(END_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
