"""Puts the controller process together: machine file → board → engine → loop → link → recorder."""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import secrets
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from types import FrameType

from app.aside import Aside
from app.gains import write_gains
from app.household.admission import Admission
from app.link.patience import WITHIN_S, Patience
from app.link.server import SLOW_DISK, Respond, Server
from app.notify import Notifier
from app.places import Places, only_one
from app.safety_file import SafetyFile
from app.sessions import trouble
from app.sessions.recorder import Recorder
from app.shelf import Shelf
from hardware.board.gpio import GpioBoard
from hardware.board.interface import Board
from hardware.engine import Engine, Step
from hardware.errors import BoardError, InstepError
from hardware.loop import BUSY, STOPPED, Loop
from hardware.machine import load_machine
from hardware.message import Message
from hardware.messages import (
    Command,
    Drive,
    EndPreheat,
    EngineCommand,
    HistoryCommand,
    KeepGains,
    Pain,
    PainWhere,
    Preheat,
    Reply,
    Seated,
    SessionEnded,
    Start,
    Stop,
)
from hardware.orders import NOT_FROM_THERE
from hardware.senders import Sender, may

log = logging.getLogger(__name__)

NICE = -10
REAL_TIME = 10
SWITCH_S = 0.001
"""How long another thread of this process may keep the control loop waiting for the interpreter."""
CLOSE_S = 12.0
"""How long a leaving controller waits for the disk. The service's TimeoutStopSec has to be longer."""
READ_S = 1.2
"""What is read before somebody is moved or warmed may take so long; later nobody would expect it."""
READING = 16
"""Commands that may wait for what is read from the disk before them."""
PINS_WAIT_S = 60.0
"""How long one that the service manager started waits for its pins: at boot udev and the daemon may be later.
The service's TimeoutStartSec has to be longer."""
PINS_POLL_S = 0.25


def put_first() -> None:
    """Put the calling thread, the control loop's, before all else the machine does, where that is allowed.

    The loop sleeps nineteen parts in twenty, so it takes nothing from others that they would notice.
    """
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, NICE)
    with contextlib.suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(REAL_TIME))


