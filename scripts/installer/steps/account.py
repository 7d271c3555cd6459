"""The machine's user: owns the data, reaches the pins and the screen, and can do nothing else."""

from __future__ import annotations

from scripts.installer.steps.base import DATA, USER, Step

MADE = ("gpio", "spi")
"""Groups that Raspberry Pi OS has and Debian lacks; our udev rule gives them their devices."""
NAME, SHELL = "Instep", "/usr/sbin/nologin"
WANTED = (*MADE, "video", "render", "input", "audio")


class Account(Step):
    name = "account"

    def say(self) -> str:
        return f"the user {USER} (no login), in the groups {', '.join(self._wanted())}; {DATA} is its own"

    def needed(self) -> bool:
        return bool(
            not self._user()
            or self._groups_missing()
            or self._memberships_missing()
            or not self._data_there()
        )

    def _user(self) -> bool:
        return self.system.ask("getent", "passwd", USER).code == 0

    def _left_with_the_data(self) -> bool:
        """Whether an uninstallation that kept the data left the user with them: it is ours to remove, too."""
        return self.system.ask("getent", "passwd", USER).out.strip().split(":")[4:] == [NAME, DATA, SHELL]

    def _groups(self) -> dict[str, list[str]]:
        lines = self.system.ask("getent", "group").out.splitlines()
        split = [line.split(":") for line in lines if line.count(":") == 3]
        return {name: members.split(",") for name, _, _, members in split}

    def _groups_missing(self) -> list[str]:
        there = self._groups()
        return [name for name in MADE if name not in there]

    def _wanted(self) -> list[str]:
        there = self._groups()
        return [name for name in WANTED if name in MADE or name in there]

    def _memberships_missing(self) -> list[str]:
        there = self._groups()
        return [name for name in self._wanted() if USER not in there.get(name, [])]

    def _data_there(self) -> bool:
        path = self.system.path(DATA)
        return path.is_dir() and path.stat().st_mode & 0o777 == 0o700

    def do(self) -> None:
        for name in self._groups_missing():
            self.record.groups.append(name)
            self.record.save()
            self.system.do("groupadd", "--system", name)
        if not self._user():
            self.record.user = True
            self.record.save()
            self.system.do(
                "useradd", "--system", "--user-group", "--no-create-home",
                "--home-dir", DATA, "--shell", SHELL, "--comment", NAME, USER,
            )  # fmt: skip
        elif not self.record.user and self._left_with_the_data():
            self.record.user = True
            self.record.save()
        if missing := self._memberships_missing():
            self.record.memberships += [name for name in missing if name not in self.record.memberships]
            self.record.save()
            self.system.do("usermod", "--append", "--groups", ",".join(missing), USER)
        # Also over data that was kept from before, whose owner may have had another number.
        self.system.do("install", "-d", "-m", "0700", "-o", USER, "-g", USER, DATA)
        self.system.do("chown", "-R", "-h", f"{USER}:{USER}", DATA)

    def unsay(self) -> str:
        if self.job.data:
            return (
                f"remove ALL DATA in {DATA}: sessions, people, settings, tuning, backups; and the user {USER}"
            )
        return f"leave the data in {DATA}, with its owner, the user {USER}"

    def undo(self) -> None:
        if self.job.data:
            data = self.system.path(DATA)
            # It may be a partition of its own, which stays where it is.
            for path in sorted(data.iterdir()) if data.is_dir() else ():
                self.system.remove(f"{DATA}/{path.name}")
            self.system.remove_if_empty(DATA)
            if self.record.user and self._user():
                self.system.do("userdel", USER)
        elif self._user():
            for name in self.record.memberships:
                self.system.ask("gpasswd", "--delete", USER, name)
        for name in self.record.groups:
            if not any(self._groups().get(name, [])):
                self.system.ask("groupdel", name)
