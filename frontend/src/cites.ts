/** Boxes of the figures in a table: put beside each of them while its reader asks for them. */
import { make } from "./dom.ts";
import type { Formats } from "./format.ts";
import type { Say } from "./texts.ts";

const MISSING = "\u2013";

/** What a cell's box says: the most telling source, the row's own time, the link to the row. */
export interface CellFacts {
  row: string;
  column: string;
  definition: string;
  value: string;
  sources: [cell: string, row: string, table: string];
  ts: number;
  href: string;
  anchor: string;
}

export function partsOf(facts: CellFacts, moment: (ts: number) => string): Record<string, string> {
  const [own, row, table] = facts.sources;
  return {
    cite: facts.row ? `${facts.row}, ${facts.column}` : facts.column,
    citeValue: facts.value,
    citeSource: own || row || table,
    citeTime: facts.ts > 0 ? moment(facts.ts) : "",
    citeFormula: facts.definition,
    citeHref: `${facts.href}#${facts.anchor}`,
  };
}

/** What a table says of one of its cells. */
export function factsOf(table: HTMLTableElement, row: HTMLTableRowElement, cell: HTMLTableCellElement): CellFacts {
  const head = table.tHead?.rows[0]?.cells[cell.cellIndex];
  const label = head?.querySelector("a, abbr") ?? head;
  const number = cell.querySelector<HTMLElement>(".num");
  return {
    row: row.cells[0]?.querySelector("a")?.textContent?.trim() || (row.cells[0]?.textContent?.trim() ?? ""),
    column: label?.firstChild?.textContent?.trim() ?? "",
    definition: label?.getAttribute("title") ?? "",
    value: (number ?? cell).textContent?.trim() ?? "",
    sources: [head?.dataset["citeSource"] ?? "", row.dataset["citeSource"] ?? "", table.dataset["citeSource"] ?? ""],
    ts: Number(row.dataset["citeTs"] ?? table.dataset["citeTs"] ?? 0),
    href: table.dataset["citeHref"] ?? "",
    anchor: row.id,
  };
}

/** Put the boxes into a table, or take them away. */
export function toggleCites(button: HTMLElement, say: Say, format: Formats): void {
  const table = document.getElementById(button.dataset["cites"] ?? "");
  if (!(table instanceof HTMLTableElement)) return;
  const isOn = button.getAttribute("aria-pressed") !== "true";
  button.setAttribute("aria-pressed", String(isOn));
  for (const old of table.querySelectorAll("button.cite-cell")) old.remove();
  if (!isOn) return;
  const zone = document.body.dataset["zone"];
  for (const row of table.tBodies[0]?.rows ?? []) {
    for (const cell of row.querySelectorAll<HTMLTableCellElement>("td.num")) {
      const facts = factsOf(table, row, cell);
      if (!facts.value || facts.value === MISSING) continue;
      const own = make("button", { type: "button", class: "cite cite-cell", "aria-haspopup": "dialog", "aria-label": `${say("cite")}: ${facts.row}, ${facts.column}` });
      Object.assign(own.dataset, partsOf(facts, (ts) => format.moment(ts, zone)));
      cell.append(own);
    }
  }
}
