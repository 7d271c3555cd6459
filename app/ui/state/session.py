"""The session's screen as plain values."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from app.ui.speech import render
from app.ui.state import common
from app.ui.state.pending import Pending
from app.ui.words import _, meant, of_program
from hardware.messages import (
    Command,
    JustRight,
    Linger,
    Pain,
    Pause,
    Reply,
    Resume,
    SessionView,
    SetBalance,
    SetBoost,
    SetHeat,
    SetIntensity,
    SetMinutes,
    SkipTo,
    Snapshot,
    Stop,
    TooStrong,
)
from hardware.words import Balance, Kind, Zone

ASK_S = 10.0
"""How long "Softer / Just right" stays."""
TOLD_S = 5.0
"""How long a refusal stays."""
BAG_FULL_MMHG = 70.0
"""A bag at this pressure is fully lit."""
PAD_COOL_C, PAD_WARM_C = 28.0, 42.0
MOTOR_FULL = 0.85
MOTOR_RESTS = 0.02
"""Below this share of its power a motor stands still."""
LEAST_HEAT_C, MOST_HEAT_C, FIRST_HEAT_C = 34.0, 42.0, 38.0


@dataclass(frozen=True)
class ZoneLight:
    """One lit part of the foot map."""

    part: str
    tone: str
    strength: float
    """0 dark to 1 bright, from what was measured."""
    name: str
    value: str
    unit: str = ""


@dataclass(frozen=True)
class Strip:
    """The one thing above the foot map that matters most now."""

    kind: Literal["", "fault", "told", "guide", "ask", "here"] = ""
    text: str = ""
    left: str = ""


@dataclass(frozen=True)
class SessionState:
    title: str
    accent: str
    phase: str
    then: str
    """What comes after this phase."""
    next_in: str
    """The same with the time until then."""
    next: str
    """Its name alone."""
    step: str
    """Which phase of how many."""
    note: str
    """What stays true for the whole session and has to be known."""
    time: str
    done: float
    """Share of the session that is over."""
    segments: tuple[tuple[float, float], ...]
    """Each phase's place on the ring."""
    phase_index: int
    paused: bool
    stopping: bool
    asked: int
    level: float
    level_words: str
    can_rise: bool
    holding: bool
    lights: tuple[ZoneLight, ...]
    strip: Strip
    can_more_time: bool
    more_time: str
    more_time_why: str
    can_skip: bool
    can_soften: bool
    """Whether "Too strong" would still change something that has not been asked for."""
    balances: tuple[tuple[Kind, Balance], ...]
    boost: Zone | None
    boostable: tuple[Zone, ...]
    has_heat: bool
    heat_c: float | None


