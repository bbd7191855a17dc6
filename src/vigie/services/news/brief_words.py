"""What the weekly brief says, in both languages; the same names in both, which a test holds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Final

from vigie.domain.time import DAY_MS, zoned
from vigie.services.market_data.fear_greed import ALTERNATIVE_INDEX, OWN_INDEX

TEXTS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "title": "The week in crypto, {days}",
        "span": "{start} to {end}, UTC (week {week}); made of {items} items.",
        "cut": "Only the newest {items} items of the week were read.",
        "stories": "Top stories",
        "regulation": "Regulation",
        "months": "January February March April May June July August September October November December",
        "days": "{start} to {end}",
        "time": "{day}, {time}",
        "weekdays": "Mon Tue Wed Thu Fri Sat Sun",
        "prices": "Prices",
        "prices_of": "The first assets of your watchlist, in its order.",
        "prices_start": "The watchlist that everybody begins with: you have not made one of your own.",
        "no_assets": "Your watchlist holds no asset.",
        "changes": "24 h: {day}, 7 days: {week}",
        "at": "{moment} UTC · {place}",
        "old": "an old price",
        "last_price": "No price of this week; the last one known: {price}, {at}",
        "no_bars": "No bars of it are stored.",
        "not_drawn": "Not in the chart, for want of a price at the beginning of the week: {names}.",
        "no_chart": "There is no chart, for want of prices at the beginning of the week: {names}.",
        "chart": "Change of prices since Monday {start}, 00:00 UTC",
        "chart_note": "Source: {venues} · closes until {end} UTC",
        "chart_alt": "Lines of the change of prices from {start} to {end} UTC.",
        "curve_alt": "{name}: {last} at the end, highest {high} on {high_day}, lowest {low} on {low_day}.",
        "chart_mailed": "The chart itself is in the PDF that comes with this mail.",
        "told_above": "Releases that the stories above tell of: {number}.",
        "registers": "Changes of public registers",
        "mood": "Mood",
        "sources": "Sources",
        "is": "{name}: {value}",
        "nothing": "Nothing to name.",
        "empty": "No story, no release and no change of a register is known of that week.",
        "more": "and {number} more",
        "first": "First: {publisher}, {when}; {number} publishers",
        "index": "Index",
        "before": "Before the week",
        "after": "At its end",
        OWN_INDEX: "Fear and greed, computed by Vigie (0 to 100)",
        ALTERNATIVE_INDEX: "Fear and greed, alternative.me (0 to 100)",
        "news": "How the news sound (-100 to 100)",
        "end": "End these mails",
        "unknown": "not known",
        "no_value": "not known, no value is stored of that time",
        "no_values": "Not known, since no value is stored of this week: {names}.",
        "added": "added", "changed": "changed", "removed": "removed",
        "ended": "licence ended on {day}", "ends": "licence ends on {day}",
        "confirmed": "confirmed by a primary source", "repeated": "repeated by others", "disputed": "disputed",
        "unconfirmed": "unconfirmed", "flagged": "flagged",
        "quotes": "Sentences are short quotes of their sources; texts stay theirs.",
        "foot": "Information, not investment advice.",
        "simulated": "Simulated: nothing in here happened.",
    },
    "fr": {
        "title": "La semaine crypto, {days}",
        "span": "Du {start} au {end}, UTC (semaine {week}) ; établi à partir de {items} articles.",
        "cut": "Seuls les {items} articles les plus récents de la semaine ont été lus.",
        "stories": "Affaires de la semaine",
        "regulation": "Réglementation",
        "months": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "days": "du {start} au {end}",
        "time": "{day} à {time}",
        "weekdays": "lun. mar. mer. jeu. ven. sam. dim.",
        "prices": "Cours",
        "prices_of": "Les premiers actifs de votre liste suivie, dans son ordre.",
        "prices_start": "La liste suivie proposée à tous au départ : vous n’avez pas encore créé la vôtre.",
        "no_assets": "Votre liste suivie ne contient aucun actif.",
        "changes": "24 h : {day}, 7 jours : {week}",
        "at": "{moment} UTC · {place}",
        "old": "cours ancien",
        "last_price": "Aucun cours cette semaine ; dernier connu : {price}, {at}",
        "no_bars": "Aucune barre n’est enregistrée pour cet actif.",
        "not_drawn": "Hors du graphique, faute de cours en début de semaine : {names}.",
        "no_chart": "Pas de graphique, faute de cours en début de semaine : {names}.",
        "chart": "Variation des cours depuis le lundi {start}, 00:00 UTC",
        "chart_note": "Source : {venues} · clôtures jusqu’au {end} UTC",
        "chart_alt": "Courbes de la variation des cours du {start} au {end} UTC.",
        "curve_alt": "{name} : {last} à la fin, plus haut {high} le {high_day}, plus bas {low} le {low_day}.",
        "chart_mailed": "Le graphique lui-même se trouve dans le PDF joint à cet e-mail.",
        "told_above": "Communiqués déjà cités dans les affaires ci-dessus : {number}.",
        "registers": "Changements des registres publics",
        "mood": "Humeur",
        "sources": "Sources",
        "is": "{name} : {value}",
        "nothing": "Rien à citer.",
        "empty": "Ni affaire, ni communiqué, ni changement de registre n’est connu pour cette semaine.",
        "more": "et {number} de plus",
        "first": "D’abord : {publisher}, {when} ; médias et sources : {number}",
        "index": "Indice",
        "before": "Avant la semaine",
        "after": "À la fin",
        OWN_INDEX: "Peur et avidité, calculé par Vigie (0 à 100)",
        ALTERNATIVE_INDEX: "Peur et avidité, alternative.me (0 à 100)",
        "news": "Ton de l’actualité (-100 à 100)",
        "end": "Ne plus recevoir ces e-mails",
        "unknown": "inconnu",
        "no_value": "inconnu, aucune valeur n’est enregistrée pour ce moment",
        "no_values": "Inconnu, faute de valeur enregistrée pour cette semaine : {names}.",
        "added": "ajouté", "changed": "modifié", "removed": "retiré",
        "ended": "agrément terminé le {day}", "ends": "agrément se terminant le {day}",
        "confirmed": "confirmé par une source primaire", "repeated": "repris par d’autres", "disputed": "contesté",
        "unconfirmed": "non confirmé", "flagged": "signalé",
        "quotes": "Les phrases sont de courtes citations de leurs sources ; les textes restent à leurs auteurs.",
        "foot": "Information, pas un conseil en investissement.",
        "simulated": "Simulé : rien de ceci n’a eu lieu.",
    },
}  # fmt: skip


def day_of(ts_ms: int, language: str, *, has_month: bool = True, has_year: bool = True) -> str:
    """Return a day as people write it, in UTC."""
    when = zoned(ts_ms, UTC)
    number = "1er" if language == "fr" and when.day == 1 else str(when.day)
    months = TEXTS[language]["months"].split()
    return " ".join([number, *[months[when.month - 1]] * has_month, *[str(when.year)] * has_year])


def days_of(start_ms: int, language: str) -> str:
    """Return the seven days from a Monday on, the month and the year once where they are the same."""
    first, last = (zoned(ts, UTC) for ts in (start_ms, start_ms + 6 * DAY_MS))
    start = day_of(
        start_ms,
        language,
        has_month=first.month != last.month,
        has_year=first.year != last.year,
    )
    return TEXTS[language]["days"].format(start=start, end=day_of(start_ms + 6 * DAY_MS, language))


def moment_of(ts_ms: int, language: str) -> str:
    """Return an instant as people write it, in UTC."""
    return TEXTS[language]["time"].format(day=day_of(ts_ms, language), time=f"{zoned(ts_ms, UTC):%H:%M}")
