"""`juzhu held`: the rows that imports held for review.

It only reads, beside a running server too. It needs no key: cells stay sealed, and no value of a
row is printed.
"""

import asyncio
import os

import click
import orjson

from cli.refusals import refusals
from db.session import DatabaseSettings, open_database
from resolvers.intake.codes import Language
from resolvers.intake.held import about, why
from resolvers.intake.held import held as held_rows
from server.settings import read_settings

_LANGUAGES: dict[str, Language] = {"zh-CN": "zh-CN", "en": "en"}


@click.group()
def held() -> None:
    """Rows that imports held for review."""


@held.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--language",
    type=click.Choice(list(_LANGUAGES)),
    help="The language of reasons; else JUZHU_LANGUAGE or zh-CN.",
)
def list_(*, as_json: bool, language: str | None) -> None:
    """List the held rows: import, row, since when, code, heading and reason. No value of a row.

    A row is named by its import's id and its number in that file, from 1.
    """
    with refusals():
        settings = read_settings(os.environ)
        words = settings.language if language is None else _LANGUAGES[language]
        where = DatabaseSettings(url=settings.database_url, home=settings.home, writing=False)
        rows = asyncio.run(_rows(where, words))
    if as_json:
        click.echo(orjson.dumps({"held": rows}).decode())
        return
    for row in rows:
        click.echo("\t".join(str(value) for value in row.values()))
    if not rows:
        click.echo("没有待核的行" if words == "zh-CN" else "no row is held")


async def _rows(where: DatabaseSettings, language: Language) -> list[dict[str, str | int]]:
    async with await open_database(where) as database:
        return [
            {
                "import": row.job.hex(),
                "row": row.row,
                "heldAt": row.held_at,
                "code": row.code,
                "about": about(row).value,
                "why": why(row, language),
            }
            async for row in held_rows(database)
        ]
