"""The terminal's status, to the letter."""

import asyncio
import io
import logging
import sys
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from bridge.console.dashboard import PERIOD, Dashboard, News, Rates, ending_of, picture_of
from bridge.status import (
    CueStatus,
    FaderStatus,
    InputStatus,
    OutputStatus,
    Phase,
    RouteStatus,
    ScopeStatus,
    ShowStatus,
    Status,
)

STATUS = Status(
    "mappings/demo.yaml",
    10.0,
    ScopeStatus(
        "http://127.0.0.1:8000",
        Phase.STREAMING,
        "longlive on Scope 0.2.4",
        fps=15.6,
        chunk_seconds=0.77,
        chunks=405,
        messages=412,
        frame_age=0.041,
        sessions=2,
    ),
    (
        InputStatus("stage", "OSC on 127.0.0.1:9000", 1000),
        InputStatus("tablet", "OSC on 127.0.0.1:9001", 40, 2, "'/1/xy' came without a value"),
    ),
    (
        OutputStatus("program", "NDI source SHOW (Scope Bridge)", receivers=2, frozen=True),
        OutputStatus("page", "live picture of the page", level=0.0),
        OutputStatus("wall", "NDI source SHOW (Wall)", level=0.5, detail="no NDI here"),
    ),
    (
        RouteStatus("stage/fader1", "noise_scale", 0.75, 0.5, 0.1),
        RouteStatus("stage/steps", "denoising_step_list", [1000, 500], [1000, 500], 9.0),
        RouteStatus("stage/cut", "manage_cache", True, False, 9.0),
        RouteStatus("stage/prompt", "prompt", "a reef at night", None, 9.0),
    ),
    complaints=("mappings/demo.yaml:9:10: there is no filter called 'smoth'",),
)


def rates_of(*statuses: Status) -> Rates:
    rates = Rates()
    for status in statuses:
        rates.feed(status)
    return rates


def shown(status: Status, rates: Rates | None = None, height: int = 40, width: int = 90) -> str:
    console = Console(record=True, width=width, height=height, file=io.StringIO())
    console.print(picture_of(status, rates or rates_of(status), console))
    return "\n".join(line.rstrip() for line in console.export_text().splitlines())


def test_everything_is_there_and_in_its_place() -> None:
    later = replace(STATUS, seconds=12.0, inputs=(replace(STATUS.inputs[0], signals=1480), STATUS.inputs[1]))

    assert (
        shown(later, rates_of(STATUS, later))
        == """
Scope    streaming  longlive on Scope 0.2.4
         15.6 fps  chunk 0.77 s  age 0.04 s  412 messages · 405 chunks  1 reconnect
Inputs   stage      OSC on 127.0.0.1:9000   240 /s
         tablet     OSC on 127.0.0.1:9001   0 /s   2 refused   '/1/xy' came without a val…
Outputs  program    NDI source SHOW (Scope Bridge)   2 watching   frozen
         page       live picture of the page   black
         wall       NDI source SHOW (Wall)   level 0.50   no NDI here
! mappings/demo.yaml:9:10: there is no filter called 'smoth'
Routes                                                               asked  in the picture
         stage/fader1 → noise_scale                                  0.750           0.500
         stage/steps → denoising_step_list                        1000 500        1000 500
         stage/cut → manage_cache                                       on             off
         stage/prompt → prompt                              a reef at nig…               –"""
    )


def test_a_video_input_says_which_scope_its_pictures_go_up_to() -> None:
    cam = InputStatus("cam", "NDI source FOH, 576x320 at 30 fps", 90, feeds="Scope left")

    assert "cam        NDI source FOH, 576x320 at 30 fps   0 /s   → Scope left" in shown(replace(STATUS, inputs=(cam,)))


PROGRAM = OutputStatus(
    "program",
    "NDI source SHOW (Scope Bridge)",
    3000,
    1400,
    shown=1560,
    age=0.04,
    delay=0.08,
    conversion=0.0012,
    receivers=2,
)


