"""Clean Debian trees, made by debootstrap, and commands run inside them."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

BUNDLE = "etc/ssl/certs/ca-certificates.crt"
_MOUNTS = (("proc", ("-t", "proc", "proc")), ("sys", ("--rbind", "/sys")), ("dev", ("--rbind", "/dev")))


class TreeError(Exception):
    """A tree that could not be made, or a command in one that failed; with what it said."""


def base(work: Path, release: str, arch: str) -> Path:
    """A clean minimal tree of ``release`` for ``arch``; made once, then kept in ``work``."""
    folder = work / "base" / f"{release}-{arch}"
    done = folder.with_suffix(".done")
    if done.exists():
        return folder
    if folder.exists():
        remove(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    _run(
        [
            "debootstrap",
            f"--arch={arch}",
            "--variant=minbase",
            "--include=ca-certificates,git,python3",  # what Raspberry Pi OS Lite, and a clone, come with
            release,
            str(folder),
        ],
        patience_s=3600,
    )
    unmount(folder)  # another architecture's second stage leaves /proc behind
    done.touch()
    return folder


def copy(tree: Path, to: Path) -> Path:
    """A copy that may be changed."""
    if to.exists():
        remove(to)
    to.parent.mkdir(parents=True, exist_ok=True)
    # A kernel's folder that somebody left mounted in it has no end.
    _run(["cp", "-a", "--one-file-system", "--reflink=auto", str(tree), str(to)], patience_s=900)
    return to


def remove(tree: Path) -> None:
    """Remove a tree, after seeing that nothing of this computer is still mounted in it."""
    unmount(tree)
    mounted = [line.split(" ")[1] for line in Path("/proc/self/mounts").read_text().splitlines()]
    inside = [folder for folder in mounted if folder.startswith(f"{tree.resolve()}/")]
    if inside:
        raise TreeError(f"{inside[0]} is still mounted: unmount it, then remove {tree}")
    shutil.rmtree(tree)


def unmount(tree: Path) -> None:
    for name, _ in reversed(_MOUNTS):
        place = tree / name
        if os.path.ismount(place):
            subprocess.run(["umount", "--recursive", "--lazy", str(place)], check=False)


@contextlib.contextmanager
def entered(tree: Path) -> Iterator[None]:
    """The tree as a place where commands can run: with the kernel's folders, and this computer's network.

    Services are not started by what gets installed in it.
    """
    policy = tree / "usr/sbin/policy-rc.d"
    try:
        for name, how in _MOUNTS:
            _run(["mount", *how, str(tree / name)])
            _run(["mount", "--make-rslave", str(tree / name)])
        (tree / "etc/resolv.conf").unlink(missing_ok=True)
        shutil.copy("/etc/resolv.conf", tree / "etc/resolv.conf")
        _trust_this_network(tree)
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
        yield
    finally:
        policy.unlink(missing_ok=True)
        unmount(tree)


def _trust_this_network(tree: Path) -> None:
    """A network that looks into what is fetched has certificates of its own: this computer's count inside."""
    ours, theirs = Path("/") / BUNDLE, tree / BUNDLE
    if ours.exists():
        theirs.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ours, theirs)


def inside(
    tree: Path,
    command: Sequence[str],
    *,
    patience_s: float = 3600,
    check: bool = True,
    env: Mapping[str, str] = {},
    typed: str = "",
) -> str:
    """Run ``command`` in an entered tree and return what it printed. Raises TreeError when it fails."""
    clean = {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": "/root",
        "LANG": "C.UTF-8",
        "DEBIAN_FRONTEND": "noninteractive",
        "PIP_CERT": f"/{BUNDLE}",
        **env,
    }
    return _run(["chroot", str(tree), *command], patience_s=patience_s, check=check, env=clean, typed=typed)


def _run(
    command: Sequence[str],
    *,
    patience_s: float = 120,
    check: bool = True,
    env: Mapping[str, str] | None = None,
    typed: str = "",
) -> str:
    done = subprocess.run(
        list(command),
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=patience_s,
        env=env,
        input=typed,
    )
    if check and done.returncode != 0:
        raise TreeError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-4000:]}")
    return done.stdout
