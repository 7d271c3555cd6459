"""Two controllers at one daemon, the first frozen between any two messages while the other comes and goes.

The claim on the daemon keeps a second one out; here it is left away, as where two do not see each other, and
what the lease itself promises has to be enough. Truth is the virtual machine's pins and its rail.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from hardware.errors import BoardError, NotOwnerError, SwitchedOffError
from hardware.machine import Machine
from hardware.virtual.protocol import Cmd
from tests.board.wired import OTHER, SCRIPTS, SOME, Controller, World, world

OFF_S = 1.5  # S12
GLIMPSE_S = 0.06
"""A tick: what one that has just thawed may leave on pins that have no power, until it looks."""
STALE_S = 0.6
"""Until the owner sends all its outputs again."""


def first_tick(a: Controller) -> None:
    a.tick(SOME)


def any_tick(a: Controller) -> None:
    a.tick(OTHER)


def late_tick(a: Controller) -> None:
    """It has been frozen before: its dead-man has come, and the lease begins anew."""
    a.world.pass_time(1.3)
    a.tick(OTHER)


def close(a: Controller) -> None:
    if a.board is not None:
        a.board.close()
        a.board = None


PHASES = {"first tick": first_tick, "any tick": any_tick, "late tick": late_tick, "close": close}


def until_the_phase(around: World, phase: str) -> Controller:
    a = Controller("a", around)
    if phase != "first tick":
        a.live(0.7, SOME)
        assert around.pins()
        assert around.wiring.rail
    return a


def moments(machine: Machine, phase: str) -> list[int]:
    """Before which of its messages A is to freeze: each that has to do with a lease, and some of the others.

    INSTEP_ORDERS=all freezes it before every one.
    """
    with world(machine) as around:
        a = until_the_phase(around, phase)
        sent: list[int] = []
        around.before = lambda _name, command: sent.append(command)
        PHASES[phase](a)
    every = 1 if os.environ.get("INSTEP_ORDERS") == "all" else 25
    near = {at + step for at, command in enumerate(sent) if command in SCRIPTS for step in (0, 1)}
    return [at for at in range(len(sent)) if at in near or at % every == 0]


def frozen_before(around: World, number: int, meanwhile: Callable[[], None]) -> None:
    """A stands still before its message of that number, counted from now, while something else happens."""
    left = number

    def count(name: str, _command: int) -> None:
        nonlocal left
        if name != "a":
            return
        left -= 1
        if left < 0:
            around.before = lambda _name, _command: None
            meanwhile()

    around.before = count


class Second:
    """The other controller: takes the pins from the frozen one, and perhaps dies."""

    def __init__(self, around: World) -> None:
        self.world = around
        self.controller: Controller | None = None
        self.came_s = self.died_s = 0.0

    def comes(self, *, drives: bool = True, feeds: bool = True) -> None:
        self.controller = Controller("b", self.world)
        self.came_s = self.world.now()
        self.controller.live(1.0, SOME if drives else None, feed=feeds)

    def dies(self) -> None:
        assert self.controller is not None
        self.controller.die()
        self.died_s = self.world.now()


def judge_that_all_is_off(around: World, died_s: float, told: str) -> None:
    """S12, from the moment when the last owner died."""
    assert not around.pins(), told
    off_by = died_s + OFF_S
    assert all(end <= off_by for _, end in around.spans(rail=True)), (told, around.spans(rail=True), died_s)
    for began, end in around.spans(rail=False):
        assert end <= off_by or end - began <= GLIMPSE_S, (told, began - died_s, end - died_s)


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("after_s", [0.0, 1.2, 3.0])
@pytest.mark.parametrize("feeds", [True, False], ids=["fed", "in a fault"])
def test_s12_it_thaws_after_the_other_has_come_and_died(
    machine: Machine, phase: str, after_s: float, feeds: bool
) -> None:
    for number in moments(machine, phase):
        with world(machine) as around:
            a = until_the_phase(around, phase)
            b = Second(around)

            def meanwhile(b: Second = b, around: World = around) -> None:
                b.comes(drives=feeds, feeds=feeds)
                b.dies()
                around.pass_time(after_s)

            frozen_before(around, number, meanwhile)
            PHASES[phase](a)
            a.live(2.5, OTHER)
            judge_that_all_is_off(around, b.died_s, f"message {number}")
            if phase != "close":
                assert a.board is None
                assert isinstance(a.told[-1], BoardError)


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("drives", [True, False])
def test_s12_it_thaws_while_the_other_lives_and_gets_nothing_from_it(
    machine: Machine, phase: str, drives: bool
) -> None:
    for number in moments(machine, phase):
        with world(machine) as around:
            a = until_the_phase(around, phase)
            b = Second(around)
            frozen_before(around, number, lambda b=b: b.comes(drives=drives))  # type: ignore[misc]
            PHASES[phase](a)
            second = b.controller
            assert second is not None
            for _ in range(30):
                a.tick(OTHER)
                second.tick(SOME if drives else None)
            told = f"message {number}"
            if phase != "close":
                assert isinstance(a.told[-1], BoardError), told
                assert second.told == [], told
            if not drives:
                longest = [end - max(began, b.came_s) for began, end in around.spans(rail=True)]
                assert max(longest, default=0.0) <= STALE_S, told
                assert not around.pins(), told
            b.dies()
            a.live(2.5, OTHER)
            judge_that_all_is_off(around, b.died_s, told)


@pytest.mark.parametrize("phase", ["first tick", "any tick", "late tick"])
@pytest.mark.parametrize("for_s", [0.2, 0.6, 1.3])
def test_one_that_was_only_frozen_is_late_and_no_more(machine: Machine, phase: str, for_s: float) -> None:
    for number in moments(machine, phase):
        with world(machine) as around:
            a = until_the_phase(around, phase)
            frozen_before(around, number, lambda around=around: around.pass_time(for_s))  # type: ignore[misc]
            PHASES[phase](a)
            a.live(0.5, SOME)
            assert a.told == [], f"message {number}"
            assert around.pins()
            assert around.wiring.rail


def switch_off(around: World) -> None:
    """What everything-off does in the daemon, at once."""
    for number in range(32):
        around.commands.scripts.stop(number)
    for pin in (*around.machine.power_pins(), around.machine.rail.pin):
        around.commands.gpio.write(pin, 0)


@pytest.mark.parametrize("phase", ["any tick", "late tick"])
def test_s12_whenever_the_machine_is_switched_off_elsewhere_it_is_seen(machine: Machine, phase: str) -> None:
    for number in moments(machine, phase):
        with world(machine) as around:
            a = until_the_phase(around, phase)
            at: list[float] = []

            def off(around: World = around, at: list[float] = at) -> None:
                at.append(around.now())
                switch_off(around)

            frozen_before(around, number, off)
            PHASES[phase](a)
            for _ in range(10):  # the engine drives and feeds no more once it was told
                if not a.told:
                    a.tick(OTHER)
            told = f"message {number}"
            if phase == "any tick":
                assert [type(error) for error in a.told] == [SwitchedOffError], told
            if a.told:
                assert not around.pins(), told
                a.live(2.0, feed=False)
                assert a.board is not None
                assert not around.wiring.rail
                dropped_by = at[0] + around.machine.rail.drops_after_ms / 1000 + 0.1
                assert all(end <= dropped_by for _, end in around.spans(rail=True)), told
                a.live(0.2, SOME)  # a person has seen it
                assert len(a.told) == 1
                assert around.wiring.rail
                assert around.pins()


def test_s12_a_foreign_renewal_neither_feeds_nor_ends(machine: Machine) -> None:
    with world(machine) as around:
        b = Controller("b", around)
        b.live(0.2, SOME)
        for _ in range(10):
            around.commands.do(Cmd.PROCU, 0, 0, (12345).to_bytes(4, "little"))
            b.tick(SOME)
        assert b.told == []
        b.die()
        died_s = around.now()
        for _ in range(40):
            around.commands.do(Cmd.PROCU, 0, 0, (12345).to_bytes(4, "little"))
            around.pass_time(0.05)
        judge_that_all_is_off(around, died_s, "")


def test_a_lease_that_is_gone_is_not_ours(machine: Machine) -> None:
    with world(machine) as around:
        a = Controller("a", around)
        a.live(0.3, SOME)
        around.commands.scripts.delete(0)
        a.live(0.2, SOME)
        assert [type(error) for error in a.told] == [NotOwnerError]
        around.pass_time(1.0)
        assert not around.wiring.rail


def test_a_lease_that_was_not_renewed_in_time_is_nobodys_doing(machine: Machine) -> None:
    with world(machine) as around:
        a = Controller("a", around)
        for late_s in (0.9, 1.1, 5.0):
            a.live(0.3, SOME)
            around.pass_time(late_s)
        a.live(0.3, SOME)
        assert a.told == []
        assert around.wiring.rail


def test_every_output_is_sent_again_within_a_second(machine: Machine) -> None:
    with world(machine) as around:
        a = Controller("a", around)
        a.live(1.0, SOME)
        as_it_is = around.pins()
        gpio = around.commands.gpio
        for pin in machine.power_pins():
            gpio.write(pin, 1)
        a.live(1.0, SOME)
        assert around.pins() == as_it_is
        for pin in machine.power_pins():
            gpio.set_mode(pin, 0)
        a.live(1.0, SOME)
        assert around.pins() == as_it_is
        assert a.told == []


def test_hundreds_of_hiccups_of_the_daemon_are_survived(machine: Machine) -> None:
    """What dead connections leave in the daemon, 32 places for each kind of it, is used again."""
    hiccups = int(os.environ.get("INSTEP_HICCUPS") or 200)
    with world(machine) as around:
        for _ in range(hiccups):
            a = Controller("a", around)
            a.die()
        a = Controller("a", around)
        a.live(0.2, SOME)
        assert a.told == []
        assert len(around.commands.scripts) == 1
        assert around.commands.spi.open(0, 500_000, 0) == 1, "one handle is held, and no more"