def outputs_after(*then: OutputStatus, phase: Phase = Phase.STREAMING, width: int = 140) -> list[str]:
    """Return the rows of outputs two seconds after they were `PROGRAM` and a page that has shown nothing yet."""
    before = replace(STATUS, outputs=(PROGRAM, OutputStatus("page", "live picture of the page")))
    after = replace(before, seconds=12.0, outputs=then, scope=replace(STATUS.scope, phase=phase))
    lines = shown(after, rates_of(before, after), width=width).splitlines()
    (first,) = (number for number, line in enumerate(lines) if line.startswith("Outputs"))
    return [line[len("Outputs  ") :] for line in lines[first : first + len(then)]]


def test_an_output_says_how_many_pictures_come_and_go_how_old_they_are_and_what_they_cost() -> None:
    later = replace(PROGRAM, sent=3060, repeated=1430, shown=1590, overwritten=1)
    page = OutputStatus("page", "live picture of the page", sent=24, overwritten=36)

    assert outputs_after(later, page) == [
        "program    NDI source SHOW (Scope Bridge)   2 watching   15.0 → 30.0 fps   age 0.04 s   late 0.08 s   1.2 ms   1 overwritten",
        "page       live picture of the page   12.0 fps   36 overwritten",
    ]


def test_what_an_output_overwrites_that_never_sent_anything_is_no_loss() -> None:
    missing = OutputStatus("screen", "screen 1", overwritten=112)

    assert outputs_after(missing) == ["screen     screen 1"]


def test_an_output_in_trouble_says_so_before_its_numbers() -> None:
    stale = replace(PROGRAM, sent=3060, age=12.4)
    slow = replace(PROGRAM, sent=3060, shown=1590, overwritten=8)
    ill = replace(PROGRAM, detail="no space left")
    watching = "NDI source SHOW (Scope Bridge)   2 watching"

    assert [outputs_after(each)[0].partition(" s   late")[0] for each in (stale, slow, ill)] == [
        f"program    {watching}   no new picture for 12 s   0.0 → 30.0 fps   age 12.40",
        f"program    {watching}   4 /s overwritten   15.0 → 30.0 fps   age 0.04",
        f"program    {watching}   no space left   age 0.04",
    ]
    assert "no new picture for 12 s" in outputs_after(stale, width=90)[0]


def test_an_old_picture_is_no_trouble_of_the_output_while_no_scope_sends_one() -> None:
    (row,) = outputs_after(replace(PROGRAM, sent=3060, age=12.4), phase=Phase.PAUSED)

    assert "no new picture" not in row
    assert "age 12.40 s" in row


def test_an_output_that_began_anew_has_no_rates_below_nothing() -> None:
    assert "2 watching   age 0.04 s" in outputs_after(replace(PROGRAM, sent=5, shown=3))[0]


def test_the_name_of_an_output_in_trouble_stands_out() -> None:
    console = Console(record=True, width=90, file=io.StringIO(), force_terminal=True)
    status = replace(STATUS, outputs=(PROGRAM, replace(PROGRAM, name="wall", detail="no NDI here")))
    console.print(picture_of(status, rates_of(status), console))
    lines = console.export_text(styles=True).splitlines()

    assert [[f"\x1b[1;33m{name}" in line for line in lines].count(True) for name in ("program", "wall")] == [0, 1]


def test_a_show_says_its_scene_its_cues_its_page_its_tempo_and_its_levels() -> None:
    faders = FaderStatus("kick", "route/kick/amount", 0.6, 0, 1), FaderStatus("arcane", "lora/arcane", None, 0, 2)
    cues = CueStatus("doors", "intro"), CueStatus("first", "drop")
    show = ShowStatus(
        "drop", ("intro", "drop"), "doors", "first", cues, ("mixer", "looks"), ("mixer", "looks"), 123.96, faders=faders
    )
    lines = shown(replace(STATUS, show=show, notes=("club.yaml:3: MIDI inputs come later",))).splitlines()

    assert lines[3:5] == [
        "Show     drop       cue doors, first waits   page mixer, looks   124 bpm",
        "Levels              kick 0.60   arcane –",
    ]
    assert "1 note about the profile: scope-bridge check prints them" in lines


