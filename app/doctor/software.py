"""Versions, services, what is kept, and whether the machine was gone through."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from math import inf

from app.commissioning import record
from app.commissioning.conclude import words
from app.doctor.line import Line
from app.doctor.look import Look
from app.shelf import Shelf
from app.version import our_version
from hardware.errors import InstepError

PACKAGES = ("gpiozero", "pigpio", "lgpio", "pyzmq", "msgspec", "sqlite-utils", "kivy")
SERVICES = {
    "instep-controller.service": "Controller's service",
    "instep-kiosk.service": "Kiosk's service",
    "instep-backup.timer": "Nightly backup",
}
OLD_BACKUP_DAYS = 3.0
DAY_S = 24 * 3600.0
UNKNOWN_DAY = "a day that is not known"
ANEW = "Go through the machine part by part: instep commission, or Service on the screen."


def versions(look: Look) -> Iterator[Line]:
    yield Line("Software", "instep", "Instep", our_version())
    python = ".".join(map(str, sys.version_info[:3]))
    found = [f"{name} {known}" for name in PACKAGES if (known := look.package(name))]
    value = ", ".join((f"Python {python}", *found, f"SQLite {sqlite3.sqlite_version}"))
    if look.package("kivy"):
        yield Line("Software", "versions", "With", value)
    else:
        do = "./scripts/setup run, or on the appliance ./scripts/install: without Kivy there is no screen."
        yield Line("Software", "versions", "With", f"{value}, no kivy", "attention", do)


def services(look: Look) -> Iterator[Line]:
    """As the service manager has them; nothing where Instep was not installed as an appliance."""
    if not look.installed:
        return
    wanted = dict(SERVICES)
    if look.machine is not None and look.machine.pins.factory == "pigpio" and not look.virtual:
        wanted = {"pigpiod.service": "Pin daemon's service", **wanted}
    for unit, name in wanted.items():
        yield _service(look, unit, name)
    stamp = look.places.data / "last-resort"
    try:
        when = datetime.fromtimestamp(stamp.stat().st_mtime, UTC).astimezone()
    except OSError:
        return
    do = "See why the controller failed again and again: journalctl -u instep-controller -b -1 -n 100"
    value = f"the computer was restarted as a last resort on {when:%Y-%m-%d %H:%M}"
    yield Line("Software", "last-resort", "Last resort", value, "attention", do)


def _service(look: Look, unit: str, name: str) -> Line:
    id_ = unit.partition(".")[0]
    said = look.run("systemctl", "show", "-p", "LoadState,ActiveState,SubState,UnitFileState,NRestarts", unit)
    state = dict(line.split("=", 1) for line in (said or "").splitlines() if "=" in line)
    if not state:
        do = "systemd does not answer; restart the computer."
        return Line("Software", id_, name, "not known", "attention", do)
    if state.get("LoadState") != "loaded":
        return Line("Software", id_, name, "not installed", "broken", "Install it again: ./scripts/install")
    active, sub = state.get("ActiveState", ""), state.get("SubState", "")
    restarts = int(state.get("NRestarts") or 0)
    if active != "active":
        do = f"sudo systemctl restart {unit}; why it ended: journalctl -u {unit} -n 50"
        return Line("Software", id_, name, f"{active}, {sub}", "broken", do)
    if state.get("UnitFileState") not in ("enabled", "enabled-runtime", "static", "generated", "alias"):
        do = f"sudo systemctl enable {unit}"
        return Line("Software", id_, name, "runs, but does not start with the computer", "attention", do)
    if restarts:
        do = f"Why it ended: journalctl -u {unit} -n 100"
        times = "once" if restarts == 1 else f"{restarts} times"
        return Line("Software", id_, name, f"runs, and was started again {times}", "attention", do)
    return Line("Software", id_, name, "runs")


def database(look: Look) -> Iterator[Line]:
    from app.sessions import store
    from app.sessions.errors import DamagedError, RefusedError

    path = look.places.history
    if path.exists():
        try:
            store.inspect(path)
            size = path.stat().st_size / 2**20
            yield Line("Software", "history", "History", f"{path}, {size:.1f} MB, sound")
        except (DamagedError, RefusedError) as error:
            do = "At the next start it is set aside and a new one begun; instep restore brings a backup back."
            yield Line("Software", "history", "History", str(error), "broken", do)
        except (OSError, sqlite3.Error) as error:
            do = f"Run the doctor as {look.service_user}; else see the disk and the card."
            yield Line("Software", "history", "History", f"cannot be read now: {error}", "attention", do)
    else:
        yield Line("Software", "history", "History", "empty yet")
    aside = look.places.data.glob(f"{path.stem}.damaged-*{path.suffix}")
    kept = sorted(found.name for found in aside)
    if kept:
        do = "Restore a backup (instep restore), or remove it once you do not miss anything."
        value = f"a damaged history was set aside: {kept[-1]}"
        yield Line("Software", "history-aside", "Set aside", value, "attention", do)
    snapshot = look.snapshot
    for notice in snapshot.notices if snapshot else ():
        yield Line("Software", "notice", "Notice", str(notice), "attention", "As it says.")


def programs(look: Look) -> Iterator[Line]:
    """A person's own ones that are left out, and why."""
    shelf = Shelf(look.places.shipped_programs, look.places.own_programs)
    value = f"{len(shelf)} on Home"
    if not shelf.problems:
        yield Line("Software", "programs", "Programs", value)
    for problem in shelf.problems:
        do = f"See the file in {look.places.own_programs}; instep programs FILE checks it."
        yield Line("Software", "programs", "Programs", f"{value}; left out: {problem}", "attention", do)


