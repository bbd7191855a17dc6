"""Seed phrases and private keys are refused, and the refusal repeats nothing; addresses and names pass."""

from __future__ import annotations

import pytest

from vigie.domain.errors import UsageError
from vigie.domain.pasted_secrets import refuse_secrets

WORDS = "legal winner thank year wave sausage worth useful legal winner thank yellow"
FRENCH = "abaisser abandon abdiquer abeille abolir aborder aboutir aboyer abrasif abreuver abriter abroger"
# Of Bitcoin's wiki (WIF), BIP32 (vector 1) and BIP38 (first test).
KEYS = (
    "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ",
    "KwdMAjGmerYanjeui5SHS7JkmpZvVipYvB2LJGU1ZxJwYvP98617",
    "0x0C28FCA386C7A227600B2FE50B7CAE11EC86D3BF1FBE471BE89827E19D72AA1D",
    "0c28fca386c7a227600b2fe50b7cae11ec86d3bf1fbe471be89827e19d72aa1d",
    "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi",
    "zprvAdG4iTXWBoARxkkzNpNh8r6Qag3irQB8PzEMkAFeTRXxHpbF9z4QgEvBRmfvqWvGp42t42nvgGpNgYSJA9iefm1yYNZKEm7z6qUWCroSQnE",
    "6PRVWUbkzzsbcVac2qwfssoUJAN1Xhrg6bNk8J7Nzm5H7kxEbn2Nh2ZoGg",
)


@pytest.mark.parametrize(
    "text",
    [WORDS, WORDS.upper(), WORDS.replace(" ", ", "), "\n".join(WORDS.split()), f"{WORDS} {WORDS}", FRENCH,
     " ".join(f"{at}. {word}" for at, word in enumerate(WORDS.split(), 1))],
)  # fmt: skip
def test_a_seed_phrase_is_refused_however_it_is_pasted(text):
    with pytest.raises(UsageError) as refused:
        refuse_secrets(["bitcoin", text])
    assert refused.value.args[0].code == "pasted_seed_phrase"
    assert not [word for word in ("sausage", "abeille") if word in str(refused.value)]


@pytest.mark.parametrize("text", KEYS)
def test_a_private_key_is_refused_alone_inside_a_text_and_mistyped(text):
    for typed in (text, f"my key: {text}.", text[:20] + ("2" if text[20] != "2" else "3") + text[21:]):
        with pytest.raises(UsageError) as refused:
            refuse_secrets([typed])
        assert refused.value.args[0].code == "pasted_private_key"
        assert text[:10] not in str(refused.value)


def test_addresses_public_keys_names_and_numbers_pass():
    refuse_secrets(
        [
            "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
            "xpub6BosfCnifzxcFwrSzQiqu2DBVTshkCXacvNsWGYJVVhhawA7d4R5WSWGFNbi8Aw6ZRc1brxMyWMzG3DSSSSoekkudhUd9yLb6qx39T9nMdj",
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "Ledger in the drawer of the desk",
            "0.123456789012345678",
            "Bank of the Twelve Very Long and Rather Old Towns, account 2",
            "",
        ]
    )