def test_a_show_says_only_what_it_has() -> None:
    assert "Show     –          cue –\n" in shown(replace(STATUS, show=ShowStatus(cues=(CueStatus("doors", "intro"),))))
    assert "Show     intro\n" in shown(replace(STATUS, show=ShowStatus("intro", ("intro",))))
    assert "Show     –          98.5 bpm\n" in shown(replace(STATUS, show=ShowStatus(bpm=98.5)))
    assert not {"Show", "Levels"} & set(shown(STATUS).split())


def test_what_was_never_asked_for_is_not_late() -> None:
    console = Console(record=True, width=90, height=40, file=io.StringIO(), force_terminal=True)
    status = replace(
        STATUS, complaints=(), outputs=(), inputs=(), routes=(RouteStatus("a/b", "seed/random", None, 42),)
    )
    console.print(picture_of(status, rates_of(status), console))

    assert "42" in console.export_text(styles=True, clear=False)
    assert "\x1b[33m" not in console.export_text(styles=True)


@pytest.mark.parametrize(
    ("width", "routes"),
    [
        (
            40,
            """
Routes                    in the picture
stag…ader1 → noise_scale           0.500
stag…steps → denoi…_list        1000 500
stage/cut → manage_cache             off
stage/prompt → prompt                  –""",
        ),
        (
            60,
            """
Routes                                        in the picture
         stage/fader1 → noise_scale                    0.500
         stage/steps → denoising_step_list          1000 500
         stage/cut → manage_cache                        off
         stage/prompt → prompt                             –""",
        ),
        (
            80,
            """
Routes                                                     asked  in the picture
         stage/fader1 → noise_scale                        0.750           0.500
         stage/steps → denoising_step_list              1000 500        1000 500
         stage/cut → manage_cache                             on             off
         stage/prompt → prompt                    a reef at nig…               –""",
        ),
        (
            120,
            """
Routes                                                                         asked  in the picture
         stage/fader1 → noise_scale                                            0.750           0.500
         stage/steps → denoising_step_list                                  1000 500        1000 500
         stage/cut → manage_cache                                                 on             off
         stage/prompt → prompt                                        a reef at nig…               –""",
        ),
        (
            200,
            """
Routes                                                                         asked  in the picture
         stage/fader1 → noise_scale                                            0.750           0.500
         stage/steps → denoising_step_list                                  1000 500        1000 500
         stage/cut → manage_cache                                                 on             off
         stage/prompt → prompt                                        a reef at nig…               –""",
        ),
    ],
)
def test_the_routes_keep_their_names_at_any_width(width: int, routes: str) -> None:
    text = shown(STATUS, width=width)

    assert text[text.index("\nRoutes") :] == routes
    assert all(cell_len(line) <= width for line in text.splitlines())


def test_no_figure_is_torn_apart() -> None:
    assert shown(STATUS, width=80).splitlines()[2:4] == [
        "         15.6 fps  chunk 0.77 s  age 0.04 s  412 messages · 405 chunks",
        "         1 reconnect",
    ]
    assert shown(STATUS, width=40).splitlines()[2:5] == [
        "         15.6 fps  chunk 0.77 s",
        "         age 0.04 s",
        "         412 messages · 405 chunks",
    ]


def test_what_is_too_long_loses_its_middle_and_the_target_less_of_it() -> None:
    routes = (
        RouteStatus("a", "noise_scale_of_the_second_pipeline"),
        RouteStatus("tablet/page/2/xy/pad/7", "b"),
        RouteStatus("tablet/page/2/xy/pad/7", "noise_scale_of_the_second_pipeline"),
        RouteStatus("録音/スタジオ/左/フェーダー", "ノイズ"),
        RouteStatus("two\nlines", "prompt", "a reef\nat night", "a reef\nat night"),
    )
    text = shown(replace(STATUS, routes=routes), width=40)

    assert (
        text[text.index("\nRoutes") :]
        == """
Routes                    in the picture
a → noise_sca…d_pipeline               –
tablet/pa…2/xy/pad/7 → b               –
tabl…pad/7 → noise…eline               –
録音/ス… ーダー → ノイズ               –
two lines → prompt        a reef at nig…"""
    )


@given(st.text(max_size=40), st.text(max_size=40), st.integers(40, 100))
def test_a_route_is_one_line_that_fits_whatever_its_names_are(signal: str, target: str, width: int) -> None:
    text = shown(replace(STATUS, routes=(RouteStatus(signal, target, 0.25, 0.5),)), width=width)
    line = text[text.index("\nRoutes") :].splitlines()[-1]

    assert len(text[text.index("\nRoutes") :].splitlines()) == 3
    assert cell_len(line) == width
    assert " → " in line
    assert line.endswith("0.500")


