"""What goes wrong with a Scope: the line of its log, the sentence, the way out; and the document that lists them."""

import re
from pathlib import Path

import pytest

from bridge.session.contract import troubles
from bridge.session.contract.troubles import TROUBLES, Recovery, Trouble, gravest, meaning, said, sentence

DOCUMENT = (Path(__file__).parents[3] / "docs" / "troubles.md").read_text(encoding="utf-8")


def line(level: str, text: str) -> str:
    """Return a line as Scope's log has it."""
    return f"2026-11-21 07:27:56,158 - scope.server.pipeline_processor - {level} - {text}"


SAID = [
    (
        line("INFO", "Parameter queue full for longlive, dropping parameter update"),
        Trouble("queue-full", "Scope dropped a change: its queue for longlive was full", Recovery.WAIT),
    ),
    (
        line("INFO", "Parameter queue full, dropping parameter update"),
        Trouble("queue-full", "Scope dropped a change: its queue for the pipeline was full", Recovery.WAIT),
    ),
    (
        line(
            "ERROR",
            "Non-recoverable error in worker loop for longlive: CUDA out of memory. Tried to allocate 2 GiB, stopping",
        ),
        Trouble("gpu-memory", "the GPU ran out of memory", Recovery.RELOAD),
    ),
    (
        "torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB",
        Trouble("gpu-memory", "the GPU ran out of memory", Recovery.RELOAD),
    ),
    (
        line("ERROR", "Error processing chunk for longlive: CUDA error: device-side assert triggered"),
        Trouble("gpu-lost", "the GPU of the Scope machine failed", Recovery.RESTART),
    ),
    (
        line("ERROR", "Failed to load pipeline longlive: [Errno 28] No space left on device: '/m/x.pt'"),
        Trouble("disk-full", "the disk of the Scope machine is full", Recovery.WAIT),
    ),
    (
        "ERROR:    [Errno 98] error while attempting to bind on address ('0.0.0.0', 8000): address already in use",
        Trouble("port-taken", TROUBLES["port-taken"].sentence, Recovery.WAIT),
    ),
    (
        line("ERROR", "401 Client Error: Unauthorized for url: https://huggingface.co/api/models/x"),
        Trouble("no-access", "Hugging Face refuses a download to the Scope machine", Recovery.RELOAD),
    ),
    (
        line("ERROR", "Failed to get TURN credentials: 401 unauthorized"),
        Trouble("relay-refused", TROUBLES["relay-refused"].sentence, Recovery.RECONNECT),
    ),
    (
        line("ERROR", "No pipeline IDs provided, cannot start"),
        Trouble("no-pipeline", "Scope was offered a session without a pipeline", Recovery.RECONNECT),
    ),
    (
        line("ERROR", "Pipeline setup failed: Pipeline longlive not loaded"),
        Trouble("not-loaded", "longlive is not loaded any more", Recovery.RELOAD),
    ),
    (
        line("ERROR", "Pipeline setup failed: Invalid graph: Graph must have at least one sink node"),
        Trouble(
            "bad-graph", "Scope cannot build this graph: Graph must have at least one sink node", Recovery.RECONNECT
        ),
    ),
    (
        line(
            "ERROR",
            "Pipeline setup failed: Duplicate stream edges to the same input port: node='a', port='video'. "
            "Fan-in to a single port is not supported.",
        ),
        Trouble(
            "fan-in",
            "Scope cannot build this graph: two edges end at one port (node='a', port='video')",
            Recovery.RECONNECT,
        ),
    ),
    (
        line("ERROR", "Error processing chunk for longlive: LoRA '/x.safetensors' not loaded"),
        Trouble(
            "lora-unset",
            "Scope cannot set the strength of a LoRA: LoRA '/x.safetensors' not loaded",
            Recovery.WAIT,
        ),
    ),
    (
        line("ERROR", "Failed to load pipeline longlive: LoRA file not found: /m/lora/x.safetensors"),
        Trouble("lora-missing", "Scope cannot use a LoRA: LoRA file not found: /m/lora/x.safetensors", Recovery.RELOAD),
    ),
    (
        line("ERROR", "Failed to load pipeline longlive: [Errno 2] No such file or directory: '/m/LongLive/base.pt'"),
        Trouble("model-missing", "model files of longlive are missing on the Scope machine", Recovery.RELOAD),
    ),
    (
        line("ERROR", "Error processing chunk for longlive: [Errno 2] No such file or directory: '/assets/a.png'"),
        Trouble("image-missing", "Scope cannot read the image /assets/a.png", Recovery.WAIT),
    ),
    (
        line("ERROR", "Non-recoverable error in worker loop for longlive: it broke, stopping"),
        Trouble("worker-ended", "longlive stopped: it broke", Recovery.RELOAD),
    ),
    (
        line("ERROR", "Failed to load pipeline bogus: Unknown pipeline"),
        Trouble("load-failed", "Scope could not load bogus: Unknown pipeline", Recovery.RELOAD),
    ),
    (
        line("ERROR", "Pipeline setup failed: something else"),
        Trouble("setup-failed", "Scope could not begin the session: something else", Recovery.RECONNECT),
    ),
    (
        line("ERROR", "Error getting processed frame: Track stopped"),
        Trouble("track-stopped", TROUBLES["track-stopped"].sentence, Recovery.WAIT),
    ),
    (
        line("ERROR", "Error in input loop, stopping: "),
        Trouble("input-ended", "Scope no longer reads a video that was sent to it", Recovery.WAIT),
    ),
    (
        line("ERROR", "Error processing chunk for longlive: prompts are required"),
        Trouble("no-prompt", "longlive waits for a prompt", Recovery.WAIT),
    ),
    (
        line("ERROR", "Error processing chunk for longlive: The size of tensor a (40) must match the size of tensor b"),
        Trouble(
            "wrong-size",
            "the frames have a size that longlive cannot take: The size of tensor a (40) must match the size of tensor b",
            Recovery.WAIT,
        ),
    ),
    (
        line("ERROR", "Error processing chunk for longlive: must be real number, not str"),
        Trouble("chunk-failed", "longlive could not make a chunk: must be real number, not str", Recovery.WAIT),
    ),
    (
        line("ERROR", "Failed to parse parameter update message: Expecting value"),
        Trouble("unread", "Scope could not read a message: Expecting value", Recovery.WAIT),
    ),
    (
        line("WARNING", "Node depth not found, dropping parameter update"),
        Trouble("no-node", "Scope has no node called depth, and drops what is sent to it", Recovery.WAIT),
    ),
    (
        line("WARNING", "Output sink 'ndi' not available for node output_ndi"),
        Trouble("own-output", "Scope cannot send ndi itself", Recovery.WAIT),
    ),
    (
        line("ERROR", "Failed to connect to input source 'ndi': gone"),
        Trouble("own-input", "Scope cannot take in ndi itself", Recovery.WAIT),
    ),
    (
        line("ERROR", "Recording failed: encoder"),
        Trouble("own-recording", "Scope's own recording failed: Recording failed: encoder", Recovery.WAIT),
    ),
    (
        line("ERROR", "Could not enable tempo sync: aalink is missing"),
        Trouble("own-tempo", "Scope's own tempo failed: Could not enable tempo sync: aalink is missing", Recovery.WAIT),
    ),
    (
        line("ERROR", "Download of wan.bin stopped"),
        Trouble(
            "download-failed", "a download to the Scope machine failed: Download of wan.bin stopped", Recovery.WAIT
        ),
    ),
    (
        line("ERROR", "Failed to load plugin: scope-yolo"),
        Trouble("plugin-failed", "a plugin of Scope did not start: scope-yolo", Recovery.WAIT),
    ),
    (
        line("ERROR", "something  odd."),
        Trouble("other", "Scope's log says: something odd", Recovery.WAIT),
    ),
]


