"""What can be wrong with the history, in words a person can act on."""

from __future__ import annotations

from hardware.errors import InstepError


class HistoryError(InstepError):
    """The history cannot be read, written or exported; the text says why and what to do."""


class DamagedError(HistoryError):
    """The file is not a database, or its pages contradict each other."""


class RefusedError(HistoryError):
    """The file is sound but not ours to write: a newer Instep made it, or another program."""
