"""A seed phrase is found in each language of BIP39 whatever stands around it; notes of people are left alone."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.domain.pasted_secrets import is_seed_phrase, refuse_secrets

# Of each list of BIP39 the first word, the last one, the shortest, the longest, and eight others.
LISTS = {
    "english": "abandon zoo act universe arrive code eternal host model pyramid sort useless",
    "french": "abaisser zoologie achat zoologie amusant cerise écraser fruit ligoter otarie révulsif tricoter",
    "spanish": "ábaco zurdo año vitamina ancho causa enorme horno miembro peligro rutina truco",
    "italian": "abaco zuppa acre virulento andrea ciuffo famiglia lacca offerta rasatura sigla ultimato",
    "portuguese": "abacate zumbido alvo zoologia alicate caixote diluente frustrar legendar oposto repolho travar",
    "czech": "abdikace zvyk akce zvukovod bradavka frakce kolaps moucha otop ratolest tajga vzdor",
    "japanese": "あいこくしん われる あいだ ゆうびんきょく いったん かゆい ごうまん すいようび たれる ならぶ ひりつ "
    "やっと",
    "korean": "가격 힘껏 가격 후춧가루 경험 단편 버튼 소풍 역시 입학 착각 한꺼번에",
    "chinese_simplified": "的 歇 的 歇 去 传 财 概 监 勤 胁 拆",
    "chinese_traditional": "的 歇 的 歇 去 傳 財 概 監 勤 脅 拆",
}
PHRASES = [words.split() for words in LISTS.values()]
# Of the test vectors of BIP39: no entropy, all of it, and two between.
VECTORS = (
    "abandon " * 11 + "about",
    "zoo " * 11 + "wrong",
    "legal winner thank year wave sausage worth useful legal winner thank yellow",
    "letter advice cage absurd amount doctor acoustic avoid letter advice cage above",
    "abandon " * 23 + "art",
    "zoo " * 23 + "vote",
    "jelly better achieve collect unaware mountain thought cargo oxygen act hood bridge",
)
JOINTS = (" ", ", ", ",", "\n", "\r\n", "\t", "\u3000", "-", "/", " | ", ". ", '" "', "; ", " \u00b7 ", "_")
AROUND = (
    "{}", 'Seed: "{}"', "({})", "<{}>", "[{}], keep it safe", "seed={}", "Ledger {}!", "\u00ab\u00a0{}\u00a0\u00bb",
    "my 24 words: {}.",
    "It is on the card with all our words of 2017. {}",
)  # fmt: skip
NOTES = (
    "Bought with money from last year when price fell under thirty thousand euros on Kraken",
    "Ledger in the drawer of the desk, second key with my sister in Lyon since March",
    "Sold half to pay for the roof, the rest stays until the children are grown up",
    "Moved everything off the exchange after the news about withdrawals being stopped for days",
    "This wallet holds coins that were given to me when our daughter was born in spring",
    "Staking rewards arrive every Tuesday evening, sometimes also Friday when nodes restart late",
    "Gift from Uncle Peter, given at Christmas, kept cold ever since, never touched or moved",
    "Swapped some ether into bitcoin because fees were low that night and spreads small",
    "Account shared with Anna; she pays half, I pay half, both sign every withdrawal together",
    "Old phone wallet, restored once, works fine, should move these coins somewhere safer soon",
    "Savings plan buys every Monday morning, fifty euros each time, never sold anything so far",
    "Acheté avec la prime de fin d'année, gardé sur la clé bleue dans le tiroir du bureau",
    "Vendu la moitié pour payer les travaux de la maison, le reste attend encore un peu",
    "Compte ouvert chez Bitstamp en 2017, fermé depuis, tous les bitcoins sont partis vers Ledger",
    "Reçu de mon oncle pour mon mariage, jamais vendu, jamais déplacé depuis ce jour",
    "Frais trop élevés sur cette plateforme, penser à tout transférer avant la fin du mois",
    "Portefeuille commun avec Claire : chacun possède la moitié, voir le contrat signé chez le notaire",
    "Les récompenses arrivent chaque mardi soir, parfois aussi le vendredi quand le réseau est lent",
    "Ancien téléphone, portefeuille restauré une fois, fonctionne bien, à déplacer vers un endroit plus sûr",
    "Plan d'épargne qui achète tous les lundis matin pour cinquante euros, rien vendu pour l'instant",
    "Demander au comptable si ces échanges comptent comme cessions dans le formulaire de cette année",
    "Clé de secours rangée dans le coffre de la banque, près de la gare, seconde clé chez ma sœur",
    "Échangé quelques ethers contre des bitcoins parce que les frais étaient faibles cette nuit",
    "Cadeau de Noël de Pierre, gardé au froid depuis, ne pas toucher avant la retraite",
    "Compte perdu puis retrouvé : le support avait répondu deux fois, tout est revenu en trois semaines",
    "Minage payé chaque jour par le pool, puis chaque semaine vers le stockage froid, petites sommes seulement",
)
# Written without one little word, as telegrams are: refused though they are none.
TELEGRAMS = (
    "Please check whether this platform reports sales under DAC8 before filing next spring",
    "Lost access after phone broke, support answered twice, coins came back within three weeks",
    "Hardware wallet number two, blue case, locked away inside bank vault near main station",
    "Mining income paid daily into pool, then weekly into cold storage, small amounts only",
)


@pytest.mark.parametrize("phrase", VECTORS)
@pytest.mark.parametrize("around", AROUND)
def test_vectors_are_found_whatever_stands_around_them(phrase, around):
    assert is_seed_phrase(around.format(phrase))


@given(
    words=st.sampled_from(PHRASES).flatmap(
        lambda listed: st.sampled_from([12, 15, 18, 21, 24]).flatmap(
            lambda count: st.lists(st.sampled_from(listed), min_size=count, max_size=count)
        )
    ),
    joint=st.sampled_from(JOINTS),
    around=st.sampled_from(AROUND),
    form=st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]),
    case=st.sampled_from([str, str.upper, str.title]),
    is_counted=st.booleans(),
)
def test_a_phrase_of_any_list_is_found_in_any_dress(words, joint, around, form, case, is_counted):
    told = [f"{at}. {word}" if is_counted else word for at, word in enumerate(words, 1)]
    assert is_seed_phrase(unicodedata.normalize(form, around.format(case(joint.join(told)))))


def test_ordinary_notes_pass():
    assert [note for note in NOTES if is_seed_phrase(note)] == []
    refuse_secrets(
        ["Kraken; Binance; Bitstamp; Ledger; Trezor", "abandon " * 11, "2024-01-10 buy BTC 1 at 100 EUR"]
    )


def test_what_is_refused_wrongly_is_known():
    assert [note for note in TELEGRAMS if not is_seed_phrase(note)] == []
