"""Mailboxes keep the newest, and count what nobody took."""

import threading

from bridge.frames import Buffer, Fan, Fans, Frame, Latest
from tests.outputs.chart import grey


def frame(number: int = 0) -> Frame:
    return Frame(grey(16, 16, 128), received=0.0, number=number)


def test_a_mailbox_gives_the_newest_once_and_counts_what_it_overwrote() -> None:
    mailbox = Latest()
    assert mailbox.take() is None

    frames = [frame(number) for number in range(4)]
    mailbox.put(frames[0])
    assert mailbox.take() is frames[0]
    assert mailbox.take() is None

    for later in frames[1:]:
        mailbox.put(later)
    assert mailbox.overwritten == 2
    assert mailbox.take() is frames[3]


def test_who_waits_at_a_mailbox_is_woken_by_a_frame() -> None:
    mailbox, one = Latest(), frame()
    waiting = threading.Thread(target=lambda: taken.append(mailbox.take(timeout=20)))
    taken: list[Frame | None] = []
    waiting.start()
    mailbox.put(one)
    waiting.join(20)

    assert taken == [one]


def test_a_buffer_gives_all_in_their_order_once() -> None:
    buffer, frames = Buffer(), [frame(number) for number in range(5)]
    for one in frames:
        buffer.put(one)

    assert buffer.drain() == frames
    assert buffer.drain() == []
    assert buffer.overwritten == 0


def test_a_full_buffer_drops_the_oldest_and_counts_them() -> None:
    buffer, frames = Buffer(depth=3), [frame(number) for number in range(5)]
    for one in frames:
        buffer.put(one)

    assert buffer.overwritten == 2
    assert buffer.drain() == frames[2:]


def test_every_frame_reaches_every_open_mailbox_and_every_tap() -> None:
    fan, tapped = Fan(), list[Frame]()
    first, second, buffer = fan.open(), fan.open(), Buffer()
    fan.tap(tapped.append)
    fan.join(buffer)
    frames = [frame(0), frame(1)]

    fan.put(frames[0])
    fan.close(second)
    fan.put(frames[1])

    assert tapped == frames
    assert first.take() is frames[1]
    assert second.take() is frames[0]
    assert buffer.drain() == frames


def test_who_comes_late_gets_the_newest_frame_at_once() -> None:
    fan, newest = Fan(), frame(1)
    fan.put(frame(0))
    fan.put(newest)

    assert fan.open().take() is newest


def test_the_first_sink_shows_in_the_main_picture_and_under_its_own_name() -> None:
    fans, first, other = Fans(), frame(0), frame(1)
    main, named, second = fans.main.open(), fans.of("a").open(), fans.of("b").open()

    fans.put(first, "a", first=True)
    fans.put(other, "b", first=False)

    assert (main.take(), named.take(), second.take()) == (first, first, other)
    assert fans.of("") is fans.main
