"""Instep itself: a folder for each version, and the link that says which one is in use."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

from scripts.installer.steps.base import CURRENT, HOME, VERSIONS, FailedError, Step

LEFT_OUT = {
    ".git",
    ".venv",
    "build",
    "dist",
    "__pycache__",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
    ".hypothesis",
}
STAMP = ".instep-tree"
"""In a version's folder: what it was copied from, by a digest; also that all of it is there."""
USED = ".instep-used"
"""In a version's folder: it has been in use, last when this file was written."""


class Tree(Step):
    name = "program"

    def say(self) -> str:
        return f"Instep {self.job.version} in {self.job.home}"

    def needed(self) -> bool:
        if self._in_place():
            return False
        return self.system.read(f"{self.job.home}/{STAMP}") != self._digest()

    def _in_place(self) -> bool:
        """Started from an installed version: there is nothing to copy."""
        return self.job.source.resolve() == self.system.path(self.job.home).resolve()

    def _digest(self) -> str:
        found = hashlib.sha256()
        for name in files_of(self.job.source):
            path = self.job.source / name
            found.update(f"{name}\0{os.access(path, os.X_OK)}\0".encode(errors="surrogateescape"))
            found.update(hashlib.sha256(path.read_bytes()).digest())
        return found.hexdigest() + "\n"

    def do(self) -> None:
        home = self.system.path(self.job.home)
        draft = home.with_name(f".{home.name}.new")
        digest = self._digest()
        try:
            self.record.folders += self.system.make_folders(home.parent)
            self.record.save()
            shutil.rmtree(draft, ignore_errors=True)
            for name in files_of(self.job.source):
                source, target = self.job.source / name, draft / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)
                target.chmod(0o755 if os.access(source, os.X_OK) else 0o644)
            (draft / STAMP).write_text(digest)
            self._replace(home, draft)
        except OSError as error:
            raise FailedError(f"Instep cannot be copied to {home}: {error}") from error
        self.job.changed.add("program")

    def _replace(self, home: Path, draft: Path) -> None:
        """A version that was changed takes the environment of its folder along: making it takes long."""
        if (home / ".venv").is_dir():
            (home / ".venv").rename(draft / ".venv")
        old = home.with_name(f".{home.name}.old")
        shutil.rmtree(old, ignore_errors=True)
        if home.exists():
            home.rename(old)
        draft.rename(home)
        shutil.rmtree(old, ignore_errors=True)

    def unsay(self) -> str:
        return f"remove {HOME}"

    def undo(self) -> None:
        self.system.remove(VERSIONS)
        self.system.remove_if_empty(HOME)


class Current(Step):
    """Last of the program's steps: until then the version before stays in use."""

    name = "version"

    def say(self) -> str:
        return f"{CURRENT} is version {self.job.version}"

    def _target(self) -> str:
        return f"versions/{self.job.version}"

    def needed(self) -> bool:
        link = self.system.path(CURRENT)
        return not link.is_symlink() or os.readlink(link) != self._target()

    def do(self) -> None:
        link = self.system.path(CURRENT)
        draft = link.with_name(".current.new")
        draft.unlink(missing_ok=True)
        draft.symlink_to(self._target())
        draft.replace(link)
        self.system.write(f"{self.job.home}/{USED}", "")
        self.record.version = self.job.version
        self.record.save()
        self.job.changed.add("program")

    def undo(self) -> None:
        self.system.remove(CURRENT)


def files_of(source: Path) -> list[str]:
    """The files of a tree, by name: those that git knows or could; without git all but what is made anew."""
    listed = _git(source, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    names = listed.split("\0") if listed else _walk(source)
    return sorted(
        {name for name in names if name and (source / name).is_file() and name not in (STAMP, USED)}
    )


def _walk(source: Path) -> Iterator[str]:
    for folder, folders, names in os.walk(source):
        folders[:] = [
            name
            for name in folders
            if name not in LEFT_OUT and not name.startswith(".venv.old-") and not name.endswith(".egg-info")
        ]
        for name in names:
            yield str((Path(folder) / name).relative_to(source))


def version_of(source: Path) -> str:
    """The version a tree is: its folder's where it is installed, git's description, or the project's own."""
    if source.parent.name == "versions" and (source / STAMP).exists():
        return source.name
    described = _git(source, "describe", "--tags", "--always", "--dirty")
    if described:
        return described.strip()
    with (source / "pyproject.toml").open("rb") as file:
        return f"{tomllib.load(file)['project']['version']}-local"


def _git(source: Path, *arguments: str) -> str:
    """What git says; empty where there is none. The tree is another user's: sudo makes us root."""
    if not (source / ".git").exists():
        return ""
    with contextlib.suppress(OSError):
        done = subprocess.run(
            ["git", "-c", f"safe.directory={source}", "-C", str(source), *arguments],
            capture_output=True,
            text=True,
            errors="surrogateescape",
            check=False,
        )
        if done.returncode == 0:
            return done.stdout
    return ""
