"""`juzhu document`: what it registers, prints, refuses and exits with."""

from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from cli.document import document

TEXT = "query Mine { viewer { department } }"


@dataclass(frozen=True)
class Terminal:
    """A terminal with the environment of one deployment."""

    home: Path
    environment: dict[str, str]

    def run(self, *words: str | Path) -> Result:
        return CliRunner().invoke(document, list(map(str, words)), env=self.environment)

    def file(self, text: str | bytes = TEXT) -> Path:
        path = self.home / "mine.graphql"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def listed(self) -> dict[str, object]:
        told: dict[str, object] = orjson.loads(self.run("list", "--json").stdout)
        return told


@pytest.fixture
def terminal(tmp_path: Path, database_url: str) -> Terminal:
    named = {"JUZHU_HOME": str(tmp_path), "JUZHU_DATABASE_URL": database_url, "JUZHU_MODE": "demo"}
    return Terminal(tmp_path, named)


def test_a_document_is_added_listed_locked_and_revoked(terminal: Terminal) -> None:
    made = terminal.run(
        "add", terminal.file(), "--department", "education", "--name", "education.mine.v1", "--json"
    )
    assert made.exit_code == 0, made.output
    told = orjson.loads(made.stdout)
    assert (told["name"], told["operations"]) == ("education.mine.v1", ["Mine"])
    assert terminal.run("lock", "--department", "education").exit_code == 0
    listed = terminal.listed()
    assert listed["locked"] == ["education"]
    states = {each["name"]: each["state"] for each in listed["documents"]}  # type: ignore[attr-defined]  # JSON
    assert states == {"*.verify.v1": "shipped", "education.mine.v1": "active"}
    revoked = terminal.run("revoke", told["documentId"], "--department", "education")
    assert revoked.stdout == f"revoked for education: {told['documentId']}\n"
    assert terminal.run("unlock", "--department", "education").exit_code == 0
    assert "revoked" in terminal.run("list").stdout
    assert terminal.run("list").stdout.endswith("locked: no department\n")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{ nothing }", "error: the document can't be registered: Cannot query field 'nothing'"),
        (b"\xff", "error: the file is not UTF-8"),
        ("#" * 262_145, "error: the file is larger than any document"),
    ],
)
def test_what_can_not_be_registered_says_why_and_what_next(
    terminal: Terminal, content: str | bytes, said: str
) -> None:
    refused = terminal.run("add", terminal.file(content), "--department", "education")
    assert refused.exit_code == 1
    assert refused.stderr.startswith(said)
    assert "hint: " in refused.stderr


def test_the_next_step_can_be_pasted(terminal: Terminal) -> None:
    made = terminal.run("add", terminal.file(), "--department", "education")
    first, second = made.stdout.splitlines()
    identifier = first.removeprefix("registered for education: ")
    assert second == f'ask with: {{"documentId": "{identifier}", "variables": {{}}}}'
