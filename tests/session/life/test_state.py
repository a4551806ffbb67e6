"""The session's life as a dialogue: this happens, so this is to be done."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.profile.model import Node
from bridge.session.contract.troubles import Recovery, Trouble
from bridge.session.life.events import (
    Answered,
    AskHealth,
    AskStatus,
    Close,
    Command,
    Compare,
    Compared,
    Confused,
    Event,
    Failed,
    FrameReceived,
    Healthy,
    IsPrepared,
    Load,
    LoadAccepted,
    LogRead,
    MessageSent,
    Offer,
    Paused,
    Prepare,
    Progress,
    ReadLog,
    RemoveSession,
    SessionRemoved,
    SinkReceived,
    Started,
    StatusKnown,
    Stopped,
    Tick,
    Unreachable,
)
from bridge.session.life.state import CONFUSED_INTERVAL, LOAD_GRACE, STATUS_INTERVAL, Machine, pauses
from bridge.session.life.watching import FIRST_FRAME_LIMIT, FREEZE_LIMIT, HEALTH_INTERVAL, SINK_LIMIT, SINK_WARNING
from bridge.status import Phase

HEALTHY = Healthy(started=1000.0, version="0.2.4")
LOADED = StatusKnown("loaded", "longlive", {"width": 576})
NOT_LOADED = StatusKnown("not_loaded")
LOADING = StatusKnown("loading", "longlive", {"width": 576}, stage="Loading diffusion model")
BUSY = Trouble("chunk-failed", "longlive could not make a chunk: no prompt", Recovery.WAIT)
OUT_OF_MEMORY = Trouble("gpu-memory", "the GPU ran out of memory", Recovery.RELOAD)
DEAD = Trouble("no-pipeline", "Scope was offered a session without a pipeline", Recovery.RECONNECT)


def longlive(load: dict[str, Any] | None = None) -> Machine:
    return Machine("longlive", (Node("longlive", "longlive", load or {}),))


def told(machine: Machine, *events: Event, now: float = 0.0) -> list[Command]:
    """Tell the machine of `events`, one after the other, and return what the last one commands. What it wants prepared
    is there already."""
    commands: list[Command] = []
    for event in events:
        commands = machine.on(event, now)
        if commands == [Prepare()]:
            commands = machine.on(IsPrepared(machine.nodes), now)
    return commands


def woken(machine: Machine) -> tuple[float, list[Command]]:
    """Wait until the machine's deadline, and return when that was and what it commands then."""
    assert machine.deadline is not None
    now = machine.deadline
    return now, machine.on(Tick(), now)


def streaming(since: float = 0.0, period: float = 0.75) -> Machine:
    machine = longlive({"width": 576})
    told(machine, Started(), HEALTHY, LOADED, Answered("s1"), FrameReceived(), now=since)
    told(machine, FrameReceived(period, 0.06), Tick(), Compared(), now=since + 10.0)
    return machine


def test_a_ready_server_is_offered_a_session_at_once() -> None:
    machine = longlive({"width": 576})

    assert told(machine, Started()) == [AskHealth()]
    assert told(machine, HEALTHY) == [AskStatus()]
    assert told(machine, LOADED) == [Offer()]
    assert told(machine, Answered("s1"), FrameReceived()) == []
    assert machine.phase is Phase.STREAMING


def test_sessions_of_an_earlier_run_are_removed_before_anything_else() -> None:
    machine = longlive()

    told(machine, Started(orphans=("old", "older")))

    assert told(machine, HEALTHY) == [RemoveSession("old")]
    assert told(machine, SessionRemoved()) == [RemoveSession("older")]
    assert told(machine, SessionRemoved()) == [AskStatus()]


def test_a_server_that_is_down_is_asked_at_least_every_second() -> None:
    machine = longlive()
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
    machine = longlive({"width": 576})

    assert told(machine, Started(), HEALTHY, NOT_LOADED) == [Load(machine.nodes)]
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
    machine = longlive({"width": 576})

    assert told(machine, Started(), HEALTHY, other) == [Load(machine.nodes)]


def test_a_pipeline_that_was_loaded_with_more_than_we_asked_for_is_good() -> None:
    machine = longlive({"width": 576})

    assert told(machine, Started(), HEALTHY, StatusKnown("loaded", "longlive", {"width": 576, "height": 320})) == [
        Offer()
    ]


def test_a_server_that_rewrites_load_parameters_is_not_made_to_load_for_ever() -> None:
    machine = longlive({"width": 570})
    told(machine, Started(), HEALTHY, NOT_LOADED, LoadAccepted(), LOADING)

    assert told(machine, LOADED, now=9.0) == [Offer()]


