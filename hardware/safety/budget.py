"""The power budget (S16): when the supply cannot feed all that is wanted, lower priorities give way."""

from __future__ import annotations

from hardware.board.interface import Outputs
from hardware.machine import Machine

ENOUGH_W = 1e-9


def watts(outputs: Outputs, machine: Machine) -> float:
    """What these outputs draw, by the machine file's figures."""
    drawn = 0.0
    for output, duty in zip(machine.outputs, outputs.duties, strict=True):
        drawn += duty * output.watts
    return drawn


def within_budget(outputs: Outputs, machine: Machine) -> Outputs:
    """The same, with loads scaled down or left out until the supply can feed it. Only ever takes away."""
    over = watts(outputs, machine) - machine.supply.watts
    if over <= 0:
        return outputs
    duties = list(outputs.duties)
    for priority in sorted({output.priority for output in machine.outputs}):
        alike = [output for output in machine.outputs if output.priority == priority]
        scaled = [output for output in alike if output.gives_way == "scaled"]
        drawn = sum(duties[output.place] * output.watts for output in scaled)
        keep = max(1.0 - over / drawn, 0.0) if drawn > 0 else 1.0
        for output in scaled:
            duties[output.place] *= keep
        over -= drawn * (1.0 - keep)
        for output in alike:
            if over > ENOUGH_W and output.gives_way == "cut" and duties[output.place] > 0:
                over -= duties[output.place] * output.watts
                duties[output.place] = 0.0
        if over <= ENOUGH_W:
            break
    return Outputs(tuple(duties))
