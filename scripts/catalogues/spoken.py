"""What the screen passes on from others: the words of shipped programs, and the messages that are declared.

These are no calls of ``_()``. Programs are read as data; a message is a function under ``@says(…)``: its name
is the code, its text is taken from there.
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("app", "hardware")


class Declared(Struct, frozen=True):
    """One message as it stands in the source."""

    code: str
    text: str
    many: str
    """Empty: the text is the same for every count."""
    where: str


def programs() -> Iterator[tuple[str, str]]:
    """(message, where) of every text in the shipped programs."""
    for path in sorted((ROOT / "assets" / "programs").glob("*.toml")):
        program = tomllib.loads(path.read_text())
        texts = [program.get(key, "") for key in ("title", "line", "about", "advice", "cold")]
        for phase in program["phase"]:
            texts += [phase["name"], phase.get("guide", {}).get("words", "")]
        yield from ((text, str(path.relative_to(ROOT))) for text in texts if text)


def messages() -> Iterator[Declared]:
    """Every declared message. Raises ValueError for two with one code."""
    seen: dict[str, Declared] = {}
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            for found in _in(path):
                before = seen.setdefault(found.code, found)
                if before is not found:
                    raise ValueError(f"{found.code} is declared in {before.where} and in {found.where}")
                yield found


def _in(path: Path) -> Iterator[Declared]:
    source = path.read_text(encoding="utf-8")
    if "@says(" not in source:
        return
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.FunctionDef):
            continue
        for by in node.decorator_list:
            if isinstance(by, ast.Call) and isinstance(by.func, ast.Name) and by.func.id == "says":
                texts = [
                    ast.literal_eval(value) for value in (*by.args, *(word.value for word in by.keywords))
                ]
                code = node.name.strip("_").replace("_", "-")
                yield Declared(code, texts[0], "".join(texts[1:]), str(path.relative_to(ROOT)))
