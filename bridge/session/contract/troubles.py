"""PURE. What goes wrong with a Scope: one sentence for a person, and the way out.

sentence("... - ERROR - Non-recoverable error in worker loop for longlive: CUDA out of memory ..., stopping")
    # Trouble(kind="gpu-memory", sentence="the GPU ran out of memory", recovery=Recovery.RELOAD)

Scope tells a client nothing of its failures: most are lines of its log, and some show only in what it does, or no longer
does. Each has one kind here, and one section in docs/troubles.md.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final


class Recovery(IntEnum):
    """The way out, in the order of how grave it is."""

    WAIT = 0
    """It passes by itself, or the show goes on without what failed."""
    RECONNECT = 1
    """The session is lost: a new one takes its place."""
    RELOAD = 2
    """The pipeline is lost: it is loaded again, then a new session begins."""
    RESTART = 3
    """The server is lost: a person restarts Scope. The bridge goes on trying, with longer and longer pauses."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that went wrong."""

    kind: str
    """Which entry of `TROUBLES` it is."""
    sentence: str
    """For a person: lower case, without a full stop."""
    recovery: Recovery


@dataclass(frozen=True, slots=True)
class Known:
    """One kind of trouble."""

    kind: str
    sentence: str
    """With places as `{pipeline}`, where something is filled in."""
    recovery: Recovery
    line: str = ""
    """A regular expression that finds it in the message of a line of the log; its named groups fill the places. Empty:
    no line tells of it."""
    quiet: bool = False
    """Whether Scope logs it as mere information. Then the expression holds from the message's beginning: an
    informative line may repeat what a client said, and a prompt may say anything."""


def said(kind: str, **values: object) -> str:
    """Return the sentence for a kind of trouble, with its places filled in."""
    return TROUBLES[kind].sentence.format(**values)


def sentence(line: str) -> Trouble | None:
    """Return what a line of Scope's log says that went wrong; None if nothing did.

    A line that has no level is the tail of a traceback: what it names counts, if it is known. A warning ends nothing:
    its recovery is to wait.
    """
    found = _LINE.match(line)
    level, text = (found["level"], found["text"].strip()) if found else ("", line.strip())
    if not found and not _EXCEPTION.match(text):
        return None
    known = _known(text, quiet=level in ("DEBUG", "INFO"))
    if known is not None:
        return replace(known, recovery=Recovery.WAIT) if level == "WARNING" else known
    if level in ("ERROR", "CRITICAL"):
        return Trouble("other", said("other", why=_short(text)), TROUBLES["other"].recovery)
    return None


def meaning(text: str) -> Trouble | None:
    """Return what the text of an error means that came another way than by the log; None if it is not known."""
    return _known(text.strip(), quiet=False)


def _known(text: str, *, quiet: bool) -> Trouble | None:
    for known, pattern in _PATTERNS:
        if quiet and not known.quiet:
            continue
        hit = pattern.match(text) if known.quiet else pattern.search(text)
        if hit:
            values = {key: _short(value) for key, value in hit.groupdict(default="").items()}
            filled = {key: value or _NAMELESS.get(key, "something") for key, value in values.items()}
            return Trouble(known.kind, known.sentence.format(**filled), known.recovery)
    return None


def gravest(lines: Iterable[str]) -> Trouble | None:
    """Return the gravest trouble that some lines of the log tell of; of several as grave, the last."""
    worst: Trouble | None = None
    for line in lines:
        found = sentence(line)
        if found is None:
            continue
        # A line that only says that something failed does not hide the one before it, which says what.
        vague = found.kind == "other" and worst is not None and worst.kind != "other"
        if worst is None or (found.recovery >= worst.recovery and not vague):
            worst = found
    return worst


_LINE: Final = re.compile(
    r".*? - (?P<level>DEBUG|INFO|WARNING|ERROR|CRITICAL) - (?:\[[\w-]+\] )?(?P<text>.*)", re.DOTALL
)
_EXCEPTION: Final = re.compile(r"(?:[\w.]+(?:Error|Exception|Interrupt)|ERROR)\b")
_NAMELESS: Final[Mapping[str, str]] = {"pipeline": "the pipeline", "why": "Scope gives no reason", "path": "a file"}
_LONGEST: Final = 160
_SECRET: Final = re.compile(r"\bhf_\w{4,}|(?<=[Bb]earer )\S+|(?<=token=)\S+")

