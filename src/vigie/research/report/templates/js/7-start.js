// Light or dark as the system says, until the reader says otherwise.
function startTheme() {
  const root = document.documentElement, button = $("theme");
  const isDark = () => (root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  try {
    const kept = localStorage.getItem("vigie-theme");
    if (kept) root.dataset.theme = kept;
  } catch {
    // Files may have no storage.
  }
  button.setAttribute("aria-pressed", String(isDark()));
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    button.setAttribute("aria-pressed", String(isDark()));
    try {
      localStorage.setItem("vigie-theme", root.dataset.theme);
    } catch {
      // As above.
    }
  });
}

startTheme();
startCurves();
startSorting();
startTrades();
document.documentElement.dataset.ready = "true";