@pytest.mark.parametrize(("text", "trouble"), SAID, ids=[trouble.kind for _, trouble in SAID])
def test_a_line_of_the_log_becomes_a_sentence_and_a_way_out(text: str, trouble: Trouble) -> None:
    assert sentence(text) == trouble


def test_every_kind_that_a_line_tells_of_is_among_these() -> None:
    assert {trouble.kind for _, trouble in SAID} == {known.kind for known in troubles._LINES}


@pytest.mark.parametrize(
    "text",
    [
        line(
            "INFO", "Received parameter update: {'prompts': 'Parameter queue full, CUDA out of memory, Track stopped'}"
        ),
        line("INFO", "Received initial parameters: {'prompts': 'Failed to load pipeline longlive: x'}"),
        line("INFO", "Pipeline longlive loaded successfully"),
        line("DEBUG", "Pipeline longlive temporarily unavailable: not loaded"),
        line("WARNING", "something odd"),
        line("WARNING", "Please set a HF_TOKEN to enable higher rate limits"),
        'INFO:     127.0.0.1:5000 - "GET /health HTTP/1.1" 200 OK',
        '  File "pipeline.py", line 3, in __call__',
        "Traceback (most recent call last):",
        "RuntimeError: nobody knows this one",
        "",
    ],
)
def test_a_line_that_tells_of_no_trouble_is_none(text: str) -> None:
    assert sentence(text) is None


