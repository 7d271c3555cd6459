"""An emulated Raspberry Pi 3 with the installed units, its pins read from outside the guest."""

from __future__ import annotations

import shutil
import subprocess
import time
import tomllib
from pathlib import Path
from typing import Any

from scripts.appliance import tree
from scripts.appliance.card import (
    give_time,
    image,
    log_root_in,
    name_itself,
    with_kernel,
    without_hardware_watchdog,
)
from scripts.appliance.emulator import Emulator
from scripts.appliance.pins import Probe
from scripts.appliance.proof import Say, see, until
from scripts.appliance.source import put_source

HERE = Path(__file__).resolve().parent
PROOF = HERE / "proof.toml"
MODEL = "Raspberry Pi 3 Model B"
REVISION = "a02082"
"""Of a Pi 3B: the firmware would put it in the device tree, and gpiozero asks for it."""
IMAGE = "8G"
"""Emulated cards have to be a power of two."""
BOOT_S = 600
BLACKLIST = "vc4,hci_uart,pwm_bcm2835,vchiq,btbcm,snd_bcm2835"
"""What the emulated chip has not got."""
WATCHDOG_S = 8
"""Here; the appliance's is 2: a software-emulated processor is now and then away for longer."""
SERVICE = "instep-controller"

_DRIVE = (
    "cd /opt/instep/current && INSTEP_RUNTIME=/run/instep INSTEP_DATA=/var/lib/instep "
    ".venv/bin/python -m scripts.appliance.drive {output} {seconds}"
)


def prepare(work: Path, say: Say) -> Path:
    """The card's content: Debian's own kernel, and Instep put there by its own installer."""
    kernel = with_kernel(work, "bookworm", "arm64", ("bcm2835", "sdhci_iproc", "mmc_block", "ext4"), say)
    root = tree.copy(kernel, work / "pi")
    say("Instep, by scripts/install (emulated: some minutes)")
    put_source(root)
    name_itself(root)
    shutil.copy(PROOF, root / "root/proof.toml")
    boot = root / "boot/firmware"
    boot.mkdir(exist_ok=True)
    (boot / "config.txt").write_text("# the card's own\n[all]\n")
    (boot / "cmdline.txt").write_text("console=serial0,115200 console=tty1 root=/dev/mmcblk0 rootwait\n")
    with tree.entered(root):
        said = tree.inside(
            root,
            ["/root/instep/scripts/install", "--yes", "--model", MODEL, "--machine", "/root/proof.toml"],
        )
        (work / "pi-install.log").write_text(said)
        # It has no display; what the kiosk does without one is looked at elsewhere.
        tree.inside(root, ["systemctl", "disable", "instep-kiosk.service"])
    give_time(root, WATCHDOG_S)
    without_hardware_watchdog(root)
    log_root_in(root, "ttyS1")
    return root


def boot_files(root: Path, work: Path) -> tuple[Path, Path, Path]:
    """Kernel, initial RAM disk and device tree; the latter says which Raspberry Pi it is."""
    kernel = sorted((root / "boot").glob("vmlinuz-*"))[-1]
    version = kernel.name.removeprefix("vmlinuz-")
    blob = work / "pi.dtb"
    shutil.copy(root / f"usr/lib/linux-image-{version}/broadcom/bcm2837-rpi-3-b.dtb", blob)
    subprocess.run(["fdtput", "-c", str(blob), "/system"], check=False, capture_output=True)
    subprocess.run(["fdtput", "-t", "x", str(blob), "/system", "linux,revision", REVISION], check=True)
    return kernel, root / f"boot/initrd.img-{version}", blob


def start(card: Path, files: tuple[Path, Path, Path], log: Path) -> Emulator:
    kernel, ram_disk, blob = files
    return Emulator(
        [
            *("qemu-system-aarch64", "-M", "raspi3b", "-m", "1G", "-kernel", str(kernel)),
            *("-initrd", str(ram_disk), "-dtb", str(blob)),
            *("-drive", f"file={card},format=raw,if=sd"),
            "-append",
            f"root=/dev/mmcblk0 rootwait rw console=ttyS1,115200 modprobe.blacklist={BLACKLIST}",
        ],
        log,
        serial_before=("-serial", "null"),
    )


