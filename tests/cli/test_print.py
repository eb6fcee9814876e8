"""`juzhu print`: a document from a file of values, or why not, with exit codes and `--json`."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cli.main import main
from printing.document import Kind
from tests.printing.documents import pdf_text
from tests.printing.made_fonts import make_font

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "docs" / "examples" / "print"


def printing(kind: str, source: Path, output: Path, *options: str) -> Result:
    words = ["print", "--kind", kind, "--input", str(source), "--output", str(output), *options]
    return CliRunner().invoke(main, words)


def changed(folder: Path, kind: str = "receipt", **values: object) -> Path:
    """An example with other values."""
    given: dict[str, Any] = json.loads((EXAMPLES / f"{kind}.json").read_text("utf-8"))
    path = folder / "changed.json"
    path.write_text(json.dumps(given | values, ensure_ascii=False), "utf-8")
    return path


def named(folder: Path, name: str) -> Path:
    return changed(folder, person={"name": name, "idNumber": "152201199003079969"})


@pytest.mark.parametrize("kind", [kind.value for kind in Kind])
def test_each_example_is_written_as_pdf(kind: str, tmp_path: Path) -> None:
    output = tmp_path / "out.pdf"
    done = printing(kind, EXAMPLES / f"{kind}.json", output)
    assert (done.exit_code, done.stderr) == (0, "")
    assert "林晓测" in pdf_text(output.read_bytes())
    assert stat.S_IMODE(output.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["out.pdf"]


def test_a_name_in_html_gives_html_and_json_says_where_it_is(tmp_path: Path) -> None:
    output = tmp_path / "out.HTML"
    done = printing("receipt", EXAMPLES / "receipt.json", output, "--json")
    assert json.loads(done.stdout) == {"written": str(output)}
    assert output.read_text("utf-8").startswith("<!doctype html>")


def test_a_missing_glyph_ends_with_one_and_names_character_and_code_point(tmp_path: Path) -> None:
    output = tmp_path / "out.pdf"
    done = printing("receipt", named(tmp_path, "林𠮷测"), output)
    assert done.exit_code == 1
    assert done.stdout == ""
    error, hint = done.stderr.splitlines()
    assert error == "error: no font has a glyph for 𠮷 U+20BB7"
    assert hint.startswith("hint: add a folder of fonts")
    assert not output.exists()


def test_a_missing_glyph_has_a_code_in_json(tmp_path: Path) -> None:
    done = printing("receipt", named(tmp_path, "林𠮷测"), tmp_path / "out.pdf", "--json")
    assert done.exit_code == 1
    error = json.loads(done.stdout)["error"]
    assert error["code"] == "GLYPH_MISSING"
    assert error["characters"] == [{"character": "𠮷", "codePoint": "U+20BB7"}]
    assert done.stderr == ""


def test_a_folder_of_fonts_that_has_it_prints_it(tmp_path: Path) -> None:
    fonts = tmp_path / "fonts"
    fonts.mkdir()
    make_font(fonts / "rare.ttf", "𠮷")
    output = tmp_path / "out.pdf"
    done = printing("receipt", named(tmp_path, "林𠮷测"), output, "--fonts", str(fonts))
    assert done.exit_code == 0
    assert "林𠮷测" in pdf_text(output.read_bytes())


def test_a_file_that_is_there_stays_when_nothing_can_be_printed(tmp_path: Path) -> None:
    output = tmp_path / "out.pdf"
    output.write_bytes(b"before")
    assert printing("receipt", named(tmp_path, "𠮷"), output).exit_code == 1
    assert output.read_bytes() == b"before"


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[1]", b'"x"'])
def test_what_is_no_form_ends_with_two(tmp_path: Path, content: bytes) -> None:
    source = tmp_path / "in.json"
    source.write_bytes(content)
    done = printing("receipt", source, tmp_path / "out.pdf")
    assert done.exit_code == 2
    assert done.stderr.startswith("error: the input is not the form of this kind: the f")


def test_all_faults_of_a_form_are_told_at_once_without_a_value(tmp_path: Path) -> None:
    source = changed(tmp_path, acceptedOn="哨兵", due=7, office={"name": "哨兵"})
    done = printing("receipt", source, tmp_path / "out.pdf", "--json")
    assert done.exit_code == 2
    error = json.loads(done.stdout)["error"]
    assert error["code"] == "INPUT"
    assert [fault.partition(":")[0] for fault in error["faults"]] == [
        "office.official",
        "acceptedOn",
        "due",
    ]
    assert "哨兵" not in done.output


def test_an_output_of_another_kind_ends_with_two(tmp_path: Path) -> None:
    done = printing("receipt", EXAMPLES / "receipt.json", tmp_path / "out.docx")
    assert done.exit_code == 2
    assert "neither .pdf nor .html" in done.stderr


def test_an_output_in_a_folder_that_is_not_there_ends_with_two(tmp_path: Path) -> None:
    done = printing("receipt", EXAMPLES / "receipt.json", tmp_path / "none" / "out.pdf")
    assert done.exit_code == 2
    assert "cannot be written" in done.stderr


@pytest.mark.parametrize(("option", "code"), [("--labels", "LABELS"), ("--remedies", "REMEDIES")])
def test_a_wrong_file_beside_it_ends_with_two(tmp_path: Path, option: str, code: str) -> None:
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("x = ", "utf-8")
    done = printing(
        "receipt", EXAMPLES / "receipt.json", tmp_path / "o.pdf", option, str(wrong), "--json"
    )
    assert done.exit_code == 2
    assert json.loads(done.stdout)["error"]["code"] == code


def test_a_folder_without_fonts_ends_with_two(tmp_path: Path) -> None:
    done = printing(
        "receipt", EXAMPLES / "receipt.json", tmp_path / "o.pdf", "--fonts", str(tmp_path), "--json"
    )
    assert done.exit_code == 2
    assert json.loads(done.stdout)["error"]["code"] == "FONTS"


def test_a_refusal_of_a_day_before_every_remedy_ends_with_two(tmp_path: Path) -> None:
    source = changed(tmp_path, "refusal", decidedOn="2015-04-30")
    done = printing("refusal", source, tmp_path / "o.pdf", "--json")
    assert done.exit_code == 2
    assert json.loads(done.stdout)["error"]["code"] == "REMEDIES"
