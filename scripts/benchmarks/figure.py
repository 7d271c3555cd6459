"""One measured figure, and how it is printed."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import Struct


class Figure(Struct, frozen=True, omit_defaults=True):
    """A value beside what it was compared with in the same run."""

    name: str
    value: float
    unit: str
    goal: str = ""
    """What the budget asks for, in words."""
    versus: str = ""
    """What the compared value is of."""
    compared: float | None = None

    @property
    def ratio(self) -> float | None:
        return None if not self.compared else self.value / self.compared

    def line(self) -> str:
        text = f"{self.name:<46}{_number(self.value):>10} {self.unit:<10}"
        if self.compared is not None and self.ratio is not None:
            text += f"  {self.versus}: {_number(self.compared)} {self.unit}, ratio {self.ratio:.3g}"
        return f"{text}  (goal: {self.goal})" if self.goal else text

    def json(self) -> str:
        fields = {**msgspec.to_builtins(self), "ratio": self.ratio}
        return msgspec.json.encode(fields).decode()


def _number(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` of them lie; of few values the largest that counts."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]
