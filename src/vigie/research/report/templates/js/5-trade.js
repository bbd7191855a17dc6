// One trade: its facts, its bars, and the criteria that let it in.
const entryTimes = summed(data.trades.entry_ts, 1000);

function tradeAt(k) {
  const columns = data.trades, trade = { n: k + 1, entry_ts: entryTimes[k], exit_ts: entryTimes[k] + columns.held_s[k] * 1000 };
  for (const name of Object.keys(columns)) if (!(name in trade) && name !== "held_s") trade[name] = columns[name][k];
  return trade;
}

const fact = (name, text, kind = "") => el("div", {}, el("dt", {}, name), el("dd", { class: kind }, text));

function facts(trade, write) {
  const slot = data.slots[trade.slot];
  return el("dl", { class: "facts" },
    fact(say("ui.net"), `${number(trade.pnl, 2, true)} (${number(trade.return_pct, 2, true)}${words.percent})`, direction(trade.pnl)),
    fact(say("ui.reason"), say(`reason.${data.reasons[trade.reason]}`)),
    fact(say("ui.entry"), `${write(trade.entry)} · ${moment(trade.entry_ts)}`),
    fact(say("ui.exit"), `${write(trade.exit)} · ${moment(trade.exit_ts)}`),
    fact(say("ui.stop"), write(trade.stop)),
    fact(say("ui.target"), write(trade.target)),
    fact(say("ui.quantity"), number(trade.qty, slot.lot)),
    fact(say("ui.held"), say("ui.bars", { n: number(trade.bars_held, 0) })),
    fact(say("ui.gross"), number(trade.gross, 2, true)),
    fact(say("ui.fees"), number(trade.fees)),
    fact(say("ui.funding"), number(trade.funding, 2, true)),
    fact(say("ui.slippage"), number(trade.slippage)),
    fact(say("ui.planned"), number(trade.planned_risk)),
    fact(say("ui.equity"), number(trade.decision_equity)),
    fact(say("ui.worst"), `${number(trade.mae_pct, 2, true)}${words.percent}`),
    fact(say("ui.best"), `${number(trade.mfe_pct, 2, true)}${words.percent}`),
  );
}

function criteriaTable(trade, decidedTs) {
  const criteria = data.slots[trade.slot][trade.side > 0 ? "long" : "short"];
  const rows = criteria.map(([name, required, weight, sense], k) => {
    const holds = (trade.holds >> k) & 1, value = trade.criteria[2 * k], limit = trade.criteria[2 * k + 1];
    const verdict = holds ? `✓ ${say("ui.yes")}` : value === null || limit === null ? say("ui.unknown") : `✗ ${say("ui.no")}`;
    return el("tr", { class: required ? "" : "optional" },
      el("th", { scope: "row" }, name, el("span", { class: "why" }, say(required ? "ui.required" : "ui.optional"))),
      el("td", {}, plain(value)),
      el("td", {}, limit === null ? "\u2013" : `${sense === "below" ? "<" : ">"} ${plain(limit)}`),
      el("td", {}, plain(weight)),
      el("td", { class: "w holds" }, verdict));
  });
  const heads = ["criterion", "value", "threshold", "weight"].map((name) => el("th", { scope: "col" }, say(`ui.${name}`)));
  const caption = say("ui.criteria", { when: moment(decidedTs) });
  return el("div", { class: "box", tabindex: "0", role: "region", "aria-label": caption },
    el("table", { class: "figures criteria" }, el("caption", {}, caption),
      el("thead", {}, el("tr", {}, ...heads, el("th", { scope: "col", class: "w" }, say("ui.holds")))),
      el("tbody", {}, ...rows)));
}

function barsTable(bars, write) {
  const heads = ["time", "open", "high", "low", "close_price"].map((name) => el("th", { scope: "col" }, say(`ui.${name}`)));
  const rows = () => bars.map((bar) => el("tr", {}, el("th", { scope: "row" }, moment(bar.ts)), ...[bar.o, bar.h, bar.l, bar.c].map((price) => el("td", {}, write(price)))));
  const body = el("tbody");
  return el("details", { ontoggle: () => body.childElementCount || body.append(...rows()) },
    el("summary", {}, say("ui.bars_table")),
    el("div", { class: "box", tabindex: "0", role: "region", "aria-label": say("ui.bars_table") },
      el("table", { class: "figures" }, el("caption", {}, say("ui.bars_table")), el("thead", {}, el("tr", {}, ...heads)), body)));
}

function tradeCard(k, { previous, next, close }) {
  const trade = tradeAt(k), slot = data.slots[trade.slot];
  const write = (price) => (price === null ? "–" : number(price, slot.digits));
  const bars = excerpt(trade);
  const has = bars.some((bar) => bar.index === trade.entry_bar) && bars.some((bar) => bar.index === trade.exit_bar);
  const decision = bars.find((bar) => bar.index === trade.entry_bar - 1);
  const decidedAt = decision ? decision.ts + data.bars[slot.bars].span : trade.entry_ts;
  const missing = trade.exit_bar + 15 - (trade.entry_bar - 31) + 1 - bars.length;
  const isCut = has && trade.exit_bar - trade.entry_bar > 200;
  const step = (text, action) => el("button", { type: "button", onclick: action, ...(action ? {} : { disabled: "" }) }, text);
  return [
    el("div", { class: "head" },
      el("h3", { tabindex: "-1", id: "trade-head" }, `${say("ui.trade", { n: trade.n })} · ${slot.name} · ${say(`side.${trade.side > 0 ? "long" : "short"}`)}`),
      el("div", { class: "bar-buttons" }, step(say("ui.previous"), previous), step(say("ui.next"), next), step(say("ui.close"), close))),
    has ? el("figure", { class: "chart-box" }, candles(trade, bars, write)) : el("p", {}, say("ui.absent")),
    has ? el("p", { class: "how" }, say("ui.drawn", { before: 30, after: 15 }) + (isCut ? ` ${say("ui.skipped", { n: number(missing, 0) })}.` : "")) : null,
    facts(trade, write),
    criteriaTable(trade, decidedAt),
    el("p", { class: "how" }, say("ui.score", { score: percent(trade.score, 0) })),
    has ? barsTable(bars, (price) => number(price, barsOf(slot.bars).digits)) : null,
  ].filter(Boolean);
}
