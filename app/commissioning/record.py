"""What commissioning found, as it is kept: whole or not at all, and only for the wiring it was found on."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct

from app.commissioning.numbered import in_keys
from app.files import write_whole
from app.places import Places
from app.tolerant import understood
from app.version import our_version
from app.virtual import virtual_there
from hardware.errors import InstepError
from hardware.machine import Machine
from hardware.message import Foreign, Named, Words, foreign, says
from hardware.plainfile import TooLargeError, read_regular, without_mark
from hardware.words import Side


@says("Something is wrong that this version has no words for.")
def finding_unknown() -> None: ...


@says("{file} cannot be read: {why}")
def record_unreadable(file: Named, why: Foreign) -> None: ...


@says("{file} is too long to be a record: commission the machine anew")
def record_too_long(file: Named) -> None: ...


@says("{file} is damaged ({why}): commission the machine anew")
def record_damaged(file: Named, why: Foreign) -> None: ...


@says("The result could not be kept in {file}: {why}")
def record_not_kept(file: Named, why: Foreign) -> None: ...


Answer = Literal["yes", "no", "other", "skipped"]
StopSeen = Literal["", "read", "unread", "skipped"]
RailSeen = Literal["", "dark", "lit", "held", "skipped"]
"""Of the rail's lamp: dark when the emergency stop is pressed and when it is let go; lit while it is pressed;
lit as soon as it is let go."""
Standing = Literal["done", "never", "outdated", "unfinished", "unreadable"]

MAX_BYTES = 256 * 1024


class Seen(Struct, frozen=True, kw_only=True):
    """One output that was driven, and what a person saw."""

    output: str
    """Its key."""
    name: str
    pin: int
    answer: Answer
    moved: str = ""
    """The key of what moved instead, where something else did."""
    rose: tuple[str, ...] = ()
    """Of a valve: the key of the one whose bag's sensor felt the air; of a pad: keys of the inputs that felt
    its warmth, as far as they were cold before."""


class Finding(Struct, frozen=True):
    """One thing that is not as it should be. ``app.commissioning.conclude`` puts it into words."""

    code: str
    parts: tuple[str, ...] = ()
    """Keys of the outputs it is about."""
    detail: Words = ""
    inputs: tuple[str, ...] = ()
    """Keys of single inputs it is about."""


class Tuned(Struct, frozen=True, kw_only=True):
    side: Side
    gains: str = ""
    """As they stand in the machine file; empty when it was not tuned."""
    skipped: Words = ""
    """Why it was not."""


class Record(Struct, frozen=True, kw_only=True):
    """``commissioned.json``."""

    version: int = 1
    at: datetime | None = None
    """None: the clock was not known to be right."""
    software: str
    machine: str
    wiring: str
    """Digest of the machine file's pins and inputs; another wiring makes this record outdated."""
    virtual: bool
    """Done on a virtual machine, which says nothing about a real one."""
    stop: StopSeen = ""
    """Empty, as is the next, in records of before it was asked for: they count for what they are."""
    rail: RailSeen = ""
    outputs: tuple[Seen, ...] = ()
    rest: tuple[str, ...] = ()
    """What the sensors showed at rest that they should not."""
    zeroed: bool = False
    self_test: dict[str, Words] = {}
    """What the self-test found wanting of "heat" and "air"."""
    tuned: tuple[Tuned, ...] = ()
    findings: tuple[Finding, ...] = ()
    """What all of it comes to; empty: the machine is as it should be."""

    @classmethod
    def understand(cls, raw: dict[str, Any]) -> dict[str, Any]:
        """A finding that another version words otherwise is one all the same (see ``app.tolerant``)."""
        found = raw.get("findings", [])
        findings = found if isinstance(found, list) else [found]
        unknown = {"code": "unknown", "detail": str(finding_unknown())}
        known = [each if _is_finding(each) else unknown for each in findings]
        return {**raw, "findings": known}


def _is_finding(raw: object) -> bool:
    try:
        understood(raw, Finding)
    except msgspec.ValidationError:
        return False
    return True


def wiring(machine: Machine) -> str:
    """A digest of what is wired where. Names, bounds and gains are no wiring."""
    adc = machine.adc
    parts = {
        "rail": machine.rail.pin,
        "stop": machine.emergency_stop.pin,
        "adc": (adc.chip, adc.port, adc.select),
        "motors": [(motor.kind, motor.zone, motor.side, motor.pin) for motor in machine.motor],
        "pump": machine.pump.pin if machine.pump else None,
        "bags": [(bag.zone, bag.valve_pin, bag.channel) for bag in machine.bag],
        "pads": [(pad.side, pad.pin, pad.channels) for pad in machine.pad],
    }
    return hashlib.sha256(msgspec.json.encode(parts, order="deterministic")).hexdigest()


def read(path: Path, machine: Machine) -> Record | None:
    """The record; None when there is none. Raises InstepError for one that cannot be read.

    One of before outputs had keys is read as of ``machine``.
    """
    try:
        raw = msgspec.json.decode(without_mark(read_regular(path, MAX_BYTES)))
        return understood(in_keys(raw, machine), Record)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InstepError(record_unreadable(Named(str(path)), foreign(error))) from error
    except TooLargeError as error:
        raise InstepError(record_too_long(Named(str(path)))) from error
    except (ValueError, RecursionError) as error:
        raise InstepError(record_damaged(Named(str(path)), foreign(error))) from error


def keep(record: Record, places: Places) -> None:
    """Put it in place of the last one. Raises InstepError."""
    text = msgspec.json.format(msgspec.json.encode(record), indent=2).decode() + "\n"
    try:
        write_whole(places.commissioned, text)
    except OSError as error:
        raise InstepError(record_not_kept(Named(str(places.commissioned)), foreign(error))) from error


def standing(places: Places, machine: Machine, *, virtual: bool) -> Standing:
    """Whether this machine was gone through, as it is wired now."""
    try:
        record = read(places.commissioned, machine)
    except InstepError:
        return "unreadable"
    if record is None or record.virtual != virtual:
        return "never"
    if record.wiring != wiring(machine):
        return "outdated"
    return "unfinished" if record.findings else "done"


def wanted(places: Places, machine: Machine) -> Standing:
    """What a screen is to remind of: "done" on a virtual machine, which nobody need go through."""
    return "done" if virtual_there(places) else standing(places, machine, virtual=False)


def new_record(
    machine: Machine,
    *,
    virtual: bool,
    at: datetime | None,
    stop: StopSeen = "",
    rail: RailSeen = "",
    outputs: tuple[Seen, ...] = (),
    rest: tuple[str, ...] = (),
    zeroed: bool = False,
    self_test: dict[str, Words] | None = None,
    tuned: tuple[Tuned, ...] = (),
    findings: tuple[Finding, ...] = (),
) -> Record:
    """A record of this software on this wiring."""
    return Record(
        at=at,
        software=our_version(),
        machine=machine.name,
        wiring=wiring(machine),
        virtual=virtual,
        stop=stop,
        rail=rail,
        outputs=outputs,
        rest=rest,
        zeroed=zeroed,
        self_test=self_test or {},
        tuned=tuned,
        findings=findings,
    )
