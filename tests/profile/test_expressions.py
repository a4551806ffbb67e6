"""Expressions of `x`."""

import ast
import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bridge.profile.expressions import DEEPEST, LONGEST, Expression, ExpressionError, parse

number = st.floats(-1e3, 1e3)

TABLE: list[tuple[str, float, float]] = [
    ("x", 0.3, 0.3),
    ("2", 0.3, 2.0),
    (".5", 0.3, 0.5),
    ("1e-3", 0.3, 0.001),
    ("pi", 0.3, math.pi),
    ("x + 1", 0.25, 1.25),
    ("x - 1", 0.25, -0.75),
    ("x * 4", 0.25, 1.0),
    ("1 / x", 0.25, 4.0),
    ("x % 1", 1.25, 0.25),
    ("x % 1", -0.25, 0.75),
    ("x ** 2", 0.5, 0.25),
    ("-x ** 2", 0.5, -0.25),
    ("2 ** -x", 1.0, 0.5),
    ("-x", 0.5, -0.5),
    ("+x", 0.5, 0.5),
    ("1 - 2 - x", 1.0, -2.0),
    ("1 + 2 * x", 3.0, 7.0),
    ("(1 + 2) * x", 3.0, 9.0),
    ("x < 1", 1.0, 0.0),
    ("x < 1", 0.9, 1.0),
    ("x <= 1", 1.0, 1.0),
    ("x <= 1", 1.1, 0.0),
    ("x > 1", 1.0, 0.0),
    ("x > 1", 1.1, 1.0),
    ("x >= 1", 1.0, 1.0),
    ("x >= 1", 0.9, 0.0),
    ("x == 1", 1.0, 1.0),
    ("x == 1", 0.9, 0.0),
    ("x != 1", 1.0, 0.0),
    ("x != 1", 0.9, 1.0),
    ("0.2 < x < 0.8", 0.5, 1.0),
    ("0.2 < x < 0.8", 0.2, 0.0),
    ("0.2 < x < 0.8", 0.8, 0.0),
    ("0.2 < x < 1 / 0", 0.1, 0.0),
    ("not x", 0.0, 1.0),
    ("not x", 0.1, 0.0),
    ("x and 2", 0.5, 2.0),
    ("x and 2", 0.0, 0.0),
    ("x or 2", 0.5, 0.5),
    ("x or 2", 0.0, 2.0),
    ("0 or x or 3", 0.5, 0.5),
    ("x > 0.2 and x < 0.8", 0.5, 1.0),
    ("3 if x > 0.5 else 4", 0.6, 3.0),
    ("3 if x > 0.5 else 4", 0.5, 4.0),
    ("0 if x == 0 else 1 / x", 0.0, 0.0),
    ("abs(x)", -0.5, 0.5),
    ("min(x, 0.4)", 0.5, 0.4),
    ("min(x, 3, 2)", 5.0, 2.0),
    ("max(x, 0.4)", 0.3, 0.4),
    ("max(x, 3, 2)", 1.0, 3.0),
    ("floor(x)", 1.9, 1.0),
    ("floor(x)", -0.1, -1.0),
    ("ceil(x)", 1.1, 2.0),
    ("round(x)", 0.49, 0.0),
    ("round(x)", 0.5, 1.0),
    ("round(x)", 1.5, 2.0),
    ("round(x)", 2.5, 3.0),
    ("round(x)", -0.5, 0.0),
    ("round(x)", 1000.4, 1000.0),
    ("round(x)", 2.0**52 + 1, 2.0**52 + 1),
    ("sqrt(x)", 9.0, 3.0),
    ("exp(x)", 1.0, math.e),
    ("log(x)", math.e, 1.0),
    ("sin(x)", math.pi / 2, 1.0),
    ("cos(x)", math.pi, -1.0),
    ("tan(x)", math.pi / 4, 1.0),
    ("sign(x)", -3.0, -1.0),
    ("sign(x)", 0.0, 0.0),
    ("sign(x)", 3.0, 1.0),
    ("clamp(x, 0.2, 0.8)", 0.1, 0.2),
    ("clamp(x, 0.2, 0.8)", 0.5, 0.5),
    ("clamp(x, 0.2, 0.8)", 0.9, 0.8),
    ("clamp(x * 2,\n  0, 1)", 0.25, 0.5),
    ("\t x * 2 \n", 0.25, 0.5),
]


@pytest.mark.parametrize(("text", "x", "value"), TABLE)
def test_an_expression_has_this_value(text: str, x: float, value: float) -> None:
    expression = parse(text)

    assert expression(x) == pytest.approx(value)
    assert expression.text == text


