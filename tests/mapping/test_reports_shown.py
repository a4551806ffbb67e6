"""What of a parameter's value is a route's own."""

from typing import Any

import pytest

from bridge.mapping.reports import Aim, shown

REEF = [{"text": "a reef at dusk", "weight": 1.0}]
NEON = [{"text": "neon at dawn", "weight": 1.0}]


def an_aim(
    parameter: str,
    asked: Any = None,
    word: str | None = None,
    element: int | str | None = None,
    means: str | list[str] | None = None,
) -> Aim:
    return Aim(asked, parameter, "", None, word, element, means)


def seen(aim: Aim, value: Any) -> Any:
    return shown(aim, value, NEON, lambda text: {"time": text.split()[-1]})


@pytest.mark.parametrize(
    ("aim", "value", "says"),
    [
        (an_aim("noise_scale"), None, None),
        (an_aim("noise_scale"), 0.4, 0.4),
        (an_aim("denoising_step_list", element=2), [1000, 750], 750),
        (an_aim("denoising_step_list", element=3), [1000, 750], None),
        (an_aim("denoising_step_list"), [1000, 750], [1000, 750]),
        (an_aim("lora_scales", element="b"), [{"path": "a", "scale": 0.1}, {"path": "b", "scale": 0.2}], 0.2),
        (an_aim("lora_scales", element="c"), [{"path": "a", "scale": 0.1}], None),
        (an_aim("prompts", asked="neon"), {"prompts": NEON}, "neon"),
        (an_aim("prompts", asked="neon"), {"prompts": [{"text": "neon at dawn", "weight": 0.4}]}, "neon"),
        (an_aim("prompts", asked=1.0), {"prompts": [{"text": "neon at dawn", "weight": 0.4}]}, "neon at dawn"),
        (an_aim("prompts", asked="neon"), {"prompts": REEF}, "a reef at dusk"),
        (an_aim("prompts", asked="dawn", word="time"), {"prompts": REEF}, "dusk"),
        (an_aim("prompts", asked="dawn"), {"prompts": []}, ""),
        (an_aim("vace_ref_images", asked="owl", means=["/art/owl.png"]), ["/art/owl.png"], "owl"),
        (an_aim("vace_ref_images", asked="owl", means=["/art/owl.png"]), ["/art/cat.png"], "/art/cat.png"),
        (an_aim("first_frame_image", asked="owl", means="/art/owl.png"), "/art/owl.png", "owl"),
        (an_aim("first_frame_image", asked="owl", means="/art/owl.png"), "/art/cat.png", "/art/cat.png"),
    ],
)
def test_a_target_shows_its_own_part_of_what_was_told(aim: Aim, value: Any, says: Any) -> None:
    assert seen(aim, value) == says
