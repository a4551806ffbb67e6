"""The session's life as a dialogue: this happens, so this is to be done."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.session.state import (
    FIRST_FRAME_LIMIT,
    FREEZE_LIMIT,
    HEALTH_INTERVAL,
    LOAD_GRACE,
    Answered,
    AskHealth,
    AskStatus,
    Close,
    Command,
    Event,
    Failed,
    FrameReceived,
    Healthy,
    Load,
    LoadAccepted,
    LogRead,
    Machine,
    Offer,
    Paused,
    ReadLog,
    RemoveSession,
    SessionRemoved,
    Started,
    StatusKnown,
    Stopped,
    Tick,
    Unreachable,
    pauses,
)
from bridge.status import Phase

HEALTHY = Healthy(started=1000.0, version="0.2.4")
LOADED = StatusKnown("loaded", "longlive", {"width": 576})
NOT_LOADED = StatusKnown("not_loaded")
LOADING = StatusKnown("loading", "longlive", {"width": 576}, stage="Loading diffusion model")


def told(machine: Machine, *events: Event, now: float = 0.0) -> list[Command]:
    """Tell the machine of `events`, one after the other, and return what the last one commands."""
    commands: list[Command] = []
    for event in events:
        commands = machine.on(event, now)
    return commands


def woken(machine: Machine) -> tuple[float, list[Command]]:
    """Wait until the machine's deadline, and return when that was and what it commands then."""
    assert machine.deadline is not None
    now = machine.deadline
    return now, machine.on(Tick(), now)


def streaming(since: float = 0.0, period: float = 0.75) -> Machine:
    machine = Machine("longlive", {"width": 576})
    told(machine, Started(), HEALTHY, LOADED, Answered("s1"), FrameReceived(), now=since)
    told(machine, FrameReceived(period), now=since + 10.0)
    return machine


def test_a_ready_server_is_offered_a_session_at_once() -> None:
    machine = Machine("longlive", {"width": 576})

    assert told(machine, Started()) == [AskHealth()]
    assert told(machine, HEALTHY) == [AskStatus()]
    assert told(machine, LOADED) == [Offer()]
    assert told(machine, Answered("s1"), FrameReceived()) == []
    assert machine.phase is Phase.STREAMING


def test_sessions_of_an_earlier_run_are_removed_before_anything_else() -> None:
    machine = Machine("longlive")

    told(machine, Started(orphans=("old", "older")))

    assert told(machine, HEALTHY) == [RemoveSession("old")]
    assert told(machine, SessionRemoved()) == [RemoveSession("older")]
    assert told(machine, SessionRemoved()) == [AskStatus()]


def test_a_server_that_is_down_is_asked_at_least_every_second() -> None:
    machine = Machine("longlive")
    told(machine, Started())

    asked = 0.0
    for answered in [True] * 50 + [False] * 50:
        if answered:
            told(machine, Unreachable("nobody listens", asked), now=asked)
        now, commands = woken(machine)
        assert commands == [AskHealth()]
        assert now - asked <= 1.0
        asked = now


def test_a_pipeline_that_is_not_loaded_is_loaded_and_waited_for_with_its_progress() -> None:
    machine = Machine("longlive", {"width": 576})

    assert told(machine, Started(), HEALTHY, NOT_LOADED) == [Load()]
    assert told(machine, LoadAccepted()) == []
    assert woken(machine)[1] == [AskStatus()]
    assert told(machine, LOADING) == []
    assert "Loading diffusion model" in machine.detail
    assert woken(machine)[1] == [AskStatus()]
    assert told(machine, LOADED, now=9.0) == [Offer()]


@pytest.mark.parametrize(
    "other",
    [
        StatusKnown("loaded", "krea-realtime-video", {"width": 576}),
        StatusKnown("loaded", "longlive", {"width": 512}),
        StatusKnown("loaded", "longlive", None),
    ],
)
def test_another_pipeline_or_another_size_is_loaded_anew(other: StatusKnown) -> None:
    machine = Machine("longlive", {"width": 576})

    assert told(machine, Started(), HEALTHY, other) == [Load()]


def test_a_pipeline_that_was_loaded_with_more_than_we_asked_for_is_good() -> None:
    machine = Machine("longlive", {"width": 576})

    assert told(machine, Started(), HEALTHY, StatusKnown("loaded", "longlive", {"width": 576, "height": 320})) == [
        Offer()
    ]


