"""The way to the pins: the machine file, the controller, the daemon or the chip, the groups."""

from __future__ import annotations

from collections.abc import Iterator

from app.doctor.line import Line
from app.doctor.look import Look
from hardware.machine import Machine
from hardware.wiring.setup import pin_mask

LISTENS = "0A"
START_DAEMON = "sudo systemctl restart pigpiod; why it ended: journalctl -u pigpiod -n 50"
STATES = {
    "starting": "starting",
    "self-test": "checking itself",
    "idle": "ready",
    "running": "in a session",
    "paused": "in a session, paused",
    "stopping": "coming to rest",
    "preheating": "warming its pads",
    "service": "being serviced",
    "fault": "stopped by a fault, see below",
}


def machine_file(look: Look) -> Iterator[Line]:
    if look.machine is None:
        do = f"Correct that line; `instep machine {look.machine_path}` says when it is right."
        if look.installed and look.machine_path == look.places.own_machine:
            do += (
                " Or put the last backup back: sudo systemctl stop instep-kiosk instep-controller; "
                "instep restore newest; sudo systemctl start instep-controller instep-kiosk."
            )
        yield Line("Pins", "machine-file", "Machine file", look.wrong, "broken", do)
        return
    yield Line("Pins", "machine-file", "Machine file", f"{look.machine.name}, {look.machine_path}")


def controller(look: Look) -> Iterator[Line]:
    snapshot = look.snapshot
    where = "on a virtual machine" if look.virtual else "on the machine's own pins"
    if snapshot is None:
        value = "none answers, so no sensor can be read"
        if look.installed:
            unit = "instep-controller"
            do = f"sudo systemctl restart {unit}; why it ended: journalctl -u {unit} -n 50"
            yield Line("Pins", "controller", "Controller", value, "broken", do)
        else:
            do = "Start Instep and ask again; run the doctor as the user that started it."
            yield Line("Pins", "controller", "Controller", value, "attention", do)
        return
    value = f"{STATES[snapshot.state]}, {where}"
    yield Line("Pins", "controller", "Controller", value)
    if snapshot.inputs is None and snapshot.state not in ("starting", "self-test"):
        lost = next((str(fault.detail) for fault in snapshot.faults if fault.code == "pins-lost"), "")
        value = f"the controller cannot reach them. {lost}".strip()
        do = "It goes on trying. See the pin daemon or chip, below; then confirm the fault on the screen."
        yield Line("Pins", "pins", "Pins", value, "broken", do)


def daemon(look: Look) -> Iterator[Line]:
    """The pigpio daemon: it answers, this computer alone, and lets be what is not the machine's."""
    machine = look.machine
    if machine is None or machine.pins.factory != "pigpio":
        return
    host, port = machine.pins.host, look.port or machine.pins.port
    name = "Virtual machine" if look.virtual else "Pin daemon"
    if not look.virtual and not look.pi:
        yield Line("Pins", "daemon", name, "none is needed here: `instep` brings a virtual machine")
        return
    if look.pi and not look.virtual and "Raspberry Pi 5" in look.model:
        do = 'In the machine file write factory = "lgpio" under [pins].'
        value = "the machine file asks for pigpio, which does not know the Raspberry Pi 5"
        yield Line("Pins", "daemon", name, value, "broken", do)
        return
    silent = look.knock(host, port)
    if silent:
        do = "Start the virtual machine again: instep virtual, or instep." if look.virtual else START_DAEMON
        yield Line("Pins", "daemon", name, silent, "broken", do)
    else:
        yield Line("Pins", "daemon", name, f"answers at {host}:{port}")
    if not look.virtual:
        yield from _door(look, port)
        yield from _mask(look, machine)


def _door(look: Look, port: int) -> Iterator[Line]:
    """Who can reach the daemon, by the kernel's list of sockets."""
    open_to = [address for address, at in _listening(look) if at == port and not _own(address)]
    if open_to:
        do = "Start it with -l (`pigpiod -g -l -f -x MASK`), and switch Remote GPIO off in raspi-config."
        value = "open to the network: anybody on it can drive the pins"
        yield Line("Pins", "daemon-door", "Pin daemon's door", value, "broken", do)
    elif any(at == port for _, at in _listening(look)):
        yield Line("Pins", "daemon-door", "Pin daemon's door", "this computer only")


def _listening(look: Look) -> Iterator[tuple[str, int]]:
    """(address, port) of each TCP socket that listens, addresses as the kernel writes them."""
    for file in ("proc/net/tcp", "proc/net/tcp6"):
        for line in look.text(file).splitlines()[1:]:
            fields = line.split()
            if len(fields) > 3 and fields[3] == LISTENS:
                address, _, port = fields[1].partition(":")
                yield address, int(port, 16)


def _own(address: str) -> bool:
    """127.x, ::1, or 127.x as an IPv6 address; each word of four bytes is written backwards."""
    if len(address) == 8:
        return address.endswith("7F")
    mapped = address.startswith("0000000000000000FFFF0000") and address.endswith("7F")
    return mapped or address == "00000000000000000000000001000000"


