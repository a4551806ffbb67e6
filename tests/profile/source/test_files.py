"""Profiles on disk: what is loaded, and what is said of a file that cannot be."""

from pathlib import Path

import pytest

from bridge import profile
from bridge.errors import ProfileError


def complaint(path: Path) -> str:
    with pytest.raises(ProfileError) as raised:
        profile.load(path)
    return str(raised.value).replace(str(path.parent), "show")


def test_a_good_profile_comes_with_its_warnings(tmp_path: Path) -> None:
    file = tmp_path / "club.yaml"
    file.write_text("start: {prompt: reef, noise_scale: 0.4}\n", encoding="utf-8")

    read, warnings = profile.load(file)

    assert read.path == str(file)
    assert [str(warning).splitlines()[0] for warning in warnings] == [
        f"{file}:1:23: warning: noise_scale has no effect without video going in: Scope dreams from the prompt alone"
    ]


def test_the_environment_is_what_it_was_given(tmp_path: Path) -> None:
    file = tmp_path / "club.yaml"
    file.write_text("start: {prompt: reef}\nscope: {url: '${BOX}'}\n", encoding="utf-8")

    assert profile.load(file, {"BOX": "http://box:8000"})[0].scope.url == "http://box:8000"


def test_errors_are_raised_as_the_whole_report(tmp_path: Path) -> None:
    file = tmp_path / "club.yaml"
    file.write_text("start: {prompt: reef}\nroute: []\nscope: {ice: cold}\n", encoding="utf-8")

    assert complaint(file) == (
        "show/club.yaml:2:1: there is no key 'route' in a profile\n"
        "  2 | route: []\n"
        "    | ^^^^^\n"
        "    = did you mean 'routes'?\n"
        "    = for example: routes: [td/prompt -> prompt, {from: td/noise, to: noise_scale, out: [0.1, 0.9]}]\n"
        "\n"
        "show/club.yaml:3:14: 'ice' takes auto or loopback, not the text 'cold'\n"
        "  3 | scope: {ice: cold}\n"
        "    |              ^^^^\n"
        "    = for example: ice: auto\n"
        "\n"
        "2 problems in show/club.yaml; nothing was started."
    )


def test_a_missing_file_is_looked_for_nearby(tmp_path: Path) -> None:
    (tmp_path / "club.yaml").write_text("", encoding="utf-8")

    assert complaint(tmp_path / "clubb.yaml") == (
        "show/clubb.yaml: there is no such file\n"
        "    = did you mean 'club.yaml'?\n"
        "\n"
        "1 problem in show/clubb.yaml; nothing was started."
    )


def test_a_folder_is_no_profile(tmp_path: Path) -> None:
    folder = tmp_path / "mappings"
    folder.mkdir()
    (folder / "demo.yaml").write_text("", encoding="utf-8")

    assert complaint(folder) == (
        "show/mappings: this is a folder, not a profile\n"
        "    = it has demo.yaml\n"
        "\n"
        "1 problem in show/mappings; nothing was started."
    )


def test_a_file_that_is_not_utf_8_has_the_place_of_its_first_wrong_byte(tmp_path: Path) -> None:
    file = tmp_path / "club.yaml"
    file.write_bytes("start:\n  prompt: café at night\n".encode("latin-1"))

    assert complaint(file) == (
        "show/club.yaml:2:14: this file is not UTF-8: the byte E9 here is no character\n"
        "  2 |   prompt: caf\ufffd at night\n"
        "    |              ^\n"
        "    = save it as UTF-8; in most editors that is an option of 'Save as'\n"
        "\n"
        "1 problem in show/club.yaml; nothing was started."
    )


def test_utf_16_as_some_editors_write_it_is_named(tmp_path: Path) -> None:
    file = tmp_path / "club.yaml"
    file.write_bytes("start: {prompt: reef}\n".encode("utf-16"))

    assert complaint(file).splitlines()[:2] == [
        "show/club.yaml:1:1: this file is UTF-16, and a profile is UTF-8",
        "  1 | start: {prompt: reef}",
    ]


def test_a_file_without_end_is_not_read_to_its_end() -> None:
    with pytest.raises(ProfileError, match=r"more than 2,000,000 characters|cannot be read|no such file"):
        profile.load("/dev/zero")
