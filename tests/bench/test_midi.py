"""MIDI beside mido, measured for real but not for long."""

import sys

import pytest

from bridge.bench import midi
from bridge.bench.measuring import QUICK
from bridge.errors import Refused
from bridge.inputs.midi.decode import Decoder
from bridge.signals import Sample


def test_every_kind_of_message_is_decoded_beside_mido() -> None:
    figures = list(midi.PARTS["decode"].measure(QUICK))

    assert [figure.name.removeprefix("bytes to signal, ") for figure in figures] == [
        "a control change",
        "a message of a show: faders, wheels, notes, pressure",
        "a message of a 14-bit pair",
        "a message in a stream, 64 bytes at a time",
    ]
    assert [figure.target for figure in figures] == [1 / 15, 1 / 15, None, None]
    for figure in figures:
        assert figure.peer == "mido's parser"
        assert figure.peer_value is not None
        assert 0 < figure.value < figure.peer_value


def test_both_take_every_message_of_what_they_are_given() -> None:
    count = 500
    for messages in (midi._fader(count), midi._hands(count), midi._halves(count), midi._slices(midi._hands(count))):
        parser = midi._parser()()
        decoder, samples = Decoder("bench"), list[Sample]()
        for data in messages:
            parser.feed(data)
            assert decoder.read(data, samples) == ""

        assert parser.pending() == count
        assert len(samples) >= count


def test_without_mido_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mido", None)

    with pytest.raises(Refused, match="mido is not installed, and MIDI is measured beside it; run: pip install mido"):
        list(midi.PARTS["decode"].measure(QUICK))


def test_the_way_into_the_mapping_is_the_same_whoever_decodes() -> None:
    (figure,) = midi.PARTS["mapping"].measure(QUICK)

    assert figure.peer_value is not None
    assert 0 < figure.value < figure.peer_value
    ours, theirs = midi._mapping(midi._fader(10), 10), midi._mapping_after(midi._fader(10), 10, midi._parser())
    assert ours.before is not None
    assert theirs.before is not None
    for contender in (ours, theirs):
        contender.run()
    assert ours.before() == theirs.before()


def test_the_way_from_the_drivers_thread_is_timed_beside_a_queue_that_is_polled() -> None:
    busy, rare = midi.PARTS["callback"].measure(QUICK)

    assert (busy.target, rare.target) == (1 / 200, None)
    for figure in (busy, rare):
        assert figure.peer_value is not None
        assert 0 < figure.value < figure.peer_value
