"""No part of a disk that the computer runs from, keeps its data on or swaps to is ever a stick."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from app.disks import Disks

from .computer import Tree

USB = "platform/soc/3f980000.usb/usb1/1-1/host0"
SPARE = "/media/pi/spare"


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """A Pi that runs from its card, with a disk on USB, sda, whose third part is mounted as a stick is."""
    tree = Tree(tmp_path)
    tree.disk("mmcblk0", 2)
    tree.disk("sda", 3, bus=USB)
    tree.disk("sdb", 1, removable=True, bus=USB)
    tree.mount("proc", "/proc", "proc")
    tree.mount("sda3", SPARE)
    tree.mount("sdb1", "/media/pi/STICK")
    return tree


def sticks(tree: Tree, *ours: str) -> list[str]:
    return [name for name, _mount in Disks(tree.root, [Path(path) for path in ours]).sticks()]


def on_a_card(tree: Tree) -> None:
    tree.mount("mmcblk0p2", "/", "ext4")


def test_a_disk_on_usb_that_carries_nothing_is_a_stick_removable_or_not(tree: Tree) -> None:
    on_a_card(tree)
    tree.mount("mmcblk0p1", "/media/pi/bootfs")
    assert sticks(tree) == ["sda3", "sdb1"]
    assert Disks(tree.root).unmounted() == ["sda1", "sda2"]


def system(tree: Tree) -> None:
    tree.mount("sda1", "/boot/firmware")
    tree.mount("sda2", "/", "ext4")


def system_by_number(tree: Tree) -> None:
    number = (tree.root / "sys/class/block/sda2/dev").read_text().strip()
    tree.mount("/dev/root", "/", "ext4", number=number)


def system_on_btrfs(tree: Tree) -> None:
    tree.write("proc/cmdline", "quiet root=PARTUUID=8a-02 rw\n")
    tree.link("dev/disk/by-partuuid/8a-02", "sda2")
    tree.mount("/dev/root", "/", "btrfs", top="/@")


def boot_alone(tree: Tree) -> None:
    on_a_card(tree)
    tree.mount("sda1", "/boot/firmware")


def behind_luks_and_lvm(tree: Tree) -> None:
    tree.made_of("dm-0", "sda2")
    tree.made_of("dm-1", "dm-0")
    tree.link("dev/mapper/vg-root", "dm-1")
    tree.mount("/dev/mapper/vg-root", "/", "ext4")


def half_of_a_raid(tree: Tree) -> None:
    on_a_card(tree)
    tree.made_of("md0", "sda2")


def said_to_be_lvm(tree: Tree) -> None:
    on_a_card(tree)
    number = (tree.root / "sys/class/block/sda2/dev").read_text().strip()
    tree.write(f"run/udev/data/b{number}", "E:ID_FS_TYPE=LVM2_member\nE:ID_FS_USAGE=raid\n")


def swap_partition(tree: Tree) -> None:
    on_a_card(tree)
    tree.write("proc/swaps", "Filename Type Size Used Priority\n/dev/sda2 partition 1 0 -2\n")


def swap_file(tree: Tree) -> None:
    on_a_card(tree)
    tree.mount("sda2", "/mnt/more", "ext4")
    tree.write("proc/swaps", "Filename Type Size Used Priority\n/mnt/more/swap\\040file file 1 0 -2\n")


def memory_written_back(tree: Tree) -> None:
    on_a_card(tree)
    tree.behind("zram0", "/dev/sda2", "backing_dev")


def file_in_a_loop(tree: Tree) -> None:
    on_a_card(tree)
    tree.mount("sda2", "/mnt/images", "ext4")
    tree.behind("loop0", "/mnt/images/system.img")


def system_in_a_loop(tree: Tree) -> None:
    tree.write("proc/cmdline", "root=/dev/sda2\n")
    tree.behind("loop0", "/host/system.img")
    tree.mount("loop0", "/", "ext4")


def read_only_system(tree: Tree) -> None:
    tree.mount("sda2", "/media/root-ro", "ext4")
    tree.mount("tmpfs-root", "/media/root-rw", "tmpfs")
    tree.mount("overlayroot", "/", "overlay", more="rw,lowerdir=/media/root-ro,upperdir=/media/root-rw/o")


def read_only_system_whose_layers_are_hidden(tree: Tree) -> None:
    tree.write("proc/cmdline", "root=LABEL=system\n")
    tree.link("dev/disk/by-label/system", "sda2")
    tree.mount("overlayroot", "/", "overlay", more="rw,lowerdir=/root,upperdir=/cow/o")


def second_device_of_btrfs(tree: Tree) -> None:
    tree.mount("mmcblk0p2", "/", "btrfs")
    for device in ("mmcblk0p2", "sda2"):
        tree.write(f"sys/fs/btrfs/f00/devices/{device}", "")


def second_device_of_bcachefs(tree: Tree) -> None:
    on_a_card(tree)
    tree.mount("/dev/mmcblk0p1:/dev/sda2", "/home", "bcachefs")


def bound_elsewhere(tree: Tree) -> None:
    on_a_card(tree)
    tree.mount("sda2", "/mnt/disk", "ext4")
    tree.mount("sda2", "/home", "ext4", top="/home")


def folder_of_it_bound(tree: Tree) -> None:
    on_a_card(tree)
    tree.mount("sda2", "/media/pi/photos", "ext4", top="/photos")


def wanted_by_the_system(tree: Tree) -> None:
    on_a_card(tree)
    tree.write("etc/fstab", "# data\nLABEL=instep /var/lib/instep ext4 nofail 0 2\n")
    tree.link("dev/disk/by-label/instep", "sda2")


@pytest.mark.parametrize(
    "runs",
    [
        *(system, system_by_number, system_on_btrfs, boot_alone, behind_luks_and_lvm, half_of_a_raid),
        *(said_to_be_lvm, swap_partition, swap_file, memory_written_back, file_in_a_loop, system_in_a_loop),
        *(read_only_system, read_only_system_whose_layers_are_hidden, second_device_of_btrfs),
        *(second_device_of_bcachefs, bound_elsewhere, folder_of_it_bound, wanted_by_the_system),
    ],
)
def test_no_part_of_a_disk_that_the_computer_uses_is_a_stick(
    tree: Tree, runs: Callable[[Tree], None]
) -> None:
    runs(tree)
    assert sticks(tree) == ["sdb1"]
    assert not [name for name in Disks(tree.root).unmounted() if name.startswith("sda")]


@pytest.mark.parametrize("ours", [f"{SPARE}/instep", SPARE, "/mnt/disk/deep/down"])
def test_nor_is_the_disk_of_our_own_data_wherever_it_is_mounted(tree: Tree, ours: str) -> None:
    on_a_card(tree)
    tree.mount("sda2", "/mnt/disk", "ext4")
    assert sticks(tree, ours) == ["sdb1"]
    assert "sda3" in sticks(tree, "/var/lib/instep")


@pytest.mark.parametrize("kind", ["zfs", "overlay", "something-new"])
def test_where_the_system_is_not_found_out_nothing_is_a_stick(tree: Tree, kind: str) -> None:
    tree.mount("rpool/ROOT", "/", kind)
    assert sticks(tree) == []
    assert Disks(tree.root).unmounted() == []


@pytest.mark.parametrize("kind", ["nfs4", "tmpfs"])
def test_a_system_from_the_network_or_in_memory_has_sticks(tree: Tree, kind: str) -> None:
    tree.mount("server:/pi", "/", kind)
    assert sticks(tree) == ["sda3", "sdb1"]


def test_a_long_name_is_not_taken_for_the_disk_it_begins_with(tree: Tree) -> None:
    on_a_card(tree)
    tree.disk("sdaa", 1)
    tree.mount("sdaa1", "/mnt/inside")
    assert sticks(tree) == ["sda3", "sdb1"]


def test_a_stick_that_something_is_mounted_over_is_not_written_through_it(tree: Tree) -> None:
    on_a_card(tree)
    tree.mount("tmpfs", SPARE, "tmpfs")
    assert sticks(tree) == ["sdb1"]


def test_where_our_data_is_behind_a_program_nothing_is_a_stick(tree: Tree) -> None:
    on_a_card(tree)
    tree.mount("pool", "/var/lib/instep", "fuse.mergerfs")
    assert sticks(tree) == ["sda3", "sdb1"]
    assert sticks(tree, "/var/lib/instep") == []


def test_a_disk_with_a_part_that_is_only_unlocked_now_and_then_is_none(tree: Tree) -> None:
    on_a_card(tree)
    tree.write("etc/crypttab", "# <name> <device>\nvault /dev/sda1 none luks,noauto\n")
    assert sticks(tree) == ["sdb1"]
