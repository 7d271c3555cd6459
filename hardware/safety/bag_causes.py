"""Why an air bag does not fill: what may explain each cycle that went wrong, until one thing explains all.

A bag cannot be told from what it does alone: air that presses on nothing may have gone into a bag without a
foot, into the room, or into a foot whose bag has a sensor that lies. So each cycle names all that explains
it, the other bags on the same pump and feet say whether it is their trouble, too, and what is left after some
cycles in a row is said. Where that is more than one thing, and none of them a foot, nothing is.
"""

from __future__ import annotations

from typing import Literal

from hardware.message import Count, Declared, Message, Part, says


@says("It leaks.")
def it_leaks() -> None: ...


@says("No foot seems to be in it.")
def no_foot_in_it() -> None: ...


@says("No air arrives: hose, valve or pump.")
def no_air_arrives() -> None: ...


@says("Little air arrives: hose, valve or pump.")
def little_air_arrives() -> None: ...


@says("Its sensor seems to read too little.")
def its_sensor_reads_too_little() -> None: ...


@says("No foot seems to be in it, or its hose, its valve, its sensor or the pump fails.")
def not_sure_why() -> None: ...


@says(
    "{bag}: failed to fill {count} time. {cause}",
    many="{bag}: failed to fill {count} times. {cause}",
)
def bag_did_not_fill(bag: Part, count: Count, cause: Message) -> None: ...


@says(
    "{bag}: had to be topped up again and again in {count} cycle. {cause}",
    many="{bag}: had to be topped up again and again in {count} cycles. {cause}",
)
def bag_filled_again_and_again(bag: Part, count: Count, cause: Message) -> None: ...


@says(
    "{bag}: needed far more air than before in {count} cycle. {cause}",
    many="{bag}: needed far more air than before in {count} cycles. {cause}",
)
def bag_needed_more_air(bag: Part, count: Count, cause: Message) -> None: ...


Cause = Literal["leak", "no-foot", "no-air", "sensor"]
Causes = frozenset[Cause]

ANY: Causes = frozenset(("leak", "no-foot", "no-air", "sensor"))
OWN: Causes = frozenset(("leak", "no-air", "sensor"))
"""What one bag has alone: in the feet that another one squeezes as ever there is this one, too."""
SHARED: Causes = frozenset(("no-foot", "no-air"))
"""What all bags have at once."""
SAID: dict[Cause, Declared[[]]] = {
    "leak": it_leaks,
    "no-foot": no_foot_in_it,
    "no-air": little_air_arrives,
    "sensor": its_sensor_reads_too_little,
}
TIMES = 3

# A foot out: slack x1.5, rise x2.3; both: x2 and x3.6. A pump of 0.4 of its flow: x2.5 and x2.8.
MORE_SLACK = 1.25
MORE_RISE = 1.5
RISE_OVER_SLACK = 1.3
MOST_SLACK = 2.1
MOST_RISE = 5.0
"""More than any bag takes without feet: then it is the air that comes slowly."""


def no_foot(slack: float | None, rise: float | None) -> bool:
    """Far more air than in earlier fills (so many times as much until it was felt, and a mmHg after that),
    and more past the slack than a weak pump makes."""
    if slack is None or rise is None:
        return False
    return (
        MORE_SLACK <= slack <= MOST_SLACK
        and MORE_RISE <= rise <= MOST_RISE
        and rise >= slack * RISE_OVER_SLACK
    )


def too_little(slack: float | None, rise: float | None, *, slows: bool, leaks: bool) -> Causes:
    """What explains that a bag was felt, had all its air and is not full.

    ``slack`` and ``rise`` as in :func:`no_foot`; ``slows``: it gained less and less; ``leaks``: what it held
    it lost.
    """
    if leaks:
        return frozenset(("leak",))
    if slack is None or rise is None:
        return ANY
    if slack >= MORE_SLACK:
        return frozenset(("no-foot",)) if no_foot(slack, rise) else ANY - {"sensor"}
    return frozenset(("leak" if slows else "sensor", "no-foot"))  # a foot may have gone since


class Trouble:
    """The cycles in a row that went wrong with one bag."""

    def __init__(self) -> None:
        self._cycles: list[tuple[Causes, bool | None, bool, bool]] = []
        """What may explain each, whether it is this bag's own, whether it was felt in it, and whether it was
        full all the same."""
        self.left: Causes = frozenset()
        """What explains all of the last few."""
        self.since_s = self.well_s = 0.0
        """Since the end of the first of them, and of the last cycle in which all was well."""

    def __len__(self) -> int:
        return len(self._cycles)

    def clear(self) -> None:
        self._cycles.clear()
        self.left = frozenset()
        self.well_s = 0.0

    def note(self, causes: Causes, own: bool | None, *, felt: bool, full: bool) -> None:
        """One more. ``own``: the others were well since the first; False: they have it, too."""
        if not self._cycles:
            self.since_s = 0.0
        self._cycles.append((causes, own, felt, full))
        last = self._cycles[-TIMES:]
        said = {own for _, own, _, _ in last if own is not None}
        self.left = ANY if len(said) != 1 else OWN if True in said else SHARED
        for causes, _, _, _ in last:
            self.left &= causes

    @property
    def last(self) -> Causes:
        """What may explain the last cycle; empty where none went wrong."""
        return self._cycles[-1][0] if self._cycles else frozenset()

    def words(self, bag: Part) -> Message | None:
        """What is the matter with ``bag``; None while that is not known."""
        if len(self) < TIMES:
            return None
        last, left = self._cycles[-TIMES:], self.left
        felt = any(felt for _, _, felt, _ in last)
        if "no-foot" in left:
            why = SAID["no-foot"] if len(left) == 1 else not_sure_why
        elif not felt:
            why = no_air_arrives
        elif "leak" in left and "sensor" not in left:
            why = SAID["leak"]  # the pump is sound where another bag is
        elif len(left) == 1:
            why = SAID[next(iter(left))]
        else:
            return None
        if not all(full for _, _, _, full in last):
            did = bag_did_not_fill
        else:
            did = bag_filled_again_and_again if why is it_leaks else bag_needed_more_air
        return did(bag, Count(len(self)), why())
