"""What the profile language names and this version does not do yet, in one place.

Someone who copies a profile made for a later version is told so, rather than that a key does not exist.
"""

from collections.abc import Mapping
from typing import Final

PROFILE: Final[Mapping[str, str]] = {
    "extends": "a profile on top of another",
    "scopes": "several Scopes at once",
    "loras": "short names for LoRAs",
    "images": "reference images",
    "tempo": "beats and bars",
    "safe": "where panic fades to",
    "scenes": "sets of values",
    "cues": "a list of scenes",
    "pages": "what a controller does meanwhile",
    "lights": "the lamps of a controller",
    "guard": "limits for a target",
}

SCOPE: Final[Mapping[str, str]] = {
    "video": "video for Scope to transform",
    "vace": "reference images and control video",
    "standby": "a second Scope that takes over",
    "relay": "TURN servers of your own",
    "graph": "a graph of pipelines",
}

INPUT: Final[Mapping[str, str]] = {
    "reply": "answers to the sender",
    "reply_text": "answers to the sender",
    "forward": "passing messages on",
    "from_host": "listening to one sender",
    "midi": "MIDI inputs",
    "controller": "MIDI controllers by name",
    "takeover": "soft takeover",
    "audio": "audio inputs",
    "channels": "audio inputs",
    "features": "audio inputs",
    "gain": "audio inputs",
    "remote": "Ableton Live",
    "listen": "Ableton Live",
    "video": "video inputs",
    "http": "HTTP and WebSocket inputs",
}

OUTPUT: Final[Mapping[str, str]] = {
    "size": "scaling the picture",
    "fit": "scaling the picture",
    "gone": "what an output shows when no picture comes",
    "spout": "Spout outputs",
    "syphon": "Syphon outputs",
    "record": "recording",
    "window": "windows and full screens",
    "fullscreen": "windows and full screens",
    "from": "several Scopes at once",
}

PROMPTS: Final[Mapping[str, str]] = {
    "fade_method": "how prompts mix while they fade",
    "blend": "several prompts at once",
    "file": "prompts in a file of their own",
    "slots": "several prompts at once",
}

ROUTE: Final[Mapping[str, str]] = {
    "name": "routes that can be turned up and down",
    "mix": "several routes on one target",
    "across": "one signal across several targets",
    "law": "one signal across several targets",
    "every": "counting beats",
    "period": "oscillators",
    "press": "long and double presses",
    "while": "pages",
    "guard": "limits for a target",
    "amount": "routes that can be turned up and down",
}

FILTERS: Final[Mapping[str, str]] = dict.fromkeys(
    [
        "invert",
        "deadzone",
        "detent",
        "levels",
        "round",
        "math",
        "choose",
        "wrap",
        "one_euro",
        "slew",
        "spring",
        "hold",
        "delay",
        "accumulate",
        "normalise",
        "envelope",
        "gate",
        "edge",
        "toggle",
        "every",
        "at_most",
        "changed",
        "when",
        "wait",
    ],
    "a filter",
)

CURVES: Final = ("bezier", "points")

SIGNALS: Final[Mapping[str, str]] = {
    "tempo": "beats and bars as signals",
    "lfo": "oscillators as signals",
    "scope": "Scope's own state as a signal",
    "page": "pages as signals",
}
"""First segments of signals that belong to the bridge; no input may have such a name."""

TARGETS: Final[Mapping[str, str]] = {
    "prompt/": "stepping through the bank, and several prompts at once",
    "lora/": "LoRAs",
    "image/": "reference images",
    "source/": "video for Scope to transform",
    "pipeline/": "changing the pipeline",
    "node/": "one node of a chain",
    "ctrl/": "pipelines that are steered",
    "scene/": "scenes",
    "cue/": "cues",
    "page/": "pages",
    "snapshot/": "snapshots",
    "route/": "routes that can be turned up and down",
    "seed/": "a random seed",
    "bypass": "the source past Scope",
    "tap": "beats and bars",
    "undo": "taking back",
    "record": "recording",
    "panic": "fading to a safe scene",
    "transition": "fades that a signal sets",
    "lora_scales": "LoRAs",
    "ctrl_input": "pipelines that are steered",
    "vace_ref_images": "reference images",
    "denoising_step_list[": "one step of the schedule",
}
"""Targets, or what they begin with."""
