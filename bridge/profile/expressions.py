"""PURE. Expressions of `x`, as the filter `math` takes them: parsed here, never handed to Python.

    half = parse("x / 2 if x > 0.5 else 0")
    half(0.8)                                              # 0.4
    half.bounds(0.0, 1.0)                                  # (0.0, 0.5)
    parse("x ^ 2")                                         # ExpressionError: ^ is no power here; write ** for a power

Everything is a number: a comparison is 1 or 0, and what is not 0 is true.
"""

import ast
import math
import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from bridge.profile.source.problems import nearest

LONGEST: Final = 300
"""Characters that an expression may have."""
DEEPEST: Final = 40
"""How deep its parts may be nested."""
_POINTS: Final = 512
"""Parts of a range that `bounds` looks at first."""
_CLOSER: Final = 2
"""How often it looks closer where it found the ends."""

_Term = Callable[[float], float]
"""A part of an expression. Raises `ArithmeticError` or `ValueError` where it has no finite value."""


class ExpressionError(ValueError):
    """What cannot be an expression, and why; the text says what to write instead."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset
        """Where in the text it goes wrong, counted in characters from 0."""


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression of `x`, known to be good."""

    text: str
    """As written."""
    corners: tuple[float, ...]
    """The numbers in it: where it may jump or bend."""
    _term: _Term

    def __call__(self, x: float) -> float:
        """Return the value at `x`; not a number where any part of it that counts has no finite value. Never raises."""
        if not math.isfinite(x):
            return math.nan
        try:
            return self._term(x)
        except (ArithmeticError, ValueError):
            return math.nan

    def bounds(self, low: float, high: float) -> tuple[float, float]:
        """Return about the lowest and the highest value for `x` from `low` to `high`, both finite.

        It tries many points: whole numbers, and those that the expression names, are among them. Both are not a number
        if there is no value at any of them.
        """
        low, high = min(low, high), max(low, high)
        tried = set(_between(low, high, _POINTS))
        first, last = math.ceil(low), math.floor(high)
        if last - first <= _POINTS:
            tried.update(map(float, range(first, last + 1)))
        for corner in self.corners:
            for near in (math.nextafter(corner, -math.inf), corner, math.nextafter(corner, math.inf)):
                if low <= near <= high:
                    tried.add(near)
        values = {x: value for x in sorted(tried) if not math.isnan(value := self(x))}
        if not values:
            return math.nan, math.nan
        reach = (high - low) / _POINTS
        for _ in range(_CLOSER):
            for best in (min(values, key=values.__getitem__), max(values, key=values.__getitem__)):
                for x in _between(max(low, best - reach), min(high, best + reach), 64):
                    if not math.isnan(value := self(x)):
                        values[x] = value
            reach /= 32
        return min(values.values()), max(values.values())


def parse(text: str) -> Expression:
    """Return the expression that `text` says. Raise `ExpressionError` if it is none, or may not be used here."""
    _check_characters(text)
    if not text.strip():
        raise ExpressionError("there is no expression here; write one like x * 2", 0)
    if len(text) > LONGEST:
        raise ExpressionError(f"an expression has at most {LONGEST} characters, this one has {len(text)}", LONGEST)
    plain = "".join(" " if character.isspace() else character for character in text)
    start = len(plain) - len(plain.lstrip())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Python finds odd is none of its business here
            tree = ast.parse(plain[start:], mode="eval")
    except SyntaxError as error:
        raise _unreadable(plain, start, error) from None
    except (MemoryError, RecursionError):
        raise ExpressionError(f"parts may be nested at most {DEEPEST} deep", start) from None
    reader = _Reader(plain, start)
    term = reader.term(tree.body, 1)
    return Expression(text, tuple(sorted(reader.numbers)), term)


_SPELT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "×": "write * for times",
        "·": "write * for times",
        "÷": "write / for divided by",
        "−": "write a plain - for minus",
        "–": "write a plain - for minus",
        "²": "write ** 2 for a square",
        "³": "write ** 3 for a cube",
        "√": "write sqrt(x) for a root",
        "π": "write pi",
        "≤": "write <=",
        "≥": "write >=",
        "≠": "write !=",
        "&": "write and",
        "|": "write or, or abs(x) for a distance",
        "#": "take it out",
    }
)


def _check_characters(text: str) -> None:
    for offset, character in enumerate(text):
        hint = _SPELT.get(character)
        if hint is not None:
            raise ExpressionError(f"{character} means nothing here; {hint}", offset)
        if character == "!" and text[offset + 1 : offset + 2] != "=":
            raise ExpressionError("! means nothing here; write not", offset)
        if not (" " <= character <= "~" or character in "\t\r\n"):
            shown = character if character.isprintable() else repr(character)
            raise ExpressionError(f"{shown} means nothing here; take it out", offset)


