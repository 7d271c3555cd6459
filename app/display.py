"""Which display the kiosk is drawn on: ``python -m app.display COMMAND...``.

The DRM cards of a Pi change their numbers from one boot to the next, and not each has a display: on a Pi 4
one of two is the GPU alone, on a Pi 5 the panel, HDMI and the GPU are three. So the card is the one with a
connected connector. It is told to SDL (KMSDRM) and to cage (wlroots), whichever COMMAND is. Without a display
this waits for one, and says so.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import time
from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hardware.errors import InstepError, TerminalError

log = logging.getLogger(__name__)

CARDS = Path("/sys/class/drm")
DEVICES = Path("/dev/dri")
POLL_S = 1.0
GRACE_S = 5.0
"""At boot the driver may come after us; only then is it worth a word."""
SAY_AGAIN_S = 600.0
WITHOUT = ("offscreen", "dummy")
"""SDL's drivers that need no display."""
_NAME = re.compile(r"^card(\d+)-(.+)$")
_BUILT_IN = ("DSI", "DPI", "LVDS", "eDP", "SPI")
"""Kinds of a panel that belongs to the machine: it goes before a monitor that is plugged in as well."""


@dataclass(frozen=True)
class Connector:
    """A place where a display can be connected."""

    card: int
    name: str
    """As the kernel has it, ``DSI-1`` or ``HDMI-A-1``."""
    status: str
    """``connected``, ``disconnected`` or ``unknown``."""

    @property
    def built_in(self) -> bool:
        return self.name.startswith(_BUILT_IN)

    def __str__(self) -> str:
        return f"{self.name} on card{self.card} is {self.status}"


def connectors(folder: Path = CARDS) -> list[Connector]:
    """Every connector there is, ordered by card and name. Raises nothing."""
    found = []
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        return []
    for entry in entries:
        name = _NAME.match(entry.name)
        # A writeback connector is the card drawing into memory.
        if name is None or name[2].startswith("Writeback"):
            continue
        try:
            status = (entry / "status").read_text().strip()
        except OSError:
            continue
        found.append(Connector(int(name[1]), name[2], status))
    return sorted(found, key=lambda connector: (connector.card, connector.name))


def choose(found: Sequence[Connector]) -> Connector | None:
    """The one to draw on: connected, the machine's own panel first."""
    connected = [connector for connector in found if connector.status == "connected"]
    return min(connected, key=lambda connector: not connector.built_in, default=None)


def problem(found: Sequence[Connector]) -> str:
    """Why there is nothing to draw on, and what to do."""
    if not found:
        return (
            "there is no display driver: see that config.txt has the line dtoverlay=vc4-kms-v3d and that "
            "the panel's overlay is loaded, then restart"
        )
    return (
        f"no display is connected ({'; '.join(map(str, found))}): push the ribbon in to the end, contacts "
        "the right way, or the HDMI plug"
    )


def wait_for_display(
    look: Callable[[], Sequence[Connector]] = connectors,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Connector:
    """Returns as soon as a display is connected; until then it says now and then what is missing."""
    since_s = clock()
    say_at_s = since_s + GRACE_S
    while (chosen := choose(found := look())) is None:
        if clock() >= say_at_s:
            say_at_s = clock() + SAY_AGAIN_S
            log.warning("%s. The kiosk waits for it.", problem(found))
        sleep(POLL_S)
    return chosen


def tell(
    chosen: Connector,
    environ: MutableMapping[str, str],
    devices: Path = DEVICES,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Point SDL and wlroots to the card. What was set by hand stays.

    Raises InstepError when the card may not be opened, also not a moment later: the kernel shows a new card
    before udev has given it to its groups.
    """
    device = devices / f"card{chosen.card}"
    give_up_s = clock() + GRACE_S
    while (refused := _refused(device)) is not None:
        if clock() >= give_up_s:
            raise TerminalError(
                f"the display's {device} cannot be opened ({refused.strerror}): the kiosk's user has to be "
                "in the groups video and render"
            ) from refused
        sleep(POLL_S)
    environ.setdefault("SDL_KMSDRM_DEVICE_INDEX", str(chosen.card))
    environ.setdefault("WLR_DRM_DEVICES", str(device))


def _refused(device: Path) -> OSError | None:
    try:
        # Closed at once: whoever has a card open first is its master.
        os.close(os.open(device, os.O_RDWR | os.O_CLOEXEC))
    except OSError as error:
        return error
    return None


def main(command: Sequence[str]) -> int:
    """Runs ``command`` in place of this process, so it returns only when it cannot."""
    logging.basicConfig(format="%(message)s")
    if not command:
        sys.stderr.write("Name the command that is to be shown, for instance: instep kiosk --fullscreen\n")
        return 2
    if os.environ.get("SDL_VIDEODRIVER", "").lower() not in WITHOUT:
        chosen = wait_for_display()
        try:
            tell(chosen, os.environ)
        except InstepError as error:
            sys.stderr.write(f"{error}\n")
            return 1
        sys.stdout.write(f"The kiosk is drawn on {chosen.name} of card{chosen.card}.\n")
        sys.stdout.flush()
    try:
        os.execvp(command[0], list(command))
    except OSError as error:
        sys.stderr.write(f"{command[0]} cannot be started: {error.strerror}\n")
    return 127


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
