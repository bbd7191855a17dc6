"""What a page is. A folder in `pages` with `page.py` and `page.html` is one page more.

`page.py` defines ``PAGES``, a tuple of `Page`, and ``GROUP``, where in the menu they stand. A page reads operations
only, through its `RequestContext`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from starlette.responses import Response

from vigie.domain.person import Scope
from vigie.views.web.forms import MAX_FIELDS
from vigie.views.web.request_context import RequestContext

FOLDER: Final = Path(__file__).parent / "pages"
PACKAGE: Final = "vigie.views.web.pages"

ShowPage = Callable[[RequestContext], Mapping[str, Any] | Response]
Action = Callable[[RequestContext, Mapping[str, str]], Response]


@dataclass(frozen=True, slots=True)
class Page:
    """One page.

    Attributes
    ----------
    name : str
        Unique; templates link with ``url(name)``.
    path : str
        ``/asset/{id}``.
    title, description : str
        English; French in the catalogue. The title is the page's heading and its document title.
    show : callable
        Takes the request context, gives the template's values, or a response.
    template : str
        In the page's folder; ``page.html`` by default.
    actions : mapping
        What forms may post: ``{"/markets/save": function}``; each answers with a redirect.
    scope : Scope
        What the visitor must hold to see it.
    is_public : bool
        Whether it is shown to visitors who have not signed in although users exist.
    files : mapping of str to str
        Which field of an act's form may hold a file of text: ``{"/watchlists/import": "file"}``.
    max_fields : int
        Most fields that its forms may have.
    asks_passwords : bool
        Whether what is posted to it holds a password: looked at one after the other, apart from all pages.
    has_as_of : bool
        Whether ``?as_of=`` shows what was known then; links to its figures hold the instant they were read.
    is_in_menu : bool
        Whether menu and palette name it; those with an id in their address never stand there.
    folder, group : str
        Where it lies and its group of the menu, both from the registry.
    """

    name: str
    path: str
    title: str
    description: str
    show: ShowPage
    template: str = "page.html"
    actions: Mapping[str, Action] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    max_fields: int = MAX_FIELDS
    scope: Scope = "read"
    is_public: bool = False
    asks_passwords: bool = False
    has_as_of: bool = False
    is_in_menu: bool = True
    folder: str = ""
    group: str = ""


@cache
def pages() -> dict[str, Page]:
    """Return every page by name; the folder is the registry."""
    from dataclasses import replace

    by_name: dict[str, Page] = {}
    for name in sorted(path.parent.name for path in FOLDER.glob("*/page.py")):
        module = import_module(f"{PACKAGE}.{name}.page")
        for page in module.PAGES:
            by_name[page.name] = replace(page, folder=name, group=module.GROUP)
    return by_name
