"""SIGKILL and SIGSTOP of the controller, the pin daemon and the kiosk, at random moments of a session.

Real processes, one household for all cases: each case begins with what the one before has left. Whatever is
struck, the loads are without power and the bags empty in time, by the virtual machine's own clock; the
history says how the session ended; and everything comes back until the next session runs. A virtual daemon
takes its plant with it when it is killed: what a dead one's pins do is seen in one that is only gone.

Four of the seven at a time, others with every seed; ``scripts/campaign-processes`` strikes in every state.
INSTEP_SEED draws everything again as a failure says it was drawn; INSTEP_KILLS=500 is a campaign.
"""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from signal import SIGCONT, SIGKILL, SIGSTOP

import pytest

from app.places import Places, machine_file
from app.stack import Stack
from hardware.board.factory import REPLY_TIMEOUT_S
from hardware.board.lease import STEP_S
from hardware.machine import Machine
from hardware.messages import Acknowledge, Resume, Stop
from hardware.program import Program
from hardware.safety import limits
from tests.process.household import Household
from tests.process.screen import BUSY_S, PATIENCE_S

pytestmark = [pytest.mark.process, pytest.mark.screen]

SEED = int(os.environ.get("INSTEP_SEED") or random.SystemRandom().randrange(10**6))
KILLS = int(os.environ.get("INSTEP_KILLS") or 4)

OFF_S = 1.5  # S12
EMPTY_S = 4.0
LONG_S = 20.0
IDLE_SHARE = 0.5
"""Of a core: far above a controller that waits, far below one that spins."""


class Home:
    """The household; anew after a case has failed, so that the next one is judged by itself."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._open = ExitStack()
        self._household: Household | None = None

    def household(self) -> Household:
        if self._household is None:
            data, runtime = (
                Path(self._open.enter_context(tempfile.TemporaryDirectory(prefix="in-", dir="/tmp")))
                for _ in range(2)
            )
            places = Places(data, runtime)
            stack = self._open.enter_context(
                Stack(machine_file("reference"), self._machine, places, virtual=True, role="screen")
            )
            self._household = Household(stack)
        return self._household

    def close(self) -> None:
        household, self._household = self._household, None
        if household is not None:
            for name in ("controller", "virtual"):
                if household.stack.running(name):
                    household.strike(name, SIGCONT)
            household.close()
        self._open.close()


@pytest.fixture(scope="module")
def home(machine: Machine) -> Iterator[Home]:
    found = Home(machine)
    yield found
    found.close()


def a_session(house: Household, programs: dict[str, Program], rng: random.Random) -> str:
    """Starts one and sees its power come on; answers its id."""
    program = programs[rng.choice(sorted(programs))]
    session = house.start(program.id, rng.choice(program.minutes), rng.randint(1, 10))
    house.until(house.power, PATIENCE_S)
    return session


def stop(house: Household, session: str) -> None:
    assert house.ask(Stop()).ok
    assert not house.power()
    assert house.ended(session) == "stopped"


def acknowledge(house: Household) -> None:
    """The cause has gone; a person has seen it."""
    house.until(lambda: not any(fault.present for fault in house.client.latest.faults), PATIENCE_S)  # type: ignore[union-attr]
    assert house.ask(Acknowledge()).ok


def killed_controller(house: Household, session: str, rng: random.Random) -> None:
    before = house.watch.state()
    at = house.strike("controller", SIGKILL)
    house.lets_lie_until = at + rng.choice([0.0, 2 * rng.random(), EMPTY_S])
    assert house.until_off(before, OFF_S + PATIENCE_S) - at < OFF_S + BUSY_S
    assert house.until_empty(EMPTY_S + PATIENCE_S) - at < EMPTY_S + BUSY_S
    house.until(lambda: time.monotonic() - at > 1.0 and house.client.connected, PATIENCE_S)
    house.until(lambda: house.state == "idle", PATIENCE_S)
    assert [end - at < OFF_S + BUSY_S for _, end in house.powered_since(before)] == [True]
    assert house.client.latest.session is None  # type: ignore[union-attr]
    assert house.ended(session) == "interrupted"


def codes(house: Household) -> set[str]:
    assert house.client.latest is not None
    return {fault.code for fault in house.client.latest.faults}


def stopped_controller(house: Household, session: str, rng: random.Random) -> None:
    before = house.watch.state()
    told = codes(house)  # a virtual machine that was started anew is colder than its sensors were believed
    at = house.strike("controller", SIGSTOP)
    assert house.until_off(before, OFF_S + PATIENCE_S) - at < OFF_S + BUSY_S
    assert house.until_empty(EMPTY_S + PATIENCE_S) - at < EMPTY_S + BUSY_S
    house.live_for(rng.choice([0.0, rng.random(), 3.0]))
    assert [end - at < OFF_S + BUSY_S for _, end in house.powered_since(before)] == [True]
    house.strike("controller", SIGCONT)
    house.until(lambda: house.client.connected and house.client.latest.at_s > at + 1, PATIENCE_S)  # type: ignore[union-attr]
    assert codes(house) <= told
    house.goes_on()
    house.until(house.power, PATIENCE_S)
    stop(house, session)


def killed_daemon(house: Household, session: str, rng: random.Random) -> None:
    at = house.strike("virtual", SIGKILL)
    house.lets_lie_until = at + rng.choice([0.0, 3 * rng.random()])
    pins_lost(house, session, at)
    house.until(lambda: house.stack.running("virtual"), PATIENCE_S)
    house.lets_lie_until = 0.0
    house.until(lambda: not any(fault.present for fault in house.client.latest.faults), PATIENCE_S)  # type: ignore[union-attr]
    house.look_again()
    assert not house.power()
    assert not house.watch.edges(), "what comes back has no power before a person has seen it"
    acknowledge(house)


def stopped_daemon(house: Household, session: str, rng: random.Random) -> None:
    before = house.watch.state()
    at = house.strike("virtual", SIGSTOP)
    pins_lost(house, session, at)
    used, begun = house.processor_s("controller"), time.monotonic()
    heard: set[bool] = set()
    ends = begun + 3 * rng.random()
    house.until(lambda: heard.add(house.client.connected) or time.monotonic() > ends)
    assert heard == {True}, "the controller itself goes on"
    share = (house.processor_s("controller") - used) / (time.monotonic() - begun + 0.1)
    assert share < IDLE_SHARE
    thawed = house.strike("virtual", SIGCONT)
    assert house.until_off(before, PATIENCE_S) - thawed < BUSY_S
    assert house.until_empty(PATIENCE_S) < max(at + EMPTY_S, thawed) + BUSY_S
    acknowledge(house)
    assert all(end - at < rail_drops_s(house) for _, end in house.powered_since(before)), (
        "nothing came on again"
    )


def gone_daemon(house: Household, session: str, rng: random.Random) -> None:
    """Dead, but for its pins: they are as it left them, as a dead pigpiod's are, and the plant lives on."""
    before = house.watch.state()
    house.watch.put("daemon-gone")
    at = time.monotonic()
    pins_lost(house, session, at)
    assert house.until_empty(EMPTY_S + PATIENCE_S) - at < EMPTY_S + BUSY_S
    house.live_for(rng.choice([0.0, 3 * rng.random()]))
    house.watch.take("daemon-gone")
    acknowledge(house)
    assert all(end - at < rail_drops_s(house) for _, end in house.powered_since(before)), (
        "nothing came on again"
    )


