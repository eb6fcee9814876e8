"""`juzhu token`: a bearer token of the demonstration issuer. Production has no such issuer."""

import click
import orjson

from cli.access_register import look, settings_of_environment
from cli.refusals import refusals
from db.register import Snapshot
from db.register_changes import Moment
from db.register_refusals import RegisterError
from server.clock import SystemClock, day_of, time_of
from server.demonstration import TOKEN_SECONDS, load_issuer
from server.tokens import is_subject


@click.command()
@click.option("--department", required=True, help="The department's code, such as education.")
@click.option("--official", "name", default="demo-01", show_default=True, help="Whose token.")
@click.option("--purpose", "purposes", multiple=True, help="Narrow it to this purpose; repeatable.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def token(*, department: str, name: str, purposes: tuple[str, ...], as_json: bool) -> None:
    """Print a demonstration token, good for twelve hours."""
    with refusals():
        settings = settings_of_environment()
        issuer = load_issuer(settings)
        now = SystemClock().now()
        _check(look(), department, name, Moment(day_of(now), time_of(now)))
        text = issuer.token(
            audience=settings.audience,
            department=department,
            official=name,
            purposes=purposes,
            now=now,
        )
    if as_json:
        answer = {"token": text, "expires": time_of(int(now) + TOKEN_SECONDS)}
        click.echo(orjson.dumps(answer).decode())
    else:
        click.echo(text)


def _check(register: Snapshot, department: str, name: str, moment: Moment) -> None:
    """Refuse a token that the server would refuse: here there is room to say why."""
    if not is_subject(name):
        raise RegisterError(
            "an official is named by a staff number, never by a name",
            hint="give --official up to 128 visible ASCII characters without a blank, as P-0917",
        )
    known = register.department(department, moment.day)
    if known is None:
        codes = ", ".join(each.code for each in register.departments_on(moment.day))
        raise RegisterError("no such department today", hint=f"one of: {codes}")
    registered = register.official(department, name, moment.day) is not None
    ended = register.is_registered(department, name) and not registered
    if ended or (known.officials_registered and not registered):
        raise RegisterError(
            "this official is not registered today, and the department acts by registered ones",
            hint="juzhu official list shows them; juzhu official add registers one",
        )
