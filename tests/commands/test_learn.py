"""`learn`: a control is moved, a target chosen, and the profile has one route more."""

import asyncio
import re
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pythonosc.osc_message_builder import OscMessageBuilder

from bridge import attached, cli, profile, running
from bridge.clock import now
from bridge.commands import learn
from bridge.errors import Unavailable
from bridge.learning.recognise import Recogniser
from bridge.profile.inputs import InputOptions
from bridge.running import Running
from bridge.signals import Batch, Emit, Value
from bridge.status import InputStatus

CLUB = """\
# the club, every Friday
inputs:
  apc: {midi: "APC*"}          # the desk
  td: {osc: 9000}              # TouchDesigner
  tab: {osc: 9001, range: [0, 1]}

outputs: {program: {ndi: Bridge}}
prompts:
  bank: &bank {reef: a reef at night, neon: rain on neon}
start: {prompt: reef}
routes:
  # hands
  - apc/cc/1/7 -> transition_steps   # slowly
  - td/go -> prompt/next

  # and nothing else

# what each hand does while shift is down
pages:
  looks:
    while: apc/note/1/98
    routes:
    - td/x -> seed
"""

Timed = tuple[float, str, tuple[Value, ...]]


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep what was learned apart from the user's own, and wait for nobody."""
    monkeypatch.setenv("SCOPE_BRIDGE_STATE", str(tmp_path / "state"))
    monkeypatch.setattr(learn, "BEFORE", 0.01)
    monkeypatch.setattr(learn, "LOOK", 0.01)
    return tmp_path / "state"


@pytest.fixture
def club(tmp_path: Path) -> Path:
    path = tmp_path / "club.yaml"
    path.write_text(CLUB, encoding="utf-8")
    return path


class Rig:
    """All inputs of a profile: they bring what they are told to, once somebody is asked to move something."""

    def __init__(self, messages: Sequence[Timed], trouble: str = "") -> None:
        self.messages = messages
        self.trouble = trouble

    def open(self, name: str, options: InputOptions) -> "Fake":
        return Fake(name, self)


class Fake:
    def __init__(self, name: str, rig: Rig) -> None:
        self.name = name
        self._rig = rig

    async def run(self, emit: Emit) -> None:
        if self._rig.trouble:
            raise Unavailable(self._rig.trouble)
        await asyncio.sleep(0.1)
        began = now() - 20  # all of it has been over for long: nobody waits for it to end
        for then, path, values in self._rig.messages:
            if path.startswith(f"{self.name}/"):
                emit(Batch(began + then, [(path, values)]))
        await asyncio.Event().wait()

    def status(self) -> InputStatus:
        return InputStatus(self.name, f"the port of {self.name}")


def sweep(path: str, low: float = 0.0, high: float = 1.0) -> list[Timed]:
    return [(index / 50, path, (low + (high - low) * index / 30,)) for index in range(31)]


def press(path: str) -> list[Timed]:
    return [(0.0, path, (1.0,)), (0.2, path, (0.0,))]