@dataclass
class SessionModel:
    """Turns snapshots into what the screen says, and touches into commands.

    It holds only what a person has just asked for; everything else comes from the latest snapshot, so it may
    be made anew at any time.
    """

    send: Callable[[Command, Callable[[Reply], None] | None], None]
    now: Callable[[], float]
    accents: dict[str, str] = field(default_factory=dict)
    why_no_stronger: Callable[[int], str] = lambda _most: ""
    """Why this person's intensity ends here, in a word or two."""
    _pending: Pending = field(default_factory=Pending)
    _snapshot: Snapshot | None = None
    _session: str = ""
    _phase: int | None = None
    _ask_until: float = 0.0
    _told: tuple[str, float] = ("", 0.0)

    def see(self, snapshot: Snapshot) -> None:
        """Take in a snapshot."""
        session = snapshot.session
        self._snapshot = snapshot
        if session is None:
            return
        if session.id != self._session:
            self._session, self._phase, self._ask_until = session.id, session.phase, 0.0
            self._pending, self._told = Pending(), ("", 0.0)
        elif self._phase is not None and session.phase > self._phase:
            self._ask_until = self.now() + ASK_S
        self._phase = session.phase

    @property
    def _view(self) -> SessionView:
        if self._snapshot is None or self._snapshot.session is None:
            raise LookupError("no session to show")
        return self._snapshot.session

    # --- what a person can do -------------------------------------------------------------------------

    def stop(self) -> None:
        self.send(Stop(), None)

    def pain(self) -> None:
        self.send(Pain(), None)

    def step(self, by: int) -> None:
        """One level up or down from what was asked for last."""
        level = min(self._view.max_intensity, max(1, self._asked() + by))
        self._ask_until = 0.0
        if level != self._asked():
            self._wish("intensity", level, SetIntensity(level=level))

    def too_strong(self) -> None:
        """Two levels down and a hold. A second arrival of the same touch is not a second wish."""
        if self._can_soften():
            self._pending.drop("intensity")
            self._wish("too-strong", self._session, TooStrong())

    def pause_or_resume(self) -> None:
        if self._pending.waits("pause", self.now()):
            return
        paused = self._snapshot is not None and self._snapshot.state == "paused"
        self._wish("pause", not paused, Resume() if paused else Pause())

    def more_time(self) -> None:
        minutes = min(self._view.minutes + 5, self._view.max_minutes)
        if minutes > self._view.minutes and not self._pending.waits("minutes", self.now()):
            self._wish("minutes", minutes, SetMinutes(minutes=minutes))

    def skip(self) -> None:
        target = self._view.phase + 1
        if target < len(self._view.phases) and not self._pending.waits("phase", self.now()):
            self._wish("phase", target, SkipTo(phase=target))

    def here(self) -> None:
        self.send(Linger(), self._heard(""))

    def softer(self) -> None:
        self.step(-1)

    def just_right(self) -> None:
        self._ask_until = 0.0
        self.send(JustRight(), None)

    def set_balance(self, kind: Kind, balance: Balance) -> None:
        self._wish(f"balance-{kind}", balance, SetBalance(kind=kind, balance=balance))

    def set_boost(self, zone: Zone | None) -> None:
        self._wish("boost", zone, SetBoost(zone=zone))

    def set_heat(self, heat_c: float | None) -> None:
        self._wish("heat", heat_c, SetHeat(heat_c=heat_c))

    def step_heat(self, by: int) -> None:
        heat_c = warmer(self._pending.value("heat", self._view.heat_c, self.now()), by)
        self.set_heat(heat_c)

    def _wish(self, name: str, value: object, command: Command) -> None:
        self._pending.ask(name, value, self.now())
        self.send(command, self._heard(name))

    def _heard(self, name: str) -> Callable[[Reply], None]:
        def heard(reply: Reply) -> None:
            if not reply.ok:
                self._pending.drop(name)
                self._told = (render(reply.reason) or _("That is not possible now."), self.now() + TOLD_S)

        return heard

    # --- what the screen says -------------------------------------------------------------------------

    def _asked(self) -> int:
        return self._pending.value("intensity", self._view.intensity, self.now())

    def _can_soften(self) -> bool:
        waiting = self._pending.waits("too-strong", self.now())
        if waiting and self._view.holding_s > 0:
            # Heard; from here on another touch is another wish.
            self._pending.drop("too-strong")
            return False
        return not waiting

    def state(self) -> SessionState:
        """What to show now."""
        view, snapshot = self._view, self._snapshot
        assert snapshot is not None
        now = self.now()
        total = sum(phase.minutes for phase in view.phases) or 1.0
        edges = [0.0]
        for phase in view.phases:
            edges.append(edges[-1] + phase.minutes / total)
        whole = view.elapsed_s + view.left_s
        paused = snapshot.state == "paused"
        if self._pending.value("pause", paused, now) != paused and snapshot.state in ("running", "paused"):
            paused = not paused
        asked = self._asked()
        full = view.minutes >= view.max_minutes
        return SessionState(
            title=of_program(view.title),
            accent=self.accents.get(view.program, "text"),
            phase=of_program(view.phases[view.phase].name),
            then=_then(view),
            next_in=_next_in(view),
            next=_next(view),
            step=_step(view),
            note=_note(snapshot, view),
            time=common.clock(view.left_s),
            done=min(1.0, view.elapsed_s / whole) if whole > 0 else 0.0,
            segments=tuple(itertools.pairwise(edges)),
            phase_index=view.phase,
            paused=paused,
            stopping=snapshot.state == "stopping",
            asked=asked,
            level=view.level,
            level_words=_level_words(view, asked, paused, self.why_no_stronger),
            can_rise=asked < view.max_intensity,
            holding=view.holding_s > 0,
            lights=lights(snapshot),
            strip=self._strip(snapshot, view, now),
            can_more_time=not full and not self._pending.waits("minutes", now),
            more_time=_("+{count} min").format(count=min(5, view.max_minutes - view.minutes) or 5),
            more_time_why=_("{count} at most").format(count=view.max_minutes) if full else "",
            can_skip=view.phase + 1 < len(view.phases) and not self._pending.waits("phase", now),
            can_soften=self._can_soften(),
            balances=tuple(
                (kind, self._pending.value(f"balance-{kind}", view.balance.get(kind, "normal"), now))
                for kind in view.kinds
                if kind != "heat"
            ),
            boost=self._pending.value("boost", view.boost, now),
            boostable=view.zones,
            has_heat="heat" in view.kinds,
            heat_c=self._pending.value("heat", view.heat_c, now),
        )

    def _strip(self, snapshot: Snapshot, view: SessionView, now: float) -> Strip:
        answer, until = self._told
        if snapshot.faults:
            return Strip("fault", render(snapshot.faults[0].words))
        if now < until:
            return Strip("told", answer)
        if view.guide:
            return Strip("guide", of_program(view.guide), str(max(0, round(view.guide_left_s))))
        if now < self._ask_until:
            return Strip("ask")
        if view.lingers:
            return Strip("here", _("Stay here"))
        return Strip()


