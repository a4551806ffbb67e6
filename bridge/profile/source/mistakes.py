"""Mistakes in YAML: what stopped the parser, in the reader's words, and the repair that lets reading go on."""

import re

import yaml

from bridge.profile.source.problems import Notes, Place, lines_of

BLANK = "\ue000"
"""Stands where something unreadable stood. A private-use character: YAML accepts it, nobody types it."""

ENVIRONMENT_HINT = "the environment is read in scope.url only"
"""What to say to `${NAME}` elsewhere."""

DASH_WITHOUT_SPACE = re.compile(r"-+(?=[^\s>-])")
"""What a list item begins with whose dash YAML takes for a part of the text."""

_BLOCK_TEXT = re.compile(r"[|>][-+0-9]*\s*(?:\s#.*)?$")
_TAB_INDENT = re.compile(r"^( *)(\t+)", re.MULTILINE)
_LINE = re.compile(
    r"""(?P<lead>\s*(?:-\s+)*)
        (?:(?P<key>"[^"]*"|'[^']*'|[^\s"'\[\]{}\#&*!|>@`%,:][^:\#]*?)\s*:(?=\s|$)\s*)?
        (?P<value>.*?)\s*$""",
    re.VERBOSE,
)


class Repair:
    """Says what stopped the parser, and blanks it out so that the rest can be read."""

    def __init__(self, text: str, notes: Notes) -> None:
        self.text = text
        self._notes = notes
        self._lines = lines_of(text)
        self._written = tuple(self._lines)
        self._left_out: set[int] = set()
        self._blanked: set[int] = set()
        self._tabbed: set[int] = set()

    def after(self, error: yaml.MarkedYAMLError) -> bool:
        """Note the problem behind `error` and repair the text; False if nothing more can be read from it."""
        mark = error.problem_mark or error.context_mark
        if mark is None:
            self._notes.error(Place(1, 1, 1, 1), f"this is not YAML: {error.problem}")
            return False
        line, column = mark.line + 1, mark.column + 1
        while line > 1 and (line > len(self._lines) or not self._lines[line - 1].strip()):
            line -= 1
            column = len(self._lines[line - 1]) + 1
        context = error.context_mark
        opened = (context.line + 1, context.column + 1) if context is not None else (line, column)
        problem = error.problem or ""

        if "\t" in self._lines[line - 1][: column + 1] and _TAB_INDENT.match(self._lines[line - 1]):
            return self._tabs(line)
        if line in self._blanked or line in self._tabbed:
            # The repair of this line made another error of it: what it is about has been said.
            return self._drop(line)
        if "tab" in problem:
            return self._tabs(line)
        if "end of stream" in problem or "document indicator" in problem:
            return self._unclosed_quote(*opened)
        if "alphabetic or numeric" in problem or "tag" in problem or "tag" in (error.context or ""):
            return self._must_be_quoted(*opened)
        if "escape" in problem or "hexdecimal" in problem or "hexadecimal" in problem:
            return self._escape(opened, (line, column))
        if "cannot start any token" in problem:
            return self._must_be_quoted(line, column)
        if "mapping values are not allowed" in problem:
            return self._colon(line, column)
        if "sequence entries are not allowed" in problem or "block sequence entries" in problem:
            return self._dash(line, column)
        if "expected ':'" in problem:
            return self._no_colon(opened[0])
        if "block scalar" in (error.context or ""):
            return self._block_text(*opened)
        if "flow" in (error.context or "") and "node content" not in problem:
            return self._flow(opened, (line, column))
        return self._block(opened, (line, column), problem)

    def left_out(self, first: int, last: int) -> bool:
        """Return whether one of these lines was taken out, so that what it said may belong anywhere around it."""
        return any(first <= line <= last for line in self._left_out)

    def doubtful(self, first: int, last: int) -> bool:
        """Return whether one of these lines was taken out, or begins with tabs, whose depth is a guess."""
        return self.left_out(first, last) or any(first <= line <= last for line in self._tabbed)

    def lost(self, piece: str) -> bool:
        """Return whether `piece` stands in a line of which something was blanked or taken out."""
        return any(piece in self._written[line - 1] for line in self._blanked)

    # What each mistake looks like, and what to do about it.

    def _tabs(self, line: int) -> bool:
        if not (found := _TAB_INDENT.match(self._lines[line - 1])):
            place = self._lines[line - 1].find("\t") + 1
            self._notes.error(
                Place(line, place, line, place + 1), "a tab stands where YAML wants spaces", "use spaces instead"
            )
            self._lines[line - 1] = self._lines[line - 1].replace("\t", " ")
            self._blanked.add(line)
            return self._again()
        others = sum(bool(_TAB_INDENT.match(text)) for text in self._lines) - 1
        more = f"; {others} more {'line does' if others == 1 else 'lines do'} the same" if others else ""
        self._notes.error(
            Place(line, found.start(2) + 1, line, found.end(2) + 1),
            f"this line is indented with a tab, and YAML takes only spaces{more}",
            "use two spaces for each level; most editors can convert the whole file at once",
        )
        deep = re.compile(r"^[ \t]+")
        self._tabbed.update(number for number, text in enumerate(self._lines, 1) if _TAB_INDENT.match(text))
        self._lines = [deep.sub(lambda indent: indent.group().replace("\t", " "), text) for text in self._lines]
        return self._again()

    def _unclosed_quote(self, line: int, column: int) -> bool:
        quote = self._lines[line - 1][column - 1 : column]
        text = self._lines[line - 1][column - 1 :].rstrip()
        self._notes.error(
            Place(line, column, line, column + 1),
            f"the text that begins with this {quote} never ends",
            f"put the closing {quote} where it ends: {_cut(text)}{quote}",
        )
        return self._blank(line, column)

    def _must_be_quoted(self, line: int, column: int) -> bool:
        found = self._parts(line)
        text = self._lines[line - 1]
        if _BLOCK_TEXT.match(text, column - 1):
            return self._block_text_in_flow(line, column)
        character = text[column - 1 : column]
        at_value = found.start("value") + 1 == column
        piece = found["value"] if at_value else re.split(r"[,\]}\s]", text[column - 1 :])[0] or character
        self._notes.error(
            Place(line, column, line, column + len(piece)),
            _needs_quotes(character),
            f"write {_item(found) + _key(found) if at_value else ''}{_quoted(piece)}",
        )
        return self._blank(line, column if at_value else found.start("value") + 1)

    def _escape(self, opened: tuple[int, int], at: tuple[int, int]) -> bool:
        line = at[0]
        column = self._lines[line - 1].rfind("\\", 0, at[1] + 1) + 1 or at[1]
        found = self._parts(opened[0])
        same = found.start("value") + 1 == opened[1] and opened[0] == line
        self._notes.error(
            Place(line, column, line, column + 2),
            'inside "…" a backslash begins a special character, and this is none',
            f"in single quotes it stands for itself: {_key(found)}{_single(found['value'].strip(chr(34)))}"
            if same
            else "put the text in single quotes, or write the backslash twice",
        )
        return self._blank(opened[0], opened[1])

    def _colon(self, line: int, column: int) -> bool:
        text = self._lines[line - 1]
        found = self._parts(line)
        first = found["key"] is not None and found.end("key") + 1 >= column - 1 and found.start("key") < column
        above = self._above(line)
        if not first or above is None:
            value = found["value"]
            start = found.start("value") + 1
            self._notes.error(
                Place(line, column, line, column + 1),
                "a colon with a space after it cannot stand in unquoted text: YAML takes what is before it for a key",
                f"put the whole text in quotes: {_key(found)}{_quoted(value)}",
            )
            return self._blank(line, start)
        before = self._parts(above)
        if before["key"] is None and "-" in before["lead"]:
            self._misplaced(line)
            return self._drop(line)
        if before["key"] is None and not before["value"].startswith(BLANK):
            return self._no_colon(above)
        if _indent(text) > _indent(self._lines[above - 1]):
            key, parent = found["key"], before["key"]
            self._notes.error(
                Place(line, found.start("key") + 1, line, found.end("key") + 1),
                f"'{key}' is indented as if it belonged into '{parent}', which has a value already",
                f"for a key of its own, start it right below '{parent}'",
                f"for one long text, write '{parent}: |' and the text on the lines below",
            )
        else:
            self._misplaced(line)
        return self._drop(line)

    def _no_colon(self, line: int) -> bool:
        found = self._parts(line)
        value = found["value"]
        start = found.start("value") + 1
        place = Place(line, start, line, start + len(value))
        if value[:1] in {"{", "["} and (empty := re.search(r"([^\s,:{\[][^,:{\[]*):(?=[}\]])", value)):
            begin = start + empty.start(1)
            self._notes.error(
                Place(line, begin, line, start + empty.end()),
                f"'{empty[1]}' has no value",
                f"put a space and the value after the colon, or take '{empty[1]}' out",
            )
            return self._blank(line, start)
        if glued := re.match(r"([A-Za-z_][\w ]*):(\S.*)", value):
            self._notes.error(
                Place(line, start + glued.end(1), line, start + glued.end(1) + 1),
                "a space is missing after this colon",
                f"write {glued[1]}: {glued[2]}",
            )
        elif " -> " in value and (dash := DASH_WITHOUT_SPACE.match(value)):
            dashes = Place(line, start, line, start + dash.end())
            self._notes.error(dashes, "a space is missing after this dash", f"write - {value[dash.end() :]}")
        elif " -> " in value:
            self._notes.error(
                place, "this looks like a route, but its line does not begin with a dash", f"write - {value}"
            )
        elif assigned := re.match(r"([A-Za-z_]\w*)\s*=\s*(.+)", value):
            self._notes.error(
                place, "YAML has a colon between a key and its value", f"write {assigned[1]}: {assigned[2]}"
            )
        else:
            self._notes.error(
                place,
                "this line is neither 'key: value' nor an item of a list",
                f"for a key, put a colon and a space after it: {_cut(value, 40)}:",
                f"for a list, begin it with a dash and a space: - {_cut(value, 40)}",
            )
        return self._drop(line)

    def _dash(self, line: int, column: int) -> bool:
        found = self._parts(line)
        key = found["key"] or "routes"
        item = found["value"].removeprefix("- ")
        self._notes.error(
            Place(line, column, line, column + 1),
            "a list that is written with dashes begins on a line of its own",
            f"put '- {_cut(item, 40)}' on the next line, or use brackets: {key}: [{_quoted(_cut(item, 40))}]",
        )
        return self._blank(line, found.start("value") + 1)

    def _block_text(self, line: int, column: int) -> bool:
        found = self._parts(line)
        sign = self._lines[line - 1][column - 1 : column]
        self._notes.error(
            Place(line, column, line, column + 1),
            f"after {sign} the text begins on the next line, and this line goes on",
            f"move '{_cut(found['value'][1:].strip(), 40)}' to a line of its own, two spaces further in",
            f"for text that contains {sign}, use quotes: {_key(found)}{_quoted(found['value'])}",
        )
        return self._blank(line, column)

    def _block_text_in_flow(self, line: int, column: int) -> bool:
        text = self._lines[line - 1]
        sign = text[column - 1 :].split()[0]
        top, start = self._outermost(line, column)
        last = line
        while last < len(self._lines) and self._continues(last + 1, _indent(self._lines[top - 1])):
            last += 1
        key = re.search(r"([^\s,{\[][^,{\[]*?)\s*:\s*$", text[: column - 1])
        name = key[1] if key else "text"
        parts = self._parts(top)
        outer = parts["key"] if parts["key"] and parts.start("value") + 1 == start else None
        said = self._lines[line].strip(" ]}") if last > line else ""
        rows = [*([f"{outer}:"] if outer else []), f"{name}: {sign}", said or "the text"]
        self._notes.error(
            Place(line, column, line, column + len(sign)),
            f"text over several lines, which {sign} begins, cannot stand inside {{ }} or [ ]",
            "write it without them, each step two spaces further in:",
            *("  " * (depth + 1) + _cut(row) for depth, row in enumerate(rows)),
        )
        return self._blank(top, start, last)

    def _outermost(self, line: int, column: int) -> tuple[int, int]:
        """Return where the outermost bracket was opened that is still open at this place; the place if there is none."""
        found, depth = (line, column), 0
        for number in range(line, 0, -1):
            text = self._lines[number - 1]
            for index in range(column - 2 if number == line else len(text) - 1, -1, -1):
                depth += (text[index] in "]}") - (text[index] in "[{")
                if depth < 0:
                    found, depth = (number, index + 1), 0
            parts = self._parts(number)
            if (
                found != (line, column)
                and found == (number, parts.start("value") + 1)
                and (parts["key"] or parts["lead"].strip())
            ):
                break
        return found

    def _continues(self, line: int, indent: int) -> bool:
        """Return whether a line belongs to what was begun, on an earlier one, at the depth `indent`."""
        text = self._lines[line - 1]
        return not text.strip() or _indent(text) > indent or not text.strip(" ]},")

    def _flow(self, opened: tuple[int, int], at: tuple[int, int]) -> bool:
        bracket = self._lines[opened[0] - 1][opened[1] - 1 : opened[1]]
        closing = "}" if bracket == "{" else "]"
        text = self._lines[at[0] - 1]
        inside = at[0] == opened[0] or _indent(text) > _indent(self._lines[opened[0] - 1])
        if not inside or at[1] > len(text.rstrip()):
            self._unclosed_bracket(opened, bracket, closing)
        else:
            before, character = text[: at[1] - 1].rstrip(), text[at[1] - 1 : at[1]]
            place = Place(at[0], at[1], at[0], at[1] + 1)
            piece = _piece(text, at[1] - 1)
            quoted = before.endswith(("}", "]", '"', "'")) and character not in "}]:"
            begin = _opening(before) if quoted else 0
            if quoted and not re.search(r":\s", before[begin:]):
                start = _value_start(text, begin)
                whole = text[start : _piece_end(text, begin)].rstrip()
                self._notes.error(
                    Place(at[0], start + 1, at[0], start + 1 + len(whole)),
                    f"text that begins with {before[start]} must be in quotes as a whole"
                    if start == begin
                    else f"between {bracket} and {closing}, text with {before[begin]} must be in quotes",
                    f"write {_quoted(whole)}",
                )
            elif character == "{" and before.endswith("$"):
                self._environment(at, piece)
            elif character == "{" and (word := _key_without_colon(text, at[1] - 1)):
                self._notes.error(place, f"a colon is missing after '{word}'", f"write {word}: {{…}}")
            elif character in "[{" and re.search(r"[\w/*-]$", before):
                start = _value_start(text, at[1] - 1)
                whole = text[start : _piece_end(text, at[1] - 1)].rstrip()
                self._notes.error(
                    Place(at[0], start + 1, at[0], start + 1 + len(whole)),
                    f"between {bracket} and {closing}, text with {character} must be in quotes",
                    f"write {_quoted(whole)}",
                )
            elif piece.startswith("*"):
                start = text.rindex(piece, 0, at[1] - 1 + len(piece)) + 1
                self._notes.error(
                    Place(at[0], start, at[0], start + len(piece)), _needs_quotes("*"), f"write {_quoted(piece)}"
                )
            elif character == ":":
                self._notes.error(
                    place,
                    "a colon with a space after it cannot stand in unquoted text",
                    "put the whole text in quotes, or put a comma before the next key",
                )
            else:
                self._notes.error(
                    place,
                    f"a comma or the closing {closing} is missing before this",
                    "separate the entries with commas: {a: 1, b: 2} or [1, 2]",
                )
        found = self._parts(opened[0])
        return self._blank(opened[0], min(found.start("value") + 1, opened[1]), at[0] if inside else opened[0])

    def _environment(self, at: tuple[int, int], piece: str) -> None:
        """Note a `${NAME}` without quotes inside brackets."""
        line, column = at
        text = self._lines[line - 1]
        start = text.rindex(piece, 0, column - 1 + len(piece))
        reads = re.search(r"(?:^|[\s{,])url:\s*$", text[:start]) is not None
        default = re.search(r"\$\{\w+:-([^}]+)\}", piece)
        self._notes.error(
            Place(line, start + 1, line, start + 1 + len(piece)),
            "inside { } or [ ], text with ${…} must be in quotes",
            f"write {_quoted(piece)}" if reads else ENVIRONMENT_HINT,
            None if reads else f"write the value itself{f', like {default[1]}' if default else ''}",
        )

    def _unclosed_bracket(self, opened: tuple[int, int], bracket: str, closing: str) -> None:
        line = opened[0]
        text = self._lines[line - 1]
        comment = re.search(r"\s#", text[opened[1] :])
        if comment and closing in text[opened[1] + comment.start() :]:
            column = opened[1] + comment.start() + 2
            self._notes.error(
                Place(line, column, line, len(text.rstrip()) + 1),
                f"this # begins a comment, which hides the closing {closing}",
                "put text that contains ' #' in quotes",
            )
        else:
            self._notes.error(
                Place(line, opened[1], line, opened[1] + 1),
                f"this {bracket} is never closed",
                f"put the {closing} where it ends",
            )

    def _block(self, opened: tuple[int, int], at: tuple[int, int], problem: str) -> bool:
        line, column = at
        text = self._lines[line - 1]
        found = self._parts(line)
        value, start = found["value"], found.start("value") + 1
        if column == _indent(text) + 1:
            if column == opened[1]:
                dashed = text.lstrip().startswith("-")
                self._notes.error(
                    Place(line, column, line, len(text.rstrip()) + 1),
                    "a list and keys are mixed here: '- item' and 'key: value' cannot stand in one column",
                    "indent the list below its key"
                    if dashed
                    else "begin the line with a dash, or move it out of the list",
                )
            else:
                self._misplaced(line)
            return self._drop(line)
        if text[column - 1 : column] in {"]", "}", ","}:
            self._stray(line, column)
            return self._blank(line, start)
        if value[:1] == "*":
            return self._must_be_quoted(line, start)
        if value[:1] in {"{", "["} and not _closed(value):
            self._unclosed_bracket((line, start), value[0], "}" if value[0] == "{" else "]")
            return self._blank(line, start)
        if value[:1] in {"{", "[", '"', "'"} and column > start:
            quote = value[0]
            # The first quote of a line may be the second one of a text that began above.
            begin = self._quote_before(line, quote) if column == start + 1 else None
            if begin is not None:
                return self._unclosed_quote(*begin)
            message = (
                f"the text ends at its second {quote}, but the line goes on" if quote in "\"'" else _needs_quotes(quote)
            )
            inner = value[1:-1] if quote in "\"'" and value.endswith(quote) and len(value) > 1 else value
            if inner is value and quote in "\"'":
                inner = value.replace(quote, "")
            self._notes.error(
                Place(line, start, line, start + len(value)),
                message,
                f"put the whole text in quotes: {_key(found)}{_quoted(inner)}",
            )
            return self._blank(line, start)
        if begin := self._quote_before(line, text[column - 2 : column - 1]):
            return self._unclosed_quote(*begin)
        self._notes.error(
            Place(line, column, line, column + 1),
            f"YAML cannot go on from here ({problem})",
            "often a quote, a bracket or a space is missing just before",
        )
        return self._blank(line, start)

    def _stray(self, line: int, column: int) -> None:
        """Note a bracket or comma that belongs to nothing."""
        found = self._parts(line)
        text, start = self._lines[line - 1], found.start("value")
        character, before = text[column - 1], text[start : column - 1].rstrip()
        whole = f"put the whole text in quotes: {_key(found)}{_quoted(found['value'])}"
        if character == "," and before.startswith(("{", "[")) and before.endswith(("}", "]")):
            self._notes.error(
                Place(line, start + 1, line, start + 1 + len(found["value"])),
                _needs_quotes(before[0]),
                whole,
            )
        elif character == "," and before.endswith((",", "[", "{")):
            self._notes.error(
                Place(line, column, line, column + 1), "nothing stands before this comma", "delete the comma"
            )
        elif character != "," and before:
            self._notes.error(
                Place(line, column, line, column + 1), f"this {character} closes nothing", "delete it", whole
            )
        else:
            self._notes.error(Place(line, column, line, column + 1), f"a value cannot begin with {character}", whole)

    def _misplaced(self, line: int) -> None:
        """Note that a line begins in a column where nothing above it begins."""
        text = self._lines[line - 1]
        indent = _indent(text)
        columns: list[tuple[int, str]] = []
        for number in range(line - 1, 0, -1):
            above = self._lines[number - 1]
            if above.strip() and not above.lstrip().startswith("#") and number not in self._blanked:
                depth = _indent(above)
                if not columns or depth < columns[-1][0]:
                    columns.append((depth, above.strip()))
                if depth == 0:
                    break
        near = sorted(columns, key=lambda one: abs(one[0] - indent))[:2]
        self._notes.error(
            Place(line, indent + 1, line, len(text.rstrip()) + 1),
            f"this line begins in column {indent + 1}, where nothing above it begins",
            *(f"start it in column {depth + 1} to stand below '{_cut(what, 40)}'" for depth, what in near),
        )

    # Finding and blanking.

    def _parts(self, line: int) -> re.Match[str]:
        found = _LINE.match(self._lines[line - 1])
        assert found is not None, "every part of the pattern may be empty"
        return found

    def _above(self, line: int) -> int | None:
        for number in range(line - 1, 0, -1):
            text = self._lines[number - 1].strip()
            if text and not text.startswith("#"):
                return number
        return None

    def _quote_before(self, line: int, quote: str) -> tuple[int, int] | None:
        """Return where, on an earlier line, a text began with `quote` that was only ended by one on this line."""
        if quote not in {'"', "'"}:
            return None
        for number in range(line - 1, 0, -1):
            found = self._parts(number)
            value = found["value"]
            if value.startswith(quote) and value.count(quote) % 2:
                return number, found.start("value") + 1
        return None

    def _blank(self, line: int, column: int, last: int | None = None) -> bool:
        """Put the blank in place of what stands from here to the end of the line `last`."""
        text = self._lines[line - 1]
        if line in self._blanked:
            return self._drop(line)
        self._lines[line - 1] = text[: column - 1] + BLANK * max(1, len(text) - column + 1)
        self._blanked.add(line)
        for number in range(line + 1, (last or line) + 1):
            self._lines[number - 1] = ""
            self._blanked.add(number)
        return self._again()

    def _drop(self, line: int) -> bool:
        """Take the whole line out, and what belongs to it; False if that was done before."""
        text = self._lines[line - 1]
        if not text:
            return False
        value = self._parts(line)["value"]
        dashed = text.lstrip().startswith("-")
        opens = not dashed and (value == "" or value.startswith("#") or self._parts(line)["key"] is None)
        last = line
        for number in range(line + 1, len(self._lines) + 1):
            below = self._lines[number - 1]
            if not below.strip():
                continue
            if _indent(below) <= _indent(text) and not (
                opens and _indent(below) == _indent(text) and below.lstrip().startswith("- ")
            ):
                break
            last = number
        for number in range(line, last + 1):
            self._lines[number - 1] = ""
            self._blanked.add(number)
            self._left_out.add(number)
        return self._again()

    def _again(self) -> bool:
        self.text = "\n".join(self._lines)
        return True


