"""Going through the machine part by part, as plain values: what is said, and what can be answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from app.commissioning.record import Finding
from app.commissioning.walk import Step, Walk, left_for_later
from app.parts import by_key
from app.ui.speech import render
from app.ui.state.service import inputs, parts, stop
from app.ui.state.service.shown import Choice, Shown, primary
from app.ui.words import _
from hardware.machine import Machine
from hardware.message import as_message
from hardware.messages import Snapshot
from hardware.parts import Output


def walk(found: Walk | None, snapshot: Snapshot, *, asks_which: bool = False, kept: bool = True) -> Shown:
    """``found``: None before it is begun. ``asks_which``: something else has moved. ``kept``: the result."""
    if found is None:
        words = _(
            "Take your feet out and stand where you see the machine. "
            "It drives one part after the other and asks what you see."
        )
        return Shown(_("Commissioning"), words, (primary("begin", _("Begin")),))
    if found.over:
        return _over(found, kept)
    note = _("Step {step} of {steps}").format(step=found.at + 1, steps=len(found.steps))
    output = found.step.output
    pin = output.pin if output else found.machine.emergency_stop.pin if found.step.kind == "stop" else None
    if pin is not None:
        note = f"{note} · {_('pin {pin}').format(pin=pin)}"
    return replace(_step(found, snapshot, asks_which), note=note)


def _step(found: Walk, snapshot: Snapshot, asks_which: bool) -> Shown:
    step = found.step
    heading = _heading(found, step)
    if step.kind == "stop" and not found.problem:
        return stop.stop(found, heading)
    if found.stage == "busy":
        going = {"output": _("Now: watch it."), "tune": _("It is being tuned. Leaving this page stops it.")}
        return Shown(heading, going.get(step.kind, _("One moment, please.")))
    if found.problem:
        choices = (primary("begin", _("Again")), Choice("skip", _("Leave out")))
        return Shown(heading, render(found.problem), choices)
    if found.stage == "told":
        return replace(_told(found, snapshot), heading=heading, choices=(primary("next", _("Go on")),))
    if step.output is not None:
        return _output(found, step.output, heading, asks_which)
    if found.stage == "asking":
        choices = (primary("yes", _("Keep")), Choice("no", _("Leave as it is")))
        return Shown(heading, found.found_gains.strip("{ }"), choices)
    if step.kind == "tune":
        words = _("Finding its gains takes five to fifteen minutes. Keep your feet out.")
        return Shown(heading, words, (primary("begin", _("Tune now")), Choice("skip", _("Later"))))
    return Shown(heading, "", (primary("begin", _("Go on")),))


def _heading(found: Walk, step: Step) -> str:
    match step.kind:
        case "rest":
            return _("The sensors at rest")
        case "zero":
            return _("The pressures' zero")
        case "stop":
            return _("Emergency stop")
        case "self-test":
            return _("Valves and pads")
        case "tune":
            return parts.pad(step.side or "left")
    assert step.output is not None
    return parts.named(step.output.key)


def _output(found: Walk, output: Output, heading: str, asks_which: bool) -> Shown:
    if asks_which:
        others = [other for other in found.machine.outputs if other.key != output.key]
        choices = tuple(Choice(f"moved-{other.key}", parts.named(other.key)) for other in others)
        return Shown(_("What moved instead?"), "", choices, many=True)
    if found.stage == "asking":
        asked = {
            "motion": _("Did it turn, and nothing else?"),
            "air": _("Did it fill, and nothing else?"),
            "heat": _("Did it get warm, and nothing else?"),
        }[output.family]
        choices = (
            primary("yes", _("Yes")),
            Choice("no", _("No")),
            Choice("other", _("Another one")),
            Choice("begin", _("Again")),
        )
        return Shown(heading, asked, choices)
    will = {
        "motion": _("It will turn slowly for five seconds. Watch it."),
        "air": _("It will take a little air. Watch it."),
        "heat": _("It will warm by two degrees. Lay a hand on each pad."),
    }[output.family]
    return Shown(heading, will, (primary("begin", _("Start")), Choice("skip", _("Leave out"))))


def _told(found: Walk, snapshot: Snapshot) -> Shown:
    match found.step.kind:
        case "rest":
            bad = [line for line in inputs.inputs(snapshot, found.machine) if line.bad]
            lines = tuple(f"{line.what}: {_measured(line)}, {line.source}" for line in bad)
            if not lines and found.wrong_at_rest:
                lines = (_("A sensor is not as it should be: see Inputs."),)
            return Shown("", "" if lines else _("All sensors are as they should be."), lines=lines)
        case "zero":
            return Shown("", _("The pressures are zeroed.") if found.zeroed else render(found.not_zeroed))
    lines = tuple(render(words) for words in found.self_test.values())
    return Shown("", "" if lines else _("Every valve and pad answered."), lines=lines)


def _measured(line: inputs.Line) -> str:
    return f"{line.value} ({line.said})" if line.said else line.value


def _over(found: Walk, kept: bool) -> Shown:
    lines = tuple(finding(one, found.machine) for one in found.findings)
    heading = _("To be mended") if lines else _("The machine is as it should be.")
    words = "" if lines else _("The result is kept.") if kept else _("Saving …")
    return Shown(heading, words, (Choice("restart", _("From the start")),), lines)


def finding(one: Finding, machine: Machine) -> str:
    """A finding in the language spoken, with the pins or inputs it is about."""
    known = by_key(machine)
    about = [known[key] for key in one.parts if key in known]
    sentence = _sentences().get(one.code)
    if sentence is None:
        return render(as_message(one.detail))
    names = [parts.named(output.key) for output in about] + ["", ""]
    where = [*_where(one, about, machine), "", ""]
    pairs = zip(about[::2], about[1::2], strict=False)
    pins = "; ".join(f"{left.pin}, {right.pin}" for left, right in pairs)
    return sentence.format(one=names[0], other=names[1], a=where[0], b=where[1], pins=pins)


def _where(one: Finding, about: list[Output], machine: Machine) -> list[str]:
    """Pins or inputs, as the finding's sentence wants them."""
    if one.code == "no-power" or one.code.startswith("rail-"):
        return [str(machine.rail.pin)]
    if one.code == "no-air":
        return [str(machine.pump.pin if machine.pump else "")]
    if one.code.startswith("stop-"):
        return [str(machine.emergency_stop.pin)]
    if one.code == "pad-sensor-crossed":
        channels = {measured.key: str(measured.channel) for measured in machine.inputs}
        return [channels.get(key, key) for key in one.inputs]
    return [_inputs(machine, output) if "sensor" in one.code else str(output.pin) for output in about]


