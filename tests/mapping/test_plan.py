"""What a profile means for the engine."""

from bridge.mapping.plan import PageKey, moves_by_itself, page_keys, wanted_by_conditions
from bridge.profile.filters import Clamp, When
from bridge.profile.inputs import Audio, Osc
from bridge.profile.model import Page, Profile, routes_of
from tests.mapping.build import route

COMMON = route("noise_scale", When(signal="td/gate"))
OWN = route("vace_context_scale", Clamp(0.0, 1.0), When(page="looks"), signal="apc/fader/1")
SHOW = Profile(
    "test.yaml",
    routes=(COMMON,),
    inputs={"ears": Audio("default"), "td": Osc(9000)},
    pages={
        "perform": Page("perform"),
        "looks": Page("looks", held="apc/shift", routes=(OWN,)),
        "bank": Page("bank", latched="apc/shift"),
    },
)


def test_the_routes_of_the_profile_come_before_those_of_its_pages() -> None:
    assert list(routes_of(SHOW)) == [(None, COMMON), ("looks", OWN)]


def test_one_button_may_hold_one_page_and_latch_another() -> None:
    assert page_keys(SHOW) == {"apc/shift": PageKey(["looks"], ["bank"])}


def test_what_conditions_look_at_is_remembered_and_nothing_else() -> None:
    assert wanted_by_conditions(SHOW) == {"td/gate"}


def test_sound_tempo_and_oscillators_move_by_themselves_and_a_hand_does_not() -> None:
    moving = {
        signal: moves_by_itself(route("noise_scale", signal=signal), SHOW)
        for signal in ("lfo/sine", "tempo/phase", "ears/bass", "td/x", "other/x")
    }

    assert moving == {"lfo/sine": True, "tempo/phase": True, "ears/bass": True, "td/x": False, "other/x": False}
