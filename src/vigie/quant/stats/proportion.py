"""How large a share is when only some were counted: Wilson's interval."""

from __future__ import annotations

from math import sqrt

from vigie.domain.errors import UsageError
from vigie.quant.stats.normal import normal_quantile


def wilson_interval(successes: int, count: int, *, level: float = 0.95) -> tuple[float, float]:
    """Return the interval of a share.

    Parameters
    ----------
    successes, count : int
        How many of how many; at least one was counted.
    level : float
        How often such an interval holds the true share, in (0, 1).

    Returns
    -------
    float, float
        In [0, 1].

    Raises
    ------
    UsageError
        If nothing was counted, or more succeeded than were counted.

    Notes
    -----
    Wilson (1927), "Probable inference, the law of succession, and statistical inference".
    """
    if not 0 <= successes <= count or count < 1:
        raise UsageError(
            "share_must_be_counted",
            "0 to {count} of at least 1 must have succeeded, was {successes}",
            count=count,
            successes=successes,
        )
    z = normal_quantile(0.5 + level / 2.0)
    share = successes / count
    centre = (share + z * z / (2.0 * count)) / (1.0 + z * z / count)
    half = z / (1.0 + z * z / count) * sqrt(share * (1.0 - share) / count + z * z / (4.0 * count * count))
    # Exact at the ends, where rounding would leave the share outside.
    return (0.0 if successes == 0 else centre - half), (1.0 if successes == count else centre + half)
