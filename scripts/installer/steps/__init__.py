"""The steps of an installation, in the order of ``ALL``; an uninstallation undoes them from the last."""

from __future__ import annotations

from scripts.installer.steps.account import Account
from scripts.installer.steps.base import Job, Step
from scripts.installer.steps.boot import Boot
from scripts.installer.steps.console import Console
from scripts.installer.steps.environment import Environment
from scripts.installer.steps.files import Files
from scripts.installer.steps.machine import MachineFile
from scripts.installer.steps.mounting import Mounting
from scripts.installer.steps.packages import Packages
from scripts.installer.steps.services import Services
from scripts.installer.steps.tree import Current, Tree

ALL: tuple[type[Step], ...] = (
    Packages,
    Account,
    Mounting,
    Tree,
    Environment,
    MachineFile,
    Current,
    Files,
    Boot,
    Console,
    Services,
)

__all__ = ["ALL", "Job", "Step"]
