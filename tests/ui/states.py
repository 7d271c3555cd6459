"""Everybody, and all that may be written: people in every state, names and titles as long as allowed.

Moments for what has to fit; ``pictures`` draws them, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace as but
from datetime import date, timedelta
from typing import Any

import msgspec
from msgspec.structs import replace
from pictures import Moment
from scenes import NOW, ScriptedHistory, ended, household_of, idle, running

from app.household.people import MOST_PEOPLE, NAME_LETTERS
from app.household.screening import QUESTIONS
from app.sessions.rows import SessionRow, WeekRow
from hardware.messages import PreheatView
from hardware.program import Program
from hardware.safety.faults import FAULTS
from hardware.words import ZONES
from tests.said import fault_view

TODAY = NOW.date()
WIDE, CYRILLIC = "W" * NAME_LETTERS, "Щ" * NAME_LETTERS
LONG = "Maximiliane-Josefine"
assert len(LONG) == NAME_LETTERS
TITLES = ("Feierabendentspannung", "WWWWWWWWWWWW WWWWWWWWWWW", "Щедрий щовечірній догляд")
"""As long as titles may be: of one word, of wide letters, of several words."""
assert max(len(title) for title in TITLES) == 24
GUIDE = "Pull your toes towards your shin, slowly, then push them away as far as you like"
assert len(GUIDE) == 80

SAY_YES: dict[str, tuple[str, ...]] = {
    "refused": ("clot",),
    "feeling": ("feeling",),
    "thinners": ("thinners",),
    "veins": ("veins",),
    "pregnant": ("pregnant",),
    "implant": ("implant",),
    "gentle": ("flare",),
    "everything": tuple(question.id for question in QUESTIONS if question.effect != "refuse"),
}


def everybody() -> dict[str, dict[str, Any]]:
    """What may be so with somebody, by a word for it; each may sit there, and each has a row."""
    return {
        "unanswered": {"answered": None},
        "stale": {"answered": TODAY - timedelta(days=31)},
        "future": {"answered": TODAY + timedelta(days=40)},
        "anew": {"questions": 1},
        "yesterday": {"answered": TODAY - timedelta(days=1)},
        "today": {"answered": TODAY},
        "soon": {"answered": TODAY - timedelta(days=29)},
        "new": {"new_on": TODAY},
        "ticklish": {"ticklish": True},
        **{name: {"yes": yes} for name, yes in SAY_YES.items()},
        "all": {"yes": SAY_YES["everything"], "ticklish": True},
    }


def a_house_of(sits: str, name: str = LONG) -> Callable[[Any], None]:
    """Everybody lives there, and this one sits; each page of the people shows others."""

    def make(household: Any) -> None:
        about = everybody()
        order = [sits, *(key for key in about if key != sits)]
        names = [name if key == sits else f"{LONG[:11]} {number:02d}" for number, key in enumerate(order)]
        household_of(*names)(household)
        kept = household.people._kept
        made = kept.value.people
        said = (replace(person, **{"yes": (), **about[key]}) for person, key in zip(made, order, strict=True))
        kept.save(replace(kept.value, people=tuple(said)))

    return make


def preferring(**likes: Any) -> Callable[[Any], None]:
    def make(household: Any) -> None:
        kept = household.preferences
        kept.save(replace(kept.value, **likes))

    return make


def sore_in(*zones: Any) -> Callable[[Any], None]:
    """It hurt there today."""

    def act(hand: Any) -> None:
        hand.app.sitting.sore = frozenset(zones)
        hand.app.go("home")
        hand.settle(1.0)
        hand.touch("program-relax")
        hand.calm()

    return act


class Years(ScriptedHistory):
    """A hundred thousand sessions, of which only what is asked for is made."""

    COUNT = 100_000

    def __init__(self, **more: Any) -> None:
        super().__init__(count=40, **more)

    def weeks(self, count: int, today: date, person: Any = ...) -> list[WeekRow]:
        return [replace(row, sessions=row.sessions + 97) for row in super().weeks(count, today, person)]

    def rows(self, person: Any = ...) -> list[SessionRow]:
        known = self._of(None, person)[::-1]
        return [known[at % len(known)] for at in range(self.COUNT)]


def written_by(title: str) -> Callable[[dict[str, Program]], dict[str, Program]]:
    """Programs as somebody wrote them, all of them with as much as a file may say."""

    def make(programs: dict[str, Program]) -> dict[str, Program]:
        found = dict(programs)
        for number, base in enumerate(programs.values()):
            values = {key: getattr(base, key) for key in base.__struct_fields__}
            line = f"{title} {title}"[:40]
            values |= {
                "id": f"own-{number}",
                "title": title,
                "line": line,
                "about": " ".join([title] * 20)[:240],
                "advice": " ".join([title] * 20)[:240],
                "minutes": (5, 10, 15, 20, 25, 30),
                "default_minutes": 25,
            }
            found[f"own-{number}"] = Program(**values)
        return found

    return make


def _people() -> Iterator[Moment]:
    for state in everybody():
        house = a_house_of(state)
        yield but(_at_person(state), before=house)
        yield Moment(f"all-ready-{state}", idle(), touches=("program-relax",), before=house)
    yield Moment("all-home", idle(), history={"whose": "anna"}, before=a_house_of("new"))
    yield Moment("all-again", idle(), history={"whose": "anna"}, touches=("again",), before=a_house_of("all"))
    for page in range(1, 4):
        yield Moment(
            f"all-people-{page}", idle(), touches=("who", *page * ("people-on",)), before=a_house_of("new")
        )
    for name in (WIDE, CYRILLIC):
        kind = "wide" if name == WIDE else "cyrillic"
        house = a_house_of("today", name)
        yield Moment(f"{kind}-home", idle(), before=house)
        yield Moment(f"{kind}-people", idle(), touches=("who",), before=house)
        yield but(_at_person(f"{kind}"), before=house)
        yield Moment(
            f"{kind}-farewell",
            idle(),
            history={"whose": "anna"},
            touches=("who",),
            before=house,
            acts=_about("anna", "remove"),
        )
        yield Moment(f"{kind}-naming", idle(), touches=("who",), before=house, acts=_about("anna", "rename"))
        yield Moment(
            f"{kind}-history",
            idle(),
            history={"whose": "anna"},
            touches=("history",),
            before=house,
        )
        yield Moment(f"{kind}-export", idle(), history={"whose": "anna"}, touches=("history", "takeaway"),
                     before=house)  # fmt: skip
    full = household_of(*(f"W{number:02d} {'W' * 16}" for number in range(MOST_PEOPLE)))
    for page in (0, 1, 4):
        yield Moment(f"many-people-{page}", idle(), touches=("who", *page * ("people-on",)), before=full)


def _at_person(word: str) -> Moment:
    return Moment(f"all-about-{word}", idle(), touches=("who",), acts=_about("anna"))


def _about(person: str, *touches: str) -> Callable[[Any], None]:
    """To somebody's own screen, whatever page of the people they are on."""

    def act(hand: Any) -> None:
        hand.settle(1.0)
        hand.app.stage.screen._edit(person)
        for name in touches:
            hand.settle(1.0)
            hand.touch(name)
            hand.calm()

    return act