def test_a_server_that_rewrites_load_parameters_is_not_made_to_load_for_ever() -> None:
    machine = Machine("longlive", {"width": 570})
    told(machine, Started(), HEALTHY, NOT_LOADED, LoadAccepted(), LOADING)

    assert told(machine, LOADED, now=9.0) == [Offer()]


def test_a_status_that_does_not_show_the_load_yet_is_given_time() -> None:
    machine = Machine("longlive")
    told(machine, Started(), HEALTHY, NOT_LOADED, LoadAccepted())

    assert told(machine, NOT_LOADED, now=LOAD_GRACE / 2) == []
    assert machine.phase is Phase.LOADING
    assert "could not" not in machine.detail
    told(machine, NOT_LOADED, now=LOAD_GRACE)
    assert "could not load longlive" in machine.detail


@pytest.mark.parametrize("end", [StatusKnown("error", "longlive"), NOT_LOADED])
def test_a_load_that_fails_is_tried_again_ever_more_rarely_while_health_is_still_asked(end: StatusKnown) -> None:
    machine = Machine("longlive")
    now = 0.0
    told(machine, Started(), HEALTHY, NOT_LOADED, LoadAccepted(), LOADING)
    waited = []
    for _ in range(4):
        told(machine, end, now=now)
        failed_at = now
        while True:
            before = now
            now, commands = woken(machine)
            assert commands == [AskHealth()]
            assert now - before <= 1.0
            if told(machine, HEALTHY, now=now) == [AskStatus()]:
                break
        waited.append(now - failed_at)
        assert told(machine, NOT_LOADED, now=now) == [Load()]
        told(machine, LoadAccepted(), LOADING, now=now)

    assert waited == pytest.approx([1.0, 2.0, 4.0, 8.0], abs=HEALTH_INTERVAL)


def test_a_restarted_server_is_not_made_to_wait_for_the_failures_of_the_old_one() -> None:
    machine = Machine("longlive")
    told(machine, Started(), HEALTHY, NOT_LOADED, LoadAccepted(), LOADING)
    for now in (0.0, 100.0, 200.0, 300.0):
        told(machine, StatusKnown("error"), now=now)
        if now < 300.0:
            told(machine, HEALTHY, now=now + 99.0)
            told(machine, NOT_LOADED, LoadAccepted(), LOADING, now=now + 99.0)

    assert told(machine, Healthy(started=2000.0, version="0.2.4"), now=300.5) == [AskStatus()]


def test_frames_that_stop_make_it_ask_whether_the_server_lives_and_a_dead_one_is_left_at_once() -> None:
    machine = streaming()

    now, commands = woken(machine)
    assert commands == [AskHealth()]
    assert now - 10.0 < FREEZE_LIMIT
    assert told(machine, Unreachable("nobody listens"), now=now) == [Close()]
    assert machine.phase is Phase.SEARCHING
    assert woken(machine)[1] == [AskHealth()]
    assert told(machine, Healthy(started=2000.0, version="0.2.4"), now=now + 1) == [AskStatus()]


def test_a_picture_that_freezes_while_the_server_lives_is_left_after_the_limit_and_its_session_removed() -> None:
    machine = streaming(period=0.75)
    now, commands = 10.0, list[Command]()

    while Close() not in commands:
        now, commands = woken(machine)
        if commands == [AskHealth()]:
            told(machine, HEALTHY, now=now)

    assert now - 10.0 == pytest.approx(max(2.0, 4 * 0.75))
    assert commands == [Close(), AskHealth()]
    assert told(machine, HEALTHY, now=now) == [RemoveSession("s1")]
    assert told(machine, SessionRemoved(), now=now) == [AskStatus()]
    assert told(machine, LOADED, now=now) == [Offer()]


def test_frames_that_come_are_never_interrupted() -> None:
    machine = streaming()
    now = 10.0

    for _ in range(500):
        now += 0.06
        assert told(machine, FrameReceived(0.75), now=now) == []
        assert told(machine, Tick(), now=now) == []
    assert told(machine, Unreachable("too slow to answer", asked=now - 2.0), now=now) == []
    assert machine.phase is Phase.STREAMING


def test_a_question_from_before_the_server_answered_another_says_nothing_any_more() -> None:
    machine = Machine("longlive")
    told(machine, Started(), now=0.0)
    told(machine, HEALTHY, now=3.0)
    told(machine, StatusKnown("loaded", "longlive"), now=3.0)

    assert told(machine, Unreachable("too slow to answer", asked=2.5), now=4.5) == []
    assert machine.phase is Phase.CONNECTING
    assert told(machine, Unreachable("nobody listens", asked=4.0), now=4.5) == [Close()]