def test_a_status_that_does_not_show_the_load_yet_is_given_time() -> None:
    machine = longlive()
    told(machine, Started(), HEALTHY, NOT_LOADED, LoadAccepted())

    assert told(machine, NOT_LOADED, now=LOAD_GRACE / 2) == []
    assert machine.phase is Phase.LOADING
    assert "could not" not in machine.detail
    told(machine, NOT_LOADED, now=LOAD_GRACE)
    assert "could not load longlive" in machine.detail


@pytest.mark.parametrize("end", [StatusKnown("error", "longlive"), NOT_LOADED])
def test_a_load_that_fails_is_tried_again_ever_more_rarely_while_health_is_still_asked(end: StatusKnown) -> None:
    machine = longlive()
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
        assert told(machine, NOT_LOADED, now=now) == [Load(machine.nodes)]
        told(machine, LoadAccepted(), LOADING, now=now)

    assert waited == pytest.approx([1.0, 2.0, 4.0, 8.0], abs=HEALTH_INTERVAL)


def test_a_restarted_server_is_not_made_to_wait_for_the_failures_of_the_old_one() -> None:
    machine = longlive()
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
    assert commands == [AskHealth(), ReadLog()]
    assert now - 10.0 == pytest.approx(0.36)
    assert told(machine, Unreachable("nobody listens"), now=now) == [Close()]
    assert machine.phase is Phase.SEARCHING
    assert woken(machine)[1] == [AskHealth()]
    assert told(machine, Healthy(started=2000.0, version="0.2.4"), now=now + 1) == [AskStatus()]


def test_a_picture_that_freezes_while_the_server_lives_is_left_after_the_limit_and_its_session_removed() -> None:
    machine = streaming(period=0.75)
    now, commands = 10.0, list[Command]()

    while Close() not in commands:
        now, commands = woken(machine)
        if AskHealth() in commands and Close() not in commands:
            told(machine, HEALTHY, now=now)
        if ReadLog() in commands:
            told(machine, LogRead(advanced=False), now=now)

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
        assert told(machine, FrameReceived(0.75, 0.06), now=now) == []
        assert told(machine, Tick(), now=now) in ([], [Compare()])
    assert told(machine, Unreachable("too slow to answer", asked=now - 2.0), now=now) == []
    assert machine.phase is Phase.STREAMING


def test_a_question_from_before_the_server_answered_another_says_nothing_any_more() -> None:
    machine = longlive()
    told(machine, Started(), now=0.0)
    told(machine, HEALTHY, now=3.0)
    told(machine, StatusKnown("loaded", "longlive"), now=3.0)

    assert told(machine, Unreachable("too slow to answer", asked=2.5), now=4.5) == []
    assert machine.phase is Phase.CONNECTING
    assert told(machine, Unreachable("nobody listens", asked=4.0), now=4.5) == [Close()]


def test_a_status_that_is_never_answered_is_no_dead_end_even_if_an_older_question_was_answered_meanwhile() -> None:
    machine = longlive()
    told(machine, Started(), now=0.0)
    assert told(machine, HEALTHY, now=1.0) == [AskStatus()]
    told(machine, HEALTHY, now=1.1)

    told(machine, Unreachable("takes too long to answer"), now=11.0)

    assert machine.trouble == "Scope does not answer: takes too long to answer"
    assert woken(machine)[1] == [AskHealth()]


@pytest.mark.parametrize("before", [(HEALTHY,), (HEALTHY, LOADED), (HEALTHY, NOT_LOADED)])
def test_a_server_that_answers_about_its_health_and_no_other_request_is_not_asked_in_a_frenzy(
    before: tuple[Event, ...],
) -> None:
    machine = longlive({"width": 576})
    told(machine, Started())
    now, attempts = 0.0, 0
    while now < 60.0:
        told(machine, *before, Unreachable("a proxy answers (502)"), now=now)
        attempts += 1
        while True:
            now, _ = woken(machine)
            told(machine, HEALTHY, now=now)
            if machine._step.value != "waiting":
                break
    assert attempts <= 7


def test_a_server_that_was_slow_once_is_asked_again_when_frames_stop() -> None:
    machine = streaming()
    now, commands = woken(machine)
    assert commands == [AskHealth(), ReadLog()]
    told(machine, LogRead(advanced=False), FrameReceived(0.75, 0.06), now=now + 0.1)
    told(machine, Unreachable("takes too long to answer", asked=now), now=now + 2.0)
    told(machine, FrameReceived(0.75, 0.06), now=now + 2.0)

    again, commands = woken(machine)

    assert commands == [AskHealth(), ReadLog()]
    assert again - (now + 2.0) < FREEZE_LIMIT


