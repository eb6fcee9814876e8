"""A lock file that is not the lock of this pyproject.toml is refused, offline."""

from dataclasses import replace
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

from tools.locks import HEADER, Lock, faults, read_lock, read_wanted

PYPROJECT = """
[build-system]
requires = ["hatchling"]

[project]
requires-python = ">=3.11"
dependencies = ["first>=2", "second[extra]"]

[dependency-groups]
build = ["hatchling"]
dev = ["tests"]
"""
WANTED = read_wanted(PYPROJECT)
HASH = f"    --hash=sha256:{'0' * 64}"


def lock(*pins: str) -> Lock:
    lines = [HEADER + WANTED.digest]
    for pin in pins:
        lines += [f"{pin} \\", HASH]
    return read_lock("\n".join(lines))


RUNTIME = lock("first==2.1", "second==1.0 ; sys_platform == 'linux'", "hatchling==1.33.0")
DEVELOPMENT = replace(RUNTIME, pins={**RUNTIME.pins, canonicalize_name("tests"): Version("9")})


def test_locks_that_meet_every_requirement_have_no_fault() -> None:
    assert list(faults(WANTED, RUNTIME, DEVELOPMENT)) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"second[extra]"', '"second[extra]", "third"'),
        ("first>=2", "first>=1"),
        (">=3.11", ">=3.12"),
        ('"tests"', '"tests>=9"'),
    ],
)
def test_a_changed_requirement_asks_for_new_locks_even_where_the_pins_still_fit(
    old: str, new: str
) -> None:
    found = list(faults(read_wanted(PYPROJECT.replace(old, new)), RUNTIME, DEVELOPMENT))
    changed = "the requirements in pyproject.toml changed since it was written"
    assert f"requirements.lock: {changed}" in found
    assert f"requirements-dev.lock: {changed}" in found


@pytest.mark.parametrize(
    ("pins", "fault"),
    [
        (("second==1.0", "hatchling==1.33.0"), "no pin for first>=2"),
        (("first==1.9", "second==1.0", "hatchling==1.33.0"), "first 1.9 does not meet first>=2"),
        (
            ("first==2.1", "second==1.0", "hatchling==1.33.0", "casbin==1.0"),
            "casbin would overwrite a package that we use",
        ),
    ],
)
def test_a_lock_with_missing_low_or_foreign_pins_is_refused(
    pins: tuple[str, ...], fault: str
) -> None:
    assert f"requirements.lock: {fault}" in list(faults(WANTED, lock(*pins), DEVELOPMENT))


def test_a_pin_without_hash_is_refused() -> None:
    bare = read_lock(f"{HEADER}{WANTED.digest}\nfirst==2.1\nsecond==1.0 \\\n{HASH}\n")
    assert bare.unhashed == ("first",)


@pytest.mark.parametrize(
    "line",
    [
        *(f"--{option} https://index.example" for option in ("index-url", "extra-index-url")),
        *(f"--{option}=https://index.example" for option in ("index-url", "extra-index-url")),
        *(f"{mark}--{option} /srv/wheels" for option in ("find-links",) for mark in ("", "# ")),
        f"first @ {Path('/srv/first.whl').as_uri()}",
        "-e .",
        "/srv/wheels/first.whl",
    ],
)
def test_a_line_that_names_an_address_or_a_path_is_refused(line: str) -> None:
    named = read_lock(f"{HEADER}{WANTED.digest}\n{line}\n")
    assert named.places == (2,)


def test_tests_run_on_the_versions_that_are_served() -> None:
    newer = replace(
        DEVELOPMENT, pins={**DEVELOPMENT.pins, canonicalize_name("first"): Version("3")}
    )
    assert list(faults(WANTED, RUNTIME, newer)) == [
        "requirements-dev.lock: tests would not run on first 2.1, which is what is served"
    ]