def _machines() -> Iterator[Moment]:
    for program in ("relax", "circulation", "arch", "heel"):
        yield Moment(f"small-{program}", idle(bags=()), touches=(f"program-{program}",), machine="small")
        yield Moment(f"ready-{program}", idle(), touches=(f"program-{program}",))
        yield Moment(
            f"ready-{program}-first",
            idle(),
            touches=(f"program-{program}",),
            before=household_of("Anna"),
        )
    for zone in (*ZONES, None):
        yield Moment(
            f"sore-{zone}", idle(), touches=("program-relax",), before=household_of("Anna", "Jo"),
            history={"whose": "anna"}, acts=sore_in(zone),
        )  # fmt: skip
    yield Moment(
        "sore-all", idle(), touches=("program-relax",), before=household_of("Anna", "Jo"),
        history={"whose": "anna"}, acts=sore_in(*ZONES, None),
    )  # fmt: skip
    bare = {"kinds": ("roll",), "zones": ("sole",), "heat_c": None}
    yield Moment("session-bare", running("relax", motors={("roll", "sole"): 0.4}, bags={}, **bare))
    yield Moment("balance-bare", running("relax", **bare), touches=("balance",))
    for program in ("relax", "circulation", "arch", "heel"):
        yield Moment(f"balance-{program}", running(program, heat_c=42.0), touches=("balance",))
        yield Moment(f"session-{program}-cool", running(program, heat_c=None, pads=(24.0, 23.8)))
    everything = ("squeeze", "roll", "knead", "vibrate", "heat")
    yield Moment(
        "balance-everything",
        running("relax", kinds=everything, zones=ZONES, heat_c=34.0, boost="calf"),
        touches=("balance",),
    )
    for state in ("starting", "self-test", "stopping"):
        yield Moment(f"home-{state}", idle(state=state))
    yield Moment("home-blind", idle((None, 24.0)))
    yield Moment("home-blind-right", idle((24.0, None)))


