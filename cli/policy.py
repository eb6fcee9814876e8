"""`juzhu policy`: what a policy officer asks of the rules before anything is changed.

Every command works on files: the rules that ship, or a directory named with `--rules`. None reads
a database, a key or a person.
"""

from datetime import datetime
from pathlib import Path as FilePath

import click

from cli.policy_diff import diff
from cli.policy_draft import grant
from cli.policy_matrix import matrix
from cli.policy_questions import expiring, explain, who_can
from cli.policy_rules import (
    as_json,
    day_from,
    load,
    of_rules,
    on_day,
    purpose_from,
    roles_from,
    tell_json,
    whole,
)
from cli.policy_tests import PolicyTestError, Verdict, read_tests, run_test
from cli.refusals import MISUSE, REFUSED, end, refusals
from policies.lint import check
from policies.table import Policies, PurposeRefusedError


@click.group()
def policy() -> None:
    """The rules: who may see, search and change what, why, and until when."""


@policy.command()
@of_rules
@as_json
def lint(*, directory: FilePath, as_json: bool) -> None:
    """Name every fault of the rules with file, line, and how to mend it.

    Exit 0: no findings. 1: findings, one a line. Example: juzhu policy lint --rules ./city
    """
    rules, findings = check(directory, whole().catalogue)
    lines = len(rules.fields) + len(rules.rows)
    # The hash names a set that could be loaded: a faulty one has none.
    revision = None if findings else Policies(rules, whole().catalogue).revision
    if as_json:
        said = [
            {"file": one.file, "line": one.line, "what": one.what, "mend": one.mend}
            for one in findings
        ]
        tell_json({"findings": said, "rules": lines, "revision": revision})
    elif findings:
        for finding in findings:
            click.echo(str(finding))
    else:
        click.echo(f"no findings: {lines} rules of {len(rules.roles)} roles, revision {revision}")
    if findings:
        raise SystemExit(REFUSED)


@policy.command()
@click.option("--department", required=True, help="The department's code, such as education.")
@click.option("--role", help="One of its roles; all of them if none.")
@click.option("--purpose", help="The purpose; what stands open without one if none.")
@of_rules
@on_day
def sdl(
    *,
    department: str,
    role: str | None,
    purpose: str | None,
    directory: FilePath,
    asked: datetime | None,
) -> None:
    """Print the schema that a department sees for a purpose: its introspection, to the letter.

    Example: juzhu policy sdl --department education --purpose school-place
    """
    day = day_from(asked)
    with refusals():
        policies = load(directory)
    roles = roles_from(policies, department, role, day)
    if purpose is not None:
        purpose_from(policies, purpose)
    try:
        table = policies.table(roles, purpose, day)
    except PurposeRefusedError:
        end(
            f"{department} may not name the purpose {purpose}",
            f"it may name: {' '.join(one.code for one in policies.open_to(roles))}",
            REFUSED,
        )
    click.echo(whole().sdl(table), nl=False)


@policy.command(name="test")
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=FilePath))
@of_rules
@on_day
@as_json
def test_(
    *, files: tuple[FilePath, ...], directory: FilePath, asked: datetime | None, as_json: bool
) -> None:
    """Run policy tests: FILES, or every YAML file in the `tests` folder beside the rules.

    Exit 0: all hold. 1: one doesn't. 2: a file can't be read. Their form: docs/policy-guide.md.
    Example: juzhu policy test --rules ./city
    """
    day = day_from(asked)
    with refusals():
        policies = load(directory)
    verdicts: list[Verdict] = []
    try:
        for file in files or sorted((directory / "tests").glob("*.yaml")):
            tests = read_tests(file, policies)
            verdicts += [run_test(one, policies, whole(), day) for one in tests]
    except PolicyTestError as fault:
        end(str(fault), fault.hint, MISUSE)
    if not verdicts:
        end("there are no policy tests", "write tests/<role>.yaml: docs/policy-guide.md", MISUSE)
    failed = [one for one in verdicts if one.faults]
    if as_json:
        said = [
            {"file": one.file, "name": one.name, "faults": list(one.faults)} for one in verdicts
        ]
        tell_json({"tests": len(verdicts), "failed": len(failed), "results": said})
    else:
        for one in failed:
            for wrong in one.faults:
                click.echo(f"{one.file}: {one.name}: {wrong}")
        click.echo(f"{len(verdicts) - len(failed)} of {len(verdicts)} policy tests hold")
    if failed:
        raise SystemExit(REFUSED)


for _command in (matrix, grant, who_can, explain, expiring, diff):
    policy.add_command(_command)
