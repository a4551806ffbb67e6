"""The OSC format, held against python-osc and the specification's own words."""

import logging
import math
import random
import struct
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder
from pythonosc.parsing import osc_types

from bridge.inputs.osc import DEEPEST, Decoder
from bridge.signals import Sample, Value

TOUCHDESIGNER = bytes.fromhex(
    "2362756e646c6500ece0d749aebe6be1000000182f5f73616d706c6572617465000000002c66000042700000"
    "000000102f6368616e3100002c6600003f1bbe6e"
)
"""What an OSC Out CHOP with the one channel `chan1` sent on 2025-12-08: a bundle with a real timetag."""


def decoded(datagram: bytes) -> tuple[list[Sample], str]:
    """What a decoder that has seen nothing before makes of a datagram sent to the input `in`."""
    samples: list[Sample] = []
    problem = Decoder("in").read(datagram, samples)
    return samples, problem


def message(address: str, *typed: tuple[str, Any]) -> bytes:
    builder = OscMessageBuilder(address)
    for tag, value in typed:
        builder.add_arg(value, tag)
    return builder.build().dgram


def bundle(*elements: bytes, timetag: bytes = b"\0\0\0\0\0\0\0\1") -> bytes:
    return b"#bundle\0" + timetag + b"".join(struct.pack(">i", len(element)) + element for element in elements)


# ---------------------------------------------------------------------------------------------------- single messages


@pytest.mark.parametrize(
    ("datagram", "expected"),
    [
        (b"/x\0\0,i\0\0\0\0\0\7", (7,)),
        (b"/x\0\0,i\0\0\xff\xff\xff\xff", (-1,)),
        (b"/x\0\0,f\0\0\x3f\x00\0\0", (0.5,)),
        (b"/x\0\0,h\0\0\0\0\0\1\0\0\0\0", (2**32,)),
        (b"/x\0\0,d\0\0\x3f\xe0\0\0\0\0\0\0", (0.5,)),
        (b"/x\0\0,t\0\0\xec\xe0\xd7\x49\0\0\0\1", (0xECE0D74900000001,)),
        (b"/x\0\0,s\0\0reef\0\0\0\0", ("reef",)),
        (b"/x\0\0,S\0\0one\0", ("one",)),
        (b"/x\0\0,b\0\0\0\0\0\3abc\0", (b"abc",)),
        (b"/x\0\0,b\0\0\0\0\0\0", (b"",)),
        (b"/x\0\0,c\0\0\0\0\0A", ("A",)),
        (b"/x\0\0,r\0\0\xff\x80\0\1", (255, 128, 0, 1)),
        (b"/x\0\0,m\0\0\0\x90\x3c\x7f", (0, 0x90, 60, 127)),
        (b"/x\0\0,T\0\0", (True,)),
        (b"/x\0\0,F\0\0", (False,)),
        (b"/x\0\0,N\0\0", (None,)),
        (b"/x\0\0,I\0\0", ()),
        (b"/x\0\0,\0\0\0", ()),
        (b"/x\0\0", ()),
        (b"/x\0\0,fff\0\0\0\0\x3f\x00\0\0\x3f\x80\0\0\x40\0\0\0", (0.5, 1.0, 2.0)),
        (b"/x\0\0,[ff]i\0\0\x3f\x00\0\0\x3f\x80\0\0\0\0\0\3", (0.5, 1.0, 3)),
        (b"/x\0\0,fTs\0\0\0\0\x3f\x00\0\0go\0\0", (0.5, True, "go")),
    ],
)
def test_every_type_of_osc_is_read(datagram: bytes, expected: tuple[Value, ...]) -> None:
    samples, problem = decoded(datagram)

    assert problem == ""
    assert samples == [("in/x", expected)]
    assert [type(value) for value in samples[0][1]] == [type(value) for value in expected]


