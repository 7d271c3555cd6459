"""A version on trial: what lies on the disk from the change of versions until the new one has proved itself.

A note of how to go back, and a service that goes back by it with the next start: whoever pulls the plug in
the middle of an update finds the version before in use again, and need not know that there was one.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict, dataclass

from scripts.installer.steps.base import VERSIONS
from scripts.installer.system import FailedError, RefusedError, System

NOTE = "/etc/instep/updating.json"
UNIT = "/etc/systemd/system/instep-update.service"
WANTED = "/etc/systemd/system/multi-user.target.wants/instep-update.service"
WATCHED = "/run/instep-update"
"""There while an update watches the new version: the last resort leaves going back to it."""
UNIT_TEXT = """\
# Written by scripts/update, which takes it away when it ends: an update that a start finds was cut short.
# In no order with the machine's services, which it stops and starts. It does what an installation does, and
# has the rights of one.
[Unit]
Description=Instep: back from an update that was cut short
ConditionPathExists={note}

[Service]
Type=exec
ExecStart={home}/scripts/update --finish
"""


@dataclass(frozen=True)
class Trial:
    """From which version to which, with the backup made before it, and the installer's record as it was."""

    before: str
    after: str
    backup: str
    record: str

    def begin(self, system: System) -> None:
        system.write(UNIT, UNIT_TEXT.format(note=NOTE, home=f"{VERSIONS}/{self.before}"))
        wanted = system.path(WANTED)
        try:
            system.make_folders(wanted.parent)
            wanted.unlink(missing_ok=True)
            wanted.symlink_to(f"../{wanted.name}")
        except OSError as error:
            raise FailedError(f"{wanted} cannot be made: {error.strerror}") from error
        system.write(NOTE, json.dumps(asdict(self)) + "\n", 0o600)
        system.write(WATCHED, "")


def cut_short(system: System) -> Trial | None:
    """The trial that a pulled plug left. Raises RefusedError when its note cannot be understood."""
    text = system.read(NOTE)
    if text is None:
        return None
    try:
        note = json.loads(text)
        return Trial(*(str(note[name]) for name in ("before", "after", "backup", "record")))
    except (ValueError, KeyError, TypeError) as error:
        raise RefusedError(f"{NOTE} cannot be understood ({error}): remove it, then start again") from error


def end(system: System) -> None:
    """Nothing is left of it. The note goes first: without it the service does nothing."""
    for name in (NOTE, WANTED, UNIT, WATCHED):
        system.remove(name)


def nobody_watches(system: System) -> None:
    """The update that did has ended, whether it was done or not."""
    with contextlib.suppress(FailedError):
        system.remove(WATCHED)
