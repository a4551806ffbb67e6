"""A profile, read and found good: what the rest of the program works from.

These are the results of reading, not the file: names are resolved, ranges are filled in, durations are numbers.
`bridge.profile.load` makes them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from bridge.parameters import Parameter, PerChunk
from bridge.profile.filters import Filter
from bridge.profile.inputs import InputOptions
from bridge.profile.outputs import OutputOptions

Range = tuple[float, float]
"""Two ends, in order of travel: the first may be the larger one, which turns the route around."""


@dataclass(frozen=True, slots=True)
class ParameterTarget:
    """A parameter of Scope from the catalogue, or (`param/<name>`) one that only the pipeline knows."""

    parameter: Parameter


@dataclass(frozen=True, slots=True)
class PromptTarget:
    """The prompt: a name in the bank, or any text."""


@dataclass(frozen=True, slots=True)
class WordTarget:
    """A word that prompts contain as `{name}`: one of the list in `prompts.words`, by text or by 0..1, or any text."""

    word: str


@dataclass(frozen=True, slots=True)
class OutputTarget:
    """Something about an output of the bridge."""

    output: str
    """The output's name, or `all`."""
    control: Literal["freeze", "level"]


Target = ParameterTarget | PromptTarget | WordTarget | OutputTarget


@dataclass(frozen=True, slots=True)
class Scope:
    """Which Scope to talk to, and what it should run."""

    url: str = "http://127.0.0.1:8000"
    """Without a slash at the end."""
    pipeline: str = "longlive"
    load: Mapping[str, Any] = field(default_factory=dict)
    """Load parameters, as the server takes them."""
    ice: Literal["auto", "loopback"] = "auto"
    """Which addresses WebRTC offers: what the URL needs, or 127.0.0.1 alone."""
    frames_per_chunk: int | None = None
    """How many frames the pipeline makes in one call, where the bridge's own table does not know; at least 1."""


@dataclass(frozen=True, slots=True)
class Prompts:
    """The prompt bank."""

    bank: Mapping[str, str] = field(default_factory=dict)
    """Text by name, in the order of the file. `{word}` stands for the word of that name."""
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The choices of each word; the first is where it starts."""
    fade_chunks: int = 0
    """How many chunks a change of prompt takes; 0 is a cut. Never 1, which Scope cannot do."""


@dataclass(frozen=True, slots=True)
class Route:
    """One signal to one target."""

    signal: str
    """`input/path`, as in the profile."""
    target: Target
    target_text: str
    """The target, as in the profile."""
    filters: tuple[Filter, ...] = ()
    source: Range | None = None
    """The signal's range that means the target's whole way, from `in:` or the input's `range:`; None: values are in
    the target's own unit."""
    out: Range | None = None
    """Where the way begins and ends, in the target's unit; None: the whole range of the target, or no scaling."""
    per_chunk: PerChunk = "newest"


@dataclass(frozen=True, slots=True)
class Profile:
    """Everything a show needs to know."""

    path: str
    """The file it came from, as it was named."""
    scope: Scope = field(default_factory=Scope)
    inputs: Mapping[str, InputOptions] = field(default_factory=dict)
    outputs: Mapping[str, OutputOptions] = field(default_factory=dict)
    prompts: Prompts = field(default_factory=Prompts)
    start: Mapping[str, tuple[Target, Any]] = field(default_factory=dict)
    """What is set before the first frame: by the target's text, the target and its value, coerced and clamped."""
    routes: tuple[Route, ...] = ()
