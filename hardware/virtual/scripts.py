"""pigpio's stored scripts: a small language that runs inside the daemon, whoever else has died.

``compile_script`` turns the text into instructions or an error number; :class:`Scripts` keeps and runs them,
each as a task of the running event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import NamedTuple

from hardware.virtual.protocol import Cmd, Err

INITING, HALTED, RUNNING, WAITING, FAILED = range(5)

MAX_SCRIPTS = 32
MAX_TAGS = 50
MAX_PARAMS = 10
MAX_VARS = 150
STACK = 256
MAX_MICS = 1_000_000
MAX_MILS = 60_000

INIT_S = 0.01
"""From being stored to being ready to run."""
BREATH_INSTRUCTIONS, BREATH_S = 256, 0.001
"""A script that never pauses gives way to the daemon this often."""

NUMBER, PARAM, VAR = range(3)

# Kinds of operand: v a value (number, p0-p9 or v0-v149), y a register (p or v), l a tag, m a mode, u a pull.
LOGIC = {
    "add": "v", "and": "v", "call": "l", "cmp": "v", "dcr": "y", "dcra": "", "div": "v", "halt": "",
    "inr": "y", "inra": "", "jm": "l", "jmp": "l", "jnz": "l", "jp": "l", "jz": "l", "ld": "yv",
    "lda": "v", "mlt": "v", "mod": "v", "or": "v", "pop": "y", "popa": "", "push": "y", "pusha": "",
    "ret": "", "rl": "yv", "rla": "v", "rr": "yv", "rra": "v", "sta": "y", "sub": "v", "tag": "l",
    "wait": "v", "x": "yy", "xa": "y", "xor": "v",
}  # fmt: skip
COMMANDS = {
    "m": (Cmd.MODES, "vm"), "modes": (Cmd.MODES, "vm"), "mg": (Cmd.MODEG, "v"), "modeg": (Cmd.MODEG, "v"),
    "pud": (Cmd.PUD, "vu"), "r": (Cmd.READ, "v"), "read": (Cmd.READ, "v"), "w": (Cmd.WRITE, "vv"),
    "write": (Cmd.WRITE, "vv"), "p": (Cmd.PWM, "vv"), "pwm": (Cmd.PWM, "vv"), "prs": (Cmd.PRS, "vv"),
    "pfs": (Cmd.PFS, "vv"), "prg": (Cmd.PRG, "v"), "pfg": (Cmd.PFG, "v"), "prrg": (Cmd.PRRG, "v"),
    "gdc": (Cmd.GDC, "v"), "br1": (Cmd.BR1, ""), "br2": (Cmd.BR2, ""), "bc1": (Cmd.BC1, "v"),
    "bs1": (Cmd.BS1, "v"), "t": (Cmd.TICK, ""), "tick": (Cmd.TICK, ""), "wdog": (Cmd.WDOG, "vv"),
    "fg": (Cmd.FG, "vv"), "hwver": (Cmd.HWVER, ""), "pigpv": (Cmd.PIGPV, ""), "mics": (Cmd.MICS, "v"),
    "mils": (Cmd.MILS, "v"),
}  # fmt: skip
MODES = {"r": 0, "w": 1, "0": 4, "1": 5, "2": 6, "3": 7, "4": 3, "5": 2}
PULLS = {"o": 0, "d": 1, "u": 2}


class Operand(NamedTuple):
    kind: int
    number: int


class Instruction(NamedTuple):
    word: str
    command: Cmd | None
    a: Operand
    b: Operand


NONE = Operand(NUMBER, 0)


class ScriptError(ValueError):
    """A script that pigpio would refuse; ``number`` is its error."""

    def __init__(self, number: Err, what: str) -> None:
        self.number = number
        super().__init__(what)


def compile_script(text: str) -> list[Instruction]:
    """The instructions of a script, its tags resolved. Raises :class:`ScriptError`."""
    words = iter(text.lower().split())
    program: list[Instruction] = []
    tags: dict[int, int] = {}
    for word in words:
        command, kinds = COMMANDS.get(word, (None, LOGIC.get(word)))
        if kinds is None:
            known = word.upper() in Cmd.__members__
            raise ScriptError(Err.BAD_SCRIPT_CMD if known else Err.BAD_SCRIPT, word)
        operands = [_operand(kind, next(words, "")) for kind in kinds]
        if word == "tag":
            tag = operands[0].number
            if tag in tags:
                raise ScriptError(Err.DUP_TAG, f"tag {tag}")
            if len(tags) == MAX_TAGS:
                raise ScriptError(Err.TOO_MANY_TAGS, f"tag {tag}")
            tags[tag] = len(program)
            continue
        a, b, *_ = (*operands, NONE, NONE)
        if a.kind == NUMBER and command is Cmd.MILS and not 0 <= a.number <= MAX_MILS:
            raise ScriptError(Err.BAD_MILS_DELAY, str(a.number))
        if a.kind == NUMBER and command is Cmd.MICS and not 0 <= a.number <= MAX_MICS:
            raise ScriptError(Err.BAD_MICS_DELAY, str(a.number))
        program.append(Instruction(word, command, a, b))
    for place, instruction in enumerate(program):
        if LOGIC.get(instruction.word) == "l":
            target = tags.get(instruction.a.number)
            if target is None:
                raise ScriptError(Err.BAD_TAG, f"tag {instruction.a.number}")
            program[place] = instruction._replace(a=Operand(NUMBER, target))
    return program


def _operand(kind: str, word: str) -> Operand:
    if kind == "m" and word in MODES:
        return Operand(NUMBER, MODES[word])
    if kind == "u" and word in PULLS:
        return Operand(NUMBER, PULLS[word])
    if kind in "vyl" and word:
        if kind != "l" and word[0] in "pv" and word[1:].isdecimal():
            number = int(word[1:])
            if word[0] == "p" and number >= MAX_PARAMS:
                raise ScriptError(Err.BAD_PARAM_NUM, word)
            if word[0] == "v" and number >= MAX_VARS:
                raise ScriptError(Err.BAD_VAR_NUM, word)
            return Operand(PARAM if word[0] == "p" else VAR, number)
        if kind != "y":
            try:
                return Operand(NUMBER, signed(int(word, 0)))
            except ValueError:
                pass
    raise ScriptError(Err.BAD_SCRIPT, word or "ends too soon")


def signed(number: int) -> int:
    """As a signed 32 bit word."""
    return (number + 0x80000000 & 0xFFFFFFFF) - 0x80000000


Do = Callable[[int, int, int], int]
"""Runs a pigpio command with its two parameters and answers its result."""
Wait = Callable[[int], "asyncio.Future[int]"]
"""Becomes the changed bits once a level of the pins in a set of bits has changed."""


class Script:
    """One stored script, its parameters and variables, and how it is getting on."""

    def __init__(self, program: list[Instruction], do: Do, wait: Wait) -> None:
        self.program = program
        self.status = INITING
        self.params = [0] * MAX_PARAMS
        self.vars = [0] * MAX_VARS
        self.task: asyncio.Task[None] | None = None
        self._do = do
        self._wait = wait

    def start(self) -> None:
        self.status = RUNNING
        self.task = asyncio.get_running_loop().create_task(self._run())

    def halt(self) -> None:
        if self.task is not None:
            self.task.cancel()
            self.task = None
        if self.status != INITING:
            self.status = HALTED

    async def _run(self) -> None:
        try:
            await self._execute()
            self.status = HALTED
        except (ArithmeticError, IndexError):  # division by zero, stack empty or full
            self.status = FAILED

    async def _execute(self) -> None:
        accumulator = flags = place = since_breath = 0
        stack: list[int] = []
        while place < len(self.program):
            word, command, a, b = self.program[place]
            p1, p2 = self._value(a), self._value(b)
            place += 1
            since_breath += 1
            if since_breath >= BREATH_INSTRUCTIONS:
                since_breath = 0
                await asyncio.sleep(BREATH_S)
            if command is Cmd.MILS or command is Cmd.MICS:
                since_breath = 0
                accumulator = flags = await self._pause(command, p1)
                continue
            if command is not None:
                accumulator = flags = signed(self._do(command, p1 & 0xFFFFFFFF, p2 & 0xFFFFFFFF))
                continue
            match word:
                case "halt":
                    return
                case "jmp":
                    place = p1
                case "jz" | "jnz" | "jm" | "jp":
                    if {"jz": flags == 0, "jnz": flags != 0, "jm": flags < 0, "jp": flags >= 0}[word]:
                        place = p1
                case "call":
                    _push(stack, place)
                    place = p1
                case "ret":
                    place = stack.pop()
                case "dcr" | "inr" | "rl" | "rr":
                    flags = self._set(a, _calculate(word, p1, p2))
                case "ld":
                    self._set(a, p2)
                case "sta":
                    self._set(a, accumulator)
                case "lda":
                    accumulator = p1
                case "cmp":
                    flags = signed(accumulator - p1)
                case "x":
                    self._set(a, p2)
                    self._set(b, p1)
                case "xa":
                    self._set(a, accumulator)
                    accumulator = p1
                case "push":
                    _push(stack, p1)
                case "pusha":
                    _push(stack, accumulator)
                case "pop":
                    self._set(a, stack.pop())
                case "popa":
                    accumulator = stack.pop()
                case "wait":
                    self.status = WAITING
                    accumulator = flags = signed(await self._wait(p1 & 0xFFFFFFFF))
                    self.status = RUNNING
                case _:
                    accumulator = flags = _calculate(word, accumulator, p1)

    async def _pause(self, command: Cmd, delay: int) -> int:
        if command is Cmd.MILS:
            if not 0 <= delay <= MAX_MILS:
                return Err.BAD_MILS_DELAY
            await asyncio.sleep(delay / 1e3)
        else:
            if not 0 <= delay <= MAX_MICS:
                return Err.BAD_MICS_DELAY
            await asyncio.sleep(delay / 1e6)
        return 0

    def _value(self, operand: Operand) -> int:
        if operand.kind == NUMBER:
            return operand.number
        return (self.params if operand.kind == PARAM else self.vars)[operand.number]

    def _set(self, operand: Operand, value: int) -> int:
        (self.params if operand.kind == PARAM else self.vars)[operand.number] = value
        return value


def _push(stack: list[int], value: int) -> None:
    if len(stack) == STACK:
        raise IndexError("the stack is full")
    stack.append(value)


def _calculate(word: str, x: int, y: int) -> int:
    """Arithmetic on signed 32 bit words; division rounds towards zero. Raises ZeroDivisionError."""
    match word:
        case "dcr" | "dcra":
            return signed(x - 1)
        case "inr" | "inra":
            return signed(x + 1)
        case "add":
            return signed(x + y)
        case "sub":
            return signed(x - y)
        case "mlt":
            return signed(x * y)
        case "div" | "mod":
            quotient = abs(x) // abs(y) * (1 if (x < 0) == (y < 0) else -1)
            return signed(quotient if word == "div" else x - quotient * y)
        case "and":
            return x & y
        case "or":
            return x | y
        case "xor":
            return x ^ y
        case "rl" | "rla":
            return signed(x << (y & 31))
        case "rr" | "rra":
            return x >> (y & 31)
    raise AssertionError(word)


class Scripts:
    """The store: at most 32. Every method answers as pigpio does: a value, or a negative error."""

    def __init__(self, do: Do, wait: Wait) -> None:
        self._do = do
        self._wait = wait
        self._slots: dict[int, Script] = {}

    def store(self, text: str) -> int:
        free = next((slot for slot in range(MAX_SCRIPTS) if slot not in self._slots), None)
        if free is None:
            return Err.NO_SCRIPT_ROOM
        try:
            program = compile_script(text)
        except ScriptError as error:
            return error.number
        script = self._slots[free] = Script(program, self._do, self._wait)
        asyncio.get_running_loop().call_later(INIT_S, setattr, script, "status", HALTED)
        return free

    def run(self, slot: int, params: Sequence[int]) -> int:
        script = self._slots.get(slot)
        if script is None:
            return Err.BAD_SCRIPT_ID
        if len(params) > MAX_PARAMS:
            return Err.TOO_MANY_PARAM
        if script.status == INITING:
            return Err.SCRIPT_NOT_READY
        self._update(script, params)
        if script.status in (HALTED, FAILED):  # one that runs already just runs on, with the new parameters
            script.start()
        return 0

    def update(self, slot: int, params: Sequence[int]) -> int:
        script = self._slots.get(slot)
        if script is None:
            return Err.BAD_SCRIPT_ID
        if len(params) > MAX_PARAMS:
            return Err.TOO_MANY_PARAM
        self._update(script, params)
        return 0

    def status(self, slot: int) -> tuple[int, list[int]]:
        """(status or error, the ten parameters)."""
        script = self._slots.get(slot)
        return (Err.BAD_SCRIPT_ID, []) if script is None else (script.status, script.params)

    def stop(self, slot: int) -> int:
        script = self._slots.get(slot)
        if script is None:
            return Err.BAD_SCRIPT_ID
        script.halt()
        return 0

    def delete(self, slot: int) -> int:
        if (error := self.stop(slot)) == 0:
            del self._slots[slot]
        return error

    def close(self) -> None:
        for slot in list(self._slots):
            self.delete(slot)

    def __len__(self) -> int:
        return len(self._slots)

    @staticmethod
    def _update(script: Script, params: Sequence[int]) -> None:
        script.params[: len(params)] = map(signed, params)
