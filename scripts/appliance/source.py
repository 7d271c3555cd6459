"""This very tree, as committed and as changed since, put into another one as a builder's clone would be."""

from __future__ import annotations

import subprocess
import tarfile
from pathlib import Path

HOME = Path(__file__).resolve().parents[2]


def put_source(root: Path, name: str = "root/instep") -> Path:
    """What git knows of this checkout, in ``root``/``name``. Uncommitted changes come along."""
    target = root / name
    target.mkdir(parents=True, exist_ok=True)
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=HOME,
        check=True,
        capture_output=True,
    )
    packed = target.parent / "instep.tar"
    with tarfile.open(packed, "w") as archive:
        for path in filter(None, listed.stdout.decode().split("\0")):
            if (HOME / path).exists():
                archive.add(HOME / path, path)
    with tarfile.open(packed) as archive:
        archive.extractall(target, filter="tar")
    packed.unlink()
    return target
