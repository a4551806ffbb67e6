"""Measuring, and what is printed of it. No test here says how fast anything is."""

import gc
import json
import math
from typing import Final

import pytest

from bridge import cli
from bridge.bench import MATTERS, matter
from bridge.bench.mapping import PATTERNS, ROUTES, SMOOTHERS, TICKS
from bridge.bench.measuring import Contender, Figure, Part, side_by_side
from bridge.bench.table import table


class Slow:
    """A matter with a part that is measured always, and one that is measured on request alone."""

    PARTS: Final = {
        "short": Part(lambda effort: [Figure("a step", 20.0, "µs", "a snail", 10.0, 0.5), Figure("another", 1.0, "s")]),
        "long": Part(lambda effort: [Figure("an hour", 3600.0, "s")], usual=False),
    }


@pytest.mark.timeout(120)
def test_bench_mapping_prints_every_figure_as_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["bench", "mapping", "--quick", "--json"]) == 0

    printed = capsys.readouterr()
    said = json.loads(printed.out)
    assert said["quick"] is True
    assert list(said["figures"]) == ["mapping"]
    figures = {figure["name"]: figure for figure in said["figures"]["mapping"]}
    assert list(figures) == [
        *(f"a signal, {count:,} routes" for count in ROUTES),
        f"a signal, {ROUTES[-1]:,} routes, all in turn",
        f"finding a signal's routes, {PATTERNS} patterns, at first sight",
        f"finding a signal's routes, {PATTERNS} patterns, known",
        *(
            name
            for count, _ in SMOOTHERS
            for name in (
                f"a tick, {count:,} live smoothers",
                f"a chunk's {TICKS} ticks and its changes, {count:,} of them",
            )
        ),
        "replaying 10 minutes, 200 routes, 240 signals a second",
    ]
    for figure in figures.values():
        assert figure["value"] > 0
        assert math.isfinite(figure["value"])
        assert (figure["met"] is None) == (figure["target"] is None)
        if figure["peer"]:
            assert figure["ratio"] == pytest.approx(figure["value"] / figure["peer_value"])
    targets = [figure["target"] for figure in figures.values() if figure["target"] is not None]
    assert targets == pytest.approx([1.3, 1.3, 1.3, 1 / 60, 1 / 1000, 1 / 25, 1 / 70, 3.0])
    assert all(f"mapping: {name}" in printed.err for name in figures)


def test_all_is_every_matter_and_what_is_missed_is_no_failure(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridge.bench.matter", lambda name: Slow)

    assert cli.main(["bench", "all"]) == 0

    out = capsys.readouterr().out
    assert all(f"{name}: {about}" in out for name, about in MATTERS.items())
    assert f"targets missed: {len(MATTERS)}" in out
    assert "an hour" not in out


def test_one_part_is_measured_alone_also_one_that_nobody_gets_unasked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridge.bench.matter", lambda name: Slow)

    assert cli.main(["bench", "mapping", "--only", "long", "--json"]) == 0

    figures = json.loads(capsys.readouterr().out)["figures"]["mapping"]
    assert [figure["name"] for figure in figures] == ["an hour"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["mapping", "--only", "hands"], "'mapping' has no part 'hands'; it has signals, patterns, smoothers, replay"),
        (["all", "--only", "hands"], "'all' has no parts: say what --only hands belongs to"),
    ],
)
def test_a_part_that_is_not_there_is_refused_with_those_that_are(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["bench", *words]) == 1

    assert said in capsys.readouterr().err


def test_the_help_names_every_part(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        cli.main(["bench", "--help"])

    help = " ".join(capsys.readouterr().out.split())
    for name in MATTERS:
        assert all(part in help.partition("--only PART")[2] for part in matter(name).PARTS), name


def test_bench_knows_what_it_can_measure(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        cli.main(["bench", "the weather"])

    assert "mapping" in capsys.readouterr().err


def test_contenders_run_in_turn_without_garbage_collection() -> None:
    order: list[str] = []

    def contender(name: str) -> Contender:
        def run() -> None:
            assert not gc.isenabled()
            order.append(name)

        return Contender(run, count=10, before=lambda: order.append(f"before {name}"))

    times = side_by_side({"a": contender("a"), "b": contender("b")}, rounds=2)

    assert gc.isenabled()
    assert order == [
        *("before a", "a", "before b", "b"),
        *("before b", "b", "before a", "a"),
        *("before a", "a", "before b", "b"),
    ]
    assert times.keys() == {"a", "b"}


def test_a_time_is_the_median_of_the_rounds_for_one_of_what_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = iter([9.0, 1.0, 5.0, 2.0])  # the first round is not counted
    clock = [0.0]

    def run() -> None:
        clock[0] += next(seconds)

    monkeypatch.setattr("bridge.bench.measuring.now", lambda: clock[0])

    assert side_by_side({"it": Contender(run, count=4)}, rounds=3) == {"it": 0.5e6}


def test_a_garbage_collector_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        side_by_side({"it": Contender(lambda: None)}, rounds=1)
        assert not gc.isenabled()
    finally:
        gc.enable()


@pytest.mark.parametrize(
    ("figure", "met"),
    [
        (Figure("fast", 1.0, "µs", "slow", 30.0, 1 / 25), True),
        (Figure("fast", 1.0, "µs", "slow", 20.0, 1 / 25), False),
        (Figure("fast", 1.0, "µs", "slow", 20.0), None),
        (Figure("alone", 2.0, "s", target=3.0), True),
        (Figure("alone", 4.0, "s", target=3.0), False),
        (Figure("alone", 4.0, "s"), None),
    ],
)
def test_a_target_is_for_the_ratio_or_for_the_value_of_what_has_no_peer(figure: Figure, met: bool | None) -> None:
    assert figure.met is met


def test_the_table_says_each_figure_beside_its_peer() -> None:
    figures = [
        Figure("a tick, 512 live smoothers", 0.4163, "µs", "a loop over them", 104.2, 1 / 25),
        Figure("a signal, 1,000 routes", 2.0, "µs", "the same with 10", 1.0, 1.3),
        Figure("a chunk", 12345.6, "µs", "the loop", 24691.2),
        Figure("replaying", 1.5, "s", target=3.0),
        Figure("lost", 0.0, "", "another", 12.0, target=0.0),
    ]

    assert table(figures).splitlines() == [
        "figure                         bridge  peer                         ratio   target",
        "a tick, 512 live smoothers   0.416 µs  a loop over them     104 µs  1/250   ≤ 1/25  met",
        "a signal, 1,000 routes           2 µs  the same with 10       1 µs  2.00×  ≤ 1.30×  missed",
        "a chunk                     12,346 µs  the loop          24,691 µs  0.50×",
        "replaying                       1.5 s                                        ≤ 3 s  met",
        "lost                                0  another                  12      0      ≤ 0  met",
    ]