@pytest.mark.parametrize(
    ("datagram", "expected"),
    [
        (b"/x\0", ()),  # an address without its padding
        (b"/x\0\0,i\0\0\0\0\0\7extra", (7,)),  # a buffer sent whole
        (b"/x\0\0,b\0\0\0\0\0\3abc", (b"abc",)),  # a blob without its padding
        (b"/x\0\0,s\0\0reef\0", ("reef",)),  # a text without its padding
        (b"/x\0\0,T", None),
        (b"/x\0\0,T\0", (True,)),
        (b"/x\0\0abcd", ()),  # a sender from before type tags
        (b"/x\0\0,s\0\0na\xefve\0\0\0", ("na\ufffdve",)),  # Latin-1
    ],
)
def test_what_real_senders_get_wrong_is_forgiven_where_it_has_one_meaning(
    datagram: bytes, expected: tuple[Value, ...] | None
) -> None:
    samples, problem = decoded(datagram)

    if expected is None:
        assert (samples, problem) == ([], "type tags without an end")
    else:
        assert (samples, problem) == ([("in/x", expected)], "")


@pytest.mark.parametrize(
    ("datagram", "problem"),
    [
        (b"", "an empty datagram"),
        (b"hello", "neither an OSC message nor a bundle"),
        (b"/never/ends", "an address without an end"),
        (b"/\0\0\0,i\0\0\0\0\0\1", "an empty address"),
        (b"//\0\0", "an empty address"),
        (b"/x\0\0,ffff", "type tags without an end"),
        (b"/x\0\0,f\0\0\x3f\0", "2 bytes of values where 4 were announced"),
        (b"/x\0\0,ff\0\x3f\0\0\0", "4 bytes of values where 8 were announced"),
        (b"/x\0\0,Tf\0\x3f\0\0", "a value of type 'f' that is cut short"),
        (b"/x\0\0,m\0\0\x3f\0\0", "a value of type 'm' that is cut short"),
        (b"/x\0\0,s\0\0reef", "a text without an end"),
        (b"/x\0\0,s\0\0", "a text without an end"),
        (b"/x\0\0,b\0\0\0\0\0\4abc", "a blob of 4 bytes where 3 are left"),
        (b"/x\0\0,b\0\0\xff\xff\xff\xff", "a blob of -1 bytes where 0 are left"),
        (b"/x\0\0,c\0\0\x7f\xff\xff\xff", "the character 2147483647, which does not exist"),
        (b"/x\0\0,Q\0\0", "the unknown type tag 'Q'"),
        (b"#bundle\0\0\0\0", "a bundle without a timetag"),
        (b"#bundle\0\0\0\0\0\0\0\0\1\0\0", "a bundle that ends within an element's size"),
        (b"#bundle\0\0\0\0\0\0\0\0\1\0\0\0\5/x\0\0", "a bundle's element of 5 bytes where 4 are left"),
        (b"#bundle\0\0\0\0\0\0\0\0\1\xff\xff\xff\xff/x\0\0", "a bundle's element of -1 bytes where 4 are left"),
    ],
)
def test_what_is_not_osc_is_named_and_gives_nothing(datagram: bytes, problem: str) -> None:
    assert decoded(datagram) == ([], problem)


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("/pads/1", "in/pads/1"),
        ("//pads/1", "in/pads/1"),
        ("/track/FX Rack/Macro 1", "in/track/FX Rack/Macro 1"),
        ("/größe", "in/größe"),
    ],
)
def test_an_address_becomes_a_path_under_the_inputs_name(address: str, path: str) -> None:
    assert decoded(message(address, ("f", 1.0))) == ([(path, (1.0,))], "")


@pytest.mark.parametrize("typed", [("f", 60.0), ("i", 60)])
@pytest.mark.parametrize("address", ["/_samplerate", "//_samplerate"])
def test_the_sample_rate_is_ignored_without_a_complaint_also_the_second_time(
    address: str, typed: tuple[str, Any]
) -> None:
    decoder, samples = Decoder("in"), list[Sample]()

    assert [decoder.read(message(address, typed), samples) for _ in range(3)] == ["", "", ""]
    assert samples == []