def _then(view: SessionView) -> str:
    if view.phase + 1 < len(view.phases):
        return _("then {phase}").format(phase=of_program(view.phases[view.phase + 1].name))
    return _("the last phase")


def _next(view: SessionView) -> str:
    if view.phase + 1 < len(view.phases):
        return of_program(view.phases[view.phase + 1].name)
    return _("the last phase")


def _next_in(view: SessionView) -> str:
    if view.phase + 1 < len(view.phases):
        return _("{phase} in {time}").format(
            phase=of_program(view.phases[view.phase + 1].name), time=common.clock(view.phase_left_s)
        )
    return _("the last phase")


def _step(view: SessionView) -> str:
    return _("Phase {number} of {count}").format(number=view.phase + 1, count=len(view.phases))


def _note(snapshot: Snapshot, view: SessionView) -> str:
    if view.feet == "left":
        if "squeeze" in view.kinds:
            return _("Right side off; both feet get air")
        return _("Right side off")
    if view.feet == "right":
        if "squeeze" in view.kinds:
            return _("Left side off; both feet get air")
        return _("Left side off")
    return render(snapshot.notices[0]) if snapshot.notices else ""


def warmer(heat_c: float | None, by: int) -> float | None:
    """The next step of the warmth: off, 34 ... 42."""
    if heat_c is None:
        return FIRST_HEAT_C if by > 0 else None
    stepped = heat_c + by
    if stepped < LEAST_HEAT_C:
        return None
    return min(MOST_HEAT_C, stepped)


def _level_words(view: SessionView, asked: int, paused: bool, why_no_stronger: Callable[[int], str]) -> str:
    if paused:
        return _("resting")
    if view.holding_s > 0:
        return _("softer for {count} s").format(count=max(1, round(view.holding_s)))
    if asked - view.level >= 0.25:
        return _("rising, now {level}").format(level=f"{max(1, int(view.level + 0.05))}")
    if asked >= view.max_intensity:
        return why_no_stronger(view.max_intensity) or _("steady")
    return _("steady")


def lights(snapshot: Snapshot) -> tuple[ZoneLight, ...]:
    """The foot map, from what was measured: bags, motors, pads."""
    found: list[ZoneLight] = []
    view = snapshot.session
    zones = set(view.zones) if view else set()
    for bag in snapshot.bags:
        if zones and bag.zone not in zones:
            continue
        mmhg = bag.mmhg
        shown = "–" if mmhg is None else str(max(0, round(mmhg)))
        strength = 0.0 if mmhg is None else min(1.0, max(0.0, mmhg / BAG_FULL_MMHG))
        found.append(ZoneLight(bag.zone, "air", strength, common.zone(bag.zone), shown, _("mmHg")))
    for kind, part, name in (
        ("knead", "arch", _("Knead")),
        ("roll", "sole", _("Roll")),
        ("vibrate", "vibrate", _("Vibrate")),
    ):
        duties = [motor.duty for motor in snapshot.motors if motor.kind == kind]
        if not duties or (view and kind not in view.kinds):
            continue
        duty = max(duties)
        strength = min(1.0, duty / MOTOR_FULL)
        if duty < MOTOR_RESTS:
            found.append(ZoneLight(part, "motion", 0.0, name, _("at rest")))
        else:
            found.append(ZoneLight(part, "motion", strength, name, str(round(duty * 100)), _("%")))
    for pad in snapshot.pads:
        strength = (
            0.0 if pad.c is None else min(1.0, max(0.0, (pad.c - PAD_COOL_C) / (PAD_WARM_C - PAD_COOL_C)))
        )
        off = view is not None and view.feet not in ("both", pad.side)
        name = common.side(pad.side)
        value, unit = (meant("a pad", "off"), "") if off else common.degrees_apart(pad.c)
        found.append(ZoneLight(f"pad-{pad.side}", "heat", 0.0 if off else strength, name, value, unit))
    return tuple(found)
