"""`juzhu rules`: how the Measures are read here on a day, as the service would read them.

It reads the files of JUZHU_RULES, JUZHU_HOLIDAYS and JUZHU_ROLL_OUT and nothing else: no database,
no key. So the legal office can check a file before anybody decides by it.
"""

import os
from dataclasses import fields
from datetime import date, datetime

import click
import orjson

from cli.refusals import refusals
from regulation.divisions import COUNTIES
from regulation.parameters import READINGS, Parameters
from server.city import City, read_city
from server.clock import SystemClock, day_of
from server.settings import read_settings


@click.command()
@click.option(
    "--on",
    "asked",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DAY",
    help="The day whose rules to show; today where absent.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def rules(*, asked: datetime | None, as_json: bool) -> None:
    """Show readings, figures, holidays and items of article 26 that hold on a day.

    A reading that is not the recommended one is marked with `*`. Exit 2 where a file can't be read.
    Example: `JUZHU_RULES=city.toml juzhu rules --on 2027-01-01`.
    """
    with refusals():
        settings = read_settings(os.environ)
        day = day_of(SystemClock().now()) if asked is None else asked.date()
        city = read_city(settings, day)
    said = _said(city, day)
    if as_json:
        click.echo(orjson.dumps(said).decode())
        return
    english = settings.language == "en"
    for line in _lines(city, day, english=english):
        click.echo(line)


def _said(city: City, day: date) -> dict[str, object]:
    holds = city.on(day)
    return {
        "on": day.isoformat(),
        "digest": city.digest,
        "policy": {"version": holds.version, "basis": holds.basis},
        "readings": [
            {
                "id": reading.id,
                "choice": holds.chosen(reading.id),
                "recommended": holds.chosen(reading.id) == reading.recommended,
            }
            for reading in READINGS.values()
        ],
        "values": {
            name: {"value": value, "basis": holds.basis_of(name)}
            for name, value in _values(holds).items()
        },
        "rolledOut": [
            {"county": county, "item": item, "basis": basis}
            for county, item, basis in _introduced(city, day)
        ],
        "holidays": {
            "years": sorted(city.calendar.years),
            "missing": list(city.calendar.notices_wanted(day)),
        },
    }


def _lines(city: City, day: date, *, english: bool) -> list[str]:
    holds = city.on(day)
    lines = [f"{day.isoformat()}\t{holds.version}\t{holds.basis}"]
    for reading in READINGS.values():
        choice = reading.choice(holds.chosen(reading.id))
        if choice is not None:
            mark = " " if choice.code == reading.recommended else "*"
            says = choice.en if english else choice.zh
            lines.append(f"{mark} {reading.id}\t{choice.code}\t{says}")
    for name, value in _values(holds).items():
        shown = "-" if value is None else str(value)
        lines.append(f"  {name}\t{shown}\t{holds.basis_of(name)}")
    lines.extend(f"  {one}\t{item}\t{basis}" for one, item, basis in _introduced(city, day))
    missing = ", ".join(map(str, city.calendar.notices_wanted(day)))
    if missing:
        lines.append(f"holiday notice missing: {missing}" if english else f"缺放假通知：{missing}")
    return lines


def _introduced(city: City, day: date) -> list[tuple[str, str, str | None]]:
    """County, item of article 26, and the document that introduced it there."""
    return [
        (county.code, item, city.roll_out.basis(item, county.code, day))
        for county in COUNTIES
        for item in sorted(city.roll_out.items(county.code, day))
    ]


def _values(holds: Parameters) -> dict[str, int | None]:
    return {each.name: getattr(holds.values, each.name) for each in fields(holds.values)}
