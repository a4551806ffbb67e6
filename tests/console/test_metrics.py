"""The numbers of a status, as Prometheus reads them."""

import re
from dataclasses import replace

from bridge.console.metrics import text
from bridge.status import InputStatus, OutputStatus, Phase, ScopeStatus
from tests.console.panel.rig import a_status

LINE = re.compile(r'[a-z_]+(\{[a-z]+="(\\.|[^"\\\n])*"\})? [-+0-9.e]+')


def samples(written: str) -> dict[str, float]:
    """Return the numbers of a text by their names and labels, after checking its form."""
    found: dict[str, float] = {}
    assert written.endswith("\n")
    named = ""
    for line in written.splitlines():
        if line.startswith("# HELP "):
            named = line.split()[2]
        elif line.startswith("# TYPE "):
            assert line.split()[2:] in ([named, "counter"], [named, "gauge"])
            assert line.endswith("counter") == named.endswith("_total")
        else:
            assert LINE.fullmatch(line), line
            name, value = line.rsplit(" ", 1)
            assert name.split("{")[0] == named
            assert name not in found
            found[name] = float(value)
    return found


def test_the_numbers_of_scopes_inputs_and_outputs_are_there() -> None:
    program = OutputStatus(
        "program",
        "NDI",
        sent=300,
        repeated=20,
        shown=280,
        age=0.04,
        delay=0.01,
        conversion=0.0012,
        receivers=2,
        level=0.5,
    )
    right = ScopeStatus("http://b:8000", Phase.SEARCHING, "looking for Scope", name="right")

    found = samples(text(replace(a_status(), outputs=(program,), others=(right,), complaints=("one", "two"))))

    assert found["scope_bridge_complaints"] == 2
    assert found['scope_bridge_scope_streaming{scope="scope"}'] == 1
    assert found['scope_bridge_scope_streaming{scope="right"}'] == 0
    assert found['scope_bridge_input_signals_total{input="stage"}'] == 750
    assert found['scope_bridge_output_sent_total{output="program"}'] == 300
    assert found['scope_bridge_output_conversion_seconds{output="program"}'] == 0.0012
    assert found['scope_bridge_output_receivers{output="program"}'] == 2


def test_what_is_not_known_is_left_out() -> None:
    unknown = replace(a_status(), outputs=(OutputStatus("tape", "recording"),), scope=a_status().scope)

    found = samples(text(unknown))

    assert 'scope_bridge_output_receivers{output="tape"}' not in found
    assert 'scope_bridge_scope_round_trip_seconds{scope="scope"}' not in found


def test_a_name_may_hold_anything() -> None:
    evil = InputStatus('a "b" \\ c\nd', "OSC", 3)

    assert (
        samples(text(replace(a_status(), inputs=(evil,))))[
            'scope_bridge_input_signals_total{input="a \\"b\\" \\\\ c\\nd"}'
        ]
        == 3
    )
