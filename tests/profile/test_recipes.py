"""The profiles of the reference do what their titles say."""

from bridge import mapping, profile
from bridge.profile.recipes import RECIPES
from bridge.signals import Batch


def test_a_press_recalls_a_snapshot_and_with_the_other_button_held_it_keeps_one_however_long_it_is() -> None:
    text = RECIPES["Snapshots on a row of buttons"].replace("routes:\n", "routes:\n  - td/glow -> param/glow\n", 1)
    read = profile.read(text, "x.yaml", {}).profile
    assert read is not None
    show = mapping.compile(read)

    def glow(now: float, signal: str, value: float) -> list[float]:
        assert show.feed(Batch(now, [(signal, (value,))])).refused == []
        return [change.value for change in show.take(now) if change.parameter == "glow"]

    assert glow(1, "td/glow", 0.25) == [0.25]
    assert glow(2, "td/save", 1) == []
    assert glow(3, "td/snap/1", 1) == []
    assert glow(5, "td/snap/1", 0) == []
    assert glow(6, "td/save", 0) == []
    assert glow(7, "td/glow", 0.75) == [0.75]
    assert glow(8, "td/snap/1", 1) == [0.25]
    assert glow(8.5, "td/snap/1", 0) == []
    assert glow(9, "td/glow", 0.5) == [0.5]
    assert glow(10, "td/save", 1) == []
    assert glow(11, "td/snap/1", 1) == []
    assert glow(13, "td/snap/1", 0) == []
    assert glow(14, "td/save", 0) == []
    assert glow(15, "td/glow", 1) == [1]
    assert glow(16, "td/snap/1", 1) == [0.5]
