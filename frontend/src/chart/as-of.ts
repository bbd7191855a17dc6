/** The window that asks for an instant: the page then shows what was known at it. */
import { make } from "../dom.ts";
import type { ChartSay } from "./texts.ts";
import { closer, makeWindow, showOnce } from "./window.ts";

export function askInstant(say: ChartSay, value: string, run: (instant: string | null) => void): void {
  const field = make("input", { class: "input", type: "datetime-local", id: "as-of-field", value, "aria-describedby": "as-of-hint" });
  const form = make("form", { method: "dialog", class: "field", id: "as-of-form" },
    make("label", { for: field.id }, say("when")), field, make("p", { class: "field-hint", id: "as-of-hint" }, say("asOfHint")));
  const back = closer(say("backToNow"), () => {
    dialog.close();
    run(null);
  });
  const show = make("button", { type: "submit", class: "button button-primary", form: form.id }, say("show"));
  const dialog = makeWindow("as-of-title", say("asOfTitle"), [form], [value ? back : null, show]);
  form.addEventListener("submit", () => {
    if (field.value) run(field.value);
  });
  showOnce(dialog);
}
