"""Another version of Instep in this one's place: prepared beside it, watched for a while, undone if ill.

The version before stays in its folder, so that going back needs no network and takes as long as a restart.
"""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from scripts.installer import refusals, trial
from scripts.installer.install import Ask, agreed, alone, only_as_root
from scripts.installer.record import PLACE, Record
from scripts.installer.steps.base import CURRENT, DATA, RUNTIME, USER, VERSIONS
from scripts.installer.steps.tree import STAMP, USED
from scripts.installer.system import Done, FailedError, RefusedError, System
from scripts.installer.trial import Trial

CONTROLLER, KIOSK = "instep-controller.service", "instep-kiosk.service"
IDLE_WAIT_S = 20 * 60
"""How long to wait for a session to end; the longest lasts half an hour."""
IDLE_LOOK_S = 15
READY_S = 180
"""A controller on real pins tests itself first."""
PROOF_S = 30
"""How long the new version has to run without a service dying."""
LOOK_S = 2
BUSY = 3
"""The exit code of ``instep status`` while somebody uses the machine."""


@dataclass(frozen=True)
class Options:
    """What was said on the command line."""

    tag: str | None = None
    back: bool = False
    fetch: bool = True
    yes: bool = False


@dataclass(frozen=True)
class Version:
    """A version in its folder."""

    name: str

    @property
    def home(self) -> str:
        return f"{VERSIONS}/{self.name}"


