"""`juzhu` knows its commands, and loads only the one that was asked for."""

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from cli.main import main

ROOT = Path(__file__).parents[2]

_LOADED = """
import sys
import click
from cli.main import main
assert main.get_command(click.Context(main), "import") is not None
print({"graphql", "strawberry", "starlette", "uvicorn", "casbin"} & set(sys.modules))
"""


def test_an_import_does_not_wait_for_what_only_a_server_needs() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LOADED], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"


def test_every_command_has_its_help() -> None:
    shown = CliRunner().invoke(main, ["--help"])
    assert shown.exit_code == 0
    for name in main.list_commands(click.Context(main)):
        told = CliRunner().invoke(main, [name, "--help"])
        assert told.exit_code == 0
        assert told.stdout.startswith(f"Usage: main {name}")
        assert f"\n  {name} " in shown.stdout


def test_an_unknown_command_is_misuse() -> None:
    done = CliRunner().invoke(main, ["nope"])
    assert done.exit_code == 2
    assert "No such command 'nope'" in done.stderr


def test_the_version_is_that_of_what_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "juzhu-9.8.7.dist-info").mkdir()
    (tmp_path / "juzhu-9.8.7.dist-info" / "METADATA").write_text("Name: juzhu\nVersion: 9.8.7\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    assert CliRunner().invoke(main, ["--version"]).stdout == "juzhu 9.8.7\n"


def test_a_checkout_that_nobody_installed_has_a_version_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    shown = CliRunner().invoke(main, ["--version"])
    assert (shown.exit_code, shown.stdout) == (0, "juzhu from a checkout\n")
