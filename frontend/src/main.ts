/** What every page loads. Pages are whole without it; it adds live values, keys, the palette and the charts. */
import "./first.ts";
import htmx from "htmx.org";
import { idle, watchCharts } from "./charts.ts";
import { copy } from "./copy.ts";
import { announce, csrf, pageLanguage, sayTicked } from "./dom.ts";
import { formats } from "./format.ts";
import { figureOf } from "./figure-places.ts";
import { keepHeads } from "./heads.ts";
import { watchInbox } from "./inbox.ts";
import { isField, meaning, openHelp, step } from "./keys.ts";
import type { Hints } from "./hints.ts";
import { Live } from "./live.ts";
import type { Palette } from "./palette.ts";
import { filterRows, sortByLink } from "./tables.ts";
import { forgetOthers } from "./recent.ts";
import { spoken, writer } from "./texts.ts";
import { switchTheme } from "./theme.ts";
import { type Toast, show } from "./toasts.ts";

// A chart that stands stays where the page around it is read anew; going back reads the page afresh.
Object.assign(htmx.config, {
  history: "reload",
  morphSkipChildren: "[data-chart-kept],[data-chart-tools]",
  morphIgnore: ["data-htmx-powered", "data-chart-seen", "data-chart-kept", "data-chart-ready", "data-chart-draw", "data-open", "open"],
});
const language = spoken();
const say = writer(language);
const short = { s: say("second"), min: say("minute"), h: say("hour"), d: say("day") };
const format = formats(language, short);
const shown = formats(language, short, Number(document.body.dataset["euro"] ?? 0));
const topics = (document.body.dataset["topics"] ?? "").split(/[\s,]+/).filter(Boolean);
const live = new Live(shown, say, topics);
const areKeysOn = document.body.dataset["shortcuts"] !== "off";
/** So far from the edge of the window does a menu stay. */
const EDGE_PX = 8;
let palette: Promise<Palette> | null = null;
let figures: Promise<{ loaded: typeof import("./figures.ts"); hints: Hints }> | null = null;
// What is typed while the palette is on its way.
let ahead: string | null = null;
let isEntered = false;

/** The palette is fetched when somebody first asks for it. */
function openPalette(): void {
  palette ??= import("./palette.ts").then((loaded) => new loaded.Palette(say));
  ahead ??= "";
  isEntered = false;
  palette.then(
    (one) => ahead !== null && one.open(ahead, isEntered),
    () => {
      palette = null;
      location.assign(`/search?q=${encodeURIComponent(ahead ?? "")}`);
    },
  ).finally(() => (ahead = null));
}

/** Where figures come from is fetched when somebody first asks for it: by a pointer, by the focus or by a tap. */
function withFigures(use: (loaded: typeof import("./figures.ts"), hints: Hints) => void): void {
  figures ??= import("./figures.ts").then((loaded) => ({ loaded, hints: new loaded.Hints(shown, (ts) => (live.clock.isKnown ? live.clock.age(ts) : null)) }));
  figures.then(({ loaded, hints }) => use(loaded, hints), () => {
    figures = null;
    announce(say("requestFailed"));
  });
}

document.addEventListener("pointerover", (event) => {
  if (figures === null && event.pointerType !== "touch" && figureOf(event.target)) withFigures((_, hints) => hints.over(event));
});
document.addEventListener("focusin", ({ target }) => {
  if (!(target instanceof HTMLElement) || !target.matches(".cite[data-cite]:focus-visible")) return;
  // A box that closes gives the focus back before it is gone: nothing opens meanwhile.
  withFigures((_, hints) => setTimeout(() => document.activeElement === target && hints.show(target)));
});
document.addEventListener("click", (event) => {
  if (!(event instanceof PointerEvent) || event.pointerType !== "touch") return;
  const tapped = (event.target as Element).closest("a, button, summary, label, input, select") ? null : figureOf(event.target);
  if (tapped) withFigures((_, hints) => hints.show(tapped));
  else if (figures) withFigures((_, hints) => hints.hide());
});

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing) return;
  if (ahead !== null && !event.ctrlKey && !event.metaKey && !event.altKey) {
    if (event.key === "Escape") ahead = null;
    else if (event.key === "Enter") isEntered = true;
    else if (event.key === "Backspace") ahead = ahead.slice(0, -1);
    else if (event.key.length === 1) ahead += event.key;
    event.preventDefault();
    return;
  }
  const action = meaning({
    key: event.key, ctrlKey: event.ctrlKey, metaKey: event.metaKey, altKey: event.altKey,
    isField: isField(event.target), isOn: areKeysOn, isDialogOpen: document.querySelector("dialog:modal") !== null,
  });
  if (action === null) return;
  if (action === "palette") openPalette();
  else if (action === "help") openHelp(areKeysOn, say);
  else if (action === "next" || action === "previous") step(action === "next" ? 1 : -1);
  else {
    const target = document.querySelector<HTMLElement>(`[data-key="${CSS.escape(action.key)}"]`);
    if (!target) return;
    target.click();
  }
  event.preventDefault();
});

