"""Inside the emulated computer: what the controller says last, kept in a file.

python -m scripts.appliance.watch FILE. A look at the file costs nothing; ``instep status`` is a start of
Python, which an emulated processor takes from the controller until that is late (S11).
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from app.link.client import Client
from app.places import Places
from hardware.messages import Snapshot

LOOK_S = 0.25


def line(latest: Snapshot | None) -> str:
    """``STATE FAULT ENDED OUTCOME``: the first fault's code, the last session that ended and how."""
    if latest is None:
        return "silent - - -"
    fault = latest.faults[0].code if latest.faults else "-"
    ended = latest.ended
    return f"{latest.state} {fault} " + (f"{ended.id} {ended.outcome}" if ended else "- -")


def main() -> None:
    file = Path(sys.argv[1])
    new = file.with_suffix(".new")
    client = Client(Places().runtime, "outside")
    kept = ""
    while True:
        client.poll()
        said = line(client.latest if client.connected else None)
        if said != kept:
            new.write_text(said + "\n")
            new.replace(file)
            kept = said
        time.sleep(LOOK_S)


if __name__ == "__main__":
    main()
