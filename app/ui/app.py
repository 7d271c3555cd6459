"""The kiosk's app: polls the link, follows the machine from screen to screen, keeps Stop alive."""

from __future__ import annotations

import gc
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from kivy.app import App
from kivy.base import ExceptionManager
from kivy.clock import Clock
from kivy.core.window import Window

from app.ui import languages
from app.ui.atmosphere import Atmosphere
from app.ui.beside import Beside, Take, in_front
from app.ui.layout import Rect
from app.ui.lookback import LookBack
from app.ui.mishap import KeepGoing
from app.ui.rotation import turn
from app.ui.screens.base import Screen
from app.ui.screens.roster import SCREENS, screen_class
from app.ui.stage import Stage
from app.ui.state.lock import Lock
from app.ui.state.news import News
from app.ui.state.removal import Removal
from app.ui.state.route import Place, Router, serviced, warmed
from app.ui.state.settings import is_dark
from app.ui.state.sitting import Sitting
from app.ui.state.spoken import Spoken
from app.ui.state.turning import Turning
from app.ui.theme import Theme
from app.ui.widgets import paint
from app.ui.widgets.base import Ui
from hardware.message import Message
from hardware.messages import Alive, Command, Reply, Snapshot, Stop

if TYPE_CHECKING:
    from app.backlight import Backlight
    from app.household.household import Household
    from app.household.mounting import Rotation
    from app.ui.ports import Controller, HistoryReader
    from app.ui.sounds import Sounds
    from app.ui.state.home import Choices
    from app.ui.state.session import SessionModel
    from hardware.machine import Machine
    from hardware.program import Program

log = logging.getLogger(__name__)

BUSY_S = 1 / 30
"""How often the link is read while a session runs."""
CALM_S = 1 / 10
ALIVE_S = 0.2
"""The screen's proof of life."""
HISTORY_SOON_S = 0.6
"""The history is opened after the first frame, never in the way of a touch."""
CURVES_S = 1.5
"""After a session's end the recorder may need this long to have it all on disk."""

STARTING_S = 5.0
"""A Start that was answered well and led to no session within this long was lost: Stop makes way again."""
MISHAP_S = 8.0
"""A touch that failed is told for this long; a screen that cannot be shown, until it can."""

EXIT_S = 12.0
"""How long a kiosk that is closed waits for the disk. The service's TimeoutStopSec has to be longer."""
UNFELT_S = 3.0
"""A touchscreen may be away for a moment, at the start and later, before it is worth a word."""

PREPARE_S = (0.15, 0.05)
"""The screens' code is read after the first frame, one at a time: when the first, and how far apart."""


