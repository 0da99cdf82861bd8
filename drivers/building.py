"""One call for each device of a gate, from the words of the configuration."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from drivers.barrier.device import RelayBoard, SerialBarrier
from drivers.barrier.lcus1 import Lcus1Board
from drivers.barrier.modbus_relay import ModbusRelayBoard
from drivers.camera.capture import CaptureCamera
from drivers.camera.folder import FolderCamera
from drivers.people_counter.device import SerialPeopleCounter
from drivers.scanner.device import SerialScanner
from drivers.thermometer.device import SerialThermometer
from screening.errors import SettingsError
from screening.ports import Barrier, Camera, Device


def thermometer(
    *,
    model: str,
    port: str | None,
    usb: str | None,
    baud_rate: int | None,
    register_map: str | None = None,
    address: int | None = None,
    monotonic_s: Callable[[], float],
) -> Device:
    """Raises SettingsError for an unknown model, register map or place, or a wrong address."""
    return SerialThermometer(
        model=model,
        port=port,
        usb=usb,
        baud_rate=baud_rate,
        register_map=register_map,
        address=address,
        monotonic_s=monotonic_s,
    )


def scanner(
    *,
    model: str,
    port: str | None,
    usb: str | None,
    monotonic_s: Callable[[], float],
    is_cut: Callable[[str], bool] = lambda code: False,
) -> Device:
    """``is_cut`` tells of the beginning of a longer code, whose rest is waited for.

    Raises SettingsError also for "keyboard", which types into the guard's page by itself.
    """
    if model != "gm65":
        raise SettingsError([f"unknown serial scanner model {model!r}; known: gm65"])
    return SerialScanner(port=port, usb=usb, is_cut=is_cut, monotonic_s=monotonic_s)


def barrier(
    *,
    model: str,
    port: str | None,
    usb: str | None,
    channel: int,
    unit: int,
    pulse_s: float,
    monotonic_s: Callable[[], float],
) -> Barrier:
    """``unit`` counts for Modbus boards only. Raises SettingsError."""
    board: RelayBoard
    if model == "lcus-1":
        board = Lcus1Board(channel=channel, pulse_s=pulse_s)
    elif model == "modbus-relay":
        board = ModbusRelayBoard(
            unit=unit, channel=channel, pulse_s=pulse_s, monotonic_s=monotonic_s
        )
    else:
        raise SettingsError([f"unknown barrier model {model!r}; known: lcus-1, modbus-relay"])
    return SerialBarrier(board=board, pulse_s=pulse_s, port=port, usb=usb, monotonic_s=monotonic_s)


def people_counter(
    *,
    model: str,
    port: str | None,
    usb: str | None,
    is_reversed: bool,
    monotonic_s: Callable[[], float],
) -> Device:
    """``is_reversed``: mounted the other way round. Raises SettingsError."""
    if model != "beam-lines":
        raise SettingsError([f"unknown people counter model {model!r}; known: beam-lines"])
    return SerialPeopleCounter(port=port, usb=usb, is_reversed=is_reversed, monotonic_s=monotonic_s)


def camera(*, source: str, monotonic_s: Callable[[], float]) -> Camera:
    """An index, a device file, an address or a video file; a folder is shown as a camera."""
    if Path(source).is_dir():
        return FolderCamera(Path(source), monotonic_s)
    return CaptureCamera(source, monotonic_s)
