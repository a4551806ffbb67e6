"""What the log looks like to a person at a terminal."""

import io
import logging

import pytest

from bridge.log import Complaints, configure, printable


@pytest.fixture
def written() -> io.StringIO:
    """What `configure` writes."""
    stream = io.StringIO()
    configure(stream=stream)
    return stream


def test_a_record_is_one_calm_line(written: io.StringIO) -> None:
    logging.getLogger("bridge.inputs.osc").warning("%s cannot be read", "stage")

    (line,) = written.getvalue().splitlines()
    assert line[2] == line[5] == ":"
    assert line[8:] == "  warning  bridge.inputs.osc: stage cannot be read"


def test_the_bridge_is_heard_from_info_and_libraries_from_warning(written: io.StringIO) -> None:
    logging.getLogger("bridge.app").info("streaming")
    logging.getLogger("bridge.app").debug("< stage/x 0.5")
    logging.getLogger("somebody").info("chatter")
    logging.getLogger("somebody").warning("trouble")
    logging.getLogger("aioice.ice").warning("weather")
    logging.getLogger("aiortc.rtcdtlstransport").error("storm")

    said = [line.split(": ", 1)[1] for line in written.getvalue().splitlines()]
    assert said == ["streaming", "trouble", "storm"]


def test_configuring_again_replaces_what_was(written: io.StringIO) -> None:
    stream = io.StringIO()
    configure(logging.DEBUG, stream=stream)
    logging.getLogger("bridge.app").debug("every message")

    assert written.getvalue() == ""
    assert stream.getvalue().count("every message") == 1


def test_what_came_from_the_network_can_not_break_a_line_or_move_the_cursor(written: io.StringIO) -> None:
    logging.getLogger("bridge.inputs.osc").warning("address %s", "/a\n00:00:00  error  all is lost\x1b[2J\r")

    assert len(written.getvalue().splitlines()) == 1
    assert "\x1b" not in written.getvalue()


def test_a_bug_keeps_its_traceback(written: io.StringIO) -> None:
    try:
        raise ZeroDivisionError("by nought")
    except ZeroDivisionError:
        logging.getLogger("bridge.app").exception("a bug")

    assert "Traceback" in written.getvalue()
    assert "ZeroDivisionError: by nought" in written.getvalue()


@pytest.mark.parametrize("text", ["Scope Bridge", "Früh übt sich · 日本"])
def test_text_for_people_is_left_alone(text: str) -> None:
    assert printable(text) == text


def test_a_complaint_is_said_once_and_counted_for_ever(caplog: pytest.LogCaptureFixture) -> None:
    complaints = Complaints(logging.getLogger("bridge.test"))
    for number in range(1000):
        complaints.about("10.0.0.7", f"10.0.0.7: no address ({number})")
    complaints.about("10.0.0.8", "10.0.0.8: too short")

    assert complaints.total == 1001
    assert complaints.latest == "10.0.0.8: too short"
    assert [record.getMessage().split(" (said")[0] for record in caplog.records] == [
        "10.0.0.7: no address (0)",
        "10.0.0.8: too short",
    ]


def test_complaints_about_ever_new_things_are_bounded(caplog: pytest.LogCaptureFixture) -> None:
    complaints = Complaints(logging.getLogger("bridge.test"), topics=3)
    for number in range(1000):
        complaints.about(number, f"sender {number}")

    assert complaints.total == 1000
    assert len(caplog.records) == 4
    assert "only counted" in caplog.records[-1].getMessage()
