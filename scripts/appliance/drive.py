"""Inside the emulated computer: drive one output by the controller's own service command, and keep asking.

python -m scripts.appliance.drive OUTPUT SECONDS
"""

from __future__ import annotations

import sys
import time

from app.link.client import Client
from app.places import Places
from hardware.messages import Drive, Reply

RENEW_S = 0.2


def main() -> int:
    output, seconds = sys.argv[1], float(sys.argv[2])
    client = Client(Places().runtime, "service")
    refused: list[str] = []

    def heard(reply: Reply) -> None:
        if not reply.ok:
            refused.append(str(reply.reason))

    deadline = time.monotonic() + 30
    while (client.latest is None or client.latest.state != "idle") and time.monotonic() < deadline:
        client.wait(0.2)
    sys.stdout.write(f"state {client.latest.state if client.latest else 'silent'}\n")
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        client.send(Drive(output=output), heard)
        next_s = time.monotonic() + RENEW_S
        while time.monotonic() < next_s:
            client.wait(max(next_s - time.monotonic(), 0.01))
    sys.stdout.write(f"refused {len(refused)} {refused[:1]}\n")
    client.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