@given(st.data())
def test_whatever_happens_in_whatever_order_there_is_always_something_that_will_happen_next(
    data: st.DataObject,
) -> None:
    """No state without a deadline and without a question that will be answered."""
    machine = longlive({"width": 576})
    open_questions: list[Command] = []
    now, connected = 0.0, False
    commands = told(machine, Started(orphans=("old",)))
    for _ in range(60):
        for command in commands:
            match command:
                case Close():
                    connected = False
                case Offer():
                    assert not connected, "never two sessions at once"
                    connected = True
                case Prepare():
                    open_questions = [one for one in open_questions if one != Prepare()]
                    open_questions.append(command)
                case _:
                    open_questions.append(command)
        assert machine.deadline is not None or open_questions
        steps: list[object] = [
            *open_questions,
            *(["frame", "sent", "stop", "answer", "refuse", "pause"] if connected else []),
        ]
        step = data.draw(st.sampled_from([*steps, "time"]))
        if step == "time":
            now = max(now, machine.deadline) if machine.deadline is not None else now + 1.0
            commands = machine.on(Tick(), now)
            assert machine.deadline is None or machine.deadline > now, "it would be asked over and over"
            continue
        now += data.draw(st.floats(0, 3))
        if not isinstance(step, str):
            open_questions.remove(step)  # type: ignore[arg-type]
        event: Any
        match step:
            case AskHealth():
                event = data.draw(
                    st.sampled_from(
                        [
                            HEALTHY,
                            Healthy(2000.0, None),
                            Healthy(None, "9.9"),
                            Unreachable("no", asked=now - 1),
                            Unreachable("no", asked=now - 1, slow=True),
                            Confused("500"),
                        ]
                    )
                )
            case Prepare():
                event = data.draw(st.sampled_from([IsPrepared(machine.nodes), Failed("no LoRA"), Unreachable("no")]))
            case AskStatus():
                event = data.draw(
                    st.sampled_from(
                        [LOADED, NOT_LOADED, LOADING, StatusKnown("error"), Unreachable("no"), Confused("500")]
                    )
                )
            case Load():
                event = data.draw(st.sampled_from([LoadAccepted(), Failed("422"), Unreachable("no")]))
            case RemoveSession():
                event = SessionRemoved()
            case ReadLog():
                event = LogRead(data.draw(st.booleans()), data.draw(st.sampled_from([None, BUSY, OUT_OF_MEMORY])))
            case Compare():
                event = Compared(data.draw(st.sampled_from([None, True, False])))
            case "answer":
                event = Answered("s")
            case "refuse":
                event, connected = data.draw(st.sampled_from([Failed("400"), Unreachable("no")])), False
            case "frame":
                event = FrameReceived(
                    *data.draw(st.sampled_from([(0.75, 0.06), (None, 0.0), (None, 1.9), (24.0, 2.0)]))
                )
            case "pause":
                event = Paused(data.draw(st.booleans()))
            case "sent":
                event = MessageSent()
            case _:
                event, connected = Stopped("gone"), False
        commands = machine.on(event, now)


def test_a_picture_of_less_than_a_frame_a_second_is_waited_for_without_asking_over_and_over() -> None:
    machine = streaming()
    told(machine, FrameReceived(None, 1.9), now=15.0)

    now = 15.0
    for _ in range(100):
        assert machine.deadline is not None
        assert machine.deadline > now
        now, _ = woken(machine)
        if machine.phase is not Phase.STREAMING:
            break
    assert now >= 15.0 + 3.9 * 1.9
    assert now <= 30.0


def test_a_hand_that_moves_while_it_is_paused_does_not_keep_the_server_from_being_asked_whether_it_lives() -> None:
    machine = streaming()
    told(machine, Paused(True), now=20.0)

    asked = 0
    for step in range(100):
        now = 20.0 + step / 20
        told(machine, MessageSent(), now=now)
        if machine.deadline is not None and machine.deadline <= now:
            asked += machine.on(Tick(), now).count(AskHealth())
            told(machine, HEALTHY, now=now)
    assert 3 <= asked <= 6


def test_a_chain_that_a_server_names_by_another_of_its_parts_is_ours_once_we_have_loaded_it() -> None:
    machine = Machine("longlive", (Node("pre", "gray"), Node("longlive", "longlive", {"width": 576})))
    told(machine, Started(), HEALTHY)
    assert told(machine, LOADED) == [Load(machine.nodes)]
    told(machine, LoadAccepted(), LOADING, now=1.0)

    assert told(machine, LOADED, now=2.0) == [Offer()]


