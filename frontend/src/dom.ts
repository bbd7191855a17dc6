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

export function hiddenField(name: string, value: string): HTMLInputElement {
  return make("input", { type: "hidden", name, value });
}
