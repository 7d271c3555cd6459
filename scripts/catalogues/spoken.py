"""What the screen passes on from others: the words of shipped programs, and the machine's own sentences.

These are no calls of ``_()``. Programs are read as data; from the code that answers a person every string
that is a sentence is taken. One with something filled in has its shape in ``app/ui/sentences.py``.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

ANSWERING = (
    "app/commissioning/walk.py",
    "app/household/kept.py",
    "app/household/people.py",
    "app/household/pin.py",
    "app/household/screening.py",
    "app/link/client.py",
    "app/link/server.py",
    "app/sessions/trouble.py",
    "app/sessions/writer.py",
    "app/system.py",
    "hardware/control/autotune.py",
    "hardware/engine.py",
    "hardware/loop.py",
    "hardware/orders.py",
    "hardware/safety/bag_watch.py",
    "hardware/safety/faults.py",
    "hardware/safety/pad_watch.py",
    "hardware/service/drive.py",
    "hardware/service/finding.py",
    "hardware/service/pulses.py",
    "hardware/session.py",
)
"""Where the sentences stand that come to the screen as they are."""

_SENTENCE = re.compile(r"[A-Z{].*[\w)}%][.?]", re.DOTALL)


def programs() -> Iterator[tuple[str, str]]:
    """(message, where) of every text in the shipped programs."""
    for path in sorted((ROOT / "assets" / "programs").glob("*.toml")):
        program = tomllib.loads(path.read_text())
        texts = [program.get(key, "") for key in ("title", "line", "about", "advice", "cold")]
        for phase in program["phase"]:
            texts += [phase["name"], phase.get("guide", {}).get("words", "")]
        yield from ((text, str(path.relative_to(ROOT))) for text in texts if text)


def codes() -> Iterator[tuple[str, str]]:
    """The faults as a session's curves name them."""
    from hardware.safety.faults import FAULTS

    for code in FAULTS:
        yield code.replace("-", " ").capitalize(), "hardware/safety/faults.py"


def sentences() -> Iterator[tuple[str, str]]:
    """(sentence, where); something filled in stands in it as ``{}``."""
    for name in ANSWERING:
        for sentence in _in(ast.parse((ROOT / name).read_text())):
            yield sentence, name


def _in(tree: ast.Module) -> Iterator[str]:
    known: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            text = _text(node.value, known)
            if text is not None:
                known[node.targets[0].id] = text
    left_out = _left_out(tree)
    for node in _strings(tree):
        text = _text(node, known)
        if id(node) not in left_out and text is not None and _SENTENCE.fullmatch(text) and " " in text:
            yield text


def _strings(node: ast.AST) -> Iterator[ast.AST]:
    """Every string, those inside a string that is filled in not once more."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.JoinedStr | ast.Constant):
            yield child
        else:
            yield from _strings(child)


def _left_out(tree: ast.Module) -> set[int]:
    """Docstrings."""
    return {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}


def _text(node: ast.AST, known: dict[str, str]) -> str | None:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if not isinstance(node, ast.JoinedStr):
        return None
    parts = []
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append(str(part.value))
        else:
            value = part.value if isinstance(part, ast.FormattedValue) else None
            parts.append(known.get(value.id, "{}") if isinstance(value, ast.Name) else "{}")
    return "".join(parts)
