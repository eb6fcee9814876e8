"""`juzhu catchment`: two credentials of two departments, and files that name townships only."""

from pathlib import Path

import orjson
import pytest
from click.testing import Result

from cli.catchment import catchment
from cli.catchment_file import read_places
from cli.official import official
from cli.token import token
from db.register_refusals import RegisterError
from tests.builders import COUNTY, TOWNSHIP
from tests.cli.test_access_commands import Terminal, demonstrate, refused
from tests.register_rows import write_xlsx

SECOND = f"{COUNTY}002"
TODAY = "2026-01-01"


@pytest.fixture
def terminal(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    environment = {
        "JUZHU_HOME": str(tmp_path),
        "JUZHU_DATABASE_URL": sqlite_url,
        "JUZHU_MODE": "demo",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    found = Terminal(tmp_path, environment)
    demonstrate(found)
    added = found.run(
        official, "add", "--department", "community-police", "--official", "P-9",
        "--division", COUNTY,
    )  # fmt: skip
    assert added.exit_code == 0, added.output
    return found


def token_of(terminal: Terminal, department: str, *, name: str = "demo-01") -> Path:
    """A demonstration token of an official in a file."""
    result = terminal.run(token, "--department", department, "--official", name)
    assert result.exit_code == 0, result.output
    path = terminal.home / f"{department}.token"
    path.write_text(result.stdout)
    return path


def listing(terminal: Terminal, *codes: str, heading: str = "区划代码") -> Path:
    path = terminal.home / "school.csv"
    path.write_text("\n".join((heading, *codes)) + "\n", "utf-8-sig")
    return path


def load(terminal: Terminal, file: Path, *words: str, by: str = "education") -> Result:
    return terminal.run(
        catchment, "load", str(file), "--department", "education", "--name", "school-1",
        "--from", TODAY, "--token", str(token_of(terminal, by)), *words,
    )  # fmt: skip


def test_a_list_is_loaded_shown_refused_for_few_persons_and_retired(terminal: Terminal) -> None:
    loaded = load(terminal, listing(terminal, TOWNSHIP, SECOND), "--json")
    assert loaded.exit_code == 0, loaded.output
    version = orjson.loads(loaded.stdout)["id"]
    (row,) = terminal.listed(catchment, "catchments")
    assert (row["name"], row["townships"], row["state"]) == ("school-1", 2, "waits for approval")
    police = str(token_of(terminal, "community-police", name="P-9"))
    few = terminal.run(catchment, "approve", version, "--token", police)
    assert "fewer than 100 persons are registered" in refused(few, 1)
    own = terminal.run(
        catchment, "approve", version, "--token", str(token_of(terminal, "education"))
    )
    assert "only public security" in refused(own, 1)
    assert "some of these days" in refused(load(terminal, listing(terminal, SECOND)), 1)
    retired = terminal.run(catchment, "retire", version, "--token", police)
    assert retired.stdout == f"retired: {version}\n"
    assert "retired" in terminal.run(catchment, "list").stdout


def test_a_token_is_of_the_department_whose_list_it_is(terminal: Terminal) -> None:
    file = listing(terminal, TOWNSHIP)
    assert "another department's" in refused(load(terminal, file, by="housing"), 1)
    assert terminal.run(catchment, "list").stdout == "no catchment yet\n"


@pytest.mark.parametrize("text", ["", "zz", "a.b.c"])
def test_what_is_no_token_changes_nothing_and_is_not_repeated(
    terminal: Terminal, text: str
) -> None:
    file = listing(terminal, TOWNSHIP)
    path = terminal.home / "bad.token"
    path.write_text(text)
    result = terminal.run(
        catchment, "load", str(file), "--department", "education", "--name", "school-1",
        "--from", TODAY, "--token", str(path),
    )  # fmt: skip
    assert "the token is refused" in refused(result, 1)
    assert "a.b.c" not in result.output


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        ((TOWNSHIP, "999999999"), "row 3, column 1: this is no township"),
        ((TOWNSHIP, COUNTY), "row 3, column 1: this is no township"),
        ((f"{TOWNSHIP}001",), "row 2, column 1: the code is finer than a township"),
        ((TOWNSHIP, SECOND, TOWNSHIP), "row 4, column 1: this township stands in an earlier row"),
        ((), "the list names no township"),
        ((TOWNSHIP,) * 502, "row 3, column 1"),
    ],
)
def test_a_row_that_names_no_township_is_told_by_its_place(
    tmp_path: Path, codes: tuple[str, ...], said: str
) -> None:
    path = tmp_path / "school.csv"
    path.write_text(
        "\n".join(("名称,区划代码", *(f"测试,{code}" for code in codes))) + "\n", "utf-8"
    )
    with pytest.raises(RegisterError, match=said.replace("column 1", "column 2")) as found:
        read_places(path)
    assert "999999999" not in str(found.value)


@pytest.mark.parametrize("heading", ["区划代码", "division"])
def test_a_workbook_and_a_text_of_either_heading_are_read_alike(
    tmp_path: Path, heading: str
) -> None:
    sheet = write_xlsx(
        tmp_path / "school.xlsx", [("名称", heading), ("一小", int(TOWNSHIP)), ("一小", SECOND)]
    )
    text = tmp_path / "school.csv"
    text.write_bytes(f"名称,{heading}\n一小,{TOWNSHIP}\n一小,{SECOND}\n".encode("gb18030"))
    assert read_places(sheet) == read_places(text) == [TOWNSHIP, SECOND]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no heading"),
        ("编号\n150402001\n".encode(), "no heading"),
        ("区划代码,division\n1,1\n".encode(), "no heading"),
        (b"PK\x03\x04 not a workbook", "damaged"),
        (b"\xff\xfed\x00", "neither XLSX nor text"),
    ],
)
def test_a_file_that_is_no_list_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "other"
    path.write_bytes(content)
    with pytest.raises(RegisterError, match=said):
        read_places(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RegisterError, match="can't be opened"):
        read_places(tmp_path / "nothing")