def test_a_status_that_is_never_answered_is_no_dead_end_even_if_an_older_question_was_answered_meanwhile() -> None:
    machine = Machine("longlive")
    told(machine, Started(), now=0.0)
    assert told(machine, HEALTHY, now=1.0) == [AskStatus()]
    told(machine, HEALTHY, now=1.1)

    told(machine, Unreachable("takes too long to answer"), now=11.0)

    assert machine.phase is Phase.SEARCHING
    assert woken(machine)[1] == [AskHealth()]


def test_a_server_that_was_slow_once_is_asked_again_when_frames_stop() -> None:
    machine = streaming()
    now, commands = woken(machine)
    assert commands == [AskHealth()]
    told(machine, FrameReceived(0.75), now=now + 0.1)
    told(machine, Unreachable("takes too long to answer", asked=now), now=now + 2.0)
    told(machine, FrameReceived(0.75), now=now + 2.0)

    again, commands = woken(machine)

    assert commands == [AskHealth()]
    assert again - (now + 2.0) < FREEZE_LIMIT


@given(st.data())
def test_whatever_happens_in_whatever_order_there_is_always_something_that_will_happen_next(
    data: st.DataObject,
) -> None:
    """No state without a deadline and without a question that will be answered."""
    machine = Machine("longlive", {"width": 576})
    open_questions: list[Command] = []
    now, connected = 0.0, False
    commands = told(machine, Started(orphans=("old",)))
    for _ in range(60):
        for command in commands:
            match command:
                case Close():
                    connected = False
                case Offer():
                    connected = True
                case _:
                    open_questions.append(command)
        assert machine.deadline is not None or open_questions
        steps: list[object] = [*open_questions, *(["frame", "stop", "answer", "refuse"] if connected else [])]
        step = data.draw(st.sampled_from([*steps, "time"]))
        if step == "time":
            now = max(now, machine.deadline) if machine.deadline is not None else now + 1.0
            commands = machine.on(Tick(), now)
            continue
        now += data.draw(st.floats(0, 3))
        if not isinstance(step, str):
            open_questions.remove(step)  # type: ignore[arg-type]
        event: Any
        match step:
            case AskHealth():
                event = data.draw(st.sampled_from([HEALTHY, Healthy(2000.0, None), Unreachable("no", asked=now - 1)]))
            case AskStatus():
                event = data.draw(
                    st.sampled_from(
                        [LOADED, NOT_LOADED, LOADING, StatusKnown("error"), Unreachable("no"), Failed("500")]
                    )
                )
            case Load():
                event = data.draw(st.sampled_from([LoadAccepted(), Failed("422"), Unreachable("no")]))
            case RemoveSession():
                event = SessionRemoved()
            case ReadLog():
                event = LogRead(data.draw(st.booleans()))
            case "answer":
                event = Answered("s")
            case "refuse":
                event, connected = data.draw(st.sampled_from([Failed("400"), Unreachable("no")])), False
            case "frame":
                event = FrameReceived(0.75)
            case _:
                event, connected = Stopped("gone"), False
        commands = machine.on(event, now)


def test_a_log_that_does_not_answer_is_asked_for_once_and_ends_nothing() -> None:
    machine = Machine("longlive")
    told(machine, Started(), HEALTHY, StatusKnown("loaded", "longlive"), Answered("s1"))

    assert woken(machine)[1] == [ReadLog(), AskHealth()]
    assert woken(machine)[1] == []
    assert machine.phase is Phase.CONNECTING


def test_a_pipeline_that_somebody_else_has_loaded_since_is_loaded_anew() -> None:
    machine = Machine("longlive", {"width": 576})
    told(machine, Started(), HEALTHY, NOT_LOADED, LoadAccepted(), LOADING)
    told(machine, LOADED, Answered("s1"), FrameReceived(), now=5.0)
    told(machine, Stopped("Scope stopped the stream"), now=60.0)
    told(machine, HEALTHY, now=60.0)

    assert told(machine, SessionRemoved(), now=60.0) == [AskStatus()]
    assert told(machine, StatusKnown("loaded", "longlive", {"width": 1024}), now=60.0) == [Load()]


