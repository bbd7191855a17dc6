"""A seed phrase or a private key in a field of a line is refused in words that do not repeat it, and stays nowhere."""

from __future__ import annotations

import pytest

from tests.unit.services.holdings.material import ask, holding_house
from vigie.domain.errors import UsageError

WORDS = "legal winner thank year wave sausage worth useful legal winner thank yellow"
KEY = "0c28fca386c7a227600b2fe50b7cae11ec86d3bf1fbe471be89827e19d72aa1d"
LINE = {"coin": "bitcoin", "quantity": "0.5", "place": "Ledger"}


def test_a_secret_in_any_field_is_refused_and_nothing_of_it_stays(tmp_path, caplog):
    built = holding_house(tmp_path / "home")
    ask(built, "add", **LINE)
    for field in ("coin", "quantity", "amount", "fee", "fee_coin", "to_coin", "to_quantity"):
        for secret, code in ((WORDS, "pasted_seed_phrase"), (KEY, "pasted_private_key")):
            with pytest.raises(UsageError) as refused:
                ask(built, "add", **{**LINE, field: secret})
            assert refused.value.args[0].code == code
    # Where a field is shorter than a phrase, its length is refused: that sentence repeats nothing either.
    with pytest.raises(UsageError) as refused:
        ask(built, "add", **{**LINE, "place": KEY})
    assert KEY[:8] not in str(refused.value)
    kept = [path.read_bytes() for path in (tmp_path / "home").rglob("*") if path.is_file()]
    assert any(b"Ledger" in content for content in kept), "the line that was kept is found"
    assert not [content for content in kept if KEY[:8].encode() in content or b"sausage" in content]
    assert KEY[:8] not in caplog.text
    assert "sausage" not in caplog.text
