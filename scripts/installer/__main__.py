"""The command lines of ``scripts/install`` and ``scripts/uninstall``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from scripts.installer.install import Options, install
from scripts.installer.system import FailedError, RefusedError, System
from scripts.installer.uninstall import uninstall

SOURCE = Path(__file__).resolve().parents[2]


def main(arguments: list[str] | None = None) -> int:
    """0 done, or nothing to do; 1 failed in the middle; 2 a wrong option; 3 refused, nothing was changed."""
    given = _parser().parse_args(arguments)
    system = System(given.root)
    try:
        if given.command == "uninstall":
            return uninstall(system, SOURCE, yes=given.yes, data=given.data)
        options = Options(
            yes=given.yes,
            machine=given.machine,
            model=given.model,
            force=given.force,
            virtual=given.virtual,
            start=not given.no_start,
        )
        return install(system, SOURCE, options)
    except RefusedError as refused:
        print(f"\nNot {given.command}ed, and nothing was changed:\n", file=sys.stderr)
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
    put.add_argument("--no-start", action="store_true", help="start nothing now")
    take = commands.add_parser(
        "uninstall",
        prog="scripts/uninstall",
        description="Take back what scripts/install did; keeps the data.",
    )
    take.add_argument("--data", action="store_true", help="remove the data, too: sessions, people, settings")
    for command in (put, take):
        command.add_argument("--yes", action="store_true", help="ask nothing")
        command.add_argument(
            "--root", type=Path, default=Path("/"), metavar="DIR", help="another system's root folder"
        )
    return parser


if __name__ == "__main__":
    sys.exit(main())
