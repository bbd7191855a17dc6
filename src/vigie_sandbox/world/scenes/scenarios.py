"""Every scene, an entry each: those of prices and venues come by themselves, the others when they are asked for."""

from __future__ import annotations

from typing import Final

from vigie_sandbox.world.scenes.scenario import Publication, Scenario, ScenarioPhase

# Enough to hold a stablecoin down against the redemption that pulls it back.
_PEG_PRESSURE: Final = 0.03 * 0.008

# What comes again and again, in this order.
_PLANNED: Final = (
    Scenario(
        "squeeze",
        "Short squeeze in Solana",
        "Buyers in a hurry: a fifth more in an hour and a half, then half of it back.",
        (ScenarioPhase(20, 0.02, 1.5), ScenarioPhase(70, 0.17, 2.6), ScenarioPhase(60, -0.08, 1.8)),
        ("SOL",),
    ),
    Scenario(
        "flash-crash",
        "Flash crash of the whole market",
        "A fall of minutes in every coin, most of which comes back within the hour.",
        (ScenarioPhase(4, -0.13, 5.0), ScenarioPhase(8, 0.05, 3.5), ScenarioPhase(50, 0.05, 2.0)),
    ),
    Scenario(
        "stablecoin",
        "USD Coin at 0.97",
        "The peg slips for some hours; the rest of the market is nervous.",
        (
            ScenarioPhase(40, -0.03 - 40 * _PEG_PRESSURE, 4.0),
            ScenarioPhase(150, -150 * _PEG_PRESSURE, 4.0),
        ),
        ("USDC",),
    ),
    Scenario(
        "venue-outage",
        "Binance is out",
        "No answers and no stream for three quarters of an hour; prices elsewhere go on.",
        (ScenarioPhase(45),),
        venue="binance",
    ),
)
_ASKED_FOR: Final = (
    Scenario(
        "release",
        "A regulator's release about Bitcoin",
        "The regulator publishes; outlets follow. No price is moved.",
        (ScenarioPhase(60),),
        ("BTC",),
        publications=(Publication(0, "regulation.capital"),),
    ),
    Scenario(
        "false-story",
        "A false story, and its denial",
        "An aggregator reports a ban that nobody decided; the regulator denies it an hour and a quarter later.",
        (ScenarioPhase(120),),
        ("BTC",),
        publications=(Publication(0, "false.ban"), Publication(75, "false.ban_denied")),
    ),
    Scenario(
        "drift",
        "Bitcoin and Ether drift up, XRP down",
        "Half a per cent in sixteen hours, with little noise.",
        # So slowly that closes stay just within a band around the last day's prices.
        (ScenarioPhase(960, 0.0048, 0.5),),
        ("BTC", "ETH"),
        ("XRP",),
    ),
    Scenario(
        "surge",
        "XRP breaks out of a calm",
        "It jumps by two per cent within an hour, rests for four and rises on.",
        # The rest spans the close at which a plan enters and the one at which other coins break out; what follows
        # reaches targets of three average ranges.
        (
            ScenarioPhase(60, 0.02, 0.5), ScenarioPhase(240, 0.002, 0.3), ScenarioPhase(30, 0.03, 0.8),
            ScenarioPhase(30, 0.0, 0.6),
        ),
        ("XRP",),
    ),
    Scenario(
        "breakout",
        "Bitcoin breaks out, Ether the other way",
        "Within an hour Bitcoin rises by nearly one per cent and Ether falls as far; then both rest.",
        # What formed of a rise in Ether is void then; both leave the calm at the same close.
        (ScenarioPhase(58, 0.008, 1.0), ScenarioPhase(62, 0.0, 0.6)),
        ("BTC",),
        ("ETH",),
    ),
    Scenario(
        "rally",
        "A rally in XRP",
        "It creeps up for three hours, breaks out, rests and rises on.",
        # Closes come near the upper band before one crosses it. The rest spans another close, for whoever enters then;
        # the last phase reaches targets of three average ranges.
        (
            ScenarioPhase(60, 0.010, 0.3), ScenarioPhase(120, 0.003, 0.3), ScenarioPhase(60, 0.013, 0.5),
            ScenarioPhase(90, 0.001, 0.5), ScenarioPhase(60, 0.03, 0.8),
        ),
        ("XRP",),
    ),
    Scenario(
        "coin-crash",
        "Dogecoin and Avalanche climb and crash",
        "They climb by three per cent, rest, fall by a seventh within minutes and get a third of it back.",
        # As in the breakout of the whole market, an hour's bar closes between climb and fall.
        (
            ScenarioPhase(28, 0.035, 0.6), ScenarioPhase(27, 0.0, 0.5), ScenarioPhase(4, -0.16, 4.0),
            ScenarioPhase(30, 0.05, 2.0), ScenarioPhase(31, 0.0, 1.0),
        ),
        ("DOGE", "AVAX"),
    ),
    Scenario(
        "breakout-crash",
        "A breakout that ends in a crash",
        "The market climbs by two per cent, rests, falls by an eighth within minutes and gets half of it back.",
        # The hour's bar closes after the climb; who buys at its close is in the market when it falls.
        (
            ScenarioPhase(28, 0.019, 0.8), ScenarioPhase(27, 0.0, 0.6), ScenarioPhase(4, -0.13, 5.0),
            ScenarioPhase(15, 0.03, 3.0), ScenarioPhase(60, 0.04, 2.0),
        ),
    ),
)  # fmt: skip
PLANNED: Final = tuple(scenario.name for scenario in _PLANNED)
SCENARIOS: Final = {scenario.name: scenario for scenario in (*_PLANNED, *_ASKED_FOR)}
