"""Which authority a copy says acts: another one than the release's is another name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from vigie.intelligence.news.facts.outcome import FactDifference, Findings
from vigie.intelligence.news.facts.statement import FactSentence
from vigie.intelligence.news.reading.languages import SMALL
from vigie.intelligence.news.reading.words import words

_SMALL: Final = SMALL["en"] | SMALL["fr"]

# One authority in a row, as each language shortens it.
_SAME: Final = tuple(
    """sec,cftc,doj,ofac,fincen,finra,fca,pra,boe,ecb bce,eba abe,esma aemf,amf,acpr,afa,tracfin,pnf,finma,mas,sfc,hkma,
    bafin,cssf,fsma,consob,cnmv,afm,dnb,asic,cbi,irs,fbi,occ,fdic,fed,cnil,dgccrf,cma,bis bri,iosco,fatf gafi,eppo,osc,
    sfo""".split(",")
)
_GROUPS: Final = {name: names.split()[0] for names in _SAME for name in names.split()}
# Who acts is named in the title or in the first sentence; who is named later may be part of the context.
_FIRST: Final = 2
_SHORTEST, _LONGEST = 3, 5


def authority_findings(
    copy: Sequence[FactSentence], release: Sequence[FactSentence], told: Iterable[str]
) -> Findings:
    """Return where a copy names an authority that the release does not.

    Parameters
    ----------
    told : iterable of str
        What the publishers are called.
    """
    held = _named(release) | {
        _GROUPS[word] for text in told for word in words(text).folded if word in _GROUPS
    }
    ours = _named(copy, is_short=True)
    first = _named(copy[:_FIRST], is_short=True)
    others = sorted(ours - held - {_GROUPS[word] for word in _initials(release) if word in _GROUPS})
    if not others:
        return Findings()
    if held and ours.isdisjoint(held) and others[0] in first:
        return Findings((FactDifference("name", others[0].upper(), sorted(held)[0].upper(), "authority"),))
    return Findings(unproven=tuple(one.upper() for one in others))


def _named(sentences: Sequence[FactSentence], *, is_short: bool = False) -> set[str]:
    return {
        _GROUPS[plain]
        for sentence in sentences
        for raw, plain in zip(sentence.found.raw, sentence.found.folded, strict=True)
        if plain in _GROUPS and (raw.isupper() or (plain == "fed" and raw[0].isupper()) or not is_short)
    }


def _initials(sentences: Sequence[FactSentence]) -> set[str]:
    found: set[str] = set()
    for sentence in sentences:
        letters = [word[0] for word in sentence.found.folded if len(word) > 2 and word not in _SMALL]
        found |= {
            "".join(letters[at : at + size])
            for size in range(_SHORTEST, _LONGEST + 1)
            for at in range(len(letters) - size + 1)
        }
    return found
