"""This very tree, as committed and as changed since, put into another one as a builder's clone would be."""

from __future__ import annotations

import subprocess
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
    names = b"\0".join(
        name for name in listed.stdout.split(b"\0") if name and (HOME / name.decode()).exists()
    )
    pack = ["tar", "--create", "--null", "--no-recursion", "--files-from=-"]
    packed = subprocess.run(pack, cwd=HOME, check=True, capture_output=True, input=names).stdout
    unpack = ["tar", "--extract", "--no-same-owner", f"--directory={target}"]
    subprocess.run(unpack, check=True, input=packed)
    return target
