"""What is checked, brought and waited for before a pipeline is loaded; the server is Scope's own replies."""

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest

from bridge.errors import Refused, Unavailable
from bridge.profile.model import Graph, Node, Scope
from bridge.session.contract.dialect import CURRENT, Dialect, dialect_of
from bridge.session.http import preparation
from bridge.session.http.preparation import Prepared, prepare
from bridge.session.http.rest import Hardware, ModelStatus, RemoteFile, Rest

TESTS = Path(__file__).parents[2]
SCHEMAS = json.loads((TESTS / "captures" / "pipelines_schemas.json").read_text())
SCHEMAS = SCHEMAS.get("body", SCHEMAS)["pipelines"]
DEFINITIONS = json.loads((TESTS / "session" / "contract" / "captures" / "nodes_definitions.json").read_text())["nodes"]
BETA = dialect_of(None)
HERE = ModelStatus(True)
JINX = RemoteFile("arcane-jinx", "/models/lora/arcane-jinx.safetensors")


@dataclass
class Server(Rest):
    """Says what it is told to say; what is None, it refuses to say."""

    listed: Mapping[str, Any] | None = field(default_factory=lambda: SCHEMAS)
    machine: Hardware | None = field(default_factory=lambda: Hardware(24.0))
    nodes: list[Mapping[str, Any]] | None = field(default_factory=lambda: DEFINITIONS)
    models: Iterable[ModelStatus] = (HERE,)
    files: list[RemoteFile] | None = field(default_factory=lambda: [JINX])
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._states = iter(self.models)
        self._last = HERE

    def _said(self, what: str, answer: Any) -> Any:
        self.asked.append(what)
        if answer is None:
            raise Refused(f"GET {what}: 404 Not Found")
        return answer

    async def schemas(self) -> object:
        return {"pipelines": self._said("schemas", self.listed)}

    async def hardware(self) -> Hardware:
        return self._said("hardware", self.machine)  # type: ignore[no-any-return]

    async def definitions(self) -> list[Mapping[str, Any]]:
        return self._said("definitions", self.nodes)  # type: ignore[no-any-return]

    async def model_status(self, pipeline: str) -> ModelStatus:
        self.asked.append(f"model {pipeline}")
        self._last = next(self._states, self._last)
        return self._last

    async def download_model(self, pipeline: str) -> None:
        self.asked.append(f"download {pipeline}")

    async def loras(self, dialect: Dialect = CURRENT) -> list[RemoteFile]:
        return self._said("loras", self.files)  # type: ignore[no-any-return]

    async def assets(self, kind: Literal["image", "video", "audio"] = "image") -> list[RemoteFile]:
        return []

    async def upload(self, name: str, data: bytes) -> str:
        self.asked.append(f"upload {name}")
        return f"/assets/{name}"


def prepared(
    scope: Scope, server: Server | None = None, dialect: Dialect = CURRENT, said: list[Any] | None = None
) -> Prepared:
    async def at_once(seconds: float) -> None:
        return

    heard = said if said is not None else []
    return asyncio.run(
        prepare(server or Server(), scope, dialect, lambda text, done: heard.append((text, done)), sleep=at_once)
    )


def refusal(scope: Scope, server: Server | None = None, dialect: Dialect = CURRENT) -> str:
    with pytest.raises(Refused) as refused:
        prepared(scope, server, dialect)
    return str(refused.value)


def test_what_can_be_played_needs_no_word() -> None:
    server = Server()

    assert prepared(Scope(), server) == Prepared(Scope().nodes, {}, ())
    assert server.asked == ["schemas", "hardware", "definitions", "model longlive"]


def test_a_pipeline_that_is_not_listed_is_refused_with_the_nearest_one() -> None:
    assert refusal(Scope(pipeline="longlve")).endswith("; did you mean 'longlive'?")
    assert "comes as a plugin" in refusal(Scope(pipeline="xq-77"))


