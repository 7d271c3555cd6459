"""Reading what another version wrote, and leaving in the file what this one does not understand.

A setting that cannot be used falls back to its default by itself, and costs nothing around it. What is kept
is what was found, with the changes somebody made since laid over it: nothing else moves.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import msgspec
from msgspec import Struct

from hardware.errors import InstepError
from hardware.message import says

T = TypeVar("T", bound=Struct)

_NOTHING: Any = object()


@says("a later version keeps it in another form; update Instep to change it")
def kept_in_another_form() -> None: ...


class ForeignError(InstepError, ValueError):
    """A later version keeps this in another form: it can be read past, not written into."""


def decoded(text: bytes) -> Any:
    """JSON as lists, dictionaries and values; a number that is too large for us stands as it is written.

    Raises ValueError, RecursionError.
    """
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        import json  # not for the first frame

        found = json.loads(text.decode(), parse_float=_number, parse_constant=_no_number)
        msgspec.json.encode(found)  # what cannot be written again is not carried along
        return found


def _number(written: str) -> float | msgspec.Raw:
    value = float(written)
    return value if isfinite(value) else msgspec.Raw(written.encode())


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number")


def understood(raw: Any, shape: type[T]) -> T:
    """``raw``, decoded JSON, as a ``shape``, as far as it can be.

    What does not fit falls back: a field to its default, an entry of a list or mapping to being left out. A
    shape may have a class method ``understand(raw)`` that returns ``raw`` with what it reads in its own way.
    Raises msgspec.ValidationError when this is no object, or a field without a default cannot be read.
    """
    if not isinstance(raw, dict):
        raise msgspec.ValidationError(f"Expected `object`, got `{type(raw).__name__}`")
    understand = getattr(shape, "understand", None)
    found: Mapping[str, Any] = raw if understand is None else understand(raw)
    values: dict[str, Any] = {}
    for field in msgspec.structs.fields(shape):
        if field.encode_name not in found:
            if field.required:
                raise msgspec.ValidationError(f"the key `{field.encode_name}` is missing")
            continue
        try:
            values[field.name] = _read(found[field.encode_name], field.type)
        except msgspec.ValidationError:
            if field.required:
                raise
    return shape(**values)


def _read(raw: Any, kind: Any) -> Any:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated and not isinstance(raw, list | dict):
        return msgspec.convert(raw, kind)
    if origin is Annotated:
        return _read(raw, arguments[0])
    if origin in (Union, UnionType) and type(None) in arguments and len(arguments) == 2:
        return None if raw is None else _read(raw, next(each for each in arguments if each is not type(None)))
    if origin is tuple and arguments[-1] is Ellipsis and isinstance(raw, list):
        return tuple(read for each in raw if (read := _or_nothing(each, arguments[0])) is not _NOTHING)
    if origin is dict and isinstance(raw, dict):
        return {
            key: read
            for key, each in raw.items()
            if (read := _or_nothing(each, arguments[1])) is not _NOTHING
        }
    if isinstance(kind, type) and issubclass(kind, Struct):
        return understood(raw, kind)
    return msgspec.convert(raw, kind)


def _or_nothing(raw: Any, kind: Any) -> Any:
    try:
        return _read(raw, kind)
    except msgspec.ValidationError:
        return _NOTHING


def carried(raw: Any, read: Any, new: Any) -> Any:
    """What is to stand in the file: ``new``, and all of ``raw`` that nobody has changed.

    ``raw`` is what stands there, ``read`` what was made of it, ``new`` what that is to become; all of them
    plain lists, dictionaries and values. Objects in a list are told apart by their ``id``. A key that begins
    with an underscore is a note of the reader's and never written. Raises ForeignError.
    """
    if new == read:
        return raw
    if isinstance(new, dict) and isinstance(raw, dict):
        return _carried_object(raw, read if isinstance(read, dict) else {}, new)
    if isinstance(new, list) and isinstance(raw, list):
        return _carried_list(raw, read if isinstance(read, list) else [], new)
    if _objects(new) and (_objects(raw) or not isinstance(raw, list | dict | None)):
        raise ForeignError(kept_in_another_form())
    return fresh(new)


def fresh(new: Any) -> Any:
    """The same where nothing stood before."""
    if isinstance(new, dict):
        return {key: fresh(each) for key, each in new.items() if not key.startswith("_")}
    return [fresh(each) for each in new] if isinstance(new, list) else new


def _carried_object(raw: dict[str, Any], read: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, stood in raw.items():
        if key in new:
            found[key] = carried(stood, read.get(key, _NOTHING), new[key])
        elif key not in read:
            found[key] = stood
    return {**found, **fresh({key: each for key, each in new.items() if key not in raw})}


def _carried_list(raw: list[Any], read: list[Any], new: list[Any]) -> list[Any]:
    if not all(isinstance(each, dict) and "id" in each for each in (*read, *new)):
        return [*new, *(each for each in raw if each not in read and each not in new)]
    before = {each["id"]: each for each in reversed(read)}
    stood: dict[Any, Any] = {}
    strange: list[Any] = []
    for each in raw:
        named = each.get("id") if isinstance(each, dict) else None
        if isinstance(named, str) and named in before and named not in stood:
            stood[named] = each
        elif each not in read:
            strange.append(each)
    known = [
        carried(stood[each["id"]], before[each["id"]], each) if each["id"] in stood else fresh(each)
        for each in new
    ]
    return [*known, *strange]


def _objects(value: Any) -> bool:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(isinstance(each, dict) for each in inside)
