"""A tree as a card to start from, with a console that root can be typed at."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from scripts.appliance import tree

_CONSOLE = """\
# Root's shell on the console of a card that never leaves the computer it was made on.
[Unit]
Description=Console of the proof
After=local-fs.target

[Service]
ExecStart=/bin/bash --login
WorkingDirectory=/root
Environment=HOME=/root TERM=dumb LANG=C.UTF-8
TTYPath=/dev/{console}
StandardInput=tty-force
StandardOutput=tty
StandardError=tty
Restart=always

[Install]
WantedBy=multi-user.target
"""


def with_kernel(
    work: Path, release: str, arch: str, modules: Sequence[str], say: Callable[[str], None]
) -> Path:
    """A clean tree that can start: Debian's own kernel and service manager. Made once, then kept."""
    folder = work / "base" / f"{release}-{arch}-kernel"
    done = folder.with_suffix(".done")
    if done.exists():
        return folder
    clean = tree.base(work, release, arch)
    say(f"a kernel for {release} {arch} (once; some minutes where it is emulated)")
    tree.copy(clean, folder)
    with tree.entered(folder):
        tree.inside(folder, ["apt-get", "update", "-qq"])
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends"]
        tree.inside(folder, [*install, "initramfs-tools", "kmod", "udev", "systemd-sysv", "dbus", "procps"])
        # Only what the card needs: an emulated processor unpacks it at each start.
        settings = folder / "etc/initramfs-tools"
        (settings / "conf.d/instep-proof").write_text("MODULES=list\nCOMPRESS=gzip\n")
        with (settings / "modules").open("a") as listed:
            listed.writelines(f"{module}\n" for module in modules)
        tree.inside(folder, [*install, f"linux-image-{arch}"])
    done.touch()
    return folder


def name_itself(root: Path) -> None:
    """What every installed system has, and debootstrap leaves to whoever installs."""
    (root / "etc/hostname").write_text("instep\n")
    (root / "etc/hosts").write_text("127.0.0.1 localhost\n127.0.1.1 instep\n::1 localhost ip6-localhost\n")


def give_time(root: Path, seconds: int) -> None:
    """An emulated processor shares this computer's with everything else: the watchdog waits longer there."""
    drop_in = root / "etc/systemd/system/instep-controller.service.d/instep-proof.conf"
    drop_in.parent.mkdir(parents=True, exist_ok=True)
    drop_in.write_text(f"[Service]\nWatchdogSec={seconds}\n")


def without_hardware_watchdog(root: Path) -> None:
    """The emulated one resets the computer as soon as it is armed: QEMU knows its bite, not its patience."""
    drop_in = root / "etc/systemd/system.conf.d/zz-instep-proof.conf"
    drop_in.parent.mkdir(parents=True, exist_ok=True)
    drop_in.write_text("[Manager]\nRuntimeWatchdogSec=off\n")


def log_root_in(root: Path, console: str) -> None:
    """Not by a getty: that waits for a device that emulated computers announce late, if at all."""
    units = root / "etc/systemd/system"
    (units / "instep-proof-console.service").write_text(_CONSOLE.format(console=console))
    wanted = units / "multi-user.target.wants"
    wanted.mkdir(exist_ok=True)
    for link, target in (
        (wanted / "instep-proof-console.service", "../instep-proof-console.service"),
        (units / f"serial-getty@{console}.service", "/dev/null"),
    ):
        link.unlink(missing_ok=True)
        link.symlink_to(target)


def image(root: Path, to: Path, size: str) -> Path:
    """``root`` as a file system of its own, ``size`` large (``8G``), in the file ``to``."""
    to.unlink(missing_ok=True)
    subprocess.run(["truncate", "-s", size, str(to)], check=True)
    subprocess.run(["mkfs.ext4", "-q", "-d", str(root), str(to)], check=True)
    return to
