"""`juzhu document`: a department's trusted documents, and whether it runs no others.

A document holds no values of persons and never widens what its caller may see; it is checked
against the schema before it is registered. Changes count on running servers within a second.
"""

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

import click
import orjson

from cli.access_register import by_whom, change_with, look, this_moment, today
from cli.refusals import refusals
from db.register_refusals import RegisterError
from db.trusted import TrustedRegistrar, document_id
from schema.root import full_schema, graph
from schema.trusted import SHIPPED, UntrustworthyError, check_trustworthy, shipped_names

_DAY = click.DateTime(["%Y-%m-%d"])
_MOST_BYTES: Final = 256 * 1024
_NAME: Final = "juzhu document"
"""How the audit log names this command."""

_department = click.option(
    "--department", required=True, help="The department's code, such as education."
)
_as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.group()
def document() -> None:
    """Trusted documents: operations that a department asks for by identifier."""


@document.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_department
@click.option("--name", help="A name to ask for it by, such as education.admission.v1.")
@click.option("--until", type=_DAY, help="The last day, YYYY-MM-DD; open if none.")
@by_whom
@_as_json
def add(
    *,
    file: Path,
    department: str,
    name: str | None,
    until: datetime | None,
    by: str | None,
    as_json: bool,
) -> None:
    """Register the GraphQL document in FILE for a department.

    Example: juzhu document add admission.graphql --department education
    """
    last = None if until is None else until.date()
    with refusals():
        text = _read(file)
        operations = _checked(text)
        moment = this_moment()
        identifier = change_with(
            TrustedRegistrar,
            _NAME,
            by,
            lambda registrar: partial(
                registrar.add,
                department=department,
                name=name,
                text=text,
                until=last,
                moment=moment,
                taken=shipped_names(department),
            ),
        )
    if as_json:
        answer = {
            "department": department,
            "documentId": identifier,
            "name": name,
            "operations": operations,
            "until": None if last is None else last.isoformat(),
        }
        click.echo(orjson.dumps(answer).decode())
        return
    click.echo(f"registered for {department}: {identifier}")
    click.echo(f'ask with: {{"documentId": "{name or identifier}", "variables": {{}}}}')


@document.command()
@click.argument("identifier", metavar="ID")
@_department
@by_whom
@_as_json
def revoke(*, identifier: str, department: str, by: str | None, as_json: bool) -> None:
    """Revoke a department's document by its identifier or name, at once."""
    with refusals():
        moment = this_moment()
        change_with(
            TrustedRegistrar,
            _NAME,
            by,
            lambda registrar: partial(
                registrar.revoke, department=department, document=identifier, moment=moment
            ),
        )
    _tell(as_json, f"revoked for {department}: {identifier}", revokedAt=moment.time)


@document.command()
@_department
@by_whom
@_as_json
def lock(*, department: str, by: str | None, as_json: bool) -> None:
    """Let only trusted documents run for a department, introspection included."""
    with refusals():
        moment = this_moment()
        change_with(
            TrustedRegistrar,
            _NAME,
            by,
            lambda registrar: partial(registrar.lock, department=department, moment=moment),
        )
    _tell(as_json, f"locked: {department} runs trusted documents only", lockedAt=moment.time)


@document.command()
@_department
@by_whom
@_as_json
def unlock(*, department: str, by: str | None, as_json: bool) -> None:
    """Let any document that fits the caller's view run again."""
    with refusals():
        moment = this_moment()
        change_with(
            TrustedRegistrar,
            _NAME,
            by,
            lambda registrar: partial(registrar.unlock, department=department, moment=moment),
        )
    _tell(as_json, f"unlocked: {department} runs any document", unlockedAt=moment.time)


@document.command(name="list")
@_as_json
def list_(*, as_json: bool) -> None:
    """List trusted documents with their state today, and locked departments."""
    with refusals():
        register = look()
    day = today().isoformat()
    rows: list[dict[str, object]] = [
        {
            "department": "*",
            "documentId": document_id(text),
            "name": f"*.{each}",
            "state": "shipped",
        }
        for each, text in sorted(SHIPPED.items())
    ]
    for department in sorted(register.documents):
        for each in register.documents[department]:
            state = "active" if each.on(day) else "revoked" if each.revoked_at else "ended"
            rows.append(
                {
                    "department": department,
                    "documentId": each.digest,
                    "name": each.name,
                    "from": each.valid_from,
                    "until": each.valid_until,
                    "state": state,
                }
            )
    locked = sorted(register.locked)
    if as_json:
        click.echo(orjson.dumps({"documents": rows, "locked": locked}).decode())
        return
    for row in rows:
        click.echo("  ".join(str(value) for value in row.values()))
    click.echo(f"locked: {', '.join(locked) or 'no department'}")


def _tell(as_json: bool, words: str, **facts: str) -> None:  # noqa: FBT001 — one flag of a command
    click.echo(orjson.dumps({"done": words, **facts}).decode() if as_json else words)


def _read(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            content = opened.read(_MOST_BYTES + 1)
        if len(content) > _MOST_BYTES:
            raise RegisterError("the file is larger than any document", hint="name the document")
        return content.decode("utf-8")
    except OSError as error:
        raise RegisterError(
            f"the file can't be read ({error.strerror or 'it cannot be opened'})",
            hint="name the file with the document",
        ) from None
    except UnicodeDecodeError:
        raise RegisterError("the file is not UTF-8", hint="save it as UTF-8") from None


def _checked(text: str) -> list[str | None]:
    try:
        return check_trustworthy(text, graph(full_schema()))
    except UntrustworthyError as error:
        raise RegisterError(
            f"the document can't be registered: {error}",
            hint="correct it; schema/schema.graphql shows what there is",
        ) from None
