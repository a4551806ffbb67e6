"""What a Scope transforms, once the inputs of the profile are known: whether there is such video, and who takes it."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from bridge.profile.building import graphs
from bridge.profile.building.inputs import told
from bridge.profile.inputs import InputOptions, Video
from bridge.profile.language.scope import Videos
from bridge.profile.model import Scope
from bridge.profile.shapes.shape import shorten
from bridge.profile.shapes.structures import Fields
from bridge.profile.source.problems import Notes, did_you_mean


def with_video(
    scope: Scope, given: Fields, inputs: Mapping[str, InputOptions], names: Collection[str] | None, notes: Notes
) -> Scope:
    """Return a Scope, of which `given` is said, with the mode that its sessions begin in, after noting what `video` names and is no video input.

    `names` are those of all inputs in the file, also of what could not be read; None: not known.
    """
    if "video" not in given:
        _check_fed(scope, given, notes)
        return scope
    videos: Videos = given["video"].value
    named = [*videos.every, *(one for several in videos.by_source.values() for one in several.value)]
    able = [name for name, options in inputs.items() if isinstance(options, Video)]
    has = f"the video inputs are {', '.join(able)}" if able else "for example: inputs: {cam: {video: {ndi: FOH}}}"
    for one in named:
        if one.value in inputs and not isinstance(inputs[one.value], Video):
            notes.error(one.place, f"the input '{one.value}' is {told(inputs[one.value])}, and brings no video", has)
        elif names is not None and one.value not in names:
            notes.error(one.place, f"there is no input called '{one.value}'", did_you_mean(one.value, names) or has)
    _check_sources(scope, given, videos, notes)
    return replace(scope, input_mode="video")


def _check_fed(scope: Scope, given: Fields, notes: Notes) -> None:
    """Warn of a graph that waits for video which the profile does not give."""
    graph = scope.graph
    if graph is not None and (waiting := graphs.fed(graph)):
        notes.warning(
            given["graph"].place,
            f"the source '{shorten(waiting[0])}' of this graph waits for video, and this profile gives it none",
            "say which input it is: video: [cam]",
        )


def _check_sources(scope: Scope, given: Fields, videos: Videos, notes: Notes) -> None:
    """Note video for sources that there are not."""
    graph = scope.graph
    if "graph" not in given:
        for one in videos.by_source.values():
            notes.error(
                one.key,
                "only a graph has sources by name, and this Scope has none",
                f"write video: [{', '.join(each.value for each in one.value)}]",
            )
            return
    if graph is None:
        return
    waiting = graphs.fed(graph)
    for name, one in videos.by_source.items():
        if name not in waiting:
            notes.error(
                one.key,
                f"the graph has no source called '{shorten(name)}' that takes video from the bridge",
                did_you_mean(name, waiting)
                or (
                    f"there is {shorten(', '.join(waiting), 80)}"
                    if waiting
                    else 'add one: {"id": "input", "type": "source"}'
                ),
            )
    if videos.every and not waiting:
        notes.error(
            given["video"].key,
            "this graph has no source that takes video from the bridge",
            'add one: {"id": "input", "type": "source"}, and an edge from it',
        )
    left = [name for name in waiting if videos.by_source and name not in videos.by_source]
    if left:
        notes.warning(
            given["video"].place,
            f"the source '{shorten(left[0])}' of the graph waits for video, and nothing is said of it",
            f"add it: {shorten(left[0])}: cam",
        )
