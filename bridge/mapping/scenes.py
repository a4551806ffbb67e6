"""PURE. Scenes, cues, snapshots, undo and panic: many targets at once, now or over time.

What a scene does not name stays as it is. A fade goes on until it has arrived, a hand takes its target, or another
scene wants it elsewhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from bridge.errors import Refused
from bridge.mapping.around import Surroundings
from bridge.profile.durations import Duration
from bridge.profile.filters import Curve
from bridge.profile.model import Cue, Profile, Scene, Setting, Target

PANIC_FADE = Duration(2.0)
"""How long panic takes, where the profile's `safe` has no time of its own."""
UNDONE = 16
"""How many times one can take back."""

Values = dict[str, Any]
"""What targets are set to, by their text."""


class Stage(Protocol):
    """What scenes act on: the targets of the show."""

    def lasting_values(self) -> Values:
        """Return what everything that stays set is set to, by the target's text; what was never set is where it rests."""

    def resting_values(self) -> Values:
        """Return what everything that stays set is, as long as nobody has set it."""

    def set_value(
        self, text: str, target: Target | None, value: Any, now: float, fade: Duration | None, curve: Curve | None
    ) -> None:
        """Set a target, at once or over time; None for `target` finds it by its text, and skips it if it is gone."""

    def be_quiet(self, quiet: bool) -> None:
        """Keep what moves by itself from acting, or let it."""


@dataclass(slots=True)
class Director:
    """Calls the scenes."""

    profile: Profile
    stage: Stage
    around: Surroundings
    cue: str | None = None
    """The cue that acted last."""
    snapshots: dict[int, Values] = field(default_factory=dict)
    _coming: tuple[float, str] | None = None
    """The cue that waits for its line, with the time from which on the next line counts."""
    _next: tuple[float, str] | None = None
    """The cue that follows by itself, with the time."""
    _before: list[tuple[Values, str | None]] = field(default_factory=list)

    @property
    def moving(self) -> bool:
        """Whether a cue waits for its time."""
        return self._coming is not None or self._next is not None

    @property
    def coming(self) -> str | None:
        """The cue that waits for its line."""
        return self._coming[1] if self._coming else None

    def tick(self, now: float) -> None:
        """Let come what waits for this time."""
        if self._coming is not None:
            since, name = self._coming
            cue = self.profile.cues[name]
            if self._due(cue, since) <= now:
                self._coming = None
                self._act(cue, now)
            elif cue.wait is not None and cue.wait.musical:
                # The lines of a tempo move when it changes, and with the latency: only what is left is asked for again.
                self._coming = now, name
        if self._next is not None and now >= self._next[0]:
            (_, name), self._next = self._next, None
            self.go(name, now)

    # Scenes

    def recall(self, name: str, now: float) -> None:
        """Recall a scene."""
        scene = self.profile.scenes.get(name)
        if scene is None:
            raise Refused(f"there is no scene called '{name}'")
        self._remember()
        self._play(scene, now)

    def panic(self, now: float) -> None:
        """Fade everything to where it is safe; no cue comes any more, and what moves by itself rests."""
        self._remember()
        self._coming = self._next = None
        safe = self.profile.safe
        if safe is None:
            start = {text: Setting(target, value) for text, (target, value) in self.profile.start.items()}
            safe = Scene(self.profile.start_scene or "", start)
        self.stage.be_quiet(True)
        fade = safe.fade if safe.fade.amount else PANIC_FADE
        for text, setting in safe.settings.items():
            self._set(text, setting, now, setting.fade or fade, setting.curve or safe.curve)
        self.around.scene = safe.name or None

    def _play(self, scene: Scene, now: float) -> None:
        self.stage.be_quiet(False)
        self.around.scene = scene.name
        for text, setting in scene.settings.items():
            fade = setting.fade if setting.fade is not None else scene.fade if scene.fade.amount else None
            self._set(text, setting, now, fade, setting.curve or scene.curve)

    def _set(self, text: str, setting: Setting, now: float, fade: Duration | None, curve: Curve | None) -> None:
        self.stage.set_value(text, setting.target, setting.value, now, fade, curve)

    # Cues

    def go(self, name: str, now: float) -> None:
        """Let a cue come: after its wait."""
        cue = self.profile.cues.get(name)
        if cue is None:
            raise Refused(f"there is no cue called '{name}'")
        self._next = None
        if self._due(cue, now) > now:
            self._coming = now, name
        else:
            self._coming = None
            self._act(cue, now)

    def _due(self, cue: Cue, since: float) -> float:
        return since if cue.wait is None else self.around.line(since, cue.wait)

    def step(self, by: int, now: float) -> None:
        """Go on to the next cue (1), or back to the one before (-1), which acts without its wait."""
        names = list(self.profile.cues)
        if not names:
            raise Refused("this profile has no cues")
        at = self.coming or self.cue
        index = names.index(at) + by if at in names else (0 if by > 0 else -1)
        if not 0 <= index < len(names):
            raise Refused("this was the last cue" if by > 0 else "there is no cue before this one")
        if by > 0:
            self.go(names[index], now)
        else:
            self._coming = self._next = None
            self._act(self.profile.cues[names[index]], now)

    def _act(self, cue: Cue, now: float) -> None:
        self.cue = cue.name
        self.recall(cue.scene, now)
        names = list(self.profile.cues)
        after = names.index(cue.name) + 1
        if cue.follow is not None and after < len(names):
            self._next = now + self.around.seconds(cue.follow), names[after]

    # Snapshots, and taking back

    def save(self, number: int) -> None:
        """Keep what everything is set to."""
        self.snapshots[number] = self.stage.lasting_values()

    def bring_back(self, number: int, now: float) -> None:
        """Set everything to what it was when the snapshot was taken."""
        if number not in self.snapshots:
            raise Refused(f"nothing is kept as snapshot {number}")
        self._remember()
        self.stage.be_quiet(False)
        self._restore(self.snapshots[number], now)

    def undo(self, now: float) -> None:
        """Take back the last scene, cue, snapshot, prompt or panic."""
        if not self._before:
            raise Refused("there is nothing to take back")
        values, self.around.scene = self._before.pop()
        self._coming = self._next = None
        self.stage.be_quiet(False)
        self._restore(values, now)

    def remember(self) -> None:
        """Note what everything is set to, before something that one may want to take back."""
        self._remember()

    def _remember(self) -> None:
        self._before.append((self.stage.lasting_values(), self.around.scene))
        del self._before[:-UNDONE]

    def _restore(self, values: Mapping[str, Any], now: float) -> None:
        live = self.stage.lasting_values()
        for text, value in {**self.stage.resting_values(), **values}.items():
            if live.get(text) != value:
                self.stage.set_value(text, None, value, now, None, None)

    # A reload, a restart

    def adopt(self, old: "Director") -> None:
        """Go on where `old` was; a cue that the edit took away no longer comes."""
        self.snapshots, self._before = old.snapshots, old._before
        self._take_cues(old)

    def join(self, old: "Director") -> None:
        """Begin where `old` is, which goes on too."""
        self.snapshots = {number: dict(values) for number, values in old.snapshots.items()}
        self._before = [(dict(values), scene) for values, scene in old._before]
        self._take_cues(old)

    def _take_cues(self, old: "Director") -> None:
        cues = self.profile.cues
        self.cue = old.cue if old.cue in cues else None
        self._coming = old._coming if old._coming and old._coming[1] in cues else None
        self._next = old._next if old._next and old._next[1] in cues else None
