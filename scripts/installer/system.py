"""The computer's files and commands, under a root that may be another card's or a test's."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


class RefusedError(Exception):
    """Nothing was changed, and this is why; one reason a line."""


class FailedError(Exception):
    """A step could not be done. What was done before stays."""


@dataclass(frozen=True)
class Done:
    """A command that has ended; ``out`` and ``err`` are empty for one that spoke to the person itself."""

    code: int
    out: str = ""
    err: str = ""


NOTHING: Mapping[str, str] = {}

Run = Callable[[Sequence[str], Mapping[str, str], bool], Done]
"""Runs a command with this added to its environment; the flag lets it speak to the person."""


def really_run(command: Sequence[str], environment: Mapping[str, str], aloud: bool) -> Done:
    try:
        done = subprocess.run(
            command,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=not aloud,
            text=True,
            errors="replace",
            check=False,
        )
    except FileNotFoundError:
        return Done(127, err=f"{command[0]}: there is no such command")
    return Done(done.returncode, done.stdout or "", done.stderr or "")


class System:
    """One computer's root folder; commands run inside it."""

    def __init__(self, root: Path = Path("/"), run: Run = really_run) -> None:
        self.root = root.resolve()
        self._run = run

    @property
    def here(self) -> bool:
        """Whether it is the computer that this runs on, as far as the root goes."""
        return self.root == Path("/")

    def path(self, name: str | Path) -> Path:
        return self.root / str(name).lstrip("/")

    # --- commands -------------------------------------------------------------------------------------

    def ask(self, *command: str, aloud: bool = False, environment: Mapping[str, str] = NOTHING) -> Done:
        """Run a command inside the root, whatever its end."""
        inside = () if self.here else ("chroot", str(self.root))
        # Answers are read by words, so they must come in the same words everywhere.
        return self._run((*inside, *command), {"LC_ALL": "C.UTF-8", **environment}, aloud)

    def do(self, *command: str, aloud: bool = False, environment: Mapping[str, str] = NOTHING) -> str:
        """Run a command that has to work. Raises FailedError with what it said."""
        done = self.ask(*command, aloud=aloud, environment=environment)
        if done.code != 0:
            said = "\n".join((done.out + done.err).strip().splitlines()[-12:])
            raise FailedError(f"{' '.join(command)} ended with {done.code}" + (f":\n{said}" if said else ""))
        return done.out

    # --- files ----------------------------------------------------------------------------------------

    def read(self, name: str | Path) -> str | None:
        """A text file's content; None where there is none."""
        try:
            return self.path(name).read_text(errors="surrogateescape")
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        except OSError as error:
            raise FailedError(f"{self.path(name)} cannot be read: {error.strerror}") from error

    def write(self, name: str | Path, text: str, mode: int | None = None) -> list[str]:
        """Put a whole file in place, or nothing; returns the folders that had to be made.

        It keeps the mode of the file it replaces unless told, and never follows a link put in its place.
        """
        path = self.path(name)
        draft = path.with_name(f".{path.name}.instep-new")
        try:
            made = self.make_folders(path.parent)
            if mode is None:
                mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
            draft.unlink(missing_ok=True)
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
                file.write(text.encode(errors="surrogateescape"))
                file.flush()
                with contextlib.suppress(OSError):  # the boot partition's FAT knows no modes
                    os.fchmod(file.fileno(), mode)
                os.fsync(file.fileno())
            draft.replace(path)
            _settle(path.parent)
        except OSError as error:
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)
            raise FailedError(f"{path} cannot be written: {error.strerror}") from error
        return made

    def make_folders(self, folder: Path) -> list[str]:
        """Make ``folder`` and what is above it; returns those that were not there, the innermost first."""
        missing = []
        while not folder.exists():
            missing.append(folder)
            folder = folder.parent
        for path in reversed(missing):
            path.mkdir(mode=0o755)
        return ["/" + str(path.relative_to(self.root)) for path in missing]

    def remove(self, name: str | Path) -> None:
        """A file, link or whole folder; nothing where there is none."""
        path = self.path(name)
        try:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        except OSError as error:
            raise FailedError(f"{error.filename or path} cannot be removed: {error.strerror}") from error

    def remove_if_empty(self, name: str | Path) -> None:
        with contextlib.suppress(OSError):
            self.path(name).rmdir()


def _settle(folder: Path) -> None:
    """The name, too, is on the disk when the plug is pulled."""
    with contextlib.suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