_IMAGE: Final = r"(?P<path>[^\s'\"]+\.(?:png|jpe?g|webp|bmp))"

_LINES: Final = (
    Known(
        "queue-full",
        "Scope dropped a change: its queue for {pipeline} was full",
        Recovery.WAIT,
        r"Parameter queue full(?: for (?P<pipeline>[^\s,]+))?",
        quiet=True,
    ),
    Known("gpu-memory", "the GPU ran out of memory", Recovery.RELOAD,
          r"(?i)out of memory|OutOfMemoryError|CUBLAS_STATUS_ALLOC_FAILED"),
    Known("gpu-lost", "the GPU of the Scope machine failed", Recovery.RESTART,
          r"(?i)CUDA error|device-side assert|cudnn_status|no CUDA GPUs|found no NVIDIA driver"),
    Known("disk-full", "the disk of the Scope machine is full", Recovery.WAIT,
          r"(?i)No space left on device|Errno 28\b|WinError 112\b|disk quota exceeded"),
    Known("port-taken", "a port on the Scope machine is taken: by another Scope, or by a program for OSC or Art-Net",
          Recovery.WAIT, r"(?i)address already in use|Errno (?:98|48)\b|WinError 10048\b"),
    Known("no-access", "Hugging Face refuses a download to the Scope machine", Recovery.RELOAD,
          r"(?i)gated ?repo|access to model \S+ is restricted|40[13] client error.*huggingface|"
          r"huggingface.*\b40[13]\b|invalid (?:user )?(?:hf )?token"),
    Known("relay-refused", "the relay (TURN) does not take Scope's credentials any more", Recovery.RECONNECT,
          r"(?i)failed to get turn credentials|turn\b.*(?:40[013]|43[78]|expired|unauthori[sz]ed)|"
          r"(?:40[01]|43[78]).*\bturn\b|stun transaction failed \(4"),
    Known("no-pipeline", "Scope was offered a session without a pipeline", Recovery.RECONNECT,
          r"No pipeline IDs provided"),
    Known("not-loaded", "{pipeline} is not loaded any more", Recovery.RELOAD,
          r"Pipeline '?(?P<pipeline>[\w.-]*)'? ?(?:is )?not (?:loaded|available|found)"),
    Known("bad-graph", "Scope cannot build this graph: {why}", Recovery.RECONNECT,
          r"Invalid graph(?: ports)?: (?P<why>.+)"),
    Known("fan-in", "Scope cannot build this graph: two edges end at one port ({why})", Recovery.RECONNECT,
          r"Duplicate stream edges to the same input port: (?P<why>[^.]+)"),
    Known("lora-unset", "Scope cannot set the strength of a LoRA: {why}", Recovery.WAIT,
          r"(?i)(?:chunk|loop) for [^\s:]+: (?P<why>.*\blora.*)"),
    Known("lora-missing", "Scope cannot use a LoRA: {why}", Recovery.RELOAD,
          r"(?i)(?:Failed to load pipeline[^:]*: )?(?P<why>[^:]*\blora\b.*"
          r"(?:not found|no such file|does not exist|not loaded|failed|mismatch|invalid).*)"),
    Known("model-missing", "model files of {pipeline} are missing on the Scope machine", Recovery.RELOAD,
          r"(?i)(?:(?:failed to load|loading) pipeline (?P<pipeline>[\w.-]+)?.*)?(?:(?:no such file|not found|does not exist|"
          r"missing).*(?:\.safetensors|\.pth?\b|\.ckpt|\.bin|models?[/\\])|"
          r"(?:\.safetensors|\.pth?\b|\.ckpt|\.bin|models?[/\\]\S+).*(?:no such file|not found|does not exist|missing))"),
    Known("image-missing", "Scope cannot read the image {path}", Recovery.WAIT,
          r"(?i)(?:no such file|not found|does not exist|cannot identify|cannot open|failed to (?:load|open|read)|error).*?"
          + _IMAGE),
    Known("worker-ended", "{pipeline} stopped: {why}", Recovery.RELOAD,
          r"Non-recoverable error in worker loop for (?P<pipeline>[^\s:]+): (?P<why>.*?)(?:, stopping)?$"),
    Known("load-failed", "Scope could not load {pipeline}: {why}", Recovery.RELOAD,
          r"(?:Failed to load|Error loading) pipelines? ?(?P<pipeline>[^\s:]*):? ?(?P<why>.*)"),
    Known("setup-failed", "Scope could not begin the session: {why}", Recovery.RECONNECT,
          r"(?:Pipeline setup failed|FrameProcessor failed to start|Error handling WebRTC offer):? ?(?P<why>.*)"),
    Known("track-stopped", "a video of Scope's ended, because the video sent to it had ended", Recovery.WAIT,
          r"Track stopped"),
    Known("input-ended", "Scope no longer reads a video that was sent to it", Recovery.WAIT,
          r"Error in (?:multi-source )?input loop"),
    Known("no-prompt", "{pipeline} waits for a prompt", Recovery.WAIT,
          r"(?i)(?:chunk|loop) for (?P<pipeline>[^\s:]+): .*prompts?\b.*(?:require|must|missing|provided|none|empty)|"
          r"KeyError: 'prompts'"),
    Known("wrong-size", "the frames have a size that {pipeline} cannot take: {why}", Recovery.WAIT,
          r"(?i)(?:chunk|loop) for (?P<pipeline>[^\s:]+): (?P<why>.*(?:size of tensor|shape|sizes? of|divisible|"
          r"dimension).*)"),
    Known("chunk-failed", "{pipeline} could not make a chunk: {why}", Recovery.WAIT,
          r"Error (?:processing chunk|in worker loop) for (?P<pipeline>[^\s:]+): (?P<why>.*)"),
    Known("unread", "Scope could not read a message: {why}", Recovery.WAIT,
          r"(?:Failed to parse|Error handling) parameter update(?: message)?: (?P<why>.*)"),
    Known("no-node", "Scope has no node called {why}, and drops what is sent to it", Recovery.WAIT,
          r"(?:Unknown node_id '?|[Nn]ode(?:_id)?:? '?(?=[^\s',]+'? (?:is )?(?:not found|unknown)))(?P<why>[^\s',]+)"),
    Known("own-output", "Scope cannot send {why} itself", Recovery.WAIT,
          r"(?:Output sink|Failed to create output sink:?|Error creating output sink|Error in output sink loop) "
          r"'?(?P<why>\w+)'?"),
    Known("own-input", "Scope cannot take in {why} itself", Recovery.WAIT,
          r"(?i)(?=.*(?:fail|error|not available)).*input source:? '?(?P<why>\w+)"),
    Known("own-recording", "Scope's own recording failed: {why}", Recovery.WAIT,
          r"(?i)(?P<why>.*\brecording\b.*)"),
    Known("own-tempo", "Scope's own tempo failed: {why}", Recovery.WAIT,
          r"(?i)(?P<why>.*\b(?:aalink|ableton link|midi clock|tempo)\b.*)"),
    Known("download-failed", "a download to the Scope machine failed: {why}", Recovery.WAIT,
          r"(?i)(?P<why>.*\bdownload.*)"),
    Known("plugin-failed", "a plugin of Scope did not start: {why}", Recovery.WAIT,
          r"(?i)(?:failed|error).*plugin:? ?(?P<why>.*)"),
    Known("other", "Scope's log says: {why}", Recovery.WAIT),
)  # fmt: skip
"""What the log tells of. The first that fits counts: what names a cause comes before what only names a place.

The log is that of the whole server. What also happens whenever an old session ends is to wait for: if it was ours, the
picture freezes."""

