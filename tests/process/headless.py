"""A screen as a process of its own, without a window: it proves that it lives, and does what it is told.

A line of JSON on standard input is a command of the link; the answer is one line of JSON.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import msgspec

from app.link.client import Client
from hardware.messages import Alive, EngineCommand, Reply

ALIVE_S = 0.2


def main(runtime: str) -> None:
    client = Client(Path(runtime), "screen")
    commands = msgspec.json.Decoder(EngineCommand)
    os.set_blocking(sys.stdin.fileno(), False)
    heard = bytearray()
    due = 0.0

    def answer(reply: Reply) -> None:
        sys.stdout.write(msgspec.json.encode(reply).decode() + "\n")
        sys.stdout.flush()

    while True:
        now = time.monotonic()
        if now >= due:
            client.send(Alive())
            due = now + ALIVE_S
        client.wait(0.02)
        try:
            read = os.read(sys.stdin.fileno(), 4096)
        except BlockingIOError:
            continue
        if not read:
            return
        heard.extend(read)
        while b"\n" in heard:
            line, _, rest = bytes(heard).partition(b"\n")
            heard[:] = rest
            client.send(commands.decode(line), answer)


if __name__ == "__main__":
    main(sys.argv[1])
