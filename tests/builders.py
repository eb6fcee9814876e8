"""Synthetic persons, permits and an open database full of them, for every test.

All ID numbers have a sequence of 996 to 999, which is nobody's. Persons are numbered: the same
number always gives the same person.
"""

import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from db.database import Database, DatabaseSettings
from db.derived import basis_of
from db.facts import Act, Cancel, Case, Endorse, Issue, Move, NewPerson, Proof, Registration
from db.intake import Intake
from db.keystore import open_keyring
from db.ledger import Ledger
from db.load import ScopeFacts
from db.reads import PersonReads
from db.rebuilding import Rebuilding, Terms
from db.sealed import Vault
from db.session import open_database
from keys.ring import KeyRing, Tag
from keys.root import RootKey
from policies.permission import Disclosure
from regulation.calendar import WorkingCalendar, mainland_calendar
from regulation.id_number import IdNumber, parse_id_number, with_check_digit
from regulation.parameters import AS_ISSUED, Parameters, Schedule
from regulation.permit import CancelGround, first_expiry
from regulation.person_name import match_key

TODAY = date(2026, 11, 20)
NOW = "2026-11-20T08:00:00.000Z"
CALENDAR: WorkingCalendar = mainland_calendar()

COUNTY = "150402"
TOWNSHIP = "150402001"
OTHER_COUNTY = "150430"
OTHER_TOWNSHIP = "150430100"
OFFICE = "赤峰市红山区测试派出所"
CASE_NUMBER = "赤红居〔2026〕7号"

_FIRST_BIRTHDAY = date(1950, 1, 1)
_DAYS = 20_000