@pytest.mark.parametrize(
    ("text", "x"),
    [
        ("1 / x", 0.0),
        ("x % 0", 1.0),
        ("sqrt(x)", -1.0),
        ("x ** 0.5", -1.0),
        ("0 ** x", -1.0),
        ("log(x)", 0.0),
        ("exp(x)", 1000.0),
        ("10 ** x", 400.0),
        ("1e308 * x", 10.0),
        ("min(1, 1e308 * x)", 10.0),
        ("0 * (1e308 * x)", 10.0),
        ("1 if 1 / x else 2", 0.0),
        ("x < 1 / 0", 1.0),
        ("floor(x)", math.inf),
        ("x", math.inf),
        ("x", math.nan),
        ("1", -math.inf),
    ],
)
def test_where_a_part_has_no_finite_value_the_whole_has_none(text: str, x: float) -> None:
    assert math.isnan(parse(text)(x))


# What may not be written, and what is said about it.

REFUSED: list[tuple[str, int, str]] = [
    ("", 0, "there is no expression here; write one like x * 2"),
    (" \n", 0, "there is no expression here; write one like x * 2"),
    ("x ^ 2", 2, "^ is no power here; write ** for a power"),
    ("  (x) ^ 2", 6, "^ is no power here; write ** for a power"),
    ("x // 2", 2, "// is not known here; write floor(x / 2)"),
    ("x @ 2", 2, "@ means nothing here; write * for times"),
    ("x << 2", 2, "<< means nothing here; write < to compare"),
    ("x >> 2", 2, ">> means nothing here; write > to compare"),
    ("~x", 0, "~ means nothing here; write 1 - x to turn it around"),
    ("1 + y", 4, "there is nothing called y; the value that comes in is x"),
    ("X * 2", 0, "there is nothing called X; did you mean x?"),
    ("1 + pii", 4, "there is nothing called pii; did you mean pi?"),
    ("e ** x", 0, "there is nothing called e; write exp(1)"),
    ("x * tau", 4, "there is nothing called tau; write 2 * pi"),
    ("sine(x)", 0, "there is no function called sine; did you mean sin?"),
    ("1 + pow(x, 2)", 4, "there is no function called pow; write x ** 2"),
    (
        "noise(x)",
        0,
        "there is no function called noise; the functions are abs, min, max, floor, ceil, round, sqrt, exp, log, sin, "
        "cos, tan, sign, clamp",
    ),
    ("sin + 1", 0, "sin is a function; write sin(x * pi)"),
    ("sin x", 4, "sin is a function; write sin(x * pi)"),
    ("x(2)", 0, "x is a number, no function; write x * (…) to multiply"),
    ("pi()", 0, "pi is a number, no function; write pi * (…) to multiply"),
    ("2(x)", 1, "brackets multiply nothing; write a * before this one"),
    ("(x + 1) (2)", 8, "brackets multiply nothing; write a * before this one"),
    ("2x", 1, "between a number and what it multiplies stands a *, as in 2 * x"),
    ("0.5 x", 4, "between a number and what it multiplies stands a *, as in 2 * x"),
    ("x + 2 (x", 6, "between a number and what it multiplies stands a *, as in 2 * x"),
    ("x y", 2, "between two values stands something like * or +"),
    ("(x) 2", 4, "between two values stands something like * or +"),
    ("math.sin(x)", 4, "nothing has a part .sin; write sin(x * pi)"),
    ("math.pi * x", 4, "nothing has a part .pi; write pi"),
    ("x.real", 1, "nothing has a part .real; take it out"),
    ("x = 2", 2, "an expression sets nothing; write == to compare"),
    ("x if x = 2 else 0", 7, "an expression sets nothing; write == to compare"),
    ("x := 2", 2, "an expression sets nothing; write == to compare"),
    ("1 + (x := 2)", 7, "an expression sets nothing; write == to compare"),
    ("x is 1", 2, "this compares nothing here; write ==, <, <=, > or >="),
    ("1 + (x in 2)", 7, "this compares nothing here; write ==, <, <=, > or >="),
    ("max(x)", 0, "max takes at least two values; write max(x, 0.2)"),
    ("min()", 0, "min takes at least two values; write min(x, 0.8)"),
    ("clamp(x, 1)", 0, "clamp takes three values; write clamp(x, 0.2, 0.8)"),
    ("clamp(x, 1, 2, 3)", 0, "clamp takes three values; write clamp(x, 0.2, 0.8)"),
    ("1 - abs(x, 2)", 4, "abs takes one value; write abs(x)"),
    ("abs()", 0, "abs takes one value; write abs(x)"),
    ("sin(x=1)", 4, "sin takes values without names; write sin(x * pi)"),
    ("max(*x)", 4, "a * has nothing to multiply here; write max(x, 0.2)"),
    ("0,5", 0, "a comma only stands between what a function takes; write 0.5 for a half"),
    ("'a'", 0, "text is no number; take the quotes away"),
    ("x * True", 4, "True is no number; write 1"),
    ("False", 0, "False is no number; write 0"),
    ("x * 1j", 4, "only numbers like 2 or 0.5 are known here"),
    ("x or None", 5, "only numbers like 2 or 0.5 are known here"),
    ("x * 1e999", 4, "the number is too large"),
    ("lambda: x", 0, "this cannot be used here; write one like x * 2 + 0.1"),
    ("x * [x]", 4, "this cannot be used here; write one like x * 2 + 0.1"),
    ("x;x", 1, "this cannot be read as an expression; write one like x * 2 + 0.1"),
    (" x;x", 2, "this cannot be read as an expression; write one like x * 2 + 0.1"),
    ("sin(x", 3, "this ( is never closed; write a ) for it"),
    ("sin(cos(x) + (1", 13, "this ( is never closed; write a ) for it"),
    ("sin(x))", 6, "this ) closes nothing; take it out"),
    ("x +", 3, "after + there is something missing"),
    ("x **  ", 4, "after ** there is something missing"),
    ("x and", 5, "after and there is something missing"),
    ("max(x,", 6, "after , there is something missing"),
    ("2 * (x if x)", 7, "an if needs an else; write x if x > 0.5 else 0"),
    ("x × 2", 2, "× means nothing here; write * for times"),
    ("x÷2", 1, "÷ means nothing here; write / for divided by"),
    ("1 − x", 2, "− means nothing here; write a plain - for minus"),
    ("x²", 1, "² means nothing here; write ** 2 for a square"),
    ("x ≤ 1", 2, "≤ means nothing here; write <="),
    ("2 * π", 4, "π means nothing here; write pi"),
    ("x && 1", 2, "& means nothing here; write and"),
    ("x || 1", 2, "| means nothing here; write or, or abs(x) for a distance"),
    ("!x", 0, "! means nothing here; write not"),
    ("x # y", 2, "# means nothing here; take it out"),
    ("x\0", 1, "'\\x00' means nothing here; take it out"),
    ("ü", 0, "ü means nothing here; take it out"),
    ("1 + \ud800", 4, "'\\ud800' means nothing here; take it out"),
    ("x" * 301, 300, "an expression has at most 300 characters, this one has 301"),
    ("-" * 40 + "x", 40, "parts may be nested at most 40 deep; write it shorter"),
    ("(" * 250 + "x", 249, "this ( is never closed; write a ) for it"),
]


