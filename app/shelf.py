"""The programs a machine offers: those that ship and a person's own, read again when a file changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from hardware.program import Program, load_programs


class Shelf(Mapping[str, Program]):
    """Programs by id, in the order of Home. ``refresh`` looks at the folders again.

    ``problems`` says what could not be read, one sentence a file.
    """

    def __init__(self, *folders: Path) -> None:
        self._folders = folders
        self._seen: object = None
        self._programs: dict[str, Program] = {}
        self.problems: tuple[str, ...] = ()
        self.refresh()

    def refresh(self) -> bool:
        """Read the folders if a file was added, changed or removed. True when they were read."""
        take = self.look()
        if take is not None:
            take()
        return take is not None

    def look(self) -> Callable[[], tuple[str, ...]] | None:
        """Read as ``refresh`` does, in whatever thread, and change nothing yet.

        None when nothing has changed; else what takes in what was read, and returns ``problems``.
        """
        seen = self._signature()
        if seen == self._seen:
            return None
        programs, broken = load_programs(*self._folders)

        def take() -> tuple[str, ...]:
            self._seen, self._programs = seen, programs
            self.problems = tuple(str(error) for error in broken)
            return self.problems

        return take

    def _signature(self) -> tuple[tuple[str, int, int], ...]:
        found = []
        for folder in self._folders:
            for path in sorted(folder.glob("*.toml")):
                try:
                    info = path.stat()
                except OSError:
                    continue
                found.append((str(path), info.st_mtime_ns, info.st_size))
        return tuple(found)

    def __getitem__(self, key: str) -> Program:
        return self._programs[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._programs)

    def __len__(self) -> int:
        return len(self._programs)
