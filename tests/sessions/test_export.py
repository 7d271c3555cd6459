"""Exports: open formats, harmless in a spreadsheet, whole or not there at all."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from pathlib import Path

import pytest

from app.sessions import export
from app.sessions.errors import HistoryError
from app.sessions.history import History
from app.sessions.table import PLAIN, Style, spreadsheet
from hardware.messages import Rate

from .conftest import SmallDisk
from .story import DEADLINE_S, Recording, ended, noted, record, sampled, started


@pytest.fixture
def past(path: Path, history: History) -> History:
    record(
        path,
        started(person=None),
        sampled(0),
        sampled(1, pads_c=(None, 31.0)),
        noted("level", level=5),
        ended(),
    )
    record(
        path, started("s2", title='=HYPERLINK("http://x")', person="-anna"), is_good=lambda: False, boot="b2"
    )
    return history


def rows(text: str, style: Style = PLAIN) -> list[dict[str, str]]:
    text = text.removeprefix(style.start)
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=style.separator))


def test_a_table_of_sessions(past: History) -> None:
    out = io.StringIO()
    export.export_csv(past, out)
    first, second = rows(out.getvalue())
    assert tuple(first) == export.COLUMNS
    assert (first["id"], first["person"], first["minutes_asked"], first["duration_s"]) == (
        "s1",
        "",
        "25",
        "1200.0",
    )
    assert first["started_at"].startswith("2026-11-")
    assert (second["started_at"], second["outcome"]) == ("", "running")


VALUES = [
    "12345678901", "1234567e89", "3/4", "2-3", "1E+5", "(5)", ".5", "5 %", "$5", "5 €", "5 pm", "Jan 1",
    "1 März 2020", "TRUE", "wahr",
]  # fmt: skip
FORMULAS = ["=1+1", "+1", "-1", "@x", "\t=1", "  =1", "\r=1", "＝1", "\u200b=1"]


@pytest.mark.parametrize("text", [*FORMULAS, *VALUES])
@pytest.mark.parametrize("decimal", [",", "."])
def test_nothing_becomes_a_formula_a_number_or_a_date(
    path: Path, history: History, text: str, decimal: str
) -> None:
    record(path, started(title=text, person=text))
    out = io.StringIO()
    export.export_csv(history, out, spreadsheet(decimal), {text: text})
    (row,) = rows(out.getvalue(), spreadsheet(decimal))
    assert {row["title"], row["person"], row["name"]} == {f"'{text}"}


@pytest.mark.parametrize("text", ["Anna", "Anna 2", "Mai", "A1", "2 Feet", "Relax", ""])
def test_what_nothing_is_made_of_stays_as_it_is(text: str) -> None:
    assert spreadsheet(",").text(text) == text


@pytest.mark.parametrize("text", [*FORMULAS, 'so "called"; a, b', "two\nlines", "Füße"])
def test_programs_get_texts_as_they_are(path: Path, history: History, text: str) -> None:
    record(path, started(title=text))
    out = io.StringIO()
    export.export_csv(history, out)
    assert [row["title"] for row in rows(out.getvalue())] == [text]


def test_a_table_is_written_as_spreadsheets_of_the_language_read_it(past: History) -> None:
    written: dict[str, str] = {}
    for decimal in ",.":
        out = io.StringIO()
        export.export_csv(past, out, spreadsheet(decimal))
        written[decimal] = out.getvalue()
        first, second = rows(written[decimal], spreadsheet(decimal))
        assert (first["duration_s"], first["id"]) == (f"1200{decimal}0", "s1")
        assert datetime.strptime(first["started_at"], "%Y-%m-%d %H:%M:%S").astimezone().year == 2026
        assert second["person"] == "'-anna"
    assert {text[0] for text in written.values()} == {"\ufeff"}
    assert [text.splitlines()[0].count(",") for text in written.values()] == [0, 14]


def test_a_number_below_zero_stays_one_and_a_text_stays_in_its_cell() -> None:
    cells = [-0.5, -3, None, "a;b", "a,b", "a\tb", 'a"b', "a\nb", " a", "plain"]
    for decimal, line in ((",", "-0,5;-3;;"), (".", "-0.5,-3,,")):
        style = spreadsheet(decimal)
        quoted = ['"a;b"', '"a,b"', '"a\tb"', '"a""b"', '"a\nb"', '" a"', "plain"]
        assert style.line(cells) == line + style.separator.join(quoted) + "\r\n"


def test_people_are_named_beside_their_id(path: Path, history: History) -> None:
    record(path, started(person="p-1"), ended())
    record(path, started("s2", person="p-2"), ended())
    names = {"p-1": "Füße"}
    table, everything = io.StringIO(), io.StringIO()
    export.export_csv(history, table, names=names)
    export.export_json(history, everything, names=names)
    assert [(row["person"], row["name"]) for row in rows(table.getvalue())] == [("p-1", "Füße"), ("p-2", "")]
    assert json.loads(everything.getvalue())["people"] == names


def test_a_table_of_curves(past: History) -> None:
    out = io.StringIO()
    export.export_curves_csv(past, "s1", out)
    first, second = rows(out.getvalue())
    assert list(first)[:4] == ["second", "pad_left_c", "pad_right_c", "bag_foot_mmhg"]
    assert (first["pad_left_c"], first["bag_calf_mmhg"], first["level"]) == ("30.0", "30.0", "1.0")
    assert (second["second"], second["pad_left_c"], second["pad_right_c"]) == ("1", "", "31.0")


def test_everything_as_json(past: History, recording: Recording) -> None:
    keeper = recording()
    assert keeper.ask(Rate(session="s1", before=6, after=3)).result(DEADLINE_S).ok
    out = io.StringIO()
    export.export_json(past, out)
    told = json.loads(out.getvalue())
    assert (told["format"], told["version"]) == ("instep-history", 1)
    first, second = told["sessions"]
    assert (first["row"]["before"], first["pads"]["left"], first["events"][0]["what"]) == (
        6,
        [30.0, None],
        "level",
    )
    assert second["row"]["started_at"] is None


def test_an_empty_history_is_valid_too(history: History) -> None:
    table, everything = io.StringIO(), io.StringIO()
    export.export_csv(history, table)
    export.export_json(history, everything)
    assert rows(table.getvalue()) == []
    assert json.loads(everything.getvalue())["sessions"] == []


def test_to_a_file_that_must_not_be_there(past: History, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    export.export_to(past, target, "csv")
    once = target.read_bytes()
    with pytest.raises(HistoryError, match="exists already"):
        export.export_to(past, target, "json")
    assert target.read_bytes() == once
    export.export_to(past, target, "json", overwrite=True)
    assert json.loads(target.read_text())["sessions"]
    export.export_to(past, target, "csv", session="s1", overwrite=True)
    assert target.read_text().startswith("second,")
    export.export_to(past, target, "json", session="s1", overwrite=True)
    assert len(json.loads(target.read_text())["sessions"]) == 1
    assert [file.name for file in tmp_path.iterdir() if "out" in file.name] == ["out.csv"]


def test_an_unknown_session_leaves_nothing_behind(past: History, tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match="no session 's9'"):
        export.export_to(past, tmp_path / "out.csv", "csv", session="s9")
    assert [file.name for file in tmp_path.iterdir()] == ["data"]


def test_no_folder(past: History, tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match="plugged in"):
        export.export_to(past, tmp_path / "gone" / "out.csv", "csv")
    with pytest.raises(HistoryError, match="is a folder"):
        export.export_to(past, tmp_path, "csv")


def test_a_full_stick(past: History, small_disk: SmallDisk) -> None:
    small_disk.fill()
    with pytest.raises(HistoryError, match="the disk is full"):
        export.export_to(past, small_disk.folder / "out.json", "json")
    assert [file.name for file in small_disk.folder.iterdir()] == ["ballast"]


def test_a_protected_stick(past: History, small_disk: SmallDisk) -> None:
    if not small_disk.lock(True):
        pytest.skip("disks cannot be made read-only here")
    with pytest.raises(HistoryError, match="write-protected"):
        export.export_to(past, small_disk.folder / "out.csv", "csv")
