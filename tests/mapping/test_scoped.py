"""What one Scope of several sees of a profile."""

from dataclasses import replace
from typing import Any

import pytest

from bridge.mapping.scoped import here, named, only, own_text, scope_in
from bridge.profile.durations import Duration
from bridge.profile.model import Guard, LoraTarget, OfScope, Page, Profile, Route, Scene, Scope, Setting, Target
from tests.mapping.build import PROMPTS, target_of

TWO = Profile(
    "test.yaml",
    prompts=PROMPTS,
    loras={"arcane": "a.pt"},
    scope=Scope(name="left"),
    scopes={"left": Scope(name="left"), "right": Scope("http://b:8000", name="right")},
)


def settings(**values: Any) -> dict[str, Setting]:
    texts = {key.replace("__", "/"): value for key, value in values.items()}
    return {text: Setting(target_of(text, TWO), value) for text, value in texts.items()}


def test_a_profile_with_one_scope_is_seen_as_it_is() -> None:
    alone = Profile("test.yaml", prompts=PROMPTS)

    assert only(alone, "") is alone
    assert (own_text("left/noise_scale", alone), scope_in("left/noise_scale", alone)) == ("left/noise_scale", "")


def test_each_sees_its_own_scope_and_what_is_said_for_it_before_what_is_said_for_all() -> None:
    """Wherever it stands: the order of a YAML mapping means nothing."""
    for texts in (("noise_scale", "left/noise_scale"), ("left/noise_scale", "noise_scale")):
        start: dict[str, tuple[Target, Any]] = {
            text: (target_of(text, TWO), 0.8 if "/" in text else 0.3) for text in texts
        }
        left, right = (only(replace(TWO, start=start), name) for name in TWO.scopes)

        assert {text: value for text, (_, value) in left.start.items()} == {"noise_scale": 0.8}
        assert {text: value for text, (_, value) in right.start.items()} == {"noise_scale": 0.3}
        assert left.start["noise_scale"][0] == target_of("noise_scale")
        assert (left.scope.name, right.scope.url) == ("left", "http://b:8000")


def test_scenes_and_safe_hold_what_is_for_all_and_what_is_ones_own() -> None:
    scene = Scene("drop", settings(noise_scale=0.3, left__lora__arcane=1.0, right__noise_scale=0.8))
    show = replace(TWO, scenes={"drop": scene}, safe=scene)

    for seen, values in (("left", {"noise_scale": 0.3, "lora/arcane": 1.0}), ("right", {"noise_scale": 0.8})):
        own = only(show, seen)
        assert own.safe == own.scenes["drop"]
        assert {text: setting.value for text, setting in own.scenes["drop"].settings.items()} == values


def test_guards_are_ones_own_before_those_of_all() -> None:
    slow, fast = (Guard(max_rate=(1, Duration(seconds))) for seconds in (9.0, 1.0))
    show = replace(TWO, guards={"right/reset_cache": slow, "reset_cache": fast, "left/lora/arcane": slow, "gone": slow})

    assert only(show, "left").guards == {"reset_cache": fast, "lora/arcane": slow}
    assert only(show, "right").guards == {"reset_cache": slow}


def test_routes_keep_their_places_and_those_of_another_lead_nowhere() -> None:
    ends = ("left/lora/arcane", "right/lora/arcane")
    routes = (
        Route("td/x", target_of("right/noise_scale", TWO), "right/noise_scale"),
        Route("td/y", None, ", ".join(ends), across=tuple((text, target_of(text, TWO)) for text in ends)),
    )
    left = only(replace(TWO, routes=routes[:1], pages={"looks": Page("looks", routes=routes[1:])}), "left")

    assert left.routes == routes[:1]
    assert left.pages["looks"].routes[0].across == (
        (ends[0], LoraTarget("arcane")),
        (ends[1], OfScope("right", LoraTarget("arcane"))),
    )


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("noise_scale", target_of("noise_scale")),
        ("left/lora/arcane", LoraTarget("arcane")),
        ("right/lora/arcane", OfScope("right", LoraTarget("arcane"))),
        ("middle/lora/arcane", None),
        ("left/nothing", None),
    ],
)
def test_a_text_means_what_it_means_here(text: str, seen: Target | None) -> None:
    assert named(text, only(TWO, "left")) == seen


def test_a_target_of_ones_own_has_its_bare_name() -> None:
    left = only(TWO, "left")

    assert own_text("left/noise_scale", left) == own_text("noise_scale", left) == "noise_scale"
    assert own_text("right/noise_scale", left) == "right/noise_scale"
    assert [scope_in(text, left) for text in ("left/noise_scale", "right/lora/arcane", "lora/arcane")] == [
        "left",
        "right",
        "",
    ]
    assert here(None, "left") is None
