"""A browser that a reader drives by words and that notes each of them: ``python -m tests.readers.browse --help``.

A reader sees pictures and the names of what can be clicked, never code. Every order and every note is a line of
``log.jsonl`` with its second; `tests.readers.table` counts them.
"""

from __future__ import annotations

import argparse
import http.server
import json
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from tests.e2e.houses import CHROMIUM

SIZES: Final = {"desktop": (1440, 900), "phone": (390, 844)}
LOCALES: Final = {"en": "en-GB", "fr": "fr-FR"}
ORDERS: Final = ("click", "type", "choose", "hover", "point", "key", "keys", "scroll", "back")
NOTES: Final = ("begin", "hesitate", "answer", "give-up")
LONGEST: Final = 6_000
# What can be used and is in sight, with its name, what it holds and where it is.
LIST: Final = """() => {
  const wanted = "a[href],button,input:not([type=hidden]),select,textarea,summary,[role=button],[role=option],label";
  window.__seen = [];
  const rows = [];
  for (const one of document.querySelectorAll(wanted)) {
    const box = one.getBoundingClientRect();
    if (box.width < 4 || box.height < 4 || box.bottom < 0 || box.top > innerHeight) continue;
    if (getComputedStyle(one).visibility === "hidden") continue;
    if (one.tagName === "LABEL" && !["checkbox", "radio"].includes(one.control?.type)) continue;
    const x = Math.min(Math.max(box.left + box.width / 2, 1), innerWidth - 2);
    const y = Math.min(Math.max(box.top + box.height / 2, 1), innerHeight - 2);
    const top = document.elementFromPoint(x, y);
    if (!top || !(one.contains(top) || top.contains(one))) continue;
    const label = one.getAttribute("aria-label") || one.labels?.[0]?.innerText || one.innerText || one.placeholder;
    const held = one.tagName === "SELECT" ? `${one.selectedOptions[0]?.text} of ${[...one.options].map((o) => o.text)}`
      : ["checkbox", "radio"].includes(one.type) ? String(one.checked) : one.value ?? "";
    window.__seen.push(one);
    const name = (label || "").trim().replace(/\\s+/g, " ").slice(0, 80);
    rows.push(`${rows.length}: ${one.tagName.toLowerCase()} ${name} [${held}] @${Math.round(x)},${Math.round(y)}`);
  }
  return rows;
}"""


class Reading:
    """One reader's browser, and what they did."""

    def __init__(self, context: Any, folder: Path, link: str, *, is_phone: bool) -> None:
        self.context = context
        self.folder = folder
        self.is_phone = is_phone
        self.pictures = 0
        self.files: list[str] = []
        folder.mkdir(parents=True, exist_ok=True)
        self.page = context.new_page()
        self.page.on("download", lambda file: self.files.append(file.suggested_filename))
        self.page.goto(link)
        self.note("open", "")

    def note(self, kind: str, text: str) -> None:
        """Write one line of what was done."""
        line = {"t": round(time.time(), 1), "kind": kind, "text": text, "page": self.page.url}
        with (self.folder / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(line, ensure_ascii=False) + "\n")

    def look(self) -> str:
        """Take a picture and say what can be used."""
        self.page = self.context.pages[-1]
        self.page.wait_for_load_state("load")
        self.pictures += 1
        path = self.folder / f"{self.pictures:03d}.png"
        self.page.screenshot(path=str(path))
        saved = [f"downloaded: {', '.join(self.files)}"] if self.files else []
        return "\n".join([f"picture: {path}", *saved, *self.page.evaluate(LIST)])

    def act(self, words: Sequence[str]) -> str:
        """Do what one line of words asks for, and say what is seen then."""
        order, rest = words[0], list(words[1:])
        text = " ".join(rest)
        if order in NOTES:
            self.note(order, text)
            return "noted"
        if order == "text":
            return str(self.page.evaluate("document.querySelector('main').innerText"))[:LONGEST]
        if order != "look":
            if order not in ORDERS:
                raise ValueError(f"there is no order {order!r}")
            self.note(order, text)
            self._use(order, rest, text)
        return self.look()

    def _use(self, order: str, rest: Sequence[str], text: str) -> None:
        if order in ("click", "type", "choose", "hover"):
            found = self.page.evaluate_handle(f"window.__seen[{int(rest[0])}]").as_element()
            if found is None:
                raise ValueError(f"the last list has no number {rest[0]}")
            given = " ".join(rest[1:])
            if order == "type":
                found.fill(given)
            elif order == "choose":
                found.select_option(label=given)
            elif order == "hover":
                found.hover()
            else:
                (found.tap if self.is_phone else found.click)()
        elif order == "point":
            self.page.mouse.click(int(rest[0]), int(rest[1]))
        elif order == "key":
            self.page.keyboard.press(rest[0])
        elif order == "keys":
            self.page.keyboard.type(text)
        elif order == "scroll":
            sign = "-" if rest[0] == "up" else ""
            self.page.evaluate(f"scrollBy({{top: {sign}innerHeight * 0.8, behavior: 'instant'}})")
        elif order == "back":
            self.page.go_back()


def main() -> int:
    """Open the browser and take orders on loopback, each a JSON list of words, until it is ended."""
    from playwright.sync_api import Error, sync_playwright

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("link", help="the printed link of a demonstration")
    parser.add_argument("folder", type=Path, help="where pictures and the log are kept")
    parser.add_argument("--language", choices=sorted(LOCALES), default="en")
    parser.add_argument("--device", choices=sorted(SIZES), default="desktop")
    parser.add_argument("--port", type=int, default=19_000)
    given = parser.parse_args()
    is_phone = given.device == "phone"
    width, height = SIZES[given.device]
    with sync_playwright() as playwright:
        # A reader's browser has windows and profiles, as people's have.
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or CHROMIUM, args=["--no-sandbox"]
        )
        context = browser.new_context(
            viewport={"width": width, "height": height},
            locale=LOCALES[given.language],
            has_touch=is_phone,
            is_mobile=is_phone,
        )
        context.set_default_timeout(6_000)
        reading = Reading(context, given.folder, given.link, is_phone=is_phone)

        class Orders(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                words = json.loads(self.rfile.read(int(self.headers["content-length"])))
                try:
                    answer, status = reading.act(words), 200
                except (Error, ValueError, IndexError) as fault:
                    answer, status = f"that did not work: {str(fault)[:200]}", 422
                body = answer.encode()
                self.send_response(status)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        http.server.HTTPServer(("127.0.0.1", given.port), Orders).serve_forever()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
