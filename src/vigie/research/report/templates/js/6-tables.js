// Sorting of any table, and the list of trades: filter, order, pages.
function sortable(table, compare) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    if (head.tagName !== "TH") return;
    const order = () => {
      const isDown = head.getAttribute("aria-sort") !== "descending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", isDown ? "descending" : "ascending");
      compare(head, column, isDown ? -1 : 1);
    };
    head.replaceChildren(el("button", { type: "button", title: `${head.textContent.trim()}: ${say("ui.sort")}`, onclick: order }, ...head.childNodes));
  });
}

function byValue(a, b, way) {
  if (a === null || b === null) return (a === null) - (b === null);
  return way * (typeof a === "string" ? a.localeCompare(b) : a - b);
}

function startSorting() {
  for (const table of document.querySelectorAll("table.sortable")) {
    const value = (row, column) => {
      const cell = row.cells[column];
      return cell.dataset.v !== undefined ? Number(cell.dataset.v) : column ? null : cell.textContent;
    };
    sortable(table, (head, column, way) => {
      const rows = [...table.tBodies[0].rows].sort((a, b) => byValue(value(a, column), value(b, column), way));
      table.tBodies[0].append(...rows);
    });
  }
}

const PAGE = 50;
const list = { rows: [], texts: [], order: [], page: 0, key: "n", way: 1, open: -1 };

function orderKey(k) {
  const key = list.key;
  if (key === "n") return k;
  if (key === "slot") return data.slots[data.trades.slot[k]].name;
  if (key === "entry_ts") return entryTimes[k];
  if (key === "exit_ts") return entryTimes[k] + data.trades.held_s[k] * 1000;
  if (key === "reason") return say(`reason.${data.reasons[data.trades.reason[k]]}`);
  return data.trades[key][k];
}

function refilter() {
  const form = $("filters"), given = (name) => form.elements[name].value;
  const asked = given("text").toLowerCase().split(/\s+/).filter(Boolean);
  const { slot, side, reason, pnl } = data.trades;
  list.order = list.rows.map((_, k) => k).filter((k) =>
    (given("slot") === "" || slot[k] === Number(given("slot"))) &&
    (given("side") === "" || side[k] === Number(given("side"))) &&
    (given("reason") === "" || reason[k] === Number(given("reason"))) &&
    (given("outcome") === "" || Math.sign(pnl[k]) === Number(given("outcome"))) &&
    asked.every((word) => list.texts[k].includes(word)));
  reorder();
}

function reorder() {
  const keys = new Map(list.order.map((k) => [k, orderKey(k)]));
  list.order.sort((a, b) => byValue(keys.get(a), keys.get(b), list.way) || a - b);
  list.page = 0;
  showPage();
}

function showPage() {
  const first = list.page * PAGE, shownRows = list.order.slice(first, first + PAGE), all = list.order.length;
  $("trade-table").tBodies[0].replaceChildren(...shownRows.map((k) => list.rows[k]));
  const pnl = list.order.map((k) => data.trades.pnl[k]);
  $("sum").textContent = all
    ? say("ui.sum", { n: number(all, 0), rate: percent(pnl.filter((value) => value > 0).length / all), pnl: number(pnl.reduce((a, b) => a + b, 0), 2, true) })
    : say("ui.none");
  $("page").textContent = all ? say("ui.of", { from: number(first + 1, 0), to: number(first + shownRows.length, 0), all: number(all, 0) }) : "";
  $("previous").disabled = list.page === 0;
  $("next").disabled = first + PAGE >= all;
}

function openTrade(k, shouldFocus = true) {
  if (list.open >= 0) list.rows[list.open].removeAttribute("aria-current");
  list.open = k;
  const card = $("trade");
  card.hidden = k < 0;
  if (k < 0) {
    card.replaceChildren();
    return;
  }
  list.rows[k].setAttribute("aria-current", "true");
  const at = list.order.indexOf(k);
  const near = (other) => (other >= 0 && other < list.order.length && at >= 0 ? () => openTrade(list.order[other]) : undefined);
  const back = () => {
    openTrade(-1);
    const link = list.rows[k].querySelector("a");
    (link.isConnected ? link : $("next")).focus();
  };
  card.replaceChildren(...tradeCard(k, { previous: near(at - 1), next: near(at + 1), close: back }));
  try {
    history.replaceState(null, "", `#t${k + 1}`);
  } catch {
    // Some viewers open files without a history.
  }
  if (shouldFocus) {
    card.scrollIntoView({ block: "start" });
    $("trade-head").focus({ preventScroll: true });
  }
}

function startTrades() {
  const table = $("trade-table");
  if (!table) return;
  list.rows = [...table.tBodies].flatMap((body) => [...body.rows]);
  list.texts = list.rows.map((row) => row.textContent.toLowerCase());
  for (const body of [...table.tBodies].slice(1)) body.remove();
  const reasons = [...new Set(data.trades.reason)].sort((a, b) => a - b);
  $("filters").elements.reason.append(...reasons.map((code) => el("option", { value: code }, say(`reason.${data.reasons[code]}`))));
  $("filters").addEventListener("input", refilter);
  $("filters").addEventListener("submit", (event) => event.preventDefault());
  $("filters").addEventListener("reset", () => setTimeout(refilter));
  $("previous").addEventListener("click", () => { list.page--; showPage(); });
  $("next").addEventListener("click", () => { list.page++; showPage(); });
  sortable(table, (head, column, way) => { list.key = head.dataset.k; list.way = way; reorder(); });
  table.addEventListener("click", (event) => {
    const row = event.target.closest("tbody tr");
    if (!row) return;
    event.preventDefault();
    openTrade(Number(row.id.slice(1)) - 1);
  });
  refilter();
  const asked = /^#t(\d+)$/.exec(location.hash);
  if (asked && list.rows[asked[1] - 1]) openTrade(asked[1] - 1);
}
