"""The programs a machine offers: those that ship and a person's own, read again when a file changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from hardware.message import Message
from hardware.program import Program, find, load_programs
from hardware.program_file import program_names


class Shelf(Mapping[str, Program]):
    """Programs by id, in the order of Home. ``refresh`` looks at the folders again.

    ``problems`` says what could not be read, one message a file.
    """

    def __init__(self, *folders: Path) -> None:
        self._folders = folders
        self._seen: object = None
        self._programs: dict[str, Program] = {}
        self.problems: tuple[Message, ...] = ()
        self.refresh()

    def refresh(self) -> bool:
        """Read the folders if a file was added, changed or removed. True when they were read."""
        take = self.look()
        if take is not None:
            take()
        return take is not None

    def look(self) -> Callable[[], tuple[Message, ...]] | None:
        """Read as ``refresh`` does, in whatever thread, and change nothing yet.

        None when nothing has changed; else what takes in what was read, and returns ``problems``.
        """
        seen = self._signature()
        if seen == self._seen:
            return None
        programs, broken = load_programs(*self._folders)

        def take() -> tuple[Message, ...]:
            self._seen, self._programs = seen, programs
            self.problems = tuple(error.message for error in broken)
            return self.problems

        return take

    def find(self, name: str) -> Program | None:
        """The program that a person calls so; see :func:`hardware.program.find`."""
        return find(self, name)

    def _signature(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """Changes with every file that is added, changed, removed, replaced or made readable."""
        found: list[tuple[str, tuple[int, ...]]] = []
        for folder in self._folders:
            found.append((str(folder), ()))
            try:
                names = program_names(folder)
            except OSError as error:
                found.append((str(folder), (error.errno or 0,)))
                continue
            found += ((name, _state(folder / name)) for name in names)
        return tuple(found)

    def __getitem__(self, key: str) -> Program:
        return self._programs[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._programs)

    def __len__(self) -> int:
        return len(self._programs)


def _state(path: Path) -> tuple[int, ...]:
    try:
        info = path.stat()
    except OSError as error:
        return (error.errno or 0,)
    return info.st_mtime_ns, info.st_ctime_ns, info.st_size, info.st_ino
