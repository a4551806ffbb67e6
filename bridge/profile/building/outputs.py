"""From the `outputs:` of a profile to what shows the picture, with what clashes between them."""

import os.path
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from bridge.profile.building.addresses import secret
from bridge.profile.building.graphs import shown
from bridge.profile.building.showing import alpha_of, check_shape, gone_of, showing_of
from bridge.profile.language.recordings import CODECS, IMAGES, ending
from bridge.profile.model import Scope
from bridge.profile.outputs import Feed, Ndi, OutputOptions, Recording, Spout, Stream, Syphon, Window
from bridge.profile.shapes.shape import shorten
from bridge.profile.shapes.structures import Fields, Given, section_of, value_of
from bridge.profile.source.files import Files
from bridge.profile.source.problems import Notes, Place, did_you_mean


def build_outputs(
    fields: Fields,
    scopes: Mapping[str, Scope] | None,
    environment: Mapping[str, str],
    files: Files,
    notes: Notes,
) -> dict[str, OutputOptions]:
    """Return what `outputs:` says, by name; a stream whose key the environment lacks is left out.

    `scopes` are the Scopes by their names, the only one by an empty one; None: not all of them are known.
    """
    builder = _Builder(scopes, environment, files, notes)
    given_outputs: Mapping[str, Given[Fields]] = section_of(fields, "outputs")
    for name, given in given_outputs.items():
        builder.add(name, given)
    return builder.outputs


@dataclass(slots=True)
class _Builder:
    _scopes: Mapping[str, Scope] | None
    _environment: Mapping[str, str]
    _files: Files
    _notes: Notes
    outputs: dict[str, OutputOptions] = field(default_factory=dict)
    _places: dict[str, Place] = field(default_factory=dict)

    def add(self, name: str, given: Given[Fields]) -> None:
        """Add one output, and note what is wrong with it, and between it and those before."""
        built = self._output(name, given.value, _feed(name, given, self._scopes, self._notes))
        if built is None:
            return
        made, kind = built
        for other, options in self.outputs.items():
            if clash := _clash(options, made):
                what, hint = clash
                self._notes.error(
                    kind.place, f"the outputs '{other}' and '{name}' {what}", hint, elsewhere=self._places[other]
                )
        self.outputs[name] = made
        self._places[name] = kind.place

    def _output(self, name: str, given: Fields, of: Feed) -> tuple[OutputOptions, Given[Any]] | None:
        """Return an output, and the key that says what it is; None for one that is left out."""
        notes = self._notes
        showing = showing_of(given, of, gone_of(name, given, of, self._scopes, self._files, notes), notes)
        if "ndi" in given:
            check_shape(given, notes)
            return self._ndi(given, Ndi(given["ndi"].value, showing, alpha_of(given), value_of(given, "failover", "")))
        if "spout" in given:
            check_shape(given, notes)
            return Spout(given["spout"].value, showing, alpha_of(given)), given["spout"]
        if "syphon" in given:
            check_shape(given, notes)
            return Syphon(given["syphon"].value, showing, alpha_of(given)), given["syphon"]
        if "window" in given:
            return Window(given["window"].value, showing, value_of(given, "fullscreen", False)), given["window"]
        if "stream" in given:
            url = self._url(given["stream"])
            bitrate = value_of(given, "bitrate", Stream("").bitrate)
            return None if url is None else (Stream(url, showing, bitrate), given["stream"])
        file: str = given["record"].value
        usual, *others = CODECS[ending(file)]
        if "codec" in given:
            self._check_codec(given["codec"], file)
            usual = given["codec"].value if given["codec"].value in others else usual
        return Recording(file, showing, usual, value_of(given, "waits", False)), given["record"]

    def _ndi(self, given: Fields, made: Ndi) -> tuple[Ndi, Given[Any]]:
        if made.failover and made.failover.casefold() == made.name.casefold():
            self._notes.error(
                given["failover"].place,
                f"the NDI source {shorten(made.name)} cannot stand in for itself",
                'say the other one, as it is announced: failover: "BACKUP (Scope Bridge)"',
            )
        elif made.failover and not (made.failover.endswith(")") and " (" in made.failover):
            self._notes.warning(
                given["failover"].place,
                f"NDI sources are announced as MACHINE (Name), and '{shorten(made.failover)}' is no such name",
                f'write failover: "BACKUP ({shorten(made.failover)})", with the name of its machine',
            )
        return made, given["ndi"]

    def _url(self, given: Given[str]) -> str | None:
        """Return where a stream goes, the environment filled in; None, and a warning, for one that lacks its key."""
        url = secret(given, self._environment, self._notes, "this stream is left out")
        if url is None:
            return None
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            host, port = None, None
        if not host or any(one.isspace() for one in url):
            self._notes.error(
                given.place,
                f"'{shorten(given.value)}' is no address of a stream",
                'for example: stream: "rtmp://live.example.org/app/key"',
            )
        elif url.startswith("udp:") and port is None:
            self._notes.error(
                given.place,
                f"udp needs a port, and '{shorten(given.value)}' has none",
                f'write "{given.value.rstrip("/")}:5000"',
            )
        return url

    def _check_codec(self, codec: Given[str], file: str) -> None:
        end = ending(file)
        able = CODECS[end]
        if end in IMAGES:
            self._notes.error(
                codec.key,
                f"images are encoded as their names say, and {end} is {able[0]}",
                f"take it out, or write a video file: {_renamed(file, codec.value)}",
            )
        elif codec.value not in able:
            self._notes.error(
                codec.place,
                f"{'an' if end[1] in 'am' else 'a'} {end} file holds {' or '.join(able)}, and no {codec.value}",
                f"write {_renamed(file, codec.value)}",
            )


