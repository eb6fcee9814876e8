"""`juzhu entitlements`: status, clock and the 27 services for the whole register, as counts.

Every person is folded anew from what happened; what comes out are tables with small counts
withheld, and the log says who had them made. A count that was interrupted goes on: what is counted
so far lies in one file of the owner's alone under JUZHU_HOME, until the tables are made. This
module never prints a person's row.
"""

import asyncio
import csv
import os
import sys
from datetime import UTC, date, datetime
from functools import partial
from typing import NoReturn
from uuid import uuid4

import click
import orjson
from tqdm import tqdm

from audit.entry import Draft, Outcome
from cli.access_register import account
from cli.counting_file import CountingFile
from cli.home import Home, open_home
from cli.refusals import MISUSE, REFUSED, end, refusals
from db.derived import require_same_rules
from db.ledger import Ledger
from db.register_record import operator
from db.register_refusals import require_official_id
from db.standings import Standings, stored_persons
from resolvers.entitlements import Counted, EntitlementTables, is_offered, tables_of
from server.city import City, read_city
from server.clock import SystemClock, day_of
from server.settings import Settings, read_settings

BATCH = 500
ACTION = "entitlements.counted"
_NAME = "juzhu entitlements"
_DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.option("--on", "on", type=_DAY, help="Today, or the first day of any month; else today.")
@click.option("--by", metavar="OFFICIAL", help="Who says to do it, for the log; else your account.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, not CSV.")
def entitlements(*, on: datetime | None, by: str | None, as_json: bool) -> None:
    """Count who is entitled to what on a day, by county, service and answer (articles 24 to 26).

    Counts below ten are withheld (empty), with what would tell them, and the others are shown to
    the nearest ten. Started again it goes on where it was stopped; an embedded database must have
    no server beside it. Example: `juzhu entitlements --on 2027-01-01 --json`.
    """
    today = day_of(SystemClock().now())
    day = today if on is None else on.date()
    if not is_offered(day, today):
        end(
            "tables are made of today and of the first days of months",
            "two days of one's choice could be subtracted: name the first of a month with --on",
            MISUSE,
        )
    with refusals():
        settings = read_settings(os.environ)
        if by is not None:
            require_official_id(by)
        try:
            tables = asyncio.run(_count(settings, day, today, by or account()))
        except KeyboardInterrupt:
            end("interrupted", "start it again: it goes on where it stopped", REFUSED)
    if as_json:
        click.echo(orjson.dumps(_as_json(tables)).decode())
    else:
        _write_csv(tables)


async def _count(settings: Settings, day: date, today: date, official: str) -> EntitlementTables:
    city = read_city(settings, today)
    now = datetime.fromtimestamp(SystemClock().now(), UTC)
    async with open_home(settings, now=now) as home:
        await require_same_rules(home.database, home.ring, city.basis, today=today)
        file = CountingFile(settings.home, home.ring, day=day, rules=city.digest)
        counted = await _counted(home, city, day, file)
        ledger = Ledger(home.database, deployment=home.ring.deployment)
        draft = _record(official, day, counted.persons)
        # Before anything is shown: no table without its record.
        await home.database.write(lambda session: ledger.append_within(session, [draft]))
        file.remove()
    return tables_of(counted, day, city.roll_out)


async def _counted(home: Home, city: City, day: date, file: CountingFile) -> Counted:
    standings = Standings(home.ring, city.calendar, city.schedule)
    after, done, counted = file.read()
    total = await home.database.read(stored_persons)
    with _bar(max(total, done), done) as bar:
        while True:
            batch = await home.database.read(
                partial(standings.batch, day=day, after=after, size=BATCH)
            )
            if not batch.persons:
                return counted
            counted.add(batch.stood, day, city.on(day))
            after, done = batch.last, done + batch.persons
            file.write(after, done, counted)
            bar.update(batch.persons)


def _bar(total: int, done: int) -> "tqdm[NoReturn]":
    """A progress bar on a terminal's stderr."""
    return tqdm(
        total=total, initial=done, unit=" persons", desc="register", file=sys.stderr, disable=None
    )


def _record(official: str, day: date, persons: int) -> Draft:
    identity = uuid4()
    return Draft(
        id=identity.bytes,
        time=datetime.fromtimestamp(SystemClock().now(), UTC),
        request=str(identity),
        action=ACTION,
        outcome=Outcome.RELEASED,
        actor=operator(_NAME, official=official, account=account()),
        decision=f"day:{day.isoformat()} persons:{persons}",
    )


def _as_json(tables: EntitlementTables) -> dict[str, object]:
    return {
        "day": tables.day,
        "permits": [line._asdict() for line in tables.permits],
        "clocks": [line._asdict() for line in tables.clocks],
        "services": [line._asdict() for line in tables.services],
    }


def _write_csv(tables: EntitlementTables) -> None:
    rows = csv.writer(sys.stdout, lineterminator="\n")
    rows.writerow(("day", "table", "division", "what", "answer", "persons"))
    for name, lines in (("permit", tables.permits), ("clock", tables.clocks)):
        for line in lines:
            rows.writerow((tables.day, name, line.division, line.what, "", line.persons))
    for each in tables.services:
        rows.writerow(
            (tables.day, "service", each.division, each.service, each.answer, each.persons)
        )
