"""The files of a profile: its own text, that of those it names, or why there is none."""

import os.path
from collections.abc import Callable
from pathlib import Path

from bridge.errors import ProfileError
from bridge.profile.source.compose import MOST_CHARACTERS
from bridge.profile.source.problems import Notes, Place, did_you_mean, lines_of, report

_MOST_BYTES = 4 * MOST_CHARACTERS


def contents(path: str | Path) -> str:
    """Return the text of the file at `path`. Raise `ProfileError`, whose text is a report, if that is not possible."""
    file = Path(path)
    try:
        with file.open("rb") as stream:
            data = stream.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        raise _unreadable(path, "there is no such file", _neighbour(file)) from None
    except IsADirectoryError:
        raise _unreadable(path, "this is a folder, not a profile", _inside(file)) from None
    except (OSError, ValueError) as error:
        if file.is_dir():
            raise _unreadable(path, "this is a folder, not a profile", _inside(file)) from error
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise _unreadable(path, f"this file cannot be read: {reason[:1].lower()}{reason[1:]}") from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ProfileError(_not_utf8(data, error, str(path))) from None


def text_at(path: str) -> str:
    """Return the text of a file that a profile names. Raise `OSError` or `ValueError` if there is none."""
    with Path(path).open("rb") as stream:
        data = stream.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise ValueError(f"it has more than {MOST_CHARACTERS:,} characters")
    return data.decode("utf-8-sig")


def _unreadable(path: str | Path, sentence: str, hint: str | None = None) -> ProfileError:
    rows = [f"{path}: {sentence}"] + ([f"    = {hint}"] if hint else [])
    return ProfileError("\n".join([*rows, "", f"1 problem in {path}; nothing was started."]))


def _profiles(folder: Path) -> list[str]:
    try:
        return sorted(each.name for each in folder.iterdir() if each.suffix in {".yaml", ".yml"})[:200]
    except OSError:
        return []


def _neighbour(file: Path) -> str | None:
    found = _profiles(file.parent)
    near = did_you_mean(file.name, found)
    if near is None and not file.suffix and f"{file.name}.yaml" in found:
        near = f"did you mean '{file.name}.yaml'?"
    return near or (f"{file.parent} has {', '.join(found[:8])}" if found else None)


def _inside(folder: Path) -> str | None:
    found = _profiles(folder)
    return f"it has {', '.join(found[:8])}" if found else None


def _not_utf8(data: bytes, error: UnicodeDecodeError, path: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        lines, place = lines_of(data.decode("utf-16", "replace")), Place(1, 1, 1, 2)
        sentence = "this file is UTF-16, and a profile is UTF-8"
    else:
        before = lines_of(data[: error.start].decode("utf-8", "replace").removeprefix("\ufeff"))
        lines = lines_of(data.decode("utf-8", "replace").removeprefix("\ufeff"))
        place = Place(len(before), len(before[-1]) + 1, len(before), len(before[-1]) + 2)
        sentence = f"this file is not UTF-8: the byte {data[error.start]:02X} here is no character"
    notes = Notes(lines, path)
    notes.error(place, sentence, "save it as UTF-8; in most editors that is an option of 'Save as'")
    return report(notes.problems(), path)


Files = Callable[[str], str]
"""Returns the text of the file at a path. Raises `OSError` or `ValueError` if there is none."""


def beside(path: str, named: str) -> str:
    """Return the path of a file that the file at `path` names: it is looked for in the same folder."""
    return os.path.join(os.path.dirname(path), named)


def text_of(files: Files, path: str, place: Place, notes: Notes) -> str | None:
    """Return the text of the file at `path`, or None after noting at `place`, where it is named, why there is none."""
    try:
        return files(path).removeprefix("\ufeff")
    except FileNotFoundError:
        notes.error(place, f"there is no file {path}", "a file is looked for beside the one that names it")
    except IsADirectoryError:
        notes.error(place, f"{path} is a folder", "name a file in it")
    except UnicodeDecodeError:
        notes.error(place, f"{path} is not UTF-8", "save it as UTF-8; in most editors that is an option of 'Save as'")
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        notes.error(place, f"{path} cannot be read: {reason[:1].lower()}{reason[1:]}", "look whether it may be read")
    return None


def from_profile(named: str, place: Place, notes: Notes) -> str:
    """Return the path of a file from the folder of the profile itself, wherever the file that names it at `place` lies."""
    own, home = (os.path.dirname(notes.path_at(one)) for one in (place, Place(1, 1, 1, 1)))
    if os.path.normpath(own) == os.path.normpath(home) or os.path.isabs(named):
        return named
    try:
        return os.path.relpath(os.path.join(own, named), home)
    except ValueError:  # on another drive
        return os.path.abspath(os.path.join(own, named))


def is_there(files: Files, named: str, place: Place, notes: Notes, *more: str) -> bool:
    """Return whether a file that is named at `place` is there, whatever is in it, after noting why not. `more` are hints
    for one that is missing."""
    path = beside(notes.path_at(place), named)
    try:
        files(path)
    except FileNotFoundError:
        notes.error(place, f"there is no file {path}", "a file is looked for beside the one that names it", *more)
    except IsADirectoryError:
        notes.error(place, f"{path} is a folder", "name a file in it")
    except ValueError:
        return True  # it is no text
    except OSError as error:
        reason = error.strerror or str(error)
        notes.error(place, f"{path} cannot be read: {reason[:1].lower()}{reason[1:]}", "look whether it may be read")
    else:
        return True
    return False
