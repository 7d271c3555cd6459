"""Back to this version from a later one: nothing is lost; what is in doubt counts as not answered."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from app.household.people import People, Person, Preferred, _File, not_all_shown
from app.household.pin import Pin
from app.household.preferences import preferences
from app.household.screening import QUESTION_SET, new_questions
from app.tolerant import carried, understood
from hardware.errors import InstepError
from hardware.messages import Start
from hardware.safety.locks import answer_first

TODAY = date(2026, 11, 19)
BOTH = {"p-1", "p-2"}

LATER: dict[str, Any] = {
    "version": 7,
    "people": [
        {
            "id": "p-1",
            "name": "Anna",
            "colour": "magenta",
            "answered": "2026-11-18",
            "questions": QUESTION_SET,
            "yes": ["feeling", "sleepless"],
            "locks": [{"zone": "toes"}],
            "ticklish": "left",
            "voice": {"pitch": 3, "of": ["a", "b"]},
            "preferred": {
                "relax": {"minutes": 15, "intensity": 4, "heat_c": "cosy", "feet": "toes", "scent": "pine"},
                "dawn": {"minutes": 90, "intensity": "more"},
            },
        },
        {"id": 12, "name": {"first": "Jo"}},
        {
            "id": "p-2",
            "name": 5,
            "answered": {"on": "2026-11-18"},
            "new_on": {"on": "2026-11-19", "what": "x"},
        },
        "everybody else",
    ],
    "guest_new_on": ["2026-11-19T08:00:00Z"],
    "rooms": [1, 2.5, None, 12345678901234567890123],
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "people.json"
    path.write_text(json.dumps(LATER))
    return path


def start(person: str | None) -> Start:
    return Start(program="relax", minutes=10, intensity=2, person=person, answers=None if person else ())


def test_what_a_later_version_wrote_of_people_is_all_there_after_a_change(path: Path) -> None:
    people = People(path)
    assert [(each.id, each.name) for each in people.all] == [("p-1", "Anna"), ("p-2", "?")]
    assert people.problem == not_all_shown()
    anna = people.get("p-1")
    assert anna is not None
    assert (anna.colour, anna.ticklish, anna.preferred) == (
        "violet",
        True,
        {"relax": Preferred(minutes=15, intensity=4)},
    )
    people.change(replace(anna, colour="teal"))
    wanted = json.loads(json.dumps(LATER))
    wanted["people"][0]["colour"] = "teal"
    wanted["people"] = [wanted["people"][at] for at in (0, 2, 1, 3)]
    stood = json.loads(path.read_text())
    assert {key: stood[key] for key in wanted} == wanted
    assert not list(path.parent.glob("*damaged*"))


def test_one_more_session_changes_what_it_was_and_leaves_the_rest_of_it(path: Path) -> None:
    people = People(path)
    anna = people.get("p-1")
    assert anna is not None
    settings_now = Preferred(minutes=10, intensity=4, heat_c=38.0)
    people.change(replace(anna, preferred={**anna.preferred, "relax": settings_now}))
    (found, *_rest) = json.loads(path.read_text())["people"]
    of_relax = {"minutes": 10, "intensity": 4, "heat_c": 38.0, "feet": "toes", "scent": "pine"}
    assert found["preferred"] == {"relax": of_relax, "dawn": {"minutes": 90, "intensity": "more"}}


def test_who_is_added_or_removed_takes_nothing_else_along(path: Path) -> None:
    people = People(path)
    people.remove("p-1")
    kim = people.add("Kim")
    stood = json.loads(path.read_text())["people"]
    assert stood == [LATER["people"][2], {"id": kim.id, "name": "Kim", "colour": kim.colour}] + [
        LATER["people"][at] for at in (1, 3)
    ]


def test_health_that_is_not_understood_is_asked_again_once_and_kept(path: Path) -> None:
    people = People(path)
    for id_, why in (
        ("p-1", new_questions()),
        ("p-2", answer_first()),
    ):
        assert people.locks_for(start(id_), TODAY, BOTH).refuse == why
    anna = people.get("p-1")
    assert anna is not None
    people.change(anna.with_answers(["veins"], TODAY))
    for again in (people, People(path)):
        held = again.locks_for(start("p-1"), TODAY, BOTH)
        assert (held.refuse, held.left_out) == (None, {"calf"})
    found = json.loads(path.read_text())["people"][0]
    assert found["yes"] == ["veins", "sleepless"]
    assert found["locks"] == LATER["people"][0]["locks"]
    text = json.loads(path.read_text())
    text["people"][0]["yes"].append("one more")
    path.write_text(json.dumps(text))
    assert People(path).locks_for(start("p-1"), TODAY, BOTH).refuse == new_questions()


def test_what_is_new_today_is_found_however_it_is_worded(path: Path) -> None:
    people = People(path)
    assert people.new_today("p-2", TODAY)
    assert people.new_today(None, TODAY)
    assert not people.new_today(None, date(2026, 11, 20))


def test_people_in_another_form_altogether_are_not_written_over(path: Path) -> None:
    later = {"version": 9, "people": {"p-1": {"name": "Anna"}}}
    path.write_text(json.dumps(later))
    people = People(path)
    assert (people.all, people.problem) == ((), not_all_shown())
    with pytest.raises(InstepError, match="later version"):
        people.add("Kim")
    people.tell_new(None, TODAY)
    stood = json.loads(path.read_text())
    assert {**stood, "guest_new_boot": ""} == {**later, "guest_new_on": "2026-11-19", "guest_new_boot": ""}


def test_preferences_of_a_later_version_stay_until_that_very_one_is_changed(tmp_path: Path) -> None:
    path = tmp_path / "preferences.json"
    later = {
        "version": 3,
        "language": "it",
        "look": ["dusk"],
        "brightness": "70",
        "sounds": False,
        "font": {"of": 1},
    }
    path.write_text(json.dumps(later))
    kept = preferences(path)
    assert (kept.value.language, kept.value.look, kept.value.brightness, kept.value.sounds) == (
        "en",
        "dark",
        80,
        False,
    )
    kept.save(replace(kept.value, large_text=True))
    stood = json.loads(path.read_text())
    assert {key: stood[key] for key in later} == later
    kept.save(replace(kept.value, language="de"))
    again = preferences(path)
    assert (again.value.language, again.value.large_text, again.problem) == ("de", True, None)
    assert json.loads(path.read_text()) == {**stood, "language": "de"}


@pytest.mark.parametrize("digest", [{"kdf": "new"}, 5, "argon2$1$2"])
def test_a_pin_that_cannot_be_compared_here_opens_nothing_and_stays(tmp_path: Path, digest: object) -> None:
    path = tmp_path / "pin.json"
    later = {"version": 2, "salt": "not hex", "digest": digest, "wrong": "none", "of": "settings"}
    path.write_text(json.dumps(later))
    now = 0.0
    pin = Pin(path, lambda: now)
    assert pin.is_set
    assert pin.wait_s > 0
    now = 1e6
    assert not pin.opens("1234")
    assert json.loads(path.read_text()) == {**later, "wrong": 4}
    pin.set("1234")
    assert pin.opens("1234")
    assert json.loads(path.read_text())["of"] == "settings"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=3), inside, max_size=3),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(JSON, st.dictionaries(st.sampled_from(["a", "b"]), JSON, max_size=2), st.integers())
def test_nothing_moves_but_what_was_changed(raw: Any, known: dict[str, Any], new: int) -> None:
    assert carried(raw, known, known) == raw
    stood = {"foreign": raw, **known, "mine": 1}
    assert carried(stood, {**known, "mine": 1}, {**known, "mine": new}) == {**stood, "mine": new}


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(["version", "people", "guest_new_on", "x"]), JSON))
def test_whatever_stands_there_is_read_without_an_error(raw: dict[str, Any]) -> None:
    assert isinstance(understood(raw, _File), _File)
    somebody = understood({"people": [{"id": "p-1", **raw, "yes": raw}]}, _File)
    assert all(isinstance(each, Person) for each in somebody.people)


def test_a_number_too_large_for_us_costs_nobody_anything_and_stays(path: Path) -> None:
    path.write_text('{"people": [{"id": "p-1", "name": "Anna", "z": -1e400}], "q": 1e400, "w": 0.5}')
    people = People(path)
    assert people.problem is None
    people.add("Jo")
    written = path.read_text()
    assert '"z": -1e400' in written
    assert '"q": 1e400' in written
    assert [person.name for person in People(path).all] == ["Anna", "Jo"]


@pytest.mark.parametrize("people", ["c2VjcmV0", 5])
def test_people_that_are_no_list_of_objects_are_not_written_over(path: Path, people: object) -> None:
    path.write_text(json.dumps({"people": people}))
    with pytest.raises(InstepError, match="another form"):
        People(path).add("Jo")
    assert json.loads(path.read_text()) == {"people": people}


def test_who_stands_there_twice_is_asked_again(path: Path) -> None:
    one = {"id": "p-1", "name": "Anna", "answered": TODAY.isoformat(), "questions": QUESTION_SET}
    other = {**one, "name": "Ben", "yes": ["feeling"]}
    path.write_text(json.dumps({"people": [one, other]}))
    people = People(path)
    (anna,) = people.all
    assert not anna.screened(TODAY)
    people.change(anna.with_answers([], TODAY))
    assert People(path).all[0].screened(TODAY)
    assert json.loads(path.read_text())["people"][1] == other


@pytest.mark.parametrize(
    "stands", [{"digest": "é", "salt": "aa"}, {"digest": "aa", "salt": "bb", "wrong": 9**99}]
)
def test_no_pin_that_stands_there_makes_asking_for_it_fail(tmp_path: Path, stands: dict[str, Any]) -> None:
    (tmp_path / "pin.json").write_text(json.dumps(stands))
    pin = Pin(tmp_path / "pin.json")
    assert pin.is_set
    assert not pin.opens("1234")