def id_number(number: int, *, prefix: str = "152201") -> IdNumber:
    """A valid ID number of nobody: four a birth date, 80,000 a prefix."""
    day = _FIRST_BIRTHDAY + timedelta(days=number // 4 % _DAYS)
    return parse_id_number(with_check_digit(f"{prefix}{day:%Y%m%d}{996 + number % 4}"))


def registration(number: int = 0) -> Registration:
    """A registration of person `number`: registered two days after arrival, two years ago."""
    text = id_number(number)
    return Registration(
        id_number=text,
        name=f"测试{number}",
        sex="MALE" if int(text[16]) % 2 else "FEMALE",
        ethnicity="汉族",
        birth_date=date(int(text[6:10]), int(text[10:12]), int(text[12:14])),
        hukou_county="152201",
        hukou_address=f"内蒙古自治区兴安盟乌兰浩特市测试路{number}号",
        phone=f"1990000{number % 10_000:04d}",
        workplace="测试商贸有限公司",
        county=COUNTY,
        township=TOWNSHIP,
        address=f"赤峰市红山区测试小区{number}号楼1单元101",
        reason="务工",
        arrived_on=TODAY - timedelta(days=732),
        registered_on=TODAY - timedelta(days=730),
        office=OFFICE,
    )


def issued(on: date, *, number: str | None = None) -> Issue:
    """A permit issued on a day."""
    return Issue(happened_on=on, valid_to=first_expiry(on), office=OFFICE, number=number)


ISSUED_ACTIVE = TODAY - timedelta(days=100)
ISSUED_LAPSED = TODAY - timedelta(days=500)


def person(
    number: int = 0,
    *,
    acts: Sequence[Act] = (),
    proofs: Sequence[Proof] = (),
    cases: Sequence[Case] = (),
    photo: bytes | None = None,
    registered: Registration | None = None,
) -> NewPerson:
    """Person `number`, without a permit unless `acts` issue one."""
    return NewPerson(
        registration=registered or registration(number),
        acts=tuple(acts),
        proofs=tuple(proofs),
        cases=tuple(cases),
        photo=photo,
    )


def active(number: int = 0) -> NewPerson:
    """A holder of an active permit."""
    return person(number, acts=[issued(ISSUED_ACTIVE)])


def suspended(number: int = 0) -> NewPerson:
    """A holder whose permit lapsed long ago."""
    return person(number, acts=[issued(ISSUED_LAPSED)])


def cancelled(number: int = 0, ground: CancelGround = CancelGround.OTHER) -> NewPerson:
    """A person whose permit was cancelled ten days ago."""
    day = TODAY - timedelta(days=10)
    return person(
        number,
        acts=[issued(ISSUED_ACTIVE), Cancel(happened_on=day, ground=ground, office=OFFICE)],
    )


def endorsed(number: int = 0) -> NewPerson:
    """A holder whose permit was endorsed in time and is active."""
    first = issued(ISSUED_LAPSED)
    day = first.valid_to - timedelta(days=5)
    return person(
        number,
        acts=[
            first,
            Endorse(happened_on=day, valid_to=first_expiry(first.valid_to), office=OFFICE),
        ],
    )


def moved(number: int = 0) -> NewPerson:
    """A holder who moved to another county and said so in time."""
    day = TODAY - timedelta(days=50)
    return person(
        number,
        acts=[
            issued(ISSUED_ACTIVE),
            Move(
                happened_on=day,
                reported_on=day + timedelta(days=3),
                county=OTHER_COUNTY,
                township=OTHER_TOWNSHIP,
                address=f"赤峰市敖汉旗新惠镇测试小区{number}号",
                office=OFFICE,
            ),
        ],
    )


def elsewhere(new: NewPerson) -> NewPerson:
    """The same person, registered in another county from the first."""
    place = replace(new.registration, county=OTHER_COUNTY, township=OTHER_TOWNSHIP)
    return replace(new, registration=place)


def proof() -> Proof:
    """A labour contract."""
    return Proof(
        condition="employment",
        kind="labour-contract",
        issuer="测试商贸有限公司",
        presented_on=ISSUED_ACTIVE,
    )


def case(
    *,
    division: str = COUNTY,
    number: str = CASE_NUMBER,
    closed_on: date | None = None,
    kind: str = "enquiry",
) -> Case:
    """A case opened ten days ago."""
    return Case(
        number=number,
        division=division,
        kind=kind,
        opened_on=TODAY - timedelta(days=10),
        closed_on=closed_on,
    )


def facts(
    *, day: date = TODAY, division: str | None = None, case_digest: bytes | None = None
) -> ScopeFacts:
    """What a request without division and case knows."""
    return ScopeFacts(day=day, division=division, case=case_digest)


def disclosure(*groups: str) -> Disclosure:
    """Leave to open groups, without rules behind it: for tests of the vault alone."""
    return Disclosure(revision="test", purpose="test", fields=(), groups=frozenset(groups))


def name_tag(ring: KeyRing, new: NewPerson) -> Tag:
    """The tag under which a presented person is looked up."""
    return ring.id_name_tag(new.registration.id_number, match_key(new.registration.name))


@dataclass(frozen=True, slots=True)
class Store:
    """An open database with its keys and the doors of its room."""

    database: Database
    ring: KeyRing
    vault: Vault
    reads: PersonReads
    intake: Intake

    async def register(self, *persons: NewPerson) -> list[bytes]:
        """Store persons, all of them new."""
        ids = await self.database.write(
            lambda session: self.intake.register(session, persons, recorded_at=NOW)
        )
        assert None not in ids
        return [found for found in ids if found is not None]

    async def act(self, one: bytes, *acts: Act) -> None:
        """Let something happen to a stored person."""
        await self.database.write(
            lambda session: self.intake.act(session, one, acts, recorded_at=NOW)
        )


@asynccontextmanager
async def opened(url: str, home: Path, *, root: RootKey | None = None) -> AsyncIterator[Store]:
    """Open a database with keys; `root` is a random one unless given."""
    settings = DatabaseSettings(url=url, home=home)
    async with await open_database(settings) as database:
        key = root if root is not None else RootKey(secrets.token_bytes(32))
        ring = await open_keyring(database, key, now=NOW)
        vault = Vault(ring)
        yield Store(database, ring, vault, PersonReads(database, vault), Intake(ring, CALENDAR))


async def rebuild_read_model(
    database: Database,
    ring: KeyRing,
    calendar: WorkingCalendar,
    progress: Callable[[int], None],
    policy: Parameters | Schedule = AS_ISSUED,
) -> int:
    """Rebuild everything as `juzhu rebuild` does; return how many rows differed."""
    rebuilding = Rebuilding(
        database, ring, Vault(ring), Ledger(database, deployment=ring.deployment)
    )
    terms = Terms(
        calendar=calendar,
        basis=basis_of(policy, calendar),
        leave=disclosure("core"),
        policy=policy,
    )
    found = await rebuilding.run(
        terms,
        lambda done, _total: progress(done) if done else None,
        today=TODAY,
        now=datetime.fromisoformat(NOW),
    )
    return found.changed
