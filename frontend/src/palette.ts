/** The command palette: pages, assets and actions by name, with the keyboard and for screen readers. */
import { make } from "./dom.ts";
import type { Say } from "./texts.ts";

export interface Entry {
  title: string;
  href: string;
  kind: string;
  /** Of the title, where it is not that of the page. */
  language?: string;
}

const WAIT_MS = 90;
const SHOWN = 20;

/** Read an answer, whatever is broken in it left out. */
export function entriesOf(answer: unknown): Entry[] {
  const rows = Array.isArray(answer) ? answer : ((answer as { items?: unknown } | null)?.items ?? []);
  if (!Array.isArray(rows)) return [];
  return rows
    .filter((row): row is Entry => typeof row?.title === "string" && typeof row?.href === "string" && row.href.startsWith("/") && !row.href.startsWith("//"))
    .map((row) => ({ title: row.title, href: row.href, kind: String(row.kind ?? ""), ...(row.language ? { language: String(row.language) } : {}) }))
    .slice(0, SHOWN);
}

/** The place after a key was pressed; goes round at both ends. */
export function move(place: number, key: string, count: number): number {
  if (count === 0) return -1;
  if (key === "ArrowDown") return (place + 1) % count;
  if (key === "ArrowUp") return (place - 1 + count) % count;
  if (key === "Home") return 0;
  return key === "End" ? count - 1 : place;
}

export class Palette {
  private readonly input: HTMLInputElement;
  private readonly list: HTMLElement;
  private readonly note: HTMLElement;
  private readonly dialog: HTMLDialogElement;
  private entries: Entry[] = [];
  private place = -1;
  private timer = 0;
  private request: AbortController | null = null;

  constructor(private readonly say: Say) {
    this.input = make("input", {
      class: "palette-input", type: "text", role: "combobox", "aria-expanded": "true", "aria-controls": "palette-list",
      "aria-autocomplete": "list", "aria-label": say("search"), placeholder: say("search"), autocomplete: "off", spellcheck: "false",
    });
    this.list = make("div", { class: "palette-list", id: "palette-list", role: "listbox", "aria-label": say("search") });
    this.note = make("div", { class: "palette-note", role: "status" }, say("paletteHint"));
    this.dialog = make("dialog", { class: "dialog palette", "aria-label": say("search") }, this.input, this.list, this.note);
    this.input.addEventListener("input", () => this.ask());
    this.input.addEventListener("keydown", (event) => this.press(event));
    this.dialog.addEventListener("click", (event) => event.target === this.dialog && this.dialog.close());
    document.body.append(this.dialog);
  }

  open(): void {
    if (this.dialog.open) return;
    this.input.value = "";
    this.dialog.showModal();
    this.input.focus();
    this.ask();
  }

  private ask(): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.fetch(this.input.value), WAIT_MS);
  }

  private async fetch(text: string): Promise<void> {
    this.request?.abort();
    this.request = new AbortController();
    try {
      const response = await fetch(`/palette?q=${encodeURIComponent(text)}`, { signal: this.request.signal, headers: { Accept: "application/json" } });
      if (!response.ok) throw new Error(String(response.status));
      this.entries = entriesOf(await response.json());
      this.draw();
    } catch (fault) {
      if ((fault as Error).name !== "AbortError") this.note.textContent = this.say("searchFailed");
    }
  }

  private draw(): void {
    this.place = this.entries.length > 0 ? 0 : -1;
    this.list.replaceChildren(...this.entries.map((entry, place) => {
      const option = make("div", { role: "option", id: `palette-${place}`, "aria-selected": "false" },
        make("span", entry.language ? { lang: entry.language } : {}, entry.title), make("span", { class: "kind" }, entry.kind));
      option.addEventListener("click", () => this.go(place));
      option.addEventListener("pointermove", () => this.choose(place));
      return option;
    }));
    const count = this.entries.length;
    this.note.textContent = count === 0 ? this.say("noResults") : count === 1 ? this.say("oneResult") : this.say("results", { n: count });
    this.choose(this.place);
  }

  private choose(place: number): void {
    this.place = place;
    [...this.list.children].forEach((option, index) => option.setAttribute("aria-selected", String(index === place)));
    const chosen = this.list.children[place];
    if (chosen) {
      this.input.setAttribute("aria-activedescendant", chosen.id);
      chosen.scrollIntoView({ block: "nearest" });
    } else {
      this.input.removeAttribute("aria-activedescendant");
    }
  }

  private press(event: KeyboardEvent): void {
    if (event.key === "Enter") {
      event.preventDefault();
      this.go(this.place);
    } else if (["ArrowDown", "ArrowUp"].includes(event.key)) {
      event.preventDefault();
      this.choose(move(this.place, event.key, this.entries.length));
    }
  }

  private go(place: number): void {
    const entry = this.entries[place];
    if (entry) location.assign(entry.href);
  }
}
