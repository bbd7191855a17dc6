/** What scripts say, in the page's language. */

const ENGLISH = {
  live: "live",
  connecting: "connecting",
  pausedSince: "paused since {time}",
  close: "Close",
  copy: "Copy",
  copied: "Copied",
  copyLink: "Copy link",
  linkCopied: "Link copied",
  simulated: "simulated market: nothing here is real",
  notCopied: "The browser refused to copy; select the text and copy it",
  undo: "Undo",
  cite: "Cite",
  value: "Value",
  source: "Source",
  time: "Time",
  formula: "Formula",
  search: "Search pages, assets, news",
  results: "{n} results",
  oneResult: "1 result",
  noResults: "No results",
  searchFailed: "Search is unavailable right now",
  paletteHint: "Arrow keys: choose; Enter: open; Escape: close",
  keys: "Shortcuts",
  help: "Help",
  keysOn: "Turn on shortcuts",
  keysOff: "Turn off shortcuts",
  keysAreOff: "Single-key shortcuts are off.",
  keyPalette: "search",
  keyHelp: "this help",
  keyNext: "next block",
  keyPrevious: "previous block",
  sortedUp: "sorted by {name}, ascending",
  sortedDown: "sorted by {name}, descending",
  rowsShown: "{n} rows shown",
  theme: "Theme",
  auto: "same as system",
  dark: "dark",
  light: "light",
  second: "s",
  minute: "min",
  hour: "h",
  day: "d",
  requestFailed: "The server does not answer; nothing was changed",
} as const;

export type TextKey = keyof typeof ENGLISH;

const FRENCH: Record<TextKey, string> = {
  live: "en direct",
  connecting: "connexion",
  pausedSince: "en pause depuis {time}",
  close: "Fermer",
  copy: "Copier",
  copied: "Copié",
  copyLink: "Copier le lien",
  linkCopied: "Lien copié",
  simulated: "marché simulé : rien ici n’est réel",
  notCopied: "Le navigateur a refusé de copier ; sélectionnez le texte et copiez-le",
  undo: "Annuler",
  cite: "Citer",
  value: "Valeur",
  source: "Source",
  time: "Heure",
  formula: "Formule",
  search: "Rechercher pages, actifs, actualités",
  results: "{n} résultats",
  oneResult: "1 résultat",
  noResults: "Aucun résultat",
  searchFailed: "La recherche est momentanément indisponible",
  paletteHint: "Flèches : choisir ; Entrée : ouvrir ; Échap : fermer",
  keys: "Raccourcis",
  help: "Aide",
  keysOn: "Activer les raccourcis",
  keysOff: "Désactiver les raccourcis",
  keysAreOff: "Les raccourcis à une touche sont désactivés.",
  keyPalette: "rechercher",
  keyHelp: "cette aide",
  keyNext: "bloc suivant",
  keyPrevious: "bloc précédent",
  sortedUp: "trié par {name}, croissant",
  sortedDown: "trié par {name}, décroissant",
  rowsShown: "{n} lignes affichées",
  theme: "Thème",
  auto: "comme le système",
  dark: "sombre",
  light: "clair",
  second: "s",
  minute: "min",
  hour: "h",
  day: "j",
  requestFailed: "Le serveur ne répond pas ; rien n’a été changé",
};

export const TEXTS = { en: ENGLISH, fr: FRENCH };
export type Language = keyof typeof TEXTS;

export function languageOf(tag: string): Language {
  return tag.toLowerCase().startsWith("fr") ? "fr" : "en";
}

/** Return a writer of texts in one language. */
export function writer(language: Language): (key: TextKey, values?: Record<string, string | number>) => string {
  return (key, values = {}) => TEXTS[language][key].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}

export type Say = ReturnType<typeof writer>;
