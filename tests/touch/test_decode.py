"""Each new contact is one "down", whatever came before; from the kernel's raw bytes."""

from __future__ import annotations

import random

import pytest

from app.touch.contact import Contact
from app.touch.decode import Decoder, OneFinger, Packets, Slots, UnusableError, decoder
from app.touch.panels import ABS_X, ABS_Y, BTN_TOUCH
from tests.touch.fake import (
    ABS,
    DROPPED,
    KEY,
    LEAST,
    MOST,
    MT_REPORT,
    NUMBER,
    ONE,
    PACKETS,
    REPORT,
    SEVERAL,
    SLOT,
    SLOTS,
    FakePort,
    X,
    Y,
    raw,
)


def whats(found: list[Contact]) -> list[str]:
    return [contact.what for contact in found]


def finger(slot: int, number: int, x: int = 600, y: int = 350) -> tuple[tuple[int, int, int], ...]:
    return (ABS, SLOT, slot), (ABS, NUMBER, number), (ABS, X, x), (ABS, Y, y)


def gone(slot: int) -> tuple[tuple[int, int, int], ...]:
    return (ABS, SLOT, slot), (ABS, NUMBER, -1)


def test_places_are_shares_of_a_range_that_need_not_begin_at_nothing() -> None:
    found = decoder(SEVERAL, FakePort()).feed(raw(*finger(0, 5, LEAST, MOST), REPORT, (ABS, X, 350), REPORT))
    assert found == [
        Contact("down", found[0].key, 0.0, 1.0),
        Contact("move", found[0].key, 0.25, 1.0),
    ]


def test_a_palm_takes_no_finger_away() -> None:
    several = decoder(SEVERAL, FakePort())
    palm = several.feed(raw(*finger(0, 1), *finger(1, 2), *finger(2, 3), REPORT))
    assert whats(palm) == ["down"] * 3
    for number in range(4, 9):
        tap = several.feed(raw(*finger(3, number), REPORT))
        moved = several.feed(raw((ABS, SLOT, 1), (ABS, X, 300 + number), REPORT))
        assert (whats(tap), whats(moved)) == (["down"], ["move"])
        assert moved[0].key == palm[1].key
        assert several.feed(raw(*gone(3), REPORT)) == [Contact("up", tap[0].key)._replace(x=0.5, y=0.25)]


@pytest.mark.parametrize("between", [(), ((ABS, NUMBER, -1),)], ids=["a new number", "lifted and back"])
def test_one_finger_after_another_in_one_frame_is_another_contact(
    between: tuple[tuple[int, int, int], ...],
) -> None:
    several = decoder(SEVERAL, FakePort())
    (first,) = several.feed(raw(*finger(0, 1), REPORT))
    up, down = several.feed(raw(*between, (ABS, NUMBER, 2), (ABS, X, MOST), REPORT))
    assert (up.what, up.key) == ("up", first.key)
    assert (down.what, down.x) == ("down", 1.0)
    assert down.key != first.key


def test_a_contact_that_comes_and_goes_in_one_frame_is_felt() -> None:
    several = decoder(SEVERAL, FakePort())
    assert whats(several.feed(raw(*finger(0, 1), (ABS, NUMBER, -1), REPORT))) == ["down", "up"]


def test_a_contact_where_the_last_one_was_needs_no_place_of_its_own() -> None:
    several = decoder(SEVERAL, FakePort())
    several.feed(raw(*finger(0, 1, MOST, MOST), REPORT, *gone(0), REPORT))
    (again,) = several.feed(raw((ABS, NUMBER, 2), REPORT))
    assert (again.what, again.x, again.y) == ("down", 1.0, 1.0)


def test_a_finger_that_lay_there_at_the_start_is_no_touch_and_hides_none() -> None:
    port = FakePort()
    port.numbers[0], port.xs[0], port.slot = 41, 350, 0
    several = decoder(SEVERAL, port)
    assert several.feed(raw((ABS, X, 400), REPORT)) == []
    assert whats(several.feed(raw(*finger(1, 42), REPORT))) == ["down"], "another beside it"
    assert several.feed(raw(*gone(0), REPORT)) == []
    (again,) = several.feed(raw((ABS, NUMBER, 43), REPORT))
    assert (again.what, again.x) == ("down", 0.3)


