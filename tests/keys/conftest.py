from pathlib import Path

import pytest

from keys.ring import BranchKeyRow, KeyRing, RootKey, create_root_key, new_branch_keys

DEPLOYMENT = "lujiang"


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> RootKey:
    path: Path = tmp_path_factory.mktemp("keys") / "root.key"
    create_root_key(path)
    return RootKey.from_spec(f"file:{path}")


@pytest.fixture(scope="session")
def rows(root: RootKey) -> list[BranchKeyRow]:
    return new_branch_keys(root, DEPLOYMENT)


@pytest.fixture(scope="session")
def ring(root: RootKey, rows: list[BranchKeyRow]) -> KeyRing:
    return KeyRing.open(root, DEPLOYMENT, rows)
