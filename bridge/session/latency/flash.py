"""PURE. What a calibration flashes: two states of one Scope whose pictures cannot be taken for each other.

Whose frames carry the rehearsal server's strip shows any parameter there, exactly. A real picture is another matter: what
is flashed must show at once, in the first frame of the chunk that uses it, and must not change how long a chunk takes.

- `controller-viz` draws the keys that are held: `ctrl_input`. Nothing else of it shows.
- In video mode it is `noise_scale`, with the noise controller off: the one parameter that acts on the very next chunk
  without a cut, and nothing is encoded for it. 0.3 stays near the source and 0.9 far from it; the ends of the range,
  where next to nothing is left to denoise or of the source, are no show's.
- In text mode, and where the video only controls (VACE), `noise_scale` is ignored. There it is the prompt, from black to
  white: any other difference could be smaller than what the picture does by itself. Without a cut, the memory of past
  frames would let it seep in over several chunks: `reset_cache` goes along. So the chunk encodes a text, and takes a
  little longer than one for a fader: it is what a cue with another prompt costs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from bridge.parameters import DIFFUSION, PIPELINES, Change
from bridge.profile.model import Scope

_BLACK: Final = "a plain black image, pure black, completely dark, nothing else"
_WHITE: Final = "a plain white image, pure white, blinding bright light, nothing else"


@dataclass(frozen=True, slots=True)
class Flash:
    """What is flashed."""

    name: str
    """For a person: `the prompt, between black and white`."""
    states: tuple[Mapping[str, Any], Mapping[str, Any]]
    """The two states, by parameter; the first is where it begins."""
    events: Mapping[str, Any] = field(default_factory=dict)
    """What must go along with each change."""
    before: Mapping[str, Any] = field(default_factory=dict)
    """What was there before, to be put back, by parameter."""

    def changes(self, state: int, now: float) -> list[Change]:
        """Return the step to the first (0) or the other (1) state."""
        return [Change(name, value, now) for name, value in {**self.states[state], **self.events}.items()]

    def back(self, now: float) -> list[Change]:
        """Return what puts everything back."""
        if not self.before:
            return []
        return [Change(name, value, now) for name, value in {**self.before, **self.events}.items()]


def flash_for(scope: Scope, begun: Mapping[str, Any]) -> Flash | None:
    """Return what to flash on a Scope whose session began with `begun`; None where no parameter shows in the picture."""
    if scope.pipeline == "controller-viz":
        states = tuple({"ctrl_input": {"button": keys, "mouse": [0.0, 0.0]}} for keys in ([], ["KeyW"]))
        return Flash("a key that is held", (states[0], states[1]), before=states[0])
    if scope.pipeline in PIPELINES and scope.pipeline not in DIFFUSION:
        return None
    if scope.input_mode == "video" and scope.vace != "video":
        low, high = ({"noise_scale": value, "noise_controller": False} for value in (0.3, 0.9))
        before = {"noise_scale": begun.get("noise_scale", 0.7), "noise_controller": begun.get("noise_controller", True)}
        return Flash("noise_scale, between 0.3 and 0.9", (low, high), before=before)
    black, white = ({"prompts": {"prompts": [{"text": text, "weight": 1.0}]}} for text in (_BLACK, _WHITE))
    was = {"prompts": begun["prompts"]} if "prompts" in begun else {}
    return Flash("the prompt, between black and white", (black, white), {"reset_cache": True}, was)
