"""What a USB identity says of the adapter or board behind a serial port, for people."""

from __future__ import annotations

from types import MappingProxyType

from drivers.link import SerialPort, UsbIdentity

# The ids that usb.ids and the vendors' own drivers give; a board is not always behind its chip's.
_PRODUCTS = MappingProxyType(
    {
        (0x0403, 0x6001): "FTDI FT232 adapter",
        (0x0403, 0x6015): "FTDI FT-X adapter",
        (0x0416, 0xB002): "SenXor evaluation kit",
        (0x0416, 0xB020): "SenXor XPRO camera",
        (0x0416, 0x9393): "SenXor XCAM camera",
        (0x03E9, 0x0020): "Melexis EVB90640 (its protocol is not public)",
        (0x0483, 0x5740): "STM32 virtual port (as TeraRanger Evo has it)",
        (0x067B, 0x2303): "Prolific PL2303 adapter",
        (0x10C4, 0xEA60): "Silicon Labs CP210x adapter",
        (0x1A86, 0x5523): "CH341 adapter",
        (0x1A86, 0x55D4): "CH9102 adapter",
        (0x1A86, 0x7523): "CH340 adapter",
        (0x2A19, 0x0C01): "Numato relay board",
    }
)
_VENDORS = MappingProxyType(
    {
        0x0403: "FTDI adapter",
        0x1A86: "QinHeng adapter",
        0x2341: "Arduino board",
        0x239A: "Adafruit board",
        0x2E8A: "Raspberry Pi board",
        0x303A: "Espressif board",
    }
)


def adapter_name(port: SerialPort) -> str:
    """Its name where we know it, else that there is none."""
    if port.vid is None or port.pid is None:
        return "no USB adapter"
    return _PRODUCTS.get((port.vid, port.pid)) or _VENDORS.get(port.vid, "unknown adapter")


def usb_identity(port: SerialPort) -> str | None:
    """As it is written in the configuration; None where it is no USB adapter."""
    if port.vid is None or port.pid is None:
        return None
    return str(UsbIdentity(port.vid, port.pid, port.serial_number))
