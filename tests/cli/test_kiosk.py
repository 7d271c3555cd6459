"""``instep kiosk``: one screen a machine."""

from __future__ import annotations

import os
from typing import Any

import pytest
from click.testing import CliRunner

from app.cli import main
from app.places import Places, only_one


def test_a_second_screen_is_refused_with_a_sentence(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIVY_HOME", str(places.runtime / "kivy"))
    with only_one(places.runtime, "screen"):
        result = CliRunner().invoke(
            main, ["kiosk", "--data", str(places.data), "--runtime", str(places.runtime)]
        )
    assert result.exit_code == 1
    assert f"another screen (process {os.getpid()}) runs in {places.runtime}: stop it first" in result.output


@pytest.mark.parametrize(("given", "rotation"), [((), None), (("--rotation", "270"), 270)])
def test_a_rotation_is_for_this_time(
    places: Places, monkeypatch: pytest.MonkeyPatch, given: tuple[str, ...], rotation: int | None
) -> None:
    shown: list[Any] = []
    monkeypatch.setattr("app.kiosk.run_kiosk", lambda *_args, **named: shown.append(named["rotation"]))
    folders = ["--data", str(places.data), "--runtime", str(places.runtime)]
    assert CliRunner().invoke(main, ["kiosk", *folders, *given]).exit_code == 0
    assert shown == [rotation]
    assert not places.mounting.exists()
