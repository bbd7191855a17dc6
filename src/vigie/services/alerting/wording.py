"""What mails say, in both languages; the same names in both, which a test holds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from vigie.catalogue import NamedTexts
from vigie.domain.alert import AlertRule

WORDS: Final = NamedTexts(
    "mail",
    {
        "tag": "[Vigie]",
        "simulated": "[Vigie, simulated market]",
        "update": "Update: {title}",
        "correction": "Correction: {title}",
        "digest": "{number} alerts",
        "digest_corrections": "{number} alerts, corrections: {corrections}",
        "quoted_before": "Published earlier",
        "tier_regulator": "regulator",
        "tier_primary": "primary source",
        "tier_media": "media",
        "tier_aggregator": "aggregator",
        "tier_social": "social media",
        "correction_why": "Correction of an earlier alert: its status is now “{status}”.",
        "update_why": "Update of an earlier alert: its status is now “{status}”.",
        "by": "Because of",
        "by_link": "Open that news item",
        "published": "Published",
        "published_day": "Published (day only)",
        "seen": "First seen",
        "found": "Publication to detection",
        "sent": "Detection to this message",
        "pace": "Durations use this machine's clock. The times above are those of the simulated market, which "
        "runs faster.",
        "believed": "How reliable is it?",
        "unstated": "not stated by the source",
        "source": "Source",
        "assets": "Assets",
        "record": "Record no. {number}, head {head}",
        "record_why": "Keep this mail: number and head prove that this was written before the mail was sent.",
        "no_record": "This change was written before changes were sealed.",
        "because": "You get this because of your rule “{rule}”.",
        "because_unnamed": "You get this because of one of your rules.",
        "because_own": "This is a message from Vigie itself.",
        "read": "Open original",
        "all": "Manage your alerts",
        "end": "Unsubscribe from this rule",
        "world": "This market is simulated: none of this happened.",
        "footer": "Information, not investment advice.",
        "confirmed": "confirmed by a primary source",
        "repeated": "repeated by others",
        "disputed": "disputed",
        "unconfirmed": "unconfirmed",
        "flagged": "flagged",
        "corrected": "corrected",
        "withdrawn": "withdrawn by its source",
        "code_subject": "{code} is your confirmation code",
        "code_text": "To get alerts at this address, enter this code on the Alerts page: {code}",
        "code_else": "It is valid for 30 minutes. If you did not ask for it, ignore this message: nothing else "
        "will be sent here.",
        "test_subject": "Test message",
        "test_text": "This is the test message you asked for. Alerts reach you at this address.",
    },
)


def mark_title(words: Mapping[str, str], mark: str, title: str) -> str:
    """Return a title with what an alert is after others; one that a publisher begins with that word bears it once."""
    return title if has_mark(title, mark) or not mark else words[mark].format(title=title)


def reason_text(words: Mapping[str, str], rule: AlertRule | None) -> str:
    """Return why an alert was sent: the rule by name, an unnamed rule, or Vigie itself."""
    if rule is None:
        return words["because_own"]
    # A rule that was deleted meanwhile has no name left.
    return words["because"].format(rule=rule.name) if rule.name.strip(" ?") else words["because_unnamed"]


def has_mark(title: str, mark: str) -> bool:
    """Tell whether a publisher's title begins with the word of a mark, in either language."""
    return bool(mark) and any(
        re.match(
            rf"\W*{re.escape(texts[mark].format(title='').split(':')[0].strip())}\s*[]:.–—-]",
            title,
            re.IGNORECASE,
        )
        for texts in WORDS.values()
    )


def words_of(language: str) -> Mapping[str, str]:
    """Return the texts of a language; English for one that is not spoken."""
    return WORDS.get(language, WORDS["en"])
