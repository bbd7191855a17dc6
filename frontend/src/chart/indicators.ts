/** The window in which indicators are chosen: searched, given parameters, taken off. Fetched when it is first opened. */
import { make } from "../dom.ts";
import type { ChartSay } from "./texts.ts";
import { closer, makeWindow } from "./window.ts";

export interface Parameter {
  name: string;
  usual: number;
  least: number;
  most: number;
  isWhole: boolean;
}

export interface Kind {
  name: string;
  title: string;
  parameters: Parameter[];
}

export interface Chosen {
  name: string;
  values: number[];
}

/** Shows the chart with these words; returns why it cannot, or nothing. */
export type Run = (words: string) => Promise<string>;

const MOST = 6;

/** Read the answer of the server; rows without a name are left out. */
export function readKinds(answer: unknown): Kind[] {
  const rows = (answer as { indicators?: unknown } | null)?.indicators;
  return (Array.isArray(rows) ? rows : [])
    .filter((row) => typeof row?.name === "string" && Array.isArray(row.parameters))
    .map((row) => ({
      name: row.name as string,
      title: String(row.title ?? row.name),
      parameters: (row.parameters as Record<string, unknown>[]).map((one) => ({
        name: String(one["name"]), usual: Number(one["usual"]), least: Number(one["least"]), most: Number(one["most"]), isWhole: one["is_whole"] === true,
      })),
    }));
}

/** Return the indicators of an address's words, such as `sma_50,macd`; unknown ones are left out. */
export function readWords(words: string, kinds: readonly Kind[]): Chosen[] {
  const found: Chosen[] = [];
  for (const word of words.split(",").map((one) => one.trim()).filter(Boolean)) {
    const kind = [...kinds].sort((a, b) => b.name.length - a.name.length).find(({ name }) => word === name || word.startsWith(`${name}_`));
    if (!kind) continue;
    const given = word.slice(kind.name.length + 1).split("_").filter(Boolean).map(Number);
    found.push({ name: kind.name, values: kind.parameters.map(({ usual }, place) => given[place] ?? usual) });
  }
  return found;
}

export function wordsOf(chosen: readonly Chosen[]): string {
  return [...new Set(chosen.map(({ name, values }) => [name, ...values].join("_")))].join(",");
}

/** Return the kinds whose name or title has all the words typed. */
export function matching(kinds: readonly Kind[], typed: string): Kind[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return kinds.filter(({ name, title }) => words.every((word) => `${name} ${title}`.toLowerCase().includes(word)));
}

/** Whether a value is one that a parameter takes. */
export function isAllowed(value: number, { least, most, isWhole }: Parameter): boolean {
  return Number.isFinite(value) && value >= least && value <= most && (!isWhole || Number.isInteger(value));
}

export class IndicatorWindow {
  private readonly dialog: HTMLDialogElement;
  private readonly field = make("input", { class: "input", type: "search", id: "indicators-search", autocomplete: "off", spellcheck: "false" });
  private readonly found = make("ul", { class: "list indicator-list" });
  private readonly shown = make("ul", { class: "list" });
  private readonly note = make("p", { class: "muted small", role: "status" });
  private chosen: Chosen[] = [];

  private constructor(private readonly kinds: readonly Kind[], private readonly say: ChartSay, private readonly run: Run) {
    this.field.addEventListener("input", () => this.list());
    const search = make("div", { class: "field" }, make("label", { for: this.field.id }, say("searchIndicator")), this.field);
    this.dialog = makeWindow("indicators-title", say("indicators"), [search, this.found, this.shown, this.note], [closer(say("closeWindow"), () => this.dialog.close())]);
  }

  static async open(say: ChartSay, run: Run): Promise<IndicatorWindow> {
    const response = await fetch("/api/v1/assets/indicators", { headers: { Accept: "application/json" } });
    if (!response.ok) throw new Error(String(response.status));
    return new IndicatorWindow(readKinds(await response.json()), say, run);
  }

  show(words: string): void {
    this.chosen = readWords(words, this.kinds);
    this.field.value = "";
    this.list();
    this.tell();
    this.dialog.showModal();
    this.field.focus();
  }

  private list(): void {
    const kinds = matching(this.kinds, this.field.value);
    this.found.replaceChildren(...kinds.map((kind) => {
      const add = make("button", { type: "button", class: "button button-small", "aria-label": this.say("addIndicator", { name: kind.title }) }, kind.title);
      add.disabled = this.chosen.length >= MOST;
      add.addEventListener("click", () => {
        this.change([...this.chosen, { name: kind.name, values: kind.parameters.map(({ usual }) => usual) }]);
        this.field.focus();
      });
      return make("li", {}, add);
    }));
    this.note.textContent = this.chosen.length >= MOST ? this.say("mostIndicators", { count: MOST }) : kinds.length === 0 ? this.say("noIndicator") : "";
  }

  private tell(): void {
    this.shown.replaceChildren(...this.chosen.map((one, place) => this.row(one, place)));
  }

  private row(one: Chosen, place: number): HTMLElement {
    const kind = this.kinds.find(({ name }) => name === one.name) as Kind;
    const fields = kind.parameters.map((parameter, number) => {
      const field = make("input", {
        class: "input", type: "number", min: String(parameter.least), max: String(parameter.most), step: parameter.isWhole ? "1" : "0.1",
        value: String(one.values[number] ?? parameter.usual), "aria-label": `${kind.title}: ${this.say(parameter.name as "window")}`,
      });
      field.addEventListener("change", () => {
        const value = Number(field.value);
        field.setAttribute("aria-invalid", String(!isAllowed(value, parameter)));
        if (!isAllowed(value, parameter)) return;
        this.chosen[place] = { ...one, values: one.values.map((old, at) => (at === number ? value : old)) };
        one = this.chosen[place] as Chosen;
        void this.apply();
      });
      return make("label", { class: "field-inline small" }, make("span", { class: "muted", "aria-hidden": "true" }, this.say(parameter.name as "window")), field);
    });
    const remove = make("button", { type: "button", class: "button button-quiet button-small", "aria-label": this.say("removeSeries", { name: kind.title }) }, "\u00d7");
    remove.addEventListener("click", () => {
      this.change(this.chosen.filter((_, at) => at !== place));
      this.field.focus();
    });
    return make("li", { class: "row" }, make("strong", {}, kind.title), ...fields, remove);
  }

  private change(chosen: Chosen[]): void {
    this.chosen = readWords(wordsOf(chosen), this.kinds);
    this.list();
    this.tell();
    void this.apply();
  }

  private async apply(): Promise<void> {
    const why = await this.run(wordsOf(this.chosen));
    if (why) this.note.textContent = why;
  }
}