_TOKEN: Final = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[A-Za-z_]\w*|\*\*|//|[<>=!:]=|\S")
_JOINING: Final = frozenset({"and", "or", "if", "else", "not", "is", "in"})


def _unreadable(plain: str, start: int, error: SyntaxError) -> ExpressionError:
    """Return what Python's parser could not read, in other words than its own."""
    tokens = [(found.group(), found.start()) for found in _TOKEN.finditer(plain)]
    for token, at in tokens:
        if token in ("=", ":="):
            return ExpressionError("an expression sets nothing; write == to compare", at)
    for (one, _), (other, at) in pairwise(tokens):
        if not _ends_value(one) or not _begins_value(other, one):
            continue
        if one in _FUNCTIONS:
            return ExpressionError(f"{one} is a function; write {_FUNCTIONS[one].example}", at)
        if _is_number(one):
            return ExpressionError("between a number and what it multiplies stands a *, as in 2 * x", at)
        return ExpressionError("between two values stands something like * or +", at)
    opened: list[int] = []
    for token, at in tokens:
        if token == "(":
            opened.append(at)
        elif token == ")":
            if not opened:
                return ExpressionError("this ) closes nothing; take it out", at)
            opened.pop()
    last, at = tokens[-1]
    if not _ends_value(last):
        return ExpressionError(f"after {last} there is something missing", at + len(last))
    if opened:
        return ExpressionError("this ( is never closed; write a ) for it", opened[-1])
    words = [token for token, _ in tokens]
    if words.count("if") > words.count("else"):
        return ExpressionError("an if needs an else; write x if x > 0.5 else 0", tokens[words.index("if")][1])
    offset = min(start + max(0, (error.offset or 1) - 1), len(plain))
    return ExpressionError("this cannot be read as an expression; write one like x * 2 + 0.1", offset)


def _is_number(token: str) -> bool:
    return token[0].isdigit() or token[0] == "."


def _ends_value(token: str) -> bool:
    return token == ")" or ((token[0].isalnum() or token[0] in "_.") and token not in _JOINING)


def _begins_value(token: str, before: str) -> bool:
    if token == "(":
        return _is_number(before)
    return (token[0].isalnum() or token[0] in "_.") and token not in _JOINING


def _between(low: float, high: float, parts: int) -> list[float]:
    """Return both ends and what divides the way between them into equal parts."""
    return [low, *(low + (high - low) * (part / parts) for part in range(1, parts)), high]


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise OverflowError
    return value


def _sign(value: float) -> float:
    return float((value > 0.0) - (value < 0.0))


def _round(value: float) -> float:
    """Return the nearest whole number; halfway, the higher one."""
    return value if abs(value) >= 2.0**52 else float(math.floor(value + 0.5))


@dataclass(frozen=True, slots=True)
class _Function:
    of: Callable[..., float]
    example: str
    least: int = 1
    most: int | None = 1
    """None: as many as one likes."""


_FUNCTIONS: Final[Mapping[str, _Function]] = MappingProxyType(
    {
        "abs": _Function(abs, "abs(x)"),
        "min": _Function(min, "min(x, 0.8)", 2, None),
        "max": _Function(max, "max(x, 0.2)", 2, None),
        "floor": _Function(lambda value: float(math.floor(value)), "floor(x * 4)"),
        "ceil": _Function(lambda value: float(math.ceil(value)), "ceil(x * 4)"),
        "round": _Function(_round, "round(x * 4)"),
        "sqrt": _Function(math.sqrt, "sqrt(x)"),
        "exp": _Function(math.exp, "exp(x)"),
        "log": _Function(math.log, "log(x)"),
        "sin": _Function(math.sin, "sin(x * pi)"),
        "cos": _Function(math.cos, "cos(x * pi)"),
        "tan": _Function(math.tan, "tan(x)"),
        "sign": _Function(_sign, "sign(x)"),
        "clamp": _Function(lambda value, low, high: max(low, min(high, value)), "clamp(x, 0.2, 0.8)", 3, 3),
    }
)
_MEANT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "pow": "x ** 2",
        "power": "x ** 2",
        "square": "x ** 2",
        "sqr": "x ** 2",
        "mod": "x % 1",
        "int": "floor(x)",
        "log2": "log(x) / log(2)",
        "log10": "log(x) / log(10)",
        "e": "exp(1)",
        "tau": "2 * pi",
    }
)
"""What other languages call it, and how it is written here."""
_NUMBERS: Final[Mapping[str, float]] = MappingProxyType({"pi": math.pi})
_VARIABLE: Final = "x"