# ------------------------------------------------------------------------------------------------------------ bundles


def test_the_bundle_that_touchdesigner_sent() -> None:
    samples, problem = decoded(TOUCHDESIGNER)

    assert problem == ""
    assert samples == [("in/chan1", struct.unpack(">f", bytes.fromhex("3f1bbe6e")))]


def test_a_time_slice_keeps_all_its_values_in_order() -> None:
    slice_ = message("/chan1", *(("f", value / 8) for value in range(8)))

    assert decoded(bundle(slice_)) == ([("in/chan1", tuple(value / 8 for value in range(8)))], "")


def test_a_timetag_an_hour_ahead_changes_nothing() -> None:
    seconds = int(datetime.now(UTC).timestamp()) + 2_208_988_800 + 3600
    ahead = bundle(message("/x", ("f", 1.0)), timetag=struct.pack(">II", seconds, 0))

    assert decoded(ahead) == ([("in/x", (1.0,))], "")


def test_bundles_in_bundles_come_out_in_order() -> None:
    inner = bundle(message("/b", ("i", 2)), bundle(message("/c", ("s", "three"))))

    samples, problem = decoded(bundle(message("/a", ("i", 1)), inner, message("/d", ("i", 4))))

    assert problem == ""
    assert samples == [("in/a", (1,)), ("in/b", (2,)), ("in/c", ("three",)), ("in/d", (4,))]


def test_bundles_may_be_eight_deep_and_no_deeper() -> None:
    nested = message("/x", ("i", 1))
    for _ in range(DEEPEST):
        nested = bundle(nested)

    assert decoded(nested) == ([("in/x", (1,))], "")
    assert decoded(bundle(nested)) == ([], "bundles more than 8 deep")


def test_an_empty_bundle_is_nothing_and_no_mistake() -> None:
    assert decoded(bundle()) == ([], "")


def test_an_unreadable_message_in_a_bundle_is_named_and_the_others_count() -> None:
    good, bad = message("/good", ("f", 1.0)), b"/bad\0\0\0\0,f\0\0"

    samples, problem = decoded(bundle(good, bad, bundle(bad, good), good))

    assert samples == [("in/good", (1.0,))] * 3
    assert problem == "0 bytes of values where 4 were announced"


def test_sizes_that_do_not_add_up_keep_what_came_before_them() -> None:
    good = message("/good", ("f", 1.0))
    broken = bundle(good, good)[:-4]

    samples, problem = decoded(broken)

    assert samples == [("in/good", (1.0,))]
    assert problem == "a bundle's element of 16 bytes where 12 are left"


def test_a_broken_bundle_inside_a_bundle_does_not_spoil_the_outer_one() -> None:
    good = message("/good", ("f", 1.0))

    samples, problem = decoded(bundle(bundle(good)[:-2], good))

    assert samples == [("in/good", (1.0,))]
    assert problem == "a bundle's element of 16 bytes where 14 are left"


# ------------------------------------------------------------------------------------------ against the oracle's bytes

integers = st.integers(-(2**31), 2**31 - 1)
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
scalars = st.one_of(
    integers.map(lambda value: ("i", value)),
    st.integers(-(2**63), 2**63 - 1).map(lambda value: ("h", value)),
    st.floats(width=32).map(lambda value: ("f", value)),
    st.floats().map(lambda value: ("d", value)),
    texts.map(lambda value: ("s", value)),
    st.binary(min_size=1, max_size=20).map(lambda value: ("b", value)),  # python-osc cannot send an empty one
    st.integers(0, 2**32 - 1).map(lambda value: ("r", value)),
    st.tuples(*[st.integers(0, 255)] * 4).map(lambda value: ("m", value)),
    st.sampled_from([("T", True), ("F", False), ("N", None)]),
)
addresses = st.lists(
    st.text(st.characters(exclude_characters="\0/", exclude_categories=["Cs"]), min_size=1, max_size=10),
    min_size=1,
    max_size=3,
).map(lambda segments: "/" + "/".join(segments))
messages = st.builds(lambda address, typed: message(address, *typed), addresses, st.lists(scalars, max_size=6))


