"""What the lamps, rings and motors of controllers are to show: how it is with their controls, and whether the picture shows it.

lamps = Lamps(scopes)
lamps.show(inputs, ensemble, profile.lights)        # 30 times a second; only what has changed is sent
"""

from collections.abc import Mapping

from bridge.clock import now
from bridge.console.surfaces import view_of
from bridge.inputs import Input, Surface
from bridge.mapping.ensemble import Ensemble
from bridge.mapping.reports import Aim
from bridge.scopes import Scopes
from bridge.session.life.echo import same


class Lamps:
    """The lamps of all controllers of a show."""

    def __init__(self, scopes: Scopes) -> None:
        self._scopes = scopes
        self._inputs: dict[str, Input] = {}
        self._surfaces: dict[str, Surface] = {}
        self._paths: list[str] = []
        self._pages: tuple[str, ...] = ()
        self._anew = False

    def refresh(self) -> None:
        """Have controllers told anew, with the next `show`, what they show already."""
        self._anew = True

    def show(self, inputs: Mapping[str, Input], played: Ensemble, lights: Mapping[str, Mapping[str, str]]) -> None:
        """Let those of the inputs that can show something show how it is now; after a turn of the page all of it anew."""
        if inputs != self._inputs:
            self._inputs = dict(inputs)
            self._surfaces = {name: one for name, one in inputs.items() if isinstance(one, Surface) and one.shows}
            self._paths = [f"{name}/{path}" for name, one in self._surfaces.items() for path in one.shows]
        if not self._surfaces:
            return
        spoken, beat = played.spoken(), played.lead.beat(now())

        def is_seen(aim: Aim) -> bool:
            return same(self._scopes.told_and_seen(aim, played, spoken)[1], aim.asked)

        views = view_of(played.controls(self._paths), lights, is_seen, None if beat is None else beat["beat_phase"])
        for name, surface in self._surfaces.items():
            surface.show(views.get(name, {}))
        before, self._pages = self._pages, played.lead.around.pages.current
        if self._anew or self._pages != before:
            self._anew = False
            for surface in self._surfaces.values():
                surface.refresh()
