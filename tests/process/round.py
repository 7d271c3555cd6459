"""A round of the campaign over processes: strikes at one household, each judged from the daemon's pins.

Everything is drawn from the round's seed. When exactly a signal comes is the computer's doing: a replay is
the same blows in the same states, not the same microsecond.
"""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from signal import SIGTERM
from typing import NamedTuple

from app.sessions.history import History
from hardware.errors import InstepError
from hardware.machine import Machine
from tests.process.strikes import LOOKS_ON_S, MODULE, STRIKES, started, unexpected
from tests.process.struck import STATES, Struck, StuckError

TWICE = 0.25
"""So many are struck again before anybody has mended what the first strike did."""


class Found(NamedTuple):
    """What did not hold, where it stands in its round, and what it was."""

    kind: str
    strike: int
    what: str
    words: str


class Round:
    """So many strikes at one household; what was found, and how often what was struck in which state."""

    def __init__(self, seed: int, machine: Machine, patience: float = 1.0) -> None:
        self.seed = seed
        self.patience = patience
        self.machine = machine
        self.found: list[Found] = []
        self.counted: Counter[str] = Counter()
        self.took_s: dict[str, float] = {}
        """By rule, the longest that power has lasted on a computer that was not busy."""
        self._logged = 0

    def run(self, strikes: int, told: Callable[[str], None] = lambda line: None) -> None:
        number = 0
        with ExitStack() as kept:
            data, runtime = (
                Path(kept.enter_context(tempfile.TemporaryDirectory(prefix="in-", dir="/tmp")))
                for _ in range(2)
            )
            while number < strikes:
                # One that did not come back is given up; the next begins with what is on its disk.
                try:
                    number = self._household(data, runtime, number, strikes, told)
                except (InstepError, OSError) as error:
                    self._note("stuck", number, "at its start", f"{type(error).__name__}: {error}")
                    number += 1
                self._look_behind(data, runtime, number - 1)

    def _household(
        self, data: Path, runtime: Path, number: int, strikes: int, told: Callable[[str], None]
    ) -> int:
        """Strikes at one until the last, or until it is good for no more; answers the next one's number."""
        with ExitStack() as kept:
            house = kept.enter_context(Struck.household(self.machine, data, runtime, self.patience))
            resort = kept.enter_context(last_resort(house))
            self._logged = 0
            good = True
            while good and number < strikes:
                good = self._strike(house, number, told)
                number += 1
            if resort.poll() == 0:
                self._note("last resort", number - 1, "at the end", "it would restart a living machine")
            house.end("controller", SIGTERM)
            log = self._new_log(house)
        self._look_at_log(log, number - 1, "at the end")
        return number

    def _strike(self, house: Struck, number: int, told: Callable[[str], None]) -> bool:
        """One of them; whether the household is good for another."""
        rng = random.Random(f"{self.seed} {number}")
        state, names = rng.choice(STATES), [rng.choice(sorted(STRIKES))]
        if rng.random() < TWICE:
            names.append(rng.choice(sorted(STRIKES)))
        what = f"{state}: {', then '.join(names)}"
        house.watcher.take()
        house.state_now = "before"
        known: set[str] = set()
        house.over("S13", "nobody has asked for anything", 0.0)
        told(f"seed {self.seed}, strike {number}: {what}")
        self.counted.update(names)
        back = True
        try:
            house.until_said("idle")
            known = {fault.code for fault in house.faults}
            house.told.clear()
            house.bring(state, rng)
            for name in names:
                STRIKES[name](house, rng)
                house.lives(LOOKS_ON_S if name is names[-1] else rng.uniform(0.0, 1.5))
                house.state_now = f"after: {name}" if house.settled() else "starting"
            house.recover()
            house.lives(0.2)
        except (StuckError, InstepError, AssertionError, OSError) as error:
            back = False
            self._note("stuck", number, what, f"{type(error).__name__}: {error}")
        broken: Counter[str] = Counter()
        trace = house.watcher.take()
        for one in trace.broken():
            broken[one.rule] += 1
            if broken[one.rule] == 1:
                self._note(one.rule, number, what, one.words)
        if not trace.busy():
            for rule, seconds in trace.took_s().items():
                self.took_s[rule] = round(max(seconds, self.took_s.get(rule, 0.0)), 3)
        for code in unexpected((state, *names), set(house.told) - known, busy=trace.busy()):
            self._note("S18", number, what, f"{code}: {house.told[code]}")
        self._look_at_log(self._new_log(house), number, what)
        return back

    def _note(self, kind: str, number: int, what: str, words: str) -> None:
        self.found.append(Found(kind, number, what, words))

    def _new_log(self, house: Struck) -> str:
        with contextlib.suppress(OSError), house.stack.log.open("rb") as log:
            log.seek(self._logged)
            new = log.read()
            self._logged += len(new)
            return new.decode(errors="replace")
        return ""

    def _look_at_log(self, log: str, number: int, what: str) -> None:
        if "Traceback" in log:
            self._note("traceback", number, what, log[log.index("Traceback") :][-2000:])

    def _look_behind(self, data: Path, runtime: Path, number: int) -> None:
        """After everything has been ended in order: no process, no session left open."""
        if left := list(processes_of(runtime)):
            self._note("left behind", number, "at the end", "; ".join(left))
        history = History(data / "history.db")
        try:
            open_ = [row.id for row in history.page(1000) if row.outcome == "running"]
        finally:
            history.close()
        if open_:
            self._note("history", number, "at the end", f"{len(open_)} sessions are left open")


@contextlib.contextmanager
def last_resort(house: Struck) -> Iterator[subprocess.Popen[str]]:
    """What the service manager starts after many deaths: it watches, and finds somebody who comes back."""
    places = house.stack.places
    folders = {"INSTEP_DATA": str(places.data), "INSTEP_RUNTIME": str(places.runtime)}
    with started([*MODULE, "app.last_resort", "--port", str(house.port)], **folders) as process:
        yield process


def processes_of(folder: Path) -> Iterator[str]:
    """Command lines of processes that have to do with this folder."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and int(entry.name) != os.getpid():
            with contextlib.suppress(OSError):
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                if str(folder) in line:
                    yield line.strip()
