from __future__ import annotations

import time
from pathlib import Path

import pytest

from drivers import building
from drivers.camera.capture import CaptureCamera
from drivers.camera.folder import FolderCamera
from screening.errors import SettingsError
from screening.ports import Barrier, Camera, Device
from screening.readings import DeviceKind


def thermometer(model: str = "gy-mcu90614", port: str | None = "/dev/ttyUSB0") -> Device:
    return building.thermometer(
        model=model, port=port, usb=None, baud_rate=None, monotonic_s=time.monotonic
    )


def barrier(model: str) -> Barrier:
    return building.barrier(
        model=model,
        port=None,
        usb="1a86:7523",
        channel=1,
        unit=1,
        pulse_s=0.7,
        monotonic_s=time.monotonic,
    )


def scanner(model: str) -> Device:
    return building.scanner(model=model, port="/dev/ttyACM0", usb=None, monotonic_s=time.monotonic)


def camera(source: str) -> Camera:
    return building.camera(source=source, monotonic_s=time.monotonic)


def test_builds_every_device_without_opening_it() -> None:
    devices: list[Device] = [
        thermometer(),
        thermometer("arduino-mlx90614"),
        scanner("gm65"),
        barrier("lcus-1"),
        barrier("modbus-relay"),
        camera("0"),
    ]
    assert [device.kind for device in devices] == [
        DeviceKind.THERMOMETER,
        DeviceKind.THERMOMETER,
        DeviceKind.SCANNER,
        DeviceKind.BARRIER,
        DeviceKind.BARRIER,
        DeviceKind.CAMERA,
    ]
    assert not any(device.availability.available for device in devices)


def test_a_folder_is_shown_as_a_camera(tmp_path: Path) -> None:
    assert isinstance(camera(str(tmp_path)), FolderCamera)
    assert isinstance(camera("rtsp://10.0.0.9/1"), CaptureCamera)


def test_what_cannot_be_built_is_a_mistake_in_the_settings() -> None:
    with pytest.raises(SettingsError, match="unknown thermometer model"):
        thermometer("tympanic")
    with pytest.raises(SettingsError, match="give a port or a USB identity"):
        thermometer(port=None)
    with pytest.raises(SettingsError, match="unknown serial scanner model 'keyboard'"):
        scanner("keyboard")
    with pytest.raises(SettingsError, match="unknown barrier model"):
        barrier("bollard")
