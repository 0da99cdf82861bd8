"""What people read for each code: English sentences, marked for the catalogues with ``N_``.

Machines keep the codes. What belongs to one page alone is worded beside that page.
"""

from __future__ import annotations

from dataclasses import dataclass

from screening.accounts import Role
from screening.decision import Check, DecisionKind, Reason
from screening.gate.clock_watch import ClockWarning
from screening.gate.view import CheckState, GateMode
from screening.readings import DeviceKind, DeviceTrouble
from screening.registration.bookings import PriorityGroup
from screening.temperature.calibration import (
    BASELINE,
    DISTANCE,
    MEAN_OF_TWO,
    OFFSET,
    ROOM,
    SECOND,
)
from screening.temperature.instrument.commissioning import CheckOutcome
from screening.visits import EntryKind


def N_(message: str) -> str:
    """Mark a sentence for the catalogues without translating it."""
    return message


@dataclass(frozen=True, slots=True)
class Wording:
    """``headline`` on the kiosk and the list of refusals, ``visitor`` what to tell the visitor,
    ``guard`` what the guard does now, ``picture`` the drawing that goes with it."""

    headline: str
    visitor: str
    guard: str
    picture: str


VERDICTS: dict[DecisionKind, str] = {
    DecisionKind.ADMIT: N_("Come in"),
    DecisionKind.FIX: N_("Almost there"),
    DecisionKind.WAIT: N_("Wait"),
    DecisionKind.REFER: N_("See an officer"),
    DecisionKind.DENY: N_("Cannot enter yet"),
}

NEXT_PLEASE = N_("Next, please")

READY = Wording(
    N_("Welcome"),
    N_("Please show the QR code of your receipt."),
    N_("The gate is free. Scan the receipt of the next visitor."),
    "receipt",
)

ROOM_IS_FULL = Wording(
    N_("The room is full"),
    N_("Every seat is taken. Please wait outside; we will call you when one is free."),
    N_("Scan who comes now: they are put on the list of those who wait, and you call them."),
    "full",
)
"""While nobody is being checked and no place is free."""

KEPT_FREE = Wording(
    N_("The thermometer is being checked"),
    N_("Please wait a moment. The officer will call you."),
    N_("Nobody is measured meanwhile. A scanned receipt waits; measure by hand who cannot wait."),
    "officer",
)
"""While a gate is kept free, to a visitor and about one who waits."""

_NEW_RECEIPT = N_("Ask for the original receipt. Without one, send the visitor to the help desk.")