def rail_drops_s(house: Household) -> float:
    """From the moment nobody feeds the rail."""
    return house.stack.machine.rail.drops_after_ms / 1000 + STEP_S


def pins_lost(house: Household, session: str, at: float) -> None:
    """The controller says so in time, by its own clock, and ends the session."""
    house.until(lambda: house.state == "fault", PATIENCE_S)
    latest = house.client.latest
    assert latest is not None
    assert latest.faults[0].code == "pins-lost"
    assert latest.at_s - at < REPLY_TIMEOUT_S + 3 * limits.TICK_S + BUSY_S
    assert house.ended(session) == "fault"
    assert not house.ask(Acknowledge()).ok, "the cause is still there"


def killed_screen(house: Household, session: str, rng: random.Random) -> None:
    before = house.watch.state()
    at = house.strike("screen", SIGKILL)
    house.lets_lie_until = at + rng.choice([0.0, LONG_S])
    screen_lost(house, before, at)
    house.lets_lie_until = 0.0
    house.until(lambda: house.screen.poll() is None)
    house.goes_on()
    stop(house, session)


def stopped_screen(house: Household, session: str, rng: random.Random) -> None:
    before = house.watch.state()
    at = house.strike("screen", SIGSTOP)
    screen_lost(house, before, at)
    house.live_for(rng.choice([0.0, 3 * rng.random()]))
    house.strike("screen", SIGCONT)
    assert house.state == "paused", "a person decides, not the screen"
    assert house.on_screen(Resume()).ok
    house.goes_on()
    stop(house, session)


def screen_lost(house: Household, before: dict[str, object], at: float) -> None:
    """S10: paused and everything off two seconds after the last proof of life, which was before."""
    lost_s = limits.SCREEN_PAUSE_S + limits.TICK_S
    assert house.until_off(before, lost_s + PATIENCE_S) - at < lost_s + BUSY_S
    house.until(lambda: house.state == "paused")
    assert house.until_empty(EMPTY_S + PATIENCE_S) - at < lost_s + limits.VENT_S + BUSY_S


Case = Callable[[Household, str, random.Random], None]
CASES: dict[str, Case] = {
    "the controller is killed": killed_controller,
    "the controller is stopped": stopped_controller,
    "the daemon is killed": killed_daemon,
    "the daemon is stopped": stopped_daemon,
    "the daemon is gone": gone_daemon,
    "the screen is killed": killed_screen,
    "the screen is stopped": stopped_screen,
}


@pytest.mark.parametrize("number", range(KILLS))
def test_s12_whatever_is_struck_everything_is_off_in_time_and_comes_back(
    home: Home, programs: dict[str, Program], number: int
) -> None:
    rng = random.Random(f"{SEED} {number}")
    # Each once before any comes again, in an order of the seed's.
    order = list(CASES)
    random.Random(f"{SEED} {number // len(order)}").shuffle(order)
    struck = order[number % len(order)]
    moment_s = rng.uniform(0.0, 6.0)
    told = f"INSTEP_SEED={SEED}, number {number}: {struck} after {moment_s:.2f} s"
    print(told)
    house = home.household()
    try:
        session = a_session(house, programs, rng)
        house.live_for(moment_s)
        if codes(house) == {"controller-late"}:  # S11: somebody keeps this machine very busy
            acknowledge(house)
            session = a_session(house, programs, rng)
        assert house.state == "running", codes(house)
        CASES[struck](house, session, rng)
        house.lets_lie_until = 0.0
        stop(house, a_session(house, programs, rng))
    except BaseException as error:
        error.add_note(told)
        home.close()
        raise
