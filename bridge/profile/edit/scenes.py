"""What is live, as a scene that reads back as it was: into the text of a profile that must still be read afterwards.

    saved(text, "drop", {"noise_scale": 0.8, "prompt": "a {brace} of fish"}, playing)

A prompt that came from outside is written so that the scene brings Scope the same: `{brace}` is a word to the reader of
profiles, and was none to whoever typed it. Only white space is not kept: in a profile a run of it is one blank. A scene
that the reader would refuse is not written.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from bridge.profile.edit.saving import save_scene
from bridge.profile.edit.writing import EditError
from bridge.profile.model import PLACES, Profile, PromptTarget, SlotTarget, Target, WordTarget, routes_of
from bridge.profile.reading import no_files, read
from bridge.profile.source.files import Files
from bridge.profile.source.problems import Problem, Severity
from bridge.profile.targets.lookup import named
from bridge.profile.targets.traits import bare


def saved(
    text: str,
    name: str,
    values: Mapping[str, Any],
    playing: Profile,
    environment: Mapping[str, str] | None = None,
    files: Files = no_files,
) -> str:
    """Return `text`, a profile's, with `values` as the scene `name`, as `save_scene` writes it.

    `values` are by the target's text, as `playing` has them: its bank and its words say which prompts are names and
    which braces are words. `environment` and `files` are as `read` takes them. Raise `EditError` if the profile cannot
    be edited safely, or if it had an error afterwards that it has not now; errors that are there already are no matter.
    """
    edited = save_scene(text, name, _written(values, playing))

    def errors(of: str) -> Counter[str]:
        found = read(of, playing.path, environment, files, playing.catalogue).problems
        return Counter(map(_sentence, (one for one in found if one.severity is Severity.ERROR)))

    after = errors(edited)
    new = after - errors(text) if after else after
    if new:
        raise EditError(f"a scene '{name}' with these values would be refused: {next(iter(new))}")
    return edited


def words_of(profile: Profile) -> frozenset[str]:
    """Return the words of a profile: those with choices, and those that a start, a scene or a route sets."""
    targets: list[Target | None] = [target for target, _ in profile.start.values()]
    targets += [setting.target for scene in profile.scenes.values() for setting in scene.settings.values()]
    targets += [
        target for _, route in routes_of(profile) for target in (route.target, *(end for _, end in route.across))
    ]
    known = (bare(target) for target in targets if target is not None)
    return frozenset(profile.prompts.words) | {target.word for target in known if isinstance(target, WordTarget)}


def escaped(text: str, words: frozenset[str]) -> str:
    """Return a prompt that was sent as it is, as a profile says it: braces around what is no word are doubled."""
    return PLACES.sub(
        lambda found: found[0] if found[1] is None or found[1].strip() in words else f"{{{found[0]}}}", text
    )


def _written(values: Mapping[str, Any], playing: Profile) -> dict[str, Any]:
    """Return what a scene says to bring back `values`: prompts as the reader of profiles takes them for what they are."""
    words, bank = words_of(playing), playing.prompts.bank
    written: dict[str, Any] = {}
    for target, value in values.items():
        if not _says_prompt(named(target, playing)) or not isinstance(value, str) or value in bank:
            written[target] = value
        elif value.isdecimal() and 1 <= int(value) <= len(bank):
            raise EditError(f"the prompt '{value}' is a number, and a scene means by it that one of the bank")
        else:
            written[target] = escaped(value, words)
    return written


def _says_prompt(target: Target | None) -> bool:
    target = None if target is None else bare(target)
    return isinstance(target, PromptTarget) or (isinstance(target, SlotTarget) and target.control == "text")


def _sentence(problem: Problem) -> str:
    """Return what an error says, without its place, which an edit may move."""
    return f"{problem.message} ({problem.hints[0]})" if problem.hints else problem.message
