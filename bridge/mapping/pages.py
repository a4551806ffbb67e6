"""PURE. Which page a controller is on: turned to, latched, or held for a moment."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace


@dataclass(slots=True)
class Pages:
    """The pages of a show; the one in force decides what a control does."""

    names: Sequence[str] = ()
    turned: str | None = None
    """The page that holds when nothing is held; None: the show has none."""
    _before: str | None = None
    """Where the last turn came from: a latch goes back to it."""
    _held: list[str] = field(default_factory=list)

    @property
    def current(self) -> str | None:
        """The page in force."""
        return self._held[-1] if self._held else self.turned

    def turn(self, name: str) -> None:
        """Turn to a page."""
        if name in self.names and name != self.turned:
            self._before, self.turned = self.turned, name

    def step(self, by: int) -> None:
        """Turn to the page so many further on, around the ends."""
        if self.names and self.turned is not None:
            self.turn(self.names[(self.names.index(self.turned) + by) % len(self.names)])

    def latch(self, names: Sequence[str]) -> None:
        """Turn to the next of the pages that share a button; from the last, back to where one came from.

        A first page that shares it is where the round begins anew.
        """
        if self.turned not in names:
            self.turn(names[0])
        elif self.turned != names[-1]:
            self.turned = names[names.index(self.turned) + 1]  # where one came from stays what it was
        elif len(names) > 1 and self.names[0] in names:
            self.turned = names[0]
        else:
            before = self._before
            self.turn(before if before is not None and before in self.names else self.names[0])

    def hold(self, name: str, down: bool) -> None:
        """Hold a page for as long as a button is down; of several, the last one held is in force."""
        if name in self._held:
            self._held.remove(name)
        if down:
            self._held.append(name)

    def copy(self) -> "Pages":
        """Return others that are where these are."""
        return replace(self, _held=list(self._held))

    def adopt(self, old: "Pages") -> None:
        """Go on where `old` was, as far as the pages are still there."""
        self.turned = old.turned if old.turned in self.names else self.turned
        self._before = old._before if old._before is not None and old._before in self.names else None
        self._held = [name for name in old._held if name in self.names]
