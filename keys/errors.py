"""Why bytes could not be sealed or opened, and why a key can't be used.

Every message names the next step. No message, argument or attribute carries a byte of a key, of a
sealed value or of a person: positions, versions and purposes only.
"""


class SealError(Exception):
    """Sealed bytes could not be made or opened. The root of this family."""


class UnknownFormatError(SealError):
    """The bytes don't start with a magic byte and format that this release knows."""


class UnknownSuiteError(SealError):
    """The suite byte stands for no suite at all (00 and FF are invalid for good)."""


class SuiteNotImplementedError(SealError):
    """The suite has a number in the registry, but this release can't compute it."""


class SuiteNotAllowedError(SealError):
    """The suite is known, but this deployment doesn't allow it for this kind of sealed bytes."""


class WrongKeyError(SealError):
    """The header names another kind or key than the row says."""


class OpenError(SealError):
    """The bytes were altered, cut, moved from another place, or sealed under another key."""


class KeyUnusableError(SealError):
    """The bytes name a branch key that isn't held: unknown here, or destroyed for good."""


class UnsealableValueError(SealError):
    """The value has no canonical JSON, or a place or part of it is out of bounds."""


class RootKeyError(Exception):
    """The root key can't be made or read."""


class BranchKeyError(Exception):
    """The branch keys of a deployment can't be used."""


class WrongRootKeyError(BranchKeyError):
    """No branch key carries this root key's check value."""


class BranchKeyAlteredError(BranchKeyError):
    """A row of the branch key table isn't as this root key wrote it."""
