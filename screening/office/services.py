"""The services, their channels and quotas, and the office every installation starts from."""

from __future__ import annotations

from collections.abc import Mapping
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
    """One service; ``daily_quota`` counts admitted visits a day, None means no own limit.

    ``names`` are by the code of their language, such as ``id``.
    """

    code: str
    channel: Channel
    names: Mapping[str, str]
    daily_quota: int | None = None

    def name(self, language: str, *, default: str) -> str:
        """In this language, else in the office's ``default``, else in any; its code without one."""
        names = self.names
        return names.get(language) or names.get(default) or next(iter(names.values()), self.code)


SEED_SERVICES: tuple[Service, ...] = (
    Service(
        code="KTP",
        channel=Channel.COLLECTION,
        names={"id": "KTP elektronik", "en": "Electronic identity card"},
    ),
    Service(
        code="KK", channel=Channel.COLLECTION, names={"id": "Kartu keluarga", "en": "Family card"}
    ),
    Service(
        code="AKTA",
        channel=Channel.COLLECTION,
        names={"id": "Akta kelahiran", "en": "Birth certificate"},
    ),
    Service(
        code="PINDAH",
        channel=Channel.COLLECTION,
        names={"id": "Surat pindah", "en": "Change of address"},
    ),
    Service(
        code="LEGALISIR",
        channel=Channel.WALK_IN,
        names={
            "id": "Legalisasi dokumen (TNI/Polri)",
            "en": "Document legalisation (army and police recruitment)",
        },
    ),
    Service(
        code="DARURAT",
        channel=Channel.EMERGENCY,
        names={"id": "Darurat (rumah sakit, BPJS)", "en": "Emergency (hospital, health insurance)"},
    ),
    Service(
        code="REKAM",
        channel=Channel.CLOSED,
        names={"id": "Perekaman KTP reguler", "en": "Regular ID recording"},
    ),
)
