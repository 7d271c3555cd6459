"""The daemon, and the genuine client on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pigpio
import pytest

from tests.daemon import Daemon, virtual_daemon


@pytest.fixture(scope="module")
def daemon() -> Iterator[Daemon]:
    with virtual_daemon(seed=1) as running:
        yield running


@pytest.fixture
def pi(daemon: Daemon) -> Iterator[pigpio.pi]:
    """The genuine client, on a daemon whose power pins are all low inputs again afterwards."""
    client = daemon.client()
    yield client
    for gpio in (*range(12, 28), 5):
        client.set_mode(gpio, pigpio.INPUT)
    for script in range(32):
        with suppress(pigpio.error):
            client.delete_script(script)
    daemon.leave(client)
