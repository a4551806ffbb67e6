"""From scenes and cues as they are written to what the show recalls: each value read by what its target takes."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bridge.parameters import Kind
from bridge.profile.durations import CUT, Duration
from bridge.profile.filters import Curve
from bridge.profile.language.scenes import VALUE, Written
from bridge.profile.model import (
    Cue,
    ImageTarget,
    OfScope,
    ParameterTarget,
    Prompts,
    PromptTarget,
    Scene,
    Setting,
    SlotTarget,
    Target,
)
from bridge.profile.shapes.shape import Subject, figure, shorten
from bridge.profile.shapes.structures import Fields, Given, decimal_comma
from bridge.profile.shapes.values import Absent
from bridge.profile.source import nodes
from bridge.profile.source.problems import Notes, Place, did_you_mean
from bridge.profile.targets import lookup, traits
from bridge.profile.targets.names import Names
from bridge.profile.targets.table import Entry


@dataclass(slots=True)
class Reader:
    """Reads the values of scenes, once the names of the whole profile are known."""

    names: Names
    prompts: Prompts
    notes: Notes
    look: Callable[[Target, Place], None] = lambda target, place: None
    """Called with each target that is set: whether Scope makes anything of it is not known here."""

    def scenes(self, given: Mapping[str, Given[Written]]) -> dict[str, Scene]:
        """Return the scenes by name."""
        return {name: self._scene(name, one) for name, one in given.items()}

    def start(
        self, given: Given[Given[str] | Written] | None, scenes: Mapping[str, Scene]
    ) -> tuple[dict[str, tuple[Target, Any]], str | None]:
        """Return what a show starts with, by the target's text, and the scene that it names, if it names one."""
        if given is None:
            return {}, None
        if isinstance(given.value, Given):
            scene = self._named(given.value, scenes, "start")
            if scene is None:
                return {}, None
            self._startable(scene, given.value.place)
            return {text: (one.target, one.value) for text, one in scene.settings.items()}, scene.name
        settings = self._settings(given.value.values, "start", None)
        return {text: (one.target, one.value) for text, one in settings.items()}, None

    def safe(self, given: Given[Given[str] | Written] | None, scenes: Mapping[str, Scene]) -> Scene | None:
        """Return the scene that panic fades to, or None: it is where the show starts. Inline, it has no name."""
        if given is None:
            return None
        if isinstance(given.value, Given):
            return self._named(given.value, scenes, "safe")
        if not given.value.values.pairs:
            return None
        return self._scene("", Given(given.value, given.place, given.key))

    def cues(self, given: Mapping[str, Given[Fields]]) -> dict[str, Cue]:
        """Return the cues by name, in the order of the list."""
        cues: dict[str, Cue] = {}
        for name, one in given.items():
            fields: Fields = one.value
            scene: Given[str] = fields["scene"]
            self._exists(scene, "scene")
            said = {key: fields[key].value for key in ("wait", "follow", "note") if key in fields}
            cues[name] = Cue(name, scene.value, **said)
        return cues

    # Scenes by name.

    def _named(self, given: Given[str], scenes: Mapping[str, Scene], key: str) -> Scene | None:
        if self._exists(given, key):
            return scenes.get(given.value)
        return None

    def _exists(self, given: Given[str], key: str) -> bool:
        known = self.names.scenes
        if known is None or given.value in known:
            return True
        self.notes.error(
            given.place,
            f"there is no scene called '{shorten(given.value)}'",
            did_you_mean(given.value, known)
            or (
                f"the scenes are {shorten(', '.join(known), 80)}"
                if known
                else "this profile has none: scenes: {intro: {noise_scale: 0.3, prompt: reef}}"
            ),
            "or write the values in its place: start: {prompt: reef, noise_scale: 0.4}" if key == "start" else None,
        )
        return False

    def _startable(self, scene: Scene, place: Place) -> None:
        quiet = Notes([""])
        for text in scene.settings:
            found = lookup.find(text, Place(1, 1, 1, 1), self.names, quiet)
            if found is not None and not found[0].startable:
                self.notes.error(
                    place,
                    f"the scene '{scene.name}' sets {text}, and a show cannot start with it",
                    f"start with another scene, or take {text} out of this one",
                )

    # The values of one scene.

    def _scene(self, name: str, given: Given[Written]) -> Scene:
        written = given.value
        fade = written.fade.value if written.fade is not None else CUT
        curve = written.curve.value if written.curve is not None else None
        settings = self._settings(written.values, f"the scene '{name}'" if name else "safe", fade)
        read = len(settings) == len(written.values.pairs) and written.values.whole
        fades = [one for one in settings.values() if (fade if one.fade is None else one.fade).amount]
        if not written.values.pairs and written.values.whole:
            self.notes.warning(given.key, "this scene sets nothing", "for example: {noise_scale: 0.3, prompt: reef}")
        elif written.fade is not None and fade.amount and read and not any(map(_can_fade, settings.values())):
            self.notes.warning(
                written.fade.place,
                "nothing in this scene can fade: text, choices and what is on or off change at once",
                "take the fade out, or set a number",
            )
        if written.curve is not None and read and not any(_can_bend(one) for one in fades):
            self._idle_curve(written.curve.key, fades=bool(fades))
        return Scene(name, settings, fade, curve)

    def _idle_curve(self, place: Place, *, fades: bool) -> None:
        self.notes.error(
            place,
            "a curve bends the way of a number, and no number fades here"
            if fades
            else "a curve bends a fade, and there is none",
            "take the curve out" if fades else "add one: fade: 2 bars",
        )

    def _settings(self, node: nodes.Mapping, called: str, fade: Duration | None) -> dict[str, Setting]:
        """Return what is set, by the target's text. `fade` is the scene's own time; None: a show starts with it."""
        found: dict[str, Setting] = {}
        by_meaning: dict[tuple[str, ...], Place] = {}
        for key, value in node.pairs:
            if not isinstance(key, nodes.Scalar):
                if not isinstance(key, nodes.Unreadable):
                    self.notes.error(
                        key.place, f"a key of {called} is the name of a target", "for example: noise_scale: 0.4"
                    )
                continue
            if decimal_comma(key, value, self.notes):
                continue
            resolved = lookup.find(key.text, key.place, self.names, self.notes)
            if resolved is None or not self._can_be_set(resolved, key, called, start=fade is None):
                continue
            entry, target = resolved
            meaning = self._meaning(target)
            if meaning in by_meaning:
                self.notes.error(
                    key.place,
                    f"'{key.text}' is set twice, under two names",
                    "delete one",
                    elsewhere=by_meaning[meaning],
                )
                continue
            by_meaning[meaning] = key.place
            self.look(target, key.place)
            setting = self._setting(key, value, entry, target, fade)
            if setting is not None:
                found[key.text] = setting
        return found

    def _can_be_set(self, resolved: tuple[Entry, Target], key: nodes.Scalar, called: str, *, start: bool) -> bool:
        entry, target = resolved
        if entry.shape is not None and (entry.startable or not start):
            return True
        cannot = "a show cannot start with it" if start else "a scene sets values"
        if entry.shape is not None:
            sentence = f"a show cannot start with {key.text}: it is for while the show runs"
        elif traits.is_trigger(target):
            sentence = f"{key.text} is something that happens, and {cannot}"
        else:
            sentence = f"{key.text} is held by hand, and {cannot}"
        route = f": {entry.example}" if " -> " in entry.example else ""
        self.notes.error(key.place, sentence, f"take it out of {called}, or reach it by a route{route}")
        return False

    def _meaning(self, target: Target) -> tuple[str, ...]:
        """Return what tells a target from every other: `prompt` means the first slot."""
        if isinstance(target, OfScope):
            return "of", target.scope, *self._meaning(target.target)
        if isinstance(target, PromptTarget) and self.prompts.slots:
            target = SlotTarget(self.prompts.slots[0], "text")
        return traits.meaning(target)

    def _setting(
        self, key: nodes.Scalar, node: nodes.Node, entry: Entry, target: Target, usual: Duration | None
    ) -> Setting | None:
        fields: Fields = {}
        if isinstance(node, nodes.Mapping) and _has_to(node, target):
            read = VALUE.read(node, self.notes, Subject(key.text, f"{{to: {entry.example}, fade: 4 s}}"))
            if read is None:
                return None
            if usual is None:
                self.notes.error(
                    node.place,
                    "a show starts before its first frame, and nothing can fade there",
                    f"write {key.text}: {entry.example}",
                )
                return None
            fields = read
            node = read["to"].value
        value = self._value(key, node, entry, target)
        if value is Absent:
            return None
        fade: Duration | None = fields["fade"].value if "fade" in fields else None
        curve: Curve | None = fields["curve"].value if "curve" in fields else None
        setting = Setting(target, value, fade, curve)
        if fade is not None and fade.amount and not _can_fade(setting):
            self.notes.error(
                fields["fade"].key,
                f"{key.text} cannot fade: between {_between(setting)} is nothing",
                f"write {key.text}: {_shown(value)}, and it changes when the scene comes",
            )
        elif curve is not None and not _can_bend(setting):
            self._idle_curve(fields["curve"].key, fades=True)
        elif curve is not None and not (fade or usual or CUT).amount:
            self._idle_curve(fields["curve"].key, fades=False)
        return setting

    def _value(self, key: nodes.Scalar, node: nodes.Node, entry: Entry, target: Target) -> Any:
        """Return the value at `node`, or `Absent` after noting why there is none."""
        target = traits.bare(target)
        assert entry.shape is not None, "what cannot be set was refused"
        value = entry.shape.read(node, self.notes, Subject(key.text, entry.example))
        if value is None and not (isinstance(target, ParameterTarget) and target.parameter.kind is Kind.ANY):
            return Absent
        if isinstance(value, str) and _says_prompt(target):
            return self._prompt(value, node.place)
        if isinstance(value, str) and isinstance(target, ImageTarget):
            self._near(value, node.place, self.names.images, "no image is called", "a path on the server")
        return value

    def _prompt(self, text: str, place: Place) -> str:
        """Return the name or the text of a prompt that is meant by its name, its number, or itself."""
        bank = self.names.bank
        if bank is None or text in bank:
            return text
        if text.isdecimal() and bank:
            if 1 <= int(text) <= len(bank):
                return list(bank)[int(text) - 1]
            self.notes.warning(
                place,
                f"the bank has {len(bank)} prompts and no number {text}, so this is taken for the prompt itself",
                f"write a name: {shorten(', '.join(bank), 80)}",
            )
            return text
        self._near(text, place, bank, "the bank has no prompt called", "the prompt itself")
        return text

    def _near(self, text: str, place: Place, known: Collection[str] | None, missing: str, taken: str) -> None:
        """Note a text that looks like a misspelt name."""
        if known is None or text in known or " " in text:
            return
        if near := did_you_mean(text, known):
            self.notes.warning(place, f"{missing} '{shorten(text)}', so this is taken for {taken}", near, misspelt=True)


