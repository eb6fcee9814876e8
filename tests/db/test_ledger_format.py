"""docs/audit-log-format.md says what is stored: its example and its program are run here."""

import json
import re
import subprocess
import sys
from pathlib import Path

from db.models import Base
from tests.audit.drafts import NOW, draft, subjects
from tests.db.ledgers import bench

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "audit-log-format.md").read_text(encoding="utf-8")
GOLDEN = json.loads((ROOT / "tests" / "vectors" / "audit_record.json").read_text(encoding="utf-8"))


def block(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
    assert found is not None
    return found[1]


def checked_by_the_document(path: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", block("python"), str(path)],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_example_is_the_golden_record() -> None:
    assert block("json").rstrip("\n") == GOLDEN["body"]
    assert f"\n{GOLDEN['leaf']}\n" in TEXT


def test_every_key_of_a_full_record_is_described() -> None:
    record = json.loads(GOLDEN["body"])
    keys = {*record, *record["actor"], *record["purpose"], *record["subjects"][0], "part", "log"}
    assert [key for key in sorted(keys) if f"`{key}`" not in TEXT and f'"{key}"' not in TEXT] == []


def test_every_column_of_the_log_s_tables_is_described() -> None:
    for table in Base.metadata.sorted_tables:
        if table.name.startswith("audit_"):
            line = next(line for line in TEXT.splitlines() if line.startswith(f"| `{table.name}`"))
            assert [one.name for one in table.columns if f"`{one.name}`" not in line] == []


async def test_the_program_of_the_document_checks_a_real_log(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with bench(sqlite_url, tmp_path) as at:
        for count in (0, 1, 401):
            await at.ledger.append(draft(of=subjects(count)))
        await at.ledger.append(draft(time=NOW.replace(year=2027)))
        path = Path(sqlite_url.removeprefix("sqlite:///"))
        done = checked_by_the_document(path)
        assert done.stdout == "intact demo/audit/2026 6\nintact demo/audit/2027 2\n"
        await at.run(
            "DROP TRIGGER audit_record_no_delete", 'DELETE FROM audit_record WHERE "index" = 3'
        )
        assert checked_by_the_document(path).returncode == 1
