"""Build the wheel and compare its files with what git tracks in the packages.

hatchling leaves out git-ignored files without a word, and a wheel without model.conf, the rules or
a migration starts only on the machine that built it.

This module never uploads and leaves nothing behind.
"""

import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def packages() -> list[str]:
    """The folders that pyproject.toml puts into the wheel."""
    document = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return [
        str(name) for name in document["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    ]


def tracked() -> set[str]:
    """What git tracks in these folders."""
    command = ["git", "ls-files", "-z", "--", *packages()]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return {name for name in done.stdout.split("\0") if name}


def built() -> set[str]:
    """What the built wheel carries, its own metadata aside."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "hatchling", "build", "--target=wheel"]
        done = subprocess.run(
            [*command, f"--directory={folder}"],
            cwd=ROOT,
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            sys.exit(f"error: the wheel cannot be built\n{done.stdout}{done.stderr}")
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            names = archive.namelist()
    return {name for name in names if ".dist-info/" not in name and not name.endswith("/")}


def faults(tracked_files: set[str], built_files: set[str]) -> Iterator[str]:
    """Say which file is missing, and which is there though nobody would review it."""
    for name in sorted(tracked_files - built_files):
        yield f"{name} is tracked but not in the wheel: does .gitignore match it?"
    for name in sorted(built_files - tracked_files):
        yield f"{name} is in the wheel but not tracked: `git add` it or remove it"


if __name__ == "__main__":
    found = list(faults(tracked(), built()))
    for fault in found:
        print(f"error: {fault}", file=sys.stderr)
    sys.exit(1 if found else 0)
