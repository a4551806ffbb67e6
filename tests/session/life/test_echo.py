"""Whether a server has what it was told, as what it shows gives away."""

from typing import Any

import pytest

from bridge.session.life.echo import PATIENCE, RECENT, Echo, Heard


def told(*messages: tuple[float, dict[str, Any]]) -> Echo:
    echo = Echo()
    echo.begin({"noise_scale": 0.3, "prompts": [{"text": "reef", "weight": 1.0}]})
    for at, body in messages:
        echo.sent(body, at)
    return echo


def test_a_server_that_shows_what_was_sent_has_heard_it() -> None:
    echo = told((1.0, {"noise_scale": 0.8}))

    assert echo.heard({"noise_scale": 0.8}, 4.0).anything is True


def test_one_that_shows_what_the_session_began_with_has_not() -> None:
    echo = told((1.0, {"noise_scale": 0.8}))

    assert echo.heard({"noise_scale": 0.3}, 4.0).anything is False


def test_one_that_does_not_show_the_key_at_all_has_not() -> None:
    echo = told((1.0, {"base_seed": 7}))

    assert echo.heard({"noise_scale": 0.3}, 4.0).anything is False


def test_one_that_shows_what_neither_was_nor_was_sent_has_heard_somebody_else_and_says_nothing_of_us() -> None:
    echo = told((1.0, {"noise_scale": 0.8}))

    assert echo.heard({"noise_scale": 0.55}, 4.0).anything is None


def test_what_has_just_been_sent_may_still_be_on_its_way() -> None:
    echo = told((1.0, {"noise_scale": 0.8}))

    assert echo.heard({"noise_scale": 0.3}, 1.0 + PATIENCE / 2).anything is None


def test_before_anything_was_sent_nothing_is_known() -> None:
    assert told().heard({"noise_scale": 0.3}, 4.0).anything is None


def test_of_a_hand_that_never_rests_any_value_on_its_way_will_do() -> None:
    echo = told(*((1.0 + step / 10, {"noise_scale": step / 100}) for step in range(60)))

    assert echo.heard({"noise_scale": 0.5}, 7.0).anything is True


def test_a_channel_that_goes_deaf_while_the_hand_moves_on_is_noticed_when_what_it_shows_is_old() -> None:
    echo = told((1.0, {"noise_scale": 0.5}))
    assert echo.heard({"noise_scale": 0.5}, 4.0).anything is True

    for step in range(100):
        echo.sent({"noise_scale": 0.6 + step / 1000}, 4.0 + step / 10)

    assert echo.heard({"noise_scale": 0.5}, 4.0 + RECENT / 2 + 7.0).anything is False


def test_one_key_that_it_has_is_proof_enough() -> None:
    echo = told((1.0, {"noise_scale": 0.8, "base_seed": 7}))

    assert echo.heard({"noise_scale": 0.3, "base_seed": 7}, 4.0).anything is True


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (1, 1.0),
        (0.1, 0.1000000001),
        ([{"text": "neon", "weight": 1}], [{"text": "neon", "weight": 1.0}]),
    ],
)
def test_numbers_are_the_same_however_they_are_written(sent: object, shown: object) -> None:
    assert told((1.0, {"key": sent})).heard({"key": shown}, 4.0).anything is True


def test_a_switch_is_not_a_number() -> None:
    echo = told((1.0, {"manage_cache": True}))

    assert echo.heard({"manage_cache": 1}, 4.0).anything is None


def test_a_new_session_begins_with_nothing_sent() -> None:
    echo = told((1.0, {"noise_scale": 0.8}))
    echo.begin({"noise_scale": 0.8})

    assert echo.heard({"noise_scale": 0.8}, 4.0).anything is None


def test_what_it_lacks_of_several_is_named_though_the_rest_got_there() -> None:
    echo = told((1.0, {"noise_scale": 0.8, "prompts": [{"text": "neon", "weight": 1.0}]}), (1.5, {"noise_scale": 0.9}))

    heard = echo.heard({"noise_scale": 0.9, "prompts": [{"text": "reef", "weight": 1.0}]}, 5.0)

    assert heard == Heard(anything=True, lost=("prompts",))


def test_a_last_value_that_never_came_is_named_when_the_ones_before_it_are_old() -> None:
    echo = told((1.0, {"noise_scale": 0.5}), (2.0, {"noise_scale": 0.7}))
    assert echo.heard({"noise_scale": 0.5}, 4.0).lost == ()

    assert echo.heard({"noise_scale": 0.5}, 2.0 + RECENT + 1.0).lost == ("noise_scale",)


def test_what_somebody_else_has_set_since_or_a_server_never_shows_is_not_missing() -> None:
    echo = told((1.0, {"noise_scale": 0.8, "lookahead_ms": 50}))

    assert echo.heard({"noise_scale": 0.55}, 5.0).lost == ()


def test_a_value_that_somebody_else_takes_back_every_time_is_not_said_to_be_lost_for_ever() -> None:
    echo = told((1.0, {"noise_scale": 0.8}))
    lost = []
    for step in range(10):
        at = 4.0 + 3 * step
        lost.append(echo.heard({"noise_scale": 0.3}, at).lost)
        if lost[-1]:
            echo.sent({"noise_scale": 0.8}, at)
    assert [bool(one) for one in lost] == [True, True] + [False] * 8

    echo.sent({"noise_scale": 0.5}, 40.0)
    assert echo.heard({"noise_scale": 0.3}, 43.0).lost == ("noise_scale",)
