"""The language of stored scripts, run in an event loop of its own."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.virtual.protocol import Cmd, Err
from hardware.virtual.scripts import (
    FAILED,
    HALTED,
    INITING,
    MAX_SCRIPTS,
    RUNNING,
    WAITING,
    ScriptError,
    Scripts,
    compile_script,
)

DEADLINE_S = 60.0


class Bench:
    """Scripts over commands that only remember being called."""

    def __init__(self) -> None:
        self.calls: list[tuple[int, int, int]] = []
        self.waits: list[asyncio.Future[int]] = []
        self.scripts = Scripts(self.do, self.wait)

    def do(self, command: int, p1: int, p2: int) -> int:
        self.calls.append((command, p1, p2))
        return 1 if command == Cmd.READ else 0

    def wait(self, bits: int) -> asyncio.Future[int]:
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.waits.append(future)
        return future

    async def becomes(self, slot: int, status: int) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while self.scripts.status(slot)[0] != status:
                await asyncio.sleep(0.001)

    async def run(self, text: str, *params: int) -> tuple[int, list[int]]:
        slot = self.scripts.store(text)
        assert slot >= 0
        await self.becomes(slot, HALTED)
        assert self.scripts.run(slot, params) == 0
        async with asyncio.timeout(DEADLINE_S):
            while self.scripts.status(slot)[0] == RUNNING:
                await asyncio.sleep(0.001)
        return self.scripts.status(slot)


def run(text: str, *params: int) -> tuple[int, list[int]]:
    async def once() -> tuple[int, list[int]]:
        return await Bench().run(text, *params)

    return asyncio.run(once())


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("lda 5 add 3 sta p0", 8),
        ("lda 5 sub 8 sta p0", -3),
        ("lda -7 mlt 6 sta p0", -42),
        ("lda -7 div 2 sta p0", -3),
        ("lda -7 mod 2 sta p0", -1),
        ("lda 0x0c and 10 sta p0", 8),
        ("lda 12 or 3 sta p0", 15),
        ("lda 12 xor 10 sta p0", 6),
        ("lda 3 rla 4 sta p0", 48),
        ("ld v149 9 dcr v149 inr v149 inr v149 lda v149 sta p0", 10),
        ("lda 2147483647 inra sta p0", -(2**31)),
        ("ld p1 4 ld p0 9 x p0 p1", 4),
        ("ld p0 4 lda 9 xa p0 add 1", 9),
        ("lda 7 pusha lda 1 popa sta p0", 7),
        ("call 1 halt tag 1 ld p0 3 ret", 3),
        ("ld p0 10 lda 0 tag 1 inra dcr p0 jp 1 sta p0", 11),
        ("lda 4 cmp 4 jz 1 ld p0 1 halt tag 1 ld p0 2", 2),
        ("lda 3 cmp 4 jm 1 ld p0 1 halt tag 1 ld p0 2", 2),
        ("lda 4 cmp 4 jnz 1 ld p0 1 halt tag 1 ld p0 2", 1),
        ("r 4 sta p0", 1),
    ],
)
def test_arithmetic_and_jumps(text: str, result: int) -> None:
    status, params = run(text)
    assert (status, params[0]) == (HALTED, result)


@pytest.mark.parametrize("text", ["lda 1 div 0", "popa", "tag 1 pusha jmp 1", "ret"])
def test_what_cannot_be_done_fails_the_script(text: str) -> None:
    assert run(text)[0] == FAILED


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("w 12", Err.BAD_SCRIPT),
        ("fly 12", Err.BAD_SCRIPT),
        ("w twelve 1", Err.BAD_SCRIPT),
        ("dcr 7", Err.BAD_SCRIPT),
        ("proc 1", Err.BAD_SCRIPT_CMD),
        ("jmp 4", Err.BAD_TAG),
        ("tag 1 tag 1", Err.DUP_TAG),
        (" ".join(f"tag {n}" for n in range(51)), Err.TOO_MANY_TAGS),
        ("lda p10", Err.BAD_PARAM_NUM),
        ("lda v150", Err.BAD_VAR_NUM),
        ("mils 60001", Err.BAD_MILS_DELAY),
        ("mics 1000001", Err.BAD_MICS_DELAY),
    ],
)
def test_what_does_not_compile(text: str, error: Err) -> None:
    with pytest.raises(ScriptError) as caught:
        compile_script(text)
    assert caught.value.number == error


@given(st.text(st.sampled_from("wpvmxldajtgcr0123456789 -\n")))
def test_any_text_compiles_or_is_refused(text: str) -> None:
    with suppress(ScriptError):
        compile_script(text)


def test_a_commands_words_reach_the_pins() -> None:
    async def check() -> None:
        bench = Bench()
        await bench.run("w 26 1 p 12 p0 m 5 w pud 5 u bc1 -1", 77)
        assert bench.calls == [
            (Cmd.WRITE, 26, 1),
            (Cmd.PWM, 12, 77),
            (Cmd.MODES, 5, 1),
            (Cmd.PUD, 5, 2),
            (Cmd.BC1, 0xFFFFFFFF, 0),
        ]

    asyncio.run(check())


def test_it_takes_a_moment_before_it_can_run() -> None:
    async def check() -> None:
        scripts = Bench().scripts
        slot = scripts.store("halt")
        assert scripts.status(slot)[0] == INITING
        assert scripts.run(slot, ()) == Err.SCRIPT_NOT_READY

    asyncio.run(check())


def test_updates_stops_and_deletion() -> None:
    async def check() -> None:
        bench = Bench()
        scripts = bench.scripts
        slot = scripts.store("tag 0 mils 1 dcr p0 jp 0")
        await bench.becomes(slot, HALTED)
        assert scripts.run(slot, [10**9]) == 0
        assert scripts.run(slot, [10**9 + 1]) == 0, "one that runs takes the parameters and runs on"
        assert 10**9 < scripts.status(slot)[1][0] <= 10**9 + 1
        assert scripts.update(slot, [2**32 - 5, 3]) == 0
        assert scripts.status(slot)[1][:2] == [-5, 3]
        assert scripts.update(slot, range(11)) == Err.TOO_MANY_PARAM
        await bench.becomes(slot, HALTED)
        assert scripts.run(slot, [10**9]) == 0
        assert scripts.stop(slot) == 0
        assert scripts.status(slot)[0] == HALTED
        assert scripts.delete(slot) == 0
        calls = (scripts.delete(slot), scripts.run(slot, ()), scripts.update(slot, ()), scripts.stop(slot))
        assert (*calls, scripts.status(slot)[0]) == (Err.BAD_SCRIPT_ID,) * 5

    asyncio.run(check())


def test_a_script_that_never_pauses_lets_others_live() -> None:
    async def check() -> None:
        bench = Bench()
        slot = bench.scripts.store("tag 0 jmp 0")
        await bench.becomes(slot, HALTED)
        bench.scripts.run(slot, ())
        assert await bench.run("lda 3 sta p0") == (HALTED, [3, *[0] * 9])
        assert bench.scripts.status(slot)[0] == RUNNING
        bench.scripts.close()

    asyncio.run(check())


def test_waiting_for_a_level() -> None:
    async def check() -> None:
        bench = Bench()
        slot = bench.scripts.store("wait 32 sta p0")
        await bench.becomes(slot, HALTED)
        bench.scripts.run(slot, ())
        await bench.becomes(slot, WAITING)
        bench.waits[0].set_result(32)
        await bench.becomes(slot, HALTED)
        assert bench.scripts.status(slot)[1][0] == 32

    asyncio.run(check())


def test_there_is_room_for_32() -> None:
    async def check() -> None:
        scripts = Bench().scripts
        assert [scripts.store("halt") for _ in range(MAX_SCRIPTS)] == list(range(MAX_SCRIPTS))
        assert scripts.store("halt") == Err.NO_SCRIPT_ROOM
        scripts.delete(7)
        assert scripts.store("halt") == 7

    asyncio.run(check())