_BEHAVIOURS: Final = (
    Known("gone", "Scope does not answer: {why}", Recovery.WAIT),
    Known("nonsense", "Scope answers what cannot be understood: {why}", Recovery.WAIT),
    Known("restarted", "the server was restarted", Recovery.RELOAD),
    Known("no-load", "Scope could not load {pipeline}", Recovery.RELOAD),
    Known("other-load", "somebody else has loaded {pipeline} on this server; ours plays on until its session ends",
          Recovery.WAIT),
    Known("company", "another client plays on this server too: both drive one pipeline, and spoil its picture",
          Recovery.WAIT),
    Known("silent", "Scope took the offer but sent no frame", Recovery.RECONNECT),
    Known("frozen", "the picture froze", Recovery.RECONNECT),
    Known("hushed", "nothing arrives from Scope any more: the network broke, or the server hangs", Recovery.RECONNECT),
    Known("silent-sink", "no picture comes from {sinks}, while the others do", Recovery.RECONNECT),
    Known("deaf", "Scope hears nothing of what it is told", Recovery.RECONNECT),
    Known("stopped", "Scope stopped the stream", Recovery.RECONNECT),
    Known("ice-failed", "the network between the bridge and Scope broke", Recovery.RECONNECT),
    Known("unconnected", "no way leads to Scope's video: {why}", Recovery.RECONNECT),
)  # fmt: skip
"""What no line tells of: what it does, or no longer does."""