def _mask(look: Look, machine: Machine) -> Iterator[Line]:
    """The pins that the daemon may change, as it was started."""
    given = _option(look, "-x")
    if given is None:
        return
    wanted = pin_mask(machine)
    try:
        mask = int(given, 0) if given else None
    except ValueError:
        mask = None
    if mask is None:
        do = (
            f"Start it with -x 0x{wanted:x}: then no other program can drive a pin that is not the machine's."
        )
        yield Line("Pins", "daemon-mask", "Pin daemon's pins", "every pin may be changed", "attention", do)
        return
    lacking = [str(pin) for pin in range(32) if wanted & ~mask & (1 << pin)]
    if lacking:
        do = f"Start it with -x 0x{wanted:x}, as `instep machine --pin-mask` prints it."
        value = f"it may not change the machine's pin {', '.join(lacking)}"
        yield Line("Pins", "daemon-mask", "Pin daemon's pins", value, "broken", do)
    else:
        yield Line("Pins", "daemon-mask", "Pin daemon's pins", f"mask 0x{mask:x} has all of the machine's")


def _option(look: Look, name: str) -> str | None:
    """An option's value on the daemon's command line; "" without it, None where no daemon is seen."""
    for process in look.among("proc/[0-9]*/comm"):
        try:
            if process.read_text().strip() != "pigpiod":
                continue
            words = (process.parent / "cmdline").read_text().strip("\0").split("\0")
        except OSError:
            continue
        for at, word in enumerate(words):
            if word == name and at + 1 < len(words):
                return words[at + 1]
            if word.startswith(name) and len(word) > len(name):
                return word.removeprefix(name)
        return ""
    return None


def chip(look: Look) -> Iterator[Line]:
    """The kernel's way to the pins, where the machine file asks for lgpio."""
    machine = look.machine
    if machine is None or look.virtual or machine.pins.factory != "lgpio":
        return
    if not look.package("lgpio"):
        do = "sudo apt install python3-lgpio, and make the environment anew: ./scripts/install"
        yield Line("Pins", "lgpio", "lgpio", "is not installed", "broken", do)
    chips = look.among("dev/gpiochip*")
    if not chips:
        do = "Use a Raspberry Pi, or try Instep on a virtual machine: instep --pins virtual"
        yield Line("Pins", "chip", "Pin chip", "this computer has none", "broken", do)
    elif not any(map(look.may_open, chips)):
        do = _into_group(look, "gpio")
        yield Line("Pins", "chip", "Pin chip", f"{chips[0].name} may not be opened", "broken", do)
    else:
        yield Line("Pins", "chip", "Pin chip", f"{chips[0].name} may be opened")


def spi(look: Look) -> Iterator[Line]:
    """The converter's bus: the kernel's for lgpio, pigpio's own otherwise."""
    machine = look.machine
    if machine is None or look.virtual or not look.pi or not (machine.pad or machine.bag):
        return
    adc = machine.adc
    name = f"spidev{adc.port}.{adc.select}"
    bus = look.at(f"dev/{name}")
    if machine.pins.factory == "pigpio":
        if bus.exists():
            do = "Remove dtparam=spi=on from config.txt and restart: pigpio drives these pins itself."
            yield Line("Pins", "spi", "SPI", f"the kernel holds it, too ({name})", "attention", do)
        else:
            yield Line("Pins", "spi", "SPI", "pigpio's own")
    elif not bus.exists():
        do = "Add what `instep machine --boot-settings` prints to config.txt, and restart."
        yield Line("Pins", "spi", "SPI", f"there is no /dev/{name}", "broken", do)
    elif not look.may_open(bus):
        do = _into_group(look, "spi")
        yield Line("Pins", "spi", "SPI", f"/dev/{name} may not be opened", "broken", do)
    else:
        yield Line("Pins", "spi", "SPI", f"/dev/{name} may be opened")


def _into_group(look: Look, group: str) -> str:
    user = look.service_user
    return f"Put {user} into the group {group}: sudo usermod -aG {group} {user}; then restart."


def groups(look: Look) -> Iterator[Line]:
    """Of the user that the services run as."""
    if not look.pi or look.user == "":
        return
    user = look.service_user
    if user == "root":
        yield Line("Pins", "groups", "Groups", "asked by root, who needs none")
        return
    there = dict(look.groups())
    needs = ["gpio", "spi"] if look.machine and look.machine.pins.factory == "lgpio" else []
    wanted = [name for name in (*needs, "video", "render", "input", "audio") if name in there]
    lacking = [name for name in wanted if user not in there[name]]
    if lacking:
        do = f"sudo usermod -aG {','.join(lacking)} {user}; then restart."
        grave = any(name in needs for name in lacking)
        value = f"{user} is not in {', '.join(lacking)}"
        yield Line("Pins", "groups", "Groups", value, "broken" if grave else "attention", do)
    else:
        yield Line("Pins", "groups", "Groups", f"{user} is in {', '.join(wanted)}")
