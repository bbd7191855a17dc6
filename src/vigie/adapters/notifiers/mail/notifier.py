"""Which mail server takes e-mail: that of the settings, or the simulated one of a simulated home."""

from __future__ import annotations

from vigie.adapters.notifiers.mail.smtp import SmtpNotifier, WorldMail, mail_server
from vigie.domain.errors import ConfigError
from vigie.ports.notifier import Notifier, NotifierSetup


def open_notifier(setup: NotifierSetup) -> Notifier:
    """Return what hands mail over.

    Raises
    ------
    ConfigError
        If no server is set, or the simulated one is not running.
    """
    if setup.is_simulated:
        if setup.world is None:
            raise ConfigError(
                "simulated_mail_server_not_running",
                "the simulated mail server is not running; start it with `vigie demo`",
            )
        return WorldMail(setup.world, setup.clock)
    return SmtpNotifier(mail_server(smtp_url(setup)), sender_of(setup), setup.clock)


def smtp_url(setup: NotifierSetup) -> str:
    """Return the address of the mail server, which holds its password."""
    url = setup.texts.get("smtp_url", "")
    if not url:
        raise ConfigError(
            "no_mail_server_set",
            "no mail server is set: set VIGIE_SMTP_URL, such as smtps://user:secret@host:465",
        )
    return url


def sender_of(setup: NotifierSetup) -> str:
    """Return the address that mails come from."""
    sender = setup.texts.get("smtp_from", "")
    if sender:
        return sender
    server = mail_server(smtp_url(setup))
    return server.user if "@" in server.user else f"vigie@{server.host}"
