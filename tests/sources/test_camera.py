"""Which camera a profile means, on each system. No camera is read here: `test_device` reads FFmpeg's test device."""

from types import SimpleNamespace

import av
import pytest

from bridge.errors import Unavailable
from bridge.sources.camera import Camera, camera, find_camera

WINDOWS = [Camera("@device_pnp_1", "Integrated Webcam"), Camera("@device_sw_2", "OBS Virtual Camera")]
LINUX = [Camera("/dev/video0", "Integrated Webcam"), Camera("/dev/video2", "Logitech C920")]
MAC = [Camera("0", "FaceTime HD Camera"), Camera("1", "Capture: USB 3")]


@pytest.mark.parametrize(
    ("source", "system", "known", "format", "file", "where"),
    [
        ("0", "linux", LINUX, "v4l2", "/dev/video0", "camera 0"),
        ("2", "linux", None, "v4l2", "/dev/video2", "camera 2"),
        ("logitech", "linux", LINUX, "v4l2", "/dev/video2", "camera logitech (Logitech C920)"),
        ("/dev/v4l/by-id/usb-x", "linux", LINUX, "v4l2", "/dev/v4l/by-id/usb-x", "camera /dev/v4l/by-id/usb-x"),
        ("1", "win32", WINDOWS, "dshow", "video=@device_sw_2", "camera 1 (OBS Virtual Camera)"),
        ("OBS", "win32", WINDOWS, "dshow", "video=@device_sw_2", "camera OBS (OBS Virtual Camera)"),
        ("@device_pnp_1", "win32", WINDOWS, "dshow", "video=@device_pnp_1", "camera @device_pnp_1 (Integrated Webcam)"),
        ("OBS Virtual Camera", "win32", None, "dshow", "video=OBS Virtual Camera", "camera OBS Virtual Camera"),
        ("0", "darwin", None, "avfoundation", "0:none", "camera 0"),
        ("facetime", "darwin", MAC, "avfoundation", "0:none", "camera facetime (FaceTime HD Camera)"),
        ("FaceTime", "darwin", None, "avfoundation", "FaceTime:none", "camera FaceTime"),
    ],
)
def test_a_camera_is_meant_by_its_number_or_its_name(
    source: str, system: str, known: list[Camera] | None, format: str, file: str, where: str
) -> None:
    device = camera(source, system, known)

    assert (device.format, device.file, device.where) == (format, file, where)


def test_a_name_that_is_whole_comes_before_one_that_only_contains_it() -> None:
    known = [Camera("a", "Cam Link 4K"), Camera("b", "Cam Link")]

    assert camera("Cam Link", "win32", known).file == "video=b"


@pytest.mark.parametrize(
    ("source", "system", "known", "said"),
    [
        ("Sony", "linux", LINUX, "there is no camera Sony; plug it in (there: 0 Integrated Webcam, 1 Logitech C920)"),
        ("5", "win32", WINDOWS, "there is no camera 5; plug it in (there: 0 Integrated Webcam, 1 OBS Virtual Camera)"),
        ("0", "darwin", [], "there is no camera 0; plug it in (there: none)"),
        ("0", "freebsd14", None, "cameras can be read on Linux, Windows and macOS only, not on freebsd14"),
    ],
)
def test_a_camera_that_there_is_not_says_which_there_are(
    source: str, system: str, known: list[Camera] | None, said: str
) -> None:
    with pytest.raises(Unavailable) as error:
        camera(source, system, known)

    assert str(error.value) == said


def test_a_system_that_does_not_tell_its_cameras_is_asked_all_the_same() -> None:
    assert find_camera("0", "linux").file == "/dev/video0"
    with pytest.raises(Unavailable, match="not on plan9"):
        find_camera("0", "plan9")


def test_of_a_camera_with_several_device_files_the_first_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = [
        SimpleNamespace(name=f"/dev/video{number}", description="Logitech C920", media_types=kinds)
        for number, kinds in ((10, ["video"]), (3, []), (2, ["audio"]))
    ]
    monkeypatch.setattr(av, "enumerate_input_devices", lambda _: listed)

    assert find_camera("logitech", "linux").file == "/dev/video3"


def test_where_the_cameras_are_not_told_a_name_is_tried_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: str) -> list[object]:
        raise av.error.NotImplementedError(40, "not here")

    monkeypatch.setattr(av, "enumerate_input_devices", refuse)

    assert find_camera("FaceTime", "darwin").file == "FaceTime:none"
