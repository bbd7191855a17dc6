"""What the venue's sentences say happened to an order."""

import pytest

from vigie.adapters.venues.hyperliquid.error_texts import VENUE_REFUSED, meaning_of


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        ("Price must be divisible by tick size. asset=4", "rejected"),
        ("Order must have minimum value of $10. asset=4", "rejected"),
        ("Insufficient margin to place order. asset=4", "rejected"),
        ("Reduce only order would increase position. asset=4", "rejected"),
        ("Order could not immediately match against any resting orders. asset=4", "rejected"),
        ("Invalid TP/SL price. asset=4", "rejected"),
        ("Order price cannot be more than 80% away from the reference price", "rejected"),
        ("Order was never placed, already canceled, or filled. asset=4", "absent"),
        ("User or API Wallet 0xb8a6f8b26223de27c31938d56e470a5b832703a5 does not exist.", "auth"),
        ("Must deposit before performing actions. User: 0x1", "auth"),
        (
            "Too many cumulative requests sent (37986 > 10436) for cumulative volume traded $437.92.",
            "throttled",
        ),
        ("Only post-only orders allowed immediately after a network upgrade.", "halted"),
        ("Invalid nonce: 12 is too low", "clock"),
        # Something was done under this nonce, perhaps this very request.
        ("Invalid nonce: duplicate nonce 1741107452532", "ambiguous"),
        ("Something new", "ambiguous"),
        ("", "ambiguous"),
    ],
)
def test_a_sentence_has_one_meaning(words, meaning):
    assert meaning_of(VENUE_REFUSED, words, 200) == meaning


@pytest.mark.parametrize(
    ("status", "meaning"),
    [(500, "ambiguous"), (502, "ambiguous"), (429, "throttled"), (403, "throttled"), (404, "ambiguous")],
)
def test_what_a_server_before_the_venue_says_is_no_refusal(status, meaning):
    assert meaning_of("", "Insufficient margin to place order.", status) == meaning


def test_a_body_that_the_venue_could_not_read_did_nothing():
    words = "Failed to deserialize the JSON body into the target type"
    assert meaning_of("", words, 422) == "rejected"
    assert meaning_of("", "a page", 422) == "ambiguous"