REASONS: dict[Reason, Wording] = {
    Reason.ADMITTED: Wording(
        N_("Please take your seat"),
        N_("Please come in and sit on the seat shown here."),
        N_("Let the visitor through. If nobody walked in, undo."),
        "open",
    ),
    Reason.RETURNED: Wording(
        N_("Welcome back"),
        N_("Welcome back. Please sit on the seat shown here."),
        N_("This visitor came in earlier today and went out. The place is theirs again."),
        "open",
    ),
    Reason.EMERGENCY: Wording(
        N_("An officer helps you"),
        N_("Please come in. An officer will help you at once."),
        N_("Admitted without a receipt. Show the way to the counter."),
        "open",
    ),
    Reason.OVERRIDE: Wording(
        N_("The officer lets you in"),
        N_("The officer lets you in. Please sit on the seat shown here."),
        N_("Admitted on your word. Your name and reason are in the log."),
        "open",
    ),
    Reason.SHOW_RECEIPT: Wording(
        N_("Show your receipt"),
        N_("Please hold the QR code of your receipt in front of the reader."),
        N_("Scan the receipt or type its number."),
        "receipt",
    ),
    Reason.CLEAN_HANDS: Wording(
        N_("Clean your hands"),
        N_("Please wash your hands or use the sanitiser."),
        N_("Watch that the hands are cleaned, then press “Hands are clean”."),
        "hands",
    ),
    Reason.STAND_STILL: Wording(
        N_("Stand still"),
        N_("Please stand still for a moment and look ahead."),
        N_("The measurement is running. Nobody else should stand in front."),
        "still",
    ),
    Reason.STEP_CLOSER: Wording(
        N_("Step closer"),
        N_("Please take one step closer to the camera."),
        N_("The visitor is too far away. The feet belong on the mark."),
        "closer",
    ),
    Reason.STEP_BACK: Wording(
        N_("Step back"),
        N_("Please take one step back, onto the mark."),
        N_("The visitor is too near for the thermometer. The feet belong on the mark."),
        "back",
    ),
    Reason.FACE_CAMERA: Wording(
        N_("Look at the camera"),
        N_("Please face the camera. Take off hat and dark glasses."),
        N_("No face is seen. Check hat, glasses, and light from behind."),
        "camera",
    ),
    Reason.STAND_IN_MIDDLE: Wording(
        N_("Stand in the middle"),
        N_("Please stand in the middle of the mark and look ahead."),
        N_("The face is beside what the thermometer sees. The feet belong on the mark."),
        "still",
    ),
    Reason.TAKE_GLASSES_OFF: Wording(
        N_("Take your glasses off"),
        N_("Please take your glasses off for a moment. They hide the warmth of the eyes."),
        N_("Glasses are in the way of the measurement. They may go back on afterwards."),
        "glasses",
    ),
    Reason.HOT_OBJECT: Wording(
        N_("Something hot is in front"),
        N_("Please put hot drinks and lights aside, and stand out of the sun."),
        N_("Hotter than any person: a drink, a lamp or the sun. Take it away; measure again."),
        "light",
    ),
    Reason.ONE_AT_A_TIME: Wording(
        N_("One at a time"),
        N_("One at a time, please. Everyone else one step back."),
        N_("There is a second face in front. Ask the others to step back."),
        "single",
    ),
    Reason.PUT_MASK_ON: Wording(
        N_("Put a mask on"),
        N_("Please put your mask on, over nose and mouth."),
        N_("No mask? Offer one. A niqab or a medical reason: use “Mask exemption”."),
        "mask",
    ),
    Reason.COVER_NOSE: Wording(
        N_("Cover your nose"),
        N_("Please pull the mask up until it covers your nose."),
        N_("Show it on your own mask. The gate goes on by itself."),
        "nose",
    ),
    Reason.TOO_DARK: Wording(
        N_("It is too dark here"),
        N_("There is too little light on your face. The officer will look at your mask."),
        N_("Too dark for the camera. Put more light on the face, or press what you see yourself."),
        "light",
    ),
    Reason.BACKLIT: Wording(
        N_("Light from behind"),
        N_("The light behind you is too strong. The officer will look at your mask."),
        N_(
            "Strong light behind the visitor. Close the curtain or door, or press what you see "
            "yourself."
        ),
        "light",
    ),
    Reason.GUARD_MEASURES: Wording(
        N_("The officer measures"),
        N_("The officer will measure your temperature."),
        N_("The thermometer gives nothing to rely on. Measure by hand and type the reading."),
        "officer",
    ),
    Reason.GUARD_CHECKS_MASK: Wording(
        N_("The officer looks"),
        N_("The officer will look at your mask."),
        N_("The camera gives no answer. Look yourself and press what you see."),
        "officer",
    ),
    Reason.READINGS_DISAGREE: Wording(
        N_("The officer measures"),
        N_("The officer will measure your temperature."),
        N_(
            "The second reading is far below the first, and no face cools so fast. Measure by hand"
            " and type the reading."
        ),
        "officer",
    ),
    Reason.ABANDONED: Wording(
        N_("Please start again"),
        N_("You stepped away. Please scan your receipt again."),
        N_("The visitor left before the end. The receipt stays unused."),
        "receipt",
    ),
    Reason.ROOM_FULL: Wording(
        N_("The room is full"),
        N_("Every seat is taken. Please wait outside; we will call you when one is free."),
        N_("Let the visitor wait outside. The receipt stays unused."),
        "full",
    ),
    Reason.SECOND_READING_PAUSE: Wording(
        N_("Rest for a moment"),
        N_("Please sit aside and rest. Then we measure once more."),
        N_("Show a seat aside. The lane is free; scan the receipt again when the time is up."),
        "rest",
    ),
    Reason.LANE_BUSY: Wording(
        N_("One moment, please"),
        N_("Somebody is still being checked. Please wait for your turn."),
        N_("Finish with the visitor in front, then scan again."),
        "single",
    ),
    Reason.RECORD_UNAVAILABLE: Wording(
        N_("One moment, please"),
        N_("We cannot write your visit down just now. Please wait for a moment."),
        N_(
            "The log cannot be written. Nobody was admitted; scan again. If it stays, call the "
            "administrator."
        ),
        "officer",
    ),
    Reason.ELEVATED_TWICE: Wording(
        N_("Please see the officer"),
        N_("Please go with the officer for a second look. Your receipt stays good."),
        N_("Above the limit twice. An officer measures with a clinical thermometer, in private."),
        "clinic",
    ),
    Reason.RECEIPT_UNREADABLE: Wording(
        N_("Not a receipt of ours"),
        N_(
            "This is not a receipt of ours. Please show your receipt's code, with the screen bright"
            " and held still, or tell its number."
        ),
        N_(
            "What was shown is not a receipt of this office, or only a part of one. Scan again or"
            " type the receipt number."
        ),
        "torn",
    ),
    Reason.SEVERAL_RECEIPTS: Wording(
        N_("Two different receipts"),
        N_("There are two different receipts in this code. Please show one of them."),
        N_("What was scanned or pasted holds two different receipts. Scan or type one of them."),
        "torn",
    ),
    Reason.BAD_SIGNATURE: Wording(
        N_("The receipt is not genuine"),
        N_("This receipt was not issued by this office. Please ask at the help desk."),
        N_("The signature does not fit: changed or forged. Stay polite and call an officer."),
        "torn",
    ),
    Reason.UNKNOWN_ISSUER: Wording(
        N_("Not a receipt of ours"),
        N_(
            "This is not a receipt of ours: we do not know who issued it. Please ask at the help"
            " desk."
        ),
        _NEW_RECEIPT,
        "torn",
    ),
    Reason.ISSUER_KEY_EXPIRED: Wording(
        N_("The issuer's key has ended"),
        N_(
            "We do not accept receipts with this old signature any more. The receipt itself may be"
            " in order. Please ask at the help desk."
        ),
        N_(
            "The receipt is genuine, but the key that signed it has ended. Call an officer: its"
            " issuer may give a new one."
        ),
        "calendar",
    ),
    Reason.UNKNOWN_RECEIPT: Wording(
        N_("Receipt not found"),
        N_("This receipt number is not registered. Please check the number."),
        N_("Read the number again together. Letters and digits are easily mixed up."),
        "torn",
    ),
    Reason.WRONG_SITE: Wording(
        N_("Another office"),
        N_("This receipt is for another office. Please look at its address."),
        N_("Show the visitor the office that is named on the receipt."),
        "elsewhere",
    ),
    Reason.NOT_YET_VALID: Wording(
        N_("Too early"),
        N_("This receipt is good from the day after registering. Please come back on that day."),
        N_("Show the first day on the receipt. The receipt stays good."),
        "calendar",
    ),
    Reason.EXPIRED: Wording(
        N_("The receipt has run out"),
        N_("The time of this receipt is over. Please register again online."),
        N_("Help to register again. Urgent: ask an officer."),
        "calendar",
    ),
    Reason.REVOKED: Wording(
        N_("The receipt was cancelled"),
        N_("This receipt was cancelled. Please ask at the help desk."),
        N_("The office has cancelled this receipt. Call an officer if the visitor disagrees."),
        "torn",
    ),
    Reason.ALREADY_USED: Wording(
        N_("The receipt was used before"),
        N_("This receipt was used before. Please register again for a new visit."),
        N_("Every place on this receipt has been used. Check the day with the visitor."),
        "torn",
    ),
    Reason.ALREADY_INSIDE: Wording(
        N_("Its holder is inside"),
        N_("Somebody came in with this receipt and is still inside."),
        N_("Did the visitor go out without a scan? Scan the way out first, then the way in."),
        "torn",
    ),
    Reason.SERVICE_UNKNOWN: Wording(
        N_("Service not known"),
        N_("This office does not have the service on your receipt. Please ask at the help desk."),
        _NEW_RECEIPT,
        "elsewhere",
    ),
    Reason.SERVICE_CLOSED: Wording(
        N_("The service is closed"),
        N_("This service is closed for now. Please look at our page for news."),
        N_("Explain that the service is closed for everyone, not only for this visitor."),
        "closed",
    ),
    Reason.SERVICE_ONLINE_ONLY: Wording(
        N_("Done online"),
        N_("You need not come for this service: it is done online, from home."),
        N_("Show the address of the online service."),
        "phone",
    ),
    Reason.QUOTA_REACHED: Wording(
        N_("No more places today"),
        N_("Today's places for this service are taken. Your receipt stays good for another day."),
        N_("The receipt stays unused. Suggest to come early tomorrow."),
        "calendar",
    ),
    Reason.TOO_EARLY_FOR_SLOT: Wording(
        N_("Too early for the booked time"),
        N_("You are early. Please come back shortly before the time on your receipt."),
        N_("Tell the visitor their booked time. It stays theirs until they come."),
        "calendar",
    ),
    Reason.SLOT_MISSED: Wording(
        N_("The booked time is over"),
        N_("The time on your receipt is over. Please ask the officer, or book another time."),
        N_("Let the visitor in if you can, with your reason. Or the desk books another time."),
        "calendar",
    ),
    Reason.OUTSIDE_HOURS: Wording(
        N_("Not open at this time"),
        N_("This service is not open now. Please come when it is; your receipt stays good."),
        N_("Tell the visitor when the service is open. The receipt stays unused."),
        "closed",
    ),
    Reason.MASK_DECLINED: Wording(
        N_("A mask is needed"),
        N_("We cannot let you in without a mask. You are welcome with one."),
        N_("The receipt stays unused; the visitor may come back with a mask."),
        "mask",
    ),
    Reason.GUARD_REFUSED: Wording(
        N_("Not this time"),
        N_("The officer cannot let you in now. Please ask the officer what to do."),
        N_("Refused on your word. Your name and reason are in the log."),
        "closed",
    ),
}