class InstepApp(App):
    """Built with a link, a way to open the history, programs, machine and household; see ``app.ui.ports``.

    ``problems`` says which program files could not be read. ``look_again`` reads the folders anew, in another
    thread; None when nothing has changed, else what brings ``programs`` up to date and answers the problems
    found. ``wrong`` is why the machine file cannot be used: ``machine`` is another one then, and no
    controller is to be expected. ``beside`` has done what may wait for a disk, by default in its own thread.
    ``rotation`` turns the picture otherwise than the household has kept.
    ``feels`` is whether a finger would be felt now; without that the screen does not prove that it lives.
    """

    def __init__(
        self,
        link: Controller,
        history: Callable[[], HistoryReader],
        programs: Mapping[str, Program],
        machine: Machine,
        household: Household,
        problems: Sequence[Message] = (),
        *,
        look_again: Callable[[], Take | None] = lambda: None,
        wrong: str = "",
        beside: Callable[[Callable[[], None]], bool] | None = None,
        feels: Callable[[], bool] = lambda: True,
        now: Callable[[], float] = time.monotonic,
        wall: Callable[[], datetime] = lambda: datetime.now().astimezone(),
        backlight: Backlight | None = None,
        sounds: Sounds | None = None,
        rotation: Rotation | None = None,
    ) -> None:
        super().__init__()
        self.link = link
        self.programs, self.machine, self.problems = Spoken(programs), machine, tuple(problems)
        self.wrong = wrong
        self.household = household
        self.lock = Lock(household.pin)
        self.now, self.wall = now, wall
        self.sitting = Sitting(household, now, lambda: wall().date())
        self._look_again = look_again
        self._feels = feels
        self._felt_s = now()
        self.router = Router()
        self.turning = Turning(household.mounting, turn, now, rotation)
        self.choices: Choices | None = None
        self.shown_session = ""
        self.page_of: dict[str, str] = {}
        self._model: SessionModel | None = None
        self.stage: Stage | None = None
        self._beside = Beside(beside)
        self.aside = self._beside.ask
        self._past = LookBack(history, machine, wall, self._beside.do, in_front)
        self.look, self.history = self._past.look, self._past.reader
        self.removal = Removal(self.send, now, self._look_back)
        liked = household.preferences
        self._atmosphere = Atmosphere(now, wall, lambda: liked.value, backlight, sounds)
        self._screens: dict[Place, Screen] = {}
        self._shown: Place | None = None
        self._starting_until = float("-inf")
        self._mishap_until = float("-inf")
        self._poll_event: Any = None
        self._news = News(now)
        self._kept = household.changes
        self._leaving = self._stopped = False
        self._alive_event: Any = None
        self._handler = KeepGoing(lambda: self.in_trouble(MISHAP_S))

    @property
    def model(self) -> SessionModel:
        if self._model is None:
            from app.ui.state.session import SessionModel

            accents = {program.id: program.accent for program in self.programs.values()}
            self._model = SessionModel(
                send=self.send,
                now=self.now,
                accents=accents,
                why_no_stronger=self.sitting.why_no_stronger,
            )
        return self._model

    # --- Kivy -----------------------------------------------------------------------------------------

    def build(self) -> Stage:
        self.title = "Instep"
        paint.forget()
        self.turning.begin()
        self.stage = self._new_stage()
        return self.stage

    def open_settings(self, *_args: object) -> bool:
        """F1 would open Kivy's own, which lead past a PIN."""
        return False

    def on_start(self) -> None:
        ExceptionManager.add_handler(self._handler)
        Window.bind(on_resize=self._resized, on_touch_down=self.sitting.felt)
        self._watch(CALM_S)
        self.refresh()
        Clock.schedule_once(lambda _dt: self._look_back(), HISTORY_SOON_S)
        Clock.schedule_interval(lambda _dt: self._tick(), 1.0)
        self._prepare(list(SCREENS), PREPARE_S[0])

    def on_stop(self) -> None:
        if self._stopped:  # Kivy says so twice, and a disk that does not answer is not to be waited for twice
            return
        self._stopped = True
        ExceptionManager.remove_handler(self._handler)
        Window.unbind(on_resize=self._resized, on_touch_down=self.sitting.felt)
        for event in (self._poll_event, self._alive_event):
            if event is not None:
                event.cancel()
        self.removal.settle()
        self._atmosphere.close()
        self._beside.do(self._past.close)
        self._beside.close()
        if not self.household.close(EXIT_S):
            log.error("not everything could be kept: %s", self.household.unkept or "the disk does not answer")

    def _prepare(self, places: list[Place], in_s: float) -> None:
        """Read the screens' code one by one, so that none has to be waited for when it is opened."""

        def prepare(_dt: float) -> None:
            screen_class(places.pop(0)).warm(self._ui, self._rect)
            if places:
                self._prepare(places, PREPARE_S[1])
                return
            # What is there now stays: looking through it again and again would make a touch wait.
            gc.collect()
            gc.freeze()

        Clock.schedule_once(prepare, in_s)

    def _new_stage(self) -> Stage:
        width, height = Window.size
        chosen = self.household.preferences.value
        languages.speak(chosen)
        self._dark = is_dark(chosen, self.wall())
        theme = Theme.for_size(width, height, self._dark, chosen.large_text)
        Window.clearcolor = theme.color("base")
        self._ui = Ui(theme, self.now)
        self._rect = Rect(0, 0, width, height)
        self._screens = {}
        self._shown = None
        stage = Stage(self._ui, self._rect, self.stop_session)
        self._atmosphere.attach(stage)
        return stage

    def _resized(self, *_args: object) -> None:
        if self.stage is not None and tuple(Window.size) != self._rect.size:
            self.restyle()

    def restyle(self) -> None:
        """Build every screen anew, as the household likes it now."""
        if self.stage is None:
            return
        parent = self.stage.parent
        if parent is not None:
            parent.remove_widget(self.stage)
            self.stage = self.root = self._new_stage()
            parent.add_widget(self.stage)
            self.refresh()

    # --- the link -------------------------------------------------------------------------------------

    @property
    def snapshot(self) -> Snapshot | None:
        return self.link.latest

    def send(self, command: Command, on_reply: Callable[[Reply], None] | None = None) -> None:
        why = self.sitting.why_not_yet(command)
        if not why:
            self.link.send(self.sitting.seated(command), on_reply)
        elif on_reply is not None:
            on_reply(Reply(False, why))

    def stop_session(self) -> None:
        """Stop: straight to the link, past every screen and model."""
        self._starting_until = float("-inf")
        self.link.send(Stop())

    @property
    def expects_start(self) -> bool:
        return self.now() < self._starting_until

    def expect_start(self, expected: bool) -> None:
        self._starting_until = self.now() + STARTING_S if expected else float("-inf")
        self.refresh()

    def _watch(self, every_s: float) -> None:
        if self._poll_event is not None and self._poll_event.timeout == every_s:
            return
        if self._poll_event is not None:
            self._poll_event.cancel()
        self._poll_event = Clock.schedule_interval(lambda _dt: self._poll(), every_s)

    def leave(self) -> None:
        """Close with the next look at the link. Only a flag: a signal handler may call it at any moment."""
        self._leaving = True

    def _poll(self) -> None:
        if self._leaving:
            self.stop()
            return
        if self.wrong and self.link.connected:
            self.stop()  # the file was mended: with the right machine the service manager starts us anew
            return
        new = self.link.poll() and self._news.worth_showing(
            self.link.latest, watched=self._shown == "service"
        )
        new = new or self.household.changes != self._kept
        self._kept = self.household.changes
        if new or not self.link.connected or self._shown == "offline":
            self.refresh()

    def _tick(self) -> None:
        """Once a second: what changes by itself (the clock, the connection, the programs on Home)."""
        self.turning.tick()
        if self._shown == "home":
            self._beside.look_again(self._look_again, self._offer_anew)
            if is_dark(self.household.preferences.value, self.wall()) != self._dark:
                self.restyle()
        self.removal.tick()
        self.sitting.settle()
        self._tell_unfelt()
        self.refresh()

    def _tell_unfelt(self) -> None:
        """A screen that feels no finger says so: nobody is to find that out at Stop."""
        if self._feels():
            self._felt_s = self.now()
        unfelt = self.now() - self._felt_s > UNFELT_S
        if unfelt:
            # No touch could wake the screen.
            self._atmosphere.felt()
        if self.stage is not None:
            self.stage.show_unfelt(unfelt)

    def _offer_anew(self, take: Take) -> None:
        """A program file was added, changed or removed."""
        self.problems = tuple(take())
        self._model = None
        self._screens.pop("home", None)
        self._shown = None

    def _alive(self, running: bool) -> None:
        if running and self._alive_event is None:
            self._alive_event = Clock.schedule_interval(lambda _dt: self._prove(), ALIVE_S)
            self._prove()
        elif not running and self._alive_event is not None:
            self._alive_event.cancel()
            self._alive_event = None

    def _prove(self) -> None:
        """That it draws, for this is called by what draws, and that fingers reach it (S10)."""
        if self._feels():
            self.link.send(Alive())

    # --- following the machine ------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show what is so now. A mistake in a screen ends here; Stop and the proof of life come first."""
        snapshot = self.link.latest if self.link.connected else None
        going = (
            snapshot is not None and snapshot.state in ("running", "paused") and snapshot.session is not None
        )
        if going or snapshot is None or snapshot.state == "fault":
            self._starting_until = float("-inf")
        service = snapshot is not None and serviced(self.router.place, snapshot)
        # What is driven by hand lives by its finger, not by the screen.
        tuning = service and snapshot is not None and snapshot.state == "service" and snapshot.driven is None
        warming = snapshot is not None and warmed(self.router.place, snapshot)
        self._alive(going or tuning or warming)
        stoppable = going or service or warming or self.expects_start
        self._watch(BUSY_S if stoppable else CALM_S)
        if self.stage is not None:
            self.stage.stop.show(stoppable)
        self._atmosphere.see(snapshot)
        self.sitting.seen_dark(self._atmosphere.comfort.mood == "dark")
        try:
            if snapshot is not None:
                self.model.see(snapshot)
                self.sitting.see(snapshot)
            before = self.router.place
            place = self.router.follow(self.link.latest, self.link.connected)
            if place != before and place in ("after", "pain"):
                Clock.schedule_once(lambda _dt: self._session_over(), CURVES_S)
            self._bring(place)
            if self.stage is not None and self.stage.screen is not None:
                self.stage.screen.update()
                self.stage.show_trouble(self.now() < self._mishap_until)
        except Exception:
            log.exception("the screen %s cannot be updated", self._shown)
            self.in_trouble()

    def in_trouble(self, for_s: float = 0.0) -> None:
        """Say so, for this long at least, and until the screen can be shown."""
        self._mishap_until = max(self._mishap_until, self.now() + for_s)
        if self.stage is not None:
            self.stage.show_trouble(True)

    def go(self, place: Place) -> None:
        """Where a person's touch leads."""
        if place == "ready":
            self._screens.pop("ready", None)
        self.router.go(self.sitting.way(self.lock.way(place)))
        self.refresh()

    def sit(self, person: str | None) -> None:
        self.sitting.sit(person)
        self._past.forget()
        self._look_back()

    def offers(self, place: Place) -> bool:
        return place in SCREENS

    def _bring(self, place: Place) -> None:
        if self.stage is None or place == self._shown:
            return
        screen = self._screens.get(place)
        if screen is None:
            screen = self._screens[place] = screen_class(place)(self._ui, self._rect, self)
        if self.stage.screen is not None:
            try:
                self.stage.screen.left()
            except Exception:
                # Whoever comes next, most of all the session's screen, must not wait for it.
                log.exception("the screen %s cannot be left", self._shown)
        self._shown = place
        self.lock.at(place)
        self.stage.put(screen)
        screen.opened()

    # --- the history ----------------------------------------------------------------------------------

    def last_session(self) -> tuple[Program, Choices] | None:
        return self._past.last(self.programs)

    def sessions_this_week(self) -> int | None:
        return self._past.week

    def reminder(self) -> str:
        return self._past.reminder(self.household, self.programs)

    def _look_back(self) -> None:
        """Read what Home says of the past. Not while a session runs: the computer has other things to do."""
        if self._shown != "session":
            self._past.read(self.household, self.programs, self._looked_back)

    def _looked_back(self, had: bool | None) -> None:
        if had is not None:
            self.sitting.first, self.sitting.sore = not had, self._past.sore
        self.refresh()

    def _session_over(self) -> None:
        self._look_back()
        after = self._screens.get("after")
        if self._shown in ("after", "pain") and after is not None:
            try:
                after.curves_ready()
            except Exception:
                log.exception("the session's curves cannot be read")