def _sessions() -> Iterator[Moment]:
    for number, title in enumerate(TITLES):
        phases = tuple(
            msgspec.structs.replace(phase, name=title)
            for phase in running().session.phases  # type: ignore[union-attr]
        )
        yield Moment(
            f"title-{number}-session",
            running(title=title, phases=phases, phase=1, at=0.2, minutes=30),
        )
        yield Moment(
            f"title-{number}-guide",
            running("arch", title=title, phases=phases, phase=1, at=0.72, guide=GUIDE, guide_left_s=59.0),
        )
        yield Moment(
            f"title-{number}-paused",
            running(title=title, phases=phases, phase=1, at=0.2, more={"state": "paused"}, bags={}),
        )
        for outcome in ("completed", "stopped", "pain", "fault", "interrupted"):
            over = msgspec.structs.replace(ended(outcome, "relax"), title=title)
            yield Moment(f"title-{number}-{outcome}", running("relax", title=title), then=idle(ended=over))
        own = written_by(title)
        yield Moment(f"title-{number}-home", idle(), programs=own, touches=("page-on",))
        yield Moment(f"title-{number}-ready", idle(), programs=own, touches=("page-on", "program-own-0"))
        yield Moment(
            f"title-{number}-ready-locked", idle(), programs=own, touches=("page-on", "program-own-0"),
            before=household_of("Anna", yes=SAY_YES["everything"], ticklish=True),
        )  # fmt: skip
        yield Moment(f"title-{number}-filter", idle(), programs=own, touches=("history", "filter"))
        yield Moment(
            f"title-{number}-history", idle(), programs=own, touches=("history", "filter", "filter-own-1")
        )
        yield Moment(f"title-{number}-rows", idle(), touches=("history",), history={"title": title})
        yield Moment(
            f"title-{number}-detail", idle(), touches=("history", "session-h-0"), history={"title": title}
        )
    for most, person in ((4, "anna"), (3, "anna")):
        yield Moment(
            f"session-most-{most}",
            running("relax", intensity=most, max_intensity=most, max_minutes=10, minutes=10, person=person),
            before=household_of("Anna", yes=SAY_YES["gentle"] if most == 3 else ()),
        )
    hot: dict[str, Any] = {"pads": (41.9, 42.0), "heat_c": 42.0}
    tight = dict.fromkeys(("foot", "ankle", "calf", "heel"), 119.0)
    yield Moment("session-full", running(intensity=10, level=10.0, minutes=30, at=0.001, bags=tight, **hot))
    yield Moment(
        "session-fahrenheit", running("relax", pads=(41.9, 42.0)), before=preferring(fahrenheit=True)
    )
    yield Moment(
        "balance-fahrenheit", running("relax", heat_c=42.0), touches=("balance",),
        before=preferring(fahrenheit=True),
    )  # fmt: skip
    yield Moment("ready-fahrenheit", idle(), touches=("program-relax",), before=preferring(fahrenheit=True))
    warms = idle((31.0, 30.6), state="preheating", preheat=PreheatView(180.0, "both"))
    yield Moment(
        "ready-fahrenheit-warming", idle(), touches=("program-relax",), last=warms,
        before=preferring(fahrenheit=True),
    )  # fmt: skip
    yield Moment("home-fahrenheit", idle((41.9, 42.0)), before=preferring(fahrenheit=True))
    yield Moment(
        "detail-fahrenheit", idle(), touches=("history", "session-h-0"), before=preferring(fahrenheit=True)
    )
    yield Moment(
        "service-fahrenheit", idle((41.9, 42.0)), place="service", before=preferring(fahrenheit=True)
    )


def _past() -> Iterator[Moment]:
    years: Any = {"make": Years}
    yield Moment("years-history", idle(), touches=("history",), history=years)
    yield Moment("years-ratings", idle(), touches=("history", "chart-feet"), history=years)
    yield Moment("years-home", idle(), history=years)
    yield Moment(
        "years-farewell", idle(), touches=("who", "edit-anna", "remove"),
        history={**years, "whose": "anna"}, before=household_of("Anna"),
    )  # fmt: skip
    yield Moment("years-log", idle(), touches=("tab-log",), place="service", history=years)
    for name, likes in {
        "longest": {"dim_after_min": 60, "off_after_min": 240, "remind_after_days": 14, "brightness": 100},
        "least": {"dim_after_min": 1, "off_after_min": 2, "remind_after_days": 0, "brightness": 10},
    }.items():
        for section in ("look", "language", "rest", "reminders"):
            touches = ("settings", *(() if section == "look" else (f"section-{section}",)))
            yield Moment(f"settings-{name}-{section}", idle(), touches=touches, before=preferring(**likes))
    for code, fault in FAULTS.items():
        if fault.mild or fault.advised or fault.costs:
            found = fault_view(code, stops=False)
            yield Moment(f"advice-{code}", idle(faults=(found,)))
            yield Moment(f"advice-{code}-read", idle(faults=(found,)), touches=("notice",))
            yield Moment(f"advice-{code}-session", running("relax", more={"faults": (found,)}))
    for minutes in (1, 120):
        yield Moment(
            f"after-{minutes}", running("relax"), then=idle(ended=ended("stopped", "relax", minutes))
        )


def moments() -> list[Moment]:
    return [*_people(), *_machines(), *_sessions(), *_past()]