class Controller:
    """One machine's controller: owns the pins, runs the program, keeps it safe, records the session.

    ``run`` returns after SIGTERM or ``end``; everything is off by then and the history is closed.
    """

    def __init__(
        self,
        machine_path: Path,
        places: Places,
        *,
        port: int | None = None,
        pulses: bool = True,
        notifier: Notifier | None = None,
    ) -> None:
        self._notifier = notifier or Notifier({})
        self._ending = False
        self._opened = False
        self.machine_path = machine_path
        self.machine = machine = load_machine(machine_path)
        self.places = places
        self._port = port
        self.shelf = Shelf(places.shipped_programs, places.own_programs)
        for problem in self.shelf.problems:
            log.warning("a program is left out: %s", problem)
        boot = secrets.token_hex(4)
        # A disk that is put in later is used from the next start on.
        self._astray = (trouble.data_disk_missing(),) if places.astray.exists() else ()
        self.recorder = Recorder(places.history, boot=boot)
        self.admission = Admission(places)
        self.safety = SafetyFile(places.safety, places.runtime)
        self.engine = Engine(
            machine,
            self.shelf,
            new_id=lambda: secrets.token_hex(6),
            boot=boot,
            locks_for=self.admission.locks_for,
            pulses=pulses,
            recalled=self.safety.recalled,
        )
        self._reader = Aside("reader", READING)
        self._gains = Aside("gains")
        self._gains_lock = threading.Lock()
        self._wait_for_gains: list[Respond] = []
        self._patience = Patience()
        self._order = threading.Lock()
        """Held only to hand a command over: what was given before a Stop is never handed over after it."""
        self._stops = self._leaves = 0
        self._failed: dict[object, Message] = {}
        """What was accepted and could not be kept, the last of each kind; until one of that kind can."""
        self.server = Server(places.runtime, self._handle)
        self.loop = Loop(
            self.engine,
            self._open_board,
            publish=self.server.publish,
            events=self._record,
            notices=lambda: (*self._astray, *self.recorder.notices, *self._failed.values()),
            fed=self._fed,
            disk=self.safety,
        )

    def run(self) -> None:
        """Until ``end``. Raises BoardError when the pins cannot be opened."""
        self.safety.start()
        self.recorder.start()
        self.server.start()
        # What lives now lives on: the collector need not walk it in the middle of a tick.
        gc.collect()
        gc.freeze()
        sys.setswitchinterval(SWITCH_S)
        put_first()
        try:
            self.loop.run()
        except BoardError:
            if not self._ending:  # who is told to go while still waiting for the pins has not failed
                raise
        finally:
            self._notifier.stopping()
            self.server.close()
            until_s = time.monotonic() + CLOSE_S
            for close in (self.recorder.close, self.safety.close, self._gains.close):
                close(max(until_s - time.monotonic(), 0.1))

    def end(self) -> None:
        self._ending = True
        self.loop.end()

    def _open_board(self, woken: Callable[[], None]) -> Board:
        """The loop's thread. The first time it is patient, where dying of it would only be a new start."""
        wait_s = PINS_WAIT_S if self._notifier.there and not self._opened else 0.0
        self._opened = True
        until_s = time.monotonic() + wait_s
        while True:
            try:
                return GpioBoard(self.machine, port=self._port, woken=woken)
            except BoardError as error:
                if self._ending or time.monotonic() >= until_s:
                    raise
                self._notifier.status(f"Waits for the pins: {error}")
            time.sleep(PINS_POLL_S)

    def _fed(self) -> None:
        """The loop's thread, at the end of each whole tick."""
        if self.loop.has_pins:
            self._notifier.ready()
            self._notifier.status("The pins are held.")
        else:
            self._notifier.status("The pins are lost: everything is off.")
        self._notifier.feed()
        self._patience.tell()

    def _record(self, step: Step) -> None:
        for event in step.events:
            if isinstance(event, SessionEnded) and self.engine.ended:
                self.admission.ended(self.engine.ended)
            self.recorder.put(event)

    def _handle(self, command: Command, by: Sender, respond: Respond) -> None:
        """From the link's thread, which waits for no disk: to the recorder what is history, to the engine
        all else, at once or when what it hangs on has been read or written."""
        if not may(by.role, command):
            respond(NOT_FROM_THERE)
        elif isinstance(command, HistoryCommand):
            if isinstance(command, PainWhere):  # held even where the history cannot be kept
                self.admission.told(command)
            known = self._answer_of(HistoryCommand, respond, getattr(command, "session", ""))
            self.recorder.ask(command).add_done_callback(partial(_pass_on, known))
        elif isinstance(command, KeepGains):
            self._keep_gains(command, by, respond)
        elif isinstance(command, Stop | Pain):
            with self._order:
                self._stops += 1
                self.loop.submit(command, by, respond)
        elif isinstance(command, EndPreheat):
            with self._order:
                self._leaves += 1
                self.loop.submit(command, by, respond)
        elif isinstance(command, Drive) and self._goes_on(command):
            self._reader.do(self.admission.refresh)
            self.loop.submit(command, by, respond)
        elif isinstance(command, Seated):
            self._read_first(command, by, respond)
        else:
            self.loop.submit(command, by, respond)

    def _goes_on(self, command: Drive) -> bool:
        """A finger that stays does not wait: who sits there was read when it came down."""
        by_hand = self.engine.by_hand
        return by_hand is not None and not by_hand.over and by_hand.person == command.person

    def _read_first(self, command: EngineCommand, by: Sender, respond: Respond) -> None:
        """Hand over once it is known what the screen has written of whoever sits there (S14).

        Not after a Stop that came meanwhile, and not so late that nobody expects it any more; nor is anybody
        warmed who has left the page where it was asked for.
        """
        given_s, stops, leaves = time.monotonic(), self._stops, self._leaves
        known = self._patience.until_known(respond, SLOW_DISK, within_s=READ_S + WITHIN_S)

        def read() -> None:
            try:
                if isinstance(command, Start):
                    self.shelf.refresh()
                self.admission.refresh()
            except Exception:
                known(BUSY)
                raise
            with self._order:
                in_time = time.monotonic() - given_s <= READ_S
                left = isinstance(command, Preheat) and leaves != self._leaves
                if stops == self._stops and not left and in_time:
                    self.loop.submit(command, by, known)
                    return
            known(STOPPED if in_time else SLOW_DISK)

        if not self._reader.do(read):
            known(BUSY)

    def _keep_gains(self, command: KeepGains, by: Sender, respond: Respond) -> None:
        """First the file, so that what is in use is never what the next start does not know.

        Asked again while they are being written, they are written once.
        """
        tuning = self.engine.tuning
        if tuning is None or tuning.found is None:
            self.loop.submit(command, by, respond)
            return
        known = self._answer_of(KeepGains, respond)
        with self._gains_lock:
            self._wait_for_gains.append(known)
            if len(self._wait_for_gains) > 1:
                return

        def told(reply: Reply) -> None:
            with self._gains_lock:
                waiting, self._wait_for_gains = self._wait_for_gains, []
            for known in waiting:
                known(reply)

        def write() -> None:
            assert tuning.found is not None
            try:
                self.machine_path = write_gains(self.machine_path, self.places, tuning.side, tuning.found)
            except InstepError as error:
                told(Reply(False, error.message))
                return
            self.loop.submit(command, by, told)

        if not self._gains.do(write):
            told(BUSY)

    def _answer_of(self, kind: object, respond: Respond, session: str = "") -> Respond:
        """What to tell what has become of a command that ends on the disk; see Patience."""

        def late(reply: Reply) -> None:
            if reply.reason is not None and not reply.ok:
                log.error("accepted, and not kept: %s", reply.reason)
                self._failed = {**self._failed, kind: trouble.not_kept(reply.reason)}

        known = self._patience.until_known(respond, Reply(True, session=session, waits=True), late)

        def answered(reply: Reply) -> None:
            if reply.ok:
                self._failed = {other: words for other, words in self._failed.items() if other is not kind}
            known(reply)

        return answered


def _pass_on(known: Respond, done: Future[Reply]) -> None:
    known(done.result())


def _finish_restore(places: Places) -> None:
    """A restore that a power cut broke off is finished first, or the machine would run on half of it."""
    if not places.restoring.exists():
        return
    from app.keeping.backup import BackupError
    from app.keeping.restore import finish, give_up

    try:
        log.warning("a restore that had been cut short is finished; what was there is in %s", finish(places))
    except BackupError as error:
        log.error("a restore that had been cut short cannot be finished: %s", error)
        give_up(places)


def run_controller(
    machine_path: Path, places: Places, *, port: int | None = None, pulses: bool = True
) -> None:
    """The whole controller process: runs until SIGTERM or SIGINT. Raises FileError, BoardError."""
    places.make()
    # Two on one folder would each forget what the other has to remember (S13).
    with only_one(places.runtime), only_one(places.data):
        _finish_restore(places)
        notifier = Notifier()
        controller = Controller(machine_path, places, port=port, pulses=pulses, notifier=notifier)

        def stop(_signal: int, _frame: FrameType | None) -> None:
            controller.end()

        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, stop)
            signal.signal(signal.SIGINT, stop)
        controller.run()
