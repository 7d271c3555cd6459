"""``scripts/update``: never while somebody sits there, and back by itself when the new version is ill."""

from __future__ import annotations

import json
import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from scripts.installer import update as updating
from scripts.installer.record import PLACE, Record
from scripts.installer.steps.tree import STAMP, USED
from scripts.installer.system import Done, FailedError, RefusedError, System
from scripts.installer.trial import NOTE, UNIT, WANTED, WATCHED
from scripts.installer.update import Options, Update

ROOT = Path(__file__).resolve().parents[2]


class Machine:
    """An installed machine made of a folder, and a clone with releases; commands pretend, git is real."""

    def __init__(self, root: Path, clone: Path) -> None:
        self.root, self.clone = root, clone
        self.system = System(root, self.run)
        self.ran: list[str] = []
        self.statuses: list[int] = []
        """What ``instep status`` ends with, one after the other; then 0."""
        self.ill: dict[str, str] = {}
        """A version, and what is wrong with it: install, start, dies, doctor, history."""
        self.now = 0.0
        self.screen = True
        self.restored = ""
        self.plug_pulled_at = ""
        self.on_install: Callable[[], None] = lambda: None
        versions = root / "opt/instep/versions"
        (versions / "v1.0/.venv").mkdir(parents=True)
        (versions / "v1.0" / STAMP).write_text("v1.0\n")
        (root / "opt/instep/current").symlink_to("versions/v1.0")
        (root / "etc").mkdir()
        Record(self.system).save()

    @property
    def in_use(self) -> str:
        return Path(os.readlink(self.root / "opt/instep/current")).name

    @property
    def versions(self) -> set[str]:
        return {path.name for path in (self.root / "opt/instep/versions").iterdir()}

    def update(self, tag: str | None = None, **options: bool) -> int:
        work = Update(self.system, self.clone, print, lambda: self.now, self._sleep)
        return work.run(Options(tag, **{"yes": True, **options}))

    def finish(self) -> int:
        return Update(self.system, self.clone, print, lambda: self.now, self._sleep).finish()

    def there(self, name: str) -> bool:
        return os.path.lexists(self.root / name.lstrip("/"))

    def _sleep(self, seconds: float) -> None:
        self.now += seconds

    def run(self, command: Sequence[str], _environment: Mapping[str, str], _aloud: bool) -> Done:
        words = list(command[2:])
        line = " ".join(words)
        self.ran.append(line)
        if self.plug_pulled_at and self.plug_pulled_at in line:
            raise KeyboardInterrupt
        if words[0] in ("git", "tar"):
            done = subprocess.run(words, capture_output=True, text=True, check=False)
            return Done(done.returncode, done.stdout, done.stderr)
        if words[0].endswith("/scripts/setup"):
            (Path(str(self.root) + words[0]).parent.parent / ".venv").mkdir(exist_ok=True)
            return Done(0)
        if words[0].endswith("/scripts/install"):
            self.on_install()
            return self._install(words[0].split("/")[4])
        if words[0] == "systemctl":
            return self._systemctl(words[1:])
        assert words[:4] == ["runuser", "-u", "instep", "--"], line
        return self._instep(words[4].split("/")[4], words[5:])

    def _install(self, version: str) -> Done:
        if self.ill.get(version) == "install":
            return Done(1, err="no such package")
        link = self.root / "opt/instep/current"
        link.unlink()
        link.symlink_to(f"versions/{version}")
        self.system.write(f"/opt/instep/versions/{version}/{USED}", "")
        self.screen = True
        return Done(0)

    def _systemctl(self, words: list[str]) -> Done:
        ill = self.ill.get(self.in_use)
        match words[0]:
            case "stop" | "start":
                if words[1] == updating.KIOSK:
                    self.screen = words[0] == "start"
            case "is-active":
                return Done(3, "failed\n") if ill == "start" else Done(0, "active\n")
            case "is-enabled":
                return Done(0, "enabled\n")
            case "show":
                return Done(0, f"{int(self.now) if ill == 'dies' else 0}\n")
        return Done(0)

    def _instep(self, version: str, words: list[str]) -> Done:
        match words[0]:
            case "status":
                code = self.statuses.pop(0) if self.statuses else 0
                return Done(code, "running: relax, 3 min left\n" if code == 3 else "idle\n")
            case "backup":
                return Done(0, "000007-2026-03-01  2026-03-01 03:10  4 sessions  90 kB\n")
            case "doctor":
                broken = "broken" if self.ill.get(version) == "doctor" else "ok"
                lines = [
                    {"name": "Touch", "verdict": "broken"},
                    {"name": "History", "verdict": broken},
                ]
                return Done(2, json.dumps({"lines": lines}))
            case "history":
                return Done(1 if self.ill.get(version) == "history" and not self.restored else 0)
            case "restore":
                self.restored = words[1]
        return Done(0)


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone with four releases; thirteen commands that each test would wait for."""
    clone = tmp_path_factory.mktemp("releases") / "clone"
    clone.mkdir()

    def git(*words: str) -> None:
        who = ["-c", "user.name=A", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"]
        subprocess.run(["git", *who, *words], cwd=clone, check=True, capture_output=True)

    git("init")
    for tag in ("v1.0", "v1.9", "v1.10", "v2.0-rc1"):
        (clone / "version").write_text(tag)
        git("add", "version")
        git("commit", "-m", tag)
        git("tag", tag)
    return clone


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, releases: Path) -> Machine:
    monkeypatch.setattr("scripts.installer.system.os.fsync", lambda _number: None)
    return Machine(tmp_path / "root", Path(shutil.copytree(releases, tmp_path / "clone")))


def test_the_newest_release_takes_the_place_and_the_one_before_is_kept(machine: Machine) -> None:
    (machine.root / "opt/instep/versions/v0.9").mkdir()
    assert machine.update() == 0
    assert machine.in_use == "v1.10"
    assert machine.versions == {"v1.0", "v1.10"}
    assert (machine.root / "opt/instep/current/version").read_text() == "v1.10"
    assert not machine.there(NOTE)
    order = [line for line in machine.ran if "backup" in line or "scripts/" in line or "stop" in line]
    assert [line.split("/")[-1] for line in order] == [
        "setup run", "systemctl stop instep-kiosk.service", "instep backup", "instep backup --list",
        "install --yes",
    ]  # fmt: skip


def test_a_second_time_there_is_nothing_to_do(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    machine.update()
    machine.ran.clear()
    assert machine.update() == 0
    assert "in use already" in capsys.readouterr().out
    assert not [line for line in machine.ran if "systemctl" in line]


def test_git_speaks_as_the_owner_of_the_clone(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = pwd.getpwuid(machine.clone.stat().st_uid).pw_name
    monkeypatch.setattr("scripts.installer.update.os.geteuid", lambda: machine.clone.stat().st_uid + 1)
    asked = machine.update
    with pytest.raises(AssertionError, match=f"runuser -u {owner} -- git -c safe.directory"):
        asked()
    monkeypatch.setattr("scripts.installer.update.pwd.getpwuid", {}.__getitem__)
    assert asked() == 0, "an account that is gone cannot speak"


def test_an_unknown_version_is_refused_with_those_there_are(machine: Machine) -> None:
    with pytest.raises(RefusedError, match=r"no version v7; the newest are: v2\.0-rc1, v1\.10"):
        machine.update("v7")
    assert machine.update("v2.0-rc1") == 0  # by name an early one may be had


def test_a_session_is_never_disturbed(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    machine.statuses = [3, 3, 3, 3]
    assert machine.update() == 0
    said = capsys.readouterr().out
    assert "3 min left" in said
    assert machine.now >= 2 * updating.IDLE_LOOK_S


def test_somebody_who_starts_in_the_last_moment_goes_first(machine: Machine) -> None:
    machine.statuses = [0, 3, 3]  # idle; the screen is stopped; by then a session runs
    assert machine.update() == 0
    stops = [
        line for line in machine.ran if f"stop {updating.KIOSK}" in line or f"start {updating.KIOSK}" in line
    ]
    assert [line.split()[1] for line in stops] == ["stop", "start", "stop"]


def test_a_machine_that_stays_in_use_keeps_its_version(machine: Machine) -> None:
    machine.statuses = [3] * 1000
    with pytest.raises(RefusedError, match="still in use"):
        machine.update()
    assert machine.in_use == "v1.0"
    assert machine.screen


@pytest.mark.parametrize(
    ("ill", "said"),
    [
        ("install", "cannot be installed: no such package"),
        ("start", "does not come up"),
        ("dies", "instep-controller.service died"),
        ("doctor", "what was not there before: History"),
    ],
)
def test_a_version_that_is_not_well_goes_by_itself(
    machine: Machine, capsys: pytest.CaptureFixture[str], ill: str, said: str
) -> None:
    machine.ill = {"v1.10": ill}
    assert machine.update() == 1
    out = capsys.readouterr().out
    assert said in out
    assert "Instep v1.0 is in use again" in out
    assert machine.in_use == "v1.0"
    assert machine.versions == {"v1.0"}
    assert machine.screen
    assert not machine.restored  # the history is readable: nothing of it is put back
    assert not machine.there(NOTE)


def test_a_history_the_old_version_cannot_read_comes_back_from_the_backup(machine: Machine) -> None:
    machine.ill = {"v1.10": "dies", "v1.0": "history"}
    assert machine.update() == 1
    assert machine.restored == "000007-2026-03-01"
    assert machine.in_use == "v1.0"


def test_back_by_hand_needs_no_network_and_no_fetching(machine: Machine) -> None:
    machine.update()
    machine.ran.clear()
    assert machine.update(back=True) == 0
    assert machine.in_use == "v1.0"
    assert not [line for line in machine.ran if "git" in line or "setup" in line]
    assert machine.update(back=True) == 0
    assert machine.in_use == "v1.10"


def test_back_is_never_to_what_was_ill_or_only_made_ready(machine: Machine) -> None:
    with pytest.raises(RefusedError, match="no other version"):
        machine.update(back=True)
    machine.update("v1.9")
    machine.statuses = [3] * 1000
    with pytest.raises(RefusedError, match="still in use"):
        machine.update("v1.10")
    machine.statuses = []
    machine.ill = {"v2.0-rc1": "dies"}
    assert machine.update("v2.0-rc1") == 1
    assert machine.versions == {"v1.0", "v1.9", "v1.10"}
    machine.plug_pulled_at = "systemctl is-active"
    with pytest.raises(KeyboardInterrupt):
        machine.update("v1.10")
    machine.plug_pulled_at = ""
    assert machine.finish() == 0
    assert machine.update(back=True) == 0
    assert machine.in_use == "v1.0"


@pytest.mark.parametrize("place", ["v1.10/scripts/install", "systemctl is-active", "doctor --json"])
def test_a_plug_pulled_in_the_middle_is_put_right_by_the_next_try(machine: Machine, place: str) -> None:
    machine.plug_pulled_at = place
    with pytest.raises(KeyboardInterrupt):
        machine.update()
    machine.plug_pulled_at = ""
    cut_short = machine.there(NOTE)
    machine.ran.clear()
    assert machine.update() == 0
    assert machine.in_use == "v1.10"
    assert not machine.there(NOTE)
    assert cut_short == any("v1.0/scripts/install" in line for line in machine.ran)


def test_a_plug_pulled_in_the_middle_is_put_right_by_the_next_start(machine: Machine) -> None:
    machine.plug_pulled_at = "systemctl is-active"
    with pytest.raises(KeyboardInterrupt):
        machine.update()
    assert machine.in_use == "v1.10"
    assert not machine.there(WATCHED)  # /run is emptied by the start itself
    unit = (machine.root / WANTED.lstrip("/")).read_text()
    command = re.search("^ExecStart=(.*)$", unit, re.M)
    assert command is not None
    # By the version that is known to be sound: the new one's own installer may be what is ill.
    assert command[1] == "/opt/instep/versions/v1.0/scripts/update --finish"
    machine.plug_pulled_at = ""
    assert machine.finish() == 0
    assert machine.in_use == "v1.0"
    assert not any(machine.there(name) for name in (NOTE, UNIT, WANTED))
    machine.ran.clear()
    assert machine.finish() == 0
    assert not machine.ran  # nothing was cut short: nothing is done


def test_the_last_resort_leaves_going_back_to_whoever_watches(machine: Machine) -> None:
    seen: list[bool] = []
    machine.on_install = lambda: seen.append(machine.there(WATCHED))
    assert machine.update() == 0
    assert seen == [True]
    assert not any(machine.there(name) for name in (NOTE, UNIT, WANTED, WATCHED))
    resort = (ROOT / "systemd/instep-last-resort.service").read_text()
    assert f"ConditionPathExists=!{WATCHED}\n" in resort


def test_without_an_installation_it_says_what_comes_first(tmp_path: Path, machine: Machine) -> None:
    (machine.root / PLACE.lstrip("/")).unlink()
    with pytest.raises(RefusedError, match=r"scripts/install comes first"):
        machine.update()


def test_two_versions_that_both_fail_ask_for_a_person(machine: Machine) -> None:
    machine.ill = {"v1.10": "start", "v1.0": "install"}
    with pytest.raises(FailedError, match="By hand"):
        machine.update()
    assert machine.there(NOTE)
