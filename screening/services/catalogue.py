"""The services, their channels and quotas, and the office every installation starts from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Channel(StrEnum):
    """How a service is reached."""

    ONLINE_ONLY = "online_only"
    COLLECTION = "collection"
    WALK_IN = "walk_in"
    EMERGENCY = "emergency"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One service; ``daily_quota`` counts admitted visits a day, None means no own limit."""

    code: str
    channel: Channel
    name_id: str
    name_en: str
    daily_quota: int | None = None


SEED_SERVICES: tuple[Service, ...] = (
    Service(
        code="KTP",
        channel=Channel.COLLECTION,
        name_id="KTP elektronik",
        name_en="Electronic identity card",
    ),
    Service(code="KK", channel=Channel.COLLECTION, name_id="Kartu keluarga", name_en="Family card"),
    Service(
        code="AKTA",
        channel=Channel.COLLECTION,
        name_id="Akta kelahiran",
        name_en="Birth certificate",
    ),
    Service(
        code="PINDAH",
        channel=Channel.COLLECTION,
        name_id="Surat pindah",
        name_en="Change of address",
    ),
    Service(
        code="LEGALISIR",
        channel=Channel.WALK_IN,
        name_id="Legalisasi dokumen (TNI/Polri)",
        name_en="Document legalisation (army and police recruitment)",
    ),
    Service(
        code="DARURAT",
        channel=Channel.EMERGENCY,
        name_id="Darurat (rumah sakit, BPJS)",
        name_en="Emergency (hospital, health insurance)",
    ),
    Service(
        code="REKAM",
        channel=Channel.CLOSED,
        name_id="Perekaman KTP reguler",
        name_en="Regular ID recording",
    ),
)
