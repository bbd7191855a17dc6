/** The frame of the chart's windows: a title, what is in it, buttons at its foot. */
import { make } from "../dom.ts";

/** Put a window into the page, not yet shown; `id` is that of its title. */
export function makeWindow(id: string, title: string, body: readonly Node[], foot: readonly (Node | null)[]): HTMLDialogElement {
  const dialog = make("dialog", { class: "dialog", "aria-labelledby": id },
    make("div", { class: "dialog-head" }, make("h2", { id }, title)),
    make("div", { class: "dialog-body" }, ...body),
    make("div", { class: "dialog-foot" }, ...foot));
  document.body.append(dialog);
  return dialog;
}

/** Show a window once: closed, it is gone. */
export function showOnce(dialog: HTMLDialogElement): void {
  dialog.addEventListener("close", () => dialog.remove());
  dialog.showModal();
}

export function closer(text: string, close: () => void): HTMLButtonElement {
  const button = make("button", { type: "button", class: "button" }, text);
  button.addEventListener("click", close);
  return button;
}
