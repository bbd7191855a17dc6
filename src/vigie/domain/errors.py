"""Every error of Vigie, sorted by what the system does next.

VigieError
  ConfigError        refuse to start, name the key and the file
  UsageError         the caller's mistake: say it, do not retry
    NotFound         there is no such thing
    Forbidden        this caller may not
    Conflict         somebody else changed it meanwhile: show theirs, never overwrite
  DataError          quarantine the record, count it, go on
  TransientError     retry a read with back-off
    OrderWithheld         nothing was sent: decide anew on what is known now
  ConnectorError     stop this connector, say it once
    AuthError        the same, and ask for new credentials
  OrderRejected      the venue said no: book it, tell the strategy
  StorageError       nothing was changed: repair the file, then do it again
    DiskFull         the same, but make room first
    DatabaseUnavailable     the same, once the database answers again
  OutcomeUnknown     sent, no answer: never resend an entry, reconcile first
  InvariantBroken    stop trading, write the last audit record, exit
"""

from __future__ import annotations

from vigie.domain.refusal import Refusal


class VigieError(Exception):
    """The root: everything Vigie raises on purpose.

    Parameters
    ----------
    message : str
        What happened; or, with a template, the code of its refusal.
    template : str, optional
        Of a refusal, with its arguments; see `Refusal`.

    Attributes
    ----------
    detail : str
        For the operator alone.
    language : str
        Of the message.
    """

    detail: str = ""
    language: str = "en"

    def __init__(self, message: str = "", template: str | None = None, /, **arguments: object) -> None:
        super().__init__(message if template is None else Refusal(message, template, **arguments))


def operator_text(fault: VigieError) -> str:
    """Return an error with its details, for the terminal and the log; never for a page.

    Parameters
    ----------
    fault : VigieError
        Only some errors have a `detail`.

    Returns
    -------
    str
        May hold an address or a path, so it never goes to a visitor.
    """
    return f"{fault} ({fault.detail})" if fault.detail else str(fault)


class ConfigError(VigieError):
    """Refuse to start; the message names the key and the file."""


class UsageError(VigieError):
    """The caller's mistake; the message says what was given and what is accepted."""


class NotFound(UsageError):
    """There is no such thing; the message names it."""


class Forbidden(UsageError):
    """The caller does not hold what is needed; the message says what that is."""


class Conflict(UsageError):
    """What was to be changed has been changed by somebody else meanwhile."""


class DataError(VigieError):
    """A record cannot be trusted; it is quarantined and counted."""


class TransientError(VigieError):
    """A read failed and may succeed when tried again; `after_s` is the pause the other side asked for, if any."""

    def __init__(
        self,
        message: str = "",
        template: str | float | None = None,
        /,
        after_s: float | None = None,
        **arguments: object,
    ) -> None:
        if isinstance(template, int | float):
            # Programs of before gave the pause in this place.
            template, after_s = None, template
        super().__init__(message, template, **arguments)
        self.after_s = after_s


class OrderWithheld(TransientError):
    """Something was not sent, because of what became known after it was decided."""


class ConnectorError(VigieError):
    """A connector cannot go on; it is stopped and this is said once."""


class AuthError(ConnectorError):
    """Credentials were refused; new ones are needed."""


class OrderRejected(VigieError):
    """The venue refused an order."""


class StorageError(VigieError):
    """Something could not be written or read on this machine; what was stored before is untouched."""


class DiskFull(StorageError):
    """There is no room on the disk that something would be written to; nothing was changed."""


class DatabaseUnavailable(StorageError):
    """The database does not answer; nothing was changed.

    Attributes
    ----------
    detail : str
        What its driver says, for terminal and log: it may hold an address, which visitors must not see.
    """

    def __init__(
        self, message: str, template: str | None = None, /, detail: str = "", **arguments: object
    ) -> None:
        super().__init__(message, template, **arguments)
        self.detail = detail


class OutcomeUnknown(VigieError):
    """An order was sent and no answer came; reconcile before anything else."""


class InvariantBroken(VigieError):
    """A promise of the system does not hold; trading stops."""
