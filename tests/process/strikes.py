"""What is done to a stack in the campaign over processes, one strike at a time."""

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
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

import zmq

from app.link.client import Client
from app.link.wire import endpoints
from hardware.messages import SetIntensity
from tests.process.screen import PATIENCE_S
from tests.process.struck import SAID_S, Struck, StuckError
from tests.process.trace import DEAD_S, EMPTY_S, RAIL_HOLDS_S, SCREEN_S, STOP_S

FROZEN_S = 1.2
"""A controller that was frozen for longer has lost its lease, and a session is paused."""
LATE_S = 0.45
"""One that was held up for longer leaves off whatever is no session."""
CUT_OFF_S = 1.2
"""A daemon that was frozen for longer is lost to any controller."""
SEEN_S = 1.0
"""A button that is held for so long is seen."""
LOOKS_ON_S = 2.5
"""For so long nobody does anything after a strike: does something go on by itself?"""
MOST_LOG = 400
MODULE = [sys.executable, "-m"]


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
    if frozen_s > LATE_S and house.state_now in ("preheating", "by hand", "tuning", "self-test"):
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
    lives = house.settled()
    house.strikes("virtual", signal.SIGSTOP)
    at_s = time.monotonic()
    house.lives(seconds)
    frozen_s = time.monotonic() - at_s
    if frozen_s > CUT_OFF_S and lives:
        house.hand = None
        house.over("S12", f"the daemon was frozen for {frozen_s:.2f} s", SAID_S, rail_s=RAIL_HOLDS_S + SAID_S)
    house.strikes("virtual", signal.SIGCONT)


def daemon_gone(house: Struck, rng: random.Random) -> None:
    """Dead, but for its pins, which stay as they are."""
    house.watch.put("daemon-gone")
    house.hand = None
    house.over("S12", "the daemon is gone", DEAD_S, rail_s=DEAD_S, empty_s=DEAD_S + EMPTY_S)
    settled = house.settled()
    house.lives(rng.uniform(0.0, 4.0))
    if not settled:
        house.feeds()
    house.watch.take("daemon-gone")


def daemon_slow(house: Struck, rng: random.Random) -> None:
    house.watch.put("daemon-slow", amount=rng.choice([5.0, 20.0, 80.0, 300.0, 900.0]))
    house.lives(rng.uniform(0.5, 3.0))
    house.watch.take("daemon-slow")


# --- the screen


def lost_screen(house: Struck) -> None:
    if house.state_now in ("running", "preheating", "tuning"):
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
    seconds = rng.choice([rng.uniform(0.01, 0.1), rng.uniform(1.0, 2.0)])
    house.watch.set("emergency_stop", pressed=True)
    if seconds >= SEEN_S and house.settled():
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


def garbage(house: Struck, rng: random.Random) -> None:
    """Frames that are no commands, long ones, too, and a Stop that comes through."""
    context = zmq.Context()
    dealer = context.socket(zmq.DEALER)
    try:
        dealer.setsockopt(zmq.LINGER, 0)
        dealer.connect(endpoints(house.stack.places.runtime)[0])
        ends = time.monotonic() + rng.uniform(0.1, 1.5)
        while time.monotonic() < ends:
            for _ in range(50):
                frames = [rng.randbytes(rng.choice([0, 1, 20, 5000])) for _ in range(rng.choice([1, 1, 3]))]
                with contextlib.suppress(zmq.ZMQError):
                    dealer.send_multipart(frames, zmq.NOBLOCK)
            house.lives(0.02)
        if house.client.connected:
            house.stop()
    finally:
        dealer.close()
        context.term()


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
    if house.settled() and house.ends_leases():
        house.hand = None
        house.over("S12", "a stranger has ended the lease", DEAD_S, rail_s=RAIL_HOLDS_S)
        house.until_said("fault")


def everything_off(house: Struck, rng: random.Random) -> None:
    """Beside a living controller, a frozen one, a dead one, or one that dies or comes meanwhile."""
    meanwhile = rng.choice(["lives", "lives", "frozen", "dead", "killed", "starts"])
    settled = house.settled()
    fed = settled and house.state != "fault"
    if meanwhile == "frozen":
        house.strikes("controller", signal.SIGSTOP)
        house.lives(rng.choice([0.0, 0.3, 1.5]))
    elif meanwhile in ("dead", "starts"):
        house.end("controller")
        dead(house, "the controller is killed before everything-off")
    house.hand = None
    command = [*MODULE, "hardware.safety.everything_off", "--port", str(house.port)]
    with ExitStack() as others, started(command) as off:
        if rng.random() < 0.2:
            others.enter_context(started(command))  # somebody else thinks so, too
        if meanwhile in ("killed", "starts"):
            house.lives(rng.uniform(0.0, 2.5))
            if meanwhile == "killed":
                house.end("controller")
            else:
                house.begin("controller")
        told = ended(house, off, "everything-off")
    if off.returncode:
        if meanwhile == "starts" or not settled:
            return  # it says that somebody begins, which is all it can
        raise StuckError(f"everything-off beside a controller that {meanwhile}: {told}")
    if meanwhile == "starts" or not settled:
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
    """Another one at the same daemon, in the same folders or in its own.

    Refused while the first one lives or is frozen; it takes over from a dead one, and then the first is.
    """
    first = rng.choice(["lives", "lives", "frozen", "killed", "starts"])
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
        elif first in ("killed", "starts"):
            house.end("controller")
            dead(house, "the controller is killed")
            house.feeds()
        with started(command) as second:
            if first == "starts":
                house.lives(rng.choice([0.0, 0.0, rng.uniform(0.0, 0.5)]))
                house.begin("controller")
                only_one_is_left(house, second)
                second.kill()
                second.wait()
                if house.number("controller") is None:
                    dead(house, "the second controller is killed")
                return
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


