"""The command line of ``scripts/test-appliance``."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

from scripts.appliance import fresh, guest, needs, pi, tree
from scripts.appliance.emulator import GuestError
from scripts.appliance.proof import ProofError, Say

HOME = Path(__file__).resolve().parents[2]
PARTS = ("trees", "pi", "guest")


def main() -> int:
    """0 all that was asked for holds; 1 something does not; 3 something is missing here."""
    given = _parser().parse_args()
    parts = set(given.parts or PARTS)
    arches = set(given.arch or ("amd64", "arm64"))
    work: Path = given.work.resolve()
    missing = needs.missing(parts, work, arches)
    if missing:
        print("This cannot be proven here yet:", *missing, sep="\n  ", file=sys.stderr)
        return 3
    failed = []
    for name, proof in _proofs(parts, arches, given.release or ["bookworm", "trixie"], work, given):
        print(f"\n== {name}", flush=True)
        try:
            proof(_teller())
        except (ProofError, GuestError, tree.TreeError) as error:
            failed.append(name)
            print(f"  FAILED  {error}", file=sys.stderr, flush=True)
    if not given.keep:
        _clean(work)
    print(f"\nFailed: {', '.join(failed)}" if failed else "\nAll of it holds.")
    return 1 if failed else 0


def _teller() -> Say:
    begun = time.monotonic()
    return lambda said: print(f"  {time.monotonic() - begun:5.0f} s  {said}", flush=True)


Proof = Callable[[Say], None]


def _proofs(
    parts: set[str], arches: set[str], releases: list[str], work: Path, given: argparse.Namespace
) -> list[tuple[str, Proof]]:
    found: list[tuple[str, Proof]] = []
    if "trees" in parts:
        for arch in sorted(arches):
            for release in releases:
                found.append(
                    (
                        f"a fresh card: {release} {arch}",
                        lambda say, release=release, arch=arch: fresh.prove(work, release, arch, say),
                    )
                )
    if "pi" in parts:
        found.append(
            (
                "an emulated Raspberry Pi, its pins from outside",
                lambda say: pi.prove(work, say, again=given.again),
            )
        )
    if "guest" in parts:
        found.append(
            (
                "a session under the units, and the plug",
                lambda say: guest.prove(work, say, again=given.again, pulls=given.pulls, seed=given.seed),
            )
        )
    return found


def _clean(work: Path) -> None:
    """All but the clean trees, which take long to make."""
    for path in work.iterdir():
        if path.name == "base" or path.suffix in (".log", ".png"):
            continue
        if path.is_dir():
            tree.remove(path)
        else:
            path.unlink()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/test-appliance",
        description="Prove the appliance without one. Takes an hour; changes nothing outside of --work.",
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}  [default: all]")
    parser.add_argument("--release", action="append", choices=("bookworm", "trixie"), help="[default: both]")
    parser.add_argument("--arch", action="append", choices=("amd64", "arm64"), help="[default: both]")
    parser.add_argument("--work", type=Path, default=HOME / "build" / "appliance", metavar="DIR")
    parser.add_argument("--again", action="store_true", help="with the cards that --keep left")
    parser.add_argument("--keep", action="store_true", help="leave cards and trees to look at")
    parser.add_argument("--pulls", type=int, default=3, metavar="N", help="plugs to pull  [default: 3]")
    parser.add_argument(
        "--seed", type=int, default=int(time.time()) % 100_000, help="of when they are pulled"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