def test_an_hour_of_good_streaming_forgets_the_failures_before_it() -> None:
    machine = Machine("longlive")
    told(machine, Started(), HEALTHY)
    for now in (0.0, 100.0, 200.0, 300.0):
        told(machine, StatusKnown("error"), now=now)
        told(machine, HEALTHY, now=now + 50.0)
    told(machine, StatusKnown("loaded", "longlive"), Answered("s1"), FrameReceived(), now=400.0)
    told(machine, FrameReceived(0.75), now=4000.0)
    told(machine, Unreachable("nobody listens"), now=4003.0)
    told(machine, HEALTHY, now=4004.0)

    told(machine, Failed("GET status: 500"), now=4004.0)

    assert "trying again in 1 s" in machine.detail


def test_a_paused_pipeline_is_not_frozen_but_its_server_is_watched() -> None:
    machine = streaming()
    told(machine, Paused(True), now=10.0)

    now = 10.0
    for _ in range(20):
        now, commands = woken(machine)
        assert commands == [AskHealth()]
        told(machine, HEALTHY, now=now)
    assert machine.phase.value == "paused"

    told(machine, Paused(False), now=now)
    assert machine.phase.value == "streaming"
    assert machine.deadline is not None
    assert machine.deadline > now

    told(machine, Paused(True), now=now)
    assert told(machine, Unreachable("nobody listens"), now=now + 1) == [Close()]


@pytest.mark.parametrize("event", [Stopped("Scope stopped the stream"), Healthy(started=2000.0, version="0.2.4")])
def test_a_session_that_was_good_is_replaced_at_once(event: Event) -> None:
    machine = streaming()

    assert told(machine, event, now=20.0) == [Close(), AskHealth()]


def test_sessions_that_die_young_are_not_opened_in_a_frenzy() -> None:
    machine = Machine("longlive")
    offers, now = 0, 0.0
    told(machine, Started())
    commands = told(machine, HEALTHY)
    while now < 60.0:
        if commands == [AskStatus()]:
            commands = told(machine, StatusKnown("loaded", "longlive"), now=now)
        elif commands == [Offer()]:
            offers += 1
            told(machine, Answered("young"), FrameReceived(), now=now)
            commands = told(machine, Stopped("died"), now=now + 0.1)
        elif commands and isinstance(commands[-1], RemoveSession):
            commands = told(machine, SessionRemoved(), now=now)
        elif commands == [AskHealth()]:
            commands = told(machine, HEALTHY, now=now)
        else:
            now, commands = woken(machine)

    assert offers <= 8


def test_an_offer_without_a_frame_is_given_up_after_a_minute() -> None:
    machine = Machine("longlive")
    told(machine, Started(), HEALTHY, StatusKnown("loaded", "longlive"), Answered("dead"))
    now, commands = 0.0, list[Command]()

    while Close() not in commands:
        now, commands = woken(machine)
        if ReadLog() in commands:
            told(machine, LogRead(advanced=False), now=now)

    assert now == pytest.approx(FIRST_FRAME_LIMIT)
    assert "no frame" in machine.detail


def test_an_offer_without_a_frame_is_waited_for_as_long_as_the_log_tells_of_work() -> None:
    machine = Machine("longlive")
    told(machine, Started(), HEALTHY, StatusKnown("loaded", "longlive"), Answered("slow"))
    now, commands = 0.0, list[Command]()

    while Close() not in commands:
        now, commands = woken(machine)
        if ReadLog() in commands:
            told(machine, LogRead(advanced=now < 100.0, trouble="compiling"), now=now)

    assert now == pytest.approx(100.0 + FIRST_FRAME_LIMIT, abs=3.0)


def test_what_the_log_says_is_said() -> None:
    machine = Machine("longlive")
    told(machine, Started(), HEALTHY, StatusKnown("loaded", "longlive"), Answered("dead"))

    told(machine, LogRead(advanced=True, trouble="No pipeline IDs provided, cannot start"), now=2.0)

    assert "No pipeline IDs provided" in machine.detail


def test_a_refused_offer_is_closed_and_tried_again_later() -> None:
    machine = Machine("longlive")
    told(machine, Started(), HEALTHY, StatusKnown("loaded", "longlive"))

    assert told(machine, Failed("POST offer: 500"), now=1.0) == [Close()]
    assert "POST offer: 500; trying again in 1 s" in machine.detail


def test_what_an_old_connection_still_has_to_say_changes_nothing() -> None:
    machine = streaming()
    told(machine, Stopped("Scope stopped the stream"), now=20.0)
    before = (machine.phase, machine.detail)

    assert told(machine, Stopped("the connection was closed"), FrameReceived(0.75), now=20.1) == []
    assert (machine.phase, machine.detail) == before


def test_pauses_grow_to_half_a_minute() -> None:
    growing = pauses()

    assert [next(growing) for _ in range(7)] == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]
