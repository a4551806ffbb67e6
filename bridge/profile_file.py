"""The profile on disk: read, read again when it or a file of its was saved, and written when a scene is saved into it.

file = ProfileFile("club.yaml")
await file.watch(take)      # take(profile) is awaited for every good edit; a bad one is said, and changes nothing
"""

import asyncio
import logging
import os
import re
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final

from bridge import profile
from bridge.catalogue import STANDARD, Catalogue
from bridge.disk import read_text, write_text
from bridge.errors import ProfileError
from bridge.profile.edit.scenes import saved
from bridge.profile.edit.writing import EditError
from bridge.profile.model import Profile

logger = logging.getLogger(__name__)

WATCH_INTERVAL: Final = 0.3
"""Seconds between looks at the profile's file."""
GONE_AFTER: Final = 2.0
"""Seconds after which a profile that is not there is said to be gone."""

Adjust = Callable[[Profile], Profile]
"""What the command line changes about a profile, each time it is read."""


class ProfileFile:
    """The file that a show is played from."""

    def __init__(
        self, path: Path, adjust: Adjust = lambda profile: profile, environment: Mapping[str, str] | None = None
    ) -> None:
        """Read it; raise `ProfileError` if it has problems. `environment` fills `${NAME}`; None: the process's own."""
        self.path = path
        self.complaint = ""
        """Why the newest edit is not played; empty: it is."""
        self._adjust = adjust
        self._environment = os.environ if environment is None else environment
        self._catalogue: Catalogue = STANDARD
        """What is known of Scope's parameters; a live server knows more."""
        self._learnt = False
        """Whether the profile is to be read again only because more is known."""
        self._wrong: tuple[Path, ...] = ()
        """The other files of an edit that was refused, also those that are not there: one of them may put it right."""
        self.profile, self.warnings = self._read()
        self._seen = self._signatures()

    def learn(self, known: Catalogue) -> None:
        """Read the profile again by what is known of Scope's parameters, if that is something else than before."""
        if known != self._catalogue:
            self._catalogue, self._learnt = known, True
            self._seen = {}

    async def watch(self, take: Callable[[Profile], Awaitable[None]]) -> None:
        """Read the profile again whenever its file, or one that it was read from, has changed; let it be taken in."""
        missing = 0
        while True:
            await asyncio.sleep(WATCH_INTERVAL)
            found = self._signatures()
            gone = [path for path, signature in found.items() if signature is None]
            missing = missing + 1 if gone else 0
            if missing * WATCH_INTERVAL > GONE_AFTER:  # while an editor replaces the file, there is none for a moment
                self.complaint = f"{gone[0]} is gone; the show goes on with the profile as it was"
            if gone or found == self._seen:
                continue
            self._seen = found
            try:
                self.profile, self.warnings = await asyncio.to_thread(self._read)
            except ProfileError as error:
                self._refuse(error)
                self._seen = self._signatures_as(found)
                continue
            self._wrong = ()
            self._seen = self._signatures_as(found)
            self.complaint = ""
            await take(self.profile)
            if self._learnt:
                self._learnt = False
                logger.debug("took in what the server's pipelines take")
                continue
            logger.info("read %s again", self.path)
            for warning in self.warnings:
                logger.warning("%s", str(warning).splitlines()[0])

    def save_scene(self, name: str, values: Mapping[str, object]) -> None:
        """Write a scene into the file; it is read again like any other edit. What does not work is said in the log."""
        try:
            text = saved(read_text(self.path), name, values, self.profile, self._environment, profile.text_at)
            write_text(self.path, text)
        except OSError as error:
            logger.warning("the scene '%s' could not be saved into %s: %s", name, self.path, error.strerror)
        except (EditError, UnicodeDecodeError) as error:
            logger.warning("the scene '%s' could not be saved into %s: %s", name, self.path, error)
        else:
            logger.info("saved the scene '%s' into %s", name, self.path)

    def _read(self) -> tuple[Profile, tuple[profile.Problem, ...]]:
        read, warnings = profile.load(self.path, self._environment, self._catalogue)
        return self._adjust(read), warnings

    def _refuse(self, error: ProfileError) -> None:
        problems = _problems_in(str(error))
        for problem in problems:
            logger.warning("%s", problem)
        more = f", and {len(problems) - 1} more" if len(problems) > 1 else ""
        self.complaint = f"{problems[0]}{more}; the show goes on with the profile as it was"
        self._wrong = tuple(map(Path, error.files))

    def _signatures(self) -> dict[Path, tuple[int, int, int] | None]:
        """Return what changes when the profile, or a file that it was read from, is saved."""
        played = {path: _signature(path) for path in (self.path, *map(Path, self.profile.files))}
        return {**{path: _signature(path) or (0, 0, 0) for path in self._wrong}, **played}

    def _signatures_as(
        self, found: Mapping[Path, tuple[int, int, int] | None]
    ) -> dict[Path, tuple[int, int, int] | None]:
        """Return the signatures as they were `found` before reading: what was saved during it is still to be read."""
        return {path: found.get(path) or signature for path, signature in self._signatures().items()}


def _problems_in(report: str) -> list[str]:
    """Return the first line of each problem in a report, with its place; the report itself if it names none."""
    return re.findall(r"^\S.*:[0-9]+:[0-9]+: .*", report, re.MULTILINE) or [report]


def _signature(path: Path) -> tuple[int, int, int] | None:
    """Return what changes when the file is saved; None while there is no such file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