def test_without_a_gpu_the_reason_is_the_gpu() -> None:
    cpu = Server(
        listed={name: one for name, one in SCHEMAS.items() if not one["estimated_vram_gb"]}, machine=Hardware(None)
    )

    assert refusal(Scope(pipeline="krea-realtime-video"), cpu).startswith(
        "krea-realtime-video needs a GPU with 32 GB, and this server has none; "
    )
    assert prepared(Scope(pipeline="controller-viz"), cpu).warnings == ()


def test_a_server_that_lists_a_pipeline_and_sees_no_gpu_is_tried() -> None:
    (warning,) = prepared(Scope(), Server(machine=Hardware(None))).warnings

    assert warning == "longlive wants a GPU with 20 GB, and this server sees none"


def test_too_little_memory_is_refused_with_the_numbers_and_what_would_fit() -> None:
    assert refusal(Scope(pipeline="krea-realtime-video")) == (
        "krea-realtime-video needs 32 GB of GPU memory, and this server has 24; quantization: fp8_e4m3fn needs less, "
        "and longlive or memflow or reward-forcing would fit"
    )


@pytest.mark.parametrize(
    ("scope", "vram", "warnings"),
    [
        (Scope(pipeline="krea-realtime-video"), 31.8, 0),
        (Scope(pipeline="krea-realtime-video"), 28.0, 1),
        (Scope(pipeline="krea-realtime-video", load={"quantization": "fp8_e4m3fn"}), 24.0, 0),
        (Scope(), 16.0, 1),
        (Scope(pipeline="passthrough", input_mode="video"), 0.5, 0),
    ],
)
def test_what_may_fit_is_tried(scope: Scope, vram: float, warnings: int) -> None:
    assert len(prepared(scope, Server(machine=Hardware(vram))).warnings) == warnings


def test_the_memory_of_a_chain_adds_up() -> None:
    chain = Scope(chain=(Node("a", "longlive"), Node("b", "memflow")))

    assert refusal(chain).startswith("longlive with memflow needs 40 GB of GPU memory, and this server has 24")


def test_a_pipeline_that_waits_for_video_for_ever_is_refused() -> None:
    expected = "gray transforms video, and nothing feeds it: name one under `video`"

    assert refusal(Scope(pipeline="gray")) == expected
    assert refusal(Scope(pipeline="gray"), dialect=BETA) == expected
    assert prepared(Scope(pipeline="gray", input_mode="video")).warnings == ()
    assert prepared(Scope(pipeline="gray", input_mode="video"), dialect=BETA).warnings == ()
    assert prepared(Scope(chain=(Node("a", "longlive"), Node("b", "rife")))).warnings == ()


def test_a_mode_that_a_pipeline_does_not_name_is_a_warning() -> None:
    (warning,) = prepared(Scope(pipeline="controller-viz", input_mode="video")).warnings

    assert warning == "controller-viz says that it has no video mode; it may ignore the source video"


def graph(*edges: tuple[str, str, str, str], sink: Mapping[str, str] = {}) -> Scope:
    nodes: tuple[Mapping[str, Any], ...] = (
        {"id": "in", "type": "source"},
        {"id": "g", "type": "pipeline", "pipeline_id": "gray"},
        {"id": "l", "type": "pipeline", "pipeline_id": "longlive"},
        {"id": "out", "type": "sink", **sink},
    )
    ends = tuple({"from": a, "from_port": b, "to_node": c, "to_port": d} for a, b, c, d in edges)
    return Scope(graph=Graph(nodes, ends), input_mode="video", chain=(Node("g", "gray"), Node("l", "longlive")))


def test_an_edge_without_a_port_is_refused_before_scope_swallows_it() -> None:
    into = ("in", "video", "g", "video")
    out = ("l", "video", "out", "video")

    assert refusal(graph(into, ("g", "video", "l", "vace_frames"), out)) == (
        "l (longlive) has no input called vace_frames; it has prompts, vace_input_frames, vace_input_masks, video"
    )
    assert refusal(graph(into, ("g", "mask", "l", "vace_input_masks"), out)) == (
        "g (gray) has no output called mask; it has video"
    )
    assert prepared(graph(into, ("g", "video", "l", "vace_input_frames"), out)).warnings == ()
    assert prepared(graph(into, ("g", "video", "l", "vace_input_frames"), out), Server(nodes=None)).warnings == ()