def test_a_chain_that_a_server_had_already_and_names_by_another_part_is_not_loaded_for_ever() -> None:
    machine = Machine("longlive", (Node("pre", "gray"), Node("longlive", "longlive", {"width": 576})))
    told(machine, Started(), HEALTHY, LOADED, LoadAccepted(), now=1.0)

    assert told(machine, LOADED, now=1.1) == []
    assert told(machine, LOADED, now=1.1 + LOAD_GRACE) == [Offer()]


def test_a_log_that_does_not_answer_is_asked_for_once_and_ends_nothing() -> None:
    machine = longlive()
    told(machine, Started(), HEALTHY, StatusKnown("loaded", "longlive"), Answered("s1"))

    assert woken(machine)[1] == [ReadLog(), AskHealth()]
    assert woken(machine)[1] == []
    assert machine.phase is Phase.CONNECTING


def test_a_pipeline_that_somebody_else_has_loaded_since_is_loaded_anew() -> None:
    machine = longlive({"width": 576})
    told(machine, Started(), HEALTHY, NOT_LOADED, LoadAccepted(), LOADING)
    told(machine, LOADED, Answered("s1"), FrameReceived(), now=5.0)
    told(machine, Stopped("Scope stopped the stream"), now=60.0)
    told(machine, HEALTHY, now=60.0)

    assert told(machine, SessionRemoved(), now=60.0) == [AskStatus()]
    assert told(machine, StatusKnown("loaded", "longlive", {"width": 1024}), now=60.0) == [Load(machine.nodes)]


def test_an_hour_of_good_streaming_forgets_the_failures_before_it() -> None:
    machine = longlive()
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


def test_a_link_over_which_nothing_comes_is_not_called_a_picture_that_froze() -> None:
    found = {}
    for hushed in (False, True):
        machine = streaming()
        while machine.phase is Phase.STREAMING:
            assert machine.deadline is not None
            machine.on(Tick(hushed), machine.deadline)
        found[hushed] = machine.trouble

    assert found[False] == "the picture froze"
    assert found[True] == "nothing arrives from Scope any more: the network broke, or the server hangs"


def two_sinks() -> Machine:
    machine = Machine("longlive", (Node("longlive", "longlive"),), ("wide",))
    told(machine, Started(), HEALTHY, StatusKnown("loaded", "longlive"), Answered("s1"), FrameReceived())
    return machine


def played(machine: Machine, begin: float, end: float, *, wide: bool) -> float:
    """Let frames come four times a second; return when the session was lost, or `end`."""
    now = begin
    while now < end and machine.phase is Phase.STREAMING:
        told(machine, FrameReceived(0.75, 0.06), now=now)
        if wide:
            told(machine, SinkReceived("wide"), now=now)
        told(machine, Tick(), now=now)
        now += 0.25
    return now


def test_a_sink_that_stands_still_alone_is_said_and_brings_a_new_session() -> None:
    machine = two_sinks()
    played(machine, 0.0, 10.0, wide=True)
    assert machine.warning(10.0) == ""

    played(machine, 10.0, 10.0 + SINK_WARNING, wide=False)
    assert machine.warning(10.0 + SINK_WARNING) == "no picture comes from wide, while the others do"
    lost = played(machine, 10.0 + SINK_WARNING, 60.0, wide=False)

    assert lost == pytest.approx(9.75 + SINK_LIMIT, abs=1.0)
    assert machine.trouble == "no picture comes from wide, while the others do"


def test_a_sink_that_never_comes_is_only_said_as_its_pipeline_may_be_compiled_yet() -> None:
    machine = two_sinks()

    assert played(machine, 0.0, 120.0, wide=False) == 120.0
    assert machine.warning(120.0) == "no picture comes from wide, while the others do"


def test_a_sink_that_is_dead_for_good_costs_the_others_ever_fewer_sessions() -> None:
    machine = two_sinks()
    waited, now = [], 0.0
    for _ in range(4):
        told(machine, SinkReceived("wide"), now=now)
        lost = played(machine, now, now + 200.0, wide=False)
        waited.append(lost - now)
        told(machine, HEALTHY, now=lost)
        told(machine, SessionRemoved(), now=lost)
        told(machine, StatusKnown("loaded", "longlive"), Answered("next"), FrameReceived(), now=lost)
        now = lost

    assert waited == pytest.approx([SINK_LIMIT, 2 * SINK_LIMIT, 4 * SINK_LIMIT, 8 * SINK_LIMIT], abs=1.0)


