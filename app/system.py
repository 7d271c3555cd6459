"""Restarting and switching off the computer that all of it runs on."""

from __future__ import annotations

import logging
import shutil
import subprocess
from collections.abc import Callable
from typing import Literal

from hardware.errors import InstepError

log = logging.getLogger(__name__)

WAIT_S = 15.0
_DO: dict[str, str] = {"restart": "reboot", "shut-down": "poweroff"}
_REFUSED = ("interactive authentication", "access denied", "not authorized", "permission denied")

Deed = Literal["restart", "shut-down"]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


def leave(deed: Deed, run: Run = subprocess.run) -> None:
    """Ask systemd for it; takes a moment, so not for the screen's thread.

    Raises InstepError with what to do when this computer does not let us.
    """
    tool = shutil.which("systemctl")
    if tool is None:
        raise InstepError("This computer cannot be restarted or shut down from here. Use its own switch.")
    command = [tool, "--no-ask-password", _DO[deed]]
    try:
        done = run(command, check=False, capture_output=True, text=True, timeout=WAIT_S)
    except (OSError, subprocess.SubprocessError) as error:
        log.warning("%s: %s", " ".join(command), error)
        raise InstepError("The computer does not answer. Use its own switch.") from error
    if done.returncode == 0:
        return
    said = done.stderr.strip()
    log.warning("%s: %s", " ".join(command), said)
    if any(word in said.lower() for word in _REFUSED):
        raise InstepError("Instep is not allowed to do this here. Use the computer's own switch.")
    raise InstepError(f"The computer refused: {said.splitlines()[-1] if said else done.returncode}")
