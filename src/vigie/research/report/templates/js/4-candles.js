// The bars around one trade, with its levels.
const unpacked = new Map();

function barsOf(series) {
  if (!unpacked.has(series)) {
    const packed = data.bars[series], unit = 10 ** -packed.d;
    const gaps = new Map(packed.gap);
    const bars = [], place = new Map();
    let close = 0, at = 0;
    for (const [first, count, ts0] of packed.seg) {
      let ts = ts0;
      for (let k = 0; k < count; k++, at++) {
        if (k) ts += packed.span + (gaps.get(at) ?? 0);
        const open = close + packed.o[at];
        close += packed.c[at];
        const top = Math.max(open, close) + packed.h[at], bottom = Math.min(open, close) - packed.l[at];
        place.set(first + k, at);
        bars.push({ index: first + k, ts, o: open * unit, h: top * unit, l: bottom * unit, c: close * unit });
      }
    }
    unpacked.set(series, { bars, place, digits: packed.d });
  }
  return unpacked.get(series);
}

function excerpt(trade) {
  const { bars, place } = barsOf(data.slots[trade.slot].bars);
  const found = [];
  for (let index = trade.entry_bar - 31; index <= trade.exit_bar + 15; index++)
    if (place.has(index)) found.push(bars[place.get(index)]);
  return found;
}

function candles(trade, bars, write) {
  const n = bars.length, place = new Map(bars.map((bar, k) => [bar.index, k]));
  const levels = [["target", trade.target], ["entry", trade.entry], ["stop", trade.stop]].filter(([, price]) => price !== null);
  const prices = levels.map(([, price]) => price).concat(trade.exit);
  const low = Math.min(...bars.map((bar) => bar.l), ...prices), high = Math.max(...bars.map((bar) => bar.h), ...prices);
  const x = (k) => (k * BOX) / n;
  const y = (price) => ((high - price) / (high - low || 1)) * BOX;
  const from = place.get(trade.entry_bar), to = place.get(trade.exit_bar) + 1, decided = place.get(trade.entry_bar - 1);
  const shapes = [svg("rect", { class: "held", x: x(from), width: x(to) - x(from), y: 0, height: BOX })];
  if (decided !== undefined) shapes.push(svg("line", { class: "decided", x1: x(decided + 0.5), x2: x(decided + 0.5), y1: 0, y2: BOX }));
  bars.forEach((bar, k) => {
    const top = y(Math.max(bar.o, bar.c)), bottom = y(Math.min(bar.o, bar.c));
    shapes.push(
      svg("line", { class: "wick", x1: x(k + 0.5), x2: x(k + 0.5), y1: y(bar.h), y2: y(bar.l) }),
      svg("rect", { class: bar.c >= bar.o ? "rise" : "drop", x: x(k + 0.18), width: x(0.64), y: top, height: Math.max(bottom - top, 1) }),
    );
  });
  for (const [name, price] of levels)
    shapes.push(svg("line", { class: `level ${name}`, x1: x(decided ?? from), x2: x(Math.min(to + 3, n)), y1: y(price), y2: y(price) }));
  const share = (price) => TOP + (y(price) / BOX) * HEIGHT;
  const rows = valueTicks(low, high).map((price) => [share(price), plain(price)]);
  const columns = [0.02, 0.26, 0.5, 0.74, 0.98].map((at) => [100 * at, moment(bars[Math.min(n - 1, Math.round(at * (n - 1)))].ts).slice(n > 1 && bars[n - 1].ts - bars[0].ts > 300 * DAY ? 0 : 5, bars[1] && bars[1].ts - bars[0].ts >= DAY ? 10 : 16)]);
  const signs = [
    svg("text", { class: "tag mid", x: `${x(from + 0.5) / 10}%`, y: `${share(trade.entry)}%`, dy: trade.side > 0 ? 15 : -6 }, trade.side > 0 ? "▲" : "▼"),
    svg("text", { class: "tag mid", x: `${x(to - 0.5) / 10}%`, y: `${share(trade.exit)}%`, dy: 4 }, "✕"),
  ];
  const drawing = svg("svg", { class: "chart candles", role: "img", "aria-labelledby": "candles-t" },
    svg("title", { id: "candles-t" }, say("ui.bars_alt", {
      slot: data.slots[trade.slot].name, n: trade.n, side: say(`side.${trade.side > 0 ? "long" : "short"}`), entry: write(trade.entry),
      exit: write(trade.exit), stop: write(trade.stop), target: write(trade.target),
    })), grid(rows), plot(...shapes), marks(rows, columns, true), svg("g", { "aria-hidden": "true" }, ...signs, ...tags(levels, share, write)));
  return drawing;
}

// Names of the levels at the right edge, pushed apart where they would touch.
function tags(levels, share, write) {
  let last = -Infinity;
  return levels
    .map(([name, price]) => [share(price), `${say(`ui.${name}`)} ${write(price)}`])
    .sort((a, b) => a[0] - b[0])
    .map(([at, text]) => {
      last = Math.max(at, last + 5.5);
      return svg("text", { class: "tag end", x: "100%", y: `${last}%`, dy: -4 }, text);
    });
}
