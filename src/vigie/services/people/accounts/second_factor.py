"""The second factor: six digits of an authenticator app that change every 30 s (RFC 6238); each is good once."""

from __future__ import annotations

import hmac
import re
from typing import Final

from vigie.domain.errors import UsageError
from vigie.ports.accounts import UserStore

ISSUER: Final = "Vigie"
STEP_MS: Final = 30_000
# One step before and after: clocks of telephones are not exact, and typing takes time.
WINDOW: Final = 1
DIGITS: Final = 6
_SECRET: Final = re.compile(r"[A-Z2-7]{32}")


def new_secret() -> str:
    """Draw a secret of 160 bits in the spelling of authenticator apps."""
    import pyotp

    return pyotp.random_base32()


def provisioning_uri(secret: str, name: str) -> str:
    """Return the ``otpauth://`` address that an app reads from a QR code."""
    import pyotp

    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER)


def step_of(secret: str, code: str, now_ms: int) -> int | None:
    """Return the time step that a code belongs to, None where it is none of the accepted ones."""
    import pyotp

    digits = "".join(code.split())
    is_code = len(digits) == DIGITS and digits.isascii() and digits.isdigit()
    if not is_code or not _SECRET.fullmatch(secret):
        return None
    app, now, matched_step = pyotp.TOTP(secret), now_ms // STEP_MS, None
    for step in range(now - WINDOW, now + WINDOW + 1):
        # All are looked at: how long it takes tells nothing.
        if hmac.compare_digest(app.generate_otp(step), digits):
            matched_step = step
    return matched_step


def use_code(accounts: UserStore, user: str, code: str, now_ms: int) -> bool:
    """Tell whether a code is right and was not used before; from now on it is used."""
    step = step_of(accounts.totp_secret(user), code, now_ms)
    return step is not None and accounts.use_code(user, step)


def switch_on(accounts: UserStore, user: str, secret: str, code: str, now_ms: int) -> None:
    """Keep a secret once its app has shown that it has it.

    Raises
    ------
    UsageError
        If the code is not the secret's.
    """
    step = step_of(secret, code, now_ms)
    if step is None:
        raise UsageError(
            "code_does_not_match_secret",
            "this code does not match the secret; check your device's clock and try the next code",
        )
    accounts.change(user, totp_secret=secret)
    accounts.use_code(user, step)
