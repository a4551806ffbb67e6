"""From an output's keys to how it shows its picture: its rate, its shape, its alpha, and what shows when none comes."""

from collections.abc import Mapping

from bridge.profile.model import Scope
from bridge.profile.outputs import Alpha, Crop, Feed, Gone, Shape, Showing
from bridge.profile.shapes.structures import Fields, section_of, value_of
from bridge.profile.source.files import Files, from_profile, is_there
from bridge.profile.source.problems import Notes


def showing_of(given: Fields, of: Feed, gone: Gone, notes: Notes) -> Showing:
    """Return how an output shows its picture, whatever it is."""
    usual = Showing()
    fps = value_of(given, "fps", usual.fps)
    if fps == "source" and value_of(given, "fill") == "blend":
        notes.warning(
            given["fill"].key,
            "'fill' does nothing with fps: source: there is nothing to show between two pictures",
            "give the output a rate of its own, like fps: 60, or take it out",
        )
    return Showing(
        of,
        None if fps == "source" else fps,
        value_of(given, "fill", usual.fill),
        value_of(given, "steady", usual.steady),
        Shape(
            value_of(given, "size", usual.shape.size),
            value_of(given, "fit", usual.shape.fit),
            value_of(given, "pad", usual.shape.pad),
            _crop(given, notes),
            value_of(given, "rotate", usual.shape.rotate),
            value_of(given, "flip", usual.shape.flip),
        ),
        gone,
    )


def _crop(given: Fields, notes: Notes) -> Crop:
    sides: Fields = section_of(given, "crop")
    crop = Crop(**{side: one.value for side, one in sides.items()})
    for first, second, way in (("left", "right", "width"), ("top", "bottom", "height")):
        if getattr(crop, first) + getattr(crop, second) >= 1:
            notes.error(
                sides[second if second in sides else first].place,
                f"nothing is left of the picture's {way}: {first} and {second} together cut all of it off",
                f"for example: crop: {{{first}: 10%, {second}: 10%}}",
            )
    return crop


def check_shape(given: Fields, notes: Notes) -> None:
    """Warn of what acts only where a picture is brought to another size. Not for windows and files: those have one."""
    for key in ("fit", "pad"):
        if key in given and "size" not in given:
            notes.warning(
                given[key].key,
                f"'{key}' does nothing without 'size': the picture goes out as the pipeline makes it",
                "say which: size: 1920x1080",
            )
            return
    if "pad" in given and value_of(given, "fit", "contain") != "contain":
        notes.warning(
            given["pad"].key,
            f"'pad' does nothing with fit: {given['fit'].value}: there are no bars",
            "bars come with fit: contain",
        )


def alpha_of(given: Fields) -> Alpha:
    """Return what of an output's picture is transparent."""
    alpha: Fields = section_of(given, "alpha")
    usual = Alpha()
    soft = value_of(alpha, "soft", usual.soft)
    if "luma" in alpha:
        return Alpha("luma", threshold=alpha["luma"].value, soft=soft)
    if "chroma" in alpha:
        return Alpha("chroma", alpha["chroma"].value, value_of(alpha, "threshold", usual.threshold), soft)
    if "constant" in alpha:
        return Alpha("constant", threshold=alpha["constant"].value)
    return usual


def gone_of(name: str, given: Fields, of: Feed, scopes: Mapping[str, Scope] | None, files: Files, notes: Notes) -> Gone:
    """Return what an output shows when no picture comes. `scopes` are as for `build_outputs`."""
    gone: Fields = section_of(given, "gone")
    calm = Gone()
    show = value_of(gone, "show", "clip" if "clip" in gone else calm.show)
    clip = ""
    if "clip" in gone:
        is_there(files, gone["clip"].value, gone["clip"].place, notes)
        clip = from_profile(gone["clip"].value, gone["clip"].place, notes)
        if show != "clip":
            notes.warning(
                gone["clip"].key,
                f"'clip' does nothing while '{show}' is what shows",
                "for the clip to show: show: clip",
            )
    elif show == "clip":
        notes.error(
            gone["show"].place,
            f"{name} shows a clip when no picture comes, and which one is not said",
            "for example: gone: {show: clip, clip: loops/house.mp4}",
        )
    if show == "hold" and "after" in gone:
        notes.warning(
            gone["after"].key,
            "'after' does nothing here: the last picture is what stays",
            "say what shows then: show: loop",
        )
    scope = None if scopes is None else scopes.get(of.scope)
    if show == "source" and scope is not None and not sends_video(scope):
        said = f"scopes: {{{scope.name}: {{video: [cam]}}}}" if scope.name else "scope: {video: [cam]}"
        notes.warning(
            gone["show"].place,
            f"no video goes into {scope.called}, so {name} has none to show: the last picture stays",
            f"say what goes in: {said}, with cam among the inputs",
        )
    return Gone(show, value_of(gone, "after", calm.after), value_of(gone, "back", calm.back), clip)


def sends_video(scope: Scope) -> bool:
    """Return whether the bridge sends a Scope video to transform."""
    return bool(scope.video or scope.sources)
