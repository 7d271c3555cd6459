"""A session's progress in the terminal: a live panel, or plain lines where there is no terminal."""

from __future__ import annotations

import contextlib
import time
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from hardware.messages import SessionView, Snapshot

LINE_S = 5.0
FAST_LINE_S = 60.0
HEAT, AIR, MOTION, QUIET, WARNING = "#F2A65A", "#7DB8EA", "#8ED3A2", "#B9ADA6", "#F0705A"


class Progress:
    """Show snapshots as they come; every five seconds a line when the output is not a terminal."""

    def __init__(self, *, fast: bool = False) -> None:
        self._console = Console(highlight=False)
        self._fast = fast
        self._redraws = self._console.is_terminal and not self._console.is_dumb_terminal
        self._live = Live(console=self._console, refresh_per_second=8, transient=True)
        self._line_due = 0.0
        self._phase = ""
        self.unseen = False
        """Nobody can see it any more: the terminal or the pipe has gone, or the disk is full."""

    def __enter__(self) -> Self:
        if self._redraws:
            self._live.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._redraws:
            with contextlib.suppress(OSError):
                self._live.stop()

    def show(self, snapshot: Snapshot) -> None:
        session = snapshot.session
        if session is None or self.unseen:
            return
        try:
            self._show(snapshot, session)
        except OSError:
            self.unseen = True

    def _show(self, snapshot: Snapshot, session: SessionView) -> None:
        if self._redraws:
            self._live.update(_panel(snapshot, session))
            return
        clock = session.elapsed_s if self._fast else time.monotonic()
        phase = session.phases[session.phase].name
        if clock >= self._line_due or phase != self._phase:
            self._phase = phase
            self._line_due = clock + (FAST_LINE_S if self._fast else LINE_S)
            self._console.print(line(snapshot, session), soft_wrap=True)


def _time(seconds: float) -> str:
    whole = int(seconds + 0.5)
    return f"{whole // 60}:{whole % 60:02d}"


def line(snapshot: Snapshot, session: SessionView) -> str:
    """One plain line: phase, time left, temperatures, pressures."""
    pads = "  ".join(f"{pad.side} {_celsius(pad.c)}" for pad in snapshot.pads)
    bags = "  ".join(f"{bag.zone} {_mmhg(bag.mmhg)}" for bag in snapshot.bags)
    phase = session.phases[session.phase].name
    state = "" if snapshot.state == "running" else f"  {snapshot.state}"
    return (
        f"{_time(session.left_s):>6} left  {phase:<20} level {session.level:4.1f} of {session.intensity}  "
        f"{pads}  {bags} mmHg{state}"
    )


def _celsius(celsius: float | None) -> str:
    return "  --   " if celsius is None else f"{celsius:4.1f} °C"


def _mmhg(mmhg: float | None) -> str:
    return "--" if mmhg is None else f"{max(mmhg, 0.0):2.0f}"


def _panel(snapshot: Snapshot, session: SessionView) -> Group:
    phase = session.phases[session.phase].name
    following = session.phases[session.phase + 1 :]
    head = Text.assemble(
        (session.title, "bold"),
        "  ",
        phase,
        (f", then {following[0].name}" if following else "", QUIET),
    )
    total = session.elapsed_s + session.left_s
    bar = ProgressBar(total=max(total, 1.0), completed=session.elapsed_s, width=46)
    table = Table.grid(padding=(0, 2))
    table.add_column(style=QUIET)
    table.add_column()
    held = f"  held {session.holding_s:.0f} s" if session.holding_s > 0 else ""
    paused = Text("  paused", WARNING) if snapshot.state == "paused" else Text("")
    table.add_row("left", Text.assemble((_time(session.left_s), "bold"), paused))
    table.add_row("intensity", f"{session.level:.1f} of {session.intensity}{held}")
    table.add_row("warm", Text("   ".join(f"{p.side} {_celsius(p.c)}" for p in snapshot.pads), HEAT))
    air = "   ".join(f"{b.zone} {_mmhg(b.mmhg)}" for b in snapshot.bags)
    table.add_row("air", Text(f"{air}  mmHg", AIR))
    moving = "   ".join(f"{m.kind} {m.side} {m.duty:.0%}" for m in snapshot.motors if m.duty > 0)
    table.add_row("motion", Text(moving or "at rest", MOTION))
    if session.guide:
        table.add_row("you", Text(session.guide, "bold"))
    for notice in snapshot.notices:
        table.add_row("note", Text(str(notice), WARNING))
    return Group(head, bar, table, Text("Ctrl-C stops", QUIET))