document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element) || event.defaultPrevented) return;
  const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey;
  const found = event.target.closest<HTMLElement>("[data-palette], [data-help], [data-cite], [data-cites], [data-copy], [data-copy-link], [data-open], a.sort");
  closeMenus(event.target);
  // A filter is applied where it stands: its list closes, and keys go on from its name.
  const filter = event.target.closest("form button") && event.target.closest<HTMLDetailsElement>("[data-in-place] details.menu");
  if (filter) setTimeout(() => {
    filter.open = false;
    filter.querySelector("summary")?.focus();
  });
  sayDownload(event.target);
  if (!found || !isPlain) return;
  const data = found.dataset;
  if (found.matches("a.sort")) {
    if (sortByLink(found as HTMLAnchorElement, say)) event.preventDefault();
    return;
  }
  if (data["palette"] !== undefined) openPalette();
  else if (data["help"] !== undefined) openHelp(areKeysOn, say);
  else if (data["cite"] !== undefined) withFigures(({ openCitation }) => openCitation(found, say, live));
  else if (data["cites"] !== undefined) withFigures(({ toggleCites }) => toggleCites(found, say, shown));
  else if (data["copy"] !== undefined) void copy(data["copy"], say);
  else if (data["copyLink"] !== undefined) void copy(location.href, say, say("linkCopied"));
  else {
    const dialog = document.getElementById(data["open"] ?? "");
    if (!(dialog instanceof HTMLDialogElement)) return;
    dialog.showModal();
  }
  event.preventDefault();
});

/** A list of files closes once one was taken, and says so: not every browser does. */
function sayDownload(from: Element): void {
  const link = from.closest<HTMLAnchorElement>(".exports a[download]");
  if (!link) return;
  link.closest("details")?.removeAttribute("open");
  show({ text: say("downloading", { name: link.textContent?.trim() ?? "" }) }, say);
}

function closeMenus(except: Element): void {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.menu[open]")) {
    if (!menu.contains(except)) menu.open = false;
  }
}

/** Keep what a menu opens in the window: moved sideways where it runs off, opened upwards where it ends below. */
function keepInWindow(menu: HTMLDetailsElement): void {
  const list = menu.lastElementChild;
  if (!menu.open || !(list instanceof HTMLElement)) return;
  list.style.translate = "";
  const { left, right, top, bottom, height } = list.getBoundingClientRect();
  const { clientWidth, clientHeight } = document.documentElement;
  const bars = getComputedStyle(document.documentElement);
  const off = Math.max(right + EDGE_PX - clientWidth, 0) || Math.min(left - EDGE_PX, 0);
  const isBelow = bottom > clientHeight - (parseFloat(bars.scrollPaddingBottom) || 0);
  const upwards = top - menu.getBoundingClientRect().top + height + EDGE_PX / 2;
  const isUp = isBelow && top - upwards > (parseFloat(bars.scrollPaddingTop) || 0);
  if (off || isUp) list.style.translate = `${-off}px ${isUp ? -upwards : 0}px`;
  if (isBelow && !isUp) list.scrollIntoView({ block: "nearest" });
}

document.addEventListener("toggle", ({ target }) => {
  if (target instanceof HTMLDetailsElement && target.matches(".menu")) keepInWindow(target);
}, true);

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.activeElement?.closest<HTMLDetailsElement>("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary")?.focus();
});

document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (!(form instanceof HTMLFormElement) || !(submitter instanceof HTMLButtonElement)) return;
  if (submitter.name === "language") keepTyped(form);
  if (form.dataset["themeForm"] !== undefined && switchTheme(form, submitter, say)) event.preventDefault();
});

