"""The other files that a profile names: where they are looked for, and what to say where one cannot be read."""

import os.path
from collections.abc import Callable

from bridge.profile.problems import Notes, Place

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
