"""Killed at any instant: what was committed is there, and the unfinished session was interrupted."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from app.sessions.history import History

from .story import record

TESTS = Path(__file__).parents[1]


@pytest.mark.process
@pytest.mark.parametrize("lines", [1, 2, 5, 20])
def test_killed_after_so_many_commits(path: Path, history: History, lines: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "sessions.crashing", str(path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=TESTS,
        env={"PYTHONPATH": str(TESTS.parent)},
    ) as process:
        assert process.stdout is not None
        said = [process.stdout.readline().split() for _ in range(lines)]
        process.kill()
    assert all(said)
    assert record(path, boot="b2").notices == ()
    kept = {detail.row.id: detail for detail in history.everything()}
    for what, session in said:
        assert session in kept
        if what == "fault":
            assert [event.what for event in kept[session].events] == ["fault"]
            assert len(kept[session].seconds) >= 70
        if what == "ended":
            assert (kept[session].row.outcome, len(kept[session].seconds)) == ("fault", 71)
    unfinished = {session for what, session in said} - {session for what, session in said if what == "ended"}
    assert all(kept[session].row.outcome in ("interrupted", "fault") for session in unfinished)
    assert "running" not in {detail.row.outcome for detail in kept.values()}
