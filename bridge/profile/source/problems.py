"""What is wrong with a profile, said so that a person can act: the place, a sentence, the line, what to do.

mappings/club.yaml:9:10: there is no filter called 'smoth'
  9 |       - {smoth: 150 ms}
    |          ^^^^^
    = did you mean 'smooth'?

1 problem in mappings/club.yaml; nothing was started.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from enum import Enum
from typing import NamedTuple

_WIDEST = 110
"""Columns of a source line that are shown; of a longer one, the part around the place."""


_LONGEST_NAME = 200
"""What is longer came over the network, and is near to nothing that a person named."""

_SHORT = 3
"""Letters of a word that has another one near it by chance."""

_LINE_BREAK = re.compile(r"\r\n|\n|\r")


class Severity(Enum):
    """What a problem means for the show."""

    ERROR = "error"
    """Nothing starts; a running show goes on with the profile that it has."""
    WARNING = "warning"
    """The show starts; something in it does not do what the profile seems to expect."""
    NOTE = "note"
    """The profile is good; something in it waits for a later version of the bridge, or does less than it could."""


class Place(NamedTuple):
    """A stretch of the file. Lines and columns count from 1; the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A source line with a stretch of it marked."""

    line: int
    """From 1."""
    column: int
    """Where the mark begins, from 1."""
    width: int
    """How many characters are marked, at least 1."""
    text: str
    """The whole source line."""
    path: str = ""
    """The file, where it is another one than the problem's."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong."""

    severity: Severity
    path: str
    """The file, as it was named."""
    line: int
    """From 1."""
    column: int
    """From 1, as editors count."""
    message: str
    """One sentence in the reader's words; lower case, no full stop."""
    hints: tuple[str, ...]
    """What to do about it, each on a line of its own."""
    excerpt: Excerpt
    elsewhere: Excerpt | None = None
    """The other place of a problem that has two: where a key was given first."""
    misspelt: bool = False
    """Whether a warning is about a name that was probably mistyped: what else is wrong may come of that."""

    def __str__(self) -> str:
        """Return the problem as a report shows it."""
        return _block(self)


class Notes:
    """Collects the problems of one text, and of the texts that it includes.

    The lines of an included text come after those that are there: a `Place` in it is moved down by what `include`
    returns, and a problem there is shown with the file's own name and numbers.
    """

    def __init__(self, lines: Sequence[str], path: str = "profile") -> None:
        self.lines = lines
        self._files = [(0, path)]
        """Where each file begins among the lines, with its name."""
        self._problems: dict[Problem, None] = {}

    def include(self, other: "Notes") -> int:
        """Take over the lines and the problems of another file; return by how many lines places in it are moved."""
        moved = len(self.lines)
        self.lines = [*self.lines, *other.lines]
        self._files.extend((moved + start, path) for start, path in other._files)
        self._problems.update(other._problems)
        return moved

    def path_at(self, place: Place) -> str:
        """Return the file, as it was named, that a place is in."""
        return self._file_at(place.line)[1]

    def error(self, place: Place, message: str, *hints: str | None, elsewhere: Place | None = None) -> None:
        """Note an error at `place`. A hint that is None is left out; what was noted before is not noted again."""
        self._note(Severity.ERROR, place, message, hints, elsewhere)

    def warning(
        self,
        place: Place,
        message: str,
        *hints: str | None,
        elsewhere: Place | None = None,
        misspelt: bool = False,
    ) -> None:
        """Note a warning at `place`, as `error` does; `misspelt` says that it is about a name probably mistyped."""
        self._note(Severity.WARNING, place, message, hints, elsewhere, misspelt)

    def note(self, place: Place, message: str, *hints: str | None) -> None:
        """Note at `place` what is good and cannot act yet, or does less than it could, as `error` does."""
        self._note(Severity.NOTE, place, message, hints, None)

    def problems(self) -> tuple[Problem, ...]:
        """Return what was noted, in the order of the file; what is in an included one comes after."""
        files = {path: number for number, (_, path) in reversed(list(enumerate(self._files)))}
        return tuple(sorted(self._problems, key=lambda problem: (files[problem.path], problem.line, problem.column)))

    def rest_of_line(self, place: Place) -> str:
        """Return what follows `place` on its last line."""
        return self.lines[place.end_line - 1][place.end_column - 1 :] if place.end_line <= len(self.lines) else ""

    def source(self, place: Place) -> str:
        """Return the text at `place`, as far as its first line goes."""
        excerpt = self._excerpt(place)
        return excerpt.text[excerpt.column - 1 : excerpt.column - 1 + excerpt.width]

    def _note(
        self,
        severity: Severity,
        place: Place,
        message: str,
        hints: Iterable[str | None],
        elsewhere: Place | None,
        misspelt: bool = False,
    ) -> None:
        path = self.path_at(place)
        excerpt = self._excerpt(place)
        kept = tuple(hint for hint in hints if hint is not None)
        other = None if elsewhere is None else self._excerpt(elsewhere)
        if other is not None and elsewhere is not None and self.path_at(elsewhere) != path:
            other = replace(other, path=self.path_at(elsewhere))
        problem = Problem(severity, path, excerpt.line, excerpt.column, message, kept, excerpt, other, misspelt)
        self._problems[problem] = None

    def _file_at(self, line: int) -> tuple[int, str]:
        return next(file for file in reversed(self._files) if file[0] < line or not file[0])

    def _excerpt(self, place: Place) -> Excerpt:
        """Return the line at `place`, which is moved into the text where it lies beyond its end."""
        line = min(max(place.line, 1), len(self.lines))
        text = self.lines[line - 1]
        start = min(max(place.column, 1), len(text) + 1) if line == place.line else len(text) + 1
        end = place.end_column if place.end_line == place.line else len(text.rstrip()) + 1
        return Excerpt(line - self._file_at(line)[0], start, max(1, min(end, len(text) + 1) - start), text)


