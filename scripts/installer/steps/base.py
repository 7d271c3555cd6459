"""What a step is, and what it works with."""

from __future__ import annotations

import abc
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from scripts.installer.computer import Computer
from scripts.installer.plan import Plan
from scripts.installer.record import Record
from scripts.installer.system import FailedError, System

USER = "instep"
DATA = "/var/lib/instep"
RUNTIME = "/run/instep"
HOME = "/opt/instep"
CURRENT = f"{HOME}/current"
VERSIONS = f"{HOME}/versions"


@dataclass
class Job:
    """One installation or uninstallation as it goes on; ``computer`` and ``plan`` belong to the former."""

    system: System
    record: Record
    say: Callable[[str], None]
    source: Path
    """The tree that is installed."""
    version: str = ""
    computer: Computer | None = None
    plan: Plan | None = None
    start: bool = True
    """Whether services may be started."""
    rotation: int | None = None
    """Of the picture, in degrees clockwise; None leaves it as it is."""
    data: bool = False
    """Whether an uninstallation takes the data, too."""
    changed: set[str] = field(default_factory=set)
    """What the services have to hear of: units, pins, udev, journal, watchdog, picture."""

    @property
    def home(self) -> str:
        """The folder of the version that is installed."""
        return f"{VERSIONS}/{self.version}"

    @property
    def to_do(self) -> Plan:
        assert self.plan is not None
        return self.plan

    def instep(self, *arguments: str) -> str:
        """Ask the Instep that was just installed. Raises FailedError."""
        return self.system.do(
            f"{self.home}/.venv/bin/instep", *arguments, environment={"PYTHONDONTWRITEBYTECODE": "1"}
        )

    def keep(self, kept: str | None) -> None:
        if kept:
            self.say(f"  kept what was changed by hand: {kept}")


class Step(abc.ABC):
    """One thing that an installation does."""

    name = ""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.system = job.system
        self.record = job.record

    @abc.abstractmethod
    def say(self) -> str:
        """What ``do`` will do."""

    @abc.abstractmethod
    def needed(self) -> bool:
        """Whether it is not done yet; True when that cannot be known before the steps above it are done."""

    @abc.abstractmethod
    def do(self) -> None:
        """Do it. Raises FailedError; what is done by then stays, and the next time goes on from there."""

    def unsay(self) -> str:
        """What ``undo`` will do; empty when there is nothing to undo."""
        return ""

    def undo(self) -> None:  # noqa: B027  most have nothing to undo
        """Take back what the record says was done."""


__all__ = ["CURRENT", "DATA", "HOME", "RUNTIME", "USER", "VERSIONS", "FailedError", "Job", "Step"]