def test_a_finger_that_comes_while_the_panel_is_opened_is_felt() -> None:
    port = FakePort()
    port.numbers[0] = 7  # asked after it came; what told of it still waits
    assert whats(decoder(SEVERAL, port).feed(raw((ABS, NUMBER, 7), REPORT))) == ["down"]


def test_after_lost_events_the_panel_is_asked() -> None:
    port = FakePort()
    several = decoder(SEVERAL, port)
    stays, leaves = several.feed(raw(*finger(0, 1), *finger(1, 2), REPORT))
    port.numbers, port.slot = [1, -1, 9, -1, -1], 2
    port.xs[2], port.ys[2] = MOST, LEAST
    port.waits.append(raw(*gone(1), *finger(2, 8), REPORT, (ABS, NUMBER, 9), REPORT))
    found = several.feed(raw(DROPPED, (ABS, NUMBER, 77), REPORT, *finger(3, 55), REPORT))
    assert {(c.what, c.key) for c in found if c.what != "move"} == {
        ("up", leaves.key),
        ("down", next(c.key for c in found if c.what == "down")),
    }
    (new,) = [c for c in found if c.what == "down"]
    assert (new.x, new.y) == (1.0, 0.0)
    assert whats(several.feed(raw((ABS, NUMBER, -1), REPORT))) == ["up"], "in the slot the panel is at"
    assert [c.key for c in several.feed(raw(*gone(0), REPORT))] == [stays.key]


def test_half_a_frame_before_lost_events_counts_nothing() -> None:
    several = decoder(SEVERAL, FakePort())
    assert several.feed(raw(*finger(0, 1))) == []
    assert several.feed(raw(DROPPED, REPORT)) == []
    assert several.lift() == []


def test_a_panel_that_goes_takes_its_contacts_with_it() -> None:
    several = decoder(SEVERAL, FakePort())
    came = several.feed(raw(*finger(0, 1), *finger(2, 2), REPORT))
    assert several.lift() == [Contact("up", contact.key) for contact in came]
    assert several.lift() == []


def test_a_slot_that_the_panel_does_not_have_is_nobodys() -> None:
    assert decoder(SEVERAL, FakePort()).feed(raw(*finger(SLOTS, 1), REPORT)) == []


def test_axes_without_a_range_are_no_panel() -> None:
    class Flat(FakePort):
        def axis(self, code: int) -> object:  # type: ignore[override]
            return super().axis(code)._replace(most=LEAST)

    with pytest.raises(UnusableError):
        decoder(SEVERAL, Flat())  # type: ignore[arg-type]


def packet(x: int, y: int, *number: int) -> tuple[tuple[int, int, int], ...]:
    return (*((ABS, NUMBER, each) for each in number), (ABS, X, x), (ABS, Y, y), MT_REPORT)


@pytest.mark.parametrize("numbered", [True, False])
def test_packets_tell_a_palm_from_fingers(numbered: bool) -> None:
    def at(x: int, y: int, number: int) -> tuple[tuple[int, int, int], ...]:
        return packet(x, y, *((number,) if numbered else ()))

    packets = decoder(PACKETS, FakePort())
    assert isinstance(packets, Packets)
    (palm,) = packets.feed(raw(at(200, 200, 1)[0], *at(200, 200, 1)[1:], REPORT))
    for number in range(2, 6):
        found = packets.feed(raw(*at(900, 900, number), *at(205, 200, 1), REPORT))
        assert sorted(whats(found)) == ["down", "move"]
        assert {c.key for c in found if c.what == "move"} == {palm.key}
        assert whats(packets.feed(raw(*at(200, 200, 1), REPORT))) == ["up", "move"]
    assert whats(packets.feed(raw((KEY, 158, 1), REPORT))) == [], "a key beside the glass"
    assert whats(packets.feed(raw(MT_REPORT, REPORT))) == ["up"]
    assert whats(packets.feed(raw(*at(200, 200, 9), REPORT))) == ["down"]
    assert whats(packets.feed(raw(*at(1000, 200, 10), REPORT))) == ["up", "down"], "another, elsewhere"


def test_packets_of_what_lay_there_at_the_start_are_no_touch() -> None:
    port = FakePort()
    port.touched = True
    packets = decoder(PACKETS, port)
    assert packets.feed(raw(*packet(200, 200), REPORT)) == []
    assert whats(packets.feed(raw(*packet(200, 200), *packet(900, 900), REPORT))) == ["down"]
    assert whats(packets.feed(raw(MT_REPORT, (KEY, BTN_TOUCH, 0), REPORT))) == ["up"]
    assert whats(packets.feed(raw((KEY, BTN_TOUCH, 1), *packet(200, 200), REPORT))) == ["down"]


