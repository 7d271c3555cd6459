"""Which card the kiosk is drawn on, on trees as a Pi's kernel shows them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.display import (
    GRACE_S,
    POLL_S,
    SAY_AGAIN_S,
    Connector,
    choose,
    connectors,
    main,
    problem,
    tell,
    wait_for_display,
)
from hardware.errors import InstepError

Tree = Callable[..., Path]


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    def build(**cards: dict[str, str]) -> Path:
        (tmp_path / "version").write_text("drm 1.1.0 20060810\n")
        (tmp_path / "renderD128").mkdir(exist_ok=True)
        for card, found in cards.items():
            (tmp_path / card).mkdir()
            for name, status in found.items():
                connector = tmp_path / f"{card}-{name}"
                connector.mkdir()
                (connector / "status").write_text(f"{status}\n")
        return tmp_path

    return build


ON, OFF = "connected", "disconnected"
PI4 = {"DSI-1": OFF, "HDMI-A-1": OFF, "HDMI-A-2": OFF, "Writeback-1": "unknown", "Composite-1": "unknown"}
PI5_HDMI = {"HDMI-A-1": OFF, "HDMI-A-2": OFF, "Writeback-1": "unknown"}


def chosen(folder: Path) -> Connector | None:
    return choose(connectors(folder))


def test_a_pi_4_with_its_panel(tree: Tree) -> None:
    assert chosen(tree(card0={}, card1={**PI4, "DSI-1": ON})) == Connector(1, "DSI-1", ON)


def test_a_pi_4_with_a_monitor(tree: Tree) -> None:
    assert chosen(tree(card0={**PI4, "HDMI-A-2": ON}, card1={})) == Connector(0, "HDMI-A-2", ON)


@pytest.mark.parametrize("panel", [0, 1, 2])
@pytest.mark.parametrize("monitor", [ON, OFF])
def test_a_pi_5_with_its_panel_whatever_its_number_is_today(tree: Tree, panel: int, monitor: str) -> None:
    others: list[dict[str, str]] = [{}, {**PI5_HDMI, "HDMI-A-1": monitor}]
    others.insert(panel, {"DSI-2": ON})
    folder = tree(**{f"card{number}": found for number, found in enumerate(others)})
    assert chosen(folder) == Connector(panel, "DSI-2", ON), "the machine's own panel goes first"


def test_cards_are_counted_not_spelt(tree: Tree) -> None:
    assert chosen(tree(card2={"HDMI-A-1": ON}, card10={"HDMI-A-2": ON})) == Connector(2, "HDMI-A-1", ON)


def test_nothing_connected_is_said_with_what_there_is(tree: Tree) -> None:
    found = connectors(tree(card0={}, card1=PI4))
    assert choose(found) is None
    assert "HDMI-A-1 on card1 is disconnected" in problem(found)
    assert "Writeback" not in problem(found)


def test_a_missing_driver_is_said(tmp_path: Path) -> None:
    found = connectors(tmp_path / "none")
    assert found == []
    assert "vc4-kms-v3d" in problem(found)


def test_it_waits_for_a_display_and_says_so_once(caplog: pytest.LogCaptureFixture) -> None:
    now = [0.0]
    plugged_s = SAY_AGAIN_S - 10

    def look() -> list[Connector]:
        return [Connector(0, "HDMI-A-1", ON if now[0] >= plugged_s else OFF)]

    def sleep(wait_s: float) -> None:
        now[0] += wait_s

    assert wait_for_display(look, lambda: now[0], sleep).status == ON
    assert plugged_s <= now[0] <= plugged_s + POLL_S
    assert len(caplog.records) == 1


def test_a_driver_that_is_a_moment_later_is_no_matter(caplog: pytest.LogCaptureFixture) -> None:
    now = [0.0]

    def sleep(wait_s: float) -> None:
        now[0] += wait_s

    wait_for_display(
        lambda: [Connector(1, "DSI-1", ON)] if now[0] > GRACE_S - 2 else [], lambda: now[0], sleep
    )
    assert not caplog.records


def test_sdl_and_wlroots_are_told_unless_somebody_has(tmp_path: Path) -> None:
    (tmp_path / "card2").touch()
    environ: dict[str, str] = {}
    tell(Connector(2, "DSI-2", ON), environ, tmp_path)
    assert environ == {"SDL_KMSDRM_DEVICE_INDEX": "2", "WLR_DRM_DEVICES": str(tmp_path / "card2")}
    environ["SDL_KMSDRM_DEVICE_INDEX"] = "0"
    tell(Connector(2, "DSI-2", ON), environ, tmp_path)
    assert environ["SDL_KMSDRM_DEVICE_INDEX"] == "0"


class Sleeper:
    """A clock that only sleeping moves; ``wakes`` is called after each sleep."""

    def __init__(self, wakes: Callable[[float], object] = lambda _now: None) -> None:
        self.now, self._wakes = 0.0, wakes

    def __call__(self) -> float:
        return self.now

    def sleep(self, wait_s: float) -> None:
        self.now += wait_s
        self._wakes(self.now)


def test_a_card_that_may_not_be_opened_is_named(tmp_path: Path) -> None:
    clock = Sleeper()
    with pytest.raises(InstepError, match=r"card3 cannot be opened .* groups video and render"):
        tell(Connector(3, "DSI-1", ON), {}, tmp_path, clock, clock.sleep)
    assert clock.now <= GRACE_S + 1


def test_a_card_that_udev_gives_away_a_moment_later_is_waited_for(tmp_path: Path) -> None:
    clock = Sleeper(lambda now: (tmp_path / "card0").touch() if now > 2 else None)
    environ: dict[str, str] = {}
    tell(Connector(0, "DSI-1", ON), environ, tmp_path, clock, clock.sleep)
    assert environ["SDL_KMSDRM_DEVICE_INDEX"] == "0"


def test_sdl_itself_knows_the_word() -> None:
    """The name is SDL's own, in the very library that Kivy brings along."""
    kivy = pytest.importorskip("kivy", reason="the kiosk's part is not installed")
    libraries = list(Path(kivy.__file__).parent.parent.glob("*ivy*.libs/libSDL2-2*"))
    if not libraries:
        pytest.skip("Kivy brings no SDL of its own here")
    assert b"SDL_KMSDRM_DEVICE_INDEX" in libraries[0].read_bytes()


def test_the_command_takes_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "offscreen")
    done = subprocess.run(
        [sys.executable, "-m", "app.display", sys.executable, "-c", "print('shown')"],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert (done.returncode, done.stdout) == (0, "shown\n")
    assert main([]) == 2
    assert main(["/no/such/command"]) == 127
