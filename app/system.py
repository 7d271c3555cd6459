"""Restarting and switching off the computer that all of it runs on."""

from __future__ import annotations

import logging
import shutil
import subprocess
from collections.abc import Callable
from typing import Literal

from hardware.errors import InstepError
from hardware.message import Foreign, says


@says("This computer cannot be restarted or shut down from here. Use its own switch.")
def no_way_from_here() -> None: ...


@says("The computer does not answer. Use its own switch.")
def computer_does_not_answer() -> None: ...


@says("The computer refuses. Use its own switch. ({why})")
def computer_refused(why: Foreign) -> None: ...


log = logging.getLogger(__name__)

WAIT_S = 15.0
_DO: dict[str, str] = {"restart": "reboot", "shut-down": "poweroff"}

Deed = Literal["restart", "shut-down"]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


def leave(deed: Deed, run: Run = subprocess.run) -> None:
    """Ask systemd for it; takes a moment, so not for the screen's thread.

    Raises InstepError with what to do when this computer does not let us.
    """
    tool = shutil.which("systemctl")
    if tool is None:
        raise InstepError(no_way_from_here())
    command = [tool, "--no-ask-password", _DO[deed]]
    try:
        done = run(command, check=False, capture_output=True, text=True, timeout=WAIT_S)
    except (OSError, subprocess.SubprocessError) as error:
        log.warning("%s: %s", " ".join(command), error)
        raise InstepError(computer_does_not_answer()) from error
    if done.returncode == 0:
        return
    said = done.stderr.strip()
    log.warning("%s: %s", " ".join(command), said)
    raise InstepError(computer_refused(Foreign(said.splitlines()[-1] if said else str(done.returncode))))
