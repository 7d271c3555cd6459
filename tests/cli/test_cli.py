"""The command line as a person types it."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from app.cli.surroundings import has_display
from app.household.admission import this_day
from app.household.people import People
from app.places import ASSETS, Places

NONE = ("--answers", "none")
"""A guest to whom nothing applies."""


def instep(*arguments: str, places: Places | None = None, typed: str = "") -> Result:
    environment = {}
    if places is not None:
        environment = {"INSTEP_DATA": str(places.data), "INSTEP_RUNTIME": str(places.runtime)}
    return CliRunner().invoke(main, arguments, env=environment, input=typed)


@pytest.mark.parametrize(
    "command",
    [
        *("", "run", "history", "export", "programs", "machine", "self-test", "tune", "doctor", "commission"),
        *("virtual", "kiosk", "controller", "start"),
    ],
)
def test_every_command_explains_itself(command: str) -> None:
    result = instep(*command.split(), "--help")
    assert result.exit_code == 0
    assert len(result.output) > 150


@pytest.fixture(scope="module")
def after_heel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Places, str, int]]:
    """Where a fast session was run, what was said, and when it began at the earliest."""
    before = int(time.time())
    with tempfile.TemporaryDirectory(prefix="in-", dir="/tmp") as runtime:
        places = Places(tmp_path_factory.mktemp("heel") / "data", Path(runtime))
        places.make()
        result = instep("run", "heel", "--fast", "--minutes", "10", "--intensity", "6", *NONE, places=places)
        assert result.exit_code == 0, result.output
        yield places, result.output, before


def test_a_fast_session_runs_shows_its_progress_and_is_in_the_history(
    after_heel: tuple[Places, str, int],
) -> None:
    places, said, _before = after_heel
    for words in ("Warm", "Around", "Achilles and calf", "Stretch", "Close", "°C", "mmHg", "left"):
        assert words in said
    assert "In the history:" in said
    listed = instep("history", places=places)
    assert re.search(r"Heel +10:00 min +intensity 6 +completed", listed.output)
    id_ = listed.output.split()[0]
    shown = instep("history", id_, places=places)
    assert "phase" in shown.output
    assert "left pad" in shown.output


def test_s14_a_guest_in_the_terminal_is_asked_and_what_applies_is_locked(places: Places) -> None:
    unasked = instep("run", "relax", "--fast", "--minutes", "10", places=places)
    assert unasked.exit_code == 1
    assert "--answers none" in unasked.output
    refused = instep("run", "relax", "--fast", "--minutes", "10", places=places, typed="99\n3\n")
    assert refused.exit_code == 1
    assert "Numbers from 1 to 11" in refused.output
    assert "doctor" in refused.output
    nothing = instep("run", "relax", "--fast", "--answers", "gout", places=places)
    assert nothing.exit_code == 1
    assert "--answers takes none, or some of: clot" in nothing.output
    gentle = instep(
        "run", "relax", "--fast", "--intensity", "5", "--answers", "thinners,veins", places=places
    )
    assert gentle.exit_code == 1
    assert "at most 3" in gentle.output
    said = instep("run", "relax", "--fast", "--minutes", "10", places=places, typed="6, 8\n")
    assert said.exit_code == 0, said.output
    id_ = instep("history", places=places).output.split()[0]
    curves = list(
        csv.DictReader(io.StringIO(instep("export", "--plain", "--curves", id_, places=places).output))
    )
    calf = next(name for name in curves[0] if "calf" in name)
    assert max(float(row[calf] or 0) for row in curves) < 5, "painful veins: no air at the calf"
    pads = [name for name in curves[0] if name.startswith("pad")]
    assert pads
    assert max(float(row[pad] or 0) for row in curves for pad in pads) < 30, "little feeling: no heat"


def test_s14_a_person_in_the_terminal_is_held_to_their_own_answers(places: Places) -> None:
    people = People(places.people)
    anna = people.add("Anna")
    people.change(anna.with_answers(("fever",), this_day()))
    run = ("run", "relax", "--fast", "--minutes", "10", "--person", "anna")
    assert "doctor" in instep(*run, places=places).output
    assert "kept with them" in instep(*run, *NONE, places=places).output
    assert "not known here" in instep(*run[:-1], "Jo", places=places).output
    people.change(anna.with_answers((), this_day()))
    assert instep(*run, places=places).exit_code == 0


def test_the_export_is_readable_by_others(after_heel: tuple[Places, str, int], tmp_path: Path) -> None:
    places, _said, before = after_heel
    rows = list(csv.DictReader(io.StringIO(instep("export", "--plain", places=places).output)))
    assert [row["program"] for row in rows] == ["heel"]
    began = datetime.fromisoformat(rows[0]["started_at"]).timestamp()
    assert before <= began <= time.time(), "however fast its own time runs"
    out = tmp_path / "all.json"
    assert instep("export", str(out), places=places).exit_code == 0
    assert json.loads(out.read_text())
    again = instep("export", str(out), places=places)
    assert again.exit_code == 1
    assert "force" in again.output or "exists" in again.output
    curves = instep("export", "--curves", rows[0]["id"], places=places)
    assert len(curves.output.splitlines()) > 500


def test_an_empty_history_tells_what_to_do(places: Places) -> None:
    result = instep("history", places=places)
    assert result.exit_code == 0
    assert "No sessions yet" in result.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "nothing"], "there is no program named nothing; there are: relax"),
        (["run", "heel", "--fast", "--minutes", "30", "--answers", "none"], "Heel takes 10 to 15 minutes"),
        (["history", "zzz"], "there is no session zzz"),
        (["machine", "none.toml"], "none.toml: cannot be read"),
        (["programs", "zzz"], "there is no program named zzz"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_code_1(
    places: Places, arguments: list[str], words: str
) -> None:
    result = instep(*arguments, places=places)
    assert result.exit_code == 1
    assert words in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    "arguments", [["run", "relax", "--intensity", "11"], ["run", "--heat", "60"], ["run", "--feet", "three"]]
)
def test_what_is_out_of_bounds_is_exit_code_2(arguments: list[str]) -> None:
    assert instep(*arguments).exit_code == 2


def test_a_program_file_is_checked_by_path(tmp_path: Path) -> None:
    good = ASSETS / "programs" / "relax.toml"
    assert "This file is good." in instep("programs", str(good)).output
    bad = tmp_path / "bad.toml"
    bad.write_text(good.read_text().replace("target_c = 39", "target_c = 50"))
    result = instep("programs", str(bad))
    assert result.exit_code == 1
    assert "bad.toml: heat.target_c" in result.output


def test_a_person_s_own_program_is_listed_and_a_broken_one_named(places: Places) -> None:
    relax = (ASSETS / "programs" / "relax.toml").read_text()
    (places.own_programs / "evening.toml").write_text(relax.replace('"Relax"', '"Evening"'))
    (places.own_programs / "odd.toml").write_text("title = ")
    result = instep("programs", places=places)
    assert "evening" in result.output
    assert "odd.toml: is not valid TOML" in result.output
    assert result.exit_code == 1


def test_the_machine_is_shown_with_its_pins() -> None:
    result = instep("machine")
    assert result.exit_code == 0
    assert re.search(r"GPIO 25 +warm pad left", result.output)


def test_without_a_display_there_is_no_kiosk() -> None:
    assert not has_display({})
    assert has_display({"DISPLAY": ":0"})


@pytest.mark.process
def test_ctrl_c_stops_a_live_session_safely_and_it_is_in_the_history(places: Places) -> None:
    environment = {
        **{k: v for k, v in os.environ.items() if k not in ("DISPLAY", "SDL_VIDEODRIVER")},
        "INSTEP_DATA": str(places.data),
        "INSTEP_RUNTIME": str(places.runtime),
        "PYTHONUNBUFFERED": "1",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "app"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    process.stdin.write("none\n")
    process.stdin.flush()
    lines: list[str] = []
    deadline = time.monotonic() + 30
    while not any(re.search(r"\d left", line) for line in lines):
        assert time.monotonic() < deadline, lines
        lines.append(process.stdout.readline())
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=20)
    assert "No display here" in lines[0]
    assert process.returncode == 130
    assert "In the history:" in rest
    assert "stopped" in rest
