/** The command palette: pages, assets and commands by name, with the keyboard and for screen readers. */
import { csrf, hiddenField, make, pageLanguage } from "./dom.ts";
import { recentKey } from "./recent.ts";
import { sendLook, switchTheme } from "./theme.ts";
import type { Say } from "./texts.ts";

export interface Entry {
  title: string;
  /** Where it leads; empty for what changes a look at once. */
  href: string;
  kind: string;
  /** Theme, language or density, and nothing else. */
  look?: Record<string, string>;
  /** Of the title, where it is not that of the page. */
  language?: string;
}

const WAIT_MS = 90;
const SHOWN = 20;

const LOOKS = ["theme", "language", "density"];
const KEPT = 5;

function isOwn(href: unknown): href is string {
  return typeof href === "string" && href.startsWith("/") && !href.startsWith("//");
}

/** What may be changed at once, whatever an answer says. */
function lookOf(value: unknown): Record<string, string> | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const pairs = Object.entries(value).filter(([name, to]) => LOOKS.includes(name) && typeof to === "string");
  return pairs.length > 0 ? (Object.fromEntries(pairs) as Record<string, string>) : undefined;
}

/** Read an answer, whatever is broken in it left out. */
export function entriesOf(answer: unknown): Entry[] {
  const rows = Array.isArray(answer) ? answer : ((answer as { items?: unknown } | null)?.items ?? []);
  if (!Array.isArray(rows)) return [];
  const entries: Entry[] = [];
  for (const row of rows) {
    const look = lookOf(row?.look);
    if (typeof row?.title !== "string" || (!isOwn(row.href) && !look)) continue;
    const entry: Entry = { title: row.title, href: isOwn(row.href) ? row.href : "", kind: String(row.kind ?? "") };
    if (look && !entry.href) entry.look = look;
    if (row.language) entry.language = String(row.language);
    entries.push(entry);
  }
  return entries.slice(0, SHOWN);
}

/** Those that were opened last, before the others; each once. */
export function withRecent(recent: Entry[], entries: Entry[]): Entry[] {
  const before = new Set(recent.map((entry) => entry.href));
  return [...recent, ...entries.filter((entry) => !before.has(entry.href))].slice(0, SHOWN);
}

/** The newest first, each address once. */
export function remembered(recent: Entry[], entry: Entry): Entry[] {
  return [entry, ...recent.filter((one) => one.href !== entry.href)].slice(0, KEPT);
}

function readRecent(): Entry[] {
  const key = recentKey();
  try {
    return entriesOf(JSON.parse((key && localStorage.getItem(key)) || "[]")).filter((entry) => entry.href).slice(0, KEPT);
  } catch {
    // What is kept is broken, or the browser keeps nothing: then nothing is recent.
    return [];
  }
}

