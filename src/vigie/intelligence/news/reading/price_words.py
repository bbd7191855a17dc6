"""The words of reports of prices in both languages, as compared: who moves, how, and what says that it only may."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

# Subjects that are all coins or many.
MARKET_WORDS: Final = frozenset(
    """crypto cryptos cryptocurrency cryptocurrencies cryptomonnaie cryptomonnaies altcoin altcoins alts
    memecoin memecoins market markets marche marches""".split()
)
# Before a headline's subject, beside numbers.
LEADING_WORDS: Final = frozenset(
    """the a le la les l un une du de des d breaking alerte alert flash urgent update just now in price prices
    prix cours token jeton over more than of worth plus liquidated liquidations liquidation liquides m b bn
    milliards millions as alors small smaller cap major top most here why reasons pourquoi raisons
    an en hour hours day days week weeks month months year minutes heure heures jour jours semaine
    semaines mois""".split()
)
# Between a subject and how it moves.
FILLER_WORDS: Final = frozenset(
    """the a au le la les l un une du de des d s and et with avec while price prices prix cours value valeur token
    coin jeton usd usdt eur dollar dollars is are was has have had again briefly now still suddenly
    currently back also further action est sont a ont brievement encore toujours nouveau se son sa both
    other others autres top major majeures majors small smaller cap caps continues continue to up en un pour
    extends quickly slowly could may might can will would peut pourrait va vont daily weekly overnight today
    aujourd hui""".split()
)
_UP: Final = """ris rose surg jump rall climb soar gain spike spiking rebound recover bounc skyrocket rocket advanc leap
    pump moon grimp bondi bondit hausse envol progress rebondi rebondit remont flamb regagn redress decoll
    accelerat outperform topping surpass monte montent explos""".split()
_DOWN: Final = """fall fell drop plung slump slid tumbl crash dip dips dipped dipping sink sank declin dive dived diving
    correct retreat tank nosediv plummet slip shed sheds chut baiss recul plong deviss degringol flech
    effondr collaps crater sag sags retomb cede cedent trebuch decroch weaken losing""".split()
_FLAT: Final = """consolidat consolid stuck steady steadies stable stabilis struggl stall hover fluctuat stagn patin
    oscillat oscill hesit
    range""".split()
# Verbs that many do: where a place stands beside them, or a level beside some, they say that a price moves.
LEVEL_VERBS: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        """hit hits hitting reach reaches break breaks breaking cross crosses test tests testing near nears nearing
    touch touches return returns stay stays head heads eye eyes eyeing target targets pass passes push
    pushes passe passent repasse repassent atteint atteignent teste touche revient reviennent casse cassent
    vise visent""".split(),
        "",
    ),
    **dict.fromkeys(
        "tops topped reclaim reclaims reclaimed depasse depassent franchit franchissent reprend above".split(), "up"
    ),
    **dict.fromkeys(
        "lose loses lost fail fails rejected rejects tombe tombent enfonce perd perdent below beneath".split(), "down"
    ),
    **dict.fromkeys("hold holds holding maintient maintiennent".split(), "flat"),
}  # fmt: skip
VAGUE_VERBS: Final[Mapping[str, str]] = dict(LEVEL_VERBS) | dict.fromkeys(
    """move moves moved moving trade trades trading trend trends trending inch inches edge edges turn turns
    remain remains keep keeps go goes start starts look looks face faces see sees set sets show shows swing
    swings try tries trying prepare prepares evolue evoluent reste restent plus dans
    bat battent""".split(),
    "",
)
DIRECTION_WORDS: Final[Mapping[str, str]] = {
    "above": "up", "higher": "up", "up": "up", "dessus": "up", "green": "up", "vert": "up",
    "record": "up", "high": "up", "highs": "up", "ath": "up", "sommet": "up", "sommets": "up", "upward": "up",
    "below": "down", "under": "down", "lower": "down", "down": "down", "sous": "down", "dessous": "down",
    "red": "down", "rouge": "down", "low": "down", "lows": "down", "creux": "down", "downward": "down",
    "flat": "flat", "sideways": "flat", "direction": "flat", "range": "flat", "ground": "flat", "stable": "flat",
    "supported": "flat", "beneath": "down",
    "support": "", "resistance": "", "gains": "", "losses": "", "key": "", "again": "", "risk": "down",
    "seuil": "up", "barre": "up", "bas": "down", "haut": "up",
    "records": "up",
}  # fmt: skip
_SHRINKING: Final[Mapping[str, str]] = {
    "gains": "down",
    "gain": "down",
    "losses": "up",
    "loss": "up",
    "pertes": "up",
}
_GROWING: Final[Mapping[str, str]] = {"gains": "up", "gain": "up", "losses": "down", "loss": "down", "pertes": "down",
    "decline": "down", "rally": "up", "drop": "down", "hausse": "up", "baisse": "down"}  # fmt: skip
# What these do depends on what they do it to: losses that are trimmed are a rise.
OBJECT_VERBS: Final[Mapping[str, Mapping[str, str]]] = {
    **dict.fromkeys(
        "trim trims pare pares erase erases recoup recoups cut cuts efface effacent correct corrects".split(),
        _SHRINKING
    ),
    **dict.fromkeys(
        "extend extends add adds nurse nurses accentue accentuent prolonge prolongent poursuit".split(), _GROWING
    ),
}  # fmt: skip
# Moves that stand before their subject.
MOVE_NOUNS: Final[Mapping[str, str]] = {
    **dict.fromkeys("chute baisse recul plongeon".split(), "down"),
    **dict.fromkeys("hausse rebond envolee bond record".split(), "up"),
}
# A dollar that is none any more is an event, told over days.
STABLECOINS: Final = frozenset(
    f"coin:{one}"
    for one in """tether usd-coin dai terrausd true-usd binance-usd first-digital-usd paypal-usd frax
    ethena-usde""".split()
)
# What happens in a headline that tells of prices alone.
PRICE_EVENT_KINDS: Final = frozenset(["", "fall", "rise", "record", "rate", "warn"])
# Who and what moves all prices and is named beside them: ids, and beginnings of words.
MARKET_DRIVERS: Final = frozenset(
    """org:fed org:ecb org:nasdaq wall street nasdaq dow sp500 fomc cpi monday tuesda wednes thursd friday
    saturd sunday januar februa march april june july august septem octobe novemb decemb christ dollar
    nikkei asia asian uptobe bears bulls usd
    eur""".split()
)
# Where one of these stands, a headline tells what a price may do.
HEDGE_WORDS: Final = frozenset(
    """could may might can will would should target targets predict predicts prediction predictions predicted
    forecast forecasts outlook eye eyes eyeing risk risks risking analyst analysts analysis
    says say next hint hints reasons reason why how if warn warns expected expects likely potential survey
    signals signal pattern metric data pourrait pourraient peut peuvent vise visent prevision previsions
    prediction objectif cible analyste analystes analyse pourquoi raisons si vers bientot doit devrait
    devraient va vont""".split()
)
_ENDINGS: Final = frozenset(["", *"s d e es ed en ent ing ies ied y ning ping ped it issent ee er".split()])


@lru_cache(maxsize=16_384)
def verb_direction(word: str) -> str | None:
    """Return which way a verb moves a price; empty where that depends on what follows, None for other words."""
    if word in OBJECT_VERBS:
        return ""
    if word in VAGUE_VERBS:
        return VAGUE_VERBS[word]
    for direction, stems in (("up", _UP), ("down", _DOWN), ("flat", _FLAT)):
        if any(_has_stem(word, stem) for stem in stems):
            return direction
    return None


def _has_stem(word: str, stem: str) -> bool:
    # Short stems are words of their own but for their endings: «gains» is one of «gain», «risk» none of «ris».
    if not word.startswith(stem):
        return False
    return word[len(stem) :] in _ENDINGS
