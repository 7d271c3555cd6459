"""The same PC with its system read-only: the plug pulled, the data's disk taken out, and back again."""

from __future__ import annotations

import struct
import subprocess
import time
from pathlib import Path

from scripts.appliance import guest as pc
from scripts.appliance import tree
from scripts.appliance.card import image
from scripts.appliance.emulator import Emulator
from scripts.appliance.guest import log_in, status
from scripts.appliance.proof import Say, see, until
from scripts.installer.read_only import PACKAGES

NAME = "read-only"
SWITCH = "/root/instep/scripts/read-only"
LABEL = "proof-data"
DATA_MB = 600
FIRST = 2048
"""Where its partition begins, in sectors of 512 bytes."""
WAIT_S = 12
"""Into the session, before its plug is pulled."""


def prepare(work: Path, say: Say, release: str) -> Path:
    root = pc.prepare(work, say, release, NAME)
    with tree.entered(root):
        # The emulated computer has no network to get it by.
        tree.inside(root, ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES])
    return root


def data_disk(at: Path) -> Path:
    """A disk with one partition, as somebody would make it for the data."""
    at.unlink(missing_ok=True)
    subprocess.run(["truncate", "-s", f"{DATA_MB}M", str(at)], check=True)
    sectors = (DATA_MB << 11) - FIRST
    offset, size = f"offset={FIRST * 512}", f"{sectors // 2}k"
    subprocess.run(["mkfs.ext4", "-q", "-F", "-L", LABEL, "-E", offset, str(at), size], check=True)
    with at.open("r+b") as disk:
        disk.seek(446)  # the first entry of a DOS partition table: Linux, by sectors
        disk.write(struct.pack("<B3sB3sII", 0, b"\xfe\xff\xff", 0x83, b"\xfe\xff\xff", FIRST, sectors))
        disk.seek(510)
        disk.write(b"\x55\xaa")
    return at


def prove(work: Path, release: str, say: Say, *, again: bool = False) -> None:
    """Raises ProofError or GuestError with what was seen."""
    root = work / NAME
    if not (again and root.exists()):
        root = prepare(work, say, release)
    card, data = image(root, work / f"{NAME}.img", "8G"), data_disk(work / f"{NAME}-data.img")
    log = work / f"{NAME}-console.log"

    def start(*disks: Path) -> Emulator:
        return pc.start(root, *disks, log=log)

    with start(card, data) as guest:
        log_in(guest)
        _switch_on(guest, say)
        guest.pull_the_plug()
    say("the plug was pulled as soon as it was switched on")
    with start(card, data) as guest:
        log_in(guest)
        _see_read_only(guest)
        say("read-only; the data on their own partition; the journal in memory")
        guest.run("echo forgotten > /etc/proof; sync")
        pc.session(guest, work, say, pictures=False)
        time.sleep(WAIT_S)
        pc.in_session(guest)
        guest.pull_the_plug()
    say(f"the plug was pulled {WAIT_S} s into a session")
    with start(card, data) as guest:
        log_in(guest)
        _see_read_only(guest)
        see("proof" not in guest.run("ls /etc"), "what was written to the system is still there")
        pc.look_back(guest, ["relax"], say)
        for script in ("install --yes --virtual --force", "update --no-fetch", "uninstall --yes"):
            said = guest.run(f"/root/instep/scripts/{script}", check=False)
            see("read-only off" in said, f"scripts/{script} on a read-only system said:\n{said}")
        guest.pull_the_plug()
    with start(card) as guest:
        log_in(guest)
        _see_astray(guest)
        say("without the data's disk the machine starts, and says that it is missing")
        guest.pull_the_plug()
    with start(card, data) as guest:
        log_in(guest)
        pc.look_back(guest, ["relax"], say)
        guest.run(f"{SWITCH} off --yes")
        guest.pull_the_plug()
    with start(card, data) as guest:
        log_in(guest)
        found = guest.run("findmnt -no FSTYPE /; findmnt -no SOURCE /var/lib/instep")
        see(found.split() == ["ext4", "/dev/vdb1"], f"after switching off there is: {found}")
        pc.look_back(guest, ["relax"], say)
        say("switched off: writable again, the data still on their partition")


def _switch_on(guest: Emulator, say: Say) -> None:
    said = guest.run(f"{SWITCH} on --yes --data /dev/vda", check=False)
    see("the system itself" in said, f"the system's own partition was not refused:\n{said}")
    said = guest.run(f"{SWITCH} on --yes --data LABEL={LABEL}", patience_s=300)
    see("Restart: sudo reboot" in said, f"it was not switched on:\n{said}")
    until(lambda: status(guest).startswith("idle"), 120, lambda: f"no rest again: {status(guest)}")
    say("refused the system's own partition, took another, and goes on")


def _see_read_only(guest: Emulator) -> None:
    found = guest.run("findmnt -no FSTYPE /; findmnt -no SOURCE /var/lib/instep; ls /var/log/journal | wc -l")
    see(found.split()[:2] == ["overlay", "/dev/vdb1"], f"what is mounted: {found}")
    said = guest.run(f"{SWITCH} status")
    see("MISSING" not in said and "system   read-only" in said, f"it says of itself:\n{said}")
    said = guest.run("journalctl --header | grep -m1 'File path'")
    see("/run/log/journal" in said, f"the journal is elsewhere: {said}")


def _see_astray(guest: Emulator) -> None:
    said = guest.run("instep doctor", check=False, patience_s=120)
    see("partition is missing" in " ".join(said.split()), f"the doctor does not say so:\n{said}")
    see("MISSING" in guest.run(f"{SWITCH} status"), "scripts/read-only does not say so")
