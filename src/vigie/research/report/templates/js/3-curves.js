// Equity, buy and hold and drawdown: one cursor for all, and a curve of each slot.
const decoded = new Map();
let shown = null;

function curveOf(which) {
  if (!decoded.has(which)) {
    const packed = which < 0 ? data.total : data.slots[which].curve;
    const unit = 10 ** -packed.digits;
    decoded.set(which, {
      t: summed(packed.t, packed.unit), e: summed(packed.e, unit), h: summed(packed.h, unit), d: summed(packed.d, 1e-4),
      capital: packed.capital, years: packed.years, months: packed.months, sums: packed.sums,
    });
  }
  return decoded.get(which);
}

function drawLines(id, curve, lines, { low, high, count, write, area }) {
  const start = curve.t[0], end = curve.t[curve.t.length - 1];
  const x = (ts) => Math.round(((ts - start) / Math.max(end - start, 1)) * BOX);
  const y = (value) => Math.round((high > low ? (high - value) / (high - low) : 0.5) * BOX);
  const paths = lines.flatMap(([name, values]) => {
    const path = "M" + values.map((value, k) => `${x(curve.t[k])},${y(value)}`).join("L");
    return [
      name === area ? svg("path", { class: `${name} area`, d: `${path}V0H0Z` }) : null,
      svg("path", { class: name, d: path }),
    ].filter(Boolean);
  });
  const rows = valueTicks(low, high, count).map((value) => [TOP + (y(value) / BOX) * HEIGHT, write(value)]);
  const columns = timeTicks(start, end).map(([ts, text]) => [(100 * (ts - start)) / Math.max(end - start, 1), text]);
  const drawing = $(`${id}-svg`);
  drawing.querySelector(".grid").replaceWith(grid(rows));
  drawing.querySelector(".plot").replaceWith(plot(...paths));
  drawing.querySelector(".marks").replaceWith(marks(rows, columns));
}

function drawValues(id, curve, lines, count) {
  const all = lines.flatMap(([, values]) => values);
  const low = Math.min(...all), high = Math.max(...all), span = high - low;
  const digits = span >= 10 ? 0 : span > 0 ? Math.min(8, Math.max(0, 2 - Math.floor(Math.log10(span)))) : 2;
  drawLines(id, curve, lines, { low, high, count, write: (value) => number(value, digits) });
}

function showCurve(which) {
  const curve = curveOf(which);
  drawValues("equity", curve, [["capital", curve.t.map(() => curve.capital)], ["equity", curve.e]], 4);
  drawValues("versus", curve, [["hold", curve.h], ["equity", curve.e]], 3);
  const low = Math.min(...curve.d, -0.002);
  const write = (value) => percent(value, low < -0.03 ? 0 : 1);
  drawLines("drawdown", curve, [["drawdown", curve.d]], { low, high: 0, count: 3, write, area: "drawdown" });
  describe(curve);
  drawMonths(curve, which);
  attach(curve);
}

function describe(curve) {
  const last = curve.t.length - 1, deepest = Math.min(...curve.d);
  const texts = {
    equity: say("curve.equity.alt", {
      start: day(curve.t[0]), end: day(curve.t[last] - 1), first: number(curve.e[0]), last: number(curve.e[last]),
      low: number(Math.min(...curve.e)), high: number(Math.max(...curve.e)),
    }),
    versus: say("curve.versus.alt", {
      account: number(curve.e[last]), hold: number(curve.h[last]), low: number(Math.min(...curve.h)), high: number(Math.max(...curve.h)),
    }),
    drawdown: say("curve.drawdown.alt", { deepest: percent(deepest, 2), when: day(curve.t[curve.d.indexOf(deepest)]) }),
  };
  for (const [id, text] of Object.entries(texts)) $(`${id}-d`).textContent = text;
}

