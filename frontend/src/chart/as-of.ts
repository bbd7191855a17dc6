/** The window that asks for an instant: the page then shows what was known at it. */
import { make } from "../dom.ts";
import type { ChartSay } from "./texts.ts";

export function askInstant(say: ChartSay, value: string, run: (instant: string | null) => void): void {
  const field = make("input", { class: "input", type: "datetime-local", id: "as-of-field", value, "aria-describedby": "as-of-hint" });
  const back = make("button", { type: "button", class: "button" }, say("backToNow"));
  const form = make("form", { method: "dialog" },
    make("div", { class: "dialog-head" }, make("h2", { id: "as-of-title" }, say("asOfTitle"))),
    make("div", { class: "dialog-body" }, make("div", { class: "field" }, make("label", { for: field.id }, say("when")), field, make("p", { class: "field-hint", id: "as-of-hint" }, say("asOfHint")))),
    make("div", { class: "dialog-foot" }, value ? back : null, make("button", { type: "submit", class: "button button-primary" }, say("show"))));
  const dialog = make("dialog", { class: "dialog", "aria-labelledby": "as-of-title" }, form);
  back.addEventListener("click", () => {
    dialog.close();
    run(null);
  });
  form.addEventListener("submit", () => {
    if (field.value) run(field.value);
  });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
