"""Fakes of packages that are not here, held against the type stubs of the real ones: a call that the real one would not
take fails.

@like("SpoutGL", "SpoutSender")
class Sender:
    def sendImage(self, arg0, arg1, arg2, arg3, arg4, arg5, /): ...
"""

import ast
import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

TYPINGS: Final = Path(__file__).parent / "typings"

_Fake = TypeVar("_Fake", bound=type[Any])
_Call = TypeVar("_Call", bound=Callable[..., Any])
_CHECKED: Final[dict[str, Callable[[Any], bool]]] = {
    "int": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "bool": lambda value: isinstance(value, bool),
    "str": lambda value: isinstance(value, str),
    "bytes": lambda value: isinstance(value, bytes),
    "Buffer": lambda value: memoryview(value).c_contiguous,
    "Buffer | None": lambda value: value is None or memoryview(value).c_contiguous,
}
"""The types that are looked at; all others are mypy's alone."""


def like(module: str, name: str) -> Callable[[_Fake], _Fake]:
    """Hold a class against the stub of the one called `name`: whatever it has must be there, in that form."""
    methods = _methods(module, name)

    def check(fake: _Fake) -> _Fake:
        for called, member in list(vars(fake).items()):
            if called.startswith("_") and called not in methods:
                continue
            assert called in methods, f"{module}.{name} has no {called}"
            wanted, is_property = methods[called]
            assert isinstance(member, property) == is_property, f"{module}.{name}.{called}: is it a property?"
            if not is_property:
                setattr(fake, called, _held(member, wanted, f"{module}.{name}.{called}"))
        return fake

    return check


def alike(module: str, name: str) -> Callable[[_Call], _Call]:
    """Hold a function against the stub of the one called `name`."""
    found = [node for node in _tree(module).body if isinstance(node, ast.FunctionDef) and node.name == name]
    return lambda fake: _held(fake, found[0].args, f"{module}.{name}")


def _held(fake: _Call, wanted: ast.arguments, called: str) -> _Call:
    signature = _signature(wanted)
    has = inspect.signature(fake)
    assert [(one.name, one.kind, one.default is one.empty) for one in has.parameters.values()] == [
        (one.name, one.kind, one.default is one.empty) for one in signature.parameters.values()
    ], f"{called}{signature} is {has} in the fake"

    @functools.wraps(fake)
    def call(*args: Any, **named: Any) -> Any:
        for key, value in signature.bind(*args, **named).arguments.items():
            good = _CHECKED.get(signature.parameters[key].annotation)
            assert good is None or good(value), f"{called}: {key} is {value!r}"
        return fake(*args, **named)

    return call  # type: ignore[return-value]


def _methods(module: str, name: str) -> dict[str, tuple[ast.arguments, bool]]:
    """Return what a class of a stub has, its bases' too: the arguments, and whether it is a property."""
    found = {}
    tree = _tree(module)
    (cls,) = (node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name)
    for base in cls.bases:
        if isinstance(base, ast.Name) and any(
            isinstance(one, ast.ClassDef) and one.name == base.id for one in tree.body
        ):
            found.update(_methods(module, base.id))
    for node in cls.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            decorated = [ast.unparse(one) for one in node.decorator_list]
            found[node.name] = node.args, any(one == "property" or one.endswith(".setter") for one in decorated)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found[node.target.id] = ast.arguments([], [], None, [], [], None, []), True
    return found


@functools.cache
def _tree(module: str) -> ast.Module:
    path = TYPINGS / module.replace(".", "/")
    file = path / "__init__.pyi" if path.is_dir() else path.with_suffix(".pyi")
    return ast.parse(file.read_text())


def _signature(wanted: ast.arguments) -> inspect.Signature:
    kinds = inspect.Parameter
    plain = [*wanted.posonlyargs, *wanted.args]
    # `self` has its place before the slash in a stub as in a class.
    parameters = [
        kinds(
            one.arg,
            kinds.POSITIONAL_ONLY if one in wanted.posonlyargs else kinds.POSITIONAL_OR_KEYWORD,
            default=kinds.empty if place < len(plain) - len(wanted.defaults) else None,
            annotation=ast.unparse(one.annotation) if one.annotation else kinds.empty,
        )
        for place, one in enumerate(plain)
    ]
    parameters += [
        kinds(
            one.arg,
            kinds.KEYWORD_ONLY,
            default=kinds.empty if default is None else None,
            annotation=ast.unparse(one.annotation) if one.annotation else kinds.empty,
        )
        for one, default in zip(wanted.kwonlyargs, wanted.kw_defaults, strict=True)
    ]
    return inspect.Signature(parameters)
