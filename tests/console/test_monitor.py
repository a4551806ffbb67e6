"""The monitor's table, to the letter."""

import io
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from bridge.console.monitor import Ear, Heard, Range, Row, fitting, line_of, picture_of
from bridge.signals import Batch, Value

EARS = [Ear("apc", "MIDI port APC40 mkII"), Ear("td", "OSC on 127.0.0.1:9000")]


def heard_of(*batches: Batch, most: int = 100) -> Heard:
    heard = Heard(most)
    for batch in batches:
        heard.feed(batch)
    return heard


def row_of(path: str, *messages: tuple[float, tuple[Value, ...]], now: float = 10.0) -> Row:
    (row,) = heard_of(*(Batch(time, [(path, values)]) for time, values in messages)).rows(now)
    return row


def lines(console: Console, heard: Heard, now: float, ears: list[Ear] | None = None) -> list[str]:
    console.print(picture_of("what is heard", EARS if ears is None else ears, heard, now, console))
    return [line.rstrip() for line in console.export_text().splitlines()]


def terminal(width: int = 90, height: int = 30) -> Console:
    return Console(record=True, width=width, height=height, file=io.StringIO())


def test_everything_is_there_and_in_its_place() -> None:
    heard = heard_of(
        Batch(1.0, [("apc/fader/1", (0.0,)), ("td/go", ())]),
        Batch(5.0, [("td/xy", (0.25, -100))]),
        *(Batch(9.0 + index / 50, [("apc/fader/1", (index / 50,))]) for index in range(51)),
    )

    assert lines(terminal(), heard, 10.0) == [
        "what is heard",
        "Inputs   apc  MIDI port APC40 mkII   32 /s",
        "         td   OSC on 127.0.0.1:9000   0 /s",
        "signal                       newest         range seen      rate      count     age",
        "apc/fader/1                   1.000              0 … 1     32 /s         52   0.0 s",
        "td/go                       trigger                                       1   9.0 s",
        "td/xy                    0.250 -100         0.25, -100                    1   5.0 s",
    ]


def test_before_anything_arrives_it_says_so_and_what_ports_wait_for() -> None:
    ears = [Ear("apc", "MIDI port APC40*", "waiting for a MIDI port like APC40*"), EARS[1]]

    assert lines(terminal(), Heard(), 0.0, ears) == [
        "what is heard",
        "Inputs   apc  MIDI port APC40*   waiting for a MIDI port like APC40*",
        "         td   OSC on 127.0.0.1:9000   0 /s",
        "nothing has arrived yet",
    ]


def test_the_range_is_of_every_value_and_counts_finite_numbers_alone() -> None:
    row = row_of(
        "td/x", (1.0, (0.5, "a", True)), (2.0, (-2, "b", False)), (3.0, (math.nan, 7, None)), (4.0, (math.inf,))
    )

    assert row.ranges == (Range(-2, 0.5), Range(7, 7), None)
    assert row.count == 4
    assert row_of("td/many", (1.0, tuple(range(30)))).ranges == tuple(Range(each, each) for each in range(4))


def test_the_rate_is_that_of_the_last_second_and_dies_away() -> None:
    at_50 = [(index / 50, (float(index),)) for index in range(500)]

    assert row_of("td/x", *at_50, now=9.98).rate == pytest.approx(50, rel=0.02)
    assert row_of("td/x", *at_50, now=13.0).rate < 3
    assert row_of("td/x", *at_50, now=40.0).rate == pytest.approx(0, abs=1e-9)


def test_a_message_that_says_the_same_is_no_movement_and_a_trigger_is_one() -> None:
    same = row_of("td/x", (1.0, (0.5,)), (4.0, (0.5,)), now=6.0)
    trigger = row_of("td/go", (1.0, ()), (4.0, ()), now=6.0)

    assert (same.age, same.still) == (2.0, 5.0)
    assert (trigger.age, trigger.still) == (2.0, 2.0)
    assert row_of("td/first", (3.0, (None,)), now=6.0).still == 3.0


def test_what_moved_last_has_its_row_where_not_all_fit_and_keeps_its_place() -> None:
    rows = [Row(name, (), (), 0, 1, 0, still) for name, still in zip("abcdef", (9, 0.5, 30, 1.5, 5, 0.1), strict=True)]

    assert [row.path for row in fitting(rows, 6)] == list("abcdef")
    assert [row.path for row in fitting(rows, 4)] == ["b", "d", "e", "f"]
    assert [row.path for row in fitting(rows, 2)] == ["b", "d"], "those that move are equals: none makes others jump"
    assert fitting(rows, 0) == []


