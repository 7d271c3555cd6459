"""What a part of the house has to say to a person: a code and values, put into words by whoever shows it.

A message is declared once, where it is said, as a function with typed parameters and its English text::

    @says("{bag}: it still holds {now} {after} after its valve was opened.")
    def bag_still_full(bag: Part, now: Pressure, after: Duration) -> None: ...

    bag_still_full(Part("bag.calf"), Pressure(23.0), Duration(6.0))   # Message("bag-still-full", …)

Nobody decides by the English text. It goes along as the catalogue's key, and so that a reader which does not
know the code, as one of another version, still has something to show.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Generic, ParamSpec, assert_never, get_args

import msgspec
from msgspec import Struct

_Said = ParamSpec("_Said")
PLACE = re.compile(r"\{(\w+)\}")
"""Where a value goes."""


class _Value(Struct, frozen=True, tag_field="is", omit_defaults=True):
    pass


class Part(_Value, frozen=True, tag="part"):
    """An output or an input of the machine, by its key: ``bag.calf``, ``pad.left``, ``knead.arch.left``."""

    key: str


class Place(_Value, frozen=True, tag="place"):
    """A zone of the foot or leg."""

    zone: str


class Does(_Value, frozen=True, tag="does"):
    """A kind: what the machine does to a foot."""

    kind: str


class Temperature(_Value, frozen=True, tag="temperature"):
    c: float
    decimals: int = 1


class TemperatureDifference(_Value, frozen=True, tag="temperature-difference"):
    """3 °C more are 5.4 °F more."""

    c: float
    decimals: int = 1


class Pressure(_Value, frozen=True, tag="pressure"):
    mmhg: float


class Count(_Value, frozen=True, tag="count"):
    """A whole number. Called ``count`` it decides between singular and plural."""

    n: int


class Duration(_Value, frozen=True, tag="duration"):
    """Shown in seconds up to a minute and a half, else in minutes."""

    s: float


class Percent(_Value, frozen=True, tag="percent"):
    share: float
    """Of 1."""


class Named(_Value, frozen=True, tag="named"):
    """A name that somebody gave: a file's, a person's, a command's. Shown as it is."""

    name: str


class Title(_Value, frozen=True, tag="title"):
    """A program's title; those of shipped programs are translated."""

    title: str


class Foreign(_Value, frozen=True, tag="foreign"):
    """An operating system's or a parser's words. Shown as they are, unless ``errno`` says which they are."""

    words: str
    errno: int = 0


class Unknown(_Value, frozen=True, tag="unknown"):
    """A kind of value that this version does not know; ``shown`` is what it came as."""

    shown: str


class Message(Struct, frozen=True, tag_field="is", tag="message", omit_defaults=True):
    """A code, its declared English, and the values to be filled in; a message may be a value of another."""

    code: str
    text: str
    many: str = ""
    """The text for other counts than one, where that makes a difference."""
    values: dict[str, Any] = {}
    """:data:`Value` by name."""

    def __post_init__(self) -> None:
        # What comes from a file or a socket: no decoding fails for a value that is not known here.
        for name, value in self.values.items():
            if not isinstance(value, _KINDS):
                self.values[name] = _known(value)

    def value(self, name: str) -> Value | None:
        found: Value | None = self.values.get(name)
        return found

    @property
    def parts(self) -> tuple[str, ...]:
        """Keys of the parts that it is about, the first of them first."""
        return tuple(value.key for value in self.values.values() if isinstance(value, Part))

    @property
    def part(self) -> str:
        """The key of the part that it is about; empty: none."""
        return next(iter(self.parts), "")

    def __str__(self) -> str:
        return render(self)


Value = (
    Part
    | Place
    | Does
    | Temperature
    | TemperatureDifference
    | Pressure
    | Count
    | Duration
    | Percent
    | Named
    | Title
    | Foreign
    | Unknown
    | Message
)
_KINDS: tuple[type, ...] = get_args(Value)


Words = Message | str
"""A message; words as they are where an earlier version has written them."""


def _known(raw: object) -> Value:
    try:
        value: Value = msgspec.convert(raw, Value)
    except msgspec.ValidationError:
        return Unknown(_shown(raw))
    return value


def _shown(raw: object) -> str:
    """As much of a value as can be shown plainly."""
    if isinstance(raw, dict):
        return ", ".join(str(value) for name, value in raw.items() if name != "is")
    return str(raw)


# --- declaring ---------------------------------------------------------------------------------------


class Declared(Generic[_Said]):
    """A declared message: called with its values it makes one."""

    def __init__(self, code: str, text: str, many: str, names: tuple[str, ...]) -> None:
        self.code, self.text, self.many, self.names = code, text, many, names

    def __call__(self, *args: _Said.args, **kwargs: _Said.kwargs) -> Message:
        return Message(
            self.code, self.text, self.many, {**dict(zip(self.names, args, strict=False)), **kwargs}
        )

    def made(self, message: Message | None) -> bool:
        """Whether it is one of these."""
        return message is not None and message.code == self.code