def prove(work: Path, say: Say, *, again: bool = False) -> None:
    """Boot it and look at the pins. Raises ProofError or GuestError with what was seen."""
    root = work / "pi"
    if not (again and root.exists()):
        root = prepare(work, say)
    files = boot_files(root, work)
    card = image(root, work / "pi.img", IMAGE)
    machine = tomllib.loads(PROOF.read_text())
    power = {motor["pin"] for motor in machine["motor"]}
    with start(card, files, work / "pi-console.log") as pi:
        probe = Probe(pi)
        try:
            _look(pi, probe, power, machine["motor"], machine["rail"]["pin"], say)
        finally:
            probe.close()


def _look(
    pi: Emulator, probe: Probe, power: set[int], motors: list[dict[str, Any]], rail: int, say: Say
) -> None:
    begun = time.monotonic()
    pi.log_in(BOOT_S)
    say(f"it is up ({time.monotonic() - begun:.0f} s)")
    _until_active(pi)
    high = probe.high_since(begun) & power
    see(not high, f"power pins {sorted(high)} were high between power-on and the controller's start")
    say(
        f"all {len(power)} power pins low from power-on until the controller runs ({len(probe.levels)} looks)"
    )

    outputs = ["{kind}.{zone}.{side}".format(**motor) for motor in motors]
    for motor, output in zip(motors, outputs, strict=True):
        at = time.monotonic()
        _drive(pi, output, 3)
        high = probe.high_since(at) & power
        see(high == {motor["pin"]}, f"driving pin {motor['pin']} made these high: {sorted(high)}")
        see(
            rail in probe.high_since(at),
            f"the rail (pin {rail}) got no edge while pin {motor['pin']} was driven",
        )
        time.sleep(1.5)
        last = probe.last_high(power, time.monotonic() - 0.7)
        see(last is None, f"pin {motor['pin']} is still high after its lease")
    say("each is driven by its own service command, alone, and low after it")

    for title, how in (
        ("SIGKILL", f"systemctl kill -s KILL {SERVICE}"),
        ("a watchdog bite (SIGSTOP)", f"systemctl kill -s STOP {SERVICE}"),
        ("a clean stop", f"systemctl stop {SERVICE}"),
    ):
        _until_active(pi)
        pi.run(f"({_DRIVE.format(output=outputs[0], seconds=60)} >/tmp/drive.log 2>&1 &)")
        until(
            lambda: probe.last_high(power, time.monotonic() - 1) is not None, 60, lambda: "nothing was driven"
        )
        at = time.monotonic()
        pi.run(f"{how}; true")
        pi.run("pkill -f scripts.appliance.drive; true")
        time.sleep(6)
        last = probe.last_high(power, at)
        say(f"{title}: last seen high {0.0 if last is None else last:.1f} s after it was asked for")
        limit = {"SIGKILL": 4.0, "a clean stop": 4.0}.get(title, 12.0)
        see(last is None or last < limit, f"after {title} a power pin was high for {last} s")
        pi.run(f"systemctl start {SERVICE}", patience_s=120)
    said = pi.run(f"journalctl -u {SERVICE} --no-pager | grep -c 'Everything is off'; true")
    say(f"'Everything is off' in the journal: {said} times")


def _drive(pi: Emulator, output: str, seconds: float) -> None:
    said = pi.run(_DRIVE.format(output=output, seconds=seconds), patience_s=180)
    see("refused 0" in said, f"the controller refused: {said}")


def _until_active(pi: Emulator) -> None:
    until(
        lambda: pi.run(f"systemctl is-active {SERVICE}", check=False) == "active",
        180,
        lambda: (
            f"{SERVICE} does not become active:\n"
            + pi.run(f"systemctl status --no-pager -n 30 {SERVICE}", check=False)
        ),
    )
