"""PURE. Where the show is and what there is to call, out of a profile and what is live: for whoever looks at it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bridge.profile.durations import BPM
from bridge.profile.model import Profile
from bridge.status import CueStatus, FaderStatus, ShowStatus, WordStatus

LORA_FADER = (0.0, 2.0)
"""How far the fader of a LoRA goes: more than that is for signals that know what they do."""
_WHOLE = (0.0, 1.0)


def show_of(
    profile: Profile,
    *,
    scene: str | None,
    cue: str | None,
    coming: str | None,
    turned: tuple[str, ...],
    bpm: float,
    words: Mapping[str, str],
    values: Mapping[str, Any],
    snapshots: Iterable[int],
) -> ShowStatus:
    """Return the show's status. `words` is what stands for each word, `values` what targets are set to, by their text.

    `bpm` counts as said where the profile names a tempo, or somebody has tapped another one than every show begins with.
    """
    return ShowStatus(
        scene=scene,
        scenes=tuple(profile.scenes),
        cue=cue,
        coming=coming,
        cues=tuple(CueStatus(one.name, one.scene, one.note) for one in profile.cues.values()),
        turned=turned,
        pages=tuple(profile.pages),
        bpm=bpm if profile.tempo or bpm != BPM else None,
        words=tuple(WordStatus(name, words.get(name, ""), choices) for name, choices in profile.prompts.words.items()),
        faders=tuple(_faders(profile, values)),
        snapshots=tuple(sorted(snapshots)),
    )


def _faders(profile: Profile, values: Mapping[str, Any]) -> Iterator[FaderStatus]:
    for number, slot in enumerate(profile.prompts.slots, start=1):
        target = f"prompt/{slot}/weight"
        begin = 1.0 if number == 1 else 0.0
        yield FaderStatus(slot, target, _first(values, begin, target, f"prompt/{number}/weight"), *_WHOLE)
    for number, lora in enumerate(profile.loras, start=1):
        target = f"lora/{lora}"
        yield FaderStatus(lora, target, _first(values, None, target, f"lora/{number}"), *LORA_FADER)
    for route in (*profile.routes, *(route for page in profile.pages.values() for route in page.routes)):
        if route.name:
            target = f"route/{route.name}/amount"
            yield FaderStatus(route.name, target, _first(values, route.amount, target), *_WHOLE)


def _first(values: Mapping[str, Any], otherwise: float | None, *texts: str) -> float | None:
    """Return what the target is set to that goes by one of these texts: a profile may say `lora/1` for `lora/arcane`."""
    return next((float(values[text]) for text in texts if text in values), otherwise)