def plain(values: Sequence[Any], tags: str) -> Iterator[Value]:
    """python-osc's values as ours: colours and MIDI messages flattened."""
    for value, tag in zip(values, tags, strict=True):
        match tag:
            case "r":
                yield from value.to_bytes(4, "big")
            case "m":
                yield from value
            case _:
                yield value


def read_by_the_oracle(dgram: bytes) -> list[Sample]:
    if OscBundle.dgram_is_bundle(dgram):
        return [sample for element in OscBundle(dgram) for sample in read_by_the_oracle(element.dgram)]
    oracle = OscMessage(dgram)
    tags, _ = osc_types.get_string(dgram, osc_types.get_string(dgram, 0)[1])
    return [("in/" + oracle.address.lstrip("/"), tuple(plain(oracle.params, tags[1:])))]


def same(ours: Sequence[Sample], theirs: Sequence[Sample]) -> bool:
    """Equal in values and types, NaN being NaN."""
    return repr(ours) == repr(theirs)


@settings(deadline=None)
@given(messages)
def test_a_message_means_what_python_osc_means(dgram: bytes) -> None:
    samples, problem = decoded(dgram)

    assert problem == ""
    assert same(samples, read_by_the_oracle(dgram))


@settings(deadline=None)
@given(st.recursive(st.lists(messages, max_size=4), lambda inner: st.lists(st.one_of(messages, inner), max_size=3)))
def test_a_bundle_means_what_python_osc_means(elements: list[Any]) -> None:
    def build(elements: list[Any]) -> Any:
        builder = OscBundleBuilder(IMMEDIATELY)
        for element in elements:
            builder.add_content(build(element) if isinstance(element, list) else OscMessage(element))
        return builder.build()

    dgram = build(elements).dgram
    samples, problem = decoded(dgram)

    assert problem == ""
    assert same(samples, read_by_the_oracle(dgram))


@settings(deadline=None)
@given(addresses, st.lists(st.lists(st.floats(width=32), max_size=3), max_size=3))
def test_nested_arrays_are_flattened(address: str, arrays: list[list[float]]) -> None:
    builder = OscMessageBuilder(address)
    for array in arrays:
        builder.add_arg(array, ["f"] * len(array))

    samples, problem = decoded(builder.build().dgram)

    assert problem == ""
    (sample,) = samples
    assert repr(sample[1]) == repr(tuple(value for array in arrays for value in array))


# ---------------------------------------------------------------------------------------------------------- the caches

few = st.builds(
    lambda address, typed: message(address, *typed),
    st.sampled_from(["/a", "/b", "/bb", "/_samplerate", "/long/address"]),
    st.lists(st.sampled_from([("f", 0.5), ("f", -1.0), ("i", 3), ("d", 0.25), ("s", ","), ("T", True)]), max_size=3),
)
crumbs = st.one_of(few, st.binary(max_size=12), st.builds(lambda head, tail: head + tail, few, st.binary(max_size=5)))
datagrams = st.one_of(
    crumbs,
    st.builds(
        lambda elements, timetag: bundle(*elements, timetag=timetag),
        st.lists(crumbs, max_size=4),
        st.binary(min_size=8, max_size=8),
    ),
)


@settings(deadline=None)
@given(st.lists(datagrams, max_size=12))
def test_what_was_seen_before_never_changes_what_a_datagram_means(sequence: list[bytes]) -> None:
    experienced = Decoder("in")
    for datagram in [*sequence, *sequence]:
        samples: list[Sample] = []
        problem = experienced.read(datagram, samples)

        fresh, fresh_problem = decoded(datagram)
        assert problem == fresh_problem
        assert same(samples, fresh)


