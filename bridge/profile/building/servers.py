"""From `scope:` or `scopes:` to the servers of a show: what each runs, what it is loaded with, what it transforms.

With them goes what only shows between the keys, and between servers: a standby that is the server itself, a LoRA on a
pipeline that takes none, two Scopes at one address.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from bridge.catalogue import Catalogue
from bridge.parameters import Cost, Kind
from bridge.profile.building import graphs
from bridge.profile.building.addresses import address, secret
from bridge.profile.building.loading import Loading
from bridge.profile.language.libraries import Loras
from bridge.profile.language.scope import Videos
from bridge.profile.model import Modulation, Node, Relay, Scope
from bridge.profile.shapes.shape import shorten
from bridge.profile.shapes.structures import Fields, Given, section_of, value_of
from bridge.profile.source.files import Files
from bridge.profile.source.problems import Notes, Place


@dataclass(frozen=True, slots=True)
class Server:
    """One Scope, with what other sections are checked against."""

    scope: Scope
    given: Fields
    """What the profile says of it."""
    known: bool = True
    """Whether it is known which pipelines it runs."""
    files: tuple[str, ...] = ()
    """The paths of the files that were read for it."""
    place: Place | None = None
    """Where its name stands, of one of several."""
    urls: Mapping[str, str] = field(default_factory=dict)
    """The addresses that it uses, by the key that says so."""


@dataclass(frozen=True, slots=True)
class Builder:
    """Builds the servers of one profile."""

    fields: Fields
    """The keys of the profile."""
    environment: Mapping[str, str]
    """What fills `${NAME}`."""
    notes: Notes
    files: Files
    catalogue: Catalogue
    images: Mapping[str, str]
    """As of `Scope.images`."""
    known: Callable[[str], bool] = lambda name: True
    """Tells of a Scope, empty for the only one, whether its pipelines are what was read: False where there may be some
    that could not be. Then nothing is said about what they can do."""

    def servers(self) -> tuple[Server, ...]:
        """Return what `scope:` or `scopes:` says, in the file's order; the usual one if neither says anything."""
        several: Mapping[str, Given[Fields]] = section_of(self.fields, "scopes")
        if "scope" in self.fields and "scopes" in self.fields:
            self.notes.error(
                self.fields["scopes"].key,
                "a profile has one Scope, or several by name, and this one says both",
                "put the one among the others: scopes: {left: {...}, right: {...}}",
                elsewhere=self.fields["scope"].key,
            )
        if not several:
            return (self._server("", section_of(self.fields, "scope"), None),)
        found = tuple(self._server(name, one.value, one.key) for name, one in several.items())
        inputs: Mapping[str, Given[Any]] = section_of(self.fields, "inputs")
        for one in found:
            if one.scope.name in inputs:
                assert one.place is not None, "one of several has a name"
                self.notes.error(
                    one.place,
                    f"a Scope and an input are both called '{shorten(one.scope.name)}', and signals begin with such a name",
                    "give one another name",
                    elsewhere=inputs[one.scope.name].key,
                )
        self._check_apart(found)
        return found

    def _check_apart(self, servers: Sequence[Server]) -> None:
        """Note an address that two would use: sessions on one server share its pipeline, and spoil each other."""
        taken: dict[str, tuple[str, Place]] = {}
        for one in servers:
            name = one.scope.name
            for key, url in one.urls.items():
                place = one.given[key].place if key in one.given else one.place
                if place is None or (key == "standby" and url == one.urls.get("url")):
                    continue
                if url not in taken:
                    taken[url] = name, place
                    continue
                other, there = taken[url]
                self.notes.error(
                    place,
                    f"'{shorten(other)}' and '{shorten(name)}' would share the server {url}, and spoil each other's picture",
                    f"each needs one of its own: {key}: http://gpu-b:8000",
                    elsewhere=there,
                )

    def _server(self, name: str, given: Fields, place: Place | None) -> Server:
        notes, usual = self.notes, Scope()
        url = address(given["url"].value, self.environment, notes) if "url" in given else None
        standby = address(given["standby"].value, self.environment, notes) if "standby" in given else None
        if standby is not None and standby == (url if "url" in given else usual.url):
            notes.error(
                given["standby"].place,
                f"the standby is the server itself: {standby}",
                "name another one, or take standby out",
            )
        drawn = self._drawn(given)
        chain = self._chain(given, drawn)
        known = self.known(name) and bool(chain)
        main = self._main(chain) if chain else Node(usual.pipeline, usual.pipeline)
        loras: Loras = value_of(self.fields, "loras", Loras())
        scope = Scope(
            url or usual.url,
            main.pipeline,
            ice=value_of(given, "ice", usual.ice),
            frames_per_chunk=value_of(given, "frames_per_chunk"),
            video=tuple(one.value for one in value_of(given, "video", Videos()).every),
            input_mode="video" if self._brings_video(given, drawn) else "text",
            vace=value_of(given, "vace", usual.vace),
            standby=standby,
            relay=_relay(given["relay"].value, self.environment, notes) if "relay" in given else None,
            name=name,
            graph=drawn.graph,
            sources={
                source: tuple(one.value for one in several.value)
                for source, several in value_of(given, "video", Videos()).by_source.items()
            },
            tempo=value_of(given, "tempo", usual.tempo),
            modulations=self._modulations(given),
            output_sinks={kind: one.value for kind, one in section_of(given, "output_sinks").items()},  # type: ignore[misc]
            input_source=_input_source(given),
            images=self.images,
        )
        info = self.catalogue.pipelines.get(main.pipeline) if known else None
        loading = Loading(given, loras, info, notes, self.catalogue)
        nodes = loading.nodes(chain or (main,), main, known=known)
        scope = replace(
            scope,
            load=next(node.load for node in nodes if node.id == main.id),
            chain=nodes if len(nodes) > 1 or drawn.graph is not None else (),
        )
        self._check_beside_a_graph(given, drawn)
        if known:
            self._check_pipelines(given, scope, main, loras)
        elif "vace" in given:
            self._check_vace(given, scope)
        used = {"url": url if "url" in given else usual.url, "standby": standby}
        return Server(scope, given, known, drawn.files, place, {key: one for key, one in used.items() if one})

    # What runs.

    def _drawn(self, given: Fields) -> graphs.Drawn:
        if "graph" not in given:
            return graphs.Drawn()
        if "pipeline" in given:
            self.notes.error(
                given["graph"].key,
                "a graph says itself which pipelines run, and 'pipeline' says it too",
                "keep one of them",
                elsewhere=given["pipeline"].key,
            )
        return graphs.read(
            Given(given["graph"].value, given["graph"].place, given["graph"].key),
            self.notes,
            self.files,
            self.catalogue,
        )

    def _chain(self, given: Fields, drawn: graphs.Drawn) -> tuple[Node, ...]:
        """Return the pipelines that run; none: they are not known."""
        if "graph" in given:
            return tuple(Node(name, pipeline) for name, pipeline in drawn.pipelines.items())
        chain: list[Given[str]] = value_of(given, "pipeline", [])
        return tuple(Node(one.value, one.value) for one in chain) or (Node(Scope().pipeline, Scope().pipeline),)

    def _main(self, chain: Sequence[Node]) -> Node:
        """Return the node that the prompt is for; of several the last, and the last of all if it is for none."""
        infos = {node.id: self.catalogue.pipelines.get(node.pipeline) for node in chain}
        prompted = [node for node in chain if (info := infos[node.id]) is not None and info.needs_prompt]
        return (prompted or list(chain))[-1]

    def _brings_video(self, given: Fields, drawn: graphs.Drawn) -> bool:
        """Return whether Scope takes in video on its own machine. What comes from the bridge, `check_video` knows."""
        own = drawn.graph is not None and any(
            one["type"] == "source" and one["id"] not in graphs.fed(drawn.graph) for one in drawn.graph.nodes
        )
        return own or "input_source" in given

    def _modulations(self, given: Fields) -> dict[str, Modulation]:
        """Return what swings, and note what cannot: only a number that costs nothing can change with every chunk."""
        found: dict[str, Modulation] = {}
        modulations: Mapping[str, Given[Fields]] = section_of(given, "modulations")
        parameters = self.catalogue.parameters
        able = [
            name
            for name, one in parameters.items()
            if one.kind is Kind.NUMBER and one.cost is Cost.FREE and one.readers
        ]
        for name, one in modulations.items():
            if name in parameters and name not in able:
                number = parameters[name].kind in (Kind.NUMBER, Kind.INTEGER)
                why = (
                    "is no number that moves"
                    if not number or parameters[name].cost is Cost.FREE
                    else "costs time with each change"
                )
                self.notes.error(
                    one.key,
                    f"only what may change with every chunk can swing, and {name} {why}",
                    f"there is {', '.join(able)}",
                )
            usual = Modulation()
            found[name] = Modulation(
                value_of(one.value, "shape", usual.shape),
                value_of(one.value, "depth", usual.depth),
                value_of(one.value, "rate", usual.rate),
            )
        return found

    # What does not go together.

    def _check_beside_a_graph(self, given: Fields, drawn: graphs.Drawn) -> None:
        for key, what in (
            ("output_sinks", "sinks: a sink with a sink_mode"),
            ("input_source", "sources: a source with a source_mode"),
        ):
            if key in given and "graph" in given:
                self.notes.error(
                    given[key].key,
                    f"a graph has its own {what} is one, and '{key}' is for pipelines without a graph",
                    "take it out, and put it into the graph",
                )
        if "input_source" in given and "video" in given:
            self.notes.error(
                given["input_source"].key,
                "Scope takes in one video: from the bridge by 'video', or on its own machine by 'input_source'",
                "take one of them out",
                elsewhere=given["video"].key,
            )

    def _check_vace(self, given: Fields, scope: Scope) -> None:
        """Note a VACE that follows a video which never comes."""
        if scope.vace != "video":
            return
        if scope.graph is not None and not graphs.controlled(scope.graph):
            self.notes.error(
                given["vace"].place,
                "in a graph an edge leads the video to VACE, and this one has none to the port vace_input_frames",
                'add it: "to_port": "vace_input_frames"',
            )
        elif "graph" not in given and "video" not in given and "input_source" not in given:
            self.notes.error(
                given["vace"].place,
                "vace: video follows the source video, and this profile gives Scope none",
                "say which input it is: video: [cam]",
                "for reference images: vace: images",
            )

    def _check_pipelines(self, given: Fields, scope: Scope, main: Node, loras: Loras) -> None:
        """Note what the profile asks of pipelines that cannot do it."""
        self._check_vace(given, scope)
        info = self.catalogue.pipelines.get(main.pipeline)
        if info is not None and loras.files and not info.supports_lora:
            first = next(iter(loras.files.values()))
            self.notes.warning(
                first.key, f"LoRAs have no effect on {info.name}", "load a pipeline that takes them, like longlive"
            )
        if info is not None and scope.vace != "off" and not info.supports_vace:
            self.notes.warning(
                given["vace"].place,
                f"vace has no effect on {info.name}",
                "load a pipeline that has VACE, like longlive",
            )
        if scope.graph is not None:
            return
        comes = next((given[key].place for key in ("video", "input_source") if key in given), None)
        for index, node in enumerate(scope.nodes):
            one = self.catalogue.pipelines.get(node.pipeline)
            if one is None:
                continue
            place = given["pipeline"].value[index].place if "pipeline" in given else None
            if index and "video" not in one.modes and place is not None:
                self.notes.warning(
                    place,
                    f"{one.name} transforms no video, so what comes before it in the chain has no effect",
                    "take it out, or put another pipeline in its place",
                )
            elif not index and comes is not None and "video" not in one.modes:
                self.notes.warning(comes, f"{one.name} transforms no video", "take it out, or load another pipeline")
            elif not index and comes is None and "text" not in one.modes and place is not None:
                self.notes.warning(
                    place,
                    f"{one.name} transforms video, and this profile gives it none: no picture comes of that",
                    "say which input it is: video: [cam]",
                )


def _input_source(given: Fields) -> tuple[Literal["ndi", "spout", "syphon", "video_file"], str] | None:
    for kind, one in section_of(given, "input_source").items():
        return kind, one.value  # type: ignore[return-value]
    return None


def _relay(given: Fields, environment: Mapping[str, str], notes: Notes) -> Relay | None:
    urls: list[Given[str]] = given["urls"].value
    turn = next((one for one in urls if one.value.startswith("turn")), None)
    needed = [key for key in ("username", "credential") if key not in given]
    if turn is not None and needed:
        notes.error(
            turn.place,
            f"a TURN server lets nobody in without a username and a credential, and there is no {needed[0]}",
            'for example: {urls: ["turn:turn.example.org:3478"], username: vj, credential: "${TURN_SECRET}"}',
        )
    so = "this relay is left out, and the server's own are used"
    filled = {key: secret(given[key], environment, notes, so) for key in ("username", "credential") if key in given}
    if None in filled.values():
        return None
    return Relay(tuple(one.value for one in urls), filled.get("username"), filled.get("credential"))
