/** The box of a figure: value, source, time and formula, to copy, with the link to the figure. */
import { copy } from "./copy.ts";
import { make } from "./dom.ts";
import type { Live } from "./live.ts";
import { parseAddress } from "./live-state.ts";
import type { Say } from "./texts.ts";

/** What is copied for a figure: one line that stands alone. */
export function citation(parts: { title: string; value: string; source: string; time: string; address: string; note?: string }): string {
  return [`${parts.title}: ${parts.value}`, parts.source, parts.time, parts.note, parts.address].filter(Boolean).join(" \u00b7 ");
}

/** How old a figure is, as it is written beside it. */
export function ageBeside(button: HTMLElement): string {
  return button.closest(".tile, .figure, .asset-price")?.querySelector(".age")?.textContent ?? "";
}

function box(button: HTMLElement, say: Say): HTMLElement {
  const data = button.dataset;
  const title = data["cite"] ?? "";
  const rows: [string, string | undefined][] = [
    [say("value"), data["citeValue"]],
    [say("source"), data["citeSource"]],
    [say("time"), [data["citeTime"], ageBeside(button)].filter(Boolean).join(" \u00b7 ")],
    [say("formula"), data["citeFormula"]],
  ];
  const list = make("dl", { class: "facts" });
  for (const [name, value] of rows) {
    if (value) list.append(make("div", {}, make("dt", {}, name), make("dd", {}, value)));
  }
  const address = new URL(data["citeHref"] ?? location.href, location.href).href;
  const text = citation({ title, value: data["citeValue"] ?? "", source: data["citeSource"] ?? "", time: data["citeTime"] ?? "", address, note: "simulated" in document.body.dataset ? say("simulated") : "" });
  const copyText = make("button", { type: "button", class: "button button-small" }, say("copy"));
  const copyLink = make("button", { type: "button", class: "button button-small" }, say("copyLink"));
  copyText.addEventListener("click", () => void copy(text, say));
  copyLink.addEventListener("click", () => void copy(address, say, say("linkCopied")));
  return make("div", { class: "popover", popover: "auto", role: "dialog", "aria-label": `${say("cite")}: ${title}` },
    make("strong", {}, title), list, make("div", { class: "row" }, copyText, copyLink));
}

/** Keep a box beside its button and inside the window. */
export function place(anchor: DOMRect, size: { width: number; height: number }, view: { width: number; height: number }): { left: number; top: number } {
  const left = Math.max(8, Math.min(anchor.left, view.width - size.width - 8));
  const below = anchor.bottom + 4;
  const top = below + size.height > view.height && anchor.top > size.height + 8 ? anchor.top - size.height - 4 : below;
  return { left, top };
}

/** The link to a quote, with the price and the times that the stream told last. */
export function quoteHref(key: string, row: Record<string, unknown> | undefined): string {
  const asked = new URLSearchParams();
  for (const [name, field] of [["price", "last"], ["ts", "ts_event"], ["known", "ts_known"]] as const) {
    if (typeof row?.[field] === "number") asked.set(name, String(row[field]));
  }
  return `/quote/${key.slice(key.indexOf(":") + 1)}?${asked}`;
}

/** Take over what has moved since the page was drawn: the value, and of a price its time and its link. */
function renew(button: HTMLElement, live: Live): void {
  const shown = button.closest(".tile, .figure, dd, td")?.querySelector<HTMLElement>(".num");
  if (shown?.textContent) button.dataset["citeValue"] = shown.textContent.trim();
  const address = parseAddress(shown?.dataset["live"] ?? "");
  const row = address ? live.state.state.get(address.key) : undefined;
  if (!address || !row) return;
  if (typeof row["ts_event"] === "number") button.dataset["citeTime"] = live.moment(row["ts_event"]);
  if (address.field === "last") button.dataset["citeHref"] = quoteHref(address.key, row);
}

export function openCitation(button: HTMLElement, say: Say, live: Live): void {
  renew(button, live);
  const popover = box(button, say);
  button.after(popover);
  popover.addEventListener("toggle", (event) => {
    if ((event as ToggleEvent).newState !== "closed") return;
    popover.remove();
  });
  popover.showPopover();
  const spot = place(button.getBoundingClientRect(), popover.getBoundingClientRect(), { width: innerWidth, height: innerHeight });
  popover.style.left = `${spot.left}px`;
  popover.style.top = `${spot.top}px`;
  popover.querySelector("button")?.focus();
}