_OPERATORS: Final[Mapping[type[ast.operator], Callable[[float, float], float]]] = MappingProxyType(
    {
        ast.Add: lambda one, other: one + other,
        ast.Sub: lambda one, other: one - other,
        ast.Mult: lambda one, other: one * other,
        ast.Div: lambda one, other: one / other,
        ast.Mod: lambda one, other: one % other,
        ast.Pow: math.pow,  # raises where ** would answer with a complex number
    }
)
_COMPARISONS: Final[Mapping[type[ast.cmpop], Callable[[float, float], bool]]] = MappingProxyType(
    {
        ast.Lt: lambda one, other: one < other,
        ast.LtE: lambda one, other: one <= other,
        ast.Gt: lambda one, other: one > other,
        ast.GtE: lambda one, other: one >= other,
        ast.Eq: lambda one, other: one == other,
        ast.NotEq: lambda one, other: one != other,
    }
)
_NO_OPERATORS: Final[Mapping[type[ast.operator], str]] = MappingProxyType(
    {
        ast.BitXor: "^ is no power here; write ** for a power",
        ast.FloorDiv: "// is not known here; write floor(x / 2)",
        ast.MatMult: "@ means nothing here; write * for times",
        ast.LShift: "<< means nothing here; write < to compare",
        ast.RShift: ">> means nothing here; write > to compare",
    }
)


