"""Hands a letter over to the office's mail server (SMTP, RFC 5321)."""

from __future__ import annotations

import logging
import smtplib
import socket
import ssl
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from dashboard.alerts.credentials import mail_password
from dashboard.alerts.message import Letter
from screening.errors import DeliveryError
from screening.settings import AlertSettings

TIMEOUT_S = 15.0

_log = logging.getLogger(__name__)


class Mail:
    """Sends to all of ``mail_to`` at once."""

    def __init__(self, alerts: AlertSettings) -> None:
        self._settings = alerts

    def send(self, letter: Letter, *, message_id: str, at: datetime) -> None:
        """Raises DeliveryError; then nobody got it. An address that is refused is logged."""
        settings = self._settings
        sender = settings.mail_from or settings.mail_to[0]
        mail = EmailMessage()
        mail["From"] = sender
        mail["To"] = ", ".join(settings.mail_to)
        mail["Subject"] = " ".join(letter.subject.split())
        mail["Date"] = format_datetime(at)
        # The same at each try: whoever gets it twice is shown it once.
        mail["Message-ID"] = f"<{message_id}@{sender.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(letter.text)
        try:
            with self._connected() as server:
                refused = server.send_message(mail, sender, settings.mail_to)
        except (smtplib.SMTPException, OSError) as error:
            raise DeliveryError(f"the mail server {settings.mail_host}: {_told(error)}") from error
        if refused:
            _log.warning("the mail server refused %s", ", ".join(sorted(refused)))

    def _connected(self) -> smtplib.SMTP:
        settings, name = self._settings, socket.gethostname()
        host, port = settings.mail_host or "", settings.mail_port
        password = mail_password(settings) if settings.mail_user else ""
        server: smtplib.SMTP
        if settings.mail_security == "tls":
            context = ssl.create_default_context()
            server = smtplib.SMTP_SSL(host, port, name, timeout=TIMEOUT_S, context=context)
        else:
            server = smtplib.SMTP(host, port, name, timeout=TIMEOUT_S)
        try:
            if settings.mail_security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if settings.mail_user:
                server.login(settings.mail_user, password)
        except (smtplib.SMTPException, OSError):
            server.close()
            raise
        return server


def _told(error: smtplib.SMTPException | OSError) -> str:
    """In one line; what a server answers is its own text."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return f"it refused {', '.join(sorted(error.recipients))}"
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error
        said = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
        return " ".join(f"{error.smtp_code} {said}".split())
    return " ".join(str(error).split()) or type(error).__name__
