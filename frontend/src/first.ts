/** Runs before everything else: what htmx and the browser's guard against injected scripts need to find. */

interface Policies {
  createPolicy(name: string, rules: Record<string, (text: string) => string>): unknown;
}

// The guard blocks every assignment of markup until a policy exists. This one lets the server's own fragments through;
// it is no filter: what the server sends is escaped there.
const guard = (globalThis as { trustedTypes?: Policies }).trustedTypes;
guard?.createPolicy("default", {
  createHTML: (text) => text,
  createScriptURL: (text) => {
    if (new URL(text, location.href).origin !== location.origin) throw new TypeError("a script of another origin");
    return text;
  },
});

// No style element, no other origin; going back loads the page anew instead of swapping a stored copy in.
const settings = { includeIndicatorCSS: false, mode: "same-origin", history: "reload" };
const meta = document.querySelector<HTMLMetaElement>('meta[name="htmx-config"]') ?? document.createElement("meta");
meta.name = "htmx-config";
meta.content = JSON.stringify(settings);
if (!meta.isConnected) document.head.append(meta);

document.documentElement.classList.add("has-js");

export {};
