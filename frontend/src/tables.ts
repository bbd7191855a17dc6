/** Tables whose rows are all here: sorted in place and filtered while one types; the links do the same without scripts. */
import { announce } from "./dom.ts";
import type { Say } from "./texts.ts";

export type Cell = number | string | null;

/** Compare for an order in which what is not known comes last both ways. */
export function compare(first: Cell, second: Cell, isFalling: boolean, texts: (a: string, b: string) => number): number {
  if (first === null || second === null) return Number(first === null) - Number(second === null);
  const order = typeof first === "number" && typeof second === "number" ? first - second : texts(String(first), String(second));
  return isFalling ? -order : order;
}

export function cellOf(cell: HTMLTableCellElement | undefined): Cell {
  if (!cell) return null;
  const value = cell.dataset["value"];
  if (value !== undefined) return Number(value);
  const text = cell.textContent?.trim() ?? "";
  return text === "" || text === "\u2013" ? null : text;
}

export function sortByLink(link: HTMLAnchorElement, say: Say): boolean {
  const header = link.closest("th");
  const table = link.closest<HTMLTableElement>("table[data-sortable]");
  const body = table?.tBodies[0];
  if (!header || !table || !body) return false;
  const isNumber = header.classList.contains("num");
  const now = header.getAttribute("aria-sort");
  const isFalling = now ? now === "ascending" : isNumber;
  const place = header.cellIndex;
  const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });
  const rows = [...body.rows].map((row) => ({ row, cell: cellOf(row.cells[place]) }));
  rows.sort((a, b) => compare(a.cell, b.cell, isFalling, collator.compare));
  body.append(...rows.map(({ row }) => row));
  for (const other of table.querySelectorAll("th[aria-sort]")) other.removeAttribute("aria-sort");
  header.setAttribute("aria-sort", isFalling ? "descending" : "ascending");
  const mark = link.querySelector(".sort-mark");
  if (mark) mark.textContent = isFalling ? "\u25bc" : "\u25b2";
  const address = new URL(location.href);
  address.searchParams.set(table.dataset["sortable"] || "sort", `${isFalling ? "-" : ""}${link.dataset["column"] ?? ""}`);
  history.replaceState(history.state, "", address);
  announce(say(isFalling ? "sortedDown" : "sortedUp", { name: link.firstChild?.textContent?.trim() ?? "" }));
  return true;
}

export function filterRows(input: HTMLInputElement, say: Say): void {
  const body = document.querySelector<HTMLTableElement>(`#${CSS.escape(input.dataset["filter"] ?? "")}`)?.tBodies[0];
  if (!body) return;
  const wanted = input.value.trim().toLocaleLowerCase();
  let shown = 0;
  for (const row of body.rows) {
    row.hidden = wanted !== "" && !(row.textContent ?? "").toLocaleLowerCase().includes(wanted);
    shown += Number(!row.hidden);
  }
  announce(say("rowsShown", { n: shown }));
}
