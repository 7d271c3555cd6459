"""What the installer has changed: ``/etc/instep/installed.json``, by which it is undone, and nothing else."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from scripts.installer.system import FailedError, System

PLACE = "/etc/instep/installed.json"
FORMAT = 1


class Record:
    """Kept on the disk before or with each change, so that a pulled plug leaves nothing unknown."""

    def __init__(self, system: System) -> None:
        self._system = system
        self.packages: list[str] = []
        """Installed because of us, with what they needed."""
        self.user = False
        self.groups: list[str] = []
        self.memberships: list[str] = []
        self.files: dict[str, str] = {}
        """Written by us: their SHA-256."""
        self.folders: list[str] = []
        self.cmdline_words: list[str] = []
        self.units: list[str] = []
        """Enabled by us."""
        self.target: str = ""
        """What the system started into before."""
        self.waits_for_restart: str = ""
        """The boot (its id) whose end makes the boot settings count."""
        self.version: str = ""
        self.model: str = ""
        self.virtual = False
        self.there = False
        self._load()

    def _load(self) -> None:
        text = self._system.read(PLACE)
        if text is None:
            return
        try:
            found: dict[str, Any] = json.loads(text)
            if found.pop("format") != FORMAT:
                raise ValueError("another format")
            fields = self._fields()
            for name, value in found.items():
                if type(fields.get(name)) is not type(value):
                    raise ValueError(f"unknown: {name}")
                setattr(self, name, value)
        except (ValueError, AttributeError, KeyError) as error:
            raise FailedError(
                f"{PLACE} cannot be understood ({error}). It says what was installed; "
                "use the version of Instep that wrote it, or mend it."
            ) from error
        self.there = True

    def _fields(self) -> dict[str, Any]:
        return {k: v for k, v in vars(self).items() if not k.startswith("_") and k != "there"}

    def save(self) -> None:
        made = self._system.write(PLACE, json.dumps({"format": FORMAT, **self._fields()}, indent=1) + "\n")
        self.there = True
        if made:
            self.folders += made
            self.save()

    def forget(self) -> None:
        """The last thing an uninstallation does."""
        self._system.remove(PLACE)
        self._system.remove_if_empty("/etc/instep")

    # --- files ----------------------------------------------------------------------------------------

    def put(self, name: str, text: str, mode: int = 0o644) -> str | None:
        """Write a file of ours. Returns where one that was not ours, or was changed by hand, was kept."""
        kept = None
        old = self._system.read(name)
        if old is not None and old != text and self.files.get(name) != digest(old):
            kept = f"{name}.kept"
            self._system.write(kept, old)
        self.files[name] = digest(text)
        self.save()
        self.folders += self._system.write(name, text, mode)
        self.save()
        return kept

    def take_away(self, name: str) -> str | None:
        """Remove a file of ours. Returns where it was kept because somebody had changed it."""
        kept = None
        old = self._system.read(name)
        if old is not None and digest(old) != self.files.get(name):
            kept = f"{name}.kept"
            self._system.write(kept, old)
        self._system.remove(name)
        self.files.pop(name, None)
        self.save()
        return kept

    def take_away_folders(self) -> None:
        """The folders we made, where nothing of anybody else's is in them."""
        for name in sorted(self.folders, key=len, reverse=True):
            self._system.remove_if_empty(name)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()
