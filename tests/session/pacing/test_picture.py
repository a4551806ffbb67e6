"""What one node's frames show, by what they say about themselves. What pacing makes of them is in `test_delivery`."""

from typing import Any

from bridge.parameters import Change
from bridge.session.contract.layout import PacedNode
from bridge.session.pacing.delivery import Delivery
from bridge.session.pacing.picture import FORGOTTEN, Picture
from bridge.strip import Strip

FRAMES = 12


class Screen:
    """A picture whose frames come in chunks, each with a strip that says how many messages were taken."""

    def __init__(self) -> None:
        self.picture = Picture()
        self.picture.begin({"noise_scale": 0.0})
        self.now = 0.0
        self.chunk = 0
        self.reads = 0

    def send(self, value: float, cuts: bool = False) -> None:
        self.picture.message(self.now, {"noise_scale": value}, cuts)

    def show(self, taken: int | None, frames: int = FRAMES, begins: int = 0, dropped: int = 0) -> list[Any]:
        """Receive a chunk and return what each of its frames is said to show. `taken` None: they say nothing; `begins` is
        which frame pacing takes for the first."""
        self.chunk += 1
        said = []
        for number in range(frames):
            self.now += 1 / 16
            self.picture.frame(self.now, number == begins, FRAMES, 0.1, False)
            if self.picture.to_be_read:
                self.reads += 1
                strip = None if taken is None else Strip(0, self.chunk, 0.0, taken=taken, dropped=dropped)
                self.picture.read(strip, FRAMES)
            said.append(self.picture.values["noise_scale"])
        return said


def test_a_strip_says_of_every_frame_which_messages_it_was_made_with() -> None:
    screen = Screen()
    screen.send(0.1)
    assert screen.show(0) == [0.0] * FRAMES
    screen.send(0.2)
    assert screen.show(0) == [0.0] * FRAMES
    assert screen.show(2) == [0.2] * FRAMES


def test_few_of_the_strips_are_read() -> None:
    screen = Screen()
    for _ in range(20):
        screen.show(0)

    assert screen.reads <= 2 * 20


def test_where_frames_are_lost_chunks_are_found_again_by_their_strips() -> None:
    screen = Screen()
    screen.show(0)
    screen.show(0, frames=7)
    for taken in range(1, 10):
        screen.send(float(taken))
        said = screen.show(taken, begins=5)

    assert said == [9.0] * FRAMES


def test_a_message_that_never_got_there_is_given_up_and_the_next_ones_are_known_again() -> None:
    screen = Screen()
    screen.show(0)
    screen.send(0.1)
    for _ in range(FORGOTTEN + 1):
        assert screen.show(0) == [0.0] * FRAMES
    screen.send(0.2)

    assert screen.show(1) == [0.2] * FRAMES


def test_where_a_strip_cannot_be_read_or_scope_has_dropped_some_pacing_tells() -> None:
    for unsure in ({"taken": None}, {"taken": 0, "dropped": 1}):
        screen = Screen()
        screen.show(0)
        screen.send(0.1)

        assert screen.show(**unsure) == [0.0] * FRAMES
        assert screen.show(**unsure) == [0.0] * FRAMES
        assert screen.show(**unsure) == [0.1] * FRAMES


def test_a_strip_is_of_the_node_that_it_names_and_counts_what_was_for_all_and_for_that_one() -> None:
    delivery = Delivery([PacedNode("near", "longlive", FRAMES), PacedNode("far", "longlive", FRAMES, "second")])
    delivery.begin(0.0)
    moment, chunk = 0.0, 0

    def show(near: int, far: int) -> None:
        nonlocal moment, chunk
        chunk += 1
        for _ in range(FRAMES):
            moment += 1 / 16
            for node, (sink, taken) in enumerate((("", near), ("second", far))):
                delivery.frame(moment, sink)
                if delivery.to_be_read(sink):
                    delivery.read(Strip(0, chunk, 0.0, taken=taken, node=node), sink)

    def send(value: float, node: str | None) -> None:
        delivery.put([Change("noise_scale", value, moment, node=node)])
        assert delivery.take(moment)

    show(0, 0)
    send(0.1, None)
    show(0, 0)
    show(0, 0)
    assert delivery.in_picture("noise_scale", "near") is None
    send(0.2, "far")
    show(1, 2)

    assert delivery.in_picture("noise_scale", "near") == 0.1
    assert delivery.in_picture("noise_scale", "far") == 0.2


def test_a_message_that_was_not_sent_after_all_is_in_no_picture() -> None:
    screen = Screen()
    screen.show(0)
    screen.send(0.1)
    screen.picture.withdraw()
    screen.send(0.2)

    assert screen.show(1) == [0.2] * FRAMES


def test_lora_strengths_are_joined_in_the_picture_too() -> None:
    picture = Picture()
    picture.begin({"lora_scales": [{"path": "a", "scale": 0.1}, {"path": "b", "scale": 0.2}]})
    picture.message(0.0, {"lora_scales": [{"path": "b", "scale": 0.9}]}, cuts=True)

    picture.frame(1.0, True, FRAMES, 0.1, False)
    assert picture.read(Strip(0, 1, 0.0, taken=1), FRAMES)

    assert picture.values["lora_scales"] == [{"path": "a", "scale": 0.1}, {"path": "b", "scale": 0.9}]
