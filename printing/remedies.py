"""A city's own file of remedies, read from where it lies (article 30).

What remedies are, and those that are shipped, is `regulation.remedies`' to say.
"""

from pathlib import Path

from regulation.remedies import Remedies, RemediesError, remedies_of, shipped_remedies


def read_remedies(path: Path | None = None) -> tuple[Remedies, ...]:
    """Read a file of remedies, oldest first; without a path those that are shipped.

    Raises:
        RemediesError: it is no such file.

    """
    if path is None:
        return shipped_remedies()
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as fault:
        raise RemediesError(
            f"the file of remedies cannot be read ({type(fault).__name__}):"
            " write it like regulation/remedies.toml"
        ) from None
    return remedies_of(text)
