"""One request: who asks, in which language and zone, as of when; and its way to the operations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import NoneType
from typing import Any, Final, Literal, get_args
from urllib.parse import parse_qsl, urlencode, urlsplit

from vigie.domain.errors import NotFound, UsageError
from vigie.domain.person import Caller, Persona
from vigie.domain.time import parse_time
from vigie.services.app_context import AppContext
from vigie.services.operation import AHEAD_MS, CurrencyInput, operations
from vigie.services.operation_calls import run_operation
from vigie.views.api.limits import RateLimiter
from vigie.views.web.cookies import person_mark
from vigie.views.web.language import UserLanguage

Theme = Literal["auto", "light", "dark"]
THEMES: Final[tuple[Theme, ...]] = ("auto", "light", "dark")
Density = Literal["compact", "comfortable"]
DENSITIES: Final[tuple[Density, ...]] = ("compact", "comfortable")
# Files that the rows of an operation are given as, with their names.
FILE_FORMS: Final = (("csv", "CSV"), ("json", "JSON"), ("xlsx", "Excel (XLSX)"), ("parquet", "Parquet"))


def _says_none(operation: str, key: str) -> bool:
    """Tell whether an operation takes None for a parameter that is something else when it is left out."""
    declared = operations().get(operation)
    known = None if declared is None else declared.input_type.model_fields.get(key)
    return (
        known is not None
        and not known.is_required()
        and known.default is not None
        and NoneType in get_args(known.annotation)
    )


@dataclass(frozen=True, slots=True)
class SignInContext:
    """What signing in and out needs of a request; templates have no use for it.

    Attributes
    ----------
    authenticator : Any
        Gives and takes what stands for a person.
    board_limiter : RateLimiter or None
        How many boards of the Studio a person may have drawn; None for any number.
    client : str
        Address of the browser.
    browser, session : str
        What its cookies hold.
    is_secure : bool
        Whether cookies go by HTTPS only.
    """

    authenticator: Any = None
    board_limiter: RateLimiter | None = None
    client: str = ""
    browser: str = field(default="", repr=False)
    session: str = field(default="", repr=False)
    is_secure: bool = False


@dataclass(frozen=True, slots=True)
class RequestContext:
    """What a page sees of a request.

    Attributes
    ----------
    caller : Caller
    lang : UserLanguage
        Language and time zone.
    path : str
        Without the query.
    query : mapping of str to str
        The first value of each key.
    params : mapping of str to str
        Parts of the path.
    csrf : str
        Goes into every form.
    return_path : str
        Address of a form's page with its kept form, on an answer to a form or a page filled again; else empty.
    fragment : str
        Which part of the page is asked for, by its id; empty for the whole.
    is_signed_in, has_users : bool
    name : str
        What a signed-in person is called; empty for the local owner and for visitors.
    sign_in : SignInContext
        For the pages of signing in and out.
    """

    app_context: AppContext
    caller: Caller
    lang: UserLanguage
    theme: Theme = "auto"
    persona: Persona | None = None
    currency: str = "usd"
    path: str = "/"
    query: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    origin: str = ""
    csrf: str = ""
    return_path: str = ""
    fragment: str = ""
    is_signed_in: bool = False
    has_users: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    sign_in: SignInContext = field(default_factory=SignInContext, repr=False)

    @property
    def now(self) -> int:
        """The market's time in epoch milliseconds."""
        return self.app_context.clock.market_now()

    @property
    def as_of(self) -> int | None:
        """The instant the page is about, None for now and for what lies ahead.

        Raises
        ------
        UsageError
            If ``?as_of=`` is not a time.
        """
        instant = self._asked_instant()
        # What will be known some day is not known yet: a page about that would say it of what it shows now.
        return instant if instant is not None and instant < self.now else None

    def _asked_instant(self) -> int | None:
        text = self.query.get("as_of", "")
        return parse_time(text) if text else None

    @property
    def ahead(self) -> int | None:
        """The instant that was asked for where it has not come yet; the page is about now then."""
        try:
            instant = self._asked_instant()
        except UsageError:
            return None
        return instant if instant is not None and instant > self.now + AHEAD_MS else None

    @property
    def is_shut_out(self) -> bool:
        """Whether this browser was let in here once, and is not any more."""
        return bool(self.sign_in.session) and not self.is_signed_in and not self.has_users

    @property
    def is_past(self) -> bool:
        """Whether the page is about an instant that was; it stands still then. What is no time is none."""
        try:
            return self.as_of is not None
        except UsageError:
            return False

    @property
    def person_mark(self) -> str:
        """Who reads, as a mark that tells one person of a browser from the next; empty for a visitor."""
        return person_mark(self.caller.user) if self.is_signed_in else ""

    @property
    def density(self) -> Density:
        """How close rows stand: as chosen, else compact for those who work with tables all day."""
        chosen = self.settings.get("density")
        usual: Density = "compact" if self.persona in ("trader", "journalist") else "comfortable"
        return next((density for density in DENSITIES if density == chosen), usual)

    def call(self, name: str, /, **values: Any) -> Any:
        """Run an operation on behalf of the caller, in the currency the visitor counts in.

        None is left out, unless it says other than leaving out does: no leverage is not the usual one.

        Raises
        ------
        Forbidden
            If the caller does not hold the operation's scope.
        UsageError
            If the operation refuses the values.
        NotFound
            If what it refuses is a part of the page's address: nothing can be there.
        """
        inputs = {key: value for key, value in values.items() if value is not None or _says_none(name, key)}
        try:
            return run_operation(self.app_context, self.caller, name, {**self.currency_query(name), **inputs})
        except UsageError as fault:
            for key, value in inputs.items():
                if value in self.params.values() and str(fault).startswith(f"{key}: "):
                    raise NotFound("nothing_called", "nothing is called {value!r}", value=value) from fault
            raise

    def currency_query(self, name: str) -> dict[str, str]:
        """Return what tells an operation the visitor's currency; nothing where its answer has no money in it."""
        declared = operations().get(name)
        is_money = declared is not None and issubclass(declared.input_type, CurrencyInput)
        return {"currency": self.currency} if is_money and self.currency != "usd" else {}

    def text(self, english: str) -> str:
        """Return a text in the visitor's language."""
        return self.lang.text(english)

    def file(self, operation: str, form: str, query: Mapping[str, Any]) -> str:
        """Return where an operation's rows are given as a file, in the visitor's currency."""
        path = f"/api/v1/{operation.replace('.', '/')}.{form}"
        return self.url(path, **{**query, **self.currency_query(operation)})

    def files(self, operation: str, query: Mapping[str, object]) -> list[tuple[str, str]]:
        """Return every file of an operation's rows: its name and where it is given."""
        return [(name, self.file(operation, form, query)) for form, name in FILE_FORMS]

    def picture(self, image: str, form: str, query: Mapping[str, Any]) -> str:
        """Return where a chart is given as a picture, in the visitor's currency."""
        money = {"currency": self.currency} if self.currency != "usd" else {}
        return self.url(f"{image}.{form}", **{**query, **money})

    def url(self, path: str | None = None, **changes: Any) -> str:
        """Return a link: this page's query with some values changed, or another path with only these."""
        values: dict[str, str] = {} if path is not None else dict(self.query)
        values.update({key: str(value) for key, value in changes.items() if value is not None})
        for key in [key for key, value in changes.items() if value is None]:
            values.pop(key, None)
        return f"{path or self.path}?{urlencode(values)}" if values else path or self.path

    def back(self, **changes: Any) -> str:
        """Return where a change of how things look leads back to: here, or to the page of the form just sent."""
        if not self.return_path:
            return self.url(**changes)
        parts = urlsplit(self.return_path)
        return self.url(parts.path, **{**dict(parse_qsl(parts.query)), **changes})
