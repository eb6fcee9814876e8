"""The two lock files: written from pyproject.toml, and checked against it without a network.

`python -m tools.locks write` resolves again and keeps every pin that still fits; `upgrade` moves
all pins to the newest. `check` answers whether the locks are those of this pyproject.toml: the same
requirements (by digest), each met by a pin, each pin hashed, tests running on what is served.

`check` never asks a registry: whether something newer exists is no property of this tree.
"""

import hashlib
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
RUNTIME = "requirements.lock"
DEVELOPMENT = "requirements-dev.lock"
HEADER = "# Written by `make lock` for the requirements with digest "

_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(\[[^\]]*\])?==(?P<version>[^\s;]+)")
# A lock is read on every machine: no index, no folder, no download address of one of them.
_PLACE = re.compile(r"--?(extra-)?(index-url|find-links|trusted-host)|\w+://|@ file|^-[ecf] |^/")

# Installs into the same folder as pycasbin, from an abandoned source.
FOREIGN = (canonicalize_name("casbin"),)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What pyproject.toml asks for."""

    runtime: tuple[Requirement, ...]
    development: tuple[Requirement, ...]
    digest: str


@dataclass(frozen=True, slots=True)
class Lock:
    """What a lock file pins."""

    digest: str
    pins: Mapping[NormalizedName, Version]
    unhashed: tuple[NormalizedName, ...]
    places: tuple[int, ...]
    """Lines that name an address or a path."""


def read_wanted(pyproject: str) -> Wanted:
    """Read the requirements; the digest covers every table that decides what gets installed."""
    document = tomllib.loads(pyproject)
    project, groups = document["project"], document["dependency-groups"]
    tables = {
        "build-system": document["build-system"]["requires"],
        "dependencies": project["dependencies"],
        "groups": groups,
        "python": project["requires-python"],
    }
    canonical = json.dumps(tables, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    runtime = [*project["dependencies"], *groups["build"], *document["build-system"]["requires"]]
    return Wanted(
        runtime=tuple(Requirement(line) for line in runtime),
        development=tuple(Requirement(line) for line in [*runtime, *groups["dev"]]),
        digest=f"sha256:{hashlib.sha256(canonical.encode()).hexdigest()}",
    )


def read_lock(text: str) -> Lock:
    """Read a lock file as pip would: a pin, then the hashes that it is allowed to have."""
    lines = text.splitlines()
    digest = lines[0].removeprefix(HEADER) if lines and lines[0].startswith(HEADER) else ""
    pins: dict[NormalizedName, Version] = {}
    hashed: set[NormalizedName] = set()
    name = None
    for line in lines:
        if pin := _PIN.match(line):
            name = canonicalize_name(pin["name"])
            pins[name] = Version(pin["version"])
        if name is not None and "--hash=sha256:" in line:
            hashed.add(name)
    return Lock(
        digest=digest,
        pins=pins,
        unhashed=tuple(sorted(pins.keys() - hashed)),
        places=tuple(number for number, line in enumerate(lines, 1) if _PLACE.search(line)),
    )


def faults(wanted: Wanted, runtime: Lock, development: Lock) -> Iterator[str]:
    """Say everything that is wrong, in words that a developer can act on."""
    for file, lock, requirements in (
        (RUNTIME, runtime, wanted.runtime),
        (DEVELOPMENT, development, wanted.development),
    ):
        if lock.digest != wanted.digest:
            yield f"{file}: the requirements in pyproject.toml changed since it was written"
        for requirement in requirements:
            pin = lock.pins.get(canonicalize_name(requirement.name))
            if pin is None:
                yield f"{file}: no pin for {requirement}"
            elif not requirement.specifier.contains(pin, prereleases=True):
                yield f"{file}: {requirement.name} {pin} does not meet {requirement}"
        yield from (f"{file}: {fault}" for fault in _faults_of_form(lock))
    for name, version in runtime.pins.items():
        if development.pins.get(name) != version:
            yield f"{DEVELOPMENT}: tests would not run on {name} {version}, which is what is served"


def _faults_of_form(lock: Lock) -> Iterator[str]:
    """What is wrong with a lock whatever pyproject.toml says."""
    for name in lock.unhashed:
        yield f"{name} has no hash"
    for number in lock.places:
        yield f"line {number} names an address or a path"
    for name in FOREIGN:
        if name in lock.pins:
            yield f"{name} would overwrite a package that we use"


def write(*, upgrade: bool) -> None:
    """Resolve both files with uv; behind a mirror, UV_DEFAULT_INDEX names it."""
    digest = read_wanted((ROOT / "pyproject.toml").read_text(encoding="utf-8")).digest
    command = [sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", "--quiet"]
    # Without this machine's configuration, and without a word about where packages came from.
    command += ["--no-config", "--no-header", "--no-annotate", "--no-emit-index-url"]
    command += ["--universal", "--python-version=3.11", "--generate-hashes"]
    command += ["--upgrade"] if upgrade else []
    for file, options in (
        (RUNTIME, ["--group=build"]),
        (DEVELOPMENT, ["--group=build", "--group=dev", f"--constraints={RUNTIME}"]),
    ):
        subprocess.run([*command, *options, f"--output-file={file}"], cwd=ROOT, check=True)
        path = ROOT / file
        path.write_text(f"{HEADER}{digest}\n{path.read_text(encoding='utf-8')}", encoding="utf-8")


def check() -> int:
    """Print what is wrong with the locks of this tree; 0 when nothing is."""
    found = list(
        faults(
            read_wanted((ROOT / "pyproject.toml").read_text(encoding="utf-8")),
            read_lock((ROOT / RUNTIME).read_text(encoding="utf-8")),
            read_lock((ROOT / DEVELOPMENT).read_text(encoding="utf-8")),
        )
    )
    for fault in found:
        print(f"error: {fault}", file=sys.stderr)
    if found:
        print("hint: run `make lock` and commit both files", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["check"]:
            sys.exit(check())
        case ["write"]:
            write(upgrade=False)
        case ["upgrade"]:
            write(upgrade=True)
        case _:
            print("error: say one of: check, write, upgrade", file=sys.stderr)
            sys.exit(2)
