/** Messages at the lower edge; one with an action stays until it is used or closed. */
import { csrf, hiddenField, make } from "./dom.ts";
import type { Say } from "./texts.ts";

export interface Toast {
  text: string;
  /** Where the text leads. */
  href?: string;
  /** Where the undoing form is posted. */
  action?: string;
  values?: Record<string, string>;
}

const STAYS_MS = 8_000;

export function show(toast: Toast, say: Say): void {
  const region = document.querySelector(".toasts");
  const close = make("button", { type: "button", class: "button button-quiet button-small" }, say("close"));
  const element = make("div", { class: "toast" }, toast.href?.startsWith("/") ? make("a", { href: toast.href }, toast.text) : make("span", {}, toast.text));
  if (toast.action?.startsWith("/")) {
    const form = make("form", { method: "post", action: toast.action }, hiddenField("csrf", csrf()));
    for (const [name, value] of Object.entries(toast.values ?? {})) form.append(hiddenField(name, value));
    form.append(make("button", { class: "button button-small" }, say("undo")));
    element.append(form);
  } else {
    window.setTimeout(() => element.remove(), STAYS_MS);
  }
  close.addEventListener("click", () => element.remove());
  element.append(close);
  region?.append(element);
}