def pressed(down: int, *at: int) -> bytes:
    place = tuple((ABS, code, value) for code, value in zip((ABS_X, ABS_Y), at, strict=False))
    return raw((KEY, BTN_TOUCH, down), *place, REPORT)


def test_a_panel_of_one_finger_is_one() -> None:
    one = decoder(ONE, FakePort())
    assert isinstance(one, OneFinger)
    (down,) = one.feed(pressed(1, 350, 600))
    assert (down.what, down.x, down.y) == ("down", 0.25, 0.5)
    assert whats(one.feed(raw((ABS, ABS_X, 400), REPORT))) == ["move"]
    assert whats(one.feed(pressed(0))) == ["up"]
    assert whats(one.feed(pressed(1))) == ["down"]
    found = one.feed(raw((KEY, BTN_TOUCH, 0), (KEY, BTN_TOUCH, 1), (ABS, ABS_X, MOST), REPORT))
    assert whats(found) == ["up", "down"]
    assert found[1].x == 1.0


def test_one_finger_at_the_start_and_after_lost_events() -> None:
    port = FakePort()
    port.touched = True
    one = decoder(ONE, port)
    assert one.feed(raw(DROPPED, REPORT)) == [], "it lay there before"
    assert one.feed(pressed(0)) == []
    assert whats(one.feed(pressed(1))) == ["down"]
    port.touched = False
    assert whats(one.feed(raw(DROPPED, REPORT))) == ["up"]
    port.touched, port.xs[0] = True, MOST
    (down,) = one.feed(raw(DROPPED, REPORT))
    assert (down.what, down.x) == ("down", 1.0)


class Kernel:
    """What a hand does, as the kernel would tell it: numbers that grow, nothing told twice."""

    def __init__(self, random_: random.Random, port: FakePort) -> None:
        self.random, self.port = random_, port
        self.next = 1
        self.came: list[tuple[int, int]] = []
        """Where each contact came down that had to be felt."""

    def frame(self) -> bytes:
        port, events = self.port, []
        for slot in self.random.sample(range(SLOTS), self.random.randint(1, SLOTS)):
            steps = []
            for _ in range(self.random.choice((1, 1, 2, 3))):
                if port.numbers[slot] < 0 or self.random.random() < 0.3:
                    port.numbers[slot], self.next = self.next, self.next + 1
                    steps.append((ABS, NUMBER, port.numbers[slot]))
                elif self.random.random() < 0.5:
                    port.numbers[slot] = -1
                    steps.append((ABS, NUMBER, -1))
            x, y = self.random.randint(LEAST, MOST), self.random.randint(LEAST, MOST)
            if self.random.random() < 0.7:
                steps += [(ABS, X, x)] * (x != port.xs[slot]) + [(ABS, Y, y)] * (y != port.ys[slot])
                port.xs[slot], port.ys[slot] = x, y
            self.came += [(port.xs[slot], port.ys[slot]) for _, code, v in steps if code == NUMBER and v >= 0]
            if steps:
                events += [(ABS, SLOT, slot)] * (slot != port.slot) + steps
                port.slot = slot
        return raw(*events, REPORT)


@pytest.mark.parametrize("seed", range(20))
def test_whatever_a_hand_does_each_contact_is_felt_once(seed: int) -> None:
    chance = random.Random(seed)
    port = FakePort()
    kernel = Kernel(chance, port)
    for _ in range(chance.randint(0, 5)):
        kernel.frame()  # before anybody listens
    several: Decoder = decoder(SEVERAL, port)
    assert isinstance(several, Slots)
    kernel.came.clear()
    down: list[tuple[int, int]] = []
    live: set[object] = set()
    for _ in range(200):
        data = kernel.frame()
        cut = chance.randrange(len(data) // 24 + 1) * 24
        for contact in (*several.feed(data[:cut]), *several.feed(data[cut:])):
            if contact.what == "down":
                assert contact.key not in live
                live.add(contact.key)
                down.append((round(LEAST + contact.x * 1000), round(LEAST + contact.y * 1000)))
            else:
                assert contact.key in live
                if contact.what == "up":
                    live.discard(contact.key)
    assert down == kernel.came
    assert len(live) <= sum(number >= 0 for number in port.numbers)