def says(text: str, many: str = "") -> Callable[[Callable[_Said, None]], Declared[_Said]]:
    """Declare a message. Its code is the function's name, its values are the arguments.

    ``many`` is the text for counts other than one; it goes by the parameter called ``count``.
    """

    def declare(declared: Callable[_Said, None]) -> Declared[_Said]:
        names = declared.__code__.co_varnames[: declared.__code__.co_argcount]
        return Declared(declared.__name__.strip("_").replace("_", "-"), text, many, names)

    return declare


@says("{words}")
def verbatim(words: Foreign) -> None:
    """Words that somebody else has chosen, and that no catalogue knows."""


@says("{first} {second}")
def _both(first: Message, second: Message) -> None: ...


def joined(*said: Message | None) -> Message | None:
    """Messages one after the other, each a whole sentence; what is said twice is said once."""
    found: Message | None = None
    for number, message in enumerate(said):
        if message is not None and message not in said[:number]:
            found = message if found is None else _both(found, message)
    return found


def as_message(words: Words | None) -> Message | None:
    """What an earlier version kept as words stays as it was; empty words say nothing."""
    if isinstance(words, str):
        return verbatim(Foreign(words)) if words else None
    return words


def foreign(error: Exception) -> Foreign:
    """What an operating system, a database or a parser says of ``error``."""
    if isinstance(error, OSError) and error.errno:
        return Foreign(error.strerror or str(error), error.errno)
    return Foreign(str(error))


# --- putting into words ------------------------------------------------------------------------------

MOTORS = {"knead": "kneader", "roll": "roller", "vibrate": "vibration motor"}


class Speech:
    """How one reader is spoken to: this one in English and °C. Others override what differs."""

    decimal = "."
    fahrenheit = False

    def text(self, message: Message) -> str:
        """The message's text with its places still open."""
        count = message.values.get("count")
        return message.many if message.many and isinstance(count, Count) and count.n != 1 else message.text

    def part(self, key: str) -> str:
        """A part's name as it stands alone."""
        family, *where = key.split(".")
        side = next((word for word in where if word in ("left", "right")), "")
        zone = next((word for word in where if word not in ("left", "right", "a", "b")), "")
        name = " ".join(word for word in (side, zone, MOTORS.get(family, family)) if word).capitalize()
        sensor = where[-1] if where and where[-1] in ("a", "b") else ""
        return f"{name}, sensor {sensor.upper()}" if sensor else name

    def zone(self, zone: str) -> str:
        return zone

    def kind(self, kind: str) -> str:
        return kind

    def title(self, title: str) -> str:
        return title

    def foreign(self, words: str, errno: int) -> str:
        return words

    def number(self, value: float, decimals: int = 0) -> str:
        return f"{value:.{decimals}f}".replace(".", self.decimal)

    def degrees(self, shown: float, decimals: int) -> str:
        return f"{self.number(shown, decimals)} {'°F' if self.fahrenheit else '°C'}"

    def pressure(self, mmhg: float) -> str:
        return f"{self.number(mmhg)} mmHg"

    def percent(self, share: float) -> str:
        return f"{self.number(share * 100.0)} %"

    def seconds(self, s: float) -> str:
        return f"{self.number(s)} s"

    def minutes(self, minutes: float) -> str:
        return f"{self.number(minutes)} min"


ENGLISH = Speech()


def render(message: Message, speech: Speech = ENGLISH) -> str:
    """The message in words. Never fails: a place without its value stays as it is."""

    def fill(place: re.Match[str]) -> str:
        value = message.value(place[1])
        return place[0] if value is None else _render(value, speech)

    return PLACE.sub(fill, speech.text(message))


def _render(value: Value, speech: Speech) -> str:
    match value:
        case Part(key):
            return speech.part(key)
        case Place(zone):
            return speech.zone(zone)
        case Does(kind):
            return speech.kind(kind)
        case Temperature(c, decimals):
            return speech.degrees(c * 1.8 + 32.0 if speech.fahrenheit else c, decimals)
        case TemperatureDifference(c, decimals):
            return speech.degrees(c * 1.8 if speech.fahrenheit else c, decimals)
        case Pressure(mmhg):
            return speech.pressure(mmhg)
        case Count(n):
            return speech.number(n)
        case Duration(s):
            return speech.seconds(s) if s <= 90.0 else speech.minutes(s / 60.0)
        case Percent(share):
            return speech.percent(share)
        case Named(name):
            return name
        case Title(title):
            return speech.title(title)
        case Foreign(words, errno):
            return speech.foreign(words, errno)
        case Unknown(shown):
            return shown
        case Message():
            return render(value, speech)
        case _:
            assert_never(value)
