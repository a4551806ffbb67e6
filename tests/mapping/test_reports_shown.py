"""What of a parameter's value is a route's own."""

from typing import Any

import pytest

from bridge.mapping import RouteState
from bridge.mapping.reports import shown

REEF = [{"text": "a reef at dusk", "weight": 1.0}]
NEON = [{"text": "neon at dawn", "weight": 1.0}]


def a_route(parameter: str, asked: Any = None, word: str | None = None, element: int | str | None = None) -> RouteState:
    return RouteState("apc/fader/1", "it", parameter, word, asked, 1.0, 0, 0, "", element=element)


def seen(route: RouteState, value: Any) -> Any:
    return shown(route, value, NEON, lambda text: {"time": text.split()[-1]})


@pytest.mark.parametrize(
    ("route", "value", "says"),
    [
        (a_route("noise_scale"), None, None),
        (a_route("noise_scale"), 0.4, 0.4),
        (a_route("denoising_step_list", element=2), [1000, 750], 750),
        (a_route("denoising_step_list", element=3), [1000, 750], None),
        (a_route("denoising_step_list"), [1000, 750], [1000, 750]),
        (a_route("lora_scales", element="b"), [{"path": "a", "scale": 0.1}, {"path": "b", "scale": 0.2}], 0.2),
        (a_route("lora_scales", element="c"), [{"path": "a", "scale": 0.1}], None),
        (a_route("prompts", asked="neon"), {"prompts": NEON}, "neon"),
        (a_route("prompts", asked="neon"), {"prompts": REEF}, "a reef at dusk"),
        (a_route("prompts", asked="dawn", word="time"), {"prompts": REEF}, "dusk"),
        (a_route("prompts", asked="dawn"), {"prompts": []}, ""),
    ],
)
def test_a_route_shows_its_own_part_of_what_was_told(route: RouteState, value: Any, says: Any) -> None:
    assert seen(route, value) == says
