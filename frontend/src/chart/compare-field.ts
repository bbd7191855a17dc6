/** The field of assets to compare with: suggests what the palette finds, takes ids, tickers and names. */
import { make, pageLanguage } from "../dom.ts";
import type { ChartSay } from "./texts.ts";
import { closer, makeWindow, showOnce } from "./window.ts";

export interface Suggestion {
  id: string;
  title: string;
}

const WAIT_MS = 150;
const ASSET = "/asset/";

/** Read the palette's answer: its assets, whatever else is in it left out. */
export function assetsOf(answer: unknown): Suggestion[] {
  const items = (answer as { items?: unknown } | null)?.items;
  if (!Array.isArray(items)) return [];
  return items
    .filter((item): item is { href: string; title: string } => typeof item?.title === "string" && typeof item?.href === "string" && item.href.startsWith(ASSET))
    .map((item) => ({ id: item.href.slice(ASSET.length), title: item.title }));
}

/** The id that typed words mean: of the suggestion that has them as id, name or ticker; else the words themselves. */
export function meant(typed: string, known: readonly Suggestion[]): string {
  const words = typed.trim().toLowerCase();
  const found = known.find(({ id, title }) => {
    const name = title.toLowerCase();
    return id === words || name === words || name.endsWith(` ${words}`) || name.startsWith(`${words} `);
  });
  return found?.id ?? words;
}

async function ask(typed: string): Promise<Suggestion[]> {
  try {
    const response = await fetch(`/palette?q=${encodeURIComponent(typed)}`, { headers: { Accept: "application/json", ...pageLanguage() } });
    return response.ok ? assetsOf(await response.json()) : [];
  } catch {
    // Suggestions are a help; without them what is typed still counts.
    return [];
  }
}

/** The window in which an asset to compare with is chosen. */
export function askCompared(say: ChartSay, run: (id: string) => void): void {
  const form = compareForm(say, (id) => {
    dialog.close();
    run(id);
  });
  const dialog = makeWindow("compare-title", say("compare"), [form], [closer(say("closeWindow"), () => dialog.close())]);
  showOnce(dialog);
}

function compareForm(say: ChartSay, run: (id: string) => void): HTMLElement {
  const list = make("datalist", { id: "compare-choices" });
  const field = make("input", { class: "input", type: "text", name: "compare", size: "12", list: list.id, autocomplete: "off", spellcheck: "false", "aria-label": say("compare"), placeholder: say("compare") });
  const form = make("form", { class: "field-inline" }, field, list, make("button", { class: "button button-small" }, say("add")));
  let timer = 0;
  const look = async (): Promise<void> => {
    const typed = field.value.trim();
    if (typed === "") return;
    const found = await ask(typed);
    list.replaceChildren(...found.map(({ id, title }) => make("option", { value: id, label: title })));
  };
  field.addEventListener("input", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void look(), WAIT_MS);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const typed = field.value;
    field.value = "";
    if (typed.trim() === "") return;
    void ask(typed.trim()).then((found) => run(meant(typed, found)));
  });
  return form;
}