def test_sinks_of_a_paused_pipeline_are_not_missed() -> None:
    machine = two_sinks()
    played(machine, 0.0, 10.0, wide=True)
    told(machine, Paused(True), now=10.0)
    now = 10.0
    while now < 60.0:
        now, _ = woken(machine)
        told(machine, HEALTHY, now=now)
    told(machine, Paused(False), now=now)

    assert machine.warning(now) == ""
    assert played(machine, now, now + SINK_LIMIT - 1.0, wide=False) >= now + SINK_LIMIT - 1.0


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
    machine = longlive()
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


def test_an_offer_without_a_frame_is_given_up_after_minutes_because_a_first_chunk_may_take_three() -> None:
    machine = longlive()
    told(machine, Started(), HEALTHY, StatusKnown("loaded", "longlive"), Answered("dead"))
    now, commands = 0.0, list[Command]()

    while Close() not in commands:
        now, commands = woken(machine)
        if ReadLog() in commands:
            told(machine, LogRead(advanced=False), now=now)

    assert now == pytest.approx(FIRST_FRAME_LIMIT)
    assert now > 180.0
    assert "no frame" in machine.detail


def test_an_offer_without_a_frame_is_waited_for_as_long_as_the_log_tells_of_work() -> None:
    machine = longlive()
    told(machine, Started(), HEALTHY, StatusKnown("loaded", "longlive"), Answered("slow"))
    now, commands = 0.0, list[Command]()

    while Close() not in commands:
        now, commands = woken(machine)
        if ReadLog() in commands:
            told(machine, LogRead(advanced=now < 100.0, trouble=BUSY), now=now)

    assert now == pytest.approx(100.0 + FIRST_FRAME_LIMIT, abs=3.0)


def test_what_the_log_says_of_a_first_frame_that_does_not_come_is_said() -> None:
    machine = longlive()
    told(machine, Started(), HEALTHY, StatusKnown("loaded", "longlive"), Answered("slow"))

    assert told(machine, LogRead(advanced=True, trouble=BUSY), now=2.0) == []

    assert machine.detail == "waiting for the first frame; longlive could not make a chunk: no prompt"


def test_a_session_that_the_log_calls_dead_is_not_waited_for() -> None:
    machine = longlive()
    told(machine, Started(), HEALTHY, StatusKnown("loaded", "longlive"), Answered("dead"))

    assert told(machine, LogRead(advanced=True, trouble=DEAD), now=2.0) == [Close()]

    assert machine.detail == "Scope was offered a session without a pipeline; trying again in 1 s"


def test_a_refused_offer_is_closed_and_tried_again_later() -> None:
    machine = longlive()
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


# Before the load


def test_what_the_load_needs_is_prepared_before_it_and_its_progress_is_shown() -> None:
    machine = longlive()
    machine.on(Started(), 0.0)

    assert machine.on(HEALTHY, 0.0) == [Prepare()]
    assert machine.on(Progress("downloading wan.safetensors", 0.4), 1.0) == []
    assert (machine.phase, machine.detail, machine.progress) == (Phase.LOADING, "downloading wan.safetensors", 0.4)

    with_paths = (Node("longlive", "longlive", {"loras": [{"path": "/models/lora/ink.safetensors"}]}),)
    assert machine.on(IsPrepared(with_paths), 2.0) == [AskStatus()]
    assert machine.progress is None
    assert machine.on(NOT_LOADED, 2.0) == [Load(with_paths)]


def test_what_is_prepared_is_prepared_until_the_server_restarts() -> None:
    machine = streaming()
    told(machine, Stopped("Scope stopped the stream"), now=20.0)
    assert machine.on(HEALTHY, 20.0) == [RemoveSession("s1")]
    assert machine.on(SessionRemoved(), 20.0) == [AskStatus()]

    machine = streaming()
    told(machine, Unreachable("nobody listens"), now=20.0)
    assert machine.on(Healthy(started=2000.0, version="0.2.4"), 21.0) == [Prepare()]


def test_a_preparation_that_finds_what_cannot_work_says_so_and_tries_again_ever_more_rarely() -> None:
    machine = longlive()
    machine.on(Started(), 0.0)
    machine.on(HEALTHY, 0.0)

    assert machine.on(Failed("longlive needs 20 GB of GPU memory, and this server has 8"), 0.0) == []
    assert machine.detail == "longlive needs 20 GB of GPU memory, and this server has 8; trying again in 1 s"
    assert machine.on(HEALTHY, 1.0) == [Prepare()]
    machine.on(Failed("longlive needs 20 GB of GPU memory, and this server has 8"), 1.0)
    assert "trying again in 2 s" in machine.detail


def test_after_a_load_that_failed_everything_is_prepared_anew() -> None:
    machine = longlive()
    told(machine, Started(), HEALTHY, NOT_LOADED, LoadAccepted(), LOADING, StatusKnown("error"))

    assert machine.on(HEALTHY, 1.0) == [Prepare()]


