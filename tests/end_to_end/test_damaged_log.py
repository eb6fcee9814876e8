"""An auditor who meets a damaged record is told so in a code, and no value travels anywhere."""

from pathlib import Path

import pytest

from tests import builders
from tests.db.test_ledger_check import TRIGGERS
from tests.end_to_end.house import Seat, house_of

AUDITOR = Seat(department="auditor", purpose="privacy-audit")
LIST = Seat(department="community-police", purpose="desk-list")
LOG = "{accessLog(first:5){nodes{index time subjects{person}}}}"
MARK = "sentinel-of-the-record"

DAMAGED = {
    "a body that is no JSON": "x'{mark}'",
    "a body that is no record": "CAST('[\"{text}\"]' AS BLOB)",
    "a record whose subjects are none": (
        'CAST(\'{{"time":"","action":"","subjects":[{{"person":"{text}"}}]}}\' AS BLOB)'
    ),
    "a record as the log writes them, and not the one that it wrote": (
        """CAST('{{"time":"2026-11-22T08:00:00.000Z","action":"query","operation":"{text}"}}'"""
        " AS BLOB)"
    ),
    "a body that became a text": "'{text}'",
    "a body that is no UTF-8 text": "CAST(x'ff{mark}' AS TEXT)",
}
POSTGRES = {
    "a body that is no JSON": "'\\x{mark}'::bytea",
    "a body that is no record": "convert_to('[\"{text}\"]', 'UTF8')",
    "a record as the log writes them, and not the one that it wrote": (
        """convert_to('{{"time":"2026-11-22T08:00:00.000Z","action":"query","""
        """"operation":"{text}"}}', 'UTF8')"""
    ),
}


def body_of(how: str, *, sqlite: bool) -> str:
    form = DAMAGED[how] if sqlite else POSTGRES[how]
    return form.format(text=MARK, mark=MARK.encode().hex())


@pytest.mark.parametrize("how", DAMAGED)
async def test_a_damaged_record_is_a_code_of_its_own(
    how: str, tmp_path: Path, database_url: str
) -> None:
    sqlite = database_url.startswith("sqlite")
    if not sqlite and how not in POSTGRES:
        return  # a column of PostgreSQL holds values of its own type alone
    async with house_of(tmp_path, database_url, {"one": builders.active()}) as house:
        listed = await house.ask(LIST, "{persons(first:1){nodes{permit{active}}}}")
        await house.run(
            *TRIGGERS[sqlite],
            f"UPDATE audit_record SET body = {body_of(how, sqlite=sqlite)} "  # noqa: S608 - words of this test
            f'WHERE "index" = {listed.index}',
        )
        answer = await house.ask(AUDITOR, LOG)
        assert (answer.status, answer.codes) == (503, ["AUDIT_DAMAGED"]), answer.body
        assert MARK not in answer.body.decode()
        assert (await house.record(answer)).says["outcome"] == "failed"
        lines = b"\n".join(house.lines)
        assert MARK.encode() not in lines
        assert b'"fault":"AuditDamagedError"' in lines