def test_a_graph_needs_a_server_that_has_graphs_and_a_sink_of_ours() -> None:
    whole = (("in", "video", "g", "video"), ("g", "video", "l", "video"), ("l", "video", "out", "video"))

    assert refusal(graph(*whole), dialect=BETA) == "Scope 0.1.0-beta.3 knows no graphs: update it to 0.1.8 or newer"
    assert refusal(graph(*whole, sink={"sink_mode": "ndi"})) == (
        "no video comes back from this graph: give it a sink without `sink_mode`"
    )


def test_an_older_version_is_told_what_it_lacks() -> None:
    scope = Scope(
        chain=(Node("a", "longlive"), Node("b", "rife")), tempo="link", output_sinks={"ndi": "Wall", "spout": "Wall"}
    )

    assert prepared(scope, dialect=BETA).warnings == (
        "Scope 0.1.0-beta.3 cannot tell the pipelines of a chain apart: each change goes to all of them",
        "Scope 0.1.0-beta.3 has no tempo of its own: the bridge moves the modulations",
        "Scope cannot send ndi itself: Scope 0.1.0-beta.3 knows only Spout",
    )
    assert prepared(Scope(), dialect=dialect_of("0.9.0")).warnings == (
        "Scope 0.9.0 is newer than this bridge knows; it is taken for 0.2.4",
    )


def test_scopes_own_video_needs_its_machine() -> None:
    linux = Server(machine=Hardware(24.0, {"spout": "Spout is Windows-only"}))

    (warning,) = prepared(Scope(output_sinks={"spout": "Wall", "ndi": "Wall"}), linux).warnings
    assert warning == "Scope cannot send spout itself: Spout is Windows-only"
    assert refusal(Scope(input_source=("spout", "Resolume")), linux) == (
        "Scope cannot take in spout itself: Spout is Windows-only"
    )
    assert prepared(Scope(input_source=("ndi", "CAM")), linux).warnings == ()


def test_a_server_that_does_not_say_is_not_refused() -> None:
    dumb = Server(listed=None, machine=None, files=None)

    got = prepared(Scope(load={"loras": [{"path": "jinx"}], "lora_merge_mode": "runtime_peft"}), dumb)

    assert [one.split(",")[0] for one in got.warnings] == [
        "Scope did not say which pipelines it has",
        "Scope did not say what its GPU is",
        "Scope did not say which LoRAs it has",
    ]
    assert got.nodes[0].load["loras"] == [{"path": "jinx"}]


def test_a_server_that_goes_away_is_unavailable() -> None:
    class Gone(Server):
        async def hardware(self) -> Hardware:
            raise Unavailable("nobody listens")

    with pytest.raises(Unavailable):
        prepared(Scope(), Gone())


LORAS = {"loras": [{"path": "arcane-jinx.safetensors", "scale": 0.0}], "lora_merge_mode": "runtime_peft"}


def test_loras_are_loaded_by_the_paths_that_the_server_has() -> None:
    got = prepared(Scope(load={**LORAS, "width": 576}))

    assert got.nodes == (
        Node(
            "longlive",
            "longlive",
            {"loras": [{"path": JINX.path, "scale": 0.0}], "lora_merge_mode": "runtime_peft", "width": 576},
        ),
    )
    assert got.paths == {"arcane-jinx.safetensors": JINX.path}
    assert got.warnings == ()


def test_a_lora_that_is_missing_is_refused_before_a_model_is_downloaded() -> None:
    server = Server(models=[ModelStatus(False)], files=[])

    assert refusal(Scope(load=LORAS), server).startswith("this Scope has no LoRA called 'arcane-jinx.safetensors'; ")
    assert "download longlive" not in server.asked