/** What was ticked and typed goes on with the change of language: the page reads it from its address. */
function keepTyped(form: HTMLFormElement): void {
  const kept = document.querySelector<HTMLFormElement>("main form[data-kept]");
  const next = form.elements.namedItem("next");
  if (!kept || !(next instanceof HTMLInputElement)) return;
  const address = new URL(next.value, location.href);
  for (const field of kept.elements) if (field instanceof HTMLInputElement && field.type !== "hidden") address.searchParams.delete(field.name);
  const typed = new FormData(kept);
  for (const name of new Set(typed.keys())) {
    const field = kept.elements.namedItem(name);
    const value = typed.getAll(name).filter(Boolean).join(",");
    if (value && !(field instanceof HTMLInputElement && field.type === "hidden")) address.searchParams.set(name, value);
  }
  next.value = address.pathname + address.search;
}

document.addEventListener("input", (event) => {
  if (event.target instanceof HTMLInputElement && event.target.dataset["filter"] !== undefined) filterRows(event.target, say);
});

document.addEventListener("change", (event) => {
  const target = event.target;
  if (!(target instanceof HTMLSelectElement) && !(target instanceof HTMLInputElement && target.type === "checkbox")) return;
  sayTicked(target);
  const form = target.form;
  if (form?.dataset["submit"] !== undefined) form.requestSubmit();
});

document.addEventListener("htmx:config:request", (event) => {
  const request = (event as CustomEvent<{ ctx?: { request?: { headers?: Record<string, string>; body?: FormData; form?: HTMLFormElement } } }>).detail.ctx?.request;
  if (!request) return;
  request.headers = { ...request.headers, "X-CSRF-Token": csrf(), ...pageLanguage() };
  const { body, form } = request;
  if (!body || form?.dataset["lean"] === undefined) return;
  // An address holds what was filled in: several of one name with commas, and nothing that is secret or empty.
  body.delete("csrf");
  for (const name of new Set(body.keys())) {
    const value = body.getAll(name).filter(Boolean).join(",");
    body.delete(name);
    if (value) body.set(name, value);
  }
});
document.addEventListener("htmx:error", (event) => {
  // A request that a newer one replaced is no failure.
  const { error } = (event as CustomEvent<{ error?: { name?: string } }>).detail ?? {};
  if (error?.name !== "AbortError") announce(say("requestFailed"));
});
document.addEventListener("htmx:before:response", (event) => {
  const { ctx } = (event as CustomEvent<{ ctx?: { select?: string; response?: { status: number }; request?: { action: string } } }>).detail;
  // A refusal is a page of its own, and one from elsewhere may have no part to put here.
  if (ctx?.select !== "#main" || (ctx.response?.status ?? 0) < 400) return;
  event.preventDefault();
  location.assign(ctx.request?.action ?? location.href);
});
document.addEventListener("htmx:after:history:update", () => {
  // What stands outside the part that changed leads back to what is seen now.
  for (const next of document.querySelectorAll<HTMLInputElement>("header input[name=next]")) {
    const here = new URL(location.href);
    // A language that is chosen counts more than the one of the address.
    if (next.form?.querySelector("[name=language]")) here.searchParams.delete("lang");
    next.value = here.pathname + here.search;
  }
});
document.addEventListener("vigie:toast", (event) => show((event as CustomEvent<Toast>).detail, say));

/** Give the focus to what a page begins with; a browser that finds the part of the address only then takes it away. */
function focusFirst(): void {
  const first = document.querySelector<HTMLElement>("[data-focus]");
  first?.focus();
  if (!first || !location.hash) return;
  const again = (): void => {
    if (document.activeElement === document.body) first.focus();
  };
  requestAnimationFrame(() => requestAnimationFrame(again));
}

function begin(): void {
  forgetOthers();
  for (const element of document.querySelectorAll<HTMLElement>("[data-palette][hidden]")) element.hidden = false;
  focusFirst();
  // Pictures that the page can be read without: they ask for nothing before it is painted.
  idle(() => {
    for (const picture of document.querySelectorAll<HTMLImageElement>("img[data-src]")) picture.src = picture.dataset["src"] ?? "";
  });
  // Rows of links that are wider than a phone begin where one is.
  for (const here of document.querySelectorAll<HTMLElement>(".tabs [aria-current], .site-nav [aria-current]")) {
    const row = here.closest("ul");
    if (row && row.scrollWidth > row.clientWidth) row.scrollLeft = here.offsetLeft - row.offsetLeft - row.clientWidth / 3;
  }
  watchInbox(language, say);
  keepHeads();
  idle(() => watchCharts({ language, format, live, announce }));
  if (topics.length > 0 || document.querySelector("[data-live], [data-bell]")) idle(() => live.start());
}

if (document.readyState === "complete") begin();
else window.addEventListener("load", begin, { once: true });
