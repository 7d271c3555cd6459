"""An uninstallation: what the record says, from the last step to the first."""

from __future__ import annotations

from pathlib import Path

from scripts.installer import read_only, refusals, trial
from scripts.installer.install import Ask, agreed, alone, only_as_root
from scripts.installer.record import Record
from scripts.installer.steps import ALL, Job
from scripts.installer.steps.base import DATA
from scripts.installer.steps.services import Reload
from scripts.installer.system import FailedError, RefusedError, System


def uninstall(system: System, source: Path, *, yes: bool, data: bool, ask: Ask = input) -> int:
    """Returns the exit code. Raises RefusedError before anything was changed, FailedError in the middle."""
    only_as_root(system, "uninstall")
    with alone(system):
        record = Record(system)
        if not record.there:
            print("Instep is not installed here. Nothing to do.")
            return 0
        if refusals.is_on(system) or refusals.waits(system):
            raise RefusedError(
                "The system is read-only, now or after its next start. First sudo ./scripts/read-only off, "
                "and restart where it says so."
            )
        job = Job(system, record, print, source, record.version, data=data)
        steps = [step(job) for step in reversed(ALL)]
        print("This will be done:")
        for step in steps:
            if said := step.unsay():
                print(f"  {step.name:<13}{said}")
        if not yes and not agreed(ask, "Go ahead? [y/N] "):
            print("Nothing was changed.")
            return 1
        print()
        for step in steps:
            try:
                step.undo()
            except (FailedError, OSError) as failed:
                raise FailedError(f"Stopped at: {step.name}. {failed}") from failed
        read_only.forget(system, print, data=data)
        trial.end(system)
        record.take_away_folders()
        Reload(job).undo()
        record.forget()
        print("Instep is gone" + ("." if data else f"; your data is still in {DATA}."))
        if "boot" in job.changed:
            print("Restart the computer: the boot settings count until then.")
        return 0
