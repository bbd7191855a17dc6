"""How pages looked when somebody last looked at them, and what differs since.

``python -m tests.e2e.looks`` draws all of them anew, ``python -m tests.e2e.looks today asset`` those named.
Pictures are small and compared by patches: fonts are drawn a little otherwise elsewhere, a lost rule of style is not.
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

PICTURES: Final = Path(__file__).parent / "pictures"
PAGES: Final = {
    "styleguide": "/styleguide",
    "today": "/",
    "markets": "/markets",
    "asset": "/asset/bitcoin",
    "backtests": "/backtests",
}
# A page that shows nothing without rows of its own, in a house that has them.
EMERGING: Final = "/markets/emerging"
MAIL: Final = "mail"
THEMES: Final = ("light", "dark")
WIDTHS: Final = {"wide": 1280, "phone": 390}
# A pixel of a picture is so many of the page.
SCALE: Final = 5
# Of a picture: a patch of so many pixels each way differs from so many levels of 255 on.
PATCH, LEVELS = 4, 14.0
# Of all patches.
SHARE: Final = 0.002


def taken(page: Any, path: str, width: int) -> NDArray[np.uint8]:
    """Return a small picture of a whole page, without scripts and motion, shape (height, width, 3)."""
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(path)
    return small_of(page)


def small_of(page: Any) -> NDArray[np.uint8]:
    """Return a small picture of what a page shows, as whole as it is."""
    shot = Image.open(io.BytesIO(page.screenshot(full_page=True, animations="disabled", caret="hide")))
    small = shot.convert("RGB").resize((shot.width // SCALE, shot.height // SCALE), Image.Resampling.BOX)
    return np.asarray(small)


def kept(name: str) -> NDArray[np.uint8]:
    """Return the picture that is kept under a name."""
    return np.asarray(Image.open(PICTURES / f"{name}.png").convert("RGB"))


def changed(before: NDArray[np.uint8], now: NDArray[np.uint8]) -> float:
    """Return the share of patches that differ; what one picture has below the other differs."""
    height, width = (max(one, other) for one, other in zip(before.shape[:2], now.shape[:2], strict=True))
    patches = [_patches(picture, height, width) for picture in (before, now)]
    return float(np.mean(np.abs(patches[0] - patches[1]).max(axis=-1) > LEVELS))


def _patches(picture: NDArray[np.uint8], height: int, width: int) -> NDArray[np.float64]:
    rows, columns = -(-height // PATCH), -(-width // PATCH)
    whole = np.full((rows * PATCH, columns * PATCH, 3), -255.0)
    whole[: picture.shape[0], : picture.shape[1]] = picture
    return whole.reshape(rows, PATCH, columns, PATCH, 3).mean(axis=(1, 3))


def mails(browser: Any, home: Path) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    """Yield each language and the small picture of its mail of a release, on a narrow screen."""
    from tests.e2e.houses import room
    from tests.e2e.test_mail_looks import WIDTHS as widths
    from tests.e2e.test_mail_looks import messages, place_of

    for language in ("en", "fr"):
        page = room(browser, viewport={"width": widths[0], "height": 800}, color_scheme="light").new_page()
        page.set_content(messages(place_of(home / language), language)[0].html)
        yield language, small_of(page)
        page.context.close()


def main() -> int:
    """Draw every picture anew."""
    from tests.clocks import StandingClock
    from tests.e2e.houses import chromium, served, site_of
    from tests.unit.views.web.test_emerging_page import listed_house

    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        with site_of(Path(folder) / "home") as site:
            _draw(browser, site, PAGES)
        with served(listed_house(Path(folder) / "emerging", StandingClock())) as site:
            _draw(browser, site, {"emerging": EMERGING})
        if len(sys.argv) == 1 or MAIL in sys.argv[1:]:
            for language, picture in mails(browser, Path(folder) / "mail"):
                Image.fromarray(picture).save(PICTURES / f"{MAIL}-{language}.png", optimize=True)
    return 0


def _draw(browser: Any, site: Any, pages: Mapping[str, str]) -> None:
    from tests.e2e.houses import tab

    for theme in THEMES:
        with tab(browser, site, java_script_enabled=False, color_scheme=theme) as opened:
            for page, path in pages.items():
                if len(sys.argv) > 1 and page not in sys.argv[1:]:
                    continue
                for room, width in WIDTHS.items():
                    picture = Image.fromarray(taken(opened.page, path, width))
                    picture.save(PICTURES / f"{page}-{room}-{theme}.png", optimize=True)


if __name__ == "__main__":
    sys.exit(main())
