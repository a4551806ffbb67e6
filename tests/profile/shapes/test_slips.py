"""Slips that YAML reads as something else: what was meant is read on."""

from bridge.profile.shapes.slips import with_commas, with_space
from bridge.profile.source import nodes
from bridge.profile.source.compose import compose
from bridge.profile.source.problems import Notes


def whole(text: str, *known: str) -> tuple[dict[str, str], list[str]]:
    """Return what is left of a mapping in braces, and the messages."""
    notes = Notes([text])
    root = compose(text, notes)
    assert isinstance(root, nodes.Mapping)
    pairs = with_commas(root, notes, known.__contains__).pairs
    found = {
        key.text: value.text
        for key, value in pairs
        if isinstance(key, nodes.Scalar) and isinstance(value, nodes.Scalar)
    }
    return found, [problem.message for problem in notes.problems()]


def apart(text: str, *known: str) -> nodes.Node | None:
    notes = Notes([text])
    root = compose(text, notes)
    assert root is not None
    found = with_space(root, known.__contains__, notes)
    assert bool(notes.problems()) == (found is not root)
    return found


def test_a_text_that_commas_cut_is_whole_again_and_one_problem() -> None:
    found, messages = whole("{prompt: reef, at night, wide, noise_scale: 0.3}")

    assert found == {"prompt": "reef, at night, wide", "noise_scale": "0.3"}
    assert messages == ["'at night' stands alone, because between { and } a comma separates entries"]


def test_two_cut_texts_are_two_problems() -> None:
    found, messages = whole("{a: one, two, b: three, four}")

    assert found == {"a": "one, two", "b": "three, four"}
    assert len(messages) == 2


def test_a_known_key_without_its_value_is_no_piece_of_the_text_before_it() -> None:
    assert whole("{prompt: reef, noise_scale}", "noise_scale") == ({"prompt": "reef", "noise_scale": ""}, [])


def test_what_has_a_colon_or_follows_a_number_or_a_quoted_text_is_left_alone() -> None:
    for text in (
        "{a: b, c: }",
        "{a: b, c : }",
        "{a: 0, 4}",
        '{a: "b", c}',
        "{a: [b], c}",
        "{a, b}",
        "{a}",
    ):
        assert whole(text)[1] == [], text


def test_a_mapping_without_braces_has_no_such_commas() -> None:
    assert whole("prompt: reef, at night\nb:") == ({"prompt": "reef, at night", "b": ""}, [])


def test_a_colon_without_a_space_makes_the_mapping_that_was_meant() -> None:
    found = apart("prompt:reef", "prompt")

    assert isinstance(found, nodes.Mapping)
    ((key, value),) = found.pairs
    assert isinstance(key, nodes.Scalar)
    assert isinstance(value, nodes.Scalar)
    assert (key.text, value.text) == ("prompt", "reef")
    assert not found.whole


def test_other_text_with_a_colon_stays_text() -> None:
    for text in ("intro:2", '"prompt:reef"', "prompt", "http://127.0.0.1:8000"):
        assert isinstance(apart(text, "prompt"), nodes.Scalar), text