function keepRecent(entries: Entry[]): void {
  const key = recentKey();
  try {
    if (key) localStorage.setItem(key, JSON.stringify(entries));
  } catch {
    // A browser that keeps nothing opens pages all the same.
  }
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
  /** The text that the entries answer; null while there is no answer. */
  private answered: string | null = null;
  /** Whether Enter was pressed before the answer came. */
  private isWaiting = false;

  constructor(private readonly say: Say) {
    this.input = make("input", {
      class: "palette-input", type: "text", role: "combobox", "aria-expanded": "true", "aria-controls": "palette-list",
      "aria-autocomplete": "list", "aria-label": say("search"), placeholder: say("search"), autocomplete: "off", spellcheck: "false",
    });
    this.list = make("div", { class: "palette-list", id: "palette-list", role: "listbox", "aria-label": say("search") });
    this.note = make("div", { class: "palette-note", role: "status" }, say("paletteHint"));
    this.dialog = make("dialog", { class: "dialog palette", "aria-label": say("search") }, this.input, this.list, this.note);
    this.input.addEventListener("input", () => this.ask());
    this.dialog.addEventListener("close", () => this.stop());
    this.input.addEventListener("keydown", (event) => this.press(event));
    this.dialog.addEventListener("click", (event) => event.target === this.dialog && this.dialog.close());
    document.body.append(this.dialog);
  }

  /** Open it with what was typed while it was on its way, and go on where Enter was pressed already. */
  open(typed: string, isEntered: boolean): void {
    if (this.dialog.open) return;
    this.input.value = typed;
    this.clear();
    this.dialog.showModal();
    this.input.focus();
    this.ask();
    this.isWaiting = isEntered;
  }

  /** What is closed opens nothing any more. */
  private stop(): void {
    window.clearTimeout(this.timer);
    this.request?.abort();
    this.isWaiting = false;
  }

  private clear(): void {
    this.answered = null;
    this.isWaiting = false;
    this.entries = [];
    this.list.replaceChildren();
  }

  private ask(): void {
    this.answered = null;
    this.isWaiting = false;
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.fetch(this.input.value), WAIT_MS);
  }

  private async fetch(text: string): Promise<void> {
    this.request?.abort();
    this.request = new AbortController();
    try {
      const response = await fetch(`/palette?q=${encodeURIComponent(text)}`, { signal: this.request.signal, headers: { Accept: "application/json", ...pageLanguage() } });
      if (response.status === 401) return location.assign("/login");
      if (!response.ok) throw new Error(String(response.status));
      const answer: unknown = await response.json();
      const found = entriesOf(answer);
      this.entries = text.trim() ? found : withRecent(readRecent(), found);
      this.answered = text;
      this.draw((answer as { isNearest?: unknown }).isNearest === true);
    } catch (fault) {
      if ((fault as Error).name === "AbortError") return;
      this.clear();
      this.note.textContent = this.say("searchFailed");
    }
  }

  private draw(isNearest: boolean): void {
    this.place = this.entries.length > 0 ? 0 : -1;
    this.list.replaceChildren(...this.entries.map((entry, place) => {
      const option = make("div", { role: "option", id: `palette-${place}`, "aria-selected": "false" },
        make("span", entry.language ? { lang: entry.language } : {}, entry.title), make("span", { class: "kind" }, entry.kind));
      option.addEventListener("click", () => this.go(place));
      option.addEventListener("pointermove", () => this.choose(place));
      return option;
    }));
    const count = this.entries.length;
    this.note.textContent = isNearest || count === 0 ? this.say(count === 0 ? "noResults" : "nearest") : count === 1 ? this.say("oneResult") : this.say("results", { n: count });
    this.choose(this.place);
    if (this.isWaiting) {
      this.isWaiting = false;
      this.go(this.place);
    }
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
    if (event.isComposing) return;
    if (event.key === "Enter") {
      event.preventDefault();
      // What stands below may answer another text still.
      if (this.answered === this.input.value) this.go(this.place);
      else this.isWaiting = true;
    } else if (["ArrowDown", "ArrowUp"].includes(event.key)) {
      event.preventDefault();
      this.choose(move(this.place, event.key, this.entries.length));
    }
  }

  private go(place: number): void {
    const entry = this.entries[place];
    if (!entry) return;
    if (entry.href) {
      keepRecent(remembered(readRecent(), entry));
      // Another place on the same page is no new page.
      this.dialog.close();
      location.assign(entry.href);
      return;
    }
    this.change(entry.look ?? {});
  }

  /** Theme and density change in place, so that nothing typed on the page is lost; a language needs the page anew. */
  private change(look: Record<string, string>): void {
    const button = document.querySelector<HTMLButtonElement>("[data-theme-form] button");
    if (look["theme"] && button?.form) {
      button.value = look["theme"];
      switchTheme(button.form, button, this.say);
      this.dialog.close();
      return;
    }
    const query = new URLSearchParams(location.search);
    query.delete("lang");
    const next = location.pathname + (query.size > 0 ? `?${query}` : "");
    const form = make("form", { method: "post", action: "/look" }, hiddenField("csrf", csrf()), hiddenField("next", next));
    if (look["density"]) {
      document.documentElement.dataset["density"] = look["density"];
      sendLook(form, look);
      this.dialog.close();
      return;
    }
    for (const [name, value] of Object.entries(look)) form.append(hiddenField(name, value));
    document.body.append(form);
    form.submit();
  }
}