def _renamed(file: str, codec: str) -> str:
    """Return a recording with the end of its name that suits a codec."""
    end = next(end for end, able in CODECS.items() if able[0] == codec)
    stem = file[: -len(ending(file))].replace("{number}", "{time}")
    return f'record: "{stem}{end}"'


def _feed(name: str, given: Given[Fields], scopes: Mapping[str, Scope] | None, notes: Notes) -> Feed:
    """Return which picture an output shows, and note one that there is not."""
    if "from" not in given.value:
        if scopes is not None and len(scopes) > 1:
            first, second = list(scopes)[:2]
            notes.note(
                given.key,
                f"{name} shows {shorten(first)}, the first of the Scopes",
                f"to say which: from: {shorten(second)}",
            )
        return Feed(next(iter(scopes), "") if scopes else "")
    text: str = given.value["from"].value
    if scopes is None:
        return Feed()
    if text in scopes and text:
        return Feed(text)
    sinks = {(of, sink): f"{of}/{sink}" if of else sink for of, scope in scopes.items() for sink in _sinks(scope)}
    found = [Feed(*one) for one, called in sinks.items() if text in (called, one[1])]
    if len(found) == 1:
        return found[0]
    every = [one for one in (*scopes, *sinks.values()) if one]
    if found:
        notes.error(
            given.value["from"].place,
            f"several Scopes have a sink called '{shorten(text)}', and an output shows one picture",
            f"write {' or '.join(sinks[one.scope, one.sink] for one in found)}",
        )
    elif every:
        notes.error(
            given.value["from"].place,
            f"there is no picture called '{shorten(text)}'",
            did_you_mean(text, every) or f"there is {shorten(', '.join(every), 80)}",
        )
    else:
        notes.error(
            given.value["from"].place,
            f"there is one picture in this profile, and none called '{shorten(text)}'",
            "take it out; several Scopes have names: scopes: {left: {...}, right: {...}}",
        )
    return Feed()


def _sinks(scope: Scope) -> tuple[str, ...]:
    return () if scope.graph is None else shown(scope.graph)


def _clash(one: OutputOptions, other: OutputOptions) -> tuple[str, str] | None:
    """Return why two outputs cannot be at once, as the rest of a sentence, and what to do; None if they can."""
    match one, other:
        case (
            (Ndi(name=name), Ndi(name=again))
            | (Spout(name=name), Spout(name=again))
            | (Syphon(name=name), Syphon(name=again))
        ) if name.casefold() == again.casefold():
            kind = "NDI" if isinstance(one, Ndi) else type(one).__name__
            return (
                f"have one {kind} name, and receivers could not tell them apart",
                f"give one another name, like {again} 2",
            )
        case Window(screen, fullscreen=True), Window(again, fullscreen=True) if screen == again:
            return f"both fill screen {screen}, and only one of them would be seen", "give one another screen"
        case Recording(file), Recording(again) if os.path.normpath(file) == os.path.normpath(again):
            return "both write the file of this name", "give one another name"
        case Stream(url), Stream(again) if url.rstrip("/") == again.rstrip("/"):
            return "both stream to this address, and it takes one of them", "give one another address"
        case _:
            return None
