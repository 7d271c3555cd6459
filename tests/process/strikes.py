"""What is done to a stack in the campaign over processes, one strike at a time, and a round of them.

Everything is drawn from the round's seed; when exactly a signal comes is the computer's doing, so a replay is
the same blows in the same states, not the same microsecond.
"""

from __future__ import annotations

import contextlib
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from app.link.client import Client
from app.sessions.history import History
from hardware.errors import InstepError
from hardware.machine import Machine
from hardware.messages import SetIntensity
from tests.process.screen import PATIENCE_S
from tests.process.struck import AGAIN_S, SAID_S, STATES, Struck, StuckError
from tests.process.trace import DEAD_S, EMPTY_S, RAIL_HOLDS_S, SCREEN_S, STOP_S

FROZEN_S = 1.2
"""A controller that was frozen for longer has lost its lease, and a session is paused."""
LATE_S = 0.45
"""One that was held up for longer leaves off whatever is no session."""
CUT_OFF_S = 1.2
"""A daemon that was frozen for longer is lost to any controller."""
LOOKS_ON_S = 2.5
"""For so long nobody does anything after a strike: does something go on by itself?"""
MOST_LOG = 400
MODULE = [sys.executable, "-m"]


class Found(NamedTuple):
    """What did not hold, where it stands in its round, and what it was."""

    kind: str
    strike: int
    what: str
    words: str


def frozen_for(rng: random.Random) -> float:
    return rng.choice([rng.uniform(0.05, 0.3), rng.uniform(0.3, 1.0), rng.uniform(1.3, 3.0)])


# --- the controller


def dead(house: Struck, why: str, *, name: str = "controller") -> None:
    house.hand = None
    house.over("S12", why, DEAD_S, rail_s=DEAD_S + RAIL_HOLDS_S, empty_s=DEAD_S + EMPTY_S)


def controller_killed(house: Struck, rng: random.Random) -> None:
    house.end("controller")
    dead(house, "the controller is killed")
    house.lives(rng.choice([0.0, rng.uniform(0.0, 2.0), 4.5]))
    house.begin("controller")


def controller_told_to_go(house: Struck, rng: random.Random) -> None:
    house.end("controller", signal.SIGTERM)
    house.hand = None
    house.over("S12", "the controller has gone", 0.0, rail_s=RAIL_HOLDS_S, empty_s=EMPTY_S)
    house.lives(rng.choice([0.0, 2.0]))
    house.begin("controller")


def controller_frozen(house: Struck, rng: random.Random) -> None:
    seconds = frozen_for(rng)
    house.strikes("controller", signal.SIGSTOP)
    at_s = time.monotonic()
    if seconds > FROZEN_S:
        dead(house, "the controller is frozen")
    house.hand = None
    house.lives(seconds)
    frozen_s = time.monotonic() - at_s
    if frozen_s > LATE_S and house.state_now in ("by hand", "tuning", "self-test"):
        house.over("S2", f"the controller was frozen for {frozen_s:.2f} s", SAID_S)
    house.feeds()
    house.strikes("controller", signal.SIGCONT)


def controller_stumbles(house: Struck, rng: random.Random) -> None:
    """Three hiccups in a row: a fault by S11, or none; never a session that goes on after it said so."""
    for _ in range(rng.randint(2, 5)):
        house.strikes("controller", signal.SIGSTOP)
        house.lives(rng.uniform(0.05, 0.9))
        house.feeds()
        house.strikes("controller", signal.SIGCONT)
        house.lives(rng.uniform(0.05, 0.5))


# --- the daemon


def daemon_killed(house: Struck, rng: random.Random) -> None:
    house.hand = None
    house.end("virtual")
    house.over("S12", "the daemon is killed", 0.0, slack_s=0.0)
    house.lives(rng.choice([0.0, rng.uniform(0.0, 3.0)]))
    house.begin("virtual")


def daemon_frozen(house: Struck, rng: random.Random) -> None:
    seconds = frozen_for(rng)
    lives = house.number("controller") is not None and house.client.connected
    house.strikes("virtual", signal.SIGSTOP)
    at_s = time.monotonic()
    house.lives(seconds)
    frozen_s = time.monotonic() - at_s
    if frozen_s > CUT_OFF_S and lives and house.state_now != "starting":
        house.hand = None
        house.over("S12", f"the daemon was frozen for {frozen_s:.2f} s", SAID_S, rail_s=RAIL_HOLDS_S + SAID_S)
    house.strikes("virtual", signal.SIGCONT)


def daemon_gone(house: Struck, rng: random.Random) -> None:
    """Dead, but for its pins, which stay as they are."""
    house.watch.put("daemon-gone")
    house.hand = None
    house.over("S12", "the daemon is gone", DEAD_S, rail_s=DEAD_S, empty_s=DEAD_S + EMPTY_S)
    house.lives(rng.uniform(0.0, 4.0))
    if house.state_now == "starting":
        house.feeds()
    house.watch.take("daemon-gone")