def only_one_is_left(house: Struck, second: subprocess.Popen[str]) -> None:
    """Two that start at the same moment: one of them is refused, whichever it is."""
    ends = time.monotonic() + PATIENCE_S
    while (house.number("controller") is not None) == (second.poll() is None):
        if house.number("controller") is None:
            raise StuckError("of two controllers that began together none was left")
        if time.monotonic() > ends:
            raise StuckError("two controllers live at one daemon")
        house.pump()


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
    """Something breaks and is mended: others judge what it does meanwhile, here it is what comes after."""
    fault = rng.choice([fault for fault in house.watch.faults()["faults"] if fault["name"] in QUICK])
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
    house.end("controller", signal.SIGTERM)
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


def computer_frozen(house: Struck, rng: random.Random) -> None:
    """All of them, and they come to themselves one after the other, in any order."""
    seconds, names = frozen_for(rng), ["controller", "virtual", "screen"]
    for name in rng.sample(names, 3):
        house.strikes(name, signal.SIGSTOP)
    at_s = time.monotonic()
    house.hand = None
    house.lives(seconds)
    frozen_s = time.monotonic() - at_s
    if frozen_s > FROZEN_S:
        house.over("S2", f"everything was frozen for {frozen_s:.2f} s", SAID_S)
    house.feeds()
    for name in rng.sample(names, 3):
        house.strikes(name, signal.SIGCONT)
        house.lives(rng.choice([0.0, rng.uniform(0.0, 0.3)]))


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
    house.forgets()


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
        house.forgets()


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
    "garbage on the link, and Stop": garbage,
    "Stop": stopped,
    "a stranger on a pin": stranger_on_a_pin,
    "a stranger on the rail": stranger_on_the_rail,
    "a stranger ends the lease": lease_ended,
    "everything-off": everything_off,
    "a second controller": second_controller,
    "a part breaks": broken_part,
    "the plug is pulled": plug_pulled,
    "everything is restarted": restart,
    "the computer is frozen": computer_frozen,
    "the disk is full": disk_full,
    "the disk is read-only": disk_read_only,
}


TOLD: dict[str, frozenset[str]] = {
    "emergency stop": frozenset({"emergency-stop"}),
    "switched off": frozenset({"switched-off-elsewhere"}),
    "the daemon is frozen": frozenset({"pins-lost"}),
    "the daemon is gone": frozenset({"pins-lost"}),
    "the daemon is slow": frozenset({"pins-lost"}),
    "the computer is frozen": frozenset({"pins-lost"}),
    "the emergency stop is pressed": frozenset({"emergency-stop"}),
    "a stranger ends the lease": frozenset({"switched-off-elsewhere"}),
    "everything-off": frozenset({"switched-off-elsewhere"}),
    "the disk is full": frozenset({"safety-memory-unsaved"}),
    "the disk is read-only": frozenset({"safety-memory-unsaved"}),
}
"""The faults that a state or a strike may bring about; any other is a nuisance (S18)."""
ALWAYS = frozenset({"controller-late"})
WHEN_BUSY = frozenset({"pins-lost"})
"""The daemon did not answer in time."""
ANYTHING = frozenset(
    {"a part breaks", "the daemon is killed", "the plug is pulled", "everything is restarted"}
)
"""A virtual machine that was started anew is colder than its sensors were believed."""


def unexpected(was: Collection[str], told: Iterable[str], *, busy: bool = False) -> list[str]:
    """Codes that neither the state nor the strikes explain, nor a busy computer."""
    if ANYTHING.intersection(was):
        return []
    return sorted(
        set(told).difference(ALWAYS, WHEN_BUSY if busy else (), *(TOLD.get(name, ()) for name in was))
    )


@contextlib.contextmanager
def started(command: list[str], **more: str) -> Iterator[subprocess.Popen[str]]:
    """A process that does not outlive this; with more in its environment."""
    process = subprocess.Popen(
        command,
        env={**os.environ, **more},
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
