"""`check`: what it says of scenes, cues and pages, and of a server that it asks."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from bridge import cli, profile
from bridge.profile.overview import overview

SHOW = """\
inputs: {td: {osc: 9000}}
tempo: {bpm: 124}
start: intro
safe: intro
scenes:
  intro: {prompt: reef, param/glow: 0.25, output/all/freeze: false}
  drop: {fade: 2 bars, set: {prompt: neon}}
cues:
  doors: {scene: intro, follow: 8 s}
  first: {scene: drop, wait: 4 bars, follow: 8 s, note: when the strings stop}
pages:
  perform: {routes: [td/go -> cue/go]}
  looks: {while: td/shift, routes: [td/go -> cue/go, td/back -> cue/back]}
  more: {from: td/bank}
"""
METRICS = {"sessions": {"a": {"fps_out": 13.4, "pipeline_fps": 16.0}}, "gpu": {}}
BEATS = """\
inputs: {td: {osc: 9000}}
tempo: 125
start: {prompt: reef}
scope: {vace: images}
routes:
  - tempo/beat -> vace_context_scale
"""
WILD = "scope: {pipeline: wild}\ninputs: {td: {osc: 9000}}\nroutes:\n  - {from: td/m, to: param/motion, out: [0, 5]}\n"
SCHEMAS = {
    "pipelines": {"wild": {"config_schema": {"properties": {"motion": {"type": "number", "minimum": 0, "maximum": 4}}}}}
}


@contextmanager
def server(status: int, body: bytes, more: Mapping[str, object] | None = None) -> Iterator[str]:
    """Run a server that answers the schemas with `body` and the paths in `more` in JSON; yield its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            schemas = self.path == "/api/v1/pipelines/schemas"
            known = self.path in (more or {})
            said = body if schemas else json.dumps((more or {}).get(self.path)).encode()
            self.send_response(status if schemas else 200 if known else 404)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{running.server_port}"
        finally:
            running.shutdown()
            thread.join()


@pytest.fixture
def wild(tmp_path: Path) -> Path:
    file = tmp_path / "wild.yaml"
    file.write_text(WILD, encoding="utf-8")
    return file


def test_scenes_cues_and_pages_are_a_line_each() -> None:
    read = profile.read(SHOW, "x.yaml").profile

    assert read is not None
    assert overview(read) == [
        "scene intro (start, safe): prompt reef, param/glow 0.25, output/all/freeze off",
        "scene drop: over 2 bars, prompt neon",
        "cue 1 doors: intro, the next one 8 s later",
        "cue 2 first: drop, on the next line of 4 bars, “when the strings stop”",
        "page perform at the start: 1 route",
        "page looks while td/shift is held: 2 routes",
        "page more by td/bank: 0 routes",
    ]


def test_check_prints_them_after_the_routes_and_notes_last(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text(
        "inputs: {apc: {midi: MIDIMIX}, td: {osc: 9000}}\nstart: {prompt: reef}\nscenes: {a: {prompt: neon}}\n"
        "routes:\n  - apc/cc/1/1 -> scene/a\n",
        encoding="utf-8",
    )

    assert cli.main(["check", str(file)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:4] == ["apc/cc/1/1 0..1 → scene/a", "", "scene a: prompt neon", ""]
    assert [line.split(": ")[1] for line in lines if line.startswith(str(file))] == ["warning", "note"]
    assert lines[-1] == f"no problems in {file}, 1 warning, 1 note"


def test_check_asks_a_server_what_its_plugins_take(capsys: pytest.CaptureFixture[str], wild: Path) -> None:
    assert cli.main(["check", str(wild)]) == 2  # without a range of its own, there is no way for `out`
    capsys.readouterr()

    with server(200, json.dumps(SCHEMAS).encode()) as url:
        assert cli.main(["check", str(wild), "--scope", url]) == 2

    assert "param/motion goes from 0 to 4, but this route can send up to 5" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("running", "metrics", "said"),
    [
        (
            {"pipeline_id": "longlive"},
            METRICS,
            [
                "longlive takes a value every 0.75 s: 12 frames at 16 fps",
                "tempo/beat → vace_context_scale: the beat comes every 0.48 s: a chunk gets the highest (per_chunk: max)",
            ],
        ),
        ({"pipeline_id": "krea-realtime-video"}, METRICS, []),
        ({"pipeline_id": None}, METRICS, []),
        ({"pipeline_id": "longlive"}, {"sessions": {}, "gpu": {}}, []),
        ({"pipeline_id": "longlive"}, {"sessions": {"a": {"pipeline_fps": None}}}, []),
        ({"pipeline_id": "longlive"}, [], []),
        ([], METRICS, []),
    ],
)
def test_a_server_with_a_session_says_how_often_a_value_is_taken(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, running: object, metrics: object, said: list[str]
) -> None:
    file = tmp_path / "beats.yaml"
    file.write_text(BEATS, encoding="utf-8")
    more = {"/api/v1/pipeline/status": running, "/api/v1/session/metrics": metrics}

    with server(200, json.dumps(SCHEMAS).encode(), more) as url:
        assert cli.main(["check", str(file), "--scope", url]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if " every " in line] == said


def test_a_server_without_metrics_is_asked_for_its_schemas_all_the_same(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "beats.yaml"
    file.write_text(BEATS, encoding="utf-8")

    with server(200, json.dumps(SCHEMAS).encode()) as url:
        assert cli.main(["check", str(file), "--scope", url]) == 0

    assert " every " not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (404, b"", "answers 404 to /api/v1/pipelines/schemas: is it Scope?"),
        (200, b"<html>", "does not answer in JSON: is it Scope?"),
    ],
)
def test_a_server_that_is_no_scope_is_one_sentence(
    capsys: pytest.CaptureFixture[str], wild: Path, status: int, body: bytes, said: str
) -> None:
    with server(status, body) as url:
        assert cli.main(["check", str(wild), "--scope", url]) == 1

    out, err = capsys.readouterr()
    assert (out, err) == ("", f"scope-bridge check: the server at {url} {said}\n")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://127.0.0.1:1", "nobody listens at http://127.0.0.1:1"),
        ("127.0.0.1:1", "nobody listens at http://127.0.0.1:1"),
        ("http://[", "the server at http://[ cannot be reached: "),
        ("http://nobody.invalid", "no machine is called nobody.invalid, as far as this one can find out"),
    ],
)
def test_a_server_that_cannot_be_reached_is_one_sentence(
    capsys: pytest.CaptureFixture[str], wild: Path, url: str, said: str
) -> None:
    assert cli.main(["check", str(wild), "--scope", url]) == 1

    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith(f"scope-bridge check: {said}")
