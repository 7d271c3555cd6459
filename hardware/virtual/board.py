"""The virtual machine as a board in process, with a clock that the caller turns."""

from __future__ import annotations

from hardware.board.interface import Outputs, Readings, all_off
from hardware.errors import BoardError
from hardware.machine import Machine
from hardware.message import says
from hardware.sensors import in_units
from hardware.virtual.plant import Plant, PlantParams
from hardware.virtual.wiring import Wiring


@says("the virtual board is closed: make a new one")
def virtual_board_closed() -> None: ...


LEASE_S = 1.0


class VirtualBoard:
    """A :class:`~hardware.board.interface.Board` over a plant, in a time of its own.

        board = VirtualBoard(machine)
        board.write(outputs)
        board.keep_alive()
        board.advance(0.05)
        board.read().values

    As on the real machine :meth:`keep_alive` renews a lease: the rail is pulsed while it lasts, and when it
    runs out every power pin goes low and the rail drops. With ``lease_s=0`` there is only the edge itself,
    and the rail drops by the monostable alone.
    """

    def __init__(
        self,
        machine: Machine,
        params: PlantParams | None = None,
        seed: int = 0,
        *,
        lease_s: float = LEASE_S,
        plant: Plant | None = None,
    ) -> None:
        self.machine = machine
        self.plant = plant or Plant(machine, params, seed)
        self.wiring = Wiring(machine, self.plant)
        self._lease_s = lease_s
        self._lease_ends_s: float | None = None
        self._closed = False
        self._driven: Outputs | None = None
        self._channels = tuple(measured.channel for measured in machine.inputs)
        self._pins = tuple(output.pin for output in machine.outputs)

    @property
    def now_s(self) -> float:
        return self.wiring.now_s

    def advance(self, dt_s: float) -> None:
        """Let time pass. Raises ValueError unless 0 ≤ dt_s < ∞."""
        if not 0.0 <= dt_s < float("inf"):
            raise ValueError(f"time cannot advance by {dt_s} s")
        until_s = self.now_s + dt_s
        if self._lease_ends_s is not None and self._lease_ends_s <= until_s:
            self.wiring.advance(self._lease_ends_s)
            self._lease_ends_s = None
            self._drive(all_off(self.machine))
        self.wiring.advance(until_s)

    def read(self) -> Readings:
        self._check_open()
        adc_code = self.plant.adc_code
        words = tuple([adc_code(channel) for channel in self._channels])
        return Readings(self.now_s, in_units(words, self.machine), self.plant.stop_open, words)

    def write(self, outputs: Outputs) -> None:
        self._check_open()
        self._drive(outputs)

    def keep_alive(self) -> None:
        self._check_open()
        until_s = self.now_s + self._lease_s
        if self._lease_s > 0.0:
            self._lease_ends_s = until_s
        self.wiring.pulse_until(until_s)

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._lease_ends_s = None
            self._drive(all_off(self.machine))

    def _check_open(self) -> None:
        if self._closed:
            raise BoardError(virtual_board_closed())

    def _drive(self, outputs: Outputs) -> None:
        """Raises ValueError for a duty outside 0..1 and for more or fewer outputs than parts."""
        if outputs == self._driven:
            return  # as most of the time: nothing on the pins changes
        drive, now_s = self.wiring.drive, self.now_s
        for duty in outputs.duties:
            if not 0.0 <= duty <= 1.0:
                raise ValueError(f"a duty of {duty}: it has to be 0 to 1")
        for pin, duty in zip(self._pins, outputs.duties, strict=True):
            drive(pin, duty, now_s)
        self._driven = outputs
