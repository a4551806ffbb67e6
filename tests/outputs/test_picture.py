"""The fader, and the slate."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.outputs.picture import FADE, SLATE_SIZE, Fader, card, slate


class Hand:
    """A clock in seconds that a test turns."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@given(st.floats(0, 1), st.floats(-1, 2), st.lists(st.floats(0, FADE), max_size=20))
def test_a_fader_goes_straight_to_its_target_and_stays(start: float, target: float, spans: list[float]) -> None:
    hand = Hand()
    fader = Fader(hand)
    fader.target = start
    hand.seconds += FADE
    fader.target = target
    way = [fader.level]
    for span in [*spans, FADE]:
        hand.seconds += span
        way.append(fader.level)

    goal = min(max(target, 0.0), 1.0)
    assert way[0] == pytest.approx(start)
    assert way[-1] == fader.target == goal
    assert way == sorted(way, reverse=goal < way[0])


def test_a_jump_takes_no_time() -> None:
    fader = Fader(Hand())
    fader.jump(-1.0)

    assert fader.level == fader.target == 0.0


def test_full_travel_takes_the_whole_time_and_a_turn_on_the_way_goes_on_from_there() -> None:
    hand = Hand()
    fader = Fader(hand)
    fader.target = 0.0
    hand.seconds += FADE / 4
    assert fader.level == pytest.approx(0.75)
    fader.target = 1.0
    assert fader.level == pytest.approx(0.75)
    hand.seconds += FADE / 4
    assert fader.level == 1.0


def test_the_slate_is_dark_and_breathes_without_jumping() -> None:
    pictures = [slate(second / 30) for second in range(0, 360, 3)]
    brightness = [float(picture[..., :3].mean()) for picture in pictures]

    assert {picture.shape for picture in pictures} == {(SLATE_SIZE[1], SLATE_SIZE[0], 4)}
    assert max(int(picture[..., :3].max()) for picture in pictures) < 64
    assert max(brightness) > 1.5 * min(brightness)
    assert np.abs(np.diff(brightness)).max() < 1


def test_outputs_that_ask_for_the_slate_at_about_one_time_share_it() -> None:
    first = card(100.001)

    assert card(100.01) is first
    assert card(100.5) is not first
    assert first.size == SLATE_SIZE