ADMISSIONS: dict[Reason, str] = {
    Reason.ADMITTED: N_("Admitted"),
    Reason.RETURNED: N_("Admitted again the same day"),
    Reason.EMERGENCY: N_("Admitted without a receipt"),
    Reason.OVERRIDE: N_("Admitted by the guard"),
}
"""How the list of last visits words an admission; other rows carry the headline."""

CHECKS: dict[Check, str] = {
    Check.RECEIPT: N_("Receipt"),
    Check.HANDS: N_("Hands"),
    Check.TEMPERATURE: N_("Temperature"),
    Check.MASK: N_("Mask"),
}

CHECK_STATES: dict[CheckState, str] = {
    CheckState.PENDING: N_("not yet"),
    CheckState.PASSED: N_("good"),
    CheckState.FAILED: N_("not good"),
    CheckState.NEEDS_GUARD: N_("up to you"),
}

MODES: dict[GateMode, str] = {
    GateMode.AUTOMATIC: N_("Automatic"),
    GateMode.MANUAL: N_("Manual"),
}

DEVICES: dict[DeviceKind, str] = {
    DeviceKind.THERMOMETER: N_("Thermometer"),
    DeviceKind.CAMERA: N_("Camera"),
    DeviceKind.SCANNER: N_("Scanner"),
    DeviceKind.BARRIER: N_("Barrier"),
    DeviceKind.PEOPLE_COUNTER: N_("People counter"),
}

