"""A desk with an empty register, for the tests of its acts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import orjson

from db.desk import Done, File, Files
from db.ledger import Ledger
from db.ledger_reads import LedgerReads
from db.load import Access, Criteria, PersonLoad
from policies.permission import Scope
from regulation.application import ApplicationDecision
from regulation.declaration import DeclarationDecision
from regulation.evidence import Claim, QualifyingCondition
from regulation.id_number import IdNumber, birth_date
from regulation.outcome import Actor, Gap
from regulation.parameters import AS_ISSUED, Parameters
from regulation.person_name import match_key
from resolvers.context import Caller, Context
from resolvers.desk import application, registration
from resolvers.desk.acting import Acting, Desk
from tests.builders import CALENDAR, COUNTY, OFFICE, Store, facts, id_number, opened

CLERK = Caller(
    client="desk-client",
    official="clerk-1",
    department="receiving-office",
    roles=frozenset({"receiving-office"}),
    division=COUNTY,
    purposes=None,
    authentication="assertion",
    address="192.0.2.1",
    language="zh-CN",
    request_id="0123456789abcdef",
)
COMPLETE = frozenset({"resident_id_card", "photo", "lease_contract"})
HOUSING = (Claim(condition=QualifyingCondition.HOUSING),)
ONE, OTHER = bytes(15) + b"\1", bytes(15) + b"\2"
ADDRESS = "赤峰市红山区哨兵小区9号楼1单元101"


@dataclass(frozen=True, slots=True)
class Office:
    """A desk and the store behind it."""

    desk: Desk
    store: Store
    ledger: LedgerReads

    async def file_of(self, number: IdNumber) -> File:
        found = await self.desk.files.look(self.store.ring.id_number_tag(number))
        assert found is not None
        return found

    async def named(self, name: str, number: IdNumber) -> list[bytes]:
        """Whom this desk finds by a name and the day of birth of a number."""
        tag = self.store.ring.name_birth_tag(match_key(name), birth_date(number).isoformat())
        load = PersonLoad(Access.LIST, frozenset({Scope.OWN_DIVISION}), frozenset())
        wanted = Criteria(
            equals=(),
            ranges=(),
            statuses=None,
            id_number=None,
            order=(),
            after=None,
            limit=11,
            named=tag,
        )
        rows = await self.store.reads.page(load, wanted, facts(division=COUNTY))
        return [row.person for row in rows]

    async def register(
        self, on: date, number: IdNumber | None = None, *, arrived: date | None = None
    ) -> Done[DeclarationDecision]:
        form = declared(number or id_number(0), arrived or on - timedelta(days=2))
        return await registration.register(self.desk, acting(on), form)

    async def file(
        self,
        on: date,
        number: IdNumber | None = None,
        *,
        materials: frozenset[str] = COMPLETE,
        as_: bytes = ONE,
    ) -> Done[ApplicationDecision]:
        filing = application.Filing(
            number=number or id_number(0),
            claims=HOUSING,
            materials=materials,
            hukou="152201",
            division=COUNTY,
        )
        return await application.file(self.desk, acting(on), filing, application=as_)

    async def records(self) -> list[dict[str, Any]]:
        """The records of acts, oldest first."""
        page = await self.ledger.page(after=None, limit=100)
        bodies = [orjson.loads(each.body) for each in reversed(page)]
        return [body for body in bodies if body["action"] == "act"]


def acting(on: date, *, by: Actor = Actor.APPLICANT, division: str | None = COUNTY) -> Acting:
    """An act of the clerk's on a day."""
    context = Context(
        caller=replace(CLERK, division=division),
        purpose="permit-application",
        case="赤红居〔2026〕7号",
        case_required=True,
        revision="0" * 64,
        today=on,
        now=datetime.combine(on, time(3), UTC),
        article="15-17",
    )
    return Acting(context=context, office=OFFICE, by=by)


def declared(number: IdNumber, arrived_on: date) -> registration.Form:
    """A declaration with all that article 11 asks for."""
    return registration.Form(
        number=number,
        hukou="152201",
        county=COUNTY,
        township="150402001",
        arrived_on=arrived_on,
        contents={
            Gap.NAME: "测试零",
            Gap.SEX: "1" if int(number[16]) % 2 else "2",
            Gap.ETHNICITY: "汉族",
            Gap.BIRTH_DATE: f"{number[6:10]}-{number[10:12]}-{number[12:14]}",
            Gap.CITIZEN_ID: number,
            Gap.HUKOU_ADDRESS: "内蒙古自治区兴安盟乌兰浩特市测试路1号",
            Gap.CURRENT_ADDRESS: ADDRESS,
            Gap.RESIDENCE_REASON: "务工",
            Gap.CONTACT: "19900000000",
        },
        materials=frozenset({"resident_id_card", "lease_contract"}),
    )


@asynccontextmanager
async def office(url: str, home: Path, *, policy: Parameters = AS_ISSUED) -> AsyncIterator[Office]:
    """Open an empty register with a desk."""
    async with opened(url, home) as store:
        files = Files(
            database=store.database,
            vault=store.vault,
            intake=store.intake,
            ledger=Ledger(store.database, deployment=store.ring.deployment),
            calendar=CALENDAR,
            policy=policy,
        )
        desk = Desk(files, store.ring, CALENDAR, policy)
        yield Office(desk, store, LedgerReads(store.database))
