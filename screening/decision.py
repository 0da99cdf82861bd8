"""The five decisions and the published reason codes. Codes are added, never renamed or reused."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class DecisionKind(StrEnum):
    """What a visitor is told. ADMIT, REFER and DENY end the session; FIX and WAIT keep it open."""

    ADMIT = "admit"
    FIX = "fix"
    WAIT = "wait"
    REFER = "refer"
    DENY = "deny"


class Check(StrEnum):
    """The checks a site may switch on, in the order in which they are asked for."""

    RECEIPT = "receipt"
    HANDS = "hands"
    TEMPERATURE = "temperature"
    MASK = "mask"


class Reason(StrEnum):
    """Why. The wording for people lives in the catalogues; machines keep these codes."""

    # admit
    ADMITTED = "admitted"
    RETURNED = "returned"
    EMERGENCY = "emergency"
    OVERRIDE = "override"
    # fix: the session goes on
    SHOW_RECEIPT = "show_receipt"
    CLEAN_HANDS = "clean_hands"
    STAND_STILL = "stand_still"
    STEP_CLOSER = "step_closer"
    STEP_BACK = "step_back"
    FACE_CAMERA = "face_camera"
    STAND_IN_MIDDLE = "stand_in_middle"
    TAKE_GLASSES_OFF = "take_glasses_off"
    HOT_OBJECT = "hot_object"
    ONE_AT_A_TIME = "one_at_a_time"
    PUT_MASK_ON = "put_mask_on"
    COVER_NOSE = "cover_nose"
    TOO_DARK = "too_dark"
    BACKLIT = "backlit"
    GUARD_MEASURES = "guard_measures"
    GUARD_CHECKS_MASK = "guard_checks_mask"
    READINGS_DISAGREE = "readings_disagree"
    ABANDONED = "abandoned"
    # wait
    ROOM_FULL = "room_full"
    SECOND_READING_PAUSE = "second_reading_pause"
    LANE_BUSY = "lane_busy"
    RECORD_UNAVAILABLE = "record_unavailable"
    # refer
    ELEVATED_TWICE = "elevated_twice"
    # deny
    RECEIPT_UNREADABLE = "receipt_unreadable"
    BAD_SIGNATURE = "bad_signature"
    UNKNOWN_ISSUER = "unknown_issuer"
    UNKNOWN_RECEIPT = "unknown_receipt"
    WRONG_SITE = "wrong_site"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    REVOKED = "revoked"
    ALREADY_USED = "already_used"
    ALREADY_INSIDE = "already_inside"
    SERVICE_UNKNOWN = "service_unknown"
    SERVICE_CLOSED = "service_closed"
    SERVICE_ONLINE_ONLY = "service_online_only"
    QUOTA_REACHED = "quota_reached"
    MASK_DECLINED = "mask_declined"
    GUARD_REFUSED = "guard_refused"
    SEVERAL_RECEIPTS = "several_receipts"
    ISSUER_KEY_EXPIRED = "issuer_key_expired"
    TOO_EARLY_FOR_SLOT = "too_early_for_slot"
    SLOT_MISSED = "slot_missed"
    OUTSIDE_HOURS = "outside_hours"


@dataclass(frozen=True, slots=True)
class Decision:
    """What to tell the visitor now. ``ready_at_s`` (monotonic seconds) only with a pause."""

    kind: DecisionKind
    reason: Reason
    ready_at_s: float | None = None

    @property
    def is_final(self) -> bool:
        """Whether the session ends with this decision."""
        return self.kind in (DecisionKind.ADMIT, DecisionKind.REFER, DecisionKind.DENY)
