"""What ``scripts/install`` refuses, with the reason, before it has changed anything."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from scripts.installer import computer, install, refusals
from scripts.installer.install import Options
from scripts.installer.system import Done, RefusedError, System
from tests.appliance.card import CONFIG, PI_5, ROOT, Card


@pytest.fixture
def card(tmp_path: Path) -> Card:
    return Card(tmp_path)


def refused(card: Card, source: Path = ROOT, **options: object) -> str:
    before = card.everything()
    with pytest.raises(RefusedError) as caught:
        install.install(card.system, source, Options(yes=True, **options))  # type: ignore[arg-type]
    assert card.everything() == before
    assert card.changes() == []
    return str(caught.value)


@pytest.mark.parametrize(
    ("kernel", "words"), [("aarch64", "although its kernel is 64-bit"), ("armv7l", "Lite, 64-bit")]
)
def test_32_bit(card: Card, monkeypatch: pytest.MonkeyPatch, kernel: str, words: str) -> None:
    monkeypatch.setattr(computer.platform, "machine", lambda: kernel)
    card.architecture = "armhf"
    assert words in refused(card)


def test_a_32_bit_python(card: Card) -> None:
    card.python = "3 11 32"
    assert "32-bit one" in refused(card)


def test_a_full_card(card: Card, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(computer, "_free_mb", lambda _place: 700)
    assert "700 MB free" in refused(card)


@pytest.mark.parametrize("model", ["", "Raspberry Pi 2 Model B Rev 1.1", "Raspberry Pi 42", "Banana Pi"])
def test_an_unknown_board(card: Card, model: str) -> None:
    (card.root / "proc/device-tree/model").write_text(model)
    assert "--force" in refused(card)


def test_a_known_board_of_each_kind() -> None:
    for name, generation in {
        "Raspberry Pi 3 Model B Plus Rev 1.3": 3,
        "Raspberry Pi Zero 2 W Rev 1.0": 3,
        "Raspberry Pi Compute Module 4 Rev 1.1": 4,
        "Raspberry Pi 400 Rev 1.0": 4,
        PI_5: 5,
        "Raspberry Pi 500 Rev 1.0": 5,
    }.items():
        found = computer.Computer(
            name, "arm64", "aarch64", "12", "", (3, 11, 64), 1, frozenset(), False, False
        )
        assert found.generation == generation


@pytest.mark.parametrize(("debian", "words"), [("11", "Bookworm"), ("14", "Trixie")])
def test_a_release_that_is_not_supported(card: Card, debian: str, words: str) -> None:
    (card.root / "etc/os-release").write_text(f'ID=debian\nVERSION_ID="{debian}"\nPRETTY_NAME=Other\n')
    said = refused(card)
    assert "Other" in said
    assert words in said


def test_remote_gpio(card: Card) -> None:
    folder = card.root / "etc/systemd/system/pigpiod.service.d"
    folder.mkdir()
    (folder / "public.conf").write_text("[Service]\nExecStart=\nExecStart=/usr/bin/pigpiod\n")
    said = refused(card)
    assert "raspi-config" in said
    assert said.count("\n") == 0
    (folder / "public.conf").rename(folder / "zz.conf")
    assert "zz.conf starts pigpiod in its own way" in refused(card)


def test_a_virtual_machine_beside_a_daemon(card: Card) -> None:
    (card.root / "usr/bin/pigpiod").touch()
    assert "mask --now pigpiod" in refused(card, virtual=True)


def test_no_boot_partition(card: Card) -> None:
    (card.root / "boot/firmware/config.txt").unlink()
    assert "config.txt is not there" in refused(card)
    (card.root / "boot/firmware/config.txt").write_text(CONFIG)


def test_a_broken_command_line(card: Card) -> None:
    (card.root / "boot/firmware/cmdline.txt").write_text("one\ntwo\n")
    assert "one line" in refused(card)


def test_something_else_in_its_place(card: Card) -> None:
    (card.root / "opt/instep/app").mkdir(parents=True)
    assert "Move it away" in refused(card)


def test_a_copy_that_is_not_whole(card: Card, tmp_path: Path) -> None:
    tree = tmp_path / "half"
    tree.mkdir()
    (tree / "pyproject.toml").write_text('[project]\nversion = "1"\n')
    assert "instep-controller.service is missing" in refused(card, tree)


def test_no_such_machine_file(card: Card) -> None:
    assert "reference" in refused(card, machine="nonsense")
    wrong = card.root / "wrong.toml"
    wrong.write_text("pins = 3\n")
    assert "not a good one" in refused(card, machine=str(wrong))


def test_all_reasons_at_once(card: Card) -> None:
    card.architecture = "armhf"
    (card.root / "proc/device-tree/model").write_text("Banana Pi")
    assert len(refused(card).splitlines()) == 2


def test_who_is_not_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install.os, "geteuid", lambda: 1000)
    with pytest.raises(RefusedError, match=r"sudo \./scripts/install"):
        install.only_as_root(System(Path("/")), "install")


# --- a daemon that runs ---------------------------------------------------------------------------------

HEADER = "  sl  local_address rem_address   st\n"


class Here(System):
    """The running computer, as far as the refusals look."""

    here = True  # type: ignore[assignment]

    def __init__(self, root: Path) -> None:
        super().__init__(root, lambda _command, _environment, _aloud: Done(3))


@pytest.fixture
def running(tmp_path: Path) -> Callable[..., list[str]]:
    (tmp_path / "proc/net").mkdir(parents=True)

    def look(*, command: str = "", listens: str = "", virtual: bool = False) -> list[str]:
        if command:
            (tmp_path / "proc/77").mkdir(exist_ok=True)
            (tmp_path / "proc/77/cmdline").write_text(command.replace(" ", "\0") + "\0")
        name = "tcp6" if len(listens) > 20 else "tcp"
        (tmp_path / f"proc/net/{name}").write_text(f"{HEADER}   0: {listens} 0:0 0A\n")

        class Plan:
            pass

        plan = Plan()
        plan.virtual = virtual  # type: ignore[attr-defined]
        return list(refusals._open_daemon(Here(tmp_path), plan))  # type: ignore[arg-type]

    return look


def test_a_daemon_without_l_is_open(running: Callable[..., list[str]]) -> None:
    (said,) = running(command="/usr/bin/pigpiod -g -x 0xff")
    assert "open to the network" in said


@pytest.mark.parametrize("command", ["/usr/bin/pigpiod -l", "pigpiod -gl", "/usr/bin/python3 pigpiod"])
def test_a_local_daemon_is_not(running: Callable[..., list[str]], command: str) -> None:
    assert running(command=command, listens="0100007F:22B8") == []


@pytest.mark.parametrize("address", ["00000000:22B8", "0" * 32 + ":22B8", "0501A8C0:22B8"])
def test_a_port_that_is_open_to_the_network(running: Callable[..., list[str]], address: str) -> None:
    (said,) = running(listens=address)
    assert "8888" in said


def test_loopback_of_either_kind_is_local(running: Callable[..., list[str]]) -> None:
    assert running(listens="0100007F:22B8") == []
    assert running(listens="0" * 24 + "01000000:22B8") == []
    assert running(listens="00000000:0016") == []


def test_a_virtual_machine_needs_the_port_for_itself(running: Callable[..., list[str]]) -> None:
    (said,) = running(listens="0100007F:22B8", virtual=True)
    assert "virtual machine" in said
