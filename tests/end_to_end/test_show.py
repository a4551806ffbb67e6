"""A gesture reaches the picture, and the picture reaches the compositor: every part in a process of its own."""

from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import pytest
from pythonosc.osc_bundle_builder import OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder

from bridge.strip import prompt_sum
from tests.end_to_end.conftest import Server, Show
from tests.end_to_end.rig import wait_for
from tests.outputs.receiver import Seen, watching

pytestmark = [pytest.mark.scope, pytest.mark.values]


@pytest.fixture
def show(server: Server, long_show: Show) -> Show:
    """Return the module's show; `server` skips the test where pictures carry no strip."""
    long_show.streaming()
    return long_show


def shows(**values: float) -> Callable[[Seen], bool]:
    """Return whether a received frame's strip has these values."""
    return lambda frame: (
        frame.strip is not None
        and all(frame.strip[name] == pytest.approx(value, abs=1e-6) for name, value in values.items())
    )


def message(address: str, *values: float | str) -> OscMessageBuilder:
    built = OscMessageBuilder(address=address)
    for value in values:
        built.add_arg(value)
    return built


def test_what_any_osc_client_sends_is_seen_in_the_pixels_that_an_independent_ndi_receiver_gets(show: Show) -> None:
    with watching(show.ndi) as watch:
        show.osc.send_message("/noise", 0.25)
        show.osc.send_message("/probe", 4711)
        watch.until(shows(noise_scale=0.25, probe=4711))

        show.osc.send_message("/prompt", "neon")
        watch.until(shows(prompt=prompt_sum(["neon rain"])))

        show.osc.send_message("/vace", 9.0)
        seen = watch.until(shows(vace_context_scale=2.0))
    assert (seen.width, seen.height) == (576, 320)


def test_a_bundle_of_touchdesigner_with_a_timetag_an_hour_ahead_acts_at_once(show: Show) -> None:
    an_hour_ahead = int(datetime.now(UTC).timestamp()) + 3600
    bundle = OscBundleBuilder(an_hour_ahead)
    for built in (message("/_samplerate", 60.0), message("/noise", 0.1, 0.2, 0.5), message("/probe", 42)):
        bundle.add_content(built.build())

    with watching(show.ndi) as watch:
        show.osc.send(bundle.build())
        watch.until(shows(noise_scale=0.5, probe=42))


def test_a_hand_that_never_rests_is_paced_to_the_chunk_and_its_last_value_lands(show: Show) -> None:
    with watching(show.ndi) as watch:
        for count in range(600):
            show.osc.send_message("/probe", count)
            if count % 10 == 9:
                watch.until(lambda frame: True)  # a sixtieth of a second for each, or so
        seen = watch.until(shows(probe=599))
    assert seen.strip is not None
    assert seen.strip["dropped"] == 0
    status = show.bridge.status()
    assert status is not None
    assert status["scope"]["messages"] <= status["scope"]["chunks"] + 5


def test_the_page_says_what_was_asked_and_what_the_picture_shows_and_acts_on_a_prompt(show: Show) -> None:
    with watching(show.ndi) as watch:
        show.bridge.show("panel/prompt", "two cats")
        watch.until(shows(prompt=prompt_sum(["two cats"])))
        show.osc.send_message("/noise", 0.75)
        watch.until(shows(noise_scale=0.75))

    def both() -> bool:
        status = show.bridge.status()
        assert status is not None
        (noise,) = (route for route in status["routes"] if route["target"] == "noise_scale")
        return (noise["asked"], noise["in_picture"], status["prompt"]) == (0.75, 0.75, "two cats")

    wait_for("asked and in the picture", both, 10.0)
    picture = httpx.get(f"http://127.0.0.1:{show.bridge.panel}/preview.jpg", timeout=10.0)
    assert picture.content.startswith(b"\xff\xd8")


def test_freeze_holds_and_blackout_fades_to_black_while_the_source_stays(show: Show) -> None:
    with watching(show.ndi) as watch:
        show.bridge.show("panel/output/all/freeze", 1)
        held = watch.until(lambda frame: frame.strip is not None and repeated(watch.seen, 10))
        show.bridge.show("panel/output/all/freeze", 0)
        watch.until(
            lambda frame: (
                frame.strip is not None and held.strip is not None and frame.strip["frame"] > held.strip["frame"]
            )
        )
        show.bridge.show("panel/output/program/level", 0)
        watch.until(lambda frame: max(frame.mean) < 2)
        show.bridge.show("panel/output/program/level", 1)
        watch.until(lambda frame: frame.strip is not None)
    assert watch.longest_gap(held) < 0.5


def repeated(seen: list[Seen], count: int) -> bool:
    """Return whether the last `count` frames are one and the same picture of Scope."""
    strips = [frame.strip for frame in seen[-count:]]
    return len(strips) == count and strips[0] is not None and all(strip == strips[0] for strip in strips)
