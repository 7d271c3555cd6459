"""How late ticks come: two processes as built, and the design not taken, with the kiosk in the controller's.

Both run a session on the virtual daemon with the recorder writing and the session screen drawing, while
another process keeps a core busy.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from app.places import Places
from scripts.benchmarks.figure import Figure, quantile

BUSY = "while True: pass"
MARGIN_S = 90


def figures(seconds: float) -> Iterator[Figure]:
    apart = _watch("apart", seconds)
    together = _watch("together", seconds)
    worst, other = quantile(apart, 0.999) * 1000, quantile(together, 0.999) * 1000
    yield Figure("tick lateness: median", quantile(apart, 0.5) * 1000, "ms")
    yield Figure(
        "tick lateness: 99.9 %", worst, "ms", "≤ 5 ms, ratio ≤ 0.2", "kiosk in the same process", other
    )
    yield Figure("tick lateness: most", max(apart) * 1000, "ms", "≤ 25")
    yield Figure("ticks that came", len(apart), "ticks", "none lost", "due", seconds * 20)


def _watch(how: str, seconds: float) -> list[float]:
    """The lateness of each tick in seconds, from processes of their own."""
    with tempfile.TemporaryDirectory(prefix="bench-", dir="/tmp") as folder:
        places = Places(Path(folder) / "data", Path(folder) / "run")
        places.make()
        out = Path(folder) / "lateness.json"
        busy = subprocess.Popen([sys.executable, "-c", BUSY])
        try:
            subprocess.run(
                [sys.executable, "-m", "scripts.benchmarks.stage", how, folder, str(seconds), str(out)],
                check=True,
                timeout=seconds + MARGIN_S,
                stdout=subprocess.DEVNULL,
            )
        finally:
            busy.kill()
            busy.wait()
        return msgspec.json.decode(out.read_bytes(), type=list[float])