def test_why_a_load_failed_is_read_in_the_log() -> None:
    machine = longlive()

    assert told(machine, Started(), HEALTHY, NOT_LOADED, LoadAccepted(), LOADING, StatusKnown("error")) == [ReadLog()]
    told(machine, LogRead(advanced=True, trouble=OUT_OF_MEMORY))

    assert machine.detail == "Scope could not load longlive: the GPU ran out of memory; trying again in 1 s"


def test_the_log_of_a_server_that_has_none_is_not_asked_for() -> None:
    machine = longlive()
    beta = Healthy(started=None, version=None)

    assert told(machine, Started(), beta, NOT_LOADED, LoadAccepted(), LOADING, StatusKnown("error")) == []
    told(machine, beta, StatusKnown("loaded", "longlive"), Answered("s1"), now=1.0)
    assert woken(machine)[1] == [AskHealth()]


def test_a_chain_that_somebody_else_may_have_loaded_is_loaded_for_the_status_shows_only_its_first_part() -> None:
    chain = Machine("longlive", (Node("depth", "video-depth-anything"), Node("dream", "longlive", {"width": 576})))
    shown = StatusKnown("loaded", "depth", {})

    assert told(chain, Started(), HEALTHY, shown) == [Load(chain.nodes)]
    told(chain, LoadAccepted(), StatusKnown("loading", "depth"))
    assert told(chain, shown) == [Offer()]

    told(chain, Answered("s1"), FrameReceived(0.75, 0.06), Stopped("Scope stopped the stream"), now=6.0)
    told(chain, HEALTHY, SessionRemoved(), now=8.0)
    assert told(chain, shown, now=8.0) == [Offer()]

    told(chain, Failed("POST offer: 500"), HEALTHY, now=20.0)
    assert told(chain, StatusKnown("loaded", "gray", {}), now=30.0) == []
    told(chain, HEALTHY, now=30.0)
    assert told(chain, StatusKnown("loaded", "gray", {}), now=30.0) == [Load(chain.nodes)]


def test_what_a_server_made_of_our_load_parameters_is_still_ours_after_a_reconnection() -> None:
    machine = longlive({"base_seed": 7})
    told(machine, Started(), HEALTHY, NOT_LOADED, LoadAccepted(), StatusKnown("loading", "longlive", {"seed": 7}))
    told(machine, StatusKnown("loaded", "longlive", {"seed": 7}), Answered("s1"), FrameReceived(), now=1.0)
    told(machine, Stopped("Scope stopped the stream"), HEALTHY, now=60.0)

    assert told(machine, SessionRemoved(), now=60.0) == [AskStatus()]
    assert told(machine, StatusKnown("loaded", "longlive", {"seed": 7}), now=60.0) == [Offer()]


# Errors and nonsense


def test_a_server_that_answers_about_its_health_by_nonsense_is_asked_again_and_nothing_else() -> None:
    machine = longlive()
    told(machine, Started())

    assert told(machine, Confused("GET /health: the answer is not JSON"), now=0.1) == []
    assert machine.phase is Phase.SEARCHING
    assert machine.detail == "Scope answers what cannot be understood: GET /health: the answer is not JSON"
    assert woken(machine)[1] == [AskHealth()]


def test_nonsense_about_the_status_is_no_reason_to_load_again_nor_to_forget_the_load_that_goes_on() -> None:
    machine = longlive()
    told(machine, Started(), HEALTHY, NOT_LOADED, LoadAccepted(), LOADING)

    for nonsense in (Confused("GET status: 500"), StatusKnown("None"), StatusKnown("banana")):
        assert told(machine, nonsense, now=5.0) == []
        assert machine.deadline == 5.0 + CONFUSED_INTERVAL
        assert woken(machine)[1] == [AskStatus()]

    assert told(machine, LOADED, now=7.0) == [Offer()]


def test_nonsense_ends_no_session_whose_frames_come() -> None:
    machine = streaming()
    now, _ = woken(machine)

    assert told(machine, Confused("GET /health: 500"), now=now) == []
    told(machine, FrameReceived(0.75, 0.06), now=now + 0.2)
    assert told(machine, Failed("POST offer: 500"), now=now + 0.3) == []
    assert machine.phase is Phase.STREAMING


def test_a_paused_session_is_not_ended_by_a_request_that_fails() -> None:
    machine = streaming()
    told(machine, Paused(True), now=11.0)

    assert told(machine, Failed("POST offer: 500"), now=12.0) == []
    assert machine.phase is Phase.PAUSED