@pytest.mark.parametrize("width", [20, 40, 60, 90])
def test_however_narrow_the_lines_fit_in_the_height(width: int) -> None:
    routes = tuple(RouteStatus(f"stage/fader{n}", "noise_scale") for n in range(30))
    lines = shown(replace(STATUS, routes=routes), height=26, width=width).splitlines()

    assert len(lines) <= 24
    assert lines[-1].lstrip().startswith("and")


@pytest.mark.parametrize(
    ("seconds", "frames", "messages", "line"),
    [
        (192.9, 2870, 214, "ended after 0:03:12: 2,870 frames, 214 messages"),
        (0.4, 1, 1, "ended after 0:00:00: 1 frame, 1 message"),
        (90_061.0, 0, 0, "ended after 1 day, 1:01:01: 0 frames, 0 messages"),
    ],
)
def test_the_end_is_one_line(seconds: float, frames: int, messages: int, line: str) -> None:
    scope = replace(STATUS.scope, frames=frames, messages=messages)

    assert ending_of(replace(STATUS, seconds=seconds, scope=scope)) == line


def test_before_anything_is_known_there_are_dashes() -> None:
    status = Status("demo.yaml", 0.0, ScopeStatus("http://gpu:8000", Phase.SEARCHING, "nothing answers yet"))

    assert (
        shown(status)
        == """
Scope    searching  nothing answers yet
         0.0 fps  chunk –  age –  0 messages · 0 chunks"""
    )


def test_routes_that_do_not_fit_are_counted() -> None:
    routes = tuple(RouteStatus(f"stage/fader{n}", "noise_scale") for n in range(30))
    lines = shown(replace(STATUS, routes=routes), height=24).splitlines()

    assert len(lines) < 24
    assert lines[-1].split() == ["and", "19", "more"]
    assert "! mappings/demo.yaml:9:10: there is no filter called 'smoth'" in lines


def test_text_from_the_network_does_not_steer_the_terminal() -> None:
    evil = "\x1b[2J\x07[red]\r"
    status = replace(
        STATUS, routes=(RouteStatus(evil, evil, evil, evil),), inputs=(InputStatus(evil, evil),), complaints=(evil,)
    )

    text = shown(status)
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "[red]" in text
    assert all("\x1b" not in line for line in News().of(status))


def test_a_rate_is_of_the_last_two_seconds() -> None:
    counts = [0, 0, 0, 0, 60, 120]
    statuses = [
        replace(STATUS, seconds=float(second), inputs=(InputStatus("stage", "OSC", signals),))
        for second, signals in enumerate(counts)
    ]

    assert rates_of(*statuses[:1]).of("stage") == 0.0
    assert rates_of(*statuses).of("stage") == pytest.approx(60.0)
    assert rates_of(*statuses).of("nobody") == 0.0


def test_only_a_new_phase_and_new_complaints_are_news() -> None:
    news = News()
    searching = replace(STATUS.scope, phase=Phase.SEARCHING, detail="nothing answers")

    assert list(news.of(replace(STATUS, complaints=()))) == ["streaming: longlive on Scope 0.2.4"]
    assert list(news.of(replace(STATUS, complaints=()))) == []
    assert list(news.of(replace(STATUS, complaints=("a",)))) == ["! a"]
    assert list(news.of(replace(STATUS, complaints=("a", "b")))) == ["! b"]
    assert list(news.of(replace(STATUS, scope=searching, complaints=("b",)))) == ["searching: nothing answers"]
    assert list(news.of(replace(STATUS, scope=searching, complaints=("a", "b")))) == ["! a"]


def run_until(done: str, dashboard: Dashboard, out: io.StringIO) -> str:
    async def play() -> None:
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(dashboard.run())
            for _ in range(1000):
                if done in out.getvalue():
                    break
                await asyncio.sleep(0.01)
            running.cancel()

    asyncio.run(play())
    return out.getvalue()


