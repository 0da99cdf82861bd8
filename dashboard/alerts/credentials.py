"""Secrets of the alerts' settings: from the environment, or the first line of a file."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr

from dashboard.secret_file import read_secret
from screening.errors import DeliveryError
from screening.settings import AlertSettings


def mail_password(alerts: AlertSettings) -> str:
    """Of the log-in at the mail server. Raises DeliveryError where it cannot be read."""
    return _secret(alerts.mail_password, alerts.mail_password_file, "alerts.mail_password_file")


def hook_secret(alerts: AlertSettings) -> str:
    """What signs messages to another system. Raises DeliveryError where it cannot be read."""
    return _secret(alerts.hook_secret, alerts.hook_secret_file, "alerts.hook_secret_file")


def alert_problems(alerts: AlertSettings) -> list[str]:
    """Why no message could be sent, as far as a look tells; nobody is asked over the network."""
    problems = []
    for is_needed, read in (
        (bool(alerts.mail_to and alerts.mail_user), mail_password),
        (alerts.hook_url is not None, hook_secret),
    ):
        try:
            if is_needed:
                read(alerts)
        except DeliveryError as error:
            problems.append(str(error))
    return problems


def _secret(given: SecretStr | None, file: Path | None, key: str) -> str:
    if given is not None and given.get_secret_value():
        return given.get_secret_value()
    if file is None:
        raise DeliveryError(f"{key} is not set")
    try:
        return read_secret(file, "secret")
    except ValueError as error:
        raise DeliveryError(f"{key} {error}") from error
