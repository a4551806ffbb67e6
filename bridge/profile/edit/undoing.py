"""Taking back a route that was written into a profile, also where the file was edited elsewhere since.

    new = add_route(text, "apc/fader/1 -> noise_scale")
    written = difference(text, new, "apc/fader/1 -> noise_scale")
    taken_back(new, written) == text

Exactly what was written goes, to the byte, with a section that came with it. The result is read again: unless it says the
same as before but for that route, and has all its comments, `EditError` is raised.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

from bridge.profile.edit.outline import line_end, line_start, next_line, outline
from bridge.profile.edit.said import Path, everything, find, nothing, read, says
from bridge.profile.edit.writing import EditError, flow
from bridge.profile.source import nodes

_LINE: Final = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+\Z")


class Gone(EditError):
    """The route is no longer in the profile: there is nothing to take back."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a route changed in the text of a profile, in whole lines with their ends."""

    route: str | Mapping[str, Any]
    page: str | None
    line: int
    """Which line changed first, from 0."""
    before: str
    """The lines that were there; empty: none were changed."""
    after: str
    """What they became."""

    @property
    def where(self) -> str:
        """What people call the place: `routes:`."""
        return "routes:" if self.page is None else f"the routes of the page {self.page}"

    @property
    def text(self) -> str:
        """The route, on one line."""
        return self.route if isinstance(self.route, str) else flow(self.route)


def difference(old: str, new: str, route: str | Mapping[str, Any], page: str | None = None) -> Written:
    """Return what became of `old` when a route was written into it, at one place."""
    before, after = _LINE.findall(old), _LINE.findall(new)
    most = min(len(before), len(after))
    head = next((index for index in range(most) if before[index] != after[index]), most)
    tail = next((index for index in range(most - head) if before[-1 - index] != after[-1 - index]), most - head)
    return Written(
        route, page, head, "".join(before[head : len(before) - tail]), "".join(after[head : len(after) - tail])
    )


def taken_back(text: str, written: Written) -> str:
    """Return `text` without the route that was `written` into it.

    Raise `Gone` if the route is not there any more, and `EditError` if it cannot be told from what stands around it; the
    text says what to do by hand.
    """
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    said = read(text[len(mark) :])
    where: Path = ("routes",) if written.page is None else ("pages", written.page, "routes")
    routes = find(said, where)
    items = routes.items if isinstance(routes, nodes.Sequence) else ()
    places: list[Path] = [(*where, index) for index, item in enumerate(items) if says(item, written.route)]
    if not places:
        raise Gone(f"'{written.text}' is not in {written.where} any more")
    for result in _results(text, written, places, len(mark)):
        if any(_only_lacks(place, text[len(mark) :], said, result[len(mark) :]) for place in places):
            return result
    lines = " and ".join(str(items[place[-1]].place.line) for place in places if isinstance(place[-1], int))
    raise EditError(
        f"'{written.text}' was written otherwise since, or stands between other things: delete it by hand, on line {lines}"
    )


def _results(text: str, written: Written, places: list[Path], skipped: int) -> Iterator[str]:
    """Yield texts that the route may have been taken out of, the most careful first."""
    yield from _whole_lines(text, written)
    yield from _what_came(text, written)
    for place in places:
        yield from _its_lines(text, written, place, skipped)


def _whole_lines(text: str, written: Written) -> Iterator[str]:
    """Yield `text` with the lines as they were, where they are as they became: at their old place, or elsewhere."""
    starts = [0]
    for line in _LINE.findall(text):
        starts.append(starts[-1] + len(line))
    there = starts[written.line] if written.line < len(starts) else -1
    for at in sorted(starts, key=lambda at: at != there):
        if text.startswith(written.after, at):
            yield text[:at] + written.before + text[at + len(written.after) :]


def _what_came(text: str, written: Written) -> Iterator[str]:
    """Yield `text` without the very characters that came, if they are in it once: their lines may have changed."""
    old, new = written.before, written.after
    most = min(len(old), len(new))
    head = next((index for index in range(most) if old[index] != new[index]), most)
    tail = next((index for index in range(most - head) if old[-1 - index] != new[-1 - index]), most - head)
    came, went = new[head : len(new) - tail], old[head : len(old) - tail]
    if came and text.count(came) == 1:
        yield text.replace(came, went)


def _its_lines(text: str, written: Written, place: Path, skipped: int) -> Iterator[str]:
    """Yield `text` without the lines of one item, if it has lines of its own and they are as they were written."""
    text, mark = text[skipped:], text[:skipped]
    piece = outline(text).root
    for step in place:
        if piece is None or piece.kind == "alias":
            return
        if isinstance(step, str):
            piece = piece.get(step)
        elif piece.kind != "sequence" or piece.flow:
            return
        else:
            piece = piece.children[step]
    if piece is None:
        return
    start, end = line_start(text, piece.start), next_line(text, line_end(text, max(piece.start, piece.end - 1)))
    if text[start:end].rstrip("\r\n") in written.after:
        yield mark + text[:start] + text[end:]


def _only_lacks(place: Path, text: str, said: nodes.Node | None, result: str) -> bool:
    """Return whether `result` says what `text` says, which is `said`, but for what is at `place`, and has its comments."""
    try:
        now = read(result)
        comments = Counter(one for _, one in outline(text).comments)
        kept = Counter(one for _, one in outline(result).comments)
    except (EditError, yaml.YAMLError):
        return False
    if comments != kept:
        return False
    if everything(said, (), frozenset({place})) == everything(now, (), frozenset()):
        return True
    for length in range(len(place) - 1, 0, -1):
        above = find(said, place[:length])
        alone = (isinstance(above, nodes.Sequence) and len(above.items) == 1) or (
            isinstance(above, nodes.Mapping) and len(above.pairs) == 1
        )
        if not alone:
            return False
        left = find(now, place[:length])
        dropped = frozenset({place[:length]})
        if (left is None or nothing(left)) and everything(said, (), dropped) == everything(now, (), dropped):
            return True
    return False
