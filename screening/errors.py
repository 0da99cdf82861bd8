"""Every exception of the project, under one root; a refused visitor is a value, not one."""

from __future__ import annotations


class ScreeningError(Exception):
    """Root of all errors; its text is one line a person can act on."""


class SettingsError(ScreeningError):
    """The configuration cannot be used; ``problems`` lists every reason at once."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class DeviceError(ScreeningError):
    """Trouble with one device; ``device`` names it, ``port`` is where it hangs."""

    def __init__(self, message: str, *, device: str, port: str | None = None) -> None:
        super().__init__(message)
        self.device = device
        self.port = port


class DeviceUnavailable(DeviceError):
    """The device cannot be reached: unplugged, busy, no permission."""


class DeviceTimeout(DeviceError):
    """The device is there but did not answer in time."""


class AdapterEchoes(DeviceTimeout):
    """What was sent came back, and no answer: the adapter echoes, and the device may be dead."""


class DeviceProtocolError(DeviceError):
    """The device answered something its protocol does not allow."""


class ReceiptError(ScreeningError):
    """A receipt cannot be issued as asked (not: a receipt was refused)."""


class UnknownReceipt(ReceiptError):
    """No receipt with that number was issued or registered here."""


class RecordError(ScreeningError):
    """The database or a file beside it cannot be used, or what was asked for contradicts it.

    ``is_of_disk``: because the disk is full, read-only or broken.
    """

    def __init__(self, message: str, *, is_of_disk: bool = False) -> None:
        super().__init__(message)
        self.is_of_disk = is_of_disk


class BackupError(ScreeningError):
    """A backup cannot be made, read or put back; what was there is as it was."""


class DeliveryError(ScreeningError):
    """A message could not be handed over; it may be tried again."""


class NotRecorded(RecordError):
    """The row could not be committed; nothing moved, nothing was admitted."""


class OutcomeUnknown(RecordError):
    """It was begun, and nobody can say whether it was done: look before trying again."""


class AccountError(ScreeningError):
    """A user or gate cannot be made or changed as asked."""


class OfficeError(ScreeningError):
    """A fact of the office cannot be what was asked for."""


class EvaluationError(ScreeningError):
    """A folder or file of labelled data cannot be evaluated."""


class LaneConflict(ScreeningError):
    """The gate cannot do this now; ``code`` is stable, its wording for people is in the catalogues.

    Codes: lane_free, lane_busy, confirm_first, nothing_to_confirm, not_admitted, not_aside,
    scan_again, pause_not_over, needs_receipt, bad_entry, other_visitor, nonce_reused,
    closing.
    """

    def __init__(self, message: str, *, code: str = "bad_entry") -> None:
        super().__init__(message)
        self.code = code


class UnknownClosing(ScreeningError):
    """No days were closed under this number, or this receipt is none of theirs."""


class UnknownGate(ScreeningError):
    """No gate has this name."""


class NotOwner(ScreeningError):
    """Another process runs this gate, or none does; nothing was done.

    ``machine`` is the name of the computer on which it runs, ``address`` where its pages are; both
    None where that is not known.
    """

    def __init__(
        self, gate: str, *, machine: str | None = None, address: str | None = None
    ) -> None:
        where = f", but by {address or f'a process on {machine}'}" if address or machine else ""
        super().__init__(f"gate {gate!r} is not run by this process{where}; nothing was done")
        self.gate = gate
        self.machine = machine
        self.address = address