class Update:
    """``run`` returns 0 when the other version is in use, 1 when this one still, or again, is.

    Raises RefusedError before anything was changed, FailedError when a person has to put things right.
    """

    def __init__(
        self,
        system: System,
        source: Path,
        say: Callable[[str], None] = print,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.system, self.source, self.say = system, source, say
        self._clock, self._sleep = clock, sleep

    def run(self, options: Options, ask: Ask = input) -> int:
        only_as_root(self.system, "update")
        with alone(self.system):
            self._in_use()  # or there is nothing to update
            for reason in refusals.of_read_only(self.system):
                raise RefusedError(reason)
            self._finish_what_was_cut_short()
            before = self._in_use()
            after = self._back_to(before) if options.back else self._chosen(options, before)
            if after.name == before.name:
                self.say(f"Instep {before.name} is in use already. Nothing to do.")
                return 0
            self.say(f"Instep {before.name} is in use; {after.name} will take its place.")
            if not options.yes and not agreed(ask, "Go ahead? [y/N] "):
                self.say("Nothing was changed.")
                return 1
            if not options.back:
                self.prepare(before, after)
            ill = self._known_ills(before)
            self._wait_until_idle(before)
            backup = self._back_up(before)
            try:
                return self._change(before, after, backup, ill)
            finally:
                trial.nobody_watches(self.system)

    def finish(self) -> int:
        """With a start that follows a pulled plug: back to the version before. Raises as ``run`` does."""
        only_as_root(self.system, "update")
        with alone(self.system):
            self._finish_what_was_cut_short()
        return 0

    # --- what there is ---------------------------------------------------------------------------------

    def _in_use(self) -> Version:
        record = Record(self.system)
        link = self.system.path(CURRENT)
        if not record.there or not link.is_symlink():
            raise RefusedError("Instep is not installed here: sudo ./scripts/install comes first")
        return Version(Path(os.readlink(link)).name)

    def _back_to(self, before: Version) -> Version:
        """The version that was in use last."""
        # Not one that is only ready, or was found ill.
        others = {
            path.name: (path / USED).stat().st_mtime
            for path in self.system.path(VERSIONS).iterdir()
            if (path / STAMP).exists() and (path / USED).exists() and path.name != before.name
        }
        if not others:
            raise RefusedError(f"There is no other version in {VERSIONS} to go back to.")
        return Version(max(others, key=lambda name: others[name]))

    def _chosen(self, options: Options, before: Version) -> Version:
        if not (self.source / ".git").exists():
            raise RefusedError(
                f"{self.source} is no clone, so nothing can be fetched into it. "
                "Clone Instep, and update from there."
            )
        if options.fetch and self._git("fetch", "--quiet", "--tags", "--force").code != 0:
            self.say("No newer versions can be asked for: there is no network. What is here already counts.")
        tags = self._git("tag", "--list", "v*", "--sort=-v:refname").out.split()
        if options.tag is None:
            released = [tag for tag in tags if "-" not in tag]
            if not released:
                raise RefusedError("There is no released version to update to; name a tag to choose one.")
            return Version(released[0])
        if options.tag not in tags:
            known = ", ".join(tags[:8]) or "none"
            raise RefusedError(f"There is no version {options.tag}; the newest are: {known}.")
        return Version(options.tag)

    def _git(self, *arguments: str) -> Done:
        """As the clone's owner: what root writes into it its owner could not change any more."""
        git = ["git", "-c", f"safe.directory={self.source}", "-C", str(self.source), *arguments]
        owner = self.source.stat().st_uid
        if owner != os.geteuid():
            with contextlib.suppress(KeyError):  # of an account that is gone
                git = ["runuser", "-u", pwd.getpwuid(owner).pw_name, "--", *git]
        return self.system.ask(*git)

    # --- beside the running version --------------------------------------------------------------------

    def prepare(self, before: Version, after: Version) -> None:
        """The new version whole in its folder. The machine can be used all the while."""
        home = self.system.path(after.home)
        if not (home / STAMP).exists():
            self.say(f"program ... {after.name}")
            draft = home.with_name(f".{home.name}.new")
            packed = home.with_name(f".{home.name}.tar")
            try:
                self._unpack(after, draft, packed)
                (draft / STAMP).write_text(f"{after.name}\n")
                shutil.rmtree(home, ignore_errors=True)
                draft.rename(home)
            except OSError as error:
                raise RefusedError(f"{after.name} cannot be unpacked to {home}: {error}") from error
            finally:
                packed.unlink(missing_ok=True)
                shutil.rmtree(draft, ignore_errors=True)
        self.say("environment ... this takes some minutes")
        has_lgpio = self.system.path(f"{before.home}/.venv/instep-lgpio").exists()
        done = self.system.ask(f"{after.home}/scripts/setup", "lgpio" if has_lgpio else "run", aloud=True)
        if done.code != 0:
            raise RefusedError(f"What {after.name} needs could not be fetched. The machine is as it was.")

    def _unpack(self, after: Version, draft: Path, packed: Path) -> None:
        # As root, for its owner may not write beside the installed versions; it only reads.
        git = ("git", "-c", f"safe.directory={self.source}", "-C", str(self.source))
        done = self.system.ask(*git, "archive", "--format=tar", f"--output={packed}", after.name)
        if done.code != 0:
            raise RefusedError(f"git cannot give {after.name}: {_last(done)}")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True, mode=0o755)
        # Not Python's own: Bookworm's knows no filter yet, and warns or worse about its absence elsewhere.
        done = self.system.ask(
            "tar", "--extract", "--no-same-owner", f"--file={packed}", f"--directory={draft}"
        )
        if done.code != 0:
            raise RefusedError(f"{after.name} cannot be unpacked to {draft}: {_last(done)}")

    # --- not while anybody sits there ------------------------------------------------------------------

    def _status(self, version: Version) -> Done:
        return self._instep(version, "status")

    def _wait_until_idle(self, version: Version) -> None:
        """Returns with the screen stopped, so that nobody can start a session any more."""
        deadline = self._clock() + IDLE_WAIT_S
        told = False
        while True:
            if self._status(version).code != BUSY:
                self.system.ask("systemctl", "stop", KIOSK)
                if self._status(version).code != BUSY:
                    return
                self.system.ask("systemctl", "start", KIOSK)  # somebody was quicker
            if not told:
                self.say(
                    f"The machine is in use ({self._status(version).out.strip()}); waiting for its end ..."
                )
                told = True
            if self._clock() > deadline:
                raise RefusedError(
                    "The machine is still in use. The new version is ready; start again later."
                )
            self._sleep(IDLE_LOOK_S)

    # --- the change ------------------------------------------------------------------------------------

    def _back_up(self, version: Version) -> str:
        """The newest backup's name; the history is in it as it is now."""
        done = self._instep(version, "backup")
        listed = self._instep(version, "backup", "--list")
        if done.code != 0 or not listed.out.strip():
            self.system.ask("systemctl", "start", KIOSK)
            raise RefusedError(f"No backup could be made: {(done.out + done.err).strip()}")
        name = listed.out.split()[0]
        self.say(f"backup ... {name}")
        return name

    def _change(self, before: Version, after: Version, backup: str, ill: set[str]) -> int:
        record = self.system.read(PLACE) or ""
        Trial(before.name, after.name, backup, record).begin(self.system)
        self.say(f"version ... {after.name}")
        done = self._install(after)
        trouble = f"it cannot be installed: {_last(done)}" if done.code else self._trouble(after, ill)
        if not trouble:
            trial.end(self.system)
            self._keep_two(before, after)
            self.say(f"\nDone: Instep {after.name}. Back to {before.name}: ./scripts/update --back")
            return 0
        self.say(f"\n{after.name} is not well: {trouble}")
        self._go_back(before, after, backup, record)
        shutil.rmtree(self.system.path(after.home), ignore_errors=True)
        self.say(f"\nInstep {before.name} is in use again, and everything is as it was.")
        return 1

    def _install(self, version: Version) -> Done:
        return self.system.ask(f"{version.home}/scripts/install", "--yes")

    def _trouble(self, version: Version, ill: set[str]) -> str:
        """What is wrong with the version in use, by the machine's own word; empty when nothing is."""
        deadline = self._clock() + READY_S
        while self._status(version).code != 0 or not self._active(CONTROLLER):
            if self._clock() > deadline:
                return f"the controller does not come up ({self._status(version).out.strip()})"
            self._sleep(LOOK_S)
        services = [unit for unit in (CONTROLLER, KIOSK) if self._enabled(unit)]
        starts = {unit: self._restarts(unit) for unit in services}
        proof = self._clock() + PROOF_S
        while self._clock() < proof:
            self._sleep(LOOK_S)
            for unit in services:
                if self._restarts(unit) != starts[unit] or not self._active(unit):
                    return f"{unit} died"
        new = self._known_ills(version) - ill
        return f"instep doctor finds what was not there before: {', '.join(sorted(new))}" if new else ""

    def _go_back(self, before: Version, after: Version, backup: str, record: str) -> None:
        self.say(f"back ... {before.name}")
        self.system.ask("systemctl", "stop", KIOSK, CONTROLLER)
        done = self._install(before)
        if done.code != 0 and record:
            # It cannot read what the newer installer wrote down: with its own words it can.
            self.system.write(PLACE, record)
            done = self._install(before)
        if self._instep(before, "history", "--limit", "1").code != 0:
            self.system.ask("systemctl", "stop", KIOSK, CONTROLLER)
            restored = self._instep(before, "restore", backup)
            self.say(_last(restored))
            done = self._install(before)
        if done.code != 0:
            raise FailedError(
                f"{before.name} could not be put back: {_last(done)}\n"
                f"By hand: sudo {before.home}/scripts/install, and instep restore {backup}"
            )
        self.system.remove(f"{after.home}/{USED}")
        trial.end(self.system)

    def _keep_two(self, before: Version, after: Version) -> None:
        """The card is small: older versions go."""
        for path in self.system.path(VERSIONS).iterdir():
            if path.name not in (before.name, after.name):
                shutil.rmtree(path, ignore_errors=True)
        self.system.write(f"{before.home}/{USED}", "")  # what --back goes by

    # --- a plug pulled in the middle -------------------------------------------------------------------

    def _finish_what_was_cut_short(self) -> None:
        left = trial.cut_short(self.system)
        if left is not None:
            self.say(f"An update was cut short; Instep {left.before} is put back first.")
            self._go_back(Version(left.before), Version(left.after), left.backup, left.record)

    # --- asking ----------------------------------------------------------------------------------------

    def _instep(self, version: Version, *arguments: str) -> Done:
        return self.system.ask(
            "runuser", "-u", USER, "--", f"{version.home}/.venv/bin/instep", *arguments,
            environment={"INSTEP_DATA": DATA, "INSTEP_RUNTIME": RUNTIME, "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip

    def _known_ills(self, version: Version) -> set[str]:
        """The names of what the doctor calls broken."""
        done = self._instep(version, "doctor", "--json")
        with contextlib.suppress(ValueError, KeyError, TypeError):
            return set(_broken(json.loads(done.out)))
        return set()

    def _active(self, unit: str) -> bool:
        return self.system.ask("systemctl", "is-active", unit).out.strip() == "active"

    def _enabled(self, unit: str) -> bool:
        return self.system.ask("systemctl", "is-enabled", unit).out.strip() == "enabled"

    def _restarts(self, unit: str) -> str:
        return self.system.ask("systemctl", "show", "--property=NRestarts", "--value", unit).out.strip()


def _broken(page: dict[str, object]) -> Iterator[str]:
    lines = page["lines"]
    assert isinstance(lines, list)
    for line in lines:
        if line["verdict"] == "broken":
            yield str(line["name"])


def _last(done: Done) -> str:
    said = (done.out + done.err).strip().splitlines()
    return said[-1] if said else f"it ended with {done.code}"