@pytest.mark.parametrize(("terminal", "plain"), [(False, False), (True, True)])
def test_without_a_terminal_or_when_plain_it_only_writes_news(terminal: bool, plain: bool) -> None:
    out = io.StringIO()
    looks = 0

    def snapshot() -> Status:
        nonlocal looks
        looks += 1
        return STATUS if looks < 4 else replace(STATUS, complaints=("the [end]",))

    console = Console(file=out, force_terminal=terminal, width=20)
    assert run_until("the [end]", Dashboard(snapshot, console, plain), out) == (
        "streaming: longlive on Scope 0.2.4\n! mappings/demo.yaml:9:10: there is no filter called 'smoth'\n! the [end]\n"
    )
    assert PERIOD <= 0.5


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_in_a_terminal_it_stays_live_and_log_lines_go_above_it(monkeypatch: pytest.MonkeyPatch) -> None:
    out = Terminal()
    monkeypatch.setattr(sys, "stderr", out)
    handler = logging.StreamHandler()
    root = logging.getLogger()
    root.addHandler(handler)
    looks = 0

    def snapshot() -> Status:
        nonlocal looks
        looks += 1
        if looks == 2:
            logging.getLogger("bridge.supervisor").warning("program stopped")
        return STATUS if looks < 4 else replace(STATUS, scope=replace(STATUS.scope, detail="the end"))

    try:
        text = run_until("the end", Dashboard(snapshot, Console(file=out, force_terminal=True, width=90), False), out)
    finally:
        root.removeHandler(handler)
    assert handler.stream is out
    before, _, after = text.partition("program stopped\n")
    assert "\x1b[1A\x1b[2K" in before[-400:], "the live lines are wiped before the log line is written"
    assert "longlive on Scope 0.2.4" in after
    _, wiped, last = text.rpartition("\x1b[2K")
    assert wiped
    assert "ended after 0:00:10: 0 frames, 412 messages\n\x1b[?25h" in last, (
        "one line in place of the picture, and the cursor"
    )
    assert "Routes" not in last


def test_a_far_server_with_a_standby_says_so_and_further_scopes_have_rows_of_their_own() -> None:
    near = replace(STATUS.scope, name="left", round_trip=0.005, bandwidth=7.1e6, latency=0.9)
    far = replace(
        STATUS.scope, name="right", phase=Phase.LOADING, detail="loading memflow", round_trip=0.12, progress=0.43,
        standby="ready", on_standby=True, sessions=1,
    )  # fmt: skip
    lines = shown(replace(STATUS, scope=near, others=(far,)), rates_of(STATUS)).splitlines()

    assert "left     streaming  longlive on Scope 0.2.4" in lines[1]
    assert "7.1 Mbit/s" in lines[2] or "7.1 Mbit/s" in lines[3]
    assert "hand to picture 0.90 s" in " ".join(lines[2:4])
    assert "5 ms away" not in " ".join(lines)
    (row,) = (number for number, line in enumerate(lines) if line.startswith("right"))
    assert "loading    loading memflow" in lines[row]
    assert "120 ms away" in " ".join(lines[row + 1 : row + 3])
    assert "43%" in " ".join(lines[row + 1 : row + 3])
    assert "main server: ready" in " ".join(lines[row + 1 : row + 3])


def test_video_that_goes_into_scope_is_counted() -> None:
    def line(sent: int, again: int, dropped: int) -> str:
        scope = replace(STATUS.scope, sent_up=sent, sent_up_again=again, dropped_up=dropped)
        return shown(replace(STATUS, scope=scope), width=140).splitlines()[2]

    assert "video 1,500 sent up · 12 again · 4 dropped" in line(1500, 12, 4)
    assert line(1500, 0, 0).endswith("video 1,500 sent up  1 reconnect")
    assert "sent up" not in line(0, 0, 0)


def test_the_news_of_several_scopes_say_whose_they_are() -> None:
    news = News()
    two = replace(STATUS, scope=replace(STATUS.scope, name="left"), others=(replace(STATUS.scope, name="right"),))
    list(news.of(two))

    lost = replace(two, others=(replace(two.others[0], phase=Phase.SEARCHING, detail="nobody listens"),))

    assert list(news.of(lost)) == ["right: searching: nobody listens"]
