"""The engine: what a step costs, how much faster than life a closed loop runs, and the judged campaign."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from itertools import count
from statistics import median

from app.places import ASSETS
from hardware.engine import Engine
from hardware.machine import Machine, load_machine
from hardware.messages import Alive, EngineCommand, Start
from hardware.program import Program, load_programs
from hardware.safety import limits
from hardware.senders import Given, Sender
from hardware.virtual.board import VirtualBoard
from scripts.benchmarks.figure import Figure, quantile
from tests.campaign import Episode

TICKS = 12_000
EPISODES = range(1, 5)
EPISODE_S = 900.0
SCREEN = Sender("screen", "bench")
SETTLE_TICKS = 8_000
"""Into circulation's pumping, the busiest part of the busiest program."""


def figures(_seconds: float) -> Iterator[Figure]:
    machine = load_machine(ASSETS / "machines" / "reference.toml")
    programs, _ = load_programs(ASSETS / "programs")
    numbers = count()
    board = VirtualBoard(machine)
    engine = Engine(machine, programs, new_id=lambda: f"s{next(numbers)}", pulses=False)
    steps: list[float] = []
    started = 0.0
    commands: tuple[EngineCommand, ...] = ()
    for tick in range(SETTLE_TICKS + TICKS):
        if tick == SETTLE_TICKS:
            started = time.perf_counter()
        readings = board.read()
        begun = time.perf_counter()
        step = engine.step(board.now_s, readings, [Given(command, SCREEN) for command in commands])
        if tick >= SETTLE_TICKS:
            steps.append(time.perf_counter() - begun)
        board.write(step.outputs)
        board.keep_alive()
        board.advance(limits.TICK_S)
        commands = (Alive(),)
        if engine.state == "idle":
            commands = (Start(program="circulation", minutes=20, intensity=8, heat_c=40.0, answers=()),)
    took = time.perf_counter() - started
    yield Figure("engine: one step, median", median(steps) * 1e6, "µs", "≤ 150")
    yield Figure("engine: one step, 99 %", quantile(steps, 0.99) * 1e6, "µs")
    life = TICKS * limits.TICK_S
    yield Figure("engine: closed loop with the plant", took, "s", "ratio ≤ 1/300", "real time", life)
    lived = len(EPISODES) * EPISODE_S
    minutes = _campaign_s(machine, programs) / 60.0
    yield Figure("campaign: simulated hours a minute, one core", lived / 3600.0 / minutes, "h/min", "≥ 10")
    yield Figure("campaign: four quarters of an hour", minutes * 60.0, "s", "", "real time", lived)


def _campaign_s(machine: Machine, programs: Mapping[str, Program]) -> float:
    """Seconds of one core for some episodes with every rule checked at every tick."""
    begun = time.process_time()
    for seed in EPISODES:
        episode = Episode(seed, machine, programs, life="faulty")
        for _ in episode.run(EPISODE_S):
            pass
        for found in episode.found:
            print(f"seed {seed}: {found.words}", file=sys.stderr)
    return time.process_time() - begun
