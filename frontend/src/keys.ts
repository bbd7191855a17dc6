/** Single keys: they never fire in fields or with modifiers, and can be switched off. */
import { csrf, hiddenField, make } from "./dom.ts";
import type { Say } from "./texts.ts";

export interface Press {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  isField: boolean;
  isOn: boolean;
  isDialogOpen: boolean;
}

export type Action = "palette" | "help" | "next" | "previous" | { key: string } | null;

/** Decide what a key means, nothing else. */
export function meaning(press: Press): Action {
  if ((press.ctrlKey || press.metaKey) && !press.altKey && press.key.toLowerCase() === "k") return "palette";
  if (press.ctrlKey || press.metaKey || press.altKey || press.isField || press.isDialogOpen || !press.isOn) return null;
  if (press.key === "?") return "help";
  if (press.key === "/") return "palette";
  if (press.key === "j") return "next";
  if (press.key === "k") return "previous";
  return /^[a-z]$/i.test(press.key) ? { key: press.key.toLowerCase() } : null;
}

export function isField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.matches("input, select, textarea, [role='combobox'], [role='textbox'], [data-chart-surface]");
}

/** Move to the heading after or before the one that was reached last. */
export function step(direction: 1 | -1): void {
  const blocks = [...document.querySelectorAll<HTMLElement>("main h1, main h2, main .tile-title")];
  const line = document.querySelector(".site-header")?.getBoundingClientRect().bottom ?? 0;
  const tops = blocks.map((block) => block.getBoundingClientRect().top - line);
  const place = direction > 0 ? tops.findIndex((top) => top > 24) : tops.findLastIndex((top) => top < -8);
  const block = blocks[place];
  if (!block) return;
  block.tabIndex = -1;
  block.focus({ preventScroll: true });
  block.scrollIntoView({ block: "start" });
}

export function openHelp(isOn: boolean, say: Say): void {
  const list = make("dl", { class: "keys" });
  const add = (keys: string[], text: string): void => {
    const term = make("dt");
    for (const key of keys) term.append(make("kbd", {}, key), " ");
    list.append(term, make("dd", {}, text));
  };
  add(["Ctrl", "K"], say("keyPalette"));
  if (isOn) {
    add(["/"], say("keyPalette"));
    add(["?"], say("keyHelp"));
    add(["j"], say("keyNext"));
    add(["k"], say("keyPrevious"));
    for (const element of document.querySelectorAll<HTMLElement>("[data-key]")) {
      add([element.dataset["key"] ?? ""], (element.getAttribute("aria-label") ?? element.textContent ?? "").trim());
    }
  }
  // What a page is for is said once, in its head.
  const about = document.querySelector<HTMLMetaElement>("meta[name='description']")?.content ?? "";
  const close = make("button", { class: "button button-quiet button-small" }, say("close"));
  const form = make("form", { method: "post", action: "/look" },
    hiddenField("csrf", csrf()), hiddenField("next", location.pathname + location.search),
    make("button", { class: "button button-small", name: "shortcuts", value: isOn ? "off" : "on" }, say(isOn ? "keysOff" : "keysOn")));
  const dialog = make("dialog", { class: "dialog", "aria-labelledby": "keys-title" },
    make("div", { class: "dialog-head" }, make("h2", { id: "keys-title" }, say("keys")), make("form", { method: "dialog" }, close)),
    make("div", { class: "dialog-body" }, about ? make("p", {}, about) : null, isOn ? null : make("p", { class: "muted" }, say("keysAreOff")), list),
    make("div", { class: "dialog-foot" }, make("a", { class: "button button-quiet button-small", href: "/help" }, say("help")), form));
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.showModal();
}