@pytest.fixture
def move(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let the profile's inputs bring something."""

    def given(messages: Sequence[Timed] = (), trouble: str = "") -> None:
        monkeypatch.setattr(learn, "open_input", Rig(messages, trouble).open)

    return given


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Sit at the terminal: give answers, and return what was asked."""

    def given(*answers: str) -> list[str]:
        asked: list[str] = []
        left = iter(answers)

        def ask(prompt: str) -> str:
            asked.append(prompt)
            try:
                return next(left)
            except StopIteration:
                raise EOFError from None

        monkeypatch.setattr("builtins.input", ask)
        monkeypatch.setattr("sys.stdin.isatty", lambda: True)
        return asked

    return given


def added(path: Path) -> list[str]:
    """Return the lines that the club got; nothing else of it may have changed."""
    text = path.read_text(encoding="utf-8")
    old, new = CLUB.splitlines(keepends=True), text.splitlines(keepends=True)
    came, place = [], 0
    for line in new:
        if place < len(old) and line == old[place]:
            place += 1
        else:
            came.append(line.rstrip("\n"))
    assert place == len(old)
    return came


TWOS = [1, 1, 1, 1, 2, 1, 127, 127, 127, 127, 126, 127]
MOVES: list[tuple[str, list[Timed], str, str]] = [
    ("a fader", sweep("apc/cc/1/48"), "noise_scale", "  - apc/cc/1/48 -> noise_scale"),
    ("a fader that fires", sweep("apc/cc/1/48"), "prompt/neon", "  - apc/cc/1/48 -> prompt/neon"),
    (
        "a fader that chooses",
        sweep("apc/cc/1/48"),
        "prompt",
        "  - {from: apc/cc/1/48, filters: [{choose: [reef, neon]}], to: prompt}",
    ),
    ("pitch bend", sweep("apc/bend/1"), "word/mood", "  - apc/bend/1 -> word/mood"),
    (
        "an encoder",
        [(index / 20, "apc/cc/1/47", (value / 127,)) for index, value in enumerate(TWOS)],
        "noise_scale",
        "  - {from: apc/cc/1/47, filters: [{encoder: twos complement}], to: noise_scale}",
    ),
    ("a button", press("apc/note/1/36"), "prompt/neon", "  - apc/note/1/36 -> prompt/neon"),
    (
        "a button for a switch",
        press("apc/note/1/36"),
        "paused",
        "  - {from: apc/note/1/36, filters: [toggle], to: paused}",
    ),
    ("a key held", press("apc/note/1/36"), "ctrl/key/KeyW", "  - apc/note/1/36 -> ctrl/key/KeyW"),
    ("a button that stays", press("apc/cc/1/90")[:1], "paused", "  - apc/cc/1/90 -> paused"),
    (
        "OSC from 0 to 1 for a wider target",
        sweep("td/a"),
        "vace_context_scale",
        "  - {from: td/a, in: [0, 1], to: vace_context_scale}",
    ),
    ("OSC from 0 to 1 for one from 0 to 1", sweep("td/a"), "noise_scale", "  - td/a -> noise_scale"),
    (
        "OSC as MIDI has it",
        sweep("td/a", 0, 127),
        "noise_scale",
        "  - {from: td/a, in: [0, 127], to: noise_scale}",
    ),
    (
        "OSC in some range",
        sweep("td/a", 20, 90),
        "noise_scale",
        "  - {from: td/a, in: [20, 90], to: noise_scale}",
    ),
    (
        "OSC in the target's unit",
        sweep("td/a", 100, 800),
        "denoising_step_list[1]",
        '  - "td/a -> denoising_step_list[1]"',
    ),
    ("OSC whose input has a range", sweep("tab/a"), "vace_context_scale", "  - tab/a -> vace_context_scale"),
    ("text", [(0.0, "td/say", ("rain",))], "prompt", "  - td/say -> prompt"),
    ("an address with a blank", sweep("td/my fader"), "noise_scale", "  - td/my fader -> noise_scale"),
    (
        "one value of several",
        [(0.02 * index, "td/xy", (index / 30, 0.5)) for index in range(31)],
        "noise_scale",
        '  - "td/xy[1] -> noise_scale"',
    ),
]


@pytest.mark.parametrize(("messages", "to", "line"), [one[1:] for one in MOVES], ids=[one[0] for one in MOVES])
def test_what_is_moved_is_written(
    messages: list[Timed], to: str, line: str, club: Path, move: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    move(messages)
    assert cli.main(["learn", str(club), "--to", to]) == 0
    (came,) = added(club)
    assert came.replace('"', "") == line.replace('"', "")
    profile.load(club, {})  # and the profile is good
    shown = capsys.readouterr().out
    assert f"{club}:17\n+ {came}\n" in shown
    assert f"\n{messages[0][1]}" in shown
    assert cli.main(["learn", str(club), "--undo"]) == 0
    assert club.read_text(encoding="utf-8") == CLUB
    assert capsys.readouterr().out == f"{club}:17\n- {came}\n"


@pytest.mark.parametrize("typed", [(), ("prompt/neon",)], ids=["named", "typed"])
def test_a_button_that_stays_is_said_to_fire_with_every_second_press(
    typed: tuple[str, ...],
    club: Path,
    move: Callable[..., None],
    answer: Callable[..., list[str]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    move(press("apc/cc/1/90")[:1])
    answer(*typed)
    assert cli.main(["learn", str(club), *([] if typed else ["--to", "prompt/neon"])]) == 0
    assert added(club) == ["  - apc/cc/1/90 -> prompt/neon"]
    shown = capsys.readouterr()
    assert (
        "apc/cc/1/90 stays on from one press to the next, and prompt/neon happens when it goes on: with every second press"
        in (shown.out if typed else shown.err)
    )


REFUSED: list[tuple[str, list[Timed], str, str]] = [
    (
        "an encoder fires nothing",
        MOVES[4][1],
        "cue/go",
        "apc/cc/1/47 is an encoder, and cue/go is something that happens",
    ),
    (
        "text is no number",
        [(0.0, "td/a", ("x",))],
        "noise_scale",
        "td/a is text, and noise_scale takes a number from 0 to 1",
    ),
    (
        "nothing is no number",
        [(0.0, "td/a", ())],
        "noise_scale",
        "td/a comes without a value, and noise_scale takes a number",
    ),
    (
        "a button is no text",
        press("td/a"),
        "prompt",
        "td/a sends numbers, and prompt takes a name in the bank or any text",
    ),
    ("one name of a target", sweep("td/a"), "noize", "there is no target 'noize': did you mean 'noise_scale'?"),
    ("a name that is none", sweep("td/{a}"), "noise_scale", "'td/{a}' has a { in its name"),
    ("a schedule", sweep("td/a"), "denoising_step_list", "one of its numbers is denoising_step_list[1]"),
]


@pytest.mark.parametrize(("messages", "to", "why"), [one[1:] for one in REFUSED], ids=[one[0] for one in REFUSED])
def test_what_cannot_be_is_said_and_nothing_is_written(
    messages: list[Timed], to: str, why: str, club: Path, move: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    move(messages)
    assert cli.main(["learn", str(club), "--to", to]) == 1
    assert why in capsys.readouterr().err
    assert club.read_text(encoding="utf-8") == CLUB


# By name, without a hand.


def test_a_control_and_a_target_can_be_named(club: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["learn", str(club), "--from", "apc/cc/1/48", "--to", "noise_scale"]) == 0
    assert added(club) == ["  - apc/cc/1/48 -> noise_scale"]
    assert cli.main(["learn", str(club), "--from", "apc/cc/1/48", "--to", "noise_scale"]) == 0
    assert "has that route already; nothing was written" in capsys.readouterr().out
    assert added(club) == ["  - apc/cc/1/48 -> noise_scale"]


def test_what_the_control_does_already_is_said(club: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["learn", str(club), "--from", "apc/cc/1/7", "--to", "noise_scale"]) == 0
    assert "apc/cc/1/7 drives transition_steps already\n" in capsys.readouterr().err
    assert cli.main(["learn", str(club), "--from", "td/x", "--to", "noise_scale"]) == 0
    assert "already" not in capsys.readouterr().err  # it does so on a page
    assert cli.main(["learn", str(club), "--from", "apc/note/1/98", "--to", "prompt/reef"]) == 0
    assert "apc/note/1/98 turns to the page looks\n" in capsys.readouterr().err


def test_a_page_gets_the_route(club: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["learn", str(club), "--page", "looks", "--from", "td/x", "--to", "noise_scale"]) == 0
    assert added(club) == ["    - td/x -> noise_scale"]
    assert club.read_text(encoding="utf-8").endswith("    - td/x -> seed\n    - td/x -> noise_scale\n")
    assert "td/x drives seed already on the page looks\n" in capsys.readouterr().err
    assert cli.main(["learn", str(club), "--undo"]) == 0
    assert club.read_text(encoding="utf-8") == CLUB
    assert cli.main(["learn", str(club), "--page", "look", "--from", "td/x", "--to", "noise_scale"]) == 1
    assert "there is no page called 'look': did you mean 'looks'?" in capsys.readouterr().err


def test_a_route_that_would_be_an_error_is_shown_and_not_written(
    club: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["learn", str(club), "--from", "tf/a", "--to", "noise_scale"]) == 2
    said = capsys.readouterr().err
    assert f"{club}:17:5: there is no input called 'tf'" in said
    assert "the inputs are apc, td, tab" in said
    assert "nothing was written" in said
    assert added(club) == []


def test_only_what_is_new_is_warned_of(club: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["learn", str(club), "--from", "td/a", "--to", "noise_scale"])
    once = capsys.readouterr().err
    assert len(re.findall("warning: ", once)) == once.count("warning: noise_scale has no effect") == 1
    cli.main(["learn", str(club), "--from", "td/b", "--to", "prompt/reef"])
    assert "warning" not in capsys.readouterr().err


def test_several_are_taken_back_one_after_another(club: Path, capsys: pytest.CaptureFixture[str]) -> None:
    texts = [CLUB]
    for number in range(3):
        assert cli.main(["learn", str(club), "--from", f"td/{number}", "--to", "prompt/reef"]) == 0
        texts.append(club.read_text(encoding="utf-8"))
    while len(texts) > 1:
        assert club.read_text(encoding="utf-8") == texts.pop()
        assert cli.main(["learn", str(club), "--undo"]) == 0
    assert club.read_text(encoding="utf-8") == CLUB
    assert cli.main(["learn", str(club), "--undo"]) == 1
    assert f"nothing that was learned into {club} is left to take back" in capsys.readouterr().err


def test_what_was_deleted_by_hand_is_said_and_the_one_before_comes_next(
    club: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(2):
        cli.main(["learn", str(club), "--from", f"td/{number}", "--to", "prompt/reef"])
    club.write_text(club.read_text(encoding="utf-8").replace("  - td/1 -> prompt/reef\n", ""), encoding="utf-8")
    assert cli.main(["learn", str(club), "--undo"]) == 1
    assert "'td/1 -> prompt/reef' is not in routes: any more" in capsys.readouterr().err
    assert cli.main(["learn", str(club), "--undo"]) == 0
    assert club.read_text(encoding="utf-8") == CLUB


def test_what_was_edited_by_hand_is_not_taken_back(club: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["learn", str(club), "--from", "td/a", "--to", "prompt/reef"])
    mine = club.read_text(encoding="utf-8").replace("td/a -> prompt/reef", "td/a -> prompt/reef   # mine")
    club.write_text(mine, encoding="utf-8")
    for _ in range(2):
        assert cli.main(["learn", str(club), "--undo"]) == 1
        assert "delete it by hand, on line 17" in capsys.readouterr().err
    assert club.read_text(encoding="utf-8") == mine


@pytest.mark.parametrize(
    "kept", ["no JSON", '{"version": 2, "routes": []}', '{"version": 1, "routes": [{"route": 5}]}', "[]"]
)
def test_a_memory_that_cannot_be_read_is_none(
    kept: str, club: Path, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cli.main(["learn", str(club), "--from", "td/a", "--to", "prompt/reef"])
    (file,) = (state / "learned").iterdir()
    file.write_text(kept, encoding="utf-8")
    assert cli.main(["learn", str(club), "--undo"]) == 1
    assert "is left to take back" in capsys.readouterr().err
    assert cli.main(["learn", str(club), "--from", "td/b", "--to", "prompt/reef"]) == 0
    assert cli.main(["learn", str(club), "--undo"]) == 0


# What is wrong before anything is moved.


def test_a_profile_with_problems_is_reported_and_stays(club: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = CLUB.replace("-> prompt/next", "-> promt/next")
    club.write_text(broken, encoding="utf-8")
    assert cli.main(["learn", str(club), "--from", "td/a", "--to", "noise_scale"]) == 2
    assert "1 problem in" in capsys.readouterr().err
    assert club.read_text(encoding="utf-8") == broken


def test_without_a_terminal_the_target_must_be_named(club: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["learn", str(club)]) == 1
    assert (
        "there is no terminal to ask at: say what the control drives, as in --to noise_scale" in capsys.readouterr().err
    )


def test_undo_takes_nothing_else(club: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["learn", str(club), "--undo", "--to", "noise_scale"]) == 1
    assert "--undo takes back what was learned last" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("lines", "hint"),
    [
        ((), "no MIDI port is here; for OSC it is\n    td: {osc: 9000}\n"),
        (
            ('apc: {midi: "APC MINI*"}',),
            'the MIDI ports here are\n    apc: {midi: "APC MINI*"}\n',
        ),
    ],
)
def test_a_profile_without_inputs_is_told_what_there_is(
    lines: tuple[str, ...],
    hint: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(learn, "midi", lambda: SimpleNamespace(devices=[SimpleNamespace(line=line) for line in lines]))
    path = tmp_path / "bare.yaml"
    path.write_text("start: {prompt: reef}\n", encoding="utf-8")
    assert cli.main(["learn", str(path), "--to", "noise_scale"]) == 1
    said = capsys.readouterr().err
    assert f"{path} has no MIDI or OSC input to learn from. Add one to its inputs:; {hint}" in said


def test_nothing_moved_in_time_is_said_with_what_is_wrong(
    club: Path, move: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    move()
    assert cli.main(["learn", str(club), "--to", "noise_scale", "--wait", "0.05"]) == 1
    assert "no control was moved within 0.05 s: nothing arrived" in capsys.readouterr().err
    move(trouble="the port is in use by another program")
    assert cli.main(["learn", str(club), "--to", "noise_scale", "--wait", "0.05"]) == 1
    said = capsys.readouterr().err
    assert "apc (the port of apc): the port is in use by another program\n" in said
    assert "is its alone" not in said
    assert added(club) == []


def test_the_show_of_another_profile_is_named_where_a_port_is_busy(
    club: Path, move: Callable[..., None], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    other = Running(4711, "http://127.0.0.1:1", "/shows/other.yaml", "2026-11-21T20:00:00")
    monkeypatch.setattr(attached, "all_of", lambda path=None: iter(() if path else (other,)))
    move(trouble="the port is in use by another program")
    assert cli.main(["learn", str(club), "--to", "noise_scale", "--wait", "0.05"]) == 1
    assert (
        "the show of other.yaml (process 4711) is running, and a port that it has is its alone"
        in capsys.readouterr().err
    )


# At a terminal.


def test_a_target_is_searched_and_chosen_by_its_number(
    club: Path, move: Callable[..., None], answer: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    move(sweep("apc/cc/1/48"))
    asked = answer("noi", "1")
    assert cli.main(["learn", str(club)]) == 0
    assert added(club) == ["  - apc/cc/1/48 -> noise_scale"]
    assert asked == ["target: ", "target: "]
    shown = capsys.readouterr().out
    assert "apc/cc/1/48: a knob or fader of 7 bits\n" in shown
    assert re.search(r"^ +1  noise_scale +a number from 0 to 1$", shown, re.MULTILINE)


def test_what_cannot_be_is_said_and_asked_again(
    club: Path, move: Callable[..., None], answer: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    move(press("apc/note/1/36"))
    answer("qqqq", "prompt", "prompt/neon")
    assert cli.main(["learn", str(club)]) == 0
    shown = capsys.readouterr().out
    assert "apc/note/1/36: a button, held: on while it is down\n" in shown
    assert "there is no target 'qqqq'" in shown
    assert "a button fires one of the bank" in shown
    assert added(club) == ["  - apc/note/1/36 -> prompt/neon"]


@pytest.mark.parametrize(
    ("reply", "line"),
    [
        ("", "  - {from: td/a, in: [0, 1], to: vace_context_scale}"),
        ("y", "  - {from: td/a, in: [0, 1], to: vace_context_scale}"),
        ("n", "  - td/a -> vace_context_scale"),
    ],
)
def test_what_the_numbers_mean_is_asked(
    reply: str, line: str, club: Path, move: Callable[..., None], answer: Callable[..., list[str]]
) -> None:
    move(sweep("td/a"))
    asked = answer("vace_context_scale", "what?", reply)
    assert cli.main(["learn", str(club)]) == 0
    assert asked[1] == (
        "td/a went from 0 to 1, and vace_context_scale takes a number from 0 to 2. "
        "Shall 0 to 1 be the whole way (in: [0, 1])? [Y/n] "
    )
    assert added(club) == [line]


@pytest.mark.parametrize("answers", [("",), ("y", ""), ("n",), ("no",)])
def test_a_control_that_does_something_already_is_asked_about(
    answers: tuple[str, ...], club: Path, move: Callable[..., None], answer: Callable[..., list[str]]
) -> None:
    move(sweep("apc/cc/1/7"))
    asked = answer(*answers)
    assert cli.main(["learn", str(club)]) == 0
    assert asked[0] == "Shall it drive something else, too? [y/N] "
    assert added(club) == []


def test_who_goes_away_from_the_terminal_changes_nothing(
    club: Path, answer: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    answer("noi")
    assert cli.main(["learn", str(club), "--from", "apc/cc/1/48"]) == 1
    assert "nothing was chosen, and nothing was written" in capsys.readouterr().err
    assert added(club) == []


def test_what_was_edited_while_somebody_chose_is_kept(
    club: Path, move: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(prompt: str) -> str:
        club.write_text(CLUB.replace("td/go -> prompt/next", "td/go -> prompt/random"), encoding="utf-8")
        return "noise_scale"

    move(sweep("apc/cc/1/48"))
    monkeypatch.setattr("builtins.input", ask)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    assert cli.main(["learn", str(club)]) == 0
    text = club.read_text(encoding="utf-8")
    assert "  - td/go -> prompt/random\n" in text
    assert "  # and nothing else\n  - apc/cc/1/48 -> noise_scale\n\n" in text


def test_what_was_broken_while_somebody_chose_is_reported_and_stays(
    club: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = CLUB.replace("-> prompt/next", "-> promt/next")

    def ask(prompt: str) -> str:
        club.write_text(broken, encoding="utf-8")
        return "noise_scale"

    monkeypatch.setattr("builtins.input", ask)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    assert cli.main(["learn", str(club), "--from", "apc/cc/1/48"]) == 2
    assert "1 problem in" in capsys.readouterr().err
    assert club.read_text(encoding="utf-8") == broken


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
def test_the_line_ends_of_windows_stay(start: bytes, club: Path) -> None:
    before = start + CLUB.encode().replace(b"\n", b"\r\n")
    club.write_bytes(before)
    assert cli.main(["learn", str(club), "--from", "td/a", "--to", "prompt/reef"]) == 0
    assert club.read_bytes().replace(b"  - td/a -> prompt/reef\r\n", b"", 1) == before
    assert cli.main(["learn", str(club), "--undo"]) == 0
    assert club.read_bytes() == before


# From where signals come.


def send(port: int, address: str, *values: float) -> None:
    message = OscMessageBuilder(address)
    for value in values:
        message.add_arg(value)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(message.build().dgram, ("127.0.0.1", port))


@pytest.fixture
def hand(tmp_path: Path) -> Iterator[tuple[Path, threading.Event]]:
    """A profile on a real port, and a button that is pressed again and again until the test ends."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    path = tmp_path / "osc.yaml"
    path.write_text(f"inputs: {{td: {{osc: {port}}}}}\nstart: {{prompt: reef}}\n", encoding="utf-8")
    begun, over = threading.Event(), threading.Event()

    def press_it() -> None:
        begun.wait(10)
        for value in (1.0, 0.0) * 5:  # the port may not be open yet
            send(port, "/go", value)
            time.sleep(0.05)
        over.wait(10)

    thread = threading.Thread(target=press_it)
    thread.start()
    yield path, begun
    begun.set()
    over.set()
    thread.join()


def test_a_real_port_is_heard_and_a_new_section_taken_back(
    hand: tuple[Path, threading.Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, begun = hand
    before = path.read_bytes()
    monkeypatch.setattr(learn, "BEFORE", 0.2)
    begin = Recogniser.begin

    def begin_and_press(recogniser: Recogniser) -> None:
        begin(recogniser)
        begun.set()

    monkeypatch.setattr(Recogniser, "begin", begin_and_press)
    assert cli.main(["learn", str(path), "--to", "paused"]) == 0
    assert path.read_text(encoding="utf-8").endswith("routes:\n  - {from: td/go, filters: [toggle], to: paused}\n")
    assert cli.main(["learn", str(path), "--undo"]) == 0
    assert path.read_bytes() == before


def test_the_show_that_plays_the_profile_is_asked_what_arrives(
    club: Path, move: Callable[..., None], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    show = Running(4711, "http://127.0.0.1:1", str(club), "2026-11-21T20:00:00")

    async def signals(asked: Running, lost: Any = None) -> AsyncIterator[Batch]:
        assert asked is show
        await asyncio.sleep(0.1)
        for then, path, values in [*sweep("panel/noise"), *sweep("scope/fps"), *press("apc/note/1/36")]:
            yield Batch(now() - 20 + then, [(path, values)])
        await asyncio.Event().wait()

    move(trouble="a show has all ports")
    monkeypatch.setattr(attached, "find", lambda path=None: show)
    monkeypatch.setattr(attached, "signals", signals)
    assert cli.main(["learn", str(club), "--to", "prompt/neon"]) == 0
    assert added(club) == ["  - apc/note/1/36 -> prompt/neon"]
    shown = capsys.readouterr().out
    assert "listening to the show of club.yaml (process 4711)\n" in shown
    assert shown.endswith("the show takes it at once\n")


def test_a_show_that_ends_meanwhile_is_said(
    club: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        monkeypatch.setattr(attached, "PATIENCE", 0.1)
        running.announce(f"http://127.0.0.1:{server.getsockname()[1]}", club)
        try:
            assert cli.main(["learn", str(club), "--to", "noise_scale"]) == 1
        finally:
            running.withdraw()
    assert "scope-bridge learn: the show of club.yaml" in capsys.readouterr().err
    assert added(club) == []
