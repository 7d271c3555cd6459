"""What was lived and found, a line of JSON an episode: a campaign can be stopped at any moment and gone on
with, and what it says in the end rests on all of it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
from msgspec import Struct, field

from tests.campaign.verdicts import KINDS, Found


class Row(Struct, kw_only=True):
    """One episode that came to its end."""

    seed: int
    version: str
    """Of the product that was judged."""
    life: str
    hours: float
    sessions: int
    found: list[Found] = field(default_factory=list)
    excuses: dict[str, int] = field(default_factory=dict)


class Ledger:
    """Rows in a file, or with no path only in memory. A line that a power cut tore is passed over."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.rows: list[Row] = []
        self._torn = False
        if path is not None and path.exists():
            self.rows = list(self._read(path))

    def _read(self, path: Path) -> Iterator[Row]:
        for line in path.read_bytes().splitlines(keepends=True):
            self._torn = not line.endswith(b"\n")
            try:
                yield msgspec.json.decode(line, type=Row)
            except msgspec.MsgspecError:
                continue

    def done(self, version: str) -> frozenset[int]:
        """The seeds that were lived with this version."""
        return frozenset(row.seed for row in self.rows if row.version == version)

    def add(self, row: Row) -> None:
        """On the disk when this returns, as a whole or not at all. Raises OSError."""
        self.rows.append(row)
        if self.path is None:
            return
        line = msgspec.json.encode(row) + b"\n"
        if self._torn:
            line, self._torn = b"\n" + line, False
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(handle, line)
            os.fsync(handle)
        finally:
            os.close(handle)


def summary(rows: Iterable[Row]) -> list[str]:
    """Lines to print: how much was lived, what was found by kind and code, and what was excused."""
    rows = list(rows)
    hours, sessions = sum(row.hours for row in rows), sum(row.sessions for row in rows)
    sound = [row for row in rows if row.life == "sound"]
    sound_sessions = sum(row.sessions for row in sound)
    lines = [f"{len(rows)} episodes, {hours:.1f} h, {sessions} sessions, {sound_sessions} on sound machines"]
    kept = [row for row in rows if not any(found.kind in ("violation", "crash") for found in row.found)]
    lines.append(f"{sum(row.hours for row in kept):.1f} h without a violation")
    for kind in KINDS:
        seeds: dict[str, list[int]] = {}
        counts: Counter[str] = Counter()
        for row in rows:
            for found in row.found:
                if found.kind == kind:
                    counts[found.what] += 1
                    seeds.setdefault(found.what, []).append(row.seed)
        per = sound_sessions if kind.startswith("false") else sessions
        rate = f", {1000.0 * sum(counts.values()) / per:.1f} in 1,000 sessions" if per else ""
        lines.append(f"{kind}: {sum(counts.values())}{rate}")
        for what, count in counts.most_common():
            some = ", ".join(str(seed) for seed in dict.fromkeys(seeds[what][:5]))
            lines.append(f"    {what}: {count} (seeds {some})")
    excused: Counter[str] = Counter()
    for row in rows:
        excused.update(row.excuses)
    if excused:
        lines.append("excused: " + ", ".join(f"{name} {count}" for name, count in excused.most_common()))
    return lines
