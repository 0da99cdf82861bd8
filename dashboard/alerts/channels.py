"""The channels that the configuration sets up, each with how it is sent to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from dashboard.alerts.hook import Hook
from dashboard.alerts.mail import Mail
from dashboard.alerts.message import Writer
from dashboard.alerts.messenger import Send
from dashboard.web.alert_words import AlertWords
from dashboard.web.language import Languages
from dashboard.web.office_words import Words
from screening.alerts.book import AlertMessage, MessageChannel
from screening.office.facts import OfficeFacts
from screening.settings import Settings


@dataclass(frozen=True, slots=True)
class Channel:
    """``send`` hands a message over, ``try_out`` one that says it is a test. Both raise
    DeliveryError."""

    send: Send
    try_out: Callable[[str], None]


def channels_of(
    settings: Settings,
    facts: Callable[[], OfficeFacts],
    now: Callable[[], datetime],
) -> dict[MessageChannel, Channel]:
    """Those that are set up, empty where nobody wants any."""
    alerts, site = settings.alerts, settings.site
    found: dict[MessageChannel, Channel] = {}
    if not alerts.mail_to and alerts.hook_url is None:
        return found
    language = Languages().choose(None, site.language)
    words = Words(
        language,
        site.language,
        site.zone,
        lambda: facts().services,
        lambda: facts().gate_titles,
    )
    writer = Writer(site, AlertWords(words), settings.web.public_url, lambda: facts().name)

    def name(message_id: str) -> str:
        """One of this office's, among those of many."""
        return f"{site.code}-{message_id}"

    if alerts.mail_to:
        mail = Mail(alerts)

        def send_mail(message: AlertMessage) -> None:
            mail.send(writer.letter(message), message_id=name(message.message_id), at=now())

        def try_mail(message_id: str) -> None:
            mail.send(writer.test_letter(), message_id=name(message_id), at=now())

        found[MessageChannel.MAIL] = Channel(send_mail, try_mail)
    if alerts.hook_url is not None:
        hook = Hook(alerts)

        def send_hook(message: AlertMessage) -> None:
            hook.send(writer.body(message), message_id=name(message.message_id), at=now())

        def try_hook(message_id: str) -> None:
            hook.send(writer.test_body(now()), message_id=name(message_id), at=now())

        found[MessageChannel.HOOK] = Channel(send_hook, try_hook)
    return found