@pytest.mark.parametrize(
    ("scope", "warning"),
    [
        (
            Scope(load={"loras": [{"path": "arcane-jinx"}]}),
            "LoRAs of longlive are loaded as lora_merge_mode permanent_merge: their strength cannot change; "
            "runtime_peft makes it a control",
        ),
        (
            Scope(load={"loras": [{"path": "/x/y.safetensors"}], "lora_merge_mode": "runtime_peft"}),
            "Scope does not list the LoRA '/x/y.safetensors'; it is used as it is named",
        ),
        (
            Scope(pipeline="controller-viz", load={**LORAS}),
            "controller-viz takes no LoRAs: they will do nothing",
        ),
    ],
)
def test_loras_that_will_not_do_what_is_hoped_are_a_warning(scope: Scope, warning: str) -> None:
    assert prepared(scope).warnings == (warning,)


def test_images_are_brought_and_named_as_the_server_has_them(tmp_path: Path) -> None:
    (tmp_path / "neon.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    said: list[Any] = []

    got = prepared(Scope(images={"neon": str(tmp_path / "neon.png")}), said=said)

    assert got.paths["neon"].startswith("/assets/scope-bridge/neon-")
    assert ("bringing the image neon to Scope", 0.0) in said


def test_a_model_is_downloaded_and_waited_for() -> None:
    said: list[Any] = []
    server = Server(
        models=[
            ModelStatus(False),
            ModelStatus(False),
            ModelStatus(False, True, 43.2, "longlive_base.pt"),
            ModelStatus(False, True, 90.0),
            HERE,
        ]
    )

    prepared(Scope(), server, said=said)

    assert server.asked.count("download longlive") == 1
    assert said[1:] == [
        ("downloading longlive", 0.0),
        ("downloading longlive: 43 % (longlive_base.pt)", pytest.approx(0.432)),
        ("downloading longlive: 90 %", 0.9),
        ("longlive is downloaded", 1.0),
    ]


def test_a_download_that_runs_already_is_waited_for() -> None:
    server = Server(models=[ModelStatus(False, True, 10.0), HERE])

    prepared(Scope(), server)

    assert "download longlive" not in server.asked


@pytest.mark.parametrize(
    ("last", "reason"),
    [
        (
            ModelStatus(False, error="[Errno 28] No space left on device"),
            "the disk of the Scope machine is full ([Errno 28] No space left on device)",
        ),
        (ModelStatus(False, error="connection reset"), "connection reset"),
        (ModelStatus(False), "the download ended; Scope's own page shows what came"),
        (ModelStatus(False, True, 43.0), "nothing has come for 10 minutes, at 43 %"),
    ],
)
def test_a_download_that_fails_or_stops_is_refused_with_its_reason(last: ModelStatus, reason: str) -> None:
    server = Server(models=[ModelStatus(False), last])

    assert refusal(Scope(), server) == (f"the model files of longlive did not arrive on the Scope machine: {reason}")


def test_pipelines_without_models_are_not_asked_about() -> None:
    server = Server()

    prepared(Scope(pipeline="passthrough", input_mode="video"), server)

    assert not any(one.startswith("model") for one in server.asked)


def test_what_may_stop_a_show_leaves_room_for_honest_estimates() -> None:
    assert preparation.TOO_LITTLE * 32 > 24
    assert preparation.TOO_LITTLE < preparation.ENOUGH < 31.8 / 32


@pytest.mark.parametrize("odd", ["much", [], {"gb": 4}, float("nan"), 10**400, True])
def test_an_amount_of_memory_that_is_none_counts_for_nothing(odd: Any) -> None:
    schemas = {
        "krea-realtime-video": SCHEMAS["krea-realtime-video"],
        "longlive": {**SCHEMAS["longlive"], "estimated_vram_gb": odd},
    }
    assert "needs 32 GB" in refusal(Scope(pipeline="krea-realtime-video"), Server(listed=schemas))
    assert prepared(Scope(pipeline="longlive"), Server(listed=schemas)).warnings == ()