def test_a_repeated_bundle_with_other_values_and_another_time_is_read_anew() -> None:
    decoder = Decoder("in")
    for number in range(5):
        samples: list[Sample] = []
        datagram = bundle(
            message("/_samplerate", ("f", 60.0 + number)),
            message("/x", ("f", float(number))),
            message("/xy", ("f", 0.5), ("d", number / 4)),
            message("/go"),
            bundle(message("/n", ("h", number)), timetag=bytes([number] * 8)),
            timetag=bytes([number] * 8),
        )
        assert decoder.read(datagram, samples) == ""
        assert samples == [
            ("in/x", (float(number),)),
            ("in/xy", (0.5, number / 4)),
            ("in/go", ()),
            ("in/n", (number,)),
        ]


def test_paths_are_the_same_object_every_time() -> None:
    decoder, samples = Decoder("in"), list[Sample]()
    for datagram in [message("/x", ("f", 1.0)), bundle(message("/x", ("f", 2.0))), message("/x", ("s", "a"))]:
        decoder.read(datagram, samples)
        decoder.read(datagram, samples)

    assert len(samples) == 6
    assert len({id(path) for path, _ in samples}) == 1


def test_memory_is_bounded_however_many_addresses_and_shapes_come() -> None:
    decoder = Decoder("in")
    for number in range(5_000):
        samples: list[Sample] = []
        one = message(f"/{number}", ("f", 1.0))
        assert decoder.read(one, samples) == ""
        assert decoder.read(bundle(*[one] * (number % 100)), samples) == ""
        assert len(samples) == 1 + number % 100

    assert len(decoder._heads) <= 4096
    assert sum(map(len, decoder._shapes.values())) <= 256
    assert decoder._shape_count == sum(map(len, decoder._shapes.values()))


def mutated(rng: random.Random, seeds: Sequence[bytes]) -> bytes:
    data = bytearray(rng.choice(seeds))
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(data) + 1)
        match rng.randrange(5):
            case 0 if data:
                data[at % len(data)] = rng.randrange(256)
            case 1:
                del data[at : at + rng.randint(1, 9)]
            case 2:
                data[at:at] = rng.randbytes(rng.randint(1, 9))
            case 3:
                data[at:at] = rng.choice(seeds)[: rng.randrange(64)]
            case _:
                data[at : at + 4] = struct.pack(">i", rng.choice([0, -1, 4, 2**31 - 1, -(2**31), len(data)]))
    return bytes(data)


def test_a_hundred_thousand_random_and_mutated_datagrams_raise_nothing_and_leave_it_sane(
    caplog: pytest.LogCaptureFixture,
) -> None:
    rng = random.Random(20251208)
    seeds = [
        TOUCHDESIGNER,
        message("/x", ("f", 0.5)),
        message("/all", ("i", 1), ("h", 2), ("f", 0.5), ("d", 0.25), ("s", "text"), ("b", b"blob"), ("T", True)),
        bundle(message("/a", ("f", 1.0)), bundle(message("/b", ("s", "deep")), message("/c", ("m", (0, 1, 2, 3))))),
        bundle(*(message(f"/chan{number}", ("f", 1.0)) for number in range(50))),
        b"",
    ]
    decoder = Decoder("in")
    samples: list[Sample] = []
    refused = 0
    for number in range(100_000):
        datagram = rng.randbytes(rng.randrange(80)) if number % 4 == 0 else mutated(rng, seeds)
        refused += bool(decoder.read(datagram, samples))
        for path, values in samples:
            assert path.startswith("in/")
            assert all(isinstance(value, float | int | str | bytes | None) for value in values)
        samples.clear()

    assert 20_000 < refused < 100_000, "the storm should be neither harmless nor hopeless"
    assert decoder.read(message("/x", ("f", 0.5)), samples) == ""
    assert samples == [("in/x", (0.5,))]
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_numbers_that_are_not_finite_pass_as_they_were_sent() -> None:
    samples, problem = decoded(message("/x", ("f", math.inf), ("d", -math.inf), ("f", math.nan)))

    assert problem == ""
    assert repr(samples) == "[('in/x', (inf, -inf, nan))]"
