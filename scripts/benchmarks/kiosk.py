"""The kiosk beside an empty Kivy app: first frame, memory, and what it does while nothing happens."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import msgspec

from app.places import Places, machine_file
from app.stack import Stack
from hardware.machine import load_machine
from scripts.benchmarks.figure import Figure

STARTS = 5
MARGIN_S = 60


class Seen(msgspec.Struct):
    """What one window did."""

    first_frame_s: float
    memory_mb: float
    redraws: int
    cpu_share: float
    frame_s: list[float]
    """Of the frames while it moved."""


def figures(seconds: float) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="bench-", dir="/tmp") as folder:
        path = machine_file("reference")
        places = Places(Path(folder) / "data", Path(folder) / "run")
        with Stack(path, load_machine(path), places, virtual=True):
            ours: list[Seen] = []
            empty: list[Seen] = []
            for turn in range(STARTS):
                idle = min(seconds, 10.0) if turn == STARTS - 1 else 0.0
                ours.append(_open("kiosk", places, idle))
                empty.append(_open("empty", places, idle))
            session = _open("session", places, min(seconds, 10.0))
    other = "empty Kivy app"
    yield Figure(
        "kiosk: first frame, median", _of(ours, "first_frame_s"), "s", "ratio ≤ 1.4", other,
        _of(empty, "first_frame_s"),
    )  # fmt: skip
    yield Figure(
        "kiosk: memory, median", _of(ours, "memory_mb"), "MB", "ratio ≤ 1.4", other, _of(empty, "memory_mb")
    )
    yield Figure("kiosk: redraws on Home while idle", ours[-1].redraws, "redraws", "0")
    yield Figure(
        "kiosk: processor while idle", ours[-1].cpu_share * 100, "%", "ratio ≤ 1.2", other,
        empty[-1].cpu_share * 100,
    )  # fmt: skip

    took = sorted(session.frame_s)
    yield Figure("session screen: frames while it moves", len(took) / sum(took), "a second", "≥ 45")
    yield Figure("session screen: one frame, 99 %", took[int(len(took) * 0.99)] * 1000, "ms", "≤ 33")
    yield Figure(
        "session screen: processor at rest, 10 snapshots a second", session.cpu_share * 100, "%",
        "ratio ≤ 3", "Home while idle", ours[-1].cpu_share * 100,
    )  # fmt: skip


def _of(seen: list[Seen], name: str) -> float:
    return float(median(getattr(one, name) for one in seen))


def _open(what: str, places: Places, idle_s: float) -> Seen:
    with tempfile.TemporaryDirectory(prefix="kivy-") as home:
        out = Path(home) / "seen.json"
        begun = time.monotonic()
        subprocess.run(
            [
                sys.executable, "-m", "scripts.benchmarks.window", what, str(begun), str(idle_s), str(out),
                str(places.data), str(places.runtime),
            ],
            check=True,
            timeout=idle_s + MARGIN_S,
            env={**os.environ, "KIVY_HOME": home},
        )  # fmt: skip
        return msgspec.json.decode(out.read_bytes(), type=Seen)