def daemon_slow(house: Struck, rng: random.Random) -> None:
    house.watch.put("daemon-slow", amount=rng.choice([5.0, 20.0, 80.0, 300.0, 900.0]))
    house.lives(rng.uniform(0.5, 3.0))
    house.watch.take("daemon-slow")


# --- the screen


def lost_screen(house: Struck) -> None:
    if house.state_now in ("running", "tuning"):
        house.over("S10", "the screen is lost", SCREEN_S + SAID_S, empty_s=SCREEN_S + EMPTY_S)


def screen_killed(house: Struck, rng: random.Random) -> None:
    house.end("screen")
    lost_screen(house)
    if rng.random() < 0.5:
        house.begin("screen")  # another one proves nothing for the first one's session
    house.lives(rng.uniform(2.5, 4.0))


def screen_frozen(house: Struck, rng: random.Random) -> None:
    seconds = rng.choice([rng.uniform(0.1, 1.5), rng.uniform(2.6, 5.0)])
    house.strikes("screen", signal.SIGSTOP)
    if seconds > SCREEN_S:
        lost_screen(house)
    house.lives(seconds)
    house.strikes("screen", signal.SIGCONT)


# --- people and strangers


def emergency_stop(house: Struck, rng: random.Random) -> None:
    seconds = rng.choice([rng.uniform(0.01, 0.1), rng.uniform(0.3, 2.0)])
    house.watch.set("emergency_stop", pressed=True)
    if seconds > AGAIN_S and house.state_now != "starting":
        house.hand = None
        house.over("S3", "the emergency stop is pressed", STOP_S, empty_s=EMPTY_S)
    house.lives(seconds)
    house.watch.set("emergency_stop", pressed=False)


def flooded(house: Struck, rng: random.Random) -> None:
    """Three clients send as fast as they can, and a fourth one's Stop comes through."""
    over = threading.Event()

    def flood() -> None:
        client = Client(house.stack.places.runtime, "command-line")
        while not over.is_set():
            for level in range(1, 10):
                client.send(SetIntensity(level=level))
            client.poll()
        client.close()

    floods = [threading.Thread(target=flood) for _ in range(3)]
    for thread in floods:
        thread.start()
    try:
        house.lives(rng.uniform(0.3, 2.0))
        if house.client.connected:
            house.stop()
    finally:
        over.set()
        for thread in floods:
            thread.join()


def stopped(house: Struck, rng: random.Random) -> None:
    for _ in range(rng.choice([1, 1, 3])):
        if house.client.connected:
            house.stop()


def stranger_on_a_pin(house: Struck, rng: random.Random) -> None:
    pin = rng.choice(house.stack.machine.power_pins())
    house.puts_power_on(pin, rng.choice([0.3, 1.0, 1.0]), rng.choice([1, 1, 5]))


def stranger_on_the_rail(house: Struck, rng: random.Random) -> None:
    house.pulses_rail(rng.uniform(0.1, 1.5))


def lease_ended(house: Struck, rng: random.Random) -> None:
    if house.ends_leases() and house.number("controller") is not None and house.state_now != "starting":
        house.hand = None
        house.over("S12", "a stranger has ended the lease", DEAD_S, rail_s=RAIL_HOLDS_S)
        house.until_said("fault")


def everything_off(house: Struck, rng: random.Random) -> None:
    """Beside a living controller, a frozen one, a dead one, or one that dies or comes meanwhile."""
    meanwhile = rng.choice(["lives", "lives", "frozen", "dead", "killed", "starts"])
    fed = house.client.connected and house.state_now not in (
        "starting",
        "emergency stop",
        "switched off",
    )
    if meanwhile == "frozen":
        house.strikes("controller", signal.SIGSTOP)
        house.lives(rng.choice([0.0, 0.3, 1.5]))
    elif meanwhile in ("dead", "starts"):
        house.end("controller")
        dead(house, "the controller is killed before everything-off")
    house.hand = None
    with started([*MODULE, "hardware.safety.everything_off", "--port", str(house.port)]) as off:
        if meanwhile in ("killed", "starts"):
            house.lives(rng.uniform(0.0, 2.5))
            if meanwhile == "killed":
                house.end("controller")
            else:
                house.begin("controller")
        told = ended(house, off, "everything-off")
    if off.returncode:
        if meanwhile == "starts" or house.state_now == "starting":
            return  # it says that somebody begins, which is all it can
        raise StuckError(f"everything-off beside a controller that {meanwhile}: {told}")
    if meanwhile == "starts" or house.state_now == "starting":
        house.over("S12", "everything was switched off", 0.0, empty_s=EMPTY_S)
    else:
        house.over("S12", f"everything was switched off ({meanwhile})", 0.0, rail_s=0.0, empty_s=EMPTY_S)
    if meanwhile == "frozen":
        house.strikes("controller", signal.SIGCONT)
    if meanwhile == "lives" and fed:
        house.until_said("fault")
        codes = [fault.code for fault in house.faults]
        if "switched-off-elsewhere" not in codes:
            raise StuckError(f"after everything-off it says {codes}")