def backup(look: Look) -> Iterator[Line]:
    from app.keeping.backup import backups

    found = backups(look.places.backups)
    if not found:
        if look.installed:
            do = "instep backup makes one now; the nightly timer should: systemctl status instep-backup.timer"
            yield Line("Software", "backup", "Last backup", "none yet", "attention", do)
        else:
            yield Line("Software", "backup", "Last backup", "none; instep backup makes one")
        return
    last = found[0].manifest
    checked = _checked_s(look)
    # A backup of a day that is still to come was made by a clock that was wrong: it may be as old as any.
    made_s = last.made.timestamp() if last.dated and last.made.timestamp() - look.clock() <= DAY_S else None
    ages_s = [look.clock() - at for at in (made_s, checked) if at is not None]
    age_s = min((age for age in ages_s if age >= -DAY_S), default=inf)
    made = UNKNOWN_DAY if made_s is None else f"{last.made.astimezone():%Y-%m-%d %H:%M}"
    value = f"{made}, {last.sessions} sessions"
    if look.installed and age_s > OLD_BACKUP_DAYS * DAY_S:
        do = (
            "The nightly one does not come: systemctl status instep-backup.timer. Make one now: instep backup"
        )
        yield Line("Software", "backup", "Last backup", value, "attention", do)
    else:
        yield Line("Software", "backup", "Last backup", value)


def _checked_s(look: Look) -> float | None:
    """When the nightly timer last came by: it makes no new backup when nothing has changed."""
    said = look.run("systemctl", "show", "-p", "LastTriggerUSec", "--timestamp=unix", "instep-backup.timer")
    try:
        return float((said or "").rpartition("@")[2])
    except ValueError:
        return None


def commissioned(look: Look) -> Iterator[Line]:
    machine = look.machine
    if machine is None:
        return
    name, id_ = "Commissioning", "commissioned"
    try:
        kept = record.read(look.places.commissioned, machine)
    except InstepError as error:
        yield Line("Software", id_, name, str(error), "attention", ANEW)
        return
    # A date that is still to come is from a clock that was wrong.
    dated = kept is not None and kept.at is not None and look.clock() - kept.at.timestamp() >= -DAY_S
    when = f"{kept.at.astimezone():%Y-%m-%d}" if dated and kept and kept.at else UNKNOWN_DAY
    standing = record.standing(look.places, machine, virtual=look.virtual)
    if standing != "done" and (look.virtual or not (look.pi or look.snapshot)):
        yield Line("Software", id_, name, "not needed on a virtual machine")
    elif standing == "never" or kept is None:
        yield Line("Software", id_, name, "this machine was never gone through", "attention", ANEW)
    elif standing == "outdated":
        value = f"done on {when}, but the machine file's wiring has changed since"
        yield Line("Software", id_, name, value, "attention", ANEW)
    elif standing == "unfinished":
        found = " ".join(words(finding, machine) for finding in kept.findings)
        value = f"on {when}: {found}"
        yield Line("Software", id_, name, value, "broken", f"Mend that, then: {ANEW}")
    else:
        value = f"done on {when} with Instep {kept.software}"
        yield Line("Software", id_, name, value)
