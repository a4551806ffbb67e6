"""How routes stand."""

from dataclasses import replace

from bridge.mapping import compile
from bridge.mapping.reports import parameter_of
from bridge.profile.model import Profile, Route, Scope
from tests.mapping.build import route, send, target_of


def test_a_target_is_told_by_its_key() -> None:
    assert parameter_of(target_of("noise_scale")) == "noise_scale"
    assert parameter_of(target_of("word/mood")) == "prompts"
    assert parameter_of(target_of("image/reference")) == "vace_ref_images"
    assert parameter_of(target_of("image/first")) == "first_frame_image"
    assert parameter_of(target_of("seed/random")) == "base_seed"
    assert parameter_of(target_of("tap")) is None


def test_a_route_of_a_pattern_stands_once_for_each_signal_and_before_that_as_it_is_written() -> None:
    scopes = {name: Scope(name=name) for name in ("left", "right")}
    profile = Profile("test.yaml", loras={"a": "a.pt"}, scope=scopes["left"], scopes=scopes)
    patterns = (route("lora/{n}", signal="td/{n}"), route("left/lora/{n}", signal="apc/{n}"))
    show = compile(replace(profile, routes=patterns))
    assert [(state.target, state.scope, state.at) for state in show.states()] == [
        ("lora/{n}", "", None),
        ("left/lora/{n}", "left", None),
    ]
    send(show, 0.4, path="apc/a", now=3.0)

    assert [(state.target, state.scope, state.asked, state.at) for state in show.states()] == [
        ("lora/{n}", "", None, None),
        ("left/lora/a", "left", 0.4, 3.0),
    ]


def test_a_route_across_several_targets_tells_of_each_of_them() -> None:
    scopes = {name: Scope(name=name) for name in ("left", "right")}
    profile = Profile("test.yaml", images={"owl": "/art/owl.png"}, scope=scopes["left"], scopes=scopes)
    across = tuple((text, target_of(text, profile)) for text in ("left/noise_scale", "right/noise_scale"))
    both = Route("td/both", None, "", across=across, source=(0, 1))
    show = compile(replace(profile, routes=(both, route("image/reference"))))
    send(show, 0.25, path="td/both", now=3.0)
    send(show, "owl", now=3.1)

    two, one = show.states()

    assert [(aim.scope, aim.parameter) for aim in two.aims] == [("left", "noise_scale"), ("right", "noise_scale")]
    assert two.asked == [aim.asked for aim in two.aims]
    assert [(aim.asked, aim.means) for aim in one.aims] == [("owl", ["/art/owl.png"])]
