"""Any terminal, any locale, any folder: a sentence, never a traceback."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import main, terminal
from app.cli.progress import Progress, line
from app.cli.who import for_whom
from app.link.wire import endpoints
from app.places import Places, only_one
from app.sessions.store import open_for_writing
from hardware.errors import InstepError
from hardware.machine import Machine
from hardware.program import Program
from tests.rig import Rig

QUICK = (
    *("--help", "history", "export --plain", "programs", "programs relax", "machine", "machine --table"),
    *("machine --keys", "doctor", "doctor --json", "status", "restore", "fault list", "run nothing"),
    *("run --fast --answers gout", "programs füße", "machine --Ünd"),
)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1251"])
def test_no_command_dies_of_letters_that_the_terminal_does_not_have(places: Places, encoding: str) -> None:
    (places.own_programs / "odd.toml").write_text("title = “Fuß”", encoding="utf-8")
    environment = {"INSTEP_DATA": str(places.data), "INSTEP_RUNTIME": str(places.runtime), "COLUMNS": "0"}
    for words in QUICK:
        result = CliRunner(charset=encoding).invoke(main, words.split(), env=environment)
        assert isinstance(result.exception, SystemExit | None), (words, result.exception)


def test_a_session_s_name_in_bytes_is_no_damage_to_the_history(places: Places) -> None:
    open_for_writing(places.history).close()
    for words in (["history"], ["export", "--curves"]):
        result = CliRunner().invoke(main, [*words, "\udcff", "--data", str(places.data)])
        assert "there is no session" in result.output


def test_two_people_of_one_name_are_not_taken_for_each_other(places: Places) -> None:
    places.people.write_text('{"people": [{"id": "p-1", "name": "Zoë"}, {"id": "p-2", "name": "zoë"}]}')
    with pytest.raises(InstepError, match="2 people"):
        for_whom("Zoë", None, places)


def test_what_a_terminal_cannot_show_is_written_with_the_letters_that_it_has() -> None:
    terminal.prepare()
    words = "39.5 °C → Füße … 4.7 kΩ ⣿⠀⣿ “so” ✓ \udcff"
    said = '39.5 C -> Fusse ... 4.7 kohm : : "so" ? ?'
    assert words.replace("ß", "ss").encode("ascii", terminal.HANDLER).decode() == said
    assert "°C Ω".encode("latin-1", terminal.HANDLER) == b"\xb0C ohm"


class _Full(io.StringIO):
    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    def write(self, _text: str, /) -> int:
        raise OSError(self.number, os.strerror(self.number))


def test_progress_that_nobody_can_see_any_more_asks_for_an_end(
    machine: Machine, programs: dict[str, Program], monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = Rig(machine, programs).ready().start()
    snapshot = rig.engine.snapshot(())
    assert snapshot.session is not None
    assert "left" in line(snapshot, snapshot.session)
    monkeypatch.setattr(sys, "stdout", _Full(errno.EPIPE))
    with Progress() as progress:
        progress.show(snapshot)
        assert progress.unseen
        progress.show(snapshot)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            OSError(errno.ENOSPC, "No space left on device", "/x/log"),
            "Error: /x/log: No space left on device; make",
        ),
        (OSError(errno.EIO, "Input/output error"), "Error: Input/output error\n"),
        (BrokenPipeError(errno.EPIPE, "Broken pipe"), ""),
    ],
)
def test_an_error_of_the_system_s_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, places: Places, error: OSError, said: str
) -> None:
    def fail(*_args: object, **_more: object) -> None:
        raise error

    monkeypatch.setattr(sys.modules["app.cli.status"], "running_controller", fail)
    result = CliRunner().invoke(main, ["status", "--runtime", str(places.runtime)])
    assert result.exit_code == 1
    assert said in result.output
    assert isinstance(result.exception, SystemExit)


def test_a_folder_without_room_is_held_all_the_same(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("app.places.os.write", full)
    with (
        only_one(places.runtime),
        pytest.raises(InstepError, match="another controller"),
        only_one(places.runtime),
    ):
        pass


def test_sockets_are_found_by_the_folder_s_bytes_whatever_the_locale_made_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def of(encoding: str) -> Callable[[Path], bytes]:
        return lambda path: str(path).encode(encoding, "surrogateescape")

    for encoding in ("utf-8", "latin-1", "ascii"):
        seen = Path("/tmp/rün".encode().decode(encoding, "surrogateescape"))
        monkeypatch.setattr("app.link.wire.os.fsencode", of(encoding))
        assert endpoints(seen)[0] == "ipc:///tmp/rün/commands"
    with pytest.raises(InstepError, match="not UTF-8"):
        endpoints(Path("/tmp/r\udcfcn"))
