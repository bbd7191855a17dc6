"""What mails say, in both languages; the same names in both, which a test holds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "tag": "[Vigie]",
        "simulated": "[Vigie, simulated market]",
        "update": "Update: {title}",
        "correction": "Correction: {title}",
        "digest": "{number} alerts",
        "digest_corrections": "{number} alerts, corrections: {corrections}",
        "quoted_before": "What was published then",
        "tier_regulator": "regulator",
        "tier_primary": "primary source",
        "tier_media": "media",
        "tier_aggregator": "aggregator",
        "tier_social": "social media",
        "correction_why": "You were told of this before. It is corrected: its status is now “{status}”.",
        "update_why": "You were told of this before. Its status is now “{status}”.",
        "by": "By what was seen since",
        "by_link": "Where that is",
        "published": "Published",
        "published_day": "Published, as its source states the day",
        "seen": "First seen",
        "found": "From published to seen",
        "sent": "From seen to this mail",
        "pace": "How long it took is by this machine's clock; the times above are the market's, which runs faster.",
        "believed": "Why it is believed or not",
        "unstated": "not stated by the source",
        "source": "Source",
        "assets": "Assets",
        "because": "Why you get this: your rule “{rule}”.",
        "because_own": "Vigie tells you this of itself.",
        "read": "Read it at its source",
        "all": "Your alerts and rules",
        "end": "Stop mails of this rule",
        "world": "This market is simulated: nothing of it happened.",
        "footer": "Information, not investment advice.",
        "confirmed": "confirmed by a primary source",
        "repeated": "repeated by others",
        "disputed": "disputed",
        "unconfirmed": "unconfirmed",
        "flagged": "flagged",
        "corrected": "corrected",
        "withdrawn": "withdrawn by its source",
        "code_subject": "{code} confirms your address",
        "code_text": "Enter this code on the page of alerts to get alerts at this address: {code}",
        "code_else": "It is good for 30 minutes. Who did not ask for it has nothing to do: nothing else is sent here.",
        "test_subject": "Test mail",
        "test_text": "This is the test mail that you asked for. Alerts reach you at this address.",
        "dead_title": "Alerts to {address} do not arrive: {why}",
        "server_title": "The mail server takes no alerts now; they are tried again: {why}",
        "way_title": "Alerts to {address} wait and are tried again: {why}",
    },
    "fr": {
        "tag": "[Vigie]",
        "simulated": "[Vigie, marché simulé]",
        "update": "Mise à jour : {title}",
        "correction": "Rectificatif : {title}",
        "digest": "{number} alertes",
        "digest_corrections": "{number} alertes, rectificatifs : {corrections}",
        "quoted_before": "Ce qui avait été publié",
        "tier_regulator": "régulateur",
        "tier_primary": "source primaire",
        "tier_media": "média",
        "tier_aggregator": "agrégateur",
        "tier_social": "réseau social",
        "correction_why": "Vous en aviez été averti. C’est rectifié : le statut est maintenant "
        "«\N{NO-BREAK SPACE}{status}\N{NO-BREAK SPACE}».",
        "update_why": "Vous en aviez été averti. Le statut est maintenant "
        "«\N{NO-BREAK SPACE}{status}\N{NO-BREAK SPACE}».",
        "by": "D’après ce qui a été vu depuis",
        "by_link": "Où cela se trouve",
        "published": "Publié",
        "published_day": "Publié, jour indiqué par la source",
        "seen": "Vu pour la première fois",
        "found": "De la publication à la première vue",
        "sent": "De la première vue à ce courriel",
        "pace": "Ces durées sont celles de cette machine ; les heures ci-dessus sont celles du marché, plus rapide.",
        "believed": "Ce qui permet de le croire ou non",
        "unstated": "non précisé par la source",
        "source": "Source",
        "assets": "Actifs",
        "because": "Pourquoi ce message : votre règle «\N{NO-BREAK SPACE}{rule}\N{NO-BREAK SPACE}».",
        "because_own": "Vigie vous parle ici d’elle-même.",
        "read": "Lire à la source",
        "all": "Vos alertes et vos règles",
        "end": "Ne plus recevoir de courriel de cette règle",
        "world": "Ce marché est simulé : rien de tout cela n’a eu lieu.",
        "footer": "Information, et non conseil en investissement.",
        "confirmed": "confirmé par une source primaire",
        "repeated": "repris par d’autres",
        "disputed": "contesté",
        "unconfirmed": "non confirmé",
        "flagged": "signalé",
        "corrected": "rectifié",
        "withdrawn": "retiré par sa source",
        "code_subject": "{code} confirme votre adresse",
        "code_text": "Saisissez ce code sur la page des alertes pour les recevoir à cette adresse : {code}",
        "code_else": "Il est valable 30 minutes. Si vous n’avez rien demandé, il n’y a rien à faire : rien d’autre ne "
        "sera envoyé ici.",
        "test_subject": "Courriel d’essai",
        "test_text": "Voici le courriel d’essai que vous avez demandé. Les alertes vous parviennent à cette adresse.",
        "dead_title": "Les alertes à {address} n’arrivent pas : {why}",
        "server_title": "Le serveur de messagerie ne prend pas les alertes ; nouvel essai plus tard : {why}",
        "way_title": "Les alertes à {address} attendent ; nouvel essai plus tard : {why}",
    },
}


def mark_title(words: Mapping[str, str], mark: str, title: str) -> str:
    """Return a title with what an alert is after others; one that a publisher begins with that word bears it once."""
    return title if has_mark(title, mark) or not mark else words[mark].format(title=title)


def has_mark(title: str, mark: str) -> bool:
    """Tell whether a publisher's title begins with the word of a mark, in either language."""
    return bool(mark) and any(
        re.match(
            rf"\W*{re.escape(texts[mark].format(title='').strip(' :'))}\s*[]:.–—-]", title, re.IGNORECASE
        )
        for texts in WORDS.values()
    )


def words_of(language: str) -> Mapping[str, str]:
    """Return the texts of a language; English for one that is not spoken."""
    return WORDS.get(language, WORDS["en"])
