/** Building elements without markup strings. */

type Child = Node | string | null | undefined;

export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  for (const child of children) if (child !== null && child !== undefined) element.append(child);
  return element;
}

/** Say something to those who listen rather than look. */
export function announce(text: string): void {
  const region = document.querySelector("[data-announce]");
  if (region) region.textContent = text;
}

export function csrf(): string {
  return document.body.dataset["csrf"] ?? "";
}

/** So that what a page asks for speaks its language, whatever was chosen elsewhere. */
export function pageLanguage(): Record<string, string> {
  return { "X-Vigie-Language": document.documentElement.lang };
}

export function hiddenField(name: string, value: string): HTMLInputElement {
  return make("input", { type: "hidden", name, value });
}

/** Say in the head of a folding group what is ticked in it. */
export function sayTicked(changed: HTMLElement): void {
  const group = changed.closest("details");
  const head = group?.querySelector<HTMLElement>("[data-ticked]");
  if (!group || !head) return;
  const names = [...group.querySelectorAll("input:checked + span")].map((label) => (label.querySelector("code") ?? label.firstChild)?.textContent?.trim());
  const text = names.join(", ");
  head.textContent = text.length > 30 ? `${text.slice(0, 29)}\u2026` : text;
}