def test_a_restart_during_a_load_begins_anew_at_once() -> None:
    machine = longlive()
    told(machine, Started(), HEALTHY, NOT_LOADED, LoadAccepted(), LOADING)

    told(machine, Unreachable("nobody listens"), now=5.0)
    assert woken(machine)[1] == [AskHealth()]
    assert told(machine, Healthy(started=2000.0, version="0.2.4"), NOT_LOADED, now=6.0) == [Load(machine.nodes)]


def test_a_load_of_many_minutes_is_waited_for() -> None:
    machine = longlive()
    told(machine, Started(), HEALTHY, NOT_LOADED, LoadAccepted())

    now = 0.0
    while now < 900.0:
        now, commands = woken(machine)
        assert commands == [AskStatus()]
        assert told(machine, LOADING, now=now) == []
        assert machine.deadline == now + STATUS_INTERVAL
    assert told(machine, LOADED, now=now) == [Offer()]


# What the log and the server's own view say while frames come


def test_after_a_message_the_log_is_read_and_what_the_server_has_is_compared_once() -> None:
    machine = streaming()
    told(machine, MessageSent(), FrameReceived(0.75, 0.06), now=11.0)
    asked: dict[str, list[float]] = {"log": [], "compare": []}

    now = 11.0
    while now < 19.0:
        now += 0.06
        for command in [*told(machine, FrameReceived(0.75, 0.06), now=now), *told(machine, Tick(), now=now)]:
            if command == ReadLog():
                asked["log"].append(now)
                told(machine, LogRead(advanced=False), now=now)
            if command == Compare():
                asked["compare"].append(now)
                told(machine, Compared(heard=True), now=now)

    assert asked == {"log": [pytest.approx(13.0, abs=0.1)], "compare": [pytest.approx(14.0, abs=0.1)]}


def test_while_nothing_is_said_the_server_is_compared_every_ten_seconds_for_somebody_else_may_have_come() -> None:
    machine = streaming()
    compared = []
    now = 10.0
    while now < 55.0:
        now += 0.06
        told(machine, FrameReceived(0.75, 0.06), now=now)
        if Compare() in told(machine, Tick(), now=now):
            compared.append(now)
            told(machine, Compared(), now=now)

    assert compared == pytest.approx([20.0, 30.0, 40.0, 50.0], abs=0.3)


def test_when_frames_end_and_the_log_says_that_the_worker_ran_out_of_memory_it_is_left_at_once_and_loaded_again() -> (
    None
):
    machine = streaming()
    now, commands = woken(machine)
    assert commands == [AskHealth(), ReadLog()]

    assert told(machine, LogRead(advanced=True, trouble=OUT_OF_MEMORY), now=now) == [Close(), AskHealth()]
    assert machine.detail == "the GPU ran out of memory; reconnecting"
    told(machine, HEALTHY, now=now)
    told(machine, SessionRemoved(), now=now)
    assert told(machine, LOADED, now=now) == [Load(machine.nodes)]
    told(machine, LoadAccepted(), LOADING, now=now)
    assert told(machine, LOADED, now=now) == [Offer()]


def test_a_line_that_came_before_the_frames_ended_is_believed_when_they_do() -> None:
    machine = streaming()

    assert told(machine, LogRead(advanced=True, trouble=OUT_OF_MEMORY), now=10.05) == []
    assert machine.warning(10.1) == "the GPU ran out of memory"
    assert woken(machine)[1] == [Close(), AskHealth()]


def test_while_frames_come_no_line_of_the_log_ends_anything_and_later_it_is_forgotten() -> None:
    machine = streaming()
    told(machine, LogRead(advanced=True, trouble=OUT_OF_MEMORY), now=10.05)
    now = 10.0
    while now < 16.0:
        now += 0.06
        assert Close() not in told(machine, FrameReceived(0.75, 0.06), now=now)
    told(machine, Compared(), now=now)

    assert woken(machine)[1] == [AskHealth(), ReadLog()]


def test_what_the_log_of_a_new_session_says_of_the_one_before_it_does_not_end_it() -> None:
    machine = longlive()
    told(machine, Started(), HEALTHY, StatusKnown("loaded", "longlive"), Answered("s2"))
    of_the_old_one = Trouble("track-stopped", "Scope's video ended", Recovery.RECONNECT)

    assert told(machine, LogRead(advanced=True, trouble=of_the_old_one), now=2.0) == []
    assert machine.phase is Phase.CONNECTING


def test_a_warning_of_the_log_is_shown_for_a_while() -> None:
    machine = streaming()
    told(
        machine,
        LogRead(advanced=True, trouble=Trouble("queue-full", "Scope dropped a change", Recovery.WAIT)),
        now=10.0,
    )

    assert machine.warning(20.0) == "Scope dropped a change"
    assert machine.warning(60.0) == ""