class _Reader:
    """Turns a tree into terms; knows where in the text each part of it is."""

    def __init__(self, plain: str, start: int) -> None:
        self._plain = plain
        self._start = start
        self.numbers: set[float] = set()

    def term(self, node: ast.expr, depth: int) -> _Term:
        """Return the term of `node`, which is so deep inside. Raise `ExpressionError`."""
        if depth > DEEPEST:
            raise self._error(f"parts may be nested at most {DEEPEST} deep; write it shorter", node)
        match node:
            case ast.Constant(value):
                return self._constant(value, node)
            case ast.Name(name):
                return self._name(name, node)
            case ast.UnaryOp(operator, operand):
                return self._unary(operator, self.term(operand, depth + 1), node)
            case ast.BinOp(left, operator, right):
                return self._binary(left, operator, right, depth)
            case ast.BoolOp(operator, values):
                return _either([self.term(value, depth + 1) for value in values], isinstance(operator, ast.Or))
            case ast.Compare(left, operators, others):
                return self._compare([left, *others], operators, depth)
            case ast.IfExp(test, body, orelse):
                return _choice(*(self.term(part, depth + 1) for part in (test, body, orelse)))
            case ast.Call(ast.Name(name), arguments, keywords):
                return self._call(name, node, arguments, keywords, depth)
            case ast.Attribute(_, name):
                meant = f"write {_FUNCTIONS[name].example}" if name in _FUNCTIONS else "take it out"
                meant = "write pi" if name in _NUMBERS else meant
                raise self._error(f"nothing has a part .{name}; {meant}", node, after=node.value)
            case ast.Call(ast.Attribute() as function, _, _):
                return self.term(function, depth + 1)  # raises
            case ast.Call():
                raise self._error("brackets multiply nothing; write a * before this one", node, after=node.func)
            case ast.Tuple():
                raise self._error("a comma only stands between what a function takes; write 0.5 for a half", node)
            case ast.NamedExpr():
                raise self._error("an expression sets nothing; write == to compare", node, after=node.target)
            case _:
                raise self._error("this cannot be used here; write one like x * 2 + 0.1", node)

    def _constant(self, value: object, node: ast.expr) -> _Term:
        if isinstance(value, bool):
            raise self._error(f"{value} is no number; write {int(value)}", node)
        if isinstance(value, str):
            raise self._error("text is no number; take the quotes away", node)
        if not isinstance(value, int | float):
            raise self._error("only numbers like 2 or 0.5 are known here", node)
        try:
            number = _finite(float(value))
        except OverflowError:
            raise self._error("the number is too large", node) from None
        self.numbers.add(number)
        return lambda x: number

    def _name(self, name: str, node: ast.expr) -> _Term:
        if name == _VARIABLE:
            return lambda x: x
        if name in _NUMBERS:
            number = _NUMBERS[name]
            return lambda x: number
        if name in _FUNCTIONS:
            raise self._error(f"{name} is a function; write {_FUNCTIONS[name].example}", node)
        near = nearest(name, [_VARIABLE, *_NUMBERS, *_FUNCTIONS])
        meant = f"did you mean {near}?" if near else "the value that comes in is x"
        meant = f"write {_MEANT[name]}" if name in _MEANT else meant
        raise self._error(f"there is nothing called {name}; {meant}", node)

    def _unary(self, operator: ast.unaryop, of: _Term, node: ast.expr) -> _Term:
        match operator:
            case ast.USub():
                return lambda x: -of(x)
            case ast.UAdd():
                return of
            case ast.Not():
                return lambda x: float(not of(x))
            case _:
                raise self._error("~ means nothing here; write 1 - x to turn it around", node)

    def _binary(self, left: ast.expr, operator: ast.operator, right: ast.expr, depth: int) -> _Term:
        work = _OPERATORS.get(type(operator))
        if work is None:
            message = _NO_OPERATORS.get(type(operator), "this cannot be used here")
            raise ExpressionError(message, self._operator(left))
        one, other = self.term(left, depth + 1), self.term(right, depth + 1)
        return lambda x: _finite(work(one(x), other(x)))

    def _compare(self, parts: list[ast.expr], operators: list[ast.cmpop], depth: int) -> _Term:
        works: list[Callable[[float, float], bool]] = []
        for part, operator in zip(parts, operators, strict=False):
            work = _COMPARISONS.get(type(operator))
            if work is None:
                raise ExpressionError("this compares nothing here; write ==, <, <=, > or >=", self._operator(part))
            works.append(work)
        terms = [self.term(part, depth + 1) for part in parts]
        if len(works) == 1:
            only, (one, other) = works[0], terms
            return lambda x: float(only(one(x), other(x)))

        def chained(x: float) -> float:
            before = terms[0](x)
            for work, term in zip(works, terms[1:], strict=True):
                after = term(x)
                if not work(before, after):
                    return 0.0
                before = after
            return 1.0

        return chained

    def _call(
        self, name: str, node: ast.Call, arguments: list[ast.expr], keywords: list[ast.keyword], depth: int
    ) -> _Term:
        function = _FUNCTIONS.get(name)
        if function is None:
            if name == _VARIABLE or name in _NUMBERS:
                raise self._error(f"{name} is a number, no function; write {name} * (…) to multiply", node)
            near = nearest(name, _FUNCTIONS)
            meant = f"did you mean {near}?" if near else f"the functions are {', '.join(_FUNCTIONS)}"
            meant = f"write {_MEANT[name]}" if name in _MEANT else meant
            raise self._error(f"there is no function called {name}; {meant}", node)
        if keywords:
            raise self._error(f"{name} takes values without names; write {function.example}", keywords[0])
        starred = next((one for one in arguments if isinstance(one, ast.Starred)), None)
        if starred is not None:
            raise self._error(f"a * has nothing to multiply here; write {function.example}", starred)
        if len(arguments) < function.least or (function.most is not None and len(arguments) > function.most):
            wanted = "one value" if function.least == 1 else f"{('two', 'three')[function.least - 2]} values"
            wanted = f"at least {wanted}" if function.most is None else wanted
            raise self._error(f"{name} takes {wanted}; write {function.example}", node)
        of, terms = function.of, [self.term(argument, depth + 1) for argument in arguments]
        if len(terms) == 1:
            (only,) = terms
            return lambda x: of(only(x))
        return lambda x: of(*[term(x) for term in terms])

    def _operator(self, left: ast.expr) -> int:
        """Return where the operator after `left` stands."""
        return self._past(left, " )")

    def _past(self, node: ast.expr, skip: str) -> int:
        at = self._start + (node.end_col_offset or 0)
        while at < len(self._plain) - 1 and self._plain[at] in skip:
            at += 1
        return at

    def _error(self, message: str, node: ast.expr | ast.keyword, *, after: ast.expr | None = None) -> ExpressionError:
        offset = self._start + node.col_offset if after is None else self._past(after, " )")
        return ExpressionError(message, offset)


def _either(terms: list[_Term], wanted: bool) -> _Term:
    """Return the term of `or` (`wanted` true) or `and`: the first value that decides, or else the last."""
    *others, last = terms

    def decide(x: float) -> float:
        for term in others:
            value = term(x)
            if bool(value) is wanted:
                return value
        return last(x)

    return decide


def _choice(test: _Term, body: _Term, otherwise: _Term) -> _Term:
    return lambda x: body(x) if test(x) else otherwise(x)
