"""A database that is too slow gives a clear answer without data, and a record of the failure."""

from pathlib import Path

import pytest

from schema import service
from tests.server.real_house import real_house

LIST = "{persons(first: 5) {totalCount nodes {name}}}"
LOG = "{accessLog(first: 5) {nodes {outcome department purpose}}}"


async def test_an_operation_over_its_time_is_unavailable_without_data_and_recorded(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with real_house(tmp_path, database_url) as house:
        with monkeypatch.context() as short:
            short.setattr(service, "OPERATION_SECONDS", 0.0)
            answer = await house.ask(
                LIST, department="community-police", headers={"juzhu-purpose": "desk-list"}
            )
        log = await house.ask(LOG, department="auditor", headers={"juzhu-purpose": "privacy-audit"})
    assert answer.status_code == 503
    assert "data" not in answer.json()
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
    assert log.json()["data"]["accessLog"]["nodes"][0] == {
        "outcome": "failed",
        "department": "community-police",
        "purpose": "desk-list",
    }
