"""Messages: declared once, carried as codes and values, and shown whatever comes."""

from __future__ import annotations

import errno

import msgspec
import pytest

from hardware.message import (
    Count,
    Duration,
    Foreign,
    Message,
    Named,
    Part,
    Pressure,
    Speech,
    Temperature,
    TemperatureDifference,
    Unknown,
    as_message,
    foreign,
    joined,
    render,
    says,
)


@says("{bag}: still reads {now} {after} after its valve opened.")
def still_full(bag: Part, now: Pressure, after: Duration) -> None: ...


@says("{who} has {count} session.", many="{who} has {count} sessions.")
def has_sessions(who: Named, count: Count) -> None: ...


@says("It is not kept: {why}")
def is_not_kept(why: Message | Foreign) -> None: ...


FULL = still_full(Part("bag.calf"), Pressure(23.4), after=Duration(6.0))


def there_and_back(message: Message) -> Message:
    return msgspec.json.decode(msgspec.json.encode(message), type=Message)


def test_its_name_is_the_code_and_its_arguments_are_the_values() -> None:
    assert (FULL.code, FULL.part) == ("still-full", "bag.calf")
    assert str(FULL) == "Calf bag: still reads 23 mmHg 6 s after its valve opened."
    assert still_full.made(FULL)
    assert not still_full.made(None)


@pytest.mark.parametrize(("n", "words"), [(1, "Zoë has 1 session."), (0, "Zoë has 0 sessions.")])
def test_a_count_decides_between_singular_and_plural(n: int, words: str) -> None:
    assert str(has_sessions(Named("Zoë"), Count(n))) == words


def test_it_comes_back_from_the_wire_as_it_went_with_another_inside() -> None:
    whole = is_not_kept(FULL)
    assert there_and_back(whole) == whole
    assert str(there_and_back(whole)).endswith("after its valve opened.")


def test_what_this_version_does_not_know_is_shown_plainly() -> None:
    text = b'{"is":"message","code":"sings","text":"{horn} sings {note} at {c}.","tempo":9,"values":'
    values = b'{"horn":{"is":"part","key":"horn.left","new":1},"note":{"is":"note","name":"C#"},"c":[1,2]}}'
    message = msgspec.json.decode(text + values, type=Message)
    assert message.value("note") == Unknown("C#")
    assert str(message) == "Left horn sings C# at [1, 2]."


def test_a_place_without_its_value_stays_as_it_is_and_nothing_else_is_filled() -> None:
    assert str(Message("x", "{a} {b.code} {0}", values={"a": Named("{b}")})) == "{b} {b.code} {0}"


def test_temperatures_follow_the_reader_and_differences_have_no_zero() -> None:
    class American(Speech):
        fahrenheit = True

    hot = Message("x", "{a}, {b} more", values={"a": Temperature(43.0), "b": TemperatureDifference(3.0, 1)})
    assert render(hot) == "43.0 °C, 3.0 °C more"
    assert render(hot, American()) == "109.4 °F, 5.4 °F more"


def test_an_operating_systems_words_go_with_their_number() -> None:
    assert foreign(OSError(errno.ENOSPC, "No space left on device")) == Foreign(
        "No space left on device", errno.ENOSPC
    )
    assert foreign(ValueError("odd")) == Foreign("odd")


def test_what_is_said_twice_is_said_once() -> None:
    once = has_sessions(Named("Jo"), Count(1))
    assert joined(None, once, once) == once
    assert str(joined(FULL, None, once)) == f"{FULL} {once}"
    assert joined() is None


def test_words_of_an_earlier_version_stay_words() -> None:
    assert str(as_message("The left pad reads 44.2 °C.")) == "The left pad reads 44.2 °C."
    assert as_message("") is None
    assert as_message(FULL) is FULL
