"""The machine file in use: once there it is the owner's, with what was tuned on this very machine."""

from __future__ import annotations

import tempfile
from pathlib import Path

from scripts.installer.plan import OWN_MACHINE
from scripts.installer.steps.base import USER, FailedError, Step

BEFORE = "/var/lib/instep/machine.toml.before"


class MachineFile(Step):
    name = "machine file"

    def say(self) -> str:
        plan = self.job.to_do
        before = f"; the one there was goes to {BEFORE}" if self.system.path(OWN_MACHINE).exists() else ""
        return f"{OWN_MACHINE}: {plan.machine_name}, pins by {plan.factory}{before}"

    def needed(self) -> bool:
        return self.job.to_do.machine_text is not None

    def do(self) -> None:
        text = self.job.to_do.machine_text
        assert text is not None
        self._check(text)
        old = self.system.read(OWN_MACHINE)
        for name, content in ((BEFORE, old), (OWN_MACHINE, text)):
            if content is not None:
                self.system.write(name, content, 0o600)
                self.system.do("chown", "-h", f"{USER}:{USER}", name)
        self.job.changed.add("pins")

    def _check(self, text: str) -> None:
        """By the program itself, which knows every rule; a file that it refuses never gets in place."""
        folder = self.system.path("/tmp")  # noqa: S108  whoever runs the check may read it there
        with tempfile.NamedTemporaryFile("w", suffix=".toml", dir=folder) as draft:
            draft.write(text)
            draft.flush()
            name = "/" + str(Path(draft.name).relative_to(self.system.root))
            try:
                self.job.instep("machine", name)
            except FailedError as failed:
                said = str(failed).replace(name, self.job.to_do.machine_name)
                raise FailedError(f"The machine file is not a good one:\n{said}") from failed
