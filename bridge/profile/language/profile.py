"""The profile language as a whole: from this come the reading, the JSON Schema and the reference.

Every key is one `Field`, declared beside what it is about (`scope`, `inputs`, `filters`, …). What a value means for the
show is in `building`, and whether it fits the rest in `checks`.
"""

from dataclasses import dataclass

from bridge.profile.language.guards import GUARDS
from bridge.profile.language.inputs import INPUTS
from bridge.profile.language.libraries import IMAGES, LorasShape
from bridge.profile.language.lights import LIGHTS
from bridge.profile.language.outputs import OUTPUTS
from bridge.profile.language.pages import PAGES
from bridge.profile.language.prompts import PromptsShape
from bridge.profile.language.routes import RouteList
from bridge.profile.language.scenes import CUES, SAFE, SCENES, START
from bridge.profile.language.scope import SCOPES, ScopeShape
from bridge.profile.language.tempo import TempoShape
from bridge.profile.shapes.shape import Json, Subject
from bridge.profile.shapes.structures import Field, Given, ListOf, Record
from bridge.profile.shapes.values import Text
from bridge.profile.source import nodes
from bridge.profile.source.problems import Notes


@dataclass(frozen=True, slots=True)
class Extends:
    """The path of a profile, or several."""

    what: str = "the path of a profile, or a list of paths"

    def read(self, node: nodes.Node, notes: Notes, subject: Subject) -> list[Given[str]] | None:
        if isinstance(node, nodes.Sequence):
            return ListOf(Text(self.what), "profiles", distinct=True).read(node, notes, subject)
        text = Text(self.what).read(node, notes, subject)
        return None if text is None else [Given(text, node.place, node.place)]

    def schema(self) -> Json:
        return {"anyOf": [{"type": "string", "pattern": r"\S"}, ListOf(Text(), "profiles", distinct=True).schema()]}


PROFILE = Record(
    "a profile",
    (
        Field(
            "extends",
            Extends(),
            "Profiles that this one stands on, by their paths: what they say holds, where this one says nothing else. "
            "Lists of routes are joined.",
            "house.yaml",
        ),
        Field(
            "scope",
            ScopeShape(),
            "Which Scope server to talk to: its address, or a mapping with more.",
            "http://127.0.0.1:8000",
            default="http://127.0.0.1:8000 with the pipeline longlive",
        ),
        Field(
            "scopes",
            SCOPES,
            "Several Scopes at once, by name, instead of `scope`: then `left/noise_scale` is one, `noise_scale` is all.",
            "{left: http://gpu-a:8000, right: {url: http://gpu-b:8000, pipeline: memflow}}",
        ),
        Field(
            "loras",
            LorasShape(),
            "Short names for LoRAs, which are loaded with the pipeline; `change` says how a changed strength arrives.",
            "{change: smooth, arcane: arcane-jinx.safetensors}",
        ),
        Field(
            "images",
            IMAGES,
            "Short names for images, by their files, looked for beside the profile; the server gets those that it lacks.",
            "{face: refs/face.png}",
        ),
        Field(
            "prompts", PromptsShape(), "The prompts of the show, and how one gives way to the next.", "{fade: 4 chunks}"
        ),
        Field("inputs", INPUTS, "What listens to the rig, by name. The name begins every signal.", "{td: {osc: 9000}}"),
        Field(
            "tempo",
            TempoShape(),
            "Where beats and bars come from: the first source that is alive.",
            "[{link: true}, {bpm: 124}]",
            default="120 beats per minute, or as they are tapped",
        ),
        Field(
            "start",
            START,
            "What is set before the first frame: a scene's name, or targets with their values.",
            "{prompt: reef, noise_scale: 0.4}",
            default="Scope's own defaults",
        ),
        Field(
            "safe",
            SAFE,
            "Where panic fades to: a scene's name, or a scene.",
            "intro",
            default="where the show starts",
        ),
        Field(
            "scenes",
            SCENES,
            "Sets of values by name, recalled at once or over time.",
            "{drop: {fade: 2 bars, set: {noise_scale: 0.8, prompt: neon}}}",
        ),
        Field(
            "cues",
            CUES,
            "Scenes in the order of the show: `cue/go` is the next.",
            "{doors: {scene: intro}, first: {scene: drop, wait: 4 bars}}",
        ),
        Field(
            "routes",
            RouteList(),
            "What drives what: `signal -> target`, or a mapping with more.",
            "[td/prompt -> prompt, {from: td/noise, to: noise_scale, out: [0.1, 0.9]}]",
        ),
        Field(
            "pages",
            PAGES,
            "What a controller does meanwhile, by name; the first is where a show starts. Its routes come before those "
            "of the profile for the same signal.",
            '{looks: {while: apc/shift, routes: [{from: "apc/fader/{n}", to: "lora/{n}"}]}}',
        ),
        Field(
            "guard",
            GUARDS,
            "Limits for targets: what is held back arrives later, the newest of it.",
            "{noise_scale: {max_rate: 4 per s}}",
        ),
        Field(
            "lights",
            LIGHTS,
            "The lamps of controllers, by what they stand for and how it is with that. A kind that is not named shines "
            "as usual.",
            "{scene: {idle: dim red, waiting: blink red, active: red}}",
            default="what can be pressed glows, blinks from the press until the picture shows it, and is lit while it does, "
            "each kind in a colour of its own; a value beyond its range is red",
        ),
        Field("outputs", OUTPUTS, "Where the picture goes, by name.", "{program: {ndi: Scope Bridge}}"),
    ),
    aliases={
        "input": "inputs",
        "output": "outputs",
        "route": "routes",
        "prompt": "prompts",
        "mappings": "routes",
        "scene": "scenes",
        "cue": "cues",
        "page": "pages",
        "guards": "guard",
        "lamps": "lights",
        "leds": "lights",
        "lora": "loras",
        "image": "images",
        "bpm": "tempo",
        "include": "extends",
        "panic": "safe",
        "setlist": "cues",
    },
)
