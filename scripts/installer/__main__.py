"""The command lines of ``scripts/install``, ``uninstall``, ``update`` and ``read-only``."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
from pathlib import Path

from scripts.installer.install import Options, install
from scripts.installer.panel import ROTATIONS
from scripts.installer.read_only import Options as ReadOnlyOptions
from scripts.installer.read_only import ReadOnly
from scripts.installer.system import FailedError, RefusedError, System
from scripts.installer.uninstall import uninstall
from scripts.installer.update import Options as UpdateOptions
from scripts.installer.update import Update

SOURCE = Path(__file__).resolve().parents[2]
PAST = {"install": "installed", "uninstall": "uninstalled", "update": "updated", "read-only": "switched"}


def main(arguments: list[str] | None = None) -> int:
    """0 done, or nothing to do; 1 failed in the middle; 2 a wrong option; 3 refused, nothing was changed."""
    given = _parser().parse_args(arguments)
    system = System(given.root)
    # Whoever types this over a network may lose it: what was begun is still brought to its end.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        if given.command == "uninstall":
            return uninstall(system, SOURCE, yes=given.yes, data=given.data)
        if given.command == "update":
            if given.finish:
                return Update(system, SOURCE, _tell).finish()
            wanted = UpdateOptions(given.tag, back=given.back, fetch=not given.no_fetch, yes=given.yes)
            return Update(system, SOURCE, _tell).run(wanted)
        if given.command == "read-only":
            return ReadOnly(system).run(ReadOnlyOptions(given.what, given.data, yes=given.yes))
        options = Options(
            yes=given.yes,
            machine=given.machine,
            model=given.model,
            force=given.force,
            virtual=given.virtual,
            start=not given.no_start,
            rotation=given.rotation,
        )
        return install(system, SOURCE, options)
    except RefusedError as refused:
        print(f"\nNot {PAST[given.command]}, and nothing was changed:\n", file=sys.stderr)
        for reason in str(refused).splitlines():
            print(f"  {reason}", file=sys.stderr)
        return 3
    except FailedError as failed:
        print(f"\n{failed}", file=sys.stderr)
        print(
            f"\nWhat was done stays. Start again: ./scripts/{given.command} goes on from there.",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        print(f"\nStopped. ./scripts/{given.command} goes on from there.", file=sys.stderr)
        return 130


def _tell(words: str) -> None:
    """Also to nobody, where the terminal is gone: an update does not stop between two versions for that."""
    with contextlib.suppress(OSError):
        print(words, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/installer/start")
    commands = parser.add_subparsers(dest="command", required=True)
    put = commands.add_parser(
        "install",
        prog="scripts/install",
        description="Make this computer the machine. Run it again at any time: it does what is missing.",
    )
    put.add_argument("--machine", metavar="FILE", help="machine file, or the name of a shipped one")
    put.add_argument(
        "--model", metavar="NAME", help='board, for another computer\'s card: "Raspberry Pi 4 Model B"'
    )
    put.add_argument(
        "--virtual", action="store_true", help="on a virtual machine, to show or to test; any PC will do"
    )
    put.add_argument("--force", action="store_true", help="also on a board that Instep does not know")
    put.add_argument(
        "--rotation",
        type=int,
        choices=ROTATIONS,
        help="turn the picture and its touches by so many degrees clockwise, for the panel in its case",
    )
    put.add_argument("--no-start", action="store_true", help="start nothing now")
    take = commands.add_parser(
        "uninstall",
        prog="scripts/uninstall",
        description="Take back what scripts/install did; keeps the data.",
    )
    take.add_argument("--data", action="store_true", help="remove the data, too: sessions, people, settings")
    change = commands.add_parser(
        "update",
        prog="scripts/update",
        description="Put another version in this one's place; if that is not well, this one comes back.",
    )
    change.add_argument(
        "tag", nargs="?", metavar="VERSION", help="a tag, say v1.2  [default: the newest release]"
    )
    change.add_argument("--back", action="store_true", help="to the version that was in use before")
    change.add_argument("--no-fetch", action="store_true", help="only what this clone knows already")
    # For the service of scripts/installer/trial.py, not for people: an update puts right what was cut short.
    change.add_argument("--finish", action="store_true", help=argparse.SUPPRESS)
    change.set_defaults(root=Path("/"))
    change.add_argument("--yes", action="store_true", help="ask nothing")
    shield = commands.add_parser(
        "read-only",
        prog="scripts/read-only",
        description="Make the system read-only, the data on a partition of their own; or writable again.",
    )
    shield.add_argument("what", choices=("on", "off", "status"))
    shield.add_argument(
        "--data", metavar="PARTITION", help="where the data are to be: /dev/sda1, /dev/mmcblk0p3, LABEL=…"
    )
    shield.set_defaults(root=Path("/"))
    shield.add_argument("--yes", action="store_true", help="ask nothing")
    for command in (put, take):
        command.add_argument("--yes", action="store_true", help="ask nothing")
        command.add_argument(
            "--root", type=Path, default=Path("/"), metavar="DIR", help="another system's root folder"
        )
    return parser


if __name__ == "__main__":
    sys.exit(main())
