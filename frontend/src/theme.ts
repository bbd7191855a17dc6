/** The theme changes at once; the form that works without scripts is sent behind it. */
import type { Say } from "./texts.ts";

export type Theme = "auto" | "dark" | "light";
const GLYPHS: Record<Theme, string> = { auto: "\u25d0", dark: "\u25cf", light: "\u25cb" };

export function after(theme: Theme): Theme {
  return theme === "auto" ? "dark" : theme === "dark" ? "light" : "auto";
}

export function isTheme(text: string): text is Theme {
  return text === "auto" || text === "dark" || text === "light";
}

/** Send a look behind a change that is shown already, so that nothing typed on the page is lost. */
export function sendLook(form: HTMLFormElement, look: Record<string, string>): void {
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === "string") body.set(name, value);
  for (const [name, value] of Object.entries(look)) body.set(name, value);
  void fetch(form.action, { method: "post", body, redirect: "manual", keepalive: true }).catch(() => undefined);
}

export function switchTheme(form: HTMLFormElement, button: HTMLButtonElement, say: Say): boolean {
  const theme = button.value;
  if (!isTheme(theme)) return false;
  document.documentElement.dataset["theme"] = theme;
  sendLook(form, { theme });
  button.value = after(theme);
  button.textContent = GLYPHS[theme];
  button.setAttribute("aria-label", `${say("theme")}: ${say(theme)}`);
  document.dispatchEvent(new CustomEvent("vigie:theme"));
  return true;
}