_BEFORE: Final = (
    Known("unlisted", "this Scope has no pipeline called {pipeline}; it has {known}", Recovery.RELOAD),
    Known("no-gpu", "{pipeline} needs a GPU with {needs} GB, and this server has none", Recovery.RELOAD),
    Known("small-gpu", "{pipeline} needs {needs} GB of GPU memory, and this server has {has}", Recovery.RELOAD),
    Known("tight-gpu", "{pipeline} wants {needs} GB of GPU memory, and this server has {has}: it may run out",
          Recovery.WAIT),
    Known("unseen-gpu", "{pipeline} wants a GPU with {needs} GB, and this server sees none", Recovery.WAIT),
    Known("no-video", "{pipeline} transforms video, and nothing feeds it: name one under `video`", Recovery.RELOAD),
    Known("no-mode", "{pipeline} says that it has no {mode} mode; it may ignore the source video", Recovery.WAIT),
    Known("no-port", "{node} ({pipeline}) has no {way} called {port}; it has {known}", Recovery.RELOAD),
    Known("no-return", "no video comes back from this graph: give it a sink without `sink_mode`", Recovery.RELOAD),
    Known("no-graphs", "Scope {version} knows no graphs: update it to 0.1.8 or newer", Recovery.RELOAD),
    Known("no-nodes", "Scope {version} cannot tell the pipelines of a chain apart: each change goes to all of them",
          Recovery.WAIT),
    Known("no-own-output", "Scope cannot send {what} itself: {why}", Recovery.WAIT),
    Known("no-own-input", "Scope cannot take in {what} itself: {why}", Recovery.RELOAD),
    Known("no-own-tempo", "Scope {version} has no tempo of its own: the bridge moves the modulations", Recovery.WAIT),
    Known("no-model", "the model files of {pipeline} did not arrive on the Scope machine: {why}", Recovery.RELOAD),
    Known("no-lora", "this Scope has no LoRA called {name}; {hint}", Recovery.RELOAD),
    Known("two-loras", "this Scope has several LoRAs called {name}: {known}; name one with its folder", Recovery.RELOAD),
    Known("unsure-lora", "Scope does not list the LoRA {name}; it is used as it is named", Recovery.WAIT),
    Known("deaf-lora", "{pipeline} takes no LoRAs: they will do nothing", Recovery.WAIT),
    Known("fixed-lora", "LoRAs of {pipeline} are loaded as lora_merge_mode {mode}: their strength cannot change; "
          "runtime_peft makes it a control", Recovery.WAIT),
    Known("no-image", "cannot bring the image {name} to Scope: {why}", Recovery.RELOAD),
    Known("unchecked", "Scope did not say {what}, so that was not checked: {why}", Recovery.WAIT),
)  # fmt: skip
"""What is found before anything is loaded."""

TROUBLES: Final[Mapping[str, Known]] = {known.kind: known for known in (*_LINES, *_BEHAVIOURS, *_BEFORE)}
"""Every kind of trouble."""

_PATTERNS: Final = tuple((known, re.compile(known.line)) for known in _LINES if known.line)


def _short(text: str) -> str:
    """Return text that fits into a sentence, without what is nobody's business."""
    plain = _SECRET.sub("***", " ".join(text.split())).rstrip(" .,")
    return plain if len(plain) <= _LONGEST else plain[: _LONGEST - 3] + "..."
