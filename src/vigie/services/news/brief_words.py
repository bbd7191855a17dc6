"""What the weekly brief says, in both languages; the same names in both, which a test holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from vigie.services.measuring.greed import OWN, THEIRS

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "title": "The week in crypto, {week}",
        "span": "{start} to {end}, UTC; made of {items} items.",
        "cut": "Only the newest {items} items of the week were read.",
        "stories": "Top stories",
        "regulation": "Regulation",
        "registers": "Changes of public registers",
        "mood": "Mood",
        "sources": "Sources",
        "is": "{name}: {value}",
        "nothing": "Nothing to name of that week.",
        "more": "and {number} more",
        "first": "First: {publisher}, {when}; {number} publishers",
        "index": "Index",
        "before": "Before the week",
        "after": "At its end",
        OWN: "Fear and greed, computed by Vigie (0 to 100)",
        THEIRS: "Fear and greed, alternative.me (0 to 100)",
        "news": "How the news sound (-100 to 100)",
        "end": "End these mails",
        "unknown": "not known",
        "added": "added", "changed": "changed", "ended": "licence ended", "removed": "removed",
        "confirmed": "confirmed by a primary source", "repeated": "repeated by others", "disputed": "disputed",
        "unconfirmed": "unconfirmed", "flagged": "flagged",
        "quotes": "Sentences are short quotes of their sources; texts stay theirs.",
        "foot": "Information, not investment advice.",
        "simulated": "Simulated: nothing in here happened.",
    },
    "fr": {
        "title": "La semaine crypto, {week}",
        "span": "Du {start} au {end}, UTC ; établi à partir de {items} articles.",
        "cut": "Seuls les {items} articles les plus récents de la semaine ont été lus.",
        "stories": "Affaires de la semaine",
        "regulation": "Réglementation",
        "registers": "Changements des registres publics",
        "mood": "Humeur",
        "sources": "Sources",
        "is": "{name} : {value}",
        "nothing": "Rien à citer pour cette semaine.",
        "more": "et {number} de plus",
        "first": "D’abord : {publisher}, {when} ; médias et sources : {number}",
        "index": "Indice",
        "before": "Avant la semaine",
        "after": "À la fin",
        OWN: "Peur et avidité, calculé par Vigie (0 à 100)",
        THEIRS: "Peur et avidité, alternative.me (0 à 100)",
        "news": "Ton de l’actualité (-100 à 100)",
        "end": "Ne plus recevoir ces e-mails",
        "unknown": "inconnu",
        "added": "ajouté", "changed": "modifié", "ended": "agrément terminé", "removed": "retiré",
        "confirmed": "confirmé par une source primaire", "repeated": "repris par d’autres", "disputed": "contesté",
        "unconfirmed": "non confirmé", "flagged": "signalé",
        "quotes": "Les phrases sont de courtes citations de leurs sources ; les textes restent à leurs auteurs.",
        "foot": "Information, pas un conseil en investissement.",
        "simulated": "Simulé : rien de ceci n’a eu lieu.",
    },
}  # fmt: skip
