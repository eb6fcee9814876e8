"""What `juzhu entitlements` has counted so far: a file of its owner's alone, under a keyed digest.

Whole counts, small ones too, stand in it: it is taken away as soon as the tables are made. A file
of another day, other rules or another deployment, or one that somebody altered, is not gone on
from.
"""

import os
from datetime import date
from hmac import compare_digest
from pathlib import Path

import orjson

from keys.ring import KeyRing
from policies.suppression import Key
from resolvers.entitlements import Counted

_PURPOSE = "import-digest"


class CountingFile:
    """The progress of one count."""

    def __init__(self, home: Path, ring: KeyRing, *, day: date, rules: str) -> None:
        self._path = home / f"entitlements-{day.isoformat()}.json"
        self._ring = ring
        self._of = [ring.deployment, day.isoformat(), rules]

    def read(self) -> tuple[bytes, int, Counted]:
        """Return the last person that was counted, how many were looked at, and the counts."""
        try:
            kept = orjson.loads(self._path.read_bytes())
            said, digest = kept["said"], bytes.fromhex(kept["digest"])
        except (OSError, ValueError, KeyError, TypeError):
            return b"", 0, Counted()
        if not compare_digest(self._digest(said), digest) or said["of"] != self._of:
            return b"", 0, Counted()
        counted = Counted(
            said["registered"],
            {(county, part): count for county, part, count in said["permits"]},
            {(county, part): count for county, part, count in said["clocks"]},
        )
        return bytes.fromhex(said["after"]), said["done"], counted

    def write(self, after: bytes, done: int, counted: Counted) -> None:
        """Keep what is counted, whole or not at all."""
        said = {
            "of": self._of,
            "after": after.hex(),
            "done": done,
            "registered": counted.persons,
            "permits": [[*_pair(key), count] for key, count in sorted(counted.permits.items())],
            "clocks": [[*_pair(key), count] for key, count in sorted(counted.clocks.items())],
        }
        draft = self._path.with_suffix(".new")
        opened = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(opened, "wb") as file:
            file.write(orjson.dumps({"said": said, "digest": self._digest(said).hex()}))
        draft.replace(self._path)

    def remove(self) -> None:
        """Take it away."""
        self._path.unlink(missing_ok=True)

    def _digest(self, said: object) -> bytes:
        return self._ring.digest(_PURPOSE, orjson.dumps(said, option=orjson.OPT_SORT_KEYS))


def _pair(key: Key) -> tuple[str, str]:
    county, part = key
    return county, part
