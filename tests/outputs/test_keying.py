"""What is transparent."""

import av
import numpy as np
import pytest

from bridge.outputs.keying import alpha_of
from bridge.profile.outputs import Alpha, Colour
from tests.outputs.chart import BT709, chart


def keyed(alpha: Alpha, *colours: Colour, threshold: float | None = None) -> list[int]:
    """Return how opaque the middle of a bar of each colour is."""
    video: av.VideoFrame = chart(40 * len(colours), 20, colours, matrix=BT709)
    size = video.width, video.height
    opaque = alpha_of(lambda: video, size, alpha, alpha.threshold if threshold is None else threshold)
    assert opaque.shape == (20, 40 * len(colours))
    assert opaque.dtype == np.uint8
    return [int(level) for level in opaque[10, 20::40]]


def grey(level: int) -> Colour:
    return level, level, level


@pytest.mark.parametrize("threshold", [0.0, 0.1, 0.25, 0.8])
@pytest.mark.parametrize("soft", [0.0, 0.1, 0.5])
def test_a_luma_key_opens_from_its_threshold_over_its_soft_edge(threshold: float, soft: float) -> None:
    levels = range(0, 256, 15)
    meant = np.clip((np.array(levels) / 255 - threshold) / max(soft, 1e-9), 0, 1) * 255
    clear = [abs(level / 255 - threshold) > 1 / 219 for level in levels]  # a step of luma is as near as it gets

    found = keyed(Alpha("luma", threshold=threshold, soft=soft), *map(grey, levels))

    slope = 255 / max(soft * 219, 1)
    for level, expected, sure in zip(found, meant, clear, strict=True):
        if sure or soft:
            assert abs(level - expected) <= 1.5 * slope + 1
        if sure and not soft:
            assert level == expected


def test_a_luma_key_weighs_colours_as_the_eye_does() -> None:
    assert keyed(Alpha("luma", threshold=0.5, soft=0.0), (0, 255, 0), (255, 0, 0), (0, 0, 255)) == [255, 0, 0]


def test_a_chroma_key_takes_out_its_colour_however_bright_and_leaves_the_others() -> None:
    key = Alpha("chroma", colour=(0, 255, 0), threshold=0.15, soft=0.1)

    # The third is hypot(0.136, 0.1604) = 0.2103 from it: 0.6 of the soft edge.
    assert keyed(key, (0, 255, 0), (10, 240, 20), (90, 255, 90)) == [0, 0, pytest.approx(154, abs=8)]
    assert keyed(key, (255, 0, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0), (128, 128, 128)) == [255] * 5


@pytest.mark.parametrize(("threshold", "meant"), [(0.0, 255), (0.55, 128), (0.7, 0)])
def test_a_chroma_key_measures_how_far_colours_are_apart(threshold: float, meant: int) -> None:
    # Grey is hypot(0.3854, 0.4542) = 0.5957 from green in BT.709.
    key = Alpha("chroma", colour=(0, 255, 0), soft=0.0914)

    assert keyed(key, grey(128), threshold=threshold) == [pytest.approx(meant, abs=8)]


@pytest.mark.parametrize("colour", [(0, 255, 0), (0, 0, 255), (255, 0, 255), (200, 100, 50)])
def test_a_hard_chroma_key_has_no_grey_area(colour: Colour) -> None:
    assert keyed(Alpha("chroma", colour=colour, threshold=0.05, soft=0.0), colour, grey(128)) == [0, 255]


def test_the_edge_of_a_chroma_key_is_smooth_although_colours_are_coarse() -> None:
    video = chart(64, 16, ((0, 255, 0), grey(128)), matrix=BT709)

    edge = alpha_of(lambda: video, (64, 16), Alpha("chroma"), 0.1)[8, 26:38].astype(int)

    assert (edge[0], edge[-1]) == (0, 255)
    assert 0 < np.diff(edge).max() < 255


def test_a_constant_key_is_as_opaque_as_its_threshold() -> None:
    assert keyed(Alpha("constant", threshold=0.25), grey(0), (255, 0, 0)) == [64, 64]
    assert keyed(Alpha("constant"), grey(0), threshold=7.0) == [255]


def test_without_a_key_all_is_opaque() -> None:
    assert keyed(Alpha(), grey(0), (0, 255, 0)) == [255, 255]