@pytest.mark.parametrize(("text", "offset", "message"), REFUSED)
def test_what_is_no_expression_is_told_where_and_why(text: str, offset: int, message: str) -> None:
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 (the whole text is compared)
        parse(text)

    assert str(refusal.value) == message
    assert isinstance(refusal.value, ExpressionError)
    assert refusal.value.offset == offset


def test_an_expression_may_be_as_long_and_as_deep_as_its_limits() -> None:
    assert (LONGEST, DEEPEST) == (300, 40)
    assert parse("x" + " " * 299)(0.5) == 0.5
    assert parse("-" * 39 + "x")(0.5) == -0.5
    assert parse("+".join(["x"] * 40))(0.5) == 20.0
    assert parse("(" * 140 + "x" + ")" * 140)(0.5) == 0.5


def read(text: str) -> Expression | ExpressionError:
    try:
        return parse(text)
    except ExpressionError as error:
        return error


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("-", ""),
        ("not ", ""),
        ("sin(", ")"),
        ("1+(", ")"),
        ("0<(", ")"),
        ("0 or(", ")"),
        ("1if x else ", ""),
        ("(", " if 1 else 1)"),
        ("1 if (", ") else 1"),
        ("0<1<(", ")"),
        ("min(1,", ")"),
    ],
)
def test_every_kind_of_part_counts_as_one_level(before: str, after: str) -> None:
    inside = 10
    for minuses, fits in ((DEEPEST - inside - 1, True), (DEEPEST - inside, False)):
        text = before * inside + "-" * minuses + "x" + after * inside
        assert isinstance(read(text), Expression) is fits


def test_round_leaves_alone_what_is_whole_anyway() -> None:
    assert parse("round(x)")(2.0**52 + 1) == 2.0**52 + 1
    assert parse("round(x)")(-(2.0**52) - 1) == -(2.0**52) - 1


@given(st.text(max_size=40))
def test_any_text_is_an_expression_or_told_where_it_goes_wrong(text: str) -> None:
    result = read(text)
    if isinstance(result, ExpressionError):
        assert 0 <= result.offset <= len(text)
        assert str(result)
    else:
        assert isinstance(result(0.5), float)


