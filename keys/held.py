"""Unwrapped branch keys, sorted by purpose and version, for the ring to build its parts from.

Pending keys open but never seal, so that a replica which starts before a new key is activated can
read what another replica writes after. Destroyed keys are not here at all. This module never
chooses between versions: exactly one is active, and bytes name the one that opens them.
"""

from collections.abc import Sequence
from typing import Final, final

from keys.blind_index import BlindIndex
from keys.branch import BranchKeyRow, Purpose, State, known_purpose, unwrap
from keys.errors import BranchKeyError, KeyUnusableError
from keys.root import RootKey
from keys.row_mac import VersionedMac
from keys.seal import LABEL, key_ref_of, length_prefixed
from keys.suites import AllowedSuites, Kind, MacKey, SealingKey, Suite

INDEX_BITS: Final = {
    Purpose.INDEX_ID_NUMBER: 128,
    Purpose.INDEX_ID_NAME: 128,
    # Several persons may share a name and a birthday: a longer tag would name nobody better.
    Purpose.INDEX_NAME_BIRTH: 64,
}
LATER: Final = frozenset({Purpose.INDEX_NAME_BIRTH})
"""Purposes that later releases added: a deployment from before has no key for them yet."""

_KEY_REF: Final = slice(4, 8)


@final
class WrappingKeys:
    """The versions of one encrypting branch key."""

    __slots__ = ("_keys", "active")

    def __init__(self, keys: dict[int, SealingKey], active: int) -> None:
        self._keys = keys
        self.active = (active, keys[active])

    def named_in(
        self, sealed: bytes, *, allowed: AllowedSuites, kind: Kind
    ) -> tuple[int, SealingKey]:
        """Return the one version that a header names. The header itself is checked on opening.

        Raises:
            KeyUnusableError: this version isn't held.
        """
        version = int.from_bytes(sealed[_KEY_REF])
        key = self._keys.get(version)
        if key is None:
            # Damaged bytes are said to be damaged before a missing key is blamed.
            key_ref_of(sealed, allowed=allowed, kind=kind)
            raise KeyUnusableError(
                f"{kind.name} names branch key version {version}, which isn't held: it was "
                "destroyed, and what it sealed is erased, or it is newer: read the key table again"
            )
        return version, key

    def by_header(
        self, *, allowed: AllowedSuites, kind: Kind, wrapped: Kind
    ) -> dict[bytes, tuple[SealingKey, bytes]]:
        """Return each key by the header that names it, with how what it wraps the key of begins.

        A suite that the deployment doesn't allow for both kinds is left out.
        """
        named: dict[bytes, tuple[SealingKey, bytes]] = {}
        for version, key in self._keys.items():
            begin, inner = allowed.begin(kind, key.suite), allowed.begin(wrapped, key.suite)
            if begin and inner:
                named[begin + version.to_bytes(4)] = key, inner
        return named

    def __repr__(self) -> str:
        """Say the version, never a key."""
        return f"WrappingKeys(active={self.active[0]}, keys=redacted)"


@final
class HeldKeys:
    """All branch keys of a deployment that aren't destroyed, each unwrapped once."""

    __slots__ = ("_active", "_deployment", "_keys")

    def __init__(
        self,
        root: RootKey,
        deployment: str,
        rows: Sequence[BranchKeyRow],
        allowed: AllowedSuites,
    ) -> None:
        self._deployment = deployment
        self._active: dict[Purpose, int] = {}
        self._keys: dict[Purpose, dict[int, tuple[Suite, bytes]]] = {}
        for row in rows:
            purpose = known_purpose(row.purpose)
            if row.state == State.DESTROYED:
                continue
            versions = self._keys.setdefault(purpose, {})
            if row.version in versions:
                raise BranchKeyError(
                    f"{purpose} has two keys of version {row.version}: restore the key table"
                )
            versions[row.version] = unwrap(root, deployment, row, allowed)
            if row.state == State.ACTIVE:
                if purpose in self._active:
                    raise BranchKeyError(f"{purpose} has two active keys: restore the key table")
                self._active[purpose] = row.version
        missing = sorted(set(Purpose) - LATER - self._active.keys())
        if missing:
            raise BranchKeyError(
                f"no active branch key for {', '.join(missing)}: restore the key table from a "
                "backup, or make the keys if this deployment never had them"
            )

    def wrapping(self, purpose: Purpose) -> WrappingKeys:
        """Return the versions of an encrypting key."""
        keys = {
            version: SealingKey(suite, key) for version, (suite, key) in self._keys[purpose].items()
        }
        return WrappingKeys(keys, self._active[purpose])

    def macs(self, purpose: Purpose) -> VersionedMac:
        """Return the versions of a MAC key."""
        keys = {
            version: MacKey(suite, key) for version, (suite, key) in self._keys[purpose].items()
        }
        return VersionedMac(
            keys, active=self._active[purpose], purpose=purpose, deployment=self._deployment
        )

    def digest_key(self, purpose: Purpose) -> MacKey:
        """Return the active MAC key of a purpose, its domain already taken in."""
        suite, key = self._keys[purpose][self._active[purpose]]
        return MacKey(suite, key).after(
            length_prefixed(LABEL, purpose.encode(), self._deployment.encode())
        )

    def index(self, purpose: Purpose) -> BlindIndex:
        """Return the blind index of a purpose under its active key."""
        version = self._active[purpose]
        suite, key = self._keys[purpose][version]
        return BlindIndex(
            MacKey(suite, key),
            index=purpose,
            deployment=self._deployment,
            version=version,
            bits=INDEX_BITS[purpose],
        )

    def later_index(self, purpose: Purpose) -> BlindIndex | None:
        """Return a blind index that a deployment of an older release has no key for; then None."""
        return self.index(purpose) if purpose in self._active else None

    def node_id_key(self) -> bytes:
        """Return the active key of the global ids, which AES-SIV takes as bytes."""
        return self._keys[Purpose.NODE_ID][self._active[Purpose.NODE_ID]][1]

    def __repr__(self) -> str:
        """Say nothing of any key."""
        return "HeldKeys(redacted)"
