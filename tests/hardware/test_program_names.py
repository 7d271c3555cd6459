"""One rule for a program's name: whatever a file is called, it can be started, or is named as left out."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.link import wire
from app.places import ASSETS
from app.shelf import Shelf
from hardware.errors import FileError
from hardware.messages import PROTOCOL_VERSION, Start
from hardware.plaintext import alike, clean, legible
from hardware.program import load_program, load_programs
from hardware.program_file import KEY_LETTERS, is_program, key_of
from hardware.textfile import MAX_BYTES

RELAX = (ASSETS / "programs" / "relax.toml").read_text()


def over_the_link(key: str) -> str:
    command = Start(program=key, minutes=10, intensity=2)
    frame = wire.pack(wire.Request(PROTOCOL_VERSION, "1", 0.0, "screen", "s", command))
    got = wire.unpack_request(frame).command
    assert isinstance(got, Start)
    return got.program


@pytest.mark.parametrize(
    ("file", "key"),
    [
        ("füße.toml", "füße"),
        ("fu\u0308ße.toml", "füße"),
        ("evening (1).toml", "evening (1)"),
        ("EVENING.TOML", "EVENING"),
        ("🌙 night.Toml", "🌙 night"),
        (" .toml", " "),
        ("a\nb\u202e.toml", r"a\x0ab\u202e"),
        ("x" * 250 + ".toml", "x" * 250),
        (os.fsdecode(b"f\xfc\xdfe.toml"), r"f\xfc\xdfe"),
        (os.fsdecode(b"\xde\xcc\x80.toml"), "\\xd\u00e8"),
        ("two.parts.toml", "two.parts"),
        ("x.toml.toml", "x.toml"),
    ],
)
def test_any_name_makes_a_program_that_can_be_started(tmp_path: Path, file: str, key: str) -> None:
    (tmp_path / file).write_text(RELAX)
    shelf = Shelf(tmp_path)
    assert (list(shelf), shelf.problems) == ([key], ())
    assert over_the_link(key) == key
    for called in (key, file[: -len(".toml")], key.upper(), file):
        found = shelf.find(called)
        assert found is not None
        assert found.id == key


@settings(max_examples=100, deadline=None)
@given(st.binary(min_size=1, max_size=40).filter(lambda raw: not set(raw) & {0, ord("/")} and raw[0] != 46))
def test_every_name_has_a_key_that_all_can_carry(raw: bytes) -> None:
    key = key_of(f"{os.fsdecode(raw)}.toml")
    assert over_the_link(key) == key
    assert key_of(f"{key}.toml") == key == legible(key)
    assert len(key_of(os.fsdecode(raw * 6))) <= KEY_LETTERS


def test_what_is_no_program_is_passed_over() -> None:
    for name in ("._evening.toml", ".#x.toml", ".toml", "evening.toml~", "evening.txt", "toml"):
        assert not is_program(name)


def test_two_files_with_one_name_are_both_named(tmp_path: Path) -> None:
    for name in ("EVENING.TOML", "evening.toml", "caf\u00e9.toml", "cafe\u0301.TOML"):
        (tmp_path / name).write_text(RELAX)
    found, broken = load_programs(tmp_path)
    assert set(found) == {"evening", "café"}
    said = [str(error) for error in broken]
    assert any(text.startswith("EVENING.TOML: has the same name as evening.toml") for text in said)
    assert any("cafe\u0301.TOML: has the same name as café.toml" in text for text in said)


def test_a_shipped_program_gives_way_to_ones_own_whatever_its_capitals(tmp_path: Path) -> None:
    (tmp_path / "RELAX.TOML").write_text(RELAX.replace('"Relax"', '"Mine"'))
    shelf = Shelf(ASSETS / "programs", tmp_path)
    assert shelf["relax"].title == "Mine"
    assert "RELAX" not in shelf


def test_what_is_no_ordinary_file_is_a_sentence_and_holds_nobody_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "loop.toml").symlink_to("loop.toml")
    (tmp_path / "gone.toml").symlink_to("nowhere.toml")
    (tmp_path / "null.toml").symlink_to("/dev/null")
    with (tmp_path / "big.toml").open("wb") as big:
        big.truncate(50_000_000)
    here = socket.socket(socket.AF_UNIX)
    monkeypatch.chdir(tmp_path)  # a socket's name has to be short
    here.bind("socket.toml")
    here.close()
    (tmp_path / "target").write_text(RELAX)
    (tmp_path / "link.toml").symlink_to("target")
    shelf = Shelf(tmp_path)
    assert list(shelf) == ["link"]
    reasons = {str(said).partition(": ")[0]: str(said) for said in shelf.problems}
    assert "is a pipe, not a file" in reasons["pipe.toml"]
    assert "is a folder, not a file" in reasons["folder.toml"]
    assert "is a socket, not a file" in reasons["socket.toml"]
    assert "is a device, not a file" in reasons["null.toml"]
    assert "symbolic links" in reasons["loop.toml"]
    assert "No such file" in reasons["gone.toml"]
    assert f"50000000 bytes long; such a file is at most {MAX_BYTES}" in reasons["big.toml"]
    assert not shelf.refresh(), "nothing has changed since"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-8"])
def test_a_file_as_editors_leave_it_is_read(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(RELAX.replace("\n", "\r\n").encode(encoding))
    assert load_program(path).title == "Relax"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (RELAX.replace("Relax", "Füße").encode("latin-1"), "save it as UTF-8"),
        (b"a = " + b"[" * 20_000, "nested too deeply"),
        (b"order = " + b"9" * 5000, "not valid TOML"),
        (RELAX.replace('title = "Relax"', 'title = "\u202e \\n "').encode(), "title: is empty"),
        (RELAX.replace('title = "Relax"', f'title = "{24 * " "}"').encode(), "title: is empty"),
        (RELAX.replace('title = "Relax"', f'title = "{25 * "x"}"').encode(), "longer than 24 characters"),
        (f'"{"x" * 9000}\u202e" = 1'.encode(), "unknown key"),
    ],
)
def test_a_mistake_is_a_sentence_that_has_room(tmp_path: Path, raw: bytes, reason: str) -> None:
    path = tmp_path / os.fsdecode(b"\xff.toml")
    path.write_bytes(raw)
    with pytest.raises(FileError) as caught:
        load_program(path)
    said = str(caught.value)
    assert reason in said
    assert said.startswith(r"\xff.toml: ")
    assert said.isprintable()
    assert len(said) < 700


def test_texts_are_cleaned_where_they_come_in_and_counted_after_that(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    title = "  Ze\u0301n\u200b\u202e " + "\u200d" * 40 + "night "
    path.write_text(RELAX.replace('title = "Relax"', f'title = "{title}"'))
    assert load_program(path).title == "Zén night"


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(), max_size=12))
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert once.isprintable() or all(not letter.isspace() or letter == " " for letter in once)
    assert alike(once) == alike(text)
