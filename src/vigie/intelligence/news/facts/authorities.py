"""Which authority a copy says acts: another one than the release's is another name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from vigie.intelligence.news.facts.outcome import FactDifference, FactFindings
from vigie.intelligence.news.facts.statement import FactSentence
from vigie.intelligence.news.reading.languages import SMALL
from vigie.intelligence.news.reading.words import tokenize

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
    copy: Sequence[FactSentence], release: Sequence[FactSentence], allowed_names: Iterable[str]
) -> FactFindings:
    """Return where a copy names an authority that the release does not.

    Parameters
    ----------
    allowed_names : iterable of str
        What the publishers are called.
    """
    release_authorities = _named_authorities(release) | {
        _GROUPS[word] for text in allowed_names for word in tokenize(text).folded if word in _GROUPS
    }
    copy_authorities = _named_authorities(copy, is_short=True)
    opening_authorities = _named_authorities(copy[:_FIRST], is_short=True)
    unknown_authorities = sorted(
        copy_authorities
        - release_authorities
        - {_GROUPS[word] for word in _possible_acronyms(release) if word in _GROUPS}
    )
    if not unknown_authorities:
        return FactFindings()
    if (
        release_authorities
        and copy_authorities.isdisjoint(release_authorities)
        and unknown_authorities[0] in opening_authorities
    ):
        return FactFindings(
            (
                FactDifference(
                    "name",
                    unknown_authorities[0].upper(),
                    sorted(release_authorities)[0].upper(),
                    "authority",
                ),
            )
        )
    return FactFindings(unproven=tuple(authority.upper() for authority in unknown_authorities))


def _named_authorities(sentences: Sequence[FactSentence], *, is_short: bool = False) -> set[str]:
    return {
        _GROUPS[plain]
        for sentence in sentences
        for raw, plain in zip(sentence.tokens.raw, sentence.tokens.folded, strict=True)
        if plain in _GROUPS and (raw.isupper() or (plain == "fed" and raw[0].isupper()) or not is_short)
    }


def _possible_acronyms(sentences: Sequence[FactSentence]) -> set[str]:
    acronyms: set[str] = set()
    for sentence in sentences:
        letters = [word[0] for word in sentence.tokens.folded if len(word) > 2 and word not in _SMALL]
        acronyms |= {
            "".join(letters[at : at + size])
            for size in range(_SHORTEST, _LONGEST + 1)
            for at in range(len(letters) - size + 1)
        }
    return acronyms
