"""What each version of Scope understands."""

import pytest

from bridge.session.contract.dialect import CURRENT, dialect_of


def test_a_server_that_gives_no_version_is_the_beta() -> None:
    beta = dialect_of(None)

    assert beta == dialect_of("0.1.0-beta.3")
    has_not = ("graphs", "node_ids", "deletes", "tails", "echoes", "metrics", "tempo", "definitions")
    assert [getattr(beta, name) for name in has_not] == [False] * len(has_not)
    assert (beta.loras, beta.seeds) == ("/api/v1/lora/list", ("base_seed", "seed"))
    assert (beta.own_outputs, beta.own_input, beta.loads_nodes) == ("spout_sender", "spout_receiver", "pipeline_ids")
    assert (beta.extra_keys, beta.recordings, beta.note) == (False, False, "")
    assert beta.assets
    assert beta.hardware
    assert beta.models


def test_the_newest_has_everything_and_needs_no_note() -> None:
    assert dialect_of("0.2.4") == CURRENT
    assert CURRENT.graphs
    assert CURRENT.definitions
    assert CURRENT.extra_keys
    assert (CURRENT.loras, CURRENT.seeds, CURRENT.loads_nodes) == ("/api/v1/loras", ("base_seed",), "pipelines")
    assert (CURRENT.own_outputs, CURRENT.own_input, CURRENT.note) == ("output_sinks", "input_source", "")


@pytest.mark.parametrize(
    ("before", "since", "what"),
    [
        ("0.1.0-rc1", "0.1.0", "extra_keys"),
        ("0.1.0-beta.9", "0.1.0", "seeds"),
        ("0.1.0-beta.9", "0.1.0", "recordings"),
        ("0.1.1", "0.1.2", "own_input"),
        ("0.1.3", "0.1.4", "own_outputs"),
        ("0.1.4", "0.1.5", "loras"),
        ("0.1.5", "0.1.6", "tails"),
        ("0.1.6", "0.1.7", "deletes"),
        ("0.1.7", "0.1.8", "graphs"),
        ("0.1.7", "0.1.8", "node_ids"),
        ("0.1.7", "0.1.8", "tempo"),
        ("0.1.7", "0.1.8", "echoes"),
        ("0.1.7", "0.1.8", "loads_nodes"),
        ("0.2.3", "0.2.4", "definitions"),
    ],
)
def test_a_version_between_has_what_had_come_by_then(before: str, since: str, what: str) -> None:
    assert getattr(dialect_of(before), what) == getattr(dialect_of("0.1.0-beta.3"), what)
    assert getattr(dialect_of(since), what) == getattr(CURRENT, what)
    assert getattr(dialect_of(before), what) != getattr(dialect_of(since), what)


@pytest.mark.parametrize("version", ["0.2.4", "v0.2.4", "0.2.4+local", " 0.2.4\n", "0.2.4.post1", "0.2.4-custom"])
def test_odd_spellings_of_a_known_version_are_that_version(version: str) -> None:
    found = dialect_of(version)

    assert (found.definitions, found.graphs, found.note) == (True, True, "")


@pytest.mark.parametrize("version", ["0.2.5", "0.3.0-rc1", "1.0", "0.10.0"])
def test_a_newer_version_is_taken_for_the_newest_known_with_a_note(version: str) -> None:
    found = dialect_of(version)

    assert found.note == f"Scope {version} is newer than this bridge knows; it is taken for 0.2.4"
    assert (found.graphs, found.definitions, found.version) == (True, True, version)


@pytest.mark.parametrize("version", ["unknown", "", "main", "0.0.0", "9" * 400, "٣.٢.١x"])
def test_a_version_that_makes_no_sense_is_taken_for_the_newest_known_with_a_note(version: str) -> None:
    found = dialect_of(version)

    assert found.graphs
    assert "taken for 0.2.4" in found.note


def test_what_comes_before_a_release_does_not_have_all_of_it() -> None:
    assert not dialect_of("0.1.8-rc1").graphs
    assert not dialect_of("0.1.8.dev3+g68b0f956").graphs
    assert dialect_of("0.1.9-rc1").graphs
