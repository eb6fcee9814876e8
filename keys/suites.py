"""The registry of suite bytes, the kinds of sealed bytes, and which suite may stand in which kind.

A suite is one byte in every header and fixes the cipher and the MAC together. A deployment allows
suites kind by kind, so that a migration can allow the old one for reading and nothing falls back
by itself. This module never guesses: an unknown, unimplemented or disallowed byte is an error.
"""

from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import Final, final

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from keys.errors import (
    SuiteNotAllowedError,
    SuiteNotImplementedError,
    UnknownSuiteError,
    UnsealableValueError,
)

MAGIC: Final = 0x4A
FORMAT: Final = 0x01
KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16


class Suite(IntEnum):
    """The suites that have a number. 00 and FF never will: they are what broken memory holds."""

    AES_256_GCM_HMAC_SHA_256 = 0x01
    SM4_GCM_HMAC_SM3 = 0x02


_FIRST: Final = Suite.AES_256_GCM_HMAC_SHA_256
IMPLEMENTED: Final = frozenset({_FIRST})


class Kind(IntEnum):
    """What sealed bytes hold. A byte of the header, so one kind never opens as another."""

    GROUP = 0x01
    WRAPPED_DATA_KEY = 0x02
    BLOB_CHUNK = 0x03
    AUDIT_DETAIL = 0x04
    WRAPPED_BRANCH_KEY = 0x05
    WRAPPED_MAC_KEY = 0x06


def implemented_suite(number: int) -> Suite:
    """Return the suite of a byte, or refuse.

    Raises:
        UnknownSuiteError: the byte isn't in the registry.
        SuiteNotImplementedError: it is, but this release can't compute it.
    """
    try:
        suite = Suite(number)
    except ValueError:
        raise UnknownSuiteError(
            f"suite {number:02x} is in no registry: the bytes are damaged or from a newer release; "
            "restore them from a backup or upgrade"
        ) from None
    if suite not in IMPLEMENTED:
        raise SuiteNotImplementedError(
            f"suite {number:02x} ({suite.name}) isn't implemented in this release: "
            "use suite 01, or a release that has it"
        )
    return suite


@final
class AllowedSuites:
    """A deployment's allow-list: for each kind, the suites that may be written and read.

    A kind that isn't named allows nothing. A suite that isn't implemented can't be allowed, so a
    deployment that asks for one doesn't start.
    """

    __slots__ = ("_begins",)

    def __init__(self, by_kind: Mapping[Kind, Iterable[int]]) -> None:
        begins = [[b""] * (max(Suite) + 1) for _ in range(max(Kind) + 1)]
        for kind, numbers in by_kind.items():
            for number in numbers:
                suite = implemented_suite(number)
                begins[kind][suite] = bytes((MAGIC, FORMAT, suite, kind))
        self._begins = tuple(map(tuple, begins))

    def begin(self, kind: Kind, suite: Suite) -> bytes:
        """Return the four bytes that such sealed bytes begin with, or none if it isn't allowed.

        One look-up stands for four comparisons: this runs for every value that is opened.
        """
        return self._begins[kind][suite]

    def require(self, kind: Kind, number: int) -> Suite:
        """Return the suite of a byte that may stand in this kind, or refuse."""
        suite = implemented_suite(number)
        if not self.begin(kind, suite):
            raise SuiteNotAllowedError(
                f"suite {number:02x} isn't allowed for {kind.name} in this deployment: "
                "add it to the allow-list if a migration is under way, else treat it as tampering"
            )
        return suite


SUITE_01_ONLY: Final = AllowedSuites(dict.fromkeys(Kind, (_FIRST,)))
"""The allow-list of a deployment that says nothing else."""


@final
class SealingKey:
    """A symmetric key that seals and opens under one suite. Its bytes can't be read back.

    The cipher is constructed here, once: constructing it costs more than using it.
    """

    __slots__ = ("cipher", "suite")

    def __init__(self, suite: Suite, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise UnsealableValueError(f"a sealing key has {KEY_BYTES} bytes: make a new one")
        if suite is not _FIRST:
            implemented_suite(suite)
        self.suite = suite
        self.cipher = AESGCM(key)

    def __repr__(self) -> str:
        """Say the suite, never the key."""
        return f"SealingKey(suite={self.suite:02x}, key=redacted)"


@final
class MacKey:
    """HMAC (RFC 2104) under one suite's hash, with a part of the message already taken in.

    The context is keyed once and copied for each message, at half the cost of keying it again.
    """

    __slots__ = ("_context",)

    def __init__(self, suite: Suite, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise UnsealableValueError(f"a MAC key has {KEY_BYTES} bytes: make a new one")
        implemented_suite(suite)
        self._context = hmac.HMAC(key, hashes.SHA256())

    def after(self, prefix: bytes) -> "MacKey":
        """Return the same key with this beginning of the message already taken in."""
        taken = MacKey.__new__(MacKey)
        taken._context = self._context.copy()  # noqa: SLF001  (our own new instance)
        taken._context.update(prefix)  # noqa: SLF001
        return taken

    def mac(self, message: bytes) -> bytes:
        """Return the 32 bytes of the MAC over what was taken in and this message."""
        context = self._context.copy()
        context.update(message)
        return context.finalize()

    def __repr__(self) -> str:
        """Say nothing of the key."""
        return "MacKey(redacted)"
