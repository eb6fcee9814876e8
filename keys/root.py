"""The root key: 32 random bytes in a file of mode 0600, which wrap every branch key.

Whoever loses this file loses every sealed value for good; whoever copies it together with the
database can read everything. Only the provider `file:` exists here. This module never repairs a
file, never widens a permission, never follows a symbolic link and never overwrites a key.
"""

import contextlib
import errno
import os
import stat
from pathlib import Path
from typing import Final, final

from keys.errors import RootKeyError
from keys.seal import LABEL, RandomSource, length_prefixed
from keys.suites import KEY_BYTES, MacKey, SealingKey, Suite

ROOT_KEY_VERSION: Final = 1
"""The key reference of everything the root key wraps; changing the root key isn't implemented."""

_HEX_BYTES: Final = 2 * KEY_BYTES
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_KEY_MODE: Final = stat.S_IRUSR | stat.S_IWUSR
_HOW_TO_MAKE: Final = "make one with mode 0600 that holds 32 random bytes, raw or in hex"


@final
class RootKey:
    """The root key, able to wrap and to check, never to show itself."""

    __slots__ = ("check", "wrap")

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise RootKeyError(f"a root key has {KEY_BYTES} bytes: {_HOW_TO_MAKE}")
        if len(set(key)) == 1:
            # What a power cut leaves of a file that was never flushed.
            raise RootKeyError("the root key is one byte repeated: restore it from its escrow copy")
        suite = Suite.AES_256_GCM_HMAC_SHA_256
        self.wrap = SealingKey(suite, key)
        derived = MacKey(suite, key).mac(length_prefixed(LABEL, b"root-check"))
        self.check = MacKey(suite, derived)

    @classmethod
    def from_spec(cls, spec: str) -> "RootKey":
        """Read the root key that a setting names: `file:` and a path.

        Raises:
            RootKeyError: the provider is unknown, or the file isn't fit to hold a key.
        """
        provider, colon, rest = spec.partition(":")
        if not colon or provider != "file" or not rest:
            # The setting itself isn't shown: somebody may have put the key there.
            raise RootKeyError("a root key is named by file: and a path: correct the setting")
        return cls(_read_key_file(Path(rest)))

    def __repr__(self) -> str:
        """Say nothing of the key."""
        return "RootKey(redacted)"


def create_root_key(path: Path, *, random: RandomSource = os.urandom) -> None:
    """Write a new root key to a file that must not exist yet, and flush it to the disk.

    Raises:
        RootKeyError: there is something at that path already, or it can't be written.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, flags, _KEY_MODE)
    except FileExistsError:
        raise RootKeyError(
            f"{path} exists: a root key is never overwritten; use it, or choose another path"
        ) from None
    except OSError as error:
        raise RootKeyError(
            f"{path} can't be made ({error.strerror}): choose another path"
        ) from None
    try:
        with os.fdopen(handle, "wb") as file:
            # A umask may have taken more, never less, than the mode asked for.
            os.fchmod(file.fileno(), _KEY_MODE)
            file.write(random(KEY_BYTES).hex().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        _flush_folder(path.parent)
    except OSError as error:
        # Half a key must not stand there as if it were one.
        with contextlib.suppress(OSError):
            path.unlink()
        raise RootKeyError(f"{path} can't be written ({error.strerror}): free the disk") from None


def _flush_folder(folder: Path) -> None:
    """Make the new name itself durable, or a power cut takes the key after data was sealed."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read_key_file(path: Path) -> bytes:
    # O_NONBLOCK: opening a pipe would otherwise wait for a writer for ever.
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        handle = os.open(path, flags)
    except FileNotFoundError:
        raise RootKeyError(
            f"{path} doesn't exist: restore the root key, or for a new deployment {_HOW_TO_MAKE}"
        ) from None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise RootKeyError(f"{path} is a symbolic link: name the key file itself") from None
        raise RootKeyError(f"{path} can't be read ({error.strerror}): check its owner") from None
    try:
        # The open file is examined, not the path, which could be exchanged in between.
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise RootKeyError(f"{path} isn't a regular file: {_HOW_TO_MAKE}")
        if status.st_mode & _OTHERS:
            raise RootKeyError(
                f"{path} is open to its group or to everybody: run chmod 600 on it, and if others "
                "could read it, treat the key as known to them"
            )
        return _parse(os.read(handle, _HEX_BYTES + 2), path)
    finally:
        os.close(handle)


def _parse(content: bytes, path: Path) -> bytes:
    """Return 32 bytes from raw content, or from hex with at most one line end."""
    if len(content) == KEY_BYTES:
        return content
    text = content.removesuffix(b"\n")
    if len(text) == _HEX_BYTES:
        with contextlib.suppress(ValueError):
            key = bytes.fromhex(text.decode("ascii"))
            if len(key) == KEY_BYTES:
                return key
    raise RootKeyError(f"{path} doesn't hold 32 bytes, raw or in hex: restore the root key")
