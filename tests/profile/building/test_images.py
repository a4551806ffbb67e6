"""Images of a profile: files that are there, called as the profile calls them."""

from typing import NoReturn

import pytest

from bridge.profile.building.images import Images, build_images
from bridge.profile.language.libraries import IMAGES
from bridge.profile.shapes.shape import Subject
from bridge.profile.shapes.structures import Field, Record
from bridge.profile.source.compose import compose
from bridge.profile.source.problems import Notes, lines_of

SECTION = Record("a profile", (Field("images", IMAGES, "", "x"),))


def no_text(path: str) -> NoReturn:
    raise UnicodeDecodeError("utf-8", b"\x89PNG", 0, 1, "invalid start byte")


def read(text: str, refused: Exception | None = None) -> tuple[Images, list[str]]:
    notes = Notes(lines_of(text), "shows/night.yaml")
    root = compose(text, notes)
    assert root is not None
    fields = SECTION.read(root, notes, Subject("a profile", "")) or {}

    def files(path: str) -> str:
        if refused is not None:
            raise refused
        no_text(path)

    return build_images(fields, files, notes), [problem.message for problem in notes.problems()]


def test_a_value_calls_an_image_as_the_profile_does_and_the_file_is_beside_the_profile() -> None:
    assert read("images: {face: refs/face.png, sky: /far/sky.JPG}") == (
        Images(
            {"face": "refs/face.png", "sky": "/far/sky.JPG"},
            {"refs/face.png": "shows/refs/face.png", "/far/sky.JPG": "/far/sky.JPG"},
        ),
        [],
    )


@pytest.mark.parametrize(
    ("refused", "message"),
    [
        (FileNotFoundError(), "there is no file shows/face.png"),
        (IsADirectoryError(), "shows/face.png is a folder"),
        (PermissionError(13, "Permission denied"), "shows/face.png cannot be read: permission denied"),
    ],
)
def test_an_image_that_cannot_be_had_is_an_error(refused: Exception, message: str) -> None:
    assert read("images: {face: face.png}", refused) == (Images({"face": "face.png"}, {}), [message])


def test_an_image_too_large_to_be_read_as_text_is_there() -> None:
    assert read("images: {face: face.png}", ValueError("it has more than 2,000,000 characters"))[1] == []


def test_what_scope_does_not_take_for_an_image_is_an_error() -> None:
    assert read("images: {face: face.gif}")[1] == [
        "an image is a .png, .jpg, .webp or .bmp file, and 'face.gif' is none"
    ]
