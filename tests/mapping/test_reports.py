"""How routes stand."""

from dataclasses import replace

from bridge.mapping import compile
from bridge.mapping.reports import parameter_of
from bridge.profile.model import OfScope, Profile, Scope
from tests.mapping.build import route, send, target_of


def test_a_target_is_told_by_its_key_whichever_scope_it_is_of() -> None:
    assert parameter_of(target_of("noise_scale")) == "noise_scale"
    assert parameter_of(OfScope("left", target_of("word/mood"))) == "prompts"
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
