"""What is live, as a scene that reads back as it was: into the text of a profile that must still be read afterwards.

    saved(text, "drop", {"noise_scale": 0.8, "prompt": "a {brace} of fish"}, playing)

A prompt that came from outside is written so that the scene brings Scope the same: `{brace}` is a word to the reader of
profiles, and was none to whoever typed it. A scene that the reader would refuse is not written.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from bridge.profile.edit.saving import save_scene
from bridge.profile.edit.writing import EditError
from bridge.profile.model import PLACES, Profile, PromptTarget, Setting, SlotTarget, Target, WordTarget
from bridge.profile.reading import no_files, read
from bridge.profile.source.files import Files
from bridge.profile.source.problems import Problem, Severity
from bridge.profile.targets.lookup import named


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
    words = words_of(playing)
    written = {target: _written(target, value, playing, words) for target, value in values.items()}
    edited = save_scene(text, name, written)

    def errors(of: str) -> Counter[str]:
        found = read(of, playing.path, environment, files, playing.catalogue).problems
        return Counter(map(_sentence, (one for one in found if one.severity is Severity.ERROR)))

    after = errors(edited)
    new = after - errors(text) if after else after
    if new:
        raise EditError(f"a scene '{name}' with these values would be refused: {next(iter(new))}")
    return edited


def words_of(profile: Profile) -> frozenset[str]:
    """Return the words of a profile: those with choices, and those that something sets."""
    routes = [*profile.routes, *(route for page in profile.pages.values() for route in page.routes)]
    scenes = [*profile.scenes.values(), *([profile.safe] if profile.safe is not None else [])]
    settings: list[Setting] = [setting for scene in scenes for setting in scene.settings.values()]
    targets: list[Target | None] = [target for target, _ in profile.start.values()]
    targets += [setting.target for setting in settings]
    targets += [target for route in routes for target in (route.target, *(end for _, end in route.across))]
    return frozenset(profile.prompts.words) | {target.word for target in targets if isinstance(target, WordTarget)}


def escaped(text: str, words: frozenset[str]) -> str:
    """Return a prompt that was sent as it is, as a profile says it: braces around what is no word are doubled."""
    return PLACES.sub(
        lambda found: found[0] if found[1] is None or found[1].strip() in words else f"{{{found[0]}}}", text
    )


def _written(text: str, value: Any, playing: Profile, words: frozenset[str]) -> Any:
    """Return what a scene says for a target to be set to `value`."""
    target = named(text, playing)
    says_prompt = isinstance(target, PromptTarget) or (isinstance(target, SlotTarget) and target.control == "text")
    bank = playing.prompts.bank
    if not says_prompt or not isinstance(value, str) or value in bank:
        return value
    if value.isdecimal() and bank:
        return f" {value}"  # else it is the number of a prompt; Scope never sees the blank
    return escaped(value, words)


def _sentence(problem: Problem) -> str:
    """Return what an error says, without its place, which an edit may move."""
    return f"{problem.message} ({problem.hints[0]})" if problem.hints else problem.message