WITHOUT_DEVICE: dict[DeviceKind, str] = {
    DeviceKind.THERMOMETER: N_("Measure by hand and type the reading."),
    DeviceKind.CAMERA: N_("Look at the mask yourself."),
    DeviceKind.SCANNER: N_("Scan into this page or type the number."),
    DeviceKind.BARRIER: N_("Open the way by hand."),
    DeviceKind.PEOPLE_COUNTER: N_("Count heads when the number inside seems wrong."),
}
"""What the guard does instead, while a device is missing."""

TROUBLES: dict[DeviceTrouble, str] = {
    DeviceTrouble.ECHO: N_(
        "Its adapter sends back what it is sent, and the device does not answer: "
        "switch the adapter's local echo off and look at power and wiring."
    ),
    DeviceTrouble.FLOOD: N_(
        "It sends more than anybody can show. Unplug it and have its settings looked at."
    ),
    DeviceTrouble.POSTER: N_(
        "A code that is no receipt stays before it. Cover the code or turn the device."
    ),
}
"""What somebody at the gate can do about a device's trouble."""

ROLES: dict[Role, str] = {
    Role.GUARD: N_("Guard"),
    Role.OFFICER: N_("Officer"),
    Role.MANAGER: N_("Manager"),
    Role.ADMINISTRATOR: N_("Administrator"),
}

GROUPS: dict[PriorityGroup, str] = {
    PriorityGroup.ELDERLY: N_("60 years or older"),
    PriorityGroup.DISABILITY: N_("With a disability"),
    PriorityGroup.PREGNANT: N_("Pregnant"),
    PriorityGroup.SMALL_CHILD: N_("With a small child"),
    PriorityGroup.DISASTER_VICTIM: N_("Victim of a disaster"),
}
"""Whom the law gives priority."""

