"""Every item of the list has its test, or a reason why it cannot have one."""

import importlib
from collections import defaultdict
from pathlib import Path

import pytest

from tests.end_to_end.scope.items import ITEMS, NOT_SHOWN

pytestmark = pytest.mark.scope


def covered() -> dict[str, list[str]]:
    """Return the tests of this folder by the items that they cover."""
    tests = defaultdict[str, list[str]](list)
    for file in sorted(Path(__file__).parent.glob("test_*.py")):
        module = importlib.import_module(f"{__package__}.{file.stem}")
        for name, test in vars(module).items():
            for item in getattr(test, "covers", ()):
                tests[item].append(f"{file.stem}.{name}")
    return tests


def test_every_item_of_the_facts_is_covered_or_has_its_reason() -> None:
    tests = covered()
    assert [item for item in ITEMS if item not in tests and item not in NOT_SHOWN] == []
    assert [item for item in NOT_SHOWN if item in tests] == [], "these are shown after all"
    assert set(NOT_SHOWN) <= set(ITEMS)


def test_every_trap_of_chapter_0_is_in_the_list_and_shown() -> None:
    numbers = {int(item.split()[0].removeprefix("0.")) for item in covered() if item.startswith("0.")}
    assert numbers == set(range(1, 14))


def test_every_test_of_the_folder_says_what_it_covers() -> None:
    silent = []
    for file in sorted(Path(__file__).parent.glob("test_*.py")):
        module = importlib.import_module(f"{__package__}.{file.stem}")
        silent += [
            f"{file.stem}.{name}"
            for name, test in vars(module).items()
            if name.startswith("test_") and not hasattr(test, "covers") and module.__name__ != __name__
        ]
    assert silent == []
