"""Makes the machine's four sounds, so that they are ours and can be made again: soft, short, low.

Each is a few tones that swell gently and die away, like a struck bowl: no click at the beginning, nothing
high.
"""

from __future__ import annotations

import math
import struct
import sys
import wave
from dataclasses import dataclass
from pathlib import Path

RATE = 11025
SWELL_S = 0.03
LOUD = 0.32
"""Of full scale: the speaker's own volume is the person's."""
OVERTONES = ((1.0, 1.0), (2.0, 0.22), (3.01, 0.06))
"""Of each tone: how high, how loud. The third is a little off: that is what sounds like a bowl."""


@dataclass(frozen=True)
class Tone:
    hertz: float
    at_s: float = 0.0
    decay_s: float = 0.16
    """After this long a third of it is left."""


C4, E4, G4, C5, D5 = 261.63, 329.63, 392.0, 523.25, 587.33

SOUNDS: dict[str, tuple[float, tuple[Tone, ...]]] = {
    "start": (0.75, (Tone(C4), Tone(G4, 0.14, 0.2))),
    "phase": (0.45, (Tone(E4, 0.0, 0.13),)),
    "end": (1.0, (Tone(G4), Tone(E4, 0.16), Tone(C4, 0.34, 0.24))),
    "attention": (0.9, (Tone(D5, 0.0, 0.12), Tone(D5, 0.26, 0.12), Tone(C5, 0.5, 0.14))),
}
"""How long, and which tones."""


def samples(name: str) -> list[int]:
    """16-bit values of one sound."""
    length_s, tones = SOUNDS[name]
    count = int(length_s * RATE)
    values = [sum(_at(tone, i / RATE) for tone in tones) for i in range(count)]
    loudest = max(abs(value) for value in values)
    fade = int(0.06 * RATE)  # whatever still sounds at the end goes without a click
    return [
        round(value / loudest * LOUD * 32767 * min(1.0, (count - 1 - i) / fade))
        for i, value in enumerate(values)
    ]


def _at(tone: Tone, t: float) -> float:
    t -= tone.at_s
    if t <= 0:
        return 0.0
    swell = math.sin(min(1.0, t / SWELL_S) * math.pi / 2) ** 2
    body = sum(loud * math.sin(2 * math.pi * tone.hertz * high * t) for high, loud in OVERTONES)
    return swell * math.exp(-t / tone.decay_s) * body


def write(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in SOUNDS:
        values = samples(name)
        with wave.open(str(folder / f"{name}.wav"), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(RATE)
            out.writeframes(struct.pack(f"<{len(values)}h", *values))


if __name__ == "__main__":
    write(Path(sys.argv[1]))