ENTRIES: dict[EntryKind, str] = {
    EntryKind.ATTEMPT: N_("At the gate"),
    EntryKind.CONFIRMATION: N_("Confirmed by a person"),
    EntryKind.CLINICAL: N_("Clinical reading recorded"),
    EntryKind.EXIT: N_("Went out"),
    EntryKind.ESTIMATED_EXIT: N_("Taken to have left"),
    EntryKind.EXIT_SEEN: N_("Seen to go out"),
    EntryKind.EXIT_UNDONE: N_("Undone: had not left"),
    EntryKind.EXIT_UNMATCHED: N_("Went out, and was not seen to come in"),
    EntryKind.STILL_HERE: N_("Still here"),
    EntryKind.HEAD_COUNT: N_("Heads counted"),
    EntryKind.HEAD_COUNT_UNDONE: N_("Head count undone"),
    EntryKind.CROSSINGS: N_("Seen to pass the door"),
    EntryKind.ANNUL: N_("Undone: nobody walked in"),
    EntryKind.REVOKE: N_("Receipt cancelled"),
    EntryKind.HANDOVER: N_("Shift handed over"),
    EntryKind.ERASURE: N_("Data erased"),
    EntryKind.COMMISSIONED: N_("Thermometer commissioned"),
    EntryKind.THERMOMETER_CHECKED: N_("Daily check of the thermometer"),
    EntryKind.OFFICE_CHANGED: N_("Office changed"),
    EntryKind.BOOKED: N_("Booked"),
    EntryKind.BOOKING_CHANGED: N_("Booking changed"),
    EntryKind.ISSUED: N_("Receipt given out"),
    EntryKind.QUEUE: N_("In the queue"),
    EntryKind.ALERT: N_("Somebody was needed"),
    EntryKind.PRIORITY: N_("Priority by law"),
    EntryKind.LINE: N_("In the line outside"),
    EntryKind.SURVEY: N_("Survey"),
    EntryKind.HOLDER_TOLD: N_("Told of a new day"),
    EntryKind.CONTACT_SHOWN: N_("Contact looked up"),
}

NO_COUNT = N_("Type how many people are inside, for example 38.")
NOTHING_COUNTED = N_("Nobody has counted heads today.")

CHECKED: dict[str, str] = {
    CheckOutcome.PASSED.value: N_("Daily check of the thermometer: in order"),
    CheckOutcome.OFF.value: N_("Daily check of the thermometer: too far off"),
    CheckOutcome.ROOM.value: N_("Daily check of the thermometer: the room is unsuitable"),
}
"""The row of a daily check, by its outcome."""

CORRECTIONS: dict[str, str] = {
    OFFSET: N_("Offset of this gate"),
    ROOM: N_("Room temperature"),
    DISTANCE: N_("Distance of the face"),
    BASELINE: N_("Drift of the sensor"),
    SECOND: N_("Offset of a second reading"),
    MEAN_OF_TWO: N_("Mean of the two readings"),
}
"""Names of temperature corrections; an unknown one is shown as it is."""

CLOCKS: dict[ClockWarning, str] = {
    ClockWarning.JUMPED: N_("It jumped ahead by %(time)s. Compare it with your phone."),
    ClockWarning.BEHIND: N_("It is behind the receipts and the log. Call the administrator."),
}

CLOCK_SET_BACK = N_("It jumped back by %(time)s. Compare it with your phone.")

CONFLICTS: dict[str, str] = {
    "lane_free": N_("Nobody stands in front: scan a receipt first."),
    "lane_busy": N_("Finish with the visitor in front first."),
    "confirm_first": N_("Confirm the referral first."),
    "nothing_to_confirm": N_("There is nothing to confirm."),
    "not_admitted": N_("This admission cannot be undone, or was undone already."),
    "not_aside": N_("This visitor is not waiting aside any more."),
    "scan_again": N_("Scan this visitor's receipt again."),
    "pause_not_over": N_("The pause is not over yet: let the visitor rest."),
    "needs_receipt": N_("This service needs a receipt."),
    "bad_entry": N_("This entry does not fit the visitor in front."),
    "other_visitor": N_("Another visitor stands there by now; nothing was changed."),
    "closing": N_("The gate is shutting down."),
}
"""Why a gate cannot do something now, by the code of its LaneConflict."""
