"""What every Modbus RTU device shares: the CRC-16 behind each frame."""

from __future__ import annotations

REFUSED = 0x80  # added to the function by a device that refuses it
_POLYNOMIAL = 0xA001


def _table() -> tuple[int, ...]:
    entries = []
    for value in range(256):
        crc = value
        for _ in range(8):
            crc = (crc >> 1) ^ _POLYNOMIAL if crc & 1 else crc >> 1
        entries.append(crc)
    return tuple(entries)


_CRC_OF_BYTE = _table()


def crc16(body: bytes) -> bytes:
    """CRC-16/MODBUS in the order of the wire, low byte first."""
    crc = 0xFFFF
    for byte in body:
        crc = (crc >> 8) ^ _CRC_OF_BYTE[(crc ^ byte) & 0xFF]
    return crc.to_bytes(2, "little")


def seal(body: bytes) -> bytes:
    """The frame: ``body`` and its CRC."""
    return body + crc16(body)


def is_sealed(frame: bytes) -> bool:
    """The CRC at its end is right."""
    return len(frame) > 2 and crc16(frame[:-2]) == frame[-2:]


def find_sealed(stream: bytes, begin: bytes, length: int) -> bytes | None:
    """The first frame of ``length`` bytes that begins so and whose CRC is right."""
    start = stream.find(begin)
    while start != -1:
        frame = stream[start : start + length]
        if len(frame) == length and is_sealed(frame):
            return frame
        start = stream.find(begin, start + 1)
    return None
