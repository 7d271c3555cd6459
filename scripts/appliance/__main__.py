"""The command line of ``scripts/test-appliance``."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from scripts.appliance import fresh, guest, needs, panels, pi, read_only, tree, updates
from scripts.appliance.emulator import GuestError
from scripts.appliance.proof import ProofError, Say

HOME = Path(__file__).resolve().parents[2]
PARTS = ("trees", "pi", "guest", "panels", "update", "read-only")
RELEASES = ("bookworm", "trixie")


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
    for name, proof in _proofs(parts, arches, given.release or RELEASES, work, given):
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
    parts: set[str], arches: set[str], releases: Sequence[str], work: Path, given: argparse.Namespace
) -> Iterator[tuple[str, Proof]]:
    again = given.again
    for arch in sorted(arches) if "trees" in parts else ():
        for release in releases:
            yield f"a fresh card: {release} {arch}", partial(fresh.prove, work, release, arch)
    if "pi" in parts:
        yield "an emulated Raspberry Pi, its pins from outside", partial(pi.prove, work, again=again)
    if "guest" in parts:
        proof = partial(guest.prove, work, releases[0], again=again, pulls=given.pulls, seed=given.seed)
        yield "a session under the units, and the plug", proof
    if "panels" in parts:
        proof = partial(panels.prove, work, releases[0], again=again or "guest" in parts)
        yield "panels of the kernel's: palms, plugs, one finger", proof
    if "update" in parts:
        proof = partial(updates.prove, work, releases[0], again=again)
        yield "updates under the units: sound, ill, cut short", proof
    if "read-only" in parts:
        proof = partial(read_only.prove, work, releases[0], again=again)
        yield "a read-only system, the plug, and its data's disk", proof


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
        description="Prove the appliance without one. Takes hours; changes nothing outside of --work.",
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}  [default: all]")
    parser.add_argument(
        "--release", action="append", choices=RELEASES, help="[default: both as trees, bookworm elsewhere]"
    )
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