def lines_of(text: str) -> list[str]:
    """Return the lines of `text` as an editor counts them."""
    return _LINE_BREAK.split(text)


def report(problems: Sequence[Problem], path: str) -> str:
    """Return all `problems` of the profile at `path`, ready to print, without a line break at the end."""
    return "\n\n".join([*map(str, problems), summary(problems, path)])


def summary(problems: Sequence[Problem], path: str) -> str:
    """Return the last line of a report."""
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    warnings = sum(problem.severity is Severity.WARNING for problem in problems)
    if errors:
        also = f" and {_count(warnings, 'warning')}" if warnings else ""
        return f"{_count(errors, 'problem')}{also} in {path}; nothing was started."
    notes = len(problems) - warnings
    counted = [_count(number, noun) for number, noun in ((warnings, "warning"), (notes, "note")) if number]
    return ", ".join([f"no problems in {path}", *counted])


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known name that someone who wrote `word` most probably meant, or None."""
    wanted = word.casefold()
    best, best_ratio = None, 0.0
    if len(wanted) > _LONGEST_NAME:
        return None
    for name in known:
        folded = name.casefold()
        ratio = SequenceMatcher(None, wanted, folded).ratio()
        if sorted(wanted) == sorted(folded):
            ratio = max(ratio, 0.9)
        elif wanted and (folded.startswith(wanted) or wanted.startswith(folded)) and min(len(wanted), len(folded)) > 2:
            ratio = max(ratio, 0.7)
        if len(wanted) <= _SHORT >= len(folded) and wanted[:1] != folded[:1] and ratio < 0.8:
            continue  # two letters of three say little: `foo` is no `lfo`
        if ratio > best_ratio:
            best, best_ratio = name, ratio
    return best if best_ratio >= 0.64 else None


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """Return a hint that names the nearest of the known names, or None."""
    near = nearest(word, known)
    return None if near is None else f"did you mean '{near}'?"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _block(problem: Problem) -> str:
    label = "" if problem.severity is Severity.ERROR else f"{problem.severity.value}: "
    excerpts = [problem.excerpt] if problem.elsewhere is None else [problem.excerpt, problem.elsewhere]
    gutter = max(len(str(excerpt.line)) for excerpt in excerpts)
    rows = [f"{problem.path}:{problem.line}:{problem.column}: {label}{problem.message}"]
    for excerpt in excerpts:
        shown, before, width = _window(excerpt)
        rows.append(f"  {excerpt.line:>{gutter}} | {shown}".rstrip())
        note = " here first" if excerpt is problem.elsewhere else ""
        note += f", in {excerpt.path}" if excerpt.path else ""
        rows.append(f"  {'':>{gutter}} | {' ' * before}{'^' * width}{note}")
    rows.extend(f"  {'':>{gutter}} = {hint}" for hint in problem.hints)
    return "\n".join(rows)


def _window(excerpt: Excerpt) -> tuple[str, int, int]:
    """Return the shown part of a line, the columns before the mark, and the mark's width in columns of a terminal."""
    start, end = excerpt.column - 1, excerpt.column - 1 + excerpt.width
    first, last = 0, len(excerpt.text)
    if last > _WIDEST:
        first = max(0, min(start - _WIDEST // 3, last - _WIDEST))
        last = min(last, first + _WIDEST)
        end = max(start + 1, min(end, last))
    ahead = "…" if first else ""
    shown = "".join(map(_visible, excerpt.text[first:last]))
    before = len(ahead) + sum(map(_columns, excerpt.text[first:start]))
    width = max(1, sum(map(_columns, excerpt.text[start:end])))
    return ahead + shown + ("…" if last < len(excerpt.text) else ""), before, width


def _visible(character: str) -> str:
    """Return `character` as it can be printed in one line: a tab is one column wide here."""
    if character == "\t":
        return " "
    return "\ufffd" if unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} else character


def _columns(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) == "Cf":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