def second_controller(house: Struck, rng: random.Random) -> None:
    """Another one at the same daemon: refused while the first one lives or is frozen, and it takes over from a
    dead one; then the first one is refused."""
    first = rng.choice(["lives", "lives", "frozen", "killed"])
    own = rng.random() < 0.6
    with tempfile.TemporaryDirectory(prefix="in-", dir="/tmp") as folder:
        places = house.stack.places
        runtime = Path(folder) / "r" if own else places.runtime
        data = Path(folder) / "d" if own else places.data
        command = [*MODULE, "app", "controller", "--no-pulses", "--port", str(house.port)]
        command += ["--data", str(data), "--runtime", str(runtime)]
        if first == "frozen":
            house.hand = None
            house.strikes("controller", signal.SIGSTOP)
            dead(house, "the controller is frozen")
            house.lives(DEAD_S)
        elif first == "killed":
            house.end("controller")
            dead(house, "the controller is killed")
            house.feeds()
        with started(command) as second:
            if first == "killed":
                house.lives(rng.uniform(0.5, 4.0))
                if own:
                    refused_if_alive(house, second)
                second.kill()
                second.wait()
                dead(house, "the second controller is killed")
                return
            told = ended(house, second, "a second controller beside one that lives")
            if second.returncode == 0 or "Traceback" in told:
                raise StuckError(f"a second controller: {second.returncode} {told}")
        if first == "frozen":
            house.feeds()
            house.strikes("controller", signal.SIGCONT)


def refused_if_alive(house: Struck, second: subprocess.Popen[str]) -> None:
    """The first one, started again beside the second, which has taken its pins."""
    if second.poll() is not None:
        return
    house.lives(2.0)
    house.begin("controller")
    ends = time.monotonic() + PATIENCE_S
    while house.number("controller") is not None:
        if second.poll() is not None:
            return
        if time.monotonic() > ends:
            raise StuckError("two controllers live at one daemon")
        house.pump()


def broken_part(house: Struck, rng: random.Random) -> None:
    """Something breaks and is mended; what it does meanwhile is judged by others, what comes after it here."""
    possible = [
        fault for fault in house.watch.faults()["faults"] if not fault["name"].startswith(("daemon", "stop"))
    ]
    fault = rng.choice([fault for fault in possible if fault["name"] in QUICK])
    targets = fault["targets"]
    target = rng.choice(targets) if targets else ""
    house.watch.put(fault["name"], target)
    house.lives(rng.uniform(0.5, 6.0))
    house.watch.take(fault["name"], target)


QUICK = (
    "sensor-open",
    "sensor-shorted",
    "pressure-open",
    "pressure-shorted",
    "pressure-tap-blocked",
    "adc-dead",
    "adc-stuttering",
    "pump-dead",
    "valve-stuck-open",
    "bag-leak",
    "supply-sagging",
    "motor-stalled",
)
"""Those that are gone when they are taken out: a pad that was too hot would stay so for minutes."""


# --- everything


def plug_pulled(house: Struck, rng: random.Random) -> None:
    """All processes at the same moment, and all of them come back to what is on the disk."""
    before = house.latched()
    for name in ("controller", "virtual", "screen"):
        house.strikes(name, signal.SIGKILL)
    restarted(house, before, rng)


def restart(house: Struck, rng: random.Random) -> None:
    before = house.latched()
    for name in ("screen", "controller", "virtual"):
        house.end(name, signal.SIGTERM if name != "screen" else signal.SIGKILL)
    restarted(house, before, rng)


def restarted(house: Struck, before: set[str], rng: random.Random) -> None:
    house.hand = None
    for name in ("controller", "virtual", "screen"):
        house.end(name)
    house.over("S13", "everything was started anew", 0.0, rail_s=0.0, slack_s=0.0)
    house.lives(rng.uniform(0.0, 1.0))
    for name in ("virtual", "controller", "screen"):
        house.begin(name)
    house.client.latest = None
    house.until_said("idle", "fault")
    house.lives(0.3)
    kept = {fault.code for fault in house.faults}
    if not before <= kept:
        raise StuckError(f"S13: latched {sorted(before)}, and after a restart {sorted(kept)}")


def disk_full(house: Struck, rng: random.Random) -> None:
    """No file of the controller's grows for a while; in some rounds it is killed meanwhile."""
    pid = house.number("controller")
    if pid is None:
        return
    limits = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, limits[1]))
    house.lives(rng.uniform(0.5, 5.0))
    if rng.random() < 0.5:
        controller_killed(house, rng)
    else:
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)


