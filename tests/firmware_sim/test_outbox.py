"""A device's ring: bounded, in order, repeated after a loss, empty after a reboot."""

from __future__ import annotations

from firmware_sim.mqtt.messages import Sent
from firmware_sim.mqtt.outbox import Outbox


def message(number: int) -> Sent:
    return Sent(number, "t", str(number), (), "box")


def outbox(count: int, ring: int = 100, latest: int = 3) -> Outbox:
    found = Outbox(ring, latest)
    for number in range(count):
        found.add(message(number))
    return found


def taken(box: Outbox, most: int = 1000) -> list[int]:
    found: list[int] = []
    while len(found) < most and (each := box.take()) is not None:
        found.append(each.time_ms)
    return found


def test_empty_outbox_has_nothing_to_send() -> None:
    box = outbox(0)
    box.rewind()
    assert box.take() is None
    assert len(box) == box.given_up == box.repeated == 0


def test_backlog_is_sent_in_order() -> None:
    assert taken(outbox(5)) == [0, 1, 2, 3, 4]


def test_full_ring_gives_up_its_oldest() -> None:
    box = outbox(5, ring=3)
    assert box.given_up == 2
    assert taken(box) == [2, 3, 4]


def test_latest_are_repeated_after_a_loss_and_before_anything_new() -> None:
    box = outbox(7)
    assert taken(box, 5) == [0, 1, 2, 3, 4]
    box.rewind()
    assert len(box) == 5
    assert taken(box) == [2, 3, 4, 5, 6]
    assert box.repeated == 3


def test_loss_while_repeating_begins_the_repeats_anew() -> None:
    box = outbox(4)
    taken(box)
    box.rewind()
    assert taken(box, 1) == [1]
    box.rewind()
    assert taken(box) == [1, 2, 3]
    box.rewind()
    assert taken(box) == [1, 2, 3]


def test_repeats_take_no_room_of_the_ring() -> None:
    box = outbox(3, ring=3)
    taken(box)
    box.rewind()
    for number in range(3, 7):
        box.add(message(number))
    assert taken(box) == [0, 1, 2, 4, 5, 6]
    assert box.given_up == 1


def test_reboot_forgets_everything() -> None:
    box = outbox(6)
    taken(box, 2)
    box.rewind()
    box.forget()
    assert taken(box) == []
    assert box.given_up == 4
