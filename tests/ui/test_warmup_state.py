"""What Get ready says of pads that are or can be warmed up."""

from __future__ import annotations

from scenes import idle

from app.ui.state.warmup import WarmUp, warm_up
from hardware.messages import PreheatView, Snapshot


def warming(*pads: float | None, left_s: float = 90.0) -> Snapshot:
    return idle((pads[0], pads[1]), state="preheating", preheat=PreheatView(left_s, "both"))


def test_cool_pads_are_offered_and_warm_ones_are_told() -> None:
    assert warm_up(idle((24.0, 24.3)), "both") == WarmUp("Warm up first")
    assert warm_up(idle((33.6, 34.0)), "both") == WarmUp("Pads are warm", offered=False)
    assert warm_up(idle((33.6, 24.0)), "both") == WarmUp("Warm up first"), "one of them is not"
    assert warm_up(idle((33.6, 24.0)), "left") == WarmUp("Pads are warm", offered=False)
    assert warm_up(idle((None, 36.0)), "both") == WarmUp("Warm up first"), "who knows"


def test_while_it_goes_on_the_colder_pad_and_the_time_left_are_told() -> None:
    assert warm_up(warming(27.4, 29.0), "both") == WarmUp("Now 27 °C · 1:30", warms=True, left=0.5)
    assert warm_up(warming(27.4, 34.0), "right") == WarmUp("Warm · 1:30", warms=True, left=0.5)
    assert warm_up(warming(None, 29.0, left_s=180.0), "both") == WarmUp("Now – · 3:00", warms=True, left=1.0)


def test_where_no_pad_is_nothing_is_said() -> None:
    left = Snapshot(at_s=0.0, boot="a", state="idle", pads=idle((24.0, 24.0)).pads[:1])
    assert warm_up(left, "both") == warm_up(left, "left") == WarmUp("Warm up first")
    assert warm_up(left, "right") is None
    assert warm_up(None, "both") is None