def test_a_warning_ends_nothing() -> None:
    found = sentence(line("WARNING", "CUDA out of memory, retrying with less"))

    assert found == Trouble("gpu-memory", "the GPU ran out of memory", Recovery.WAIT)


def test_the_prefix_of_the_cloud_is_no_part_of_the_message() -> None:
    assert sentence(line("INFO", "[conn-7] Parameter queue full for longlive, dropping")) is not None


def test_secrets_and_novels_are_not_repeated() -> None:
    found = sentence(line("ERROR", "odd: hf_abcdefghijklmnop " + "x" * 1000))

    assert found is not None
    assert "hf_abc" not in found.sentence
    assert len(found.sentence) < 200


def test_the_gravest_of_several_lines_counts_and_of_equals_the_last_that_says_something() -> None:
    chunk = line("ERROR", "Error processing chunk for longlive: a")
    lost = line("ERROR", "Pipeline setup failed: b")

    assert gravest([]) is None
    assert gravest([lost, chunk]) == sentence(lost)
    assert gravest([chunk, line("ERROR", "Error processing chunk for longlive: c")]) == sentence(
        chunk.replace(": a", ": c")
    )
    assert gravest([chunk, line("ERROR", "oh dear")]) == sentence(chunk)


def test_an_error_that_came_another_way_has_its_meaning() -> None:
    assert meaning("[Errno 28] No space left on device") == Trouble(
        "disk-full", "the disk of the Scope machine is full", Recovery.WAIT
    )
    assert meaning("connection reset") is None


def test_a_sentence_is_filled_in() -> None:
    assert said("small-gpu", pipeline="krea", needs=32, has=24) == (
        "krea needs 32 GB of GPU memory, and this server has 24"
    )


def rows(heading: str) -> dict[str, str]:
    """Return what a section of the document says that the bridge does, by the sentence."""
    section = DOCUMENT.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in section.splitlines() if row[:1] == "|"]
    assert all(len(row) == 4 and all(row) for row in cells)
    return {says: does for says, _, does, _ in cells[2:]}


DOES = {
    Recovery.WAIT: "goes on",
    Recovery.RECONNECT: "connects anew",
    Recovery.RELOAD: "loads anew",
    Recovery.RESTART: "keeps trying",
}


@pytest.mark.parametrize(
    ("heading", "known", "does"),
    [
        ("What Scope does, or no longer does", troubles._BEHAVIOURS, DOES),
        ("What Scope's log says", troubles._LINES, DOES),
        ("Before anything is loaded", troubles._BEFORE, {**DOES, Recovery.RELOAD: "keeps trying"}),
    ],
)
def test_the_document_lists_every_trouble_with_what_the_bridge_does(
    heading: str, known: tuple[troubles.Known, ...], does: dict[Recovery, str]
) -> None:
    written = rows(heading)
    table = {re.sub(r"\{(\w+)\}", r"*\1*", one.sentence): does[one.recovery] for one in known}

    assert written.keys() == table.keys()
    assert {says: way for says, way in table.items() if not written[says].startswith(way)} == {}


def test_no_two_troubles_have_a_name_or_a_sentence_in_common() -> None:
    everything = (*troubles._LINES, *troubles._BEHAVIOURS, *troubles._BEFORE)

    assert len(TROUBLES) == len(everything)
    assert len({one.sentence for one in everything}) == len(everything)
    assert all(
        one.sentence[0] in "{S" or one.sentence[0].islower() or one.sentence.startswith(("Hugging", "LoRAs"))
        for one in everything
    )
    assert not any(one.sentence.endswith(".") for one in everything)
