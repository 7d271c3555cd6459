"""``scripts/read-only`` on a card that pretends: no root, no partition, no overlay."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from scripts.installer import fstab, partition
from scripts.installer.install import Options as InstallOptions
from scripts.installer.install import install
from scripts.installer.read_only import CLOCK, JOURNAL, SERVICES, STAYS, Options, ReadOnly
from scripts.installer.record import Record
from scripts.installer.refusals import LOWER, SETTING
from scripts.installer.system import Done, FailedError, RefusedError
from scripts.installer.uninstall import uninstall
from scripts.installer.update import Options as UpdateOptions
from scripts.installer.update import Update
from tests.appliance.card import CONFIG, ROOT, Card

DATA = "var/lib/instep"
FSTAB = """\
proc            /proc           proc    defaults          0       0
PARTUUID=1-01  /boot/firmware  vfat    defaults          0       2
PARTUUID=1-02  /               ext4    defaults,noatime  0       1
"""
KEPT = {
    "history.db": "sessions", "history.db-wal": "more", "people.json": "{}", "pin.json": "{}",
    "machine.toml": "[pins]\nfactory = \"pigpio\"\n", "preferences.json": "{}", "programs/mine.toml": "mine",
    "backups/one/manifest.json": "{}",
}  # fmt: skip


class Partitioned(Card):
    """A card that Instep is on, and a partition: the folder ``partition`` while it is not mounted."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.archive |= {"overlayroot", "busybox"}
        self.partition = root.parent / "partition"
        self.partition.mkdir()
        self.tags = "DEVNAME=/dev/sda1\nUUID=abcd-1\nTYPE=ext4\n"
        self.targets = ""
        """Where the partition is mounted, by findmnt."""
        self.busy = 0
        self.at: Path | None = None
        self.copies = 0
        for name, text in {
            **{f"{DATA}/{name}": text for name, text in KEPT.items()},
            "etc/fstab": FSTAB,
            "etc/machine-id": "0123456789abcdef\n",
            "boot/firmware/config.txt": f"auto_initramfs=1\n{CONFIG}",
            "proc/mounts": "/dev/mmcblk0p2 / ext4 rw 0 0\n",
        }.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        (root / DATA).chmod(0o700)
        self.user = True
        self.boot()
        Record(self.system).save()
        self.active = {"instep-controller.service", "instep-kiosk.service"}

    def switch(self, what: str, data: str | None = None) -> int:
        return ReadOnly(self.system).run(Options(what, data, yes=True))

    def restart(self) -> None:
        """With memory over the system, if that was asked for; what fstab mounts stays mounted."""
        beneath = self.root / LOWER.lstrip("/")
        if (self.root / SETTING.lstrip("/")).exists():
            for name in ("etc/fstab", SETTING.lstrip("/"), JOURNAL.lstrip("/"), CLOCK.lstrip("/")):
                (beneath / name).parent.mkdir(parents=True, exist_ok=True)
                (beneath / name).write_text(self.text(name))
            mounts = "overlayroot / overlay rw 0 0\n" + self.text("proc/mounts")
            (self.root / "proc/mounts").write_text(mounts)

    def run(self, command: Sequence[str], environment: Mapping[str, str], aloud: bool) -> Done:
        done = super().run(command, environment, aloud)
        return Done(self.busy) if command[0] == "runuser" and command[-1] == "status" else done

    def _findfs(self, words: list[str]) -> Done:
        return Done(0, "/dev/sda1\n") if words == ["LABEL=instep"] else Done(1)

    def _blockdev(self, words: list[str]) -> Done:
        return Done(0, f"{1 << 30}\n") if words[-1] == "/dev/sda1" else Done(1)

    def _findmnt(self, _words: list[str]) -> Done:
        return Done(0 if self.targets else 1, self.targets)

    def _blkid(self, _words: list[str]) -> Done:
        return Done(0, self.tags)

    def _mount(self, words: list[str]) -> Done:
        if "remount" in " ".join(words):
            return Done(0)
        assert self.at is None, "mounted twice"
        self.at = self.root / words[-1].lstrip("/")
        self.at.rename(self.root.parent / "beneath")
        self.partition.rename(self.at)
        with (self.root / "proc/mounts").open("a") as mounts:
            mounts.write(f"/dev/sda1 {words[-1]} ext4 rw 0 0\n")
        return Done(0)

    def _umount(self, _words: list[str]) -> Done:
        assert self.at is not None
        self.at.rename(self.partition)
        (self.root.parent / "beneath").rename(self.at)
        self.at = None
        lines = self.text("proc/mounts").splitlines(keepends=True)
        (self.root / "proc/mounts").write_text("".join(lines[:-1]))
        return Done(0)

    @property
    def beneath(self) -> list[str]:
        return sorted(path.name for path in (self.root.parent / "beneath").iterdir())


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody pulls this card out, and nobody is root here."""
    monkeypatch.setattr("scripts.installer.system.os.fsync", lambda _number: None)
    monkeypatch.setattr(os, "sync", lambda: None)
    monkeypatch.setattr(os, "geteuid", lambda: 0)


@pytest.fixture
def card(tmp_path: Path) -> Partitioned:
    return Partitioned(tmp_path / "root")


def refused(card: Partitioned, data: str | None = "/dev/sda1") -> str:
    before = card.everything()
    with pytest.raises(RefusedError) as told:
        card.switch("on", data)
    assert card.everything() == before, "something was changed all the same"
    return str(told.value)


def test_on_moves_the_data_and_shields_the_system_from_the_next_start_on(
    card: Partitioned, capsys: pytest.CaptureFixture[str]
) -> None:
    assert card.switch("on", "LABEL=instep") == 0
    assert {name: card.text(f"{DATA}/{name}") for name in KEPT} == KEPT
    assert card.at == card.root / DATA
    assert card.text(f"{DATA}/{partition.MARK}") == partition.WHOLE
    assert not (card.root / DATA / partition.ASTRAY).exists()
    assert set(card.beneath) <= set(STAYS)
    assert partition.ASTRAY in card.beneath
    assert "history.db" not in card.beneath
    (line,) = (line for line in card.text("etc/fstab").splitlines() if "/var/lib/instep " in line)
    assert line.startswith("UUID=abcd-1 /var/lib/instep ext4 ")
    assert {"noatime", "nofail", "x-systemd.device-timeout=60s"} <= set(line.split()[3].split(","))
    assert fstab.boot_is_read_only(card.text("etc/fstab"))
    assert 'overlayroot="tmpfs:recurse=0"' in card.text(SETTING.lstrip("/"))
    assert "Storage=volatile" in card.text(JOURNAL.lstrip("/"))
    assert {"overlayroot", "busybox"} <= card.packages
    assert "update-initramfs -u" in card.ran
    assert "overlayroot" in Record(card.system).packages
    assert card.active == {"instep-controller.service", "instep-kiosk.service"}
    assert "reboot" in capsys.readouterr().out
    card.switch("status")
    assert "writable; read-only after the next start" in capsys.readouterr().out


def test_a_plug_pulled_before_the_partition_is_in_use_costs_nothing(card: Partitioned) -> None:
    card.broken["daemon-reload"] = "the plug"
    card.broken["mount -t ext4"] = "it cannot be mounted"
    assert "cannot be mounted" in refused(card)
    del card.broken["mount -t ext4"]
    (card.partition / partition.MARK).write_text(partition.COPYING)
    (card.partition / "history.db").write_text("half")
    (card.partition / "stale").write_text("of a copy that was cut short")
    (card.root / DATA / partition.ASTRAY).write_text("of a start that was cut short")
    assert card.switch("on", "/dev/sda1") == 0
    assert card.text(f"{DATA}/history.db") == "sessions"
    assert not (card.root / DATA / "stale").exists()
    assert not (card.root / DATA / partition.ASTRAY).exists()


def test_a_partition_that_keeps_something_else_than_it_was_given_is_not_used(
    card: Partitioned, monkeypatch: pytest.MonkeyPatch
) -> None:
    def worn(source: Path, target: Path) -> None:
        target.write_bytes(source.read_bytes()[:-1])

    monkeypatch.setattr(partition.shutil, "copyfile", worn)
    with pytest.raises(FailedError, match="worn"):
        card.switch("on", "/dev/sda1")
    assert card.text("etc/fstab") == FSTAB
    assert {name: card.text(f"{DATA}/{name}") for name in KEPT} == KEPT
    assert card.active == {"instep-controller.service", "instep-kiosk.service"}


def test_the_data_of_a_machine_before_are_used_as_they_are(card: Partitioned) -> None:
    (card.partition / partition.MARK).write_text(partition.WHOLE)
    (card.partition / "history.db").write_text("years")
    assert "Both" in refused(card)
    (card.root / DATA / "history.db").unlink()
    assert card.switch("on", "/dev/sda1") == 0
    assert card.text(f"{DATA}/history.db") == "years"
    assert "people.json" in card.beneath, "what was never copied is not removed"


@pytest.mark.parametrize(
    ("targets", "said"),
    [
        ("/\n", "the system itself"),
        ("/boot/firmware\n", "the boot partition"),
        ("/media/pi/stick\n", "sudo umount /media/pi/stick"),
    ],
)
def test_a_partition_that_is_in_use(card: Partitioned, targets: str, said: str) -> None:
    card.targets = targets
    assert said in refused(card)


def test_partitions_that_cannot_be_it(card: Partitioned, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "There is no partition /dev/sdb9" in refused(card, "/dev/sdb9")
    assert "There is no partition LABEL=other" in refused(card, "LABEL=other")
    assert "Name the partition" in refused(card, None)
    card.tags = "UUID=1\nTYPE=vfat\n"
    assert "holds vfat" in refused(card)
    card.tags = "PTTYPE=dos\n"
    assert "no file system" in refused(card)
    card.tags = "UUID=1\nTYPE=ext4\n"
    (card.partition / "lost+found").mkdir()
    (card.partition / "photos").mkdir()
    assert "(photos)" in refused(card)
    (card.partition / "photos").rmdir()
    usage = partition.shutil._ntuple_diskusage(1 << 30, 0, 100 << 20)  # type: ignore[attr-defined]
    monkeypatch.setattr(partition.shutil, "disk_usage", lambda _path: usage)
    assert "too small: 100 MB" in refused(card)


def test_systems_that_cannot_be_it(card: Partitioned) -> None:
    card.busy = 3
    assert "in use" in refused(card)
    card.busy = 0
    (card.root / "boot/firmware/config.txt").write_text(CONFIG)
    assert "auto_initramfs=1" in refused(card)
    (card.root / "boot/firmware/config.txt").write_text(f"auto_initramfs=1\n{CONFIG}")
    (card.root / "etc/machine-id").write_text("")
    assert "Start it once" in refused(card)
    (card.root / "etc/machine-id").write_text("0123\n")
    card.archive.remove("overlayroot")
    assert "not to be had" in refused(card)
    (card.root / "boot/firmware/cmdline.txt").write_text("root=x rw\n")
    assert "take the word rw out" in refused(card)
    (card.root / "boot/firmware/cmdline.txt").write_text("root=x overlayroot=tmpfs\n")
    assert "raspi-config" in refused(card)
    Record(card.system).forget()
    assert "not installed" in refused(card)


def test_while_it_is_read_only_nothing_is_installed_updated_or_taken_away(card: Partitioned) -> None:
    card.switch("on", "/dev/sda1")
    with pytest.raises(RefusedError, match="read-only off"):
        uninstall(card.system, ROOT, yes=True, data=False)
    card.restart()
    (card.root / "opt/instep").mkdir(exist_ok=True)
    (card.root / "opt/instep/current").symlink_to("versions/one")
    for change in (
        lambda: uninstall(card.system, ROOT, yes=True, data=False),
        lambda: install(card.system, ROOT, InstallOptions(yes=True)),
        lambda: Update(card.system, ROOT).run(UpdateOptions(yes=True)),
    ):
        with pytest.raises(RefusedError, match="scripts/read-only off"):
            change()


def test_off_and_on_again_with_the_data_where_they_are(
    card: Partitioned, capsys: pytest.CaptureFixture[str]
) -> None:
    card.switch("on", "/dev/sda1")
    card.restart()
    assert card.switch("on") == 0
    assert "already" in capsys.readouterr().out
    assert card.switch("off") == 0
    assert card.ran[-3:] == [
        f"mount -o remount,rw {LOWER}",
        f"mount -o remount,ro {LOWER}",
        "systemctl daemon-reload",
    ]
    beneath = card.root / LOWER.lstrip("/")
    assert not (beneath / SETTING.lstrip("/")).exists()
    assert fstab.boot_is_read_only((beneath / "etc/fstab").read_text()) is False
    assert "/var/lib/instep" in (beneath / "etc/fstab").read_text()
    assert "restart first" in refused(card, None)
    # The next start:
    (card.root / "proc/mounts").write_text(card.text("proc/mounts").split("\n", 1)[1])
    (card.root / "etc/fstab").write_text((beneath / "etc/fstab").read_text())
    for name in (SETTING, JOURNAL, CLOCK):
        (card.root / name.lstrip("/")).unlink()
    assert card.switch("off") == 0
    assert "writable already" in capsys.readouterr().out
    assert card.switch("on") == 0
    assert fstab.boot_is_read_only(card.text("etc/fstab"))
    assert card.text("etc/fstab").count("/var/lib/instep ") == 1


def test_off_before_the_next_start_leaves_the_system_as_it_was(card: Partitioned) -> None:
    before = {name: text for name, text in card.everything().items() if name.startswith("etc/")}
    card.switch("on", "/dev/sda1")
    card.switch("off")
    text = card.text("etc/fstab")
    assert fstab.without_data(text) == FSTAB
    ours = {*(name.lstrip("/") for name in SERVICES), "etc/fstab", "etc/instep/installed.json"}
    after = {name: text for name, text in card.everything().items() if name.startswith("etc/")}
    assert {name for name in after if after[name] != before.get(name)} == ours


def test_a_partition_that_is_not_there(card: Partitioned, capsys: pytest.CaptureFixture[str]) -> None:
    card.switch("on", "/dev/sda1")
    card.switch("off")
    card._umount([])
    capsys.readouterr()
    card.switch("status")
    assert "IS MISSING" in capsys.readouterr().out
    assert "is not there" in refused(card, None)
    for path in sorted(card.partition.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    assert card.switch("on", "/dev/sda1") == 0, "another one takes its place"
    assert card.text("etc/fstab").count("/var/lib/instep ") == 1


@pytest.mark.parametrize("data", [False, True])
def test_uninstalling_leaves_data_on_their_partition_unless_told(
    card: Partitioned, data: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    card.switch("on", "/dev/sda1")
    card.switch("off")
    uninstall(card.system, ROOT, yes=True, data=data)
    assert "overlayroot" not in card.packages
    assert not any((card.root / name.lstrip("/")).parent.exists() for name in SERVICES)
    assert (card.text("etc/fstab") == FSTAB) is data
    assert (card.root / DATA / "history.db").exists() is not data
    assert ("your data are on UUID=abcd-1" in capsys.readouterr().out) is not data


def test_fstab_lines_of_others_stay_to_the_letter() -> None:
    text = "# /boot/firmware vfat defaults\nLABEL=a /boot vfat rw,umask=77 0 2\nLABEL=b /srv ext4 rw 0 2"
    shielded = fstab.with_boot(text, read_only=True)
    assert shielded.splitlines()[0] == text.splitlines()[0]
    assert "umask=77,ro 0 2" in shielded
    assert fstab.with_boot(shielded, read_only=False).splitlines()[1] == "LABEL=a /boot vfat umask=77 0 2"
    assert fstab.boot_is_read_only("LABEL=b / ext4 defaults 0 1\n") is None
    once = fstab.with_data(text, "1", "f2fs")
    assert once.startswith(text + "\n")
    assert "commit=" not in once
    assert fstab.with_data(once, "1", "f2fs") == once
    assert fstab.without_data(once) == text + "\n"


def test_the_command_says_what_it_needs() -> None:
    done = subprocess.run([ROOT / "scripts/read-only", "--help"], capture_output=True, text=True, check=True)
    assert "--data" in done.stdout
