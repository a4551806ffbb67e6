"""PURE. Which pages controllers are on: turned to, latched, or held for a moment.

    pages = Pages([Page("perform"), Page("looks"), Page("mixer", on="apc"), Page("colours", on="apc")])
    pages.current                   # ("mixer", "perform"): what a controller has of its own comes before the whole rig's
    pages.turn("colours")           # then they are ("colours", "perform")

Each controller with pages of its own is turned by itself; the others, and what it has no page for, are on the rig's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from bridge.profile.model import Page

RIG: Final = ""
"""What the pages of the whole rig belong to, where others belong to an input."""


@dataclass(slots=True)
class Book:
    """Pages of which one is in force."""

    names: Sequence[str]
    start: str | None
    """Where a show starts; None: on no page of these."""
    turned: str | None
    """The page that holds when nothing is held."""
    before: str | None = None
    """Where the last turn came from: a latch goes back to it."""
    held: list[str] = field(default_factory=list)

    @property
    def current(self) -> str | None:
        """The page in force."""
        return self.held[-1] if self.held else self.turned

    def turn(self, name: str | None) -> None:
        """Turn to a page."""
        if name != self.turned:
            self.before, self.turned = self.turned, name

    def latch(self, names: Sequence[str]) -> None:
        """Turn to the next of the pages that share a button; from the last, back to where one came from.

        Where the page of the start shares it, the round begins anew.
        """
        if self.turned is None or self.turned not in names:
            self.turn(names[0])
        elif self.turned != names[-1]:
            self.turned = names[names.index(self.turned) + 1]  # where one came from stays what it was
        elif len(names) > 1 and self.start in names:
            self.turned = names[0]
        else:
            self.turn(self.start if self.before is None or self.before in names else self.before)

    def adopt(self, old: Sequence["Book"]) -> None:
        """Go on where `old` were, as far as the pages are still there; what these were comes first.

        Where nobody had turned to anything, and the start is on no page now, it is on none.
        """
        kept = (one.turned for one in old if self.start is not None or one.turned != one.start)
        self.turned = next((name for name in kept if name in self.names), self.start)
        self.before = next((one.before for one in old if one.before in self.names), None)
        self.held = [name for one in old for name in one.held if name in self.names]


class Pages:
    """The pages of a show; those in force decide what a control does."""

    def __init__(self, pages: Iterable[Page] = ()) -> None:
        """The first page of the rig is where a show starts. A controller starts on its own first one, unless a button must
        hold or latch that: then on the rig's."""
        owned: dict[str, list[Page]] = {}
        for page in pages:
            owned.setdefault(page.on or RIG, []).append(page)
        self._books = {owner: _book(owner, own) for owner, own in owned.items()}
        self._of = {name: book for book in self._books.values() for name in book.names}
        self._find()

    @property
    def names(self) -> tuple[str, ...]:
        """All pages."""
        return tuple(self._of)

    @property
    def turned(self) -> tuple[str, ...]:
        """The pages that hold when nothing is held."""
        return tuple(book.turned for book in self._books.values() if book.turned is not None)

    def turn(self, name: str) -> None:
        """Turn to a page."""
        if name in self._of:
            self._of[name].turn(name)
            self._find()

    def step(self, by: int, owner: str = RIG) -> None:
        """Turn to the page so many further on, around the ends: of the pages of an input, or where it has none the rig's."""
        book = self._books.get(owner) or self._books.get(RIG)
        if book is not None:
            at = book.names.index(book.turned) + by if book.turned is not None else min(by, 0)
            book.turn(book.names[at % len(book.names)])
            self._find()

    def latch(self, names: Sequence[str]) -> None:
        """Turn to the next of the pages that share a button, in each set of pages that has some of them."""
        for book in self._books.values():
            if own := [name for name in names if name in book.names]:
                book.latch(own)
        self._find()

    def hold(self, name: str, down: bool) -> None:
        """Hold a page for as long as a button is down; of several, the last one held is in force."""
        book = self._of.get(name)
        if book is None:
            return
        if name in book.held:
            book.held.remove(name)
        if down:
            book.held.append(name)
        self._find()

    def copy(self) -> "Pages":
        """Return others that are where these are."""
        twin = Pages()
        twin._books = {owner: replace(book, held=list(book.held)) for owner, book in self._books.items()}
        twin._of = {name: book for book in twin._books.values() for name in book.names}
        twin._find()
        return twin

    def adopt(self, old: "Pages") -> None:
        """Go on where `old` was, as far as the pages are still there; one that belongs to another input now, too."""
        for owner, book in self._books.items():
            book.adopt([old._books[name] for name in sorted(old._books, key=lambda name: name != owner)])
        self._find()

    def _find(self) -> None:
        books = sorted(self._books.items(), key=lambda one: one[0] == RIG)
        self.current: tuple[str, ...] = tuple(page for _, book in books if (page := book.current) is not None)
        """The pages in force: those that controllers have of their own before the rig's."""


def _book(owner: str, pages: Sequence[Page]) -> Book:
    first = pages[0]
    start = first.name if owner == RIG or (first.held is None and first.latched is None) else None
    return Book(tuple(page.name for page in pages), start, start)
