"""Units of figures in both languages: currencies and coins, shares, spans of time; number words."""

from __future__ import annotations

import re
from typing import Final

# Several currencies are called dollar: who writes the bare sign means that of the United States or the one at home.
DOLLAR: Final = "$"
DOLLARS: Final = frozenset({"usd", "hkd", "sgd", "cad", "aud", "nzd", "twd", DOLLAR})
PREFIXES: Final = {
    "us$": "usd", "u.s.$": "usd", "usd": "usd", "hk$": "hkd", "hkd": "hkd", "s$": "sgd", "sgd": "sgd", "c$": "cad",
    "ca$": "cad", "cad": "cad", "cdn$": "cad", "a$": "aud", "au$": "aud", "aud": "aud", "nz$": "nzd", "nt$": "twd",
    "r$": "brl", "$": DOLLAR, "€": "eur", "eur": "eur", "£": "gbp", "gbp": "gbp", "¥": "jpy", "jpy": "jpy",
    "₹": "inr", "rs": "inr", "rs.": "inr", "inr": "inr", "₩": "krw", "krw": "krw", "chf": "chf", "fr.": "chf",
    "sek": "sek", "nok": "nok", "dkk": "dkk", "rmb": "cny", "cny": "cny", "cn¥": "cny", "aed": "aed", "pln": "pln",
    "czk": "czk", "huf": "huf", "zar": "zar", "thb": "thb", "myr": "myr", "idr": "idr",
    "₿": "btc", "btc": "btc", "eth": "eth",
}  # fmt: skip
# The longest form first; each is tried against what follows a number.
_CURRENCY_FORMS: Final = (
    (r"(?:us|u\.s\.|american) dollars?|dollars? am[ée]ricains?|\$ ?us\b|usd|us\$", "usd"),
    (r"hong kong dollars?|dollars? (?:de )?hong[- ]kong(?:ais)?|dollars? hongkongais|\$ ?hk\b|hkd", "hkd"),
    (r"singapore dollars?|dollars? (?:de )?singapour(?:iens?)?|sgd", "sgd"),
    (r"canadian dollars?|dollars? canadiens?|\$ ?ca\b|\$ ?can\b|cad", "cad"),
    (r"australian dollars?|dollars? australiens?|aud", "aud"),
    (r"new zealand dollars?|dollars? n[ée]o-z[ée]landais|nzd", "nzd"),
    (r"(?:new )?taiwan dollars?|dollars? taïwanais", "twd"),
    (r"dollars?|\$|bucks", DOLLAR),
    (r"euros?|€|eur", "eur"),
    (r"(?:turkish )?liras?|livres? turques?", "try"),
    (r"(?:british )?pounds?(?: sterling)?|livres?(?: sterling)?|£|gbp|sterling", "gbp"),
    (r"swiss francs?|francs?(?: suisses?)?|chf", "chf"),
    (r"(?:japanese )?yens?(?: japonais)?|¥|jpy", "jpy"),
    (r"yuans?|renminbi|rmb|cny", "cny"),
    (r"won|krw", "krw"),
    (r"rupees|roupies|inr", "inr"),
    (r"norwegian (?:kroner|crowns?)|couronnes norv[ée]giennes|nok", "nok"),
    (r"danish (?:kroner|crowns?)|couronnes danoises|dkk", "dkk"),
    (r"(?:czech )?korun[ay]s?|couronnes tch[èe]ques|czk", "czk"),
    (r"(?:swedish )?kronor|swedish crowns?|couronnes(?: su[ée]doises)?|sek", "sek"),
    (r"(?:polish )?z[łl]oty?s?|pln", "pln"),
    (r"(?:hungarian )?forints?|huf", "huf"),
    (r"(?:south african )?rands?|zar", "zar"),
    (r"(?:thai )?bahts?|thb", "thb"),
    (r"(?:malaysian )?ringgits?|myr", "myr"),
    (r"(?:indonesian )?rupiahs?|idr", "idr"),
    (r"(?:uae |emirati )?dirhams?(?: [ée]miratis?| des [ée]mirats)?|aed", "aed"),
    (r"roubles?|rubles?", "rub"),
    (r"reais|r[ée]aux", "brl"),
    (r"bitcoins?|btc", "btc"),
    (r"ethers?|ethereum|eth", "eth"),
    (r"tethers?|usdt", "usdt"),
    (r"usdc", "usdc"),
    (r"eurc", "eurc"),
    (r"dai", "dai"),
    (r"bnb", "bnb"),
    (r"dogecoins?|doge", "doge"),
    (r"xrp", "xrp"),
    (r"solana|sol", "sol"),
    (r"litecoins?|ltc", "ltc"),
    (r"moneros?|xmr", "xmr"),
)
_OTHER_FORMS: Final = (
    (r"percentage[- ]points?|points? de pourcentage|of a percentage[- ]point|of a point", "points"),
    (r"of (?:one|1) percent(?:age point)?", "points"),
    (r"de point(?: de pourcentage)?", "points"),
    (r"basis[- ]points?|bps?|points? de base|pb", "basis"),
    (r"points?(?! de (?:base|vente|vue|contact))", "points"),
    (r"%|per ?cent|pour ?cent|p\. ?100|pct|pc", "share"),
    (r"cents?|pence|centimes?", "cents"),
    (r"seconds|secondes", "second"), (r"minutes?", "minute"), (r"hours?|heures?", "hour"),
    (r"(?:trading |business |working |calendar )?days?|s[ée]ances?|sessions?", "day"),
    (r"fortnights?", "fortnight"),
    (r"jours?(?: ouvr[ée]s| calendaires)?", "day"),
    (r"weeks?|semaines?", "week"), (r"months?|mois", "month"),
    (r"(?:consecutive |full |calendar )?quarters?|trimestres?", "quarter"),
    (r"semestres?|half-years?", "half"), (r"(?:full |calendar |consecutive )?years?|ans?|ann[ée]es?", "year"),
    (r"decades?|d[ée]cennies?", "decade"),
)  # fmt: skip
UNIT_FORMS: Final = (*_OTHER_FORMS, *_CURRENCY_FORMS)
UNITS: Final = tuple((re.compile(rf"(?:{form})(?![^\W_])", re.IGNORECASE), unit) for form, unit in UNIT_FORMS)
DAYS: Final = {
    "second": 1 / 86400, "minute": 1 / 1440, "hour": 1 / 24, "day": 1.0, "week": 7.0, "fortnight": 14.0,
    "month": 30.4375, "quarter": 91.3125, "half": 182.625, "year": 365.25, "decade": 3652.5,
}  # fmt: skip
METRIC: Final = {
    "kilowatt": 1e3, "kw": 1e3, "megawatt": 1e6, "mw": 1e6, "gigawatt": 1e9, "gw": 1e9, "terawatt": 1e12, "tw": 1e12,
    "kilowattheure": 1e3, "megawattheure": 1e6, "gigawattheure": 1e9, "terawattheure": 1e12,
    "kwh": 1e3, "mwh": 1e6, "gwh": 1e9, "twh": 1e12, "kilo": 1e3, "kilogram": 1e3, "kilogramme": 1e3, "kg": 1e3,
    "tonne": 1e6, "ton": 1e6,
}  # fmt: skip
# In per cent.
PARTS: Final = {"share": 1.0, "points": 1.0, "basis": 0.01}
SCALES: Final = {
    "k": 1e3, "thousand": 1e3, "mille": 1e3, "m": 1e6, "mn": 1e6, "mln": 1e6, "mio": 1e6, "million": 1e6,
    "millions": 1e6, "b": 1e9, "bn": 1e9, "bln": 1e9, "md": 1e9, "mds": 1e9, "mrd": 1e9, "billion": 1e9,
    "billions": 1e9, "milliard": 1e9, "milliards": 1e9, "trillion": 1e12, "trillions": 1e12, "tn": 1e12,
    "hundred": 1e2, "cent": 1e2, "cents": 1e2, "dozen": 12.0, "dozens": 12.0, "douzaine": 12.0, "douzaines": 12.0,
    "lakh": 1e5, "lakhs": 1e5, "crore": 1e7, "crores": 1e7, "millier": 1e3, "milliers": 1e3,
}  # fmt: skip
_ONES_EN: Final = (
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen"
)
_TENS_EN: Final = "twenty thirty forty fifty sixty seventy eighty ninety"
_ONES_FR: Final = (
    "deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept "
    "dix-huit dix-neuf"
)
_TENS_FR: Final = "vingt trente quarante cinquante soixante"
_ABOUT_FR: Final = {
    "dizaine": 10, "douzaine": 12, "quinzaine": 15, "vingtaine": 20, "trentaine": 30, "quarantaine": 40,
    "cinquantaine": 50, "soixantaine": 60, "centaine": 100, "millier": 1000,
}  # fmt: skip


