"""Which way round the picture is: what the installer can know, whom it asks, what it writes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from app.household.mounting import ROTATIONS, Mounting, look_at
from hardware.errors import InstepError
from scripts.installer import panel
from scripts.installer.system import RefusedError
from tests.appliance.card import CMDLINE, CONFIG, Card
from tests.appliance.test_install import SERVICES, card, never, put, quick, running, source, take

__all__ = ["card", "quick", "running", "source"]
FILE = "var/lib/instep/mounting.json"


def rotation(card: Card) -> int:
    return int(json.loads(card.text(FILE))["rotation"])


def answers(which: str) -> Callable[[str], str]:
    def answer(question: str) -> str:
        if "Go ahead" in question:
            return "y"
        return which if "degrees" in question else ""

    return answer


def test_the_kiosk_reads_what_the_installer_writes(tmp_path: Path) -> None:
    assert panel.ROTATIONS == ROTATIONS
    for wanted in ROTATIONS:
        (tmp_path / "mounting.json").write_text(panel.text(wanted))
        assert look_at(tmp_path / "mounting.json") == Mounting(rotation=wanted)


def test_the_answer_is_kept_and_not_asked_for_again(card: Card, source: Path) -> None:
    put(card, source, ask=answers("270"), yes=False)
    assert rotation(card) == 270
    assert (card.root / FILE).stat().st_mode & 0o777 == 0o600
    assert "chown -h instep:instep /var/lib/instep/mounting.json" in card.ran
    assert put(card, source, ask=never, yes=False) == 0
    assert rotation(card) == 270


def test_enter_takes_what_turns_the_console(
    card: Card, source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = CMDLINE.strip() + " video=DSI-1:800x480@60,rotate=180\n"
    (card.root / "boot/firmware/cmdline.txt").write_text(line)
    put(card, source, ask=answers(""), yes=False)
    assert rotation(card) == 180
    assert "video=DSI-1:800x480@60,rotate=180 in cmdline.txt" in capsys.readouterr().out


def test_what_is_no_rotation_is_refused_and_changes_nothing(card: Card, source: Path) -> None:
    before = card.everything()
    with pytest.raises(RefusedError, match="not by 45"):
        put(card, source, ask=answers("45"), yes=False)
    assert card.everything() == before


@pytest.mark.parametrize(
    ("words", "lines", "turned"),
    [
        ("", "", 0),
        ("video=HDMI-A-1:1920x1080@60", "", 0),
        ("video=DSI-1:720x1280@60,rotate=90", "", 90),
        ("video=DSI-1:720x1280@60,rotate=45", "", 0),
        ("video=DSI-1:800x480@60,panel_orientation=upside_down", "", 180),
        ("video=DSI-1:800x480@60,panel_orientation=left_side_up", "", 270),
        ("fbcon=rotate:3", "", 270),
        ("", "dtoverlay=vc4-kms-dsi-ili9881-7inch,rotation=90", 90),
        ("", "# dtoverlay=vc4-kms-dsi-ili9881-7inch,rotation=90", 0),
        ("", "dtoverlay=w1-gpio,rotation=90", 0),
        ("", "display_lcd_rotate=2", 180),
        ("", "lcd_rotate=2", 180),
        ("fbcon=rotate:1", "lcd_rotate=2", 90),
    ],
)
def test_what_a_card_tells_of_its_panel(card: Card, words: str, lines: str, turned: int) -> None:
    (card.root / "boot/firmware/cmdline.txt").write_text(f"{CMDLINE.strip()} {words}\n")
    (card.root / "boot/firmware/config.txt").write_text(f"{CONFIG}{lines}\n")
    found = panel.look(card.system)
    assert (found.rotation, bool(found.because)) == (turned, turned != 0)


def test_the_machines_own_panel_is_named_before_a_monitor(running: Card) -> None:
    for name, mode in (("card0-HDMI-A-1", "1920x1080"), ("card1-DSI-1", "720x1280"), ("card1-DSI-2", "1x1")):
        folder = running.root / "sys/class/drm" / name
        folder.mkdir(parents=True)
        (folder / "status").write_text("disconnected\n" if name.endswith("DSI-2") else "connected\n")
        (folder / "modes").write_text(f"{mode}\n640x480\n")
    found = panel.look(running.system)
    assert (found.shown, found.upright) == ("DSI-1, 720x1280", True)


def test_touches_that_the_kernel_turns_are_told(
    card: Card, source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = CONFIG + "dtoverlay=vc4-kms-dsi-7inch,invx,invy\n"
    (card.root / "boot/firmware/config.txt").write_text(config)
    put(card, source)
    assert "(dtoverlay=vc4-kms-dsi-7inch,invx,invy)" in capsys.readouterr().out


def test_yes_asks_nothing_and_takes_what_is_known(card: Card, source: Path) -> None:
    (card.root / "boot/firmware/config.txt").write_text(CONFIG + "lcd_rotate=2\n")
    put(card, source, ask=never)
    assert rotation(card) == 180


def test_an_update_turns_no_picture_that_somebody_lives_with(card: Card, source: Path) -> None:
    put(card, source)
    (card.root / FILE).unlink()  # as from a version that knew no rotation
    (card.root / "boot/firmware/config.txt").write_text(CONFIG + "lcd_rotate=2\n")
    put(card, source, ask=never)
    assert not (card.root / FILE).exists()


def test_the_command_line_says_it_too_and_only_the_screen_starts_anew(running: Card, source: Path) -> None:
    put(running, source)
    running.boot("two")
    running.active = set(SERVICES)
    running.changes()
    put(running, source, rotation=90)
    assert rotation(running) == 90
    ran = [line for line in running.changes() if line.startswith("systemctl st")]
    assert ran[0] == "systemctl stop instep-kiosk.service"
    assert not [line for line in ran[1:] if line.startswith("systemctl stop")]
    assert running.active == set(SERVICES)


def test_it_stays_with_the_data_and_goes_with_them(card: Card, source: Path) -> None:
    put(card, source, rotation=180)
    take(card, source)
    assert rotation(card) == 180
    put(card, source, ask=never)
    assert rotation(card) == 180
    take(card, source, data=True)
    assert not (card.root / FILE).exists()


def test_a_damaged_file_is_not_asked_about_and_can_be_put_right(card: Card, source: Path) -> None:
    put(card, source)
    (card.root / FILE).write_text('{"version": 1, "rotation": "sideways"}')
    assert panel.kept(card.system) == 0
    with pytest.raises(InstepError, match="could not be understood"):
        look_at(card.root / FILE)
    put(card, source, rotation=270)
    assert rotation(card) == 270