def test_rows_that_do_not_fit_are_counted() -> None:
    heard = heard_of(Batch(1.0, [(f"td/{index}", (index,)) for index in range(20)]), Batch(9.9, [("td/17", (0,))]))

    shown = lines(terminal(height=12), heard, 10.0)

    assert len(shown) < 12, "the last line is the cursor's"
    assert shown[-1] == "and 14 more"
    assert [line.split()[0] for line in shown[4:-1]] == ["td/0", "td/1", "td/2", "td/3", "td/4", "td/17"]


def test_in_a_narrow_terminal_the_names_come_first_then_what_they_say() -> None:
    heard = heard_of(Batch(1.0, [("apc/grid/of/pads/3/5", (0.25,))]))

    def head(width: int) -> list[str]:
        shown = lines(terminal(width), heard, 1.0, [])
        assert shown[-1].startswith("apc/grid/of/pads/3/5")
        return shown[-2].split()

    assert head(100) == ["signal", "newest", "range", "seen", "rate", "count", "age"]
    assert head(72) == ["signal", "newest", "range", "seen", "rate", "age"]
    assert head(62) == ["signal", "newest", "range", "seen", "rate"]
    assert head(46) == ["signal", "newest", "rate"]
    assert head(34) == ["signal", "newest"]


def test_many_inputs_leave_room_for_what_arrives() -> None:
    ears = [Ear(f"port{index}", "MIDI") for index in range(30)]

    shown = lines(terminal(height=12), heard_of(Batch(1.0, [("port1/cc/1/1", (1.0,))])), 1.0, ears)

    assert "         port3   MIDI   0 /s" in shown
    assert any(line.strip() == "and 26 more" for line in shown)
    assert shown[-1].startswith("port1/cc/1/1")


def test_a_program_that_invents_addresses_does_not_fill_the_memory() -> None:
    heard = heard_of(Batch(1.0, [(f"td/{index}", ()) for index in range(10)]), most=4)

    assert [row.path for row in heard.rows(1.0)] == ["td/0", "td/1", "td/2", "td/3"]
    assert (heard.count, heard.beyond) == (10, 6)
    assert any("! 6 messages of further signals" in line for line in lines(terminal(), heard, 1.0))


def test_what_was_lost_is_said() -> None:
    heard = heard_of(Batch(1.0, [("td/x", ())]))
    heard.lost = 1200

    assert any(line.startswith("! 1,200 bursts came too fast") for line in lines(terminal(), heard, 1.0))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.5, "0.500"),
        (12345678.0, "1.235e+07"),
        (3, "3"),
        (True, "on"),
        (None, "–"),
        ("a\nreef", "a reef"),
        ("\x1b[31mred", r"\x1b[31mred"),
        (b"\xf0\x7e\xf7", "f0 7e f7"),
        ("", ""),
    ],
)
def test_a_value_is_shown_in_one_line(value: Value, shown: str) -> None:
    (line,) = lines(terminal(), heard_of(Batch(1.0, [("td/x", (value,))])), 1.0, [])[2:]

    assert re.fullmatch(rf"td/x +{re.escape(shown)}( +\S+)? +1 /s +1 +0\.0 s", line), line


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ((), "1.500 td/x"),
        ((0.5, 3), "1.500 td/x 0.5 3"),
        ((1 / 3,), "1.500 td/x 0.333333"),
        ((True, None), "1.500 td/x true nothing"),
        (("reef",), "1.500 td/x reef"),
        (("a reef", "5", "true", ""), '1.500 td/x "a reef" "5" "true" ""'),
        (('say "go"',), r'1.500 td/x "say \"go\""'),
        (("a\nb\x1b",), r"1.500 td/x a\nb\x1b"),
        ((b"\xf0\xf7",), "1.500 td/x f0f7"),
        ((math.nan,), "1.500 td/x nan"),
    ],
)
def test_a_message_is_one_line(values: tuple[Value, ...], line: str) -> None:
    assert line_of("td/x", values, 1.5) == line


paths = st.sampled_from(["td/a", "td/b/" + "c" * 90, "字/字字字" * 9, "td/\x1b[2J", "apc/pad/1/1"])
values = st.one_of(st.floats(), st.integers(), st.text(), st.booleans(), st.binary(max_size=20), st.none())
samples = st.lists(st.tuples(paths, st.lists(values, max_size=6).map(tuple)), max_size=9)


@given(samples, st.integers(20, 160), st.integers(3, 40))
def test_whatever_arrives_fits_into_the_terminal(
    arrived: list[tuple[str, tuple[Value, ...]]], width: int, height: int
) -> None:
    console = terminal(width, height)
    shown = lines(console, heard_of(Batch(1.0, arrived)), 1.5)

    assert all(cell_len(line) <= width for line in shown)
    assert height < 8 or len(shown) < height
    assert all(line.isprintable() for line in shown)
