"""From the death or freeze of the controller, or of the pin daemon, until nothing has power and no bag holds.

A pin daemon that is killed takes the virtual machine with it, so its death is rehearsed: it answers nobody
any more, its scripts have ended and its pins stay as they are. Times are the virtual machine's own.
"""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import click

from app.link.client import Client
from app.places import Places, machine_file
from app.stack import Stack
from hardware.machine import load_machine
from hardware.messages import Acknowledge, Alive, Reply, Start, Stop
from hardware.safety import limits
from hardware.virtual.watch import StateClient
from hardware.virtual.wiring import RAIL
from scripts.benchmarks.figure import Figure

LEAST_TIMES = 5
A_TIME_S = 15.0
FULL_MMHG = 20.0
TURN_S = 0.01
PATIENCE_S = 120.0
TRIES = 5

Act = Callable[[Stack, StateClient], object]


def figures(seconds: float) -> Iterator[Figure]:
    times = max(LEAST_TIMES, int(seconds / A_TIME_S))
    with tempfile.TemporaryDirectory(prefix="bench-", dir="/tmp") as folder:
        path = machine_file("reference")
        places = Places(Path(folder) / "data", Path(folder) / "run")
        with Stack(path, load_machine(path), places, virtual=True) as stack:
            for what, (strike, mend) in WAYS.items():
                taken = [_measure(stack, strike, mend) for _ in range(times)]
                for part, values, goal in zip(
                    ("power off", "bags empty"), zip(*taken, strict=True), ("≤ 1.5", "≤ 4"), strict=True
                ):
                    yield Figure(f"{what}: {part}, median", median(values), "s")
                    yield Figure(f"{what}: {part}, most", max(values), "s", goal)


def _measure(stack: Stack, strike: Act, mend: Act) -> tuple[float, float]:
    """Seconds from the strike, while a bag is full, until no load had power and until the bags were empty."""
    client = stack.client
    with StateClient(stack.state_socket) as watch:
        _fill(stack, watch)
        strike(stack, watch)
        struck = time.monotonic()
        off = _when_off(stack, watch, struck)
        _until(stack, lambda: max(watch.state()["bags_mmhg"]) < limits.BAG_EMPTY_MMHG)
        empty = watch.state()["now_s"]
        mend(stack, watch)
        mended = time.monotonic()
        _until(stack, lambda: _at_rest(client, mended))
    return off - struck, empty - struck


def _fill(stack: Stack, watch: StateClient) -> None:
    """A session whose bags are full. On a busy computer a start may go unheard, or the controller be so late
    that it stops: then once more. Raises ClickException."""
    client = stack.client

    def full() -> bool:
        return bool(max(watch.state()["bags_mmhg"]) > FULL_MMHG)

    why = ""
    for _ in range(TRIES):
        since = time.monotonic()
        _until(stack, lambda: _at_rest(client, since))  # noqa: B023 - used at once
        replies: list[Reply] = []
        client.send(
            Start(program="circulation", minutes=10, intensity=8, heat_c=38.0, answers=()), replies.append
        )
        _until(stack, lambda: bool(replies))  # noqa: B023
        if not replies[0].ok:
            why = str(replies[0].reason)
            continue
        _until(stack, lambda: full() or _has_faults(client))
        if full():
            return
        why = "; ".join(str(fault.words) for fault in client.latest.faults) if client.latest else ""
    raise click.ClickException(f"no session fills its bags here, {TRIES} times: {why} See {stack.log}")


def _has_faults(client: Client) -> bool:
    return client.latest is not None and client.latest.state == "fault"


def _when_off(stack: Stack, watch: StateClient, since: float) -> float:
    """When the last power pin went low or the rail dropped, whichever came first."""
    loads = stack.machine.power_pins()

    def driven() -> bool:
        pins = watch.state()["pins"]
        return any(pins[str(pin)]["duty"] for pin in loads)

    _until(stack, lambda: not watch.state()["rail"] or not driven())
    edges = watch.edges(since)
    drops = [at for at, pin, alive in edges if pin == RAIL and not alive]
    lows = [at for at, pin, duty in edges if pin in loads and not duty]
    return min(drops[:1] + ([] if driven() else [max(lows, default=since)]))


def _until(stack: Stack, condition: Callable[[], bool]) -> None:
    """Be the screen until it holds. Raises ClickException."""
    ends = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > ends:
            state = stack.client.latest.state if stack.client.latest else "silent"
            raise click.ClickException(f"the machine stays {state} for {PATIENCE_S:.0f} s; see {stack.log}")
        stack.client.send(Alive())
        stack.client.wait(TURN_S)


def _at_rest(client: Client, since: float) -> bool:
    """Idle, after what it takes to get there."""
    latest = client.latest
    if not client.connected or latest is None or latest.at_s < since:
        return False
    if latest.state != "idle":
        client.send(Acknowledge() if latest.state == "fault" else Stop())
    return latest.state == "idle"


def _signal(number: signal.Signals) -> Act:
    return lambda stack, watch: os.kill(stack.pid("controller"), number)


WAYS: dict[str, tuple[Act, Act]] = {
    "controller killed": (_signal(signal.SIGKILL), lambda stack, watch: stack.start_controller()),
    "controller frozen": (_signal(signal.SIGSTOP), _signal(signal.SIGCONT)),
    "pin daemon dead": (
        lambda stack, watch: watch.put("daemon-gone"),
        lambda stack, watch: watch.take("daemon-gone"),
    ),
}
