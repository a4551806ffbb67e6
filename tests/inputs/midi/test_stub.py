"""The stub of python-rtmidi says what the package has: the fakes of tests are held against it."""

import ast
from pathlib import Path
from typing import Final

import pytest

STUB: Final = Path(__file__).parents[2] / "typings" / "rtmidi" / "__init__.pyi"


def _functions(body: list[ast.stmt]) -> dict[str, ast.FunctionDef]:
    return {node.name: node for node in body if isinstance(node, ast.FunctionDef) and node.name != "__init__"}


def _said(function: ast.FunctionDef) -> list[str]:
    return [one.arg for one in function.args.args]


def _embedded(signature: str) -> list[str]:
    """Return the arguments' names of the signature that Cython puts first into a docstring."""
    tree = ast.parse(f"def f{signature[signature.index('(') :].replace('unsigned int ', '')}: ...")
    found = tree.body[0]
    assert isinstance(found, ast.FunctionDef)
    return [one.arg for one in found.args.args]


@pytest.mark.parametrize("name", ["MidiIn", "MidiOut"])
def test_the_stub_says_what_each_class_has(name: str) -> None:
    rtmidi = pytest.importorskip("rtmidi")
    (found,) = (one for one in ast.parse(STUB.read_text()).body if isinstance(one, ast.ClassDef) and one.name == name)
    real = getattr(rtmidi, name)
    stub = _functions(found.body)

    assert sorted(stub) == sorted(one for one in dir(real) if not one.startswith("_"))
    for called, function in stub.items():
        text = getattr(real, called).__doc__ or ""
        first = text.splitlines()[0] if text else ""
        if "(" in first:
            assert _said(function) == _embedded(first), called


def test_the_stub_says_what_functions_and_errors_there_are() -> None:
    rtmidi = pytest.importorskip("rtmidi")
    tree = ast.parse(STUB.read_text())

    for called, function in _functions(tree.body).items():
        assert _said(function) == _embedded(getattr(rtmidi, called).__doc__.splitlines()[0]), called
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            bases = [ast.unparse(one) for one in node.bases]
            assert [base.__name__ for base in getattr(rtmidi, node.name).__bases__] == (bases or ["MidiBase"])
        elif isinstance(node, ast.AnnAssign):
            assert isinstance(getattr(rtmidi, ast.unparse(node.target)), int)
