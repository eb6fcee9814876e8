"""`juzhu serve`: run the service until Ctrl-C or SIGTERM."""

import os

import click

from cli.refusals import refusals
from server.serving import serve as serve_until_signal
from server.settings import read_settings


@click.command()
@click.option("--host", help="Listen here instead of JUZHU_HOST or loopback.")
@click.option("--port", help="Listen here instead of JUZHU_PORT, PORT or 8000.")
@click.option(
    "--today",
    metavar="DAY",
    help="Pretend this day, such as 2026-03-02, to demonstrate and train; never in production.",
)
def serve(*, host: str | None, port: str | None, today: str | None) -> None:
    """Serve /graphql. Settings come from the environment; logs go to standard error.

    A pretended day moves neither tokens nor records nor the days of the feed of changes: a day that
    the feed has turned is never turned back.
    Example, how a permit of the demonstration stands next spring: `juzhu serve --today 2027-03-02`.
    """
    named = {"JUZHU_HOST": host, "JUZHU_PORT": port, "JUZHU_TODAY": today}
    environment = dict(os.environ) | {name: value for name, value in named.items() if value}
    with refusals():
        settings = read_settings(environment)
        if settings.training_day is not None:
            click.echo(
                "note: the day is pretended for reads and acts alone; "
                "the feed of changes keeps the real one, since a day that it has turned is never "
                "turned back",
                err=True,
            )
        serve_until_signal(
            settings,
            listening=lambda address: click.echo(f"serving {address}/graphql"),
        )
