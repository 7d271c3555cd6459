"""The installer in clean trees of Debian, as on a fresh card: put, put again, taken back."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

from scripts.appliance import tree
from scripts.appliance.proof import Say, see
from scripts.appliance.source import put_source

MODELS = {
    "bookworm": "Raspberry Pi 4 Model B Rev 1.4",
    "trixie": "Raspberry Pi 5 Model B Rev 1.0",
}
"""The board that each release is put on; between them both libraries and both ways to the screen."""
SYSTEM = ("systemd", "systemd-sysv", "adduser")
"""What every card comes with and the smallest tree lacks; apt, too, takes them away from nobody."""
CONFIG = "dtparam=audio=on\ndtoverlay=vc4-kms-v3d\n\n[cm4]\notg_mode=1\n"
CMDLINE = "console=serial0,115200 console=tty1 root=PARTUUID=1-02 rootfstype=ext4 fsck.repair=yes rootwait\n"

_LEFT = (
    *("var/cache", "var/log", "var/lib/apt", "var/lib/dpkg", "var/lib/systemd", "var/lib/pam"),
    *("var/lib/polkit-1", "var/lib/dbus", "usr/lib/python3", "usr/share/info/dir", "etc/ld.so.cache"),
    *(
        "etc/machine-id",
        "etc/.pwd.lock",
        "etc/resolv.conf",
        "etc/ssl",
        "root/.cache",
        "root/.kivy",
        "root/instep",
    ),
    *("tmp", "run", "proc", "sys", "dev"),
)
"""Where Debian itself leaves traces of packages that have come and gone."""
_ACCOUNTS = ("etc/passwd", "etc/group", "etc/shadow", "etc/gshadow")
"""Packages leave their own users; ours has to be gone from there."""
_BACKUPS = ("etc/passwd-", "etc/group-", "etc/shadow-", "etc/gshadow-", "etc/subuid-", "etc/subgid-")


def prove(work: Path, release: str, arch: str, say: Say) -> None:
    """Raises ProofError or TreeError with what was seen."""
    where = f"{release} {arch}"
    base = tree.base(work, release, arch)
    root = tree.copy(base, work / f"fresh-{release}-{arch}")
    boot = root / "boot/firmware"
    boot.mkdir(parents=True, exist_ok=True)
    (boot / "config.txt").write_text(CONFIG)
    (boot / "cmdline.txt").write_text(CMDLINE)
    install = ["/root/instep/scripts/install", "--yes"]
    # A PC's tree is no Raspberry Pi's: there Instep is put on a virtual machine, to be shown.
    kind = ["--model", MODELS[release]] if arch == "arm64" else ["--virtual"]
    try:
        with tree.entered(root):
            tree.inside(root, ["apt-get", "update", "-qq"])
            tree.inside(root, ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *SYSTEM])
            put_source(root)
            before = _everything(root)
            said = tree.inside(root, [*install, *kind])
            see("Done: Instep" in said, f"{where}: the installation did not end well:\n{said}")
            _installed(root, where, arch)
            after = _everything(root)
            again = tree.inside(root, install)
            see("Nothing to do" in again, f"{where}: a second time there was something to do:\n{again}")
            changed = _differences(after, _everything(root))
            see(not changed, f"{where}: a second time changed {changed}")
            tree.inside(root, ["/root/instep/scripts/uninstall", "--yes"])
            see((root / "var/lib/instep").is_dir(), f"{where}: the data did not stay")
            tree.inside(root, install + kind)
            tree.inside(root, ["/root/instep/scripts/uninstall", "--yes", "--data"])
            left = [name for name in _differences(before, _everything(root)) if name not in _ACCOUNTS]
            left += [name for name in _ACCOUNTS if "instep" in (root / name).read_text()]
            see(not left, f"{where}: uninstalling left or lost: {left}")
        say(f"{where}: put, put again without a change, taken back without a trace")
    finally:
        tree.unmount(root)
    tree.remove(root)


def _installed(root: Path, where: str, arch: str) -> None:
    said = tree.inside(root, ["/opt/instep/current/.venv/bin/instep", "--version"])
    see("version" in said, f"{where}: instep does not start: {said}")
    kivy = tree.inside(
        root, ["/opt/instep/current/.venv/bin/python", "-c", "import kivy._event, zmq, sqlite_utils"]
    )
    see("Error" not in kivy, f"{where}: {kivy}")
    machine = (root / "var/lib/instep/machine.toml").read_text()
    lgpio = arch == "arm64" and 'factory = "lgpio"' in machine
    if lgpio:
        tree.inside(root, ["/opt/instep/current/.venv/bin/python", "-c", "import lgpio"])
    units = sorted(path.name for path in (root / "etc/systemd/system").glob("instep-*.service"))
    for unit in units:
        verified = tree.inside(
            root, ["systemd-analyze", "verify", f"/etc/systemd/system/{unit}"], check=False
        )
        # Bookworm's knows no RestartMode, and needs none: it says so and goes on.
        ours = [line for line in verified.splitlines() if "instep" in line and "RestartMode" not in line]
        see(not ours, f"{where}: {unit}: {ours}")
    enabled = {path.name for path in (root / "etc/systemd/system/multi-user.target.wants").glob("instep-*")}
    see(
        {"instep-controller.service", "instep-kiosk.service"} <= enabled,
        f"{where}: only {enabled} are enabled",
    )
    if arch == "arm64":
        config = (root / "boot/firmware/config.txt").read_text()
        see(
            config.startswith(CONFIG.splitlines()[0]) and "=op,dl" in config,
            f"{where}: config.txt is {config}",
        )
        see(lgpio == ("dtparam=spi=on" in config), f"{where}: SPI and the pins library do not fit: {config}")


def _everything(root: Path) -> dict[str, str]:
    """Every file, link and folder outside of where packages leave traces, with what it is."""
    found: dict[str, str] = {}
    for folder, folders, names in os.walk(root):
        inside = Path(folder).relative_to(root)
        folders[:] = [name for name in folders if str(inside / name) not in _LEFT and name != "__pycache__"]
        for name in names:
            path = Path(folder) / name
            place = str(inside / name)
            if place in _LEFT or place in _BACKUPS:
                continue
            info = path.lstat()
            if stat.S_ISLNK(info.st_mode):
                found[place] = f"-> {os.readlink(path)}"
            elif stat.S_ISREG(info.st_mode):
                digest = hashlib.sha256(path.read_bytes()).hexdigest()
                found[place] = f"{stat.S_IMODE(info.st_mode):o} {info.st_uid}:{info.st_gid} {digest}"
    return found


def _differences(one: dict[str, str], other: dict[str, str]) -> list[str]:
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))[:20]
