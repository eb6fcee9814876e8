"""`juzhu scenario`: a legal office's cases, run through the use cases.

Exit 0: every case passed. 1: one came out otherwise. 2: a file or a case is not understood, or the
command is wrong. Nothing of a deployment is touched: every case has an empty register of its own.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from cli.refusals import MISUSE, end
from cli.scenarios.reading import ScenarioFile, ScenarioFileError, read_file
from cli.scenarios.report import as_json, as_junit, lines_of, summary
from cli.scenarios.running import Result, Wanted, run_files
from regulation.parameters import AS_ISSUED, Parameters, Schedule, UnknownReadingError
from regulation.policy_file import ParametersError, read_parameters

PASSED: Final = 0
FAILED: Final = 1


@click.group()
def scenario() -> None:
    """Scenario files: cases of the legal office."""


@scenario.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "json_wanted", is_flag=True, help="Print one JSON object.")
@click.option(
    "--junit", type=click.Path(path_type=Path), metavar="FILE", help="Write a JUnit report too."
)
@click.option(
    "--reading",
    "readings",
    multiple=True,
    metavar="R14=CODE",
    help="Choose a reading; may be given again.",
)
@click.option(
    "--policy",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Judge by a city's policy file instead of the Measures as issued.",
)
@click.option(
    "--alternatives",
    is_flag=True,
    help="Check the alternatives of the cases, each with the switch of its reading set.",
)
@click.option(
    "--strict", is_flag=True, help="Sentences that only a person can check count as failed."
)
@click.pass_context
def check(
    context: click.Context,
    *,
    files: tuple[Path, ...],
    json_wanted: bool,
    junit: Path | None,
    readings: tuple[str, ...],
    policy: Path | None,
    alternatives: bool,
    strict: bool,
) -> None:
    """Run the cases of scenario files and print what comes out otherwise.

    The last line counts them. Exit 0: all passed. 1: one failed. 2: a file or a case is not
    understood. docs/scenarios.md describes the format.

    Example: `juzhu scenario check cases.yaml --reading R14=no-registration`.
    """
    wanted = _wanted(readings, policy, alternatives=alternatives)
    try:
        read = [read_file(path) for path in files]
    except ScenarioFileError as error:
        end(str(error), error.hint, MISUSE)
    results = _run(read, wanted, shown=not json_wanted)
    if junit is not None:
        _write(junit, as_junit(results))
    click.echo(as_json(results) if json_wanted else summary(results))
    context.exit(_verdict(results, strict=strict))


def _run(read: Sequence[ScenarioFile], wanted: Wanted, *, shown: bool) -> list[Result]:
    results = list[Result]()
    for result in run_files(read, wanted):
        results.append(result)
        for line in lines_of(result) if shown else ():
            click.echo(line)
        if result.problems:
            click.echo(f"error: {result.case}: {result.problems[0]}", err=True)
    return results


def _verdict(results: Sequence[Result], *, strict: bool) -> int:
    if any(result.problems for result in results):
        return MISUSE
    if any(result.differences or (strict and result.unchecked) for result in results):
        return FAILED
    return PASSED


def _wanted(readings: Sequence[str], policy: Path | None, *, alternatives: bool) -> Wanted:
    if sum((bool(readings), policy is not None, alternatives)) > 1:
        end(
            "--reading, --policy and --alternatives each say by what to judge",
            "give one of them; a policy file may choose readings too",
            MISUSE,
        )
    if policy is not None:
        return Wanted(policy=_policy(policy))
    chosen = dict[str, str]()
    for text in readings:
        reading, equals, code = text.partition("=")
        if not equals:
            end(f"--reading {text[:60]!r} chooses nothing", "write R14=no-registration", MISUSE)
        chosen[reading] = code
    try:
        judged: Parameters = AS_ISSUED.reading(**chosen)
    except UnknownReadingError as error:
        end(str(error), "docs/regulation.md lists the readings and their choices", MISUSE)
    return Wanted(policy=judged, readings=tuple(chosen.items()), alternatives=alternatives)


def _policy(path: Path) -> Schedule:
    try:
        return read_parameters(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        end(f"{path.name} can't be read", "name a policy file in UTF-8", MISUSE)
    except ParametersError as error:
        end(f"{path.name}: {error}", "correct it: docs/regulation.md", MISUSE)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError:
        end(f"{path.name} can't be written", "name a place that this account may write", MISUSE)
