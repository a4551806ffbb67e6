"""Texts of which YAML takes something away, or which keep what was meant for it; names that look like places."""

import pytest

from bridge import profile


def messages(text: str) -> list[str]:
    return [problem.message for problem in profile.read(text, "x.yaml", {}).problems]


@pytest.mark.parametrize("text", ["“reef”", "„reef“", "«reef»", "»reef«", "‘reef’", "‚reef‘", "”reef”"])
def test_quotes_of_a_word_processor_quote_nothing(text: str) -> None:
    (message,) = messages(f"start: {{prompt: {text}}}\n")

    assert message == f"the quotes {text[0]} … {text[-1]} become part of the text: YAML knows \" and ' only"


@pytest.mark.parametrize("text", ["“reef” at night", '"“reef”"', "l’été", "'«reef»'", "the ‘reef’"])
def test_quotes_within_a_text_or_within_quotes_are_meant(text: str) -> None:
    assert messages(f"start:\n  prompt: {text}\n") == []


def test_a_mark_that_is_copied_is_meant_and_one_that_is_not_was_part_of_the_text() -> None:
    assert messages("prompts: {bank: {a: &x hello, b: *x}}\nstart: {prompt: a}\n") == []
    assert messages("prompts: {bank: {a: &x hello, b: '*y'}}\nstart: {prompt: a}\n") == [
        "YAML takes &x for a mark that *x would copy, and cuts it out of this text"
    ]
    assert messages("prompts: {bank: {a: '&x hello', b: rock & roll}}\nstart: {prompt: a}\n") == []


@pytest.mark.parametrize(
    ("section", "count"),
    [
        ("scenes: {1: {prompt: a}, 2: {prompt: b}}", 0),
        ("scenes: {2: {prompt: a}, 1: {prompt: b}}", 2),
        ("scenes: {2: {prompt: a}, b: {prompt: b}}", 1),
        ("scenes: {a: {prompt: a}, 7: {prompt: b}}", 0),
        ("scenes: {'02': {prompt: a}, b: {prompt: b}}", 0),
        ("scenes: {2: {prompt: a}, b: {prompt: b}}\ncues: {2: {scene: b}, one: {scene: b}}", 2),
        ("prompts: {bank: {2: a, b: c}}", 1),
    ],
)
def test_a_name_that_is_the_number_of_another_place_is_warned_of(section: str, count: int) -> None:
    found = messages(f"start: {{prompt: reef}}\n{section}\n")

    assert len([one for one in found if one.startswith("a number means a place in the list")]) == count


@pytest.mark.parametrize(
    ("prompt", "piece"),
    [
        ("a {mood reef", "{mood"),
        ("a mood} reef", "mood}"),
        ("a {mood} and { reef", "{"),
        ("a {mood} reef }", "}"),
    ],
)
def test_a_brace_without_its_partner_is_warned_of_where_it_stands(prompt: str, piece: str) -> None:
    text = f'prompts: {{words: {{mood: [calm, tense]}}}}\nstart: {{prompt: "{prompt}"}}\n'

    (problem,) = profile.read(text, "x.yaml", {}).problems

    excerpt = problem.excerpt
    assert problem.message.endswith("so Scope reads it as it stands")
    assert excerpt.text[excerpt.column - 1 : excerpt.column - 1 + excerpt.width] == piece


@pytest.mark.parametrize("prompt", ["a {mood} reef", "a {{ reef", "a }} reef", "a {{mood}} reef"])
def test_words_and_doubled_braces_are_good(prompt: str) -> None:
    text = f'prompts: {{words: {{mood: [calm, tense]}}}}\nstart: {{prompt: "{prompt}"}}\n'

    assert messages(text) == []
