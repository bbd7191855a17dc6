/** What scripts say, in the page's language. */

const ENGLISH = {
  live: "live",
  connecting: "connecting",
  pausedSince: "paused since {time}",
  close: "Close",
  copy: "Copy",
  copied: "Copied",
  copyLink: "Copy the link",
  linkCopied: "Link copied",
  simulated: "simulated market, nothing of it is real",
  notCopied: "The browser refused to copy; select the text instead",
  undo: "Undo",
  cite: "Cite",
  value: "Value",
  source: "Source",
  time: "Time",
  formula: "Formula",
  search: "Search pages, assets, news",
  results: "{n} results",
  oneResult: "1 result",
  noResults: "Nothing found",
  searchFailed: "The search does not answer just now",
  paletteHint: "Arrow keys to choose, Enter to open, Escape to close",
  keys: "Keys",
  help: "Help",
  keysOn: "Switch single keys on",
  keysOff: "Switch single keys off",
  keysAreOff: "Single keys are switched off.",
  keyPalette: "search",
  keyHelp: "this help",
  keyNext: "next block",
  keyPrevious: "previous block",
  sortedUp: "sorted by {name}, ascending",
  sortedDown: "sorted by {name}, descending",
  rowsShown: "{n} rows shown",
  theme: "Theme",
  auto: "as the system",
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
  simulated: "marché simulé, rien n'en est réel",
  notCopied: "Le navigateur a refusé de copier ; sélectionnez le texte",
  undo: "Annuler",
  cite: "Citer",
  value: "Valeur",
  source: "Source",
  time: "Heure",
  formula: "Formule",
  search: "Chercher pages, actifs, actualités",
  results: "{n} résultats",
  oneResult: "1 résultat",
  noResults: "Rien trouvé",
  searchFailed: "La recherche ne répond pas pour l'instant",
  paletteHint: "Flèches pour choisir, Entrée pour ouvrir, Échap pour fermer",
  keys: "Touches",
  help: "Aide",
  keysOn: "Activer les touches seules",
  keysOff: "Désactiver les touches seules",
  keysAreOff: "Les touches seules sont désactivées.",
  keyPalette: "chercher",
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
  requestFailed: "Le serveur ne répond pas ; rien n'a été changé",
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
