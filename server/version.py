"""Which release this is, as its packaging names it.

This module never fails where nothing is installed: a checkout runs too.
"""

from importlib.metadata import PackageNotFoundError, version


def own_version() -> str:
    """The installed release, or that this is a checkout nobody installed."""
    try:
        return version("juzhu")
    except PackageNotFoundError:
        return "from a checkout"
