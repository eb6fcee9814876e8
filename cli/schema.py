"""`juzhu schema`: print the whole schema, or check that schema/schema.graphql is up to date."""

import sys
from pathlib import Path

import click

from schema.root import printed_schema

PRINTED = Path(__file__).resolve().parent.parent / "schema" / "schema.graphql"


@click.command()
@click.option("--check", is_flag=True, help="Exit 1 if schema/schema.graphql is out of date.")
@click.option("--write", is_flag=True, help="Write schema/schema.graphql.")
def schema(*, check: bool, write: bool) -> None:
    """Print the whole schema in SDL (what a caller sees is a part of it).

    Example: `juzhu schema > schema.graphql`.
    """
    printed = printed_schema()
    if check:
        if not PRINTED.exists() or PRINTED.read_text(encoding="utf-8") != printed:
            click.echo("error: schema/schema.graphql is out of date", err=True)
            click.echo("hint: run `juzhu schema --write` and commit the file", err=True)
            sys.exit(1)
        return
    if write:
        PRINTED.write_text(printed, encoding="utf-8")
        return
    click.echo(printed, nl=False)