def test_a_channel_that_nobody_hears_is_left_when_that_is_certain() -> None:
    machine = streaming()

    assert told(machine, Compared(heard=False), now=10.1) == []
    assert told(machine, Compared(heard=False), now=13.1) == [Close(), AskHealth()]
    assert machine.detail == "Scope hears nothing of what it is told; reconnecting"


def test_one_that_was_heard_in_between_is_not() -> None:
    machine = streaming()

    for heard in (False, True, False, None, True, False):
        assert told(machine, FrameReceived(0.75, 0.06), Compared(heard=heard), now=10.1) == []
    assert machine.phase is Phase.STREAMING


def test_a_server_that_is_deaf_in_every_session_is_left_ever_more_rarely() -> None:
    machine = streaming()
    needed = []
    for session in range(4):
        answers = 1
        while Close() not in told(
            machine, FrameReceived(0.75, 0.06), Compared(heard=False), now=100.0 * session + 20.0
        ):
            answers += 1
        needed.append(answers)
        told(machine, HEALTHY, now=100.0 * session + 30.0)
        told(machine, SessionRemoved(), LOADED, Answered("next"), now=100.0 * session + 30.0)
        told(machine, FrameReceived(0.75, 0.06), now=100.0 * session + 30.0)

    assert needed == [2, 4, 8, 16]


def test_another_client_on_the_server_is_said() -> None:
    machine = streaming()

    assert told(machine, Compared(company=True), now=10.1) == []
    assert "another client plays on this server" in machine.warning(10.1)
    told(machine, Compared(), now=20.1)
    assert machine.warning(20.1) == ""


def test_a_pipeline_that_somebody_else_loads_is_said_and_ours_loaded_again_only_when_our_session_is_dead() -> None:
    machine = streaming()

    assert told(machine, FrameReceived(0.75, 0.06), Compared(pipeline="gray"), now=20.0) == []
    assert machine.warning(20.0) == (
        "somebody else has loaded gray on this server; ours plays on until its session ends"
    )
    assert told(machine, Stopped("Scope stopped the stream"), now=21.0) == [Close(), AskHealth()]
    told(machine, HEALTHY, now=21.0)
    told(machine, SessionRemoved(), now=21.0)
    assert told(machine, StatusKnown("loaded", "gray", {}), now=21.0) == [Load(machine.nodes)]


def test_why_there_is_no_picture_is_known_until_it_has_been_back_for_a_while() -> None:
    machine = streaming()
    assert machine.trouble == ""

    told(machine, Stopped("Scope stopped the stream"), now=20.0)
    assert machine.trouble == "Scope stopped the stream"
    told(machine, HEALTHY, now=20.0)
    assert machine.detail == "Scope stopped the stream"

    told(machine, SessionRemoved(), LOADED, Answered("s2"), FrameReceived(0.75, 0.06), now=21.0)
    assert machine.trouble == "Scope stopped the stream"
    told(machine, FrameReceived(0.75, 0.06), now=27.0)
    assert machine.trouble == ""


def test_a_server_that_compiles_and_lets_every_question_wait_is_not_given_up_for_it() -> None:
    machine = longlive()
    told(machine, Started(), HEALTHY, StatusKnown("loaded", "longlive"), Answered("s1"))

    for now in (4.0, 8.0, 12.0, 16.0):
        assert told(machine, Unreachable("takes too long to answer", asked=now - 2.0, slow=True), now=now) == []
        assert machine.phase is Phase.CONNECTING
    assert told(machine, Unreachable("takes too long to answer", asked=19.0, slow=True), now=21.0) == [Close()]


def test_a_server_that_lets_questions_wait_and_sends_no_frames_is_left_when_the_picture_froze() -> None:
    machine = streaming(period=0.75)
    now, _ = woken(machine)

    assert told(machine, Unreachable("takes too long to answer", asked=now, slow=True), now=now + 2.0) == []
    while machine.phase is Phase.STREAMING:
        now, _ = woken(machine)
    assert now == 13.0


def test_a_health_that_suddenly_says_nothing_is_no_restart_and_no_other_version() -> None:
    machine = streaming()

    assert told(machine, Healthy(started=None, version=None), now=10.5) == []
    assert machine.phase is Phase.STREAMING
    assert machine.dialect.version == "0.2.4"


def test_a_server_that_was_away_may_come_back_as_an_older_one() -> None:
    machine = streaming()
    told(machine, Unreachable("nobody listens"), now=10.5)

    assert machine.on(Healthy(started=None, version=None), 11.0) == [Prepare()]
    assert not machine.dialect.graphs
