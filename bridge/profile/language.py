"""The profile language as a whole: from this come the reading, the JSON Schema and the reference.

Every key is one `Field`, declared beside what it is about (`scope`, `inputs`, `filters`, …). What a value means for the
show, and whether it fits the rest, is in `reading`.
"""

from bridge.profile import later, targets
from bridge.profile.inputs import INPUTS
from bridge.profile.outputs import OUTPUTS
from bridge.profile.prompts import PROMPTS
from bridge.profile.routes import RouteList
from bridge.profile.scope import ScopeShape
from bridge.profile.structures import Field, Record

PROFILE = Record(
    "a profile",
    (
        Field(
            "scope",
            ScopeShape(),
            "Which Scope server to talk to: its address, or a mapping with more.",
            "http://127.0.0.1:8000",
            default="http://127.0.0.1:8000 with the pipeline longlive",
        ),
        Field("inputs", INPUTS, "What listens to the rig, by name. The name begins every signal.", "{td: {osc: 9000}}"),
        Field("outputs", OUTPUTS, "Where the picture goes, by name.", "{program: {ndi: Scope Bridge}}"),
        Field(
            "start",
            targets.Start(),
            "What is set before the first frame: targets with their values.",
            "{prompt: reef, noise_scale: 0.4}",
            default="Scope's own defaults",
        ),
        Field("prompts", PROMPTS, "The prompts of the show, and how one gives way to the next.", "{fade: 4 chunks}"),
        Field(
            "routes",
            RouteList(),
            "What drives what: `signal -> target`, or a mapping with more.",
            "[td/prompt -> prompt, {from: td/noise, to: noise_scale, out: [0.1, 0.9]}]",
        ),
    ),
    later=later.PROFILE,
    aliases={"input": "inputs", "output": "outputs", "route": "routes", "prompt": "prompts", "mappings": "routes"},
)
