"""A whole machine as processes: virtual daemon and controller."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.places import Places, machine_file
from app.stack import Stack
from hardware.machine import Machine


@pytest.fixture
def stack(machine: Machine, places: Places) -> Iterator[Stack]:
    with Stack(machine_file("reference"), machine, places, virtual=True, role="screen") as found:
        yield found
