"""The virtual machine's console: its inside shown live, and a prompt that takes faults."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from hardware.virtual.watch import StateClient

LOOK_S = 0.2
MAX_SAID = 9
"""Lines of an answer that are shown at once."""
BAR = 5
HEAT, AIR, MOTION, QUIET, WARNING = "#F2A65A", "#7DB8EA", "#8ED3A2", "#B9ADA6", "#F0705A"


def in_a_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


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


def console(client: StateClient, title: str) -> None:
    """Show the machine and do what is typed until quit, Ctrl-C or Ctrl-D, or until the machine has gone."""
    from rich.console import Console
    from rich.live import Live

    from hardware.virtual.rehearsal import Rehearsal

    paper = Console(highlight=False)
    with _keys() as read:
        rehearsal = Rehearsal(client)
        prompt, said = Prompt(rehearsal.complete), "type help, or put a fault in"
        with Live(console=paper, screen=True, auto_refresh=False) as live:
            try:
                while not prompt.ended:
                    shown = picture(client.state(), client.sensors(), title)
                    live.update(_page(paper, shown, said, prompt.line), refresh=True)
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
    """The machine's inside: its outputs on the left, what came of them and what is measured on the right;
    above them what moves, by its own name: wires that are swapped show.

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
        else:
            speed = f"→{state['pump_speed'] if kind == 'pump' else next(speeds):4.0%}"
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
    going = ", ".join(state["moves"])
    moves = Text.assemble(("moves   ", "bold"), (going, MOTION) if going else ("nothing", QUIET))
    return Group(Text(title, "bold"), wrong, moves, Text(), both)


def _number(value: float | None, form: str) -> str:
    return "--" if value is None else format(value, form)
