"""What is typed at the console, done on a real daemon."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hardware.errors import BoardError
from hardware.virtual.rehearsal import Rehearsal
from tests.daemon import Daemon, virtual_daemon

pytestmark = pytest.mark.process


@pytest.fixture
def rehearsal(daemon: Daemon) -> Iterator[Rehearsal]:
    with daemon.watch() as watch:
        yield Rehearsal(watch)
        watch.clear()


def test_faults_come_and_go_as_typed(rehearsal: Rehearsal, daemon: Daemon) -> None:
    assert rehearsal.do("put sensor-open left a") == "in: sensor-open left a"
    assert rehearsal.do("  put   bag-leak calf 30 ") == "in: bag-leak calf 30"
    assert rehearsal.do("put sensor-offset right b -6.5") == "in: sensor-offset right b -6.5"
    assert rehearsal.do("PUT supply-sagging") == "in: supply-sagging 9"
    with daemon.watch() as watch:
        assert [active["name"] for active in watch.faults()["active"]] == [
            *("sensor-open", "bag-leak", "sensor-offset", "supply-sagging")
        ]
    assert rehearsal.do("take bag-leak") == "out: bag-leak"
    assert (
        rehearsal.do("take") == "take what? sensor-open left a, sensor-offset right b -6.5, supply-sagging 9"
    )
    assert rehearsal.do("clear") == "all faults are out"
    assert rehearsal.do("take") == "take what? nothing is in"


def test_pins_and_inputs_are_places_and_no_amounts(rehearsal: Rehearsal) -> None:
    assert rehearsal.do("put pins-swapped 17 16") == "in: pins-swapped 16 17"
    assert rehearsal.do("put input-loose 4") == "in: input-loose 4"
    assert rehearsal.do("take pins-swapped 16 17") == "out: pins-swapped 16 17"
    assert "on any two of 12, 13, 16" in rehearsal.do("faults pins-swapped")
    assert len(rehearsal.do("faults pins-swapped").splitlines()) == 2


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("dance", "there is no command 'dance'; type help"),
        ("put", "put what?"),
        ("put mood", "there is no fault named 'mood'; there are: sensor-open"),
        ("put bag-leak", "has to be on one of: foot, ankle, calf, heel"),
        ("put bag-leak foot 9000", "it can be 0.1 to 500 mL/s"),
        ("put bag-leak foot inf", '"amount" is a number'),
        ("put bag-leak foot nan", '"amount" is a number'),
        ("take pump-dead", "pump-dead is not in"),
        ("faults mood", "there is no fault named 'mood'"),
    ],
)
def test_what_makes_no_sense_is_answered_in_words(rehearsal: Rehearsal, line: str, words: str) -> None:
    assert words in rehearsal.do(line)


def test_help_and_what_there_is(rehearsal: Rehearsal) -> None:
    assert rehearsal.do("") == ""
    assert "put bag-leak calf 30" in rehearsal.do("help")
    assert "valve-stuck-shut" in rehearsal.do("faults")
    assert rehearsal.do("faults bag-leak").splitlines() == [
        "bag-leak: loses this much more air at 60 mmHg",
        "  on foot, ankle, calf, heel",
        "  amount 0.1 to 500 mL/s, usually 20",
    ]


@pytest.mark.parametrize(
    ("line", "completed"),
    [
        ("p", "put "),
        ("put valve-", "put valve-stuck-"),
        ("put valves", "put valves-swapped "),
        ("put valve-stuck-open c", "put valve-stuck-open calf "),
        ("put sensor-open l", "put sensor-open left "),
        ("put sensor-open left ", "put sensor-open left "),
        ("put pump-dead ", "put pump-dead "),
        ("xyz", "xyz"),
        ("put mood x", "put mood x"),
    ],
)
def test_tab_completes_what_is_certain(rehearsal: Rehearsal, line: str, completed: str) -> None:
    assert rehearsal.complete(line) == completed


def test_a_machine_that_is_gone_is_a_board_error() -> None:
    with virtual_daemon() as daemon, daemon.watch() as watch:
        rehearsal = Rehearsal(watch)
        daemon.process.kill()
        daemon.process.wait()
        with pytest.raises(BoardError, match="went away"):
            rehearsal.do("clear")