def _number_words() -> dict[str, float]:
    numbers: dict[str, float] = {}
    for ones, tens, joined in ((_ONES_EN, _TENS_EN, "-"), (_ONES_FR, _TENS_FR, "-")):
        singles = dict(enumerate(ones.split(), 2))
        for number, word in singles.items():
            numbers[word] = number
        for step, ten in enumerate(tens.split(), 2):
            numbers[ten] = 10 * step
            numbers[f"{ten}{joined}one" if tens is _TENS_EN else f"{ten}-et-un"] = 10 * step + 1
            for number in range(2, 10):
                numbers[f"{ten}{joined}{singles[number]}"] = 10 * step + number
    numbers |= {"soixante-dix": 70, "quatre-vingts": 80, "quatre-vingt": 80, "quatre-vingt-dix": 90}
    return numbers


NUMBER_WORDS: Final = _number_words()
ABOUT_WORDS: Final = {
    **{f"{article} {word}": float(value) for word, value in _ABOUT_FR.items() for article in ("une", "un")},
    "a dozen": 12.0,
    "half a dozen": 6.0,
}
_OVER: Final = (
    r"over|more than|above|exceed(?:s|ed|ing)?|upwards? of|north of|at least|topp(?:ed|ing)|in excess of|passing|"
    r"surpass(?:es|ed|ing)?|plus (?:de|d['\u2019])|"
    r"au[- ]del[àa] (?:de|d['\u2019])|d[ée]passe(?:nt|r|rait)?|d[ée]passant|"
    r"d[ée]pass[ée]e?s?|exc[èe]de(?:nt)?|au moins|sup[ée]rieure?s? [àa]|passe la barre des"
)
_UNDER: Final = (
    r"nearly|almost|close to|just under|just short of|a little under|less than|fewer than|under|below|approaching|"
    r"pr[èe]s (?:de|d['\u2019])|presque|moins (?:de|d['\u2019])|fr[ôo]le(?:nt)?|avoisin(?:e|ent|ant)|"
    r"approch(?:e|ent|ant)|inf[ée]rieure?s? [àa]|sous (?:la barre )?(?:les|des)?"
)
_ABOUT: Final = (
    r"about|around|roughly|some|approximately|circa|an estimated|in the region of|or so|environ|quelque|"
    r"proches? (?:de|d['\u2019])|"
    r"autour (?:de|d['\u2019])|[àa] peu pr[èe]s|de l['\u2019]ordre (?:de|d['\u2019])|approximativement"
)
HEDGES: Final = (("over", _OVER), ("under", _UNDER), ("about", _ABOUT))
