"""What figures, codes and shares of holdings say, a plain sentence each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vigie.domain.time import parse_time
from vigie.services.holdings.holding_rows import (
    HoldingPositionRow,
    HoldingReturn,
    HoldingShare,
    HoldingWorthResult,
    ShareKind,
)
from vigie.views.web.pages.portfolio.event_words import event_values
from vigie.views.web.pages.portfolio.gain_words import adding_up, is_rounded, shown_gain
from vigie.views.web.request_context import RequestContext

# From this share on a sentence says how much depends on one thing.
LARGE: Final = 0.5
_YEAR_DAYS: Final = 365
_CENT: Final = 0.005


@dataclass(frozen=True, slots=True)
class PortfolioWords:
    """Says the figures of a person's holdings.

    Attributes
    ----------
    context : RequestContext
    told : HoldingWorthResult
        Worth, returns and shares.
    positions : sequence of HoldingPositionRow
        The coins.
    """

    context: RequestContext
    told: HoldingWorthResult
    positions: Sequence[HoldingPositionRow]

    def money(self, amount: float | None) -> str:
        """Return an amount with its currency."""
        return self.context.lang.unit(amount, self.told.currency, is_amount=True)

    def day(self, text: str) -> str:
        """Return a day as the reader writes it."""
        return self.context.lang.day(parse_time(text))

    def headline(self) -> str:
        """Return what all of it is worth."""
        if self.told.worth is None:
            return self.context.text("What your coins are worth is not known: none of them has a price.")
        return self.context.text("Your coins are worth %(worth)s") % {"worth": self.money(self.told.worth)}

    def put_in(self) -> str:
        """Return what was put in, and what came of it."""
        told, text = self.told, self.context.text
        if told.put_in is None:
            return text("What you put in is not known: a coin has no price on the day it came.")
        put_in, gain = self.money(told.put_in), shown_gain(told)
        if told.is_assumed:
            put_in = text("%(amount)s (partly assumed)") % {"amount": put_in}
        values = {"put_in": put_in, "gain": self.money(abs(gain or 0.0))}
        if gain is None:
            return text("You put in %(put_in)s; the gain is not known while a coin has no price.") % values
        if abs(gain) < _CENT and told.is_assumed:
            return text("That is what you put in, partly assumed.")
        if abs(gain) < _CENT:
            return text("That is what you put in, to the cent.")
        if gain < 0:
            return text("That is %(gain)s less than the %(put_in)s that you put in.") % values
        return text("That is %(gain)s more than the %(put_in)s that you put in.") % values

    def realised(self) -> str:
        """Return what sales brought where the gain is not known; else it stands among what the gain is made of."""
        if self.told.parts is not None or not self.told.realised:
            return ""
        return self.context.text("Realised so far, where the cost is known: %(money)s.") % {
            "money": self.money(self.told.realised)
        }

    def by_time(self) -> str:
        """Return the time-weighted return, or why there is none."""
        found, text = self.told.time_weighted, self.context.text
        if found is None:
            return ""
        if found.code == "return_without_capital":
            return text(
                "Time-weighted return: %(value)s; money came out on a day on which nothing was invested, and that day "
                "counts as no change."
            ) % {"value": self._percent(found.value)}
        if found.value is None:
            return text("Time-weighted return: not known, because a coin has no price on %(day)s.") % {
                "day": self.day(found.day or self.told.day)
            }
        values = {"value": self._percent(found.value), "annual": self._percent(found.annual)}
        if found.annual is None:
            return (
                text("Time-weighted return: %(value)s since the first day, whatever came in and out when.")
                % values
            )
        return (
            text(
                "Time-weighted return: %(value)s since the first day, %(annual)s a year, whatever came in and out when."
            )
            % values
        )

    def by_money(self) -> str:
        """Return the money-weighted return, or why there is none."""
        found, text = self.told.money_weighted, self.context.text
        if found is None:
            return ""
        if found.code is not None:
            return self._no_rate(found)
        if self._days() < _YEAR_DAYS:
            return text("Money-weighted return: %(value)s, counting when you put money in.") % {
                "value": self._percent(found.value)
            }
        return text("Money-weighted return: %(value)s a year, counting when you put money in.") % {
            "value": self._percent(found.annual)
        }

    def _no_rate(self, found: HoldingReturn) -> str:
        text = self.context.text
        if found.code == "several_roots":
            rates = ", ".join(self._percent(rate) for rate in found.rates)
            return text(
                "Money-weighted return: several rates fit (%(rates)s), so none is right; read the time-weighted one."
            ) % {"rates": rates}
        return {
            "no_root": text("Money-weighted return: no rate fits what came in and out."),
            "too_short": text("Money-weighted return: from tomorrow on; all money came in today."),
        }.get(found.code or "") or text(
            "Money-weighted return: not known, because a coin has no price on %(day)s."
        ) % {"day": self.day(found.day or self.told.day)}

    def _days(self) -> int:
        first, last = parse_time(self.told.first_day or self.told.day), parse_time(self.told.day)
        return (last - first) // 86_400_000

    def _percent(self, value: float | None) -> str:
        return self.context.lang.percent(value, 1, signed=True)

    def in_bitcoin(self) -> str:
        """Return what the same money would be worth in Bitcoin."""
        told, text = self.told, self.context.text
        if told.in_bitcoin is None:
            return text(
                "The same money in Bitcoin: not known, or more came out than it would have been worth."
            )
        return text("The same money, all in Bitcoin on the same days, would be worth %(worth)s.") % {
            "worth": self.money(told.in_bitcoin)
        }

    def never_bought(self) -> str:
        """Return what would be left of the money without any coin."""
        if self.told.put_in is None:
            return ""
        return self.context.text("Had you never bought, you would have %(money)s.") % {
            "money": self.money(self.told.put_in)
        }

    def concentration(self) -> list[str]:
        """Return how much depends on one coin, place, issuer or chain."""
        largest = {kind: self._largest(kind) for kind in ("coin", "place", "issuer", "chain")}
        found = []
        if (coin := largest["coin"]) is not None:
            values = self._share_values(coin) | {"half": self.context.lang.percent(coin.share / 2, 0)}
            sentence = (
                self.context.text(
                    "%(share)s is in %(name)s alone. If its price halves, all of it is worth %(half)s less."
                )
                if coin.share >= LARGE
                else self.context.text("The largest coin is %(name)s with %(share)s of the worth.")
            )
            found.append(sentence % values)
        for kind, sentence in (
            ("place", self.context.text("%(share)s lies at %(name)s.")),
            ("issuer", self.context.text("%(share)s is only worth something while %(name)s pays it back.")),
            ("chain", self.context.text("%(share)s lives on the chain %(name)s.")),
        ):
            one = largest[kind]
            if one is not None:
                found.append(sentence % self._share_values(one))
        if unknown := self._unknown_share("place"):
            found.append(self.context.text("For %(share)s no place is given.") % {"share": unknown})
        if unknown := self._unknown_share("chain"):
            found.append(
                self.context.text("For %(share)s the chain is not known, or there are several.")
                % {"share": unknown}
            )
        known = [row for row in self.positions if row.days_to_sell is not None]
        if known:
            slowest = max(known, key=lambda row: row.days_to_sell or 0.0)
            found.append(
                self.context.text(
                    "Selling takes longest for %(name)s: %(time)s, if you sell at most a tenth of what is "
                    "usually traded in a day."
                )
                % {"name": slowest.name, "time": self.days_to_sell(slowest.days_to_sell)}
            )
        return found

    def warnings(self) -> list[str]:
        """Return what is above the person's limit, a sentence each."""
        text = self.context.text
        sentences = {
            "coin": text("%(share)s of the worth depends on the coin %(name)s. Your limit is %(limit)s."),
            "place": text("%(share)s of the worth lies at %(name)s. Your limit is %(limit)s."),
            "issuer": text(
                "%(share)s of the worth depends on %(name)s paying it back. Your limit is %(limit)s."
            ),
            "chain": text("%(share)s of the worth lives on the chain %(name)s. Your limit is %(limit)s."),
        }
        limit = self.context.lang.percent(self.told.share_limit, 0)
        return [
            sentences[share.kind] % {**self._share_values(share), "limit": limit}
            for share in self.told.shares
            if share.is_above
        ]

    def _largest(self, kind: str) -> HoldingShare | None:
        return next((share for share in self.told.shares if share.kind == kind and share.name), None)

    def _share_values(self, one: HoldingShare) -> dict[str, str]:
        return {"share": self.context.lang.share(one.share, 0), "name": one.name}

    def _unknown_share(self, kind: ShareKind) -> str:
        unknown = sum(share.share for share in self.told.shares if share.kind == kind and not share.name)
        return self.context.lang.share(unknown, 0) if unknown else ""

    def days_to_sell(self, days: float | None) -> str:
        """Return how long it takes to sell a coin."""
        if days is None:
            return self.context.text("not known")
        if days < 1:
            return self.context.text("less than a day")
        return self._counted("%(num)s day", "%(num)s days", round(days))

    def _counted(self, one: str, many: str, count: int) -> str:
        lang = self.context.lang
        return lang.plural(one, many, count) % {"num": lang.number(count)}

    def missing(self) -> list[str]:
        """Return what is not known, and what follows from that."""
        told, text = self.told, self.context.text
        found = []
        if told.open_lines:
            found.append(
                self._counted(
                    "%(num)s line is not counted: several coins have its name, and none is chosen.",
                    "%(num)s lines are not counted: several coins have their name, and none is chosen.",
                    told.open_lines,
                )
            )
        if told.no_price:
            found.append(
                text(
                    "Left out, without a price of the last seven days: %(coins)s. What depends on it is not told."
                )
                % {"coins": ", ".join(told.no_price)}
            )
        elif told.days_without_price:
            found.append(
                self._counted(
                    "On %(num)s day a coin has no price; the chart has a hole there.",
                    "On %(num)s days a coin has no price; the chart has a hole there.",
                    told.days_without_price,
                )
            )
        count = len({note.entry for note in told.notes if note.code == "missing_cost"})
        if count:
            found.append(
                self._counted(
                    "%(num)s line has no cost. It is not counted as zero: it came in at the price of its day, and its "
                    "gain is not told.",
                    "%(num)s lines have no cost. They are not counted as zero: they came in at the price of their day, "
                    "and their gain is not told.",
                    count,
                )
            )
        return found

    def notes(self, codes: str) -> str:
        """Return what codes of the contract say of a line."""
        return ", ".join(dict.fromkeys(filter(None, map(self._note, codes.split()))))

    def _note(self, code: str) -> str:
        text = self.context.text
        return {
            "missing_cost": text("cost not known"),
            "flow_at_market": "",
            "gap": text("more sold than was there"),
            "future": text("in the future: not counted"),
            "lot_not_held": text("a named lot is not there"),
        }.get(code, code)


def template_functions(words: PortfolioWords) -> dict[str, object]:
    """Return what the page says: sentences, and functions for its cells."""
    return {
        "headline": words.headline(),
        "put_in": words.put_in(),
        "sentences": list(
            filter(
                None,
                (
                    words.realised(),
                    words.by_time(),
                    words.by_money(),
                    words.in_bitcoin(),
                    words.never_bought(),
                ),
            )
        ),
        "adding_up": adding_up(words.context, words.told, words.positions),
        "is_rounded": is_rounded(words.told, words.positions),
        "warnings": words.warnings(),
        "concentration": words.concentration(),
        "missing": words.missing(),
        "money": words.money,
        "day_of": words.day,
        "sell_word": words.days_to_sell,
        "note_word": words.notes,
        **event_values(words.context),
    }