def _closed(text: str) -> bool:
    """Return whether the bracket that `text` begins with is closed in it."""
    depth = 0
    for character in text:
        depth += (character in "{[") - (character in "}]")
        if depth == 0:
            return True
    return False


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip(" "))


def _key(found: re.Match[str]) -> str:
    return f"{found['key']}: " if found["key"] else ""


def _needs_quotes(character: str) -> str:
    return f"text that begins with {character} must be in quotes, because YAML gives that character a meaning"


def _item(found: re.Match[str]) -> str:
    return "- " if "-" in found["lead"] and not found["key"] else ""


def _cut(text: str, width: int = 60) -> str:
    return text if len(text) <= width else text[: width - 1].rstrip() + "…"


def _quoted(text: str) -> str:
    """Return `text` in quotes, shortened to be shown."""
    shown = _cut(text.strip())
    return _single(shown) if '"' in shown or "\\" in shown else f'"{shown}"'


def _single(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _opening(before: str) -> int:
    """Return where the bracket or quote that ends `before` was opened."""
    last = before[-1]
    if last in "\"'":
        return max(0, before.rfind(last, 0, len(before) - 1))
    depth = 0
    for index in range(len(before) - 1, -1, -1):
        depth += (before[index] in "}]") - (before[index] in "{[")
        if depth == 0:
            return index
    return 0


def _value_start(text: str, inside: int) -> int:
    """Return where the text begins that a brace at `inside` is part of: a key has a colon, so it is none."""
    start, depth = inside, 0
    while start > 0 and (depth or (text[start - 1] not in "{[" and text[start - 2 : start] != ": ")):
        start -= 1
        depth += (text[start] in "]}") - (text[start] in "[{")
    if text[start - 1 : start] == "[" or text[start - 2 : start] != ": ":
        # In a list, and where nothing says what is a value, a comma separates.
        start = max(start, text.rfind(",", start, inside) + 1)
    return start + len(text[start:inside]) - len(text[start:inside].lstrip())


def _key_without_colon(text: str, brace: int) -> str | None:
    """Return the key that the mapping at `brace` belongs to, if only the colon between them is missing."""
    found = re.search(r"[{,]\s*([\w -]*\w)\s*$", text[:brace])
    inside = re.match(r"\{\s*(?:[\w /-]+:(?:\s|$)|\}|$)", text[brace:])
    return found[1] if found and inside else None


def _piece(text: str, inside: int) -> str:
    """Return the entry around or after `inside`, up to the comma or bracket that ends it."""
    start = inside
    while start > 0 and text[start - 1] not in ",{[" and text[start - 2 : start] != ": ":
        start -= 1
    return text[start : _piece_end(text, start)].strip()


def _piece_end(text: str, start: int) -> int:
    """Return where the comma or bracket stands that ends what begins at `start`."""
    depth, end = 0, start
    while end < len(text):
        if text[end] in "{[":
            depth += 1
        elif text[end] in "}]":
            if depth == 0:
                break
            depth -= 1
        elif text[end] == "," and depth == 0:
            break
        end += 1
    return end
