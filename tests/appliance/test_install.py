"""``scripts/install`` and ``scripts/uninstall`` on a card that pretends: no root, no network."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts.installer.install import HELD, Options, alone, install
from scripts.installer.steps import packages
from scripts.installer.system import FailedError, RefusedError, System
from scripts.installer.uninstall import uninstall
from tests.appliance.card import CMDLINE, CONFIG, PI_5, ROOT, Card

UNITS = "etc/systemd/system"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A tree as small as the installer lets it be."""
    tree = tmp_path / "source"
    for name in ("systemd", "scripts", "app"):
        (tree / name).mkdir(parents=True)
    for path in (ROOT / "systemd").iterdir():
        (tree / "systemd" / path.name).write_text(path.read_text())
    (tree / "scripts" / "setup").write_text("#!/bin/sh\n")
    (tree / "scripts" / "setup").chmod(0o700)
    (tree / "app" / "__init__.py").touch()
    (tree / "app" / "__pycache__").mkdir()
    (tree / "app" / "__pycache__" / "stale.pyc").touch()
    (tree / "pyproject.toml").write_text('[project]\nversion = "1.2"\n')
    return tree


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody pulls this card out."""
    monkeypatch.setattr("scripts.installer.system.os.fsync", lambda _number: None)


@pytest.fixture
def card(tmp_path: Path) -> Card:
    return Card(tmp_path / "root")


def put(card: Card, source: Path, ask: Callable[[str], str] = input, **options: object) -> int:
    return install(card.system, source, Options(**{"yes": True, **options}), ask)  # type: ignore[arg-type]


def take(card: Card, source: Path, *, data: bool = False) -> int:
    return uninstall(card.system, source, yes=True, data=data)


def test_a_fresh_card_becomes_the_machine(card: Card, source: Path) -> None:
    assert put(card, source) == 0
    home = card.root / "opt/instep/versions/1.2-local"
    assert (card.root / "opt/instep/current").readlink() == Path("versions/1.2-local")
    assert (card.root / "opt/instep/current").resolve() == home
    assert (home / "scripts/setup").stat().st_mode & 0o777 == 0o755
    assert not (home / "app/__pycache__").exists()
    assert tomllib.loads(card.text("var/lib/instep/machine.toml"))["pins"]["factory"] == "pigpio"
    assert {"pigpio", "polkitd", "python3.11-venv"} < card.packages
    assert "cage" not in card.packages
    assert card.user
    assert all("instep" in members for members in card.groups.values())
    assert "-g -l -f -x 0x4001000\n" in card.text(f"{UNITS}/pigpiod.service.d/instep.conf")
    assert card.enabled == {
        "pigpiod.service", "instep-controller.service", "instep-kiosk.service", "instep-backup.timer",
    }  # fmt: skip
    assert "gpio=12,26=op,dl" in card.text("boot/firmware/config.txt")
    assert card.text("boot/firmware/cmdline.txt").startswith(CMDLINE.strip() + " quiet ")
    assert not [line for line in card.ran if line.startswith(("systemctl start", "systemctl restart"))]


def test_the_second_time_nothing_is_to_do_and_nothing_is_asked(
    card: Card, source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(card, source)
    before = card.everything()
    card.changes()
    assert put(card, source, ask=never, yes=False) == 0
    assert card.changes() == []
    assert card.everything() == before
    assert "Nothing to do" in capsys.readouterr().out


def never(question: str) -> str:
    raise AssertionError(f"asked: {question}")


def test_three_questions_at_most_and_a_no_changes_nothing(card: Card, source: Path) -> None:
    before = card.everything()
    asked = []

    def ask(question: str) -> str:
        asked.append(question)
        return ""

    assert put(card, source, ask=ask, yes=False) == 1
    assert len(asked) == 3
    assert "Which machine" in asked[0]
    assert "degrees" in asked[1]
    assert "Go ahead" in asked[2]
    assert card.everything() == before
    assert card.changes() == []


def test_nobody_there_to_answer_is_said(card: Card, source: Path) -> None:
    def nobody(_question: str) -> str:
        raise EOFError

    with pytest.raises(RefusedError, match="--yes"):
        put(card, source, ask=nobody, yes=False)


def test_an_uninstallation_leaves_the_card_as_it_was_but_for_the_data(card: Card, source: Path) -> None:
    before, packages = card.everything(), set(card.packages)
    put(card, source)
    (card.root / "var/lib/instep/history.db").write_text("sessions")
    assert take(card, source) == 0
    after = card.everything()
    assert after.pop("var/lib/instep/history.db") == "sessions"
    assert "pigpio" in after.pop("var/lib/instep/machine.toml")
    assert "rotation" in after.pop("var/lib/instep/mounting.json")
    assert after == before
    assert card.packages == packages | {"polkitd"}  # which something else needs by now
    assert card.enabled == set()
    assert card.groups["gpio"] == ["pi"]
    assert not (card.root / "etc/instep").exists()
    assert not (card.root / f"{UNITS}/pigpiod.service.d").exists()


def test_the_data_goes_when_it_is_asked_for(card: Card, source: Path) -> None:
    before = card.everything()
    put(card, source)
    take(card, source, data=True)
    assert card.everything() == before
    assert not (card.root / "var/lib/instep").exists()
    assert not card.user


def test_the_user_that_stayed_with_the_data_goes_with_them_later(card: Card, source: Path) -> None:
    for data in (False, True):
        put(card, source)
        take(card, source, data=data)
        assert bool(card.user) is not data


def test_a_user_who_was_there_before_stays(card: Card, source: Path) -> None:
    card.user = "instep:x:1000:1000:Ina Step:/home/instep:/bin/bash"
    put(card, source)
    take(card, source, data=True)
    assert card.user


def test_what_is_not_installed_is_not_uninstalled(card: Card, source: Path) -> None:
    assert take(card, source) == 0
    assert card.changes() == []


def test_groups_that_were_missing_are_made_and_go_again(card: Card, source: Path) -> None:
    del card.groups["spi"]
    put(card, source)
    assert card.groups["spi"] == ["instep"]
    take(card, source, data=True)
    assert "spi" not in card.groups
    assert "gpio" in card.groups


def test_a_pi_5_gets_lgpio_and_cage(tmp_path: Path, source: Path) -> None:
    card = Card(tmp_path / "root", PI_5)
    put(card, source)
    assert {"python3-lgpio", "cage", "xwayland", "libxi6"} < card.packages
    assert "pigpio" not in card.packages
    assert "pigpiod.service" not in card.enabled
    assert not (card.root / f"{UNITS}/pigpiod.service.d").exists()
    assert (card.root / f"{UNITS}/instep-kiosk.service.d/cage.conf").exists()
    assert tomllib.loads(card.text("var/lib/instep/machine.toml"))["pins"]["factory"] == "lgpio"
    assert [line for line in card.ran if line.endswith("scripts/setup lgpio")]


def test_a_pi_4_on_trixie_gets_lgpio(tmp_path: Path, source: Path) -> None:
    card = Card(tmp_path / "root", debian="13")
    put(card, source)
    assert {"python3-lgpio", "libasound2t64", "python3.13-venv"} < card.packages
    assert "cage" not in card.packages
    card.changes()
    put(card, source)
    assert card.changes() == []


def test_where_lgpio_is_not_packaged_it_is_built(tmp_path: Path, source: Path) -> None:
    card = Card(tmp_path / "root", debian="13")
    card.archive.clear()
    put(card, source)
    assert {"swig", "gcc", "python3.13-dev"} < card.packages


def test_the_owners_machine_file_stays(card: Card, source: Path) -> None:
    put(card, source)
    machine = card.root / "var/lib/instep/machine.toml"
    machine.write_text(machine.read_text() + "# tuned\n")
    card.changes()
    put(card, source)
    assert machine.read_text().endswith("# tuned\n")
    assert card.changes() == []


def test_a_card_that_moves_to_a_pi_5_keeps_its_tuning_and_changes_its_pins(card: Card, source: Path) -> None:
    put(card, source)
    machine = card.root / "var/lib/instep/machine.toml"
    machine.write_text(machine.read_text() + "# tuned\n")
    (card.root / "proc/device-tree/model").write_text(PI_5)
    put(card, source)
    assert 'factory = "lgpio"' in machine.read_text()
    assert machine.read_text().endswith("# tuned\n")
    assert "pigpiod.service" not in card.enabled
    assert not (card.root / f"{UNITS}/pigpiod.service.d/instep.conf").exists()
    assert 'factory = "pigpio"' in card.text("var/lib/instep/machine.toml.before")


def test_a_machine_file_that_the_program_refuses_never_gets_in_place(card: Card, source: Path) -> None:
    card.broken["instep machine /tmp/"] = "rail.pin: 99 is too large"
    with pytest.raises(FailedError, match=r"(?s)machine file.*99"):
        put(card, source)
    assert not (card.root / "var/lib/instep/machine.toml").exists()


def test_after_a_failure_in_the_middle_it_goes_on(card: Card, source: Path) -> None:
    card.broken["scripts/setup"] = ""
    with pytest.raises(FailedError, match="Stopped at: environment"):
        put(card, source)
    assert not (card.root / "opt/instep/current").exists()
    card.broken.clear()
    card.changes()
    assert put(card, source) == 0
    assert not [line for line in card.changes() if line.startswith(("apt-get", "useradd"))]
    assert (card.root / "opt/instep/current").exists()


def test_without_a_network_it_says_so_and_can_still_be_undone(card: Card, source: Path) -> None:
    before = card.everything()
    card.broken["-qq"] = "Temporary failure resolving"
    with pytest.raises(FailedError, match=r"(?s)network.*\nTemporary failure"):
        put(card, source)
    card.broken.clear()
    take(card, source)
    assert card.everything() == before


def test_what_apt_says_is_told_in_a_line_or_three(card: Card, source: Path) -> None:
    card.broken["-qq"] = "\n".join((*("Ign:1 http://deb" for _ in range(20)), "E: one", "E: two", "W: x"))
    with pytest.raises(FailedError) as found:
        put(card, source)
    assert str(found.value).splitlines()[1:] == ["E: one", "E: two"]


def test_what_a_pulled_plug_left_half_installed_is_mended_before_anything_is_installed(
    card: Card, source: Path
) -> None:
    put(card, source)
    ran = [line for line in card.ran if line.startswith(("dpkg --configure", "apt-get"))]
    assert ran[0] == "dpkg --configure -a"


def test_another_apt_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    system = System(tmp_path)
    lock = tmp_path / packages.LOCKS[1].lstrip("/")
    lock.parent.mkdir(parents=True)
    lock.touch()
    held, said, now = iter([True, True, False]), [], [0.0]
    monkeypatch.setattr(packages, "_is_held", lambda path: path == lock and next(held))

    def sleep(seconds: float) -> None:
        now[0] += seconds

    packages.wait_for_others(system, said.append, lambda: now[0], sleep)
    assert (now[0], len(said)) == (2.0, 1)
    monkeypatch.setattr(packages, "_is_held", lambda path: path == lock)
    packages.wait_for_others(system, said.append, lambda: now[0], sleep)
    assert 2.0 + packages.LOCKS_S <= now[0] < 4.0 + packages.LOCKS_S, "not for ever"


def test_a_lock_is_held_while_another_process_has_it(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    assert not packages._is_held(lock)
    lock.touch()
    assert not packages._is_held(lock)
    holds = (
        "import fcntl, sys; file = open(sys.argv[1], 'r+b'); fcntl.lockf(file, fcntl.LOCK_EX);"
        "print(flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-S", "-c", holds, str(lock)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"\n"
        assert packages._is_held(lock)
        other.communicate()
    assert not packages._is_held(lock)


def test_what_was_changed_by_hand_is_kept(
    card: Card, source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(card, source)
    name = "etc/systemd/journald.conf.d/instep.conf"
    (card.root / name).write_text("[Journal]\nSystemMaxUse=1G\n")
    (card.root / "boot/firmware/config.txt").write_text(
        card.text("boot/firmware/config.txt") + "dtparam=i2c=on\n"
    )
    take(card, source)
    assert card.text(f"{name}.kept") == "[Journal]\nSystemMaxUse=1G\n"
    assert not (card.root / name).exists()
    assert card.text("boot/firmware/config.txt") == CONFIG + "dtparam=i2c=on\n"
    assert card.text("boot/firmware/config.txt.before-instep") == CONFIG
    said = capsys.readouterr().out
    assert f"{name}.kept" in said
    assert "before-instep" in said


def test_a_new_version_is_installed_beside_the_old_one(card: Card, source: Path) -> None:
    put(card, source)
    (source / "pyproject.toml").write_text('[project]\nversion = "1.3"\n')
    card._setup = lambda words: _setup_newest(card, words)  # type: ignore[method-assign]
    put(card, source)
    assert (card.root / "opt/instep/current").readlink() == Path("versions/1.3-local")
    assert (card.root / "opt/instep/versions/1.2-local").is_dir()
    assert json.loads(card.text("etc/instep/installed.json"))["version"] == "1.3-local"


def _setup_newest(card: Card, words: list[str]) -> object:
    from scripts.installer.system import Done

    venv = card.root / "opt/instep/versions/1.3-local/.venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "instep").touch()
    (venv / f"instep-{words[0]}").touch()
    return Done(0)


# --- on the computer itself -----------------------------------------------------------------------------


@pytest.fixture
def running(card: Card, monkeypatch: pytest.MonkeyPatch) -> Card:
    monkeypatch.setattr("scripts.installer.install.os.geteuid", lambda: 0)
    card.boot()
    return card


SERVICES = ["pigpiod.service", "instep-controller.service", "instep-backup.timer", "instep-kiosk.service"]


def test_boot_settings_wait_for_a_restart_and_the_services_with_them(
    running: Card, source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(running, source)
    assert "sudo reboot" in capsys.readouterr().out
    assert not running.active
    assert "systemctl restart systemd-journald.service" in running.ran
    put(running, source)
    assert "sudo reboot" in capsys.readouterr().out
    running.boot("two")
    running.active = set(SERVICES)
    running.changes()
    put(running, source)
    assert running.changes() == []
    assert "sudo reboot" not in capsys.readouterr().out


def test_a_service_that_was_stopped_is_started(running: Card, source: Path) -> None:
    put(running, source)
    running.boot("two")
    put(running, source)
    assert running.active == set(SERVICES)
    put(running, source, start=False)


def test_what_changes_restarts_what_it_concerns(running: Card, source: Path) -> None:
    put(running, source)
    running.boot("two")
    running.active = set(SERVICES)
    (running.root / "opt/instep/versions/1.2-local/.venv/instep-unfinished").touch()
    running.changes()
    put(running, source)
    ran = running.changes()
    stopped = next(line for line in ran if line.startswith("systemctl stop"))
    assert stopped == "systemctl stop instep-kiosk.service instep-backup.timer instep-controller.service"
    starts = [line.split()[-1] for line in ran if line.startswith("systemctl start")]
    assert starts == SERVICES
    running.boot_lines = ""
    (source / "systemd/pigpiod.conf").write_text(
        (source / "systemd/pigpiod.conf").read_text().replace("Restart=always", "Restart=on-failure")
    )
    put(running, source)
    assert not [
        line for line in running.changes() if line.startswith("systemctl start")
    ]  # boot settings changed


def test_a_service_that_does_not_start_is_told_and_the_rest_goes_on(
    running: Card, source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(running, source)
    running.boot("two")
    running.broken["start instep-controller"] = "no"
    assert put(running, source) == 0
    assert "journalctl -u instep-controller" in capsys.readouterr().out
    assert "instep-kiosk.service" in running.active


def test_an_uninstallation_stops_the_screen_first_and_the_pins_last(running: Card, source: Path) -> None:
    put(running, source)
    running.changes()
    take(running, source)
    gone = [line.split()[-1] for line in running.changes() if line.startswith("systemctl disable --now")]
    assert gone == list(reversed(SERVICES))


def test_two_at_once(running: Card, source: Path) -> None:
    with alone(running.system):
        assert put(running, source) == 0  # started by who holds the lock
    with alone(running.system):
        del os.environ[HELD]
        with pytest.raises(RefusedError, match="Another"):
            put(running, source)
        os.environ[HELD] = "1"


# --- other machines -------------------------------------------------------------------------------------


def test_a_virtual_machine_on_a_pc(tmp_path: Path, source: Path) -> None:
    card = Card(tmp_path / "root", model="")
    (card.root / "proc/device-tree/model").unlink()
    for name in ("config.txt", "cmdline.txt"):
        (card.root / "boot/firmware" / name).unlink()
    card.architecture = "amd64"
    card.archive.clear()
    assert put(card, source, virtual=True) == 0
    assert "instep-virtual.service" in card.enabled
    assert "pigpiod.service" not in card.enabled
    assert not (card.root / "etc/systemd/system.conf.d").exists()
    assert 'factory = "pigpio"' in card.text("var/lib/instep/machine.toml")
    card.changes()
    assert put(card, source) == 0  # remembered
    assert card.changes() == []


def test_a_desktop_gives_way_and_comes_back(card: Card, source: Path) -> None:
    (card.root / UNITS / "display-manager.service").symlink_to("/lib/systemd/system/lightdm.service")
    card.target = "graphical.target"
    put(card, source)
    assert card.target == "multi-user.target"
    take(card, source)
    assert card.target == "graphical.target"
