// Round marks for values and times, as the drawings in the page have them.
const DAY = 86400000;
const TOP = 6, HEIGHT = 82, BOX = 1000;

function valueTicks(low, high, count = 4) {
  if (!(high > low)) return [low];
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 2.5, 5, 10].find((m) => m * power >= raw * 0.8) ?? 10) * power;
  const ticks = [];
  for (let k = Math.ceil(low / step - 1e-9); k <= Math.floor(high / step + 1e-9); k++) ticks.push(k * step);
  return ticks;
}

function timeTicks(start, end, count = 6) {
  if (end <= start) return [[start, day(start)]];
  const months = (end - start) / (30.44 * DAY);
  if (months >= count / 2) return monthTicks(start, end, [1, 2, 3, 6, 12, 24, 60].find((m) => months / m <= count) ?? 120);
  const hours = [1, 3, 6, 12, 24, 48, 120, 240].find((h) => (end - start) / (h * 3600000) <= count) ?? 480;
  const span = hours * 3600000;
  const ticks = [];
  for (let ts = Math.ceil(start / span) * span; ts <= end; ts += span)
    ticks.push([ts, hours >= 24 ? day(ts).slice(5) : moment(ts).slice(5)]);
  return ticks;
}

function monthTicks(start, end, step) {
  const first = new Date(start);
  const ticks = [];
  let month = Math.ceil((first.getUTCFullYear() * 12 + first.getUTCMonth()) / step) * step;
  for (; ; month += step) {
    const ts = Date.UTC(Math.floor(month / 12), month % 12, 1);
    if (ts > end) return ticks;
    if (ts >= start) ticks.push([ts, step >= 12 ? day(ts).slice(0, 4) : day(ts).slice(0, 7)]);
  }
}

const grid = (rows) =>
  svg("g", { class: "grid", "aria-hidden": "true" },
    ...rows.map(([at]) => svg("line", { x1: 0, x2: "100%", y1: `${at}%`, y2: `${at}%` })));

// What the lines say, drawn after the curves so that it can be read.
const marks = (rows, columns, isDense = false) =>
  svg("g", { class: "marks", "aria-hidden": "true" },
    ...rows.map(([at, text]) => svg("text", { x: 0, y: `${at}%`, dy: -4 }, text)),
    ...columns.map(([at, text], k) =>
      svg("text", { x: `${at}%`, y: "100%", dy: -5, class: at < 4 ? "first" : at > 96 ? "last" : isDense && k % 2 ? "mid odd" : "mid" }, text)));

const plot = (...shapes) =>
  svg("svg", { class: "plot", x: 0, y: `${TOP}%`, width: "100%", height: `${HEIGHT}%`, viewBox: `0 0 ${BOX} ${BOX}`, preserveAspectRatio: "none", "aria-hidden": "true" }, ...shapes);
