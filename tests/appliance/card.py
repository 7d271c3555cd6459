"""A card that is no card: a root folder as of a fresh Raspberry Pi OS Lite, and commands that pretend."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from scripts.installer.system import Done, System

ROOT = Path(__file__).resolve().parents[2]
PI_4 = "Raspberry Pi 4 Model B Rev 1.4"
PI_5 = "Raspberry Pi 5 Model B Rev 1.0"
CONFIG = "dtparam=audio=on\ndisplay_auto_detect=1\ndtoverlay=vc4-kms-v3d\n\n[cm4]\notg_mode=1\n"
CMDLINE = "console=tty1 root=PARTUUID=1-02 rootwait\n"


class Running(System):
    """A root that is taken for the running computer's."""

    @property
    def here(self) -> bool:
        return True


class Card:
    """Answers the installer's commands and does to the folder what they would do."""

    def __init__(self, root: Path, model: str = PI_4, debian: str = "12") -> None:
        self.root = root
        self.architecture = "arm64"
        self.python = "3 11 64" if debian == "12" else "3 13 64"
        self.archive = {"pigpio", "python3-lgpio", "libasound2"}
        if debian == "13":
            self.archive = {"python3-lgpio", "libasound2t64"}
        self.packages = {"python3", "systemd"}
        self.groups: dict[str, list[str]] = {"gpio": ["pi"], "spi": [], "video": [], "input": []}
        self.user = ""
        """Its line among the accounts."""
        self.enabled: set[str] = set()
        self.active: set[str] = set()
        self.broken: dict[str, str] = {}
        """A word in a command, and what it says when it fails."""
        self.ran: list[str] = []
        self.target = "multi-user.target"
        self.boot_lines = "gpio=12,26=op,dl\n"
        self.system: System = System(root, self.run)
        for name, text in {
            "etc/os-release": f'ID=debian\nVERSION_ID="{debian}"\nPRETTY_NAME="Debian {debian}"\n',
            "proc/device-tree/model": f"{model}\0",
            "proc/sys/kernel/random/boot_id": "one\n",
            "boot/firmware/config.txt": CONFIG,
            "boot/firmware/cmdline.txt": CMDLINE,
            "usr/bin/systemctl": "",
            "var/lib/apt/lists/x_Packages": "",
        }.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        for name in ("opt", "tmp", "usr/local/bin", "etc/systemd/system", "var/lib"):
            (root / name).mkdir(parents=True, exist_ok=True)

    def boot(self, boot_id: str = "one") -> None:
        """It is the running computer from here on."""
        (self.root / "run/systemd/system").mkdir(parents=True, exist_ok=True)
        (self.root / "proc/sys/kernel/random/boot_id").write_text(f"{boot_id}\n")
        self.system = Running(self.root, self.run)

    def text(self, name: str) -> str:
        return (self.root / name).read_text()

    def everything(self) -> dict[str, str]:
        """Every file and link with its content, for before and after."""
        found = {}
        for folder, _, names in os.walk(self.root):
            for name in names:
                path = Path(folder) / name
                content = os.readlink(path) if path.is_symlink() else path.read_text()
                found[str(path.relative_to(self.root))] = content
        return found

    # --- commands -------------------------------------------------------------------------------------

    def run(self, command: Sequence[str], environment: Mapping[str, str], aloud: bool) -> Done:
        inside = () if self.system.here else ("chroot", str(self.root.resolve()))
        assert tuple(command[: len(inside)]) == inside, "no command leaves the root"
        words = list(command[len(inside) :])
        line = " ".join(words)
        self.ran.append(line)
        for word, said in self.broken.items():
            if word in line:
                return Done(100, err=said)
        name = Path(words[0]).name.replace("-", "_")
        return getattr(self, f"_{name}", lambda _words: Done(0))(words[1:])

    def changes(self) -> list[str]:
        """The commands since the last time that change something."""
        asking = (
            "dpkg",
            "apt-cache",
            "python3",
            "getent",
            "systemctl is-",
            "systemctl get-",
            "systemd-detect",
        )
        found = [line for line in self.ran if not line.startswith(asking) and "machine /var/lib" not in line]
        self.ran.clear()
        return found

    def _dpkg(self, _words: list[str]) -> Done:
        return Done(0, self.architecture + "\n")

    def _python3(self, _words: list[str]) -> Done:
        return Done(0, self.python + "\n")

    def _apt_cache(self, words: list[str]) -> Done:
        lines = []
        for name in words[1:]:
            there = "1.0" if name in self.archive else "(none)"
            lines.append(f"{name}:\n  Installed: (none)\n  Candidate: {there}")
        return Done(0, "\n".join(lines))

    def _dpkg_query(self, _words: list[str]) -> Done:
        return Done(0, "".join(f"{name}\tinstall ok installed\n" for name in sorted(self.packages)))

    def _apt_get(self, words: list[str]) -> Done:
        if "autoremove" in words:
            return Done(0, "".join(f"Remv {name} [1.0]\n" for name in self.packages - {"polkitd"}))
        if "purge" in words:
            self.packages -= set(words)
        if "install" not in words:
            return Done(0)
        asked = [
            word for word in words[words.index("install") + 1 :] if not word.startswith(("-", "DPkg", "APT"))
        ]
        if "--simulate" not in words:
            self.packages |= {*asked, "libneeded"}
        return Done(0, "".join(f"Inst {name} (1.0 x)\n" for name in [*asked, "libneeded"]))

    def _getent(self, words: list[str]) -> Done:
        if words[0] == "passwd":
            return Done(0, f"{self.user}\n") if self.user else Done(2)
        lines = (f"{name}:x:1:{','.join(members)}\n" for name, members in self.groups.items())
        return Done(0, "".join(lines))

    def _groupadd(self, words: list[str]) -> Done:
        self.groups[words[-1]] = []
        return Done(0)

    def _groupdel(self, words: list[str]) -> Done:
        del self.groups[words[-1]]
        return Done(0)

    def _useradd(self, words: list[str]) -> Done:
        told = {option: words[words.index(option) + 1] for option in ("--comment", "--home-dir", "--shell")}
        self.user = ":".join((words[-1], "x", "999", "999", *told.values()))
        return Done(0)

    def _userdel(self, _words: list[str]) -> Done:
        self.user = ""
        for members in self.groups.values():
            if "instep" in members:
                members.remove("instep")
        return Done(0)

    def _usermod(self, words: list[str]) -> Done:
        for name in words[-2].split(","):
            self.groups[name].append("instep")
        return Done(0)

    def _gpasswd(self, words: list[str]) -> Done:
        self.groups[words[-1]].remove("instep")
        return Done(0)

    def _install(self, words: list[str]) -> Done:
        folder = self.root / words[-1].lstrip("/")
        folder.mkdir(exist_ok=True)
        folder.chmod(0o700)
        return Done(0)

    def _setup(self, words: list[str]) -> Done:
        (venv,) = (path / ".venv" for path in (self.root / "opt/instep/versions").iterdir())
        shutil.rmtree(venv, ignore_errors=True)
        (venv / "bin").mkdir(parents=True)
        (venv / "bin" / "instep").touch()
        (venv / f"instep-{words[0]}").touch()
        return Done(0)

    def _instep(self, words: list[str]) -> Done:
        if "--pin-mask" in words:
            return Done(0, "0x4001000\n")
        return Done(0, self.boot_lines if "--boot-settings" in words else "")

    def _systemd_detect_virt(self, _words: list[str]) -> Done:
        return Done(1)

    def _systemctl(self, words: list[str]) -> Done:
        match words[0]:
            case "is-enabled":
                return Done(0, "enabled\n") if words[1] in self.enabled else Done(1, "disabled\n")
            case "enable":
                self.enabled.add(words[-1])
            case "disable":
                self.enabled.discard(words[-1])
            case "get-default":
                return Done(0, self.target + "\n")
            case "set-default":
                self.target = words[1]
            case "start":
                self.active.add(words[1])
            case "stop":
                self.active -= set(words[1:])
            case "is-active":
                return Done(0, "active\n") if words[1] in self.active else Done(3, "inactive\n")
        return Done(0)