def texts(node: nodes.Mapping | None) -> Iterator[nodes.Scalar]:
    """Yield the texts that the values of a scene give to `prompt` and the slots, with their places."""
    for key, value in node.pairs if node is not None else ():
        if isinstance(key, nodes.Scalar) and (key.text == "prompt" or key.text.endswith(("/text", "/prompt"))):
            if isinstance(value, nodes.Mapping):
                inner = [one for name, one in value.pairs if isinstance(name, nodes.Scalar) and name.text == "to"]
                value = inner[0] if inner else value
            if isinstance(value, nodes.Scalar):
                yield value


def _has_to(node: nodes.Mapping, target: Target) -> bool:
    """Return whether a mapping is a value with a time; a pipeline's own parameter may take a mapping as it is."""
    given = any(isinstance(key, nodes.Scalar) and key.text == "to" for key, _ in node.pairs)
    known = traits.bare(target)
    return given or not (isinstance(known, ParameterTarget) and known.parameter.kind is Kind.ANY)


def _says_prompt(target: Target) -> bool:
    target = traits.bare(target)
    return isinstance(target, PromptTarget) or (isinstance(target, SlotTarget) and target.control == "text")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _can_fade(setting: Setting) -> bool:
    """Return whether there is something between two values of a target. A prompt has transitions of its own."""
    if _says_prompt(setting.target):
        return True
    if traits.moves_on(setting.target):
        return False
    target = traits.bare(setting.target)
    if isinstance(target, ParameterTarget):
        return _is_number(setting.value) and target.parameter.kind in (Kind.NUMBER, Kind.ANY)
    return isinstance(setting.value, float)


def _can_bend(setting: Setting) -> bool:
    """Return whether a curve can act on the way of a value."""
    return _can_fade(setting) and _is_number(setting.value)


def _between(setting: Setting) -> str:
    value = setting.value
    if traits.moves_on(setting.target):
        return "two places of a film"
    if isinstance(value, bool):
        return "on and off"
    return "two whole numbers" if _is_number(value) else "one and the other"


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return figure(value) if isinstance(value, int | float) else shorten(str(value))