PIECES = ["x", "2", "0.5", "pi", "(", ")", "+", "-", "*", "/", "%", "**", "<", "==", ",", "min", "sin", "if", "else"]
PIECES += ["and", "not", "=", "^", ".", "[", ":", "'", "lambda", "__class__", "1e", "!", "{", "_", "if x"]


@given(st.lists(st.sampled_from(PIECES), max_size=14).map(" ".join), number)
def test_any_pieces_of_expressions_are_one_or_are_refused(text: str, x: float) -> None:
    result = read(text)
    if isinstance(result, ExpressionError):
        assert 0 <= result.offset <= len(text)
    else:
        value = result(x)
        assert math.isnan(value) or value == pytest.approx(plainly(text, x))


def plainly(text: str, x: float) -> float:
    """What Python makes of an expression that was found good."""
    allowed = {"x": x, "pi": math.pi, "min": min, "sin": math.sin, "__builtins__": {}}
    return float(eval(compile(ast.parse(text.strip(), mode="eval"), "test", "eval"), allowed))


sums = st.recursive(
    st.one_of(st.just("x"), st.floats(0.01, 9).map(lambda one: f"{one:.2f}")),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "%", "<", "<=", "and", "or"]), inner).map(
            lambda three: f"({' '.join(three)})"
        ),
        inner.map(lambda one: f"-{one}"),
        inner.map(lambda one: f"sin({one})"),
        st.tuples(inner, inner).map(lambda two: f"min{two[0], two[1]}".replace("'", "")),
        st.tuples(inner, inner, inner).map(lambda three: f"({three[0]} if {three[1]} else {three[2]})"),
    ),
    max_leaves=8,
)


@given(sums, number)
def test_expressions_mean_what_they_mean_in_python(text: str, x: float) -> None:
    assume(len(text) <= LONGEST)
    value = parse(text)(x)
    if not math.isnan(value):
        assert value == plainly(text, x)


# Bounds.

BOUNDS: list[tuple[str, float, float, float, float]] = [
    ("x", 0.0, 1.0, 0.0, 1.0),
    ("x", 1.0, 0.0, 0.0, 1.0),
    ("x", 0.5, 0.5, 0.5, 0.5),
    ("3", 0.0, 1.0, 3.0, 3.0),
    ("1 - 2 * x", 0.0, 1.0, -1.0, 1.0),
    ("x * x - x", 0.0, 1.0, -0.25, 0.0),
    ("x % 1", 0.0, 1.0, 0.0, 1.0),
    ("sqrt(x)", -1.0, 1.0, 0.0, 1.0),
    ("floor(x * 4)", 0.0, 1.0, 0.0, 4.0),
    ("sin(x * 20)", 0.0, 1.0, -1.0, 1.0),
    ("x == 77", 0.0, 127.0, 0.0, 1.0),
    ("x == 0.3", 0.0, 1.0, 0.0, 1.0),
    ("x > 0.3 and x < 0.30001", 0.0, 1.0, 0.0, 1.0),
    ("x if x < 0.3 else 0", 0.0, 1.0, 0.0, 0.3),
    ("x - 5", -1.0, 127.0, -6.0, 122.0),
    ("x % 7 == 3", 0.0, 127.0, 0.0, 1.0),
    ("sin(x * pi) == sin(pi * x) and x == floor(x)", 0.0, 127.0, 0.0, 1.0),
]


@pytest.mark.parametrize(("text", "low", "high", "least", "most"), BOUNDS)
def test_bounds_are_the_lowest_and_the_highest(text: str, low: float, high: float, least: float, most: float) -> None:
    assert parse(text).bounds(low, high) == pytest.approx((least, most), abs=1e-6)


def test_without_any_value_there_are_no_bounds() -> None:
    assert all(map(math.isnan, parse("1 / 0").bounds(0.0, 1.0)))
    assert all(map(math.isnan, parse("sqrt(x)").bounds(-2.0, -1.0)))


SMOOTH = ["x", "x * x", "1 - x", "sin(x * 7)", "abs(x - 0.4)", "exp(-x)", "clamp(x, 0.2, 0.7)", "x if x > 0.5 else 0"]


@given(st.sampled_from(SMOOTH), st.floats(-2, 2), st.floats(-2, 2), st.floats(0, 1))
def test_nothing_between_the_ends_leaves_the_bounds(text: str, one: float, other: float, part: float) -> None:
    low, high = sorted((one, other))
    expression = parse(text)
    least, most = expression.bounds(low, high)

    assert least - 1e-6 <= expression(min(high, low + (high - low) * part)) <= most + 1e-6


def test_an_expression_keeps_its_text_and_the_numbers_in_it() -> None:
    one = parse("x * 2 + 0.5")

    assert one.text == "x * 2 + 0.5"
    assert one.corners == (0.5, 2.0)
