"""The synthetic city of the demonstration, loaded into a database.

The first two persons are always the same, so that a printed request works: a holder of an active
permit in 150402 and a person whose permit lapsed. Everybody else follows from the seed and today.
Loading again with the same seed in the same year stores nobody twice, so a load that was killed is
finished by the next.

This module never loads into a database with real persons: who calls it sees to that.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import cycle, islice
from typing import Final

from cli.demo_lives import SHARE, Place, Situation, life, place_for, registration
from cli.demo_people import HUKOU, Identity, identities
from db.database import Database
from db.facts import Case, Issue, NewPerson, Proof
from db.intake import Intake, refresh_statistics
from keys.ring import KeyRing
from regulation.calendar import WorkingCalendar
from regulation.dates import add_months, add_years
from regulation.id_number import IdNumber, birth_date
from regulation.permit import CancelGround, first_expiry
from regulation.residence import HALF_A_YEAR

DEMO_HOLDER_NUMBER: Final = IdNumber("152201199003079969")
DEMO_HOLDER_NAME: Final = "林晓测"
"""Always holds an active permit and lives in 150402."""

DEMO_LAPSED_NUMBER: Final = IdNumber("210102198511159974")
DEMO_LAPSED_NAME: Final = "赵测平"
"""Always has a permit that lapsed."""

DEMO_DIVISION: Final = "150402"
"""The division of the demonstration's desks."""

DEMO_CASE: Final = "赤红居〔2026〕12号"
"""A case of that division, open for both persons."""

BATCH: Final = 500
_CASE_SHARE: Final = 0.02


async def load_demo_city(
    database: Database,
    ring: KeyRing,
    calendar: WorkingCalendar,
    *,
    today: date,
    persons: int,
    progress: Callable[[int], None],
    seed: int = 1504,
) -> int:
    """Store the first `persons` of the city and return how many were new.

    `progress` hears how many are done after every batch.
    """
    intake = Intake(ring, calendar)
    # The moment of recording is made from the day that was handed over, like everything here.
    recorded_at = f"{datetime.combine(today, time(), UTC):%Y-%m-%dT%H:%M:%S}.000Z"
    city = islice(demo_city(seed, today=today), persons)
    done = stored = 0
    while batch := list(islice(city, BATCH)):
        ids = await database.write(
            lambda session, batch=batch: intake.register(session, batch, recorded_at=recorded_at)  # type: ignore[misc]  # bound early: the loop goes on
        )
        stored += sum(found is not None for found in ids)
        done += len(batch)
        progress(done)
    await database.write(refresh_statistics)
    return stored


def demo_city(seed: int, *, today: date) -> Iterator[NewPerson]:
    """Make the persons of the city, without end; the two fixed ones come first."""
    # Histories draw on their own, so that the persons stay the same from day to day.
    draw = random.Random(f"{seed}/{today.isoformat()}")  # noqa: S311 - synthetic, and the same again
    yield _fixed(draw, DEMO_HOLDER_NUMBER, DEMO_HOLDER_NAME, add_months(today, -3))
    yield _fixed(draw, DEMO_LAPSED_NUMBER, DEMO_LAPSED_NAME, add_months(today, -20))
    # Each situation and each ground is there even in a small city; a child may be too young for it.
    shown: list[tuple[Situation, CancelGround]]
    shown = [(one, CancelGround.OTHER) for one in Situation if one is not Situation.CANCELLED]
    shown += [(Situation.CANCELLED, ground) for ground in CancelGround]
    grounds = cycle(CancelGround)
    place: Place | None = None
    for one in identities(seed, year=today.year):
        if one.guardian is None or place is None:
            place = place_for(draw, one.hukou_county)
        if shown and one.guardian is None:
            situation, ground = shown.pop()
        else:
            situation = draw.choices(tuple(SHARE), weights=tuple(SHARE.values()))[0]
            ground = next(grounds)
        new = life(draw, one, place, today=today, situation=situation, ground=ground)
        yield replace(new, cases=_cases(draw, place, today))


def _cases(draw: random.Random, place: Place, today: date) -> tuple[Case, ...]:
    if draw.random() >= _CASE_SHARE:
        return ()
    number = f"赤居〔{today.year}〕{draw.randint(100, 99_999)}号"
    opened_on = today - timedelta(days=draw.randint(0, 20))
    return (Case(number=number, division=place.county, kind="enquiry", opened_on=opened_on),)


def _fixed(draw: random.Random, number: IdNumber, name: str, issued_on: date) -> NewPerson:
    """Make one of the two constant persons, with a permit issued on this day."""
    county = number[:6]
    one = Identity(
        number=number,
        name=name,
        sex="MALE" if int(number[16]) % 2 else "FEMALE",
        ethnicity="汉族",
        birth_date=birth_date(number),
        hukou_county=county,
        hukou_address=f"{HUKOU[county]}测试路1号",
        phone="19900000001",
        guardian=None,
    )
    place = Place(DEMO_DIVISION, f"{DEMO_DIVISION}001", "赤峰市红山区西屯街道测试小区1号楼1单元101")
    since = add_months(add_years(issued_on, -1), -HALF_A_YEAR)
    issue = Issue(happened_on=issued_on, valid_to=first_expiry(issued_on), office=place.office)
    proof = Proof(
        condition="housing", kind="房屋租赁合同", issuer="测试房屋中介", presented_on=issued_on
    )
    case = Case(number=DEMO_CASE, division=DEMO_DIVISION, kind="enquiry", opened_on=issued_on)
    return NewPerson(
        registration=registration(
            draw, one, place, arrived_on=since - timedelta(days=2), registered_on=since
        ),
        acts=(issue,),
        proofs=(proof,),
        cases=(case,),
    )