def _inputs(machine: Machine, output: Output) -> str:
    return ", ".join(map(str, machine.channels_of(output)))


def _sentences() -> dict[str, str]:
    swapped = _("{one} / {other}: swapped. Exchange the wires of pins {a} and {b}.")
    sensors = _("{one} / {other}: their sensors are swapped. Exchange the wires of inputs {a} and {b}.")
    unfelt = _("{one}: its sensor did not feel it. See its hose and the wire of input {a}.")
    left_out = _("{one}: left out.")
    return {
        "swapped": swapped,
        "heaters-swapped": swapped,
        "sensors-swapped": sensors,
        "pad-sensors-swapped": sensors,
        "pads-exchanged": _("The two pads lie on each other's side. Exchange them."),
        "moves-other": _("Pin {a} moves “{other}” instead of “{one}”. Follow its wire."),
        "silent": _("{one}: nothing moved. See its plug, its wires and its MOSFET on pin {a}."),
        "no-air": _("No bag fills. See the pump on pin {a}, and its hose."),
        "no-power": _("Nothing moves. See the 12 V supply, its fuse, and the relay on pin {a}."),
        "sensor-silent": unfelt,
        "sensor-elsewhere": unfelt,
        "felt-unseen": _("{one}: air was felt but not seen. Go through it again."),
        "always-on": _(
            "{one}: runs whatever is driven. Its MOSFET on pin {a} is shorted, or it is soldered past it."
        ),
        "one-bag-alone": _(
            "Only “{one}” fills. Its valve and the pump are swapped: exchange the wires of pins {a} and {b}."
        ),
        "valve-shut": _(
            "{one}: fills along with others. Its valve on pin {a} is a normally open one or stuck, or its "
            "ports are exchanged."
        ),
        "pad-sensor-crossed": _(
            "{one} / {other}: one sensor of each is on the other's input. Exchange the wires of inputs {a} "
            "and {b}."
        ),
        "sides-exchanged": _(
            "Left and right are exchanged. Exchange the plugs of both feet, or these pins: {pins}."
        ),
        "stop-unread": _("The emergency stop is not read. See its second contact and its wire to pin {a}."),
        "rail-lit": _(
            "Unplug the 12 V supply now: the relay does not cut the power. See its contact (welded or "
            "bridged), then the monostable on pin {a}."
        ),
        "rail-held": _(
            "Unplug the 12 V supply now: power comes on without being asked for. See the monostable on pin "
            "{a}, then the relay's MOSFET."
        ),
        "skipped": left_out,
        "stop-skipped": left_out.format(one=_("Emergency stop")),
        "rail-skipped": left_out.format(one=_("Relay of the 12 V rail")),
        "rest": _("A sensor is not as it should be: see Inputs."),
    }


def do(found: Walk, name: str, now: float) -> None:
    """What a touch on a choice does to the walk; "other" and "restart" are the page's own."""
    if name.startswith("moved-"):
        found.answer("other", name.removeprefix("moved-"))
        return
    deeds: dict[str, Callable[[], None]] = {
        "begin": lambda: found.begin(now),
        "yes": lambda: found.answer("yes"),
        "no": lambda: found.answer("no"),
        "skipped": lambda: found.answer("skipped"),
        "next": found.next,
        "skip": lambda: found.skip(left_for_later()),
    }
    deeds[name]()