function drawMonths(curve, which) {
  const known = curve.months.flat().filter((value) => value !== null).map((value) => Math.abs(value) / 1e6).sort((a, b) => a - b);
  const place = 0.9 * (known.length - 1);
  const below = Math.floor(place);
  const size = known.length ? known[below] + (place - below) * ((known[below + 1] ?? known[below]) - known[below]) : 0.01;
  const top = Math.max(0.005, Math.ceil(size * 200 - 1e-9) / 200), digits = top < 0.02 ? 2 : 1;
  const rows = curve.years.map((year, k) =>
    el("tr", {}, el("th", { scope: "row" }, String(year)),
      ...curve.months[k].map((value) => {
        if (value === null) return el("td", { class: "h0" });
        let step = Math.max(-5, Math.min(5, Math.round((value / 1e6 / top) * 5)));
        if (step === 0 && Math.abs(value) >= 500) step = Math.sign(value);
        return el("td", { class: `h${step}` }, number(value / 1e4, digits, true));
      }),
      el("td", { class: `sum ${direction(curve.sums[k])}` }, number(curve.sums[k] === null ? null : curve.sums[k] / 1e4, digits, true)),
    ),
  );
  $("heat").tBodies[0].replaceChildren(...rows);
  $("heat-of").textContent = which < 0 ? "" : ` · ${data.slots[which].name}`;
  $("heat-how").textContent = say("months.how", { scale: percent(top, top >= 0.02 ? 0 : 1) });
}

// The cursor: pointer, finger or keyboard move one position for both drawings and the line of values.
function attach(curve) {
  shown = curve;
  $("cursor").max = curve.t.length - 1;
  $("cursor").value = curve.t.length - 1;
  for (const line of document.querySelectorAll("#curve-part .cursor")) line.setAttribute("visibility", "hidden");
  $("readout").textContent = "";
}

function point(k) {
  const t = shown.t, share = (100 * (t[k] - t[0])) / Math.max(t[t.length - 1] - t[0], 1);
  for (const line of document.querySelectorAll("#curve-part .cursor")) {
    line.setAttribute("x1", `${share}%`);
    line.setAttribute("x2", `${share}%`);
    line.setAttribute("visibility", "visible");
  }
  const text = `${moment(t[k])} · ${say("curve.equity")} ${number(shown.e[k])} · ${say("curve.hold")} ${number(shown.h[k])} · ${say("curve.drawdown")} ${percent(shown.d[k], 2)}`;
  $("readout").textContent = text;
  $("cursor").setAttribute("aria-valuetext", text);
}

function nearest(share) {
  const t = shown.t, ts = t[0] + share * (t[t.length - 1] - t[0]);
  let low = 0, high = t.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (t[middle] <= ts) low = middle;
    else high = middle;
  }
  return ts - t[low] < t[high] - ts ? low : high;
}

function startCurves() {
  attach(curveOf(-1));
  $("cursor").addEventListener("input", (event) => point(Number(event.target.value)));
  for (const id of ["equity-svg", "versus-svg", "drawdown-svg"]) {
    $(id).addEventListener("pointermove", (event) => {
      const box = $(id).getBoundingClientRect();
      const k = nearest(Math.max(0, Math.min(1, (event.clientX - box.left) / box.width)));
      $("cursor").value = k;
      point(k);
    });
  }
  if (!$("which")) return;
  $("which").addEventListener("change", (event) => showCurve(Number(event.target.value)));
  for (const row of document.querySelectorAll("#slot-table tr[data-slot]")) {
    const name = row.cells[0].textContent.trim();
    const open = () => {
      $("which").value = row.dataset.slot;
      showCurve(Number(row.dataset.slot));
      $("curves").scrollIntoView();
      $("which").focus({ preventScroll: true });
    };
    row.cells[0].replaceChildren(el("button", { type: "button", class: "plain", title: say("slots.show", { slot: name }), onclick: open }, ...row.cells[0].childNodes));
  }
}
