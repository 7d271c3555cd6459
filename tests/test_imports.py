"""Imports run one way: app → hardware; hardware knows no socket, database or screen; the screen no driver."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HARDWARE_MAY = {"hardware", "gpiozero", "pigpio", "lgpio", "msgspec"}


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def files(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


@pytest.mark.parametrize("path", files("hardware"), ids=lambda path: str(path.relative_to(ROOT)))
def test_hardware_imports_only_what_it_may(path: Path) -> None:
    for name in imports_of(path):
        top = name.partition(".")[0]
        assert top in HARDWARE_MAY or top in sys.stdlib_module_names, f"{path} imports {name}"
        assert top != "sqlite3"
        if "virtual" not in path.parts and path.name not in ("factory.py", "claim.py"):
            assert top not in ("socket", "asyncio"), f"{path} imports {name}"


@pytest.mark.parametrize("path", files("app/ui"), ids=lambda path: str(path.relative_to(ROOT)))
def test_the_screen_touches_no_driver(path: Path) -> None:
    for name in imports_of(path):
        assert not name.startswith(("gpiozero", "pigpio", "lgpio", "hardware.board", "hardware.virtual"))
        assert not name.startswith(("hardware.engine", "hardware.loop", "app.controller", "app.cli"))


@pytest.mark.parametrize("path", files("app/ui/state"), ids=lambda path: str(path.relative_to(ROOT)))
def test_view_state_is_free_of_kivy(path: Path) -> None:
    assert not [name for name in imports_of(path) if name.startswith("kivy")]


def test_only_the_screen_and_its_starter_import_kivy() -> None:
    for path in (*files("app"), *files("hardware")):
        if "ui" not in path.parts and path.name != "kiosk.py":
            assert not [name for name in imports_of(path) if name.startswith("kivy")], path


@pytest.mark.parametrize("module", ["app.controller", "app.cli", "hardware.engine"])
def test_the_controller_never_loads_kivy_and_starts_without_sqlite_utils(module: str) -> None:
    code = f"import sys, {module}; print([m for m in ('kivy', 'sqlite_utils', 'rich') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_files_stay_small_enough_to_read() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for folder in ("app", "hardware", "scripts")
        for path in files(folder)
        if (count := len(path.read_text().splitlines())) > 600
    }
    assert not long


def test_no_lock_file_names_a_download_address() -> None:
    for path in (ROOT / "scripts" / "locks").glob("*.txt"):
        text = path.read_text()
        assert "://" not in text
        assert "--index-url" not in text
        assert "--hash=sha256:" in text
