"""What the letter about holdings says, in both languages; its lessons are words of the glossary."""

from __future__ import annotations

from typing import Final

from vigie.catalogue import NamedTexts

# Words that help who holds, one a letter; keys of the glossary.
LESSONS: Final = (
    "drawdown", "lots", "valuation", "share-limit", "time-weighted", "market-cap", "stretched", "days-to-sell",
    "stablecoin", "money-weighted", "depressed", "volume", "episode", "mvrv", "fear-and-greed", "rsi", "stale",
)  # fmt: skip
PARTS: Final = ("task", "held", "moved", "valuation", "comes", "lesson")

TEXTS: Final = NamedTexts("letter", {
        "title_week": "Your week, {first} to {last}",
        "title_month": "Your 30 days, {first} to {last}",
        "footer": "Information, not advice.",
        "task": "One thing to do",
        "held": "What you own",
        "moved": "What moved it",
        "valuation": "Stretched or depressed?",
        "comes": "What comes",
        "lesson": "One lesson",
        "nothing_held": "You own no coin that counts.",
        "worth": "Your coins are worth {worth} at the close of {day} (UTC).",
        "worth_unknown": "What your coins are worth is not known: none of them has a price of the last seven days.",
        "worth_known": "The coins with a price are worth {worth} at the close of {day} (UTC).",
        "gained": "Since the close of {day} they brought {money}, money put in and taken out aside.",
        "lost": "Since the close of {day} they lost {money}, money put in and taken out aside.",
        "change_unknown": "What they brought is not known: a price or an amount is missing.",
        "put_in": "You put in {money}.",
        "uncosted": "Lines without a cost, counted at the price of their day: {count}.",
        "taken_out": "You took out {money}.",
        "no_flow": "You put in no money and took none out.",
        "even_flow": "You put in as much money as you took out.",
        "flow_unknown": "How much money you put in is not known.",
        "coin": "{name}: {worth}, {share} of the worth",
        "coin_unpriced": "{name}: no price",
        "more_coins": "Other coins: {count}",
        "move": "{name}: {money}",
        "rest": "Trades beside the close, fees and income: {money}",
        "nothing_moved": "Nothing moved it.",
        "moves_unknown": "Not known: a price or an amount is missing.",
        "state": "{name}: {word} since {day}",
        "state_again": "{name}: {word} since {day}. Earlier episodes, 30 days apart: {count}",
        "stretched": "{word} (high against its own past)",
        "depressed": "{word} (low against its own past)",
        "state_unknown": "{name}: not known yet, the history of its price is too short",
        "state_sharp": "{name}: {word}. Before that move: {state} since {day}",
        "stablecoins": "No valuation: {names}. The price of a stablecoin is meant to stand.",
        "no_states": "You own no coin with a valuation.",
        "date": "{day}: {text}",
        "no_dates": "No date is known.",
        "word": "{word}: {meaning}",
        "do_resolve": "Choose which coin {name} means: several have that name, and the line counts nothing until then.",
        "do_gap": "{name}: more left than was there. Add what came before it.",
        "do_missing_cost": "{name}: add what it cost. Its gain is not known until then.",
        "do_no_price": "{name} has no price of the last seven days. Check that it is the right coin.",
        "do_share_coin": "{share} of the worth depends on {name}, your limit is {limit}. Read what that means, or "
            "change the limit.",
        "do_share_place": "{share} of the worth lies at {name}, your limit is {limit}. Read what that means, or "
            "change the limit.",
        "do_share_issuer": "{share} of the worth depends on {name} paying it back, your limit is {limit}. Read what "
            "that means, or change the limit.",
        "do_share_chain": "{share} of the worth lives on the chain {name}, your limit is {limit}. Read what that "
            "means, or change the limit.",
        "do_nothing": "Nothing to do.",
    })  # fmt: skip
