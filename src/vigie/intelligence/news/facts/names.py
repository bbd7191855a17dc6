"""Names as texts state them: words that capitals tell, without those of months, countries and authorities."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final, NamedTuple

from vigie.intelligence.news.facts.lexicon import meanings
from vigie.intelligence.news.reading.languages import SMALL
from vigie.intelligence.news.reading.words import Tokens, tokenize

_SMALL: Final = SMALL["en"] | SMALL["fr"]
_FRENCH: Final = SMALL["fr"] - SMALL["en"]
_SHORT: Final = 3
_LONG: Final = 4
# Words that sentences begin with, before names too.
_STARTERS: Final = frozenset(
    """neither nor both either former ex ancien ancienne no none two deux three trois four quatre many few several
    plusieurs certains certain autre other another since during although though because unlike like under while
    meanwhile however pendant tandis lorsque puisque outre malgre hors ainsi alors aussi enfin toutefois cependant
    together according depuis voici voila bien new nouveau nouvelle ensuite today aujourd hier""".split()
)
# After these a sentence begins, and with it a capital that says nothing.
_BEGINS: Final = frozenset(':.!?;«»“”"|–—(')
_JOINTS: Final = frozenset({" ", "-", "\u00a0", "'", "\u2019", " & "})
_SOUNDS: Final = (
    ("tch", "c"), ("sch", "s"), ("sh", "s"), ("ch", "s"), ("ph", "f"), ("w", "v"), ("dj", "j"), ("y", "i"), ("j", "i"),
    ("ou", "u"), ("oo", "u"), ("ck", "k"), ("kh", "k"), ("q", "k"), ("c", "k"), ("tz", "ts"), ("z", "s"),
)  # fmt: skip
_TWICE: Final = re.compile(r"(.)\1")
_ENDINGS: Final = re.compile(r"(?:iens?|iennes?|ians?|iques?|ics?|ies|ie|ia|y|nes?|es|e|s|a)$")
# Ways to call an authority, a place or a day that any outlet adds: none of them makes another event.
_NEUTRAL: Final = frozenset(
    """outre manche rhin atlantique tamise leman alpes pyrenees
    monday tuesday wednesday thursday friday saturday sunday lundi mardi mercredi jeudi vendredi samedi
    dimanche january february march april may june july august september october november december
    janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre securities
    exchange commission futures trading commodity financial conduct authority autorite marches
    financiers prudential supervision european central bank banque banks france europe europeenne
    europeen board federal reserve department treasury tresor justice office foreign assets control
    court cour tribunal supreme district monetary regulatory regulator regulation regulators supervisory
    surveillance prudentiel controle parliament parlement senate senat congress congres government
    gouvernement ministry ministere minister ministre states united kingdom union eurosysteme eurosystem
    american americain americaine americans us usa uk eu ue british britain britannique english england
    anglais french francais francaise german germany allemagne allemand allemande deutsche swiss suisse
    switzerland geneva geneve zurich bern berne italian italy italie italien spanish spain espagne
    espagnol dutch netherlands pays bas belgian belgium belgique belge luxembourg luxembourgeois irish
    ireland irlande portugal portuguese austria autriche finland finlande finlandaise finnish sweden
    suede swedish norway norvege denmark danemark danish poland pologne malta malte cyprus chypre
    estonia estonie lithuania lituanie latvia lettonie greece grece hungary hongrie singapore singapour
    hong kong china chine chinese chinois japan japon japanese korea coree korean india inde indian
    australia australie australian canada canadian canadien quebec ontario brazil bresil mexico mexique
    russia russie russian russe ukraine iran iranian iranien israel dubai emirates emirats uae london
    londres paris brussels bruxelles frankfurt francfort washington new york wall street city bercy
    madrid rome dublin amsterdam vienna vienne oslo stockholm copenhagen helsinki lisbon lisbonne tokyo
    seoul sydney ottawa toronto montreal delaware manhattan texas florida california californie nevada
    lausanne lugano strasbourg fed sec cftc doj ofac fbi irs fincen occ finra fca pra boe ecb bce eba
    abe esma aemf amf acpr afa tracfin pnf finma mas sfc hkma bafin cssf fsma consob cnmv afm dnb osc
    asic cbi cnil dgccrf adlc cma iosco fsb bri bis fatf gafi cjip emir mica dora cfd cfds etf etfs ceo
    cfo coo pdg dg mr mrs ms miss dr mme mlle sir lord inc ltd llc lp plc corp corporation limited sa
    sas sarl ag gmbh nv bv spa ab abp oyj kg pte holdings holding group groupe company companies co
    president chairman chair director chief executive officer founder head commissioner governor
    gouverneur gouverneure presidente directeur directrice general generale prosecutor procureur judge
    juge attorney secretary chf eur usd gbp hkd sgd cad aud jpy btc eth usdt usdc cet1 tier kyc aml lcb
    ft ico dao defi nft esg ipo conseil council governing gouverneurs committee comite college collegial
    chamber chambre secretariat agency agence agences bureau state etat etats assembly assemblee
    association federation institute institut service services administrative administratif public
    publique national nationale finance finances financier bitcoin bitcoins ether ethers ethereum crypto
    cryptos blockchain internet covid christmas noel north south east west northern southern eastern
    western nord sud est ouest grand duche duchy republic republique appeals appel
    act law loi code bill directive statute decree decret article section chapter regime scheme
    acting deputy vice interim justice superintendent spokesman spokeswoman spokesperson prof professor maitre
    chile chili chilean chilien peru perou peruvian peruvien argentina argentine colombia colombie ecuador
    equateur bolivia bolivie paraguay uruguay venezuela panama cuba haiti jamaica jamaique bahamas bermuda bermudes
    cayman caimans barbados barbade thailand thailande thai thailandais malaysia malaisie malaysian indonesia
    indonesie indonesian vietnam vietnamien philippines cambodia cambodge laos myanmar birmanie taiwan taiwanese
    macau macao mongolia mongolie pakistan bangladesh nepal sri lanka maldives kazakhstan uzbekistan ouzbekistan
    turkmenistan kyrgyzstan kirghizistan tajikistan tadjikistan georgia georgie armenia armenie azerbaijan
    azerbaidjan turkey turquie turkish turc turque cyprus lebanon liban syria syrie jordan jordanie iraq irak
    saudi arabia arabie saoudite qatar kuwait koweit bahrain bahrein oman yemen egypt egypte libya libye tunisia
    tunisie algeria algerie morocco maroc moroccan marocain mauritania mauritanie senegal mali niger nigeria
    nigerian ghana ivory coast cote ivoire cameroon cameroun gabon congo kenya tanzania tanzanie uganda ouganda
    rwanda ethiopia ethiopie somalia somalie sudan soudan angola zambia zambie zimbabwe botswana namibia namibie
    mozambique madagascar mauritius maurice seychelles africa afrique african africain africaine asia asie asian
    america amerique latin oceania oceanie zealand zelande neozelandais iceland islande liechtenstein monaco
    andorra andorre gibraltar jersey guernsey guernesey isle man montenegro serbia serbie croatia croatie
    slovenia slovenie slovene slovakia slovaquie slovak czech tcheque czechia bosnia bosnie albania albanie
    macedonia macedoine kosovo bulgaria bulgarie bulgarian romania roumanie romanian moldova moldavie belarus
    bielorussie ukrainian ukrainien latvian letton lithuanian lituanien estonian estonien polish polonais
    austrian autrichien hungarian hongrois greek grec irlandais ecossais scotland ecosse scottish wales galles
    welsh swede suedois norwegian norvegien danish danois finnois belge hollande hollandais mexican mexicain
    brazilian bresilien argentinian colombian adriatic adriatique atlantic atlantique pacific pacifique baltic
    baltique alps alpes mediterranean mediterranee gulf golfe
    correction update brief bref announced announces announce annonce according statement communique""".split()
)


class StatedName(NamedTuple):
    """Words in a row that are a name.

    Attributes
    ----------
    words : tuple of str
        As compared, without those that stand for nobody in particular.
    """

    words: tuple[str, ...]
    text: str
    start: int
    end: int


def find_names(text: str, *, is_title: bool = False) -> list[StatedName]:
    """Return the names of a text in order; of a headline in capitals each word that may be of one."""
    tokens = tokenize(text)
    do_capitals_mark = not is_title or do_capitals_mark_names(tokens)
    names: list[StatedName] = []
    capitalised: list[int] = []
    for at, raw in enumerate(tokens.raw):
        is_word = (tokens.folded[at] in _SMALL and not _is_initial(tokens, at)) or (
            tokens.folded[at] in _STARTERS and _is_clause_start(tokens, at)
        )
        is_capital = raw[0].isupper() and not is_word
        if capitalised and not (is_capital and _is_joined(tokens, at)):
            names += _names_of_run(tokens, capitalised, do_capitals_mark=do_capitals_mark)
            capitalised = []
        if is_capital:
            capitalised.append(at)
    return [*names, *_names_of_run(tokens, capitalised, do_capitals_mark=do_capitals_mark)]


def _is_initial(tokens: Tokens, index: int) -> bool:
    # «Ada J. Quill»: no French «j».
    return (
        len(tokens.raw[index]) == 1
        and index > 0
        and tokens.text[tokens.ends[index] : tokens.ends[index] + 2] == ". "
    )


def _names_of_run(tokens: Tokens, run: Sequence[int], *, do_capitals_mark: bool) -> list[StatedName]:
    is_first = len(run) == 1 and _is_clause_start(tokens, run[0]) and not tokens.raw[run[0]].isupper()
    if is_first and meanings(tokens.folded[run[0]]):
        # A capital that a sentence begins with says nothing of a word that is in the lexicon.
        return []
    name_indexes = [
        at
        for at in run
        if len(tokens.raw[at]) >= _SHORT
        and tokens.folded[at] not in _NEUTRAL
        and (do_capitals_mark or not meanings(tokens.folded[at]))
    ]
    if not do_capitals_mark:
        return [_build_name(tokens, [at], [at]) for at in name_indexes if len(tokens.raw[at]) > _LONG]
    if not name_indexes:
        return []
    return [_build_name(tokens, run, name_indexes)]


def _build_name(tokens: Tokens, run: Sequence[int], name_indexes: Sequence[int]) -> StatedName:
    start, end = tokens.starts[run[0]], tokens.ends[run[-1]]
    return StatedName(tuple(tokens.folded[at] for at in name_indexes), tokens.text[start:end], start, end)


def begins_sentence(text: str, name: StatedName) -> bool:
    """Tell whether a name of one word stands where any word has a capital."""
    before = text[: name.start].rstrip(" \u00a0\u202f")
    return len(name.words) == 1 and (not before or before[-1] in _BEGINS)


def _is_joined(tokens: Tokens, index: int) -> bool:
    between = tokens.text[tokens.ends[index - 1] : tokens.starts[index]]
    return between in _JOINTS or (between == ". " and len(tokens.raw[index - 1]) == 1)


def _is_clause_start(tokens: Tokens, index: int) -> bool:
    return not index or not _BEGINS.isdisjoint(tokens.text[tokens.ends[index - 1] : tokens.starts[index]])


def do_capitals_mark_names(tokens: Tokens) -> bool:
    """Tell whether capitals tell names in a headline: a third of its long words have none."""
    long = [
        raw
        for raw, plain in zip(tokens.raw, tokens.folded, strict=True)
        if len(raw) >= _LONG and plain not in _SMALL
    ]
    lower = sum(raw[0].islower() for raw in long)
    # French headlines give no capital to plain words.
    is_french = not _FRENCH.isdisjoint(tokens.folded)
    return lower * 3 >= len(long) or (is_french and lower > 0)


def is_neutral(word: str) -> bool:
    """Tell whether a folded word stands for an authority, a place, a day or a rank."""
    return word in _NEUTRAL


def is_known(word: str, known_words: Iterable[str]) -> bool:
    """Tell whether a folded word of a name is among others, in another form of itself too."""
    root = _root(word)
    return any(
        word == known_word
        or (len(root) >= _LONG and root == _root(known_word))
        or (
            len(word) >= 5
            and len(known_word) >= 5
            and (word.startswith(known_word) or known_word.startswith(word))
        )
        for known_word in known_words
    )


@lru_cache(maxsize=16_384)
def _root(word: str) -> str:
    # Both languages write many places alike but for the ending: «Lisbonne» and «Lisbon» are one.
    return _ENDINGS.sub("", word)


@lru_cache(maxsize=16_384)
def phonetic_form(word: str) -> str:
    """Return how a folded word sounds, as both languages write names from other alphabets: «Voloshin», «Volochine»."""
    for letters, sound_letters in _SOUNDS:
        word = word.replace(letters, sound_letters)
    return _TWICE.sub(r"\1", word).rstrip("e")


def spelling_similarity(word: str, other: str) -> float:
    """Return how alike two folded words are written, from 0 to 1."""
    ratio = SequenceMatcher(None, word, other, autojunk=False).ratio()
    is_begun_alike = word[:_LONG] == other[:_LONG] and len(word) > _LONG < len(other)
    return max(ratio, 0.75) if is_begun_alike else ratio
