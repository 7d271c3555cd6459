"""The people of a household: names, colours, bounds; what is wrong is said in words."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from app.household.household import Household
from app.household.people import COLOURS, MOST_PEOPLE, UNKNOWN, People, Preferred
from app.household.screening import AGAIN_DAYS, NOT_SCREENED
from app.places import Places
from hardware.errors import InstepError
from hardware.safety.locks import NO_LOCKS

TODAY = date(2026, 11, 19)


@pytest.fixture
def people(tmp_path: Path) -> People:
    return People(tmp_path / "people.json")


def test_everybody_has_an_id_of_their_own_and_a_colour_nobody_has_yet(people: People) -> None:
    for number in range(len(COLOURS)):
        people.add(f"Number {number}")
    assert [person.colour for person in people.all] == list(COLOURS)
    assert len({person.id for person in people.all}) == len(COLOURS)
    assert people.add("One more").colour == COLOURS[0]


@pytest.mark.parametrize(
    ("name", "words"),
    [("", "at least one"), ("   ", "at least one"), ("x" * 21, "at most 20"), ("aNNa", "There is a aNNa")],
)
def test_a_name_that_will_not_do_is_refused_and_nobody_is_added(
    people: People, name: str, words: str
) -> None:
    people.add("Anna")
    with pytest.raises(InstepError, match=words):
        people.add(name)
    assert [person.name for person in people.all] == ["Anna"]


def test_a_name_is_tidied_and_may_be_in_any_script(people: People) -> None:
    assert people.add("  Олена   Ґудзь ").name == "Олена Ґудзь"
    assert people.add("Björn-Łukasz").name == "Björn-Łukasz"


def test_there_is_room_for_so_many(people: People) -> None:
    for number in range(MOST_PEOPLE):
        people.add(f"Number {number}")
    with pytest.raises(InstepError, match="room for 24"):
        people.add("One more")


def test_somebody_may_keep_their_own_name_but_not_take_anothers(people: People) -> None:
    anna, jo = people.add("Anna"), people.add("Jo")
    people.change(replace(anna, name="ANNA", ticklish=True))
    assert people.get(anna.id) == replace(anna, name="ANNA", ticklish=True)
    with pytest.raises(InstepError, match="There is a anna already"):
        people.change(replace(jo, name="anna"))
    assert people.get(jo.id) == jo


def test_who_is_gone_cannot_be_changed_and_leaving_twice_is_leaving_once(people: People) -> None:
    anna = people.add("Anna")
    people.remove(anna.id)
    people.remove(anna.id)
    assert people.all == ()
    with pytest.raises(InstepError, match="not known"):
        people.change(anna)


def test_settings_of_a_program_out_of_bounds_are_not_kept(people: People) -> None:
    anna = people.add("Anna")
    with pytest.raises(InstepError):
        people.change(replace(anna, preferred={"relax": Preferred(minutes=90, intensity=5)}))
    assert people.get(anna.id) == anna


def test_the_controller_sees_what_the_screen_wrote(tmp_path: Path) -> None:
    screen, controller = (People(tmp_path / "people.json") for _ in range(2))
    anna = screen.add("Anna")
    assert controller.locks_for(anna.id, TODAY, ()).refuse == UNKNOWN
    assert controller.refresh()
    assert controller.locks_for(anna.id, TODAY, ()).refuse == NOT_SCREENED
    screen.change(replace(anna, answered=TODAY))
    controller.refresh()
    assert controller.locks_for(anna.id, TODAY, ()).refuse == ""


def test_answers_count_for_thirty_days_and_a_clock_that_is_behind_ages_none(people: People) -> None:
    anna = replace(people.add("Anna"), answered=TODAY)
    assert anna.screened(TODAY + timedelta(days=AGAIN_DAYS - 1))
    assert not anna.screened(TODAY + timedelta(days=AGAIN_DAYS))
    assert anna.screened(TODAY - timedelta(days=400))


def test_a_first_session_is_short_and_gentle_and_a_guests_is_a_guests(people: People) -> None:
    anna = people.add("Anna")
    people.change(replace(anna, answered=TODAY))
    first = people.locks_for(anna.id, TODAY, had_sessions=())
    assert (first.max_minutes, first.max_intensity) == (10, 4)
    assert people.locks_for(anna.id, TODAY, had_sessions={anna.id}) == NO_LOCKS
    assert people.locks_for(None, TODAY, ()) == NO_LOCKS


def test_a_damaged_file_costs_the_people_and_no_more(tmp_path: Path) -> None:
    path = tmp_path / "people.json"
    People(path).add("Anna")
    path.write_text(path.read_text()[:-20])
    found = People(path)
    assert found.all == ()
    assert "could not be understood" in found.problem
    assert found.locks_for("anna", TODAY, ()).refuse == UNKNOWN
    found.add("Jo")


def test_who_was_removed_sits_here_no_more(tmp_path: Path) -> None:
    household = Household(Places(tmp_path))
    anna = household.people.add("Anna")
    household.sit(anna.id)
    assert household.who == anna
    household.people.remove(anna.id)
    assert household.who is None