def disk_read_only(house: Struck, rng: random.Random) -> None:
    """No file can be made; root can all the same, so that for root it is a controller killed."""
    data = house.stack.places.data
    data.chmod(0o500)
    try:
        house.lives(rng.uniform(0.0, 3.0))
        controller_killed(house, rng)
        house.lives(1.5)
    finally:
        data.chmod(0o700)


STRIKES: dict[str, Callable[[Struck, random.Random], None]] = {
    "the controller is killed": controller_killed,
    "the controller is told to go": controller_told_to_go,
    "the controller is frozen": controller_frozen,
    "the controller stumbles": controller_stumbles,
    "the daemon is killed": daemon_killed,
    "the daemon is frozen": daemon_frozen,
    "the daemon is gone": daemon_gone,
    "the daemon is slow": daemon_slow,
    "the screen is killed": screen_killed,
    "the screen is frozen": screen_frozen,
    "the emergency stop is pressed": emergency_stop,
    "a flood, and Stop": flooded,
    "Stop": stopped,
    "a stranger on a pin": stranger_on_a_pin,
    "a stranger on the rail": stranger_on_the_rail,
    "a stranger ends the lease": lease_ended,
    "everything-off": everything_off,
    "a second controller": second_controller,
    "a part breaks": broken_part,
    "the plug is pulled": plug_pulled,
    "everything is restarted": restart,
    "the disk is full": disk_full,
    "the disk is read-only": disk_read_only,
}


@contextlib.contextmanager
def started(command: list[str]) -> Iterator[subprocess.Popen[str]]:
    """A process that does not outlive this."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def ended(house: Struck, process: subprocess.Popen[str], name: str) -> str:
    """What it has said, once it has ended by itself."""
    ends = time.monotonic() + PATIENCE_S
    while process.poll() is None:
        if time.monotonic() > ends:
            raise StuckError(f"{name} does not end")
        house.pump()
    assert process.stdout is not None
    return process.stdout.read().strip()[-MOST_LOG:]


# --- a round


class Round:
    """So many strikes at one household; what was found, and how often what was struck in which state."""

    def __init__(self, seed: int, machine: Machine) -> None:
        self.seed = seed
        self.machine = machine
        self.found: list[Found] = []
        self.counted: Counter[str] = Counter()
        self._logged = 0

    def run(self, strikes: int, told: Callable[[str], None] = lambda line: None) -> None:
        number = 0
        with ExitStack() as kept:
            data, runtime = (
                Path(kept.enter_context(tempfile.TemporaryDirectory(prefix="in-", dir="/tmp")))
                for _ in range(2)
            )
            while number < strikes:
                # A household that did not come back is given up; the next one begins with what is on its disk.
                with Struck.household(self.machine, data, runtime) as house:
                    self._logged = 0
                    while number < strikes and self._strike(house, number, told):
                        number += 1
                    log = self._new_log(house)
                number += 1
                self._look_at_log(log, number - 1, "at the end")
                self._look_behind(data, runtime, number - 1)

    def _strike(self, house: Struck, number: int, told: Callable[[str], None]) -> bool:
        """One of them; whether the household is good for another."""
        rng = random.Random(f"{self.seed} {number}")
        state, name = rng.choice(STATES), rng.choice(sorted(STRIKES))
        what = f"{state}: {name}"
        house.watcher.take()
        house.state_now = "before"
        house.over("S13", "nobody has asked for anything", 0.0)
        told(f"seed {self.seed}, strike {number}: {what}")
        self.counted[name] += 1
        back = True
        try:
            house.until_said("idle")
            house.bring(state, rng)
            STRIKES[name](house, rng)
            house.lives(LOOKS_ON_S)
            house.recover()
            house.lives(0.2)
        except (StuckError, InstepError, AssertionError, OSError) as error:
            back = False
            self._note("stuck", number, what, f"{type(error).__name__}: {error}")
        broken: Counter[str] = Counter()
        for one in house.watcher.take().broken():
            broken[one.rule] += 1
            if broken[one.rule] == 1:
                self._note(one.rule, number, what, one.words)
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
        left = [name for name in processes_of(runtime)]
        if left:
            self._note("left behind", number, "at the end", "; ".join(left))
        history = History(data / "history.db")
        try:
            open_ = [row.id for row in history.page(1000) if row.outcome == "running"]
        finally:
            history.close()
        if open_:
            self._note("history", number, "at the end", f"{len(open_)} sessions are left open")


def processes_of(folder: Path) -> Iterator[str]:
    """Command lines of processes that have to do with this folder."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and int(entry.name) != os.getpid():
            with contextlib.suppress(OSError):
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                if str(folder) in line:
                    yield line.strip()
