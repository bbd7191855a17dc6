"""What the message about a past event would have looked like."""

from __future__ import annotations

from dataclasses import replace

from vigie.domain.alert import Alert, AlertDelivery, AlertEvent, AlertRule
from vigie.ports.alerts import OutgoingDelivery
from vigie.services.alerting.layout import as_text
from vigie.services.alerting.mails import MailSources, mail_content
from vigie.services.alerting.wording import words_of


def example_message(sources: MailSources, rule: AlertRule, event: AlertEvent) -> tuple[str, str]:
    """Return subject and text of the mail that a rule would have sent as an event was seen.

    Neither holds the links below a mail: one of them would end the mails of a rule that is not there yet.
    """
    alert = Alert("", rule.id, rule.owner, event, event.ts_seen)
    outgoing = OutgoingDelivery(AlertDelivery("", "", "", "waiting", event.ts_seen), alert, rule, None)
    content = mail_content(sources, [outgoing], rule.language, event.ts_seen)
    tag = words_of(rule.language)["simulated" if sources.is_simulated else "tag"]
    return f"{tag} {content.subject}", as_text(replace(content, links=(), foot=()), rule.language).strip()
