"""Synthetic persons as plain Python objects, and the same persons as the plan's records.

The reference executor reads the objects, the rendering reads the records; nothing else joins them.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from db.person_row import PERSON_COLUMNS, PersonRow
from resolvers.access import Accessed, AccessedSubject, AccessPage
from resolvers.changes import Changed, ChangePage
from resolvers.records import (
    ApplicationRecord,
    ListPage,
    PersonPage,
    Record,
    ReportRecord,
    RowRefusal,
    Verified,
)
from resolvers.statistics import Applied, Holding, Registered, Staffed, Tables
from resolvers.subject_requests import RequestRecord
from tests.builders import id_number
from tests.policies.city import TODAY


@dataclass(frozen=True)
class Card:
    """A permit."""

    number: str
    issued_on: date
    valid_from: date
    valid_to: date
    cancelled_on: date | None = None
    ground: str | None = None


@dataclass(frozen=True)
class Stay:
    """An address period."""

    county: str
    township: str | None
    address: str
    since: date
    changed_on: date | None


@dataclass(frozen=True)
class Proof:
    """What was shown."""

    condition: str
    kind: str
    issuer: str | None
    presented_on: date


@dataclass(frozen=True)
class Human:
    """A person with all that the graph can say of them; None is what the city does not know."""

    number: int
    name: str
    birth: date | None
    sex: str | None
    ethnicity: str | None
    phone: str | None
    workplace: str | None
    hukou_address: str | None
    hukou_county: str | None
    county: str
    township: str | None
    address: str | None
    registered_on: date
    arrived_on: date | None
    reason: str | None
    late: bool
    clock_start: date | None
    card: Card | None
    photo: bytes | None = None
    stays: tuple[Stay, ...] = ()
    proofs: tuple[Proof, ...] = ()

    @property
    def uuid(self) -> bytes:
        """The person's id."""
        return self.number.to_bytes(16, "big")

    @property
    def permit_uuid(self) -> bytes:
        """The permit's id."""
        return (1_000_000 + self.number).to_bytes(16, "big")

    @property
    def cursor(self) -> str:
        """The person's place in a page."""
        return f"cursor-{self.number}"


PEOPLE = (
    Human(
        number=1, name="王小明", birth=date(1990, 2, 28), sex="MALE", ethnicity="汉族",
        phone="19900000001", workplace="测试商贸有限公司",
        hukou_address="内蒙古自治区兴安盟乌兰浩特市测试路1号", hukou_county="152201",
        county="150402", township="150402001", address="赤峰市红山区西屯街道测试小区1号楼",
        registered_on=date(2024, 11, 22), arrived_on=date(2024, 11, 20), reason="务工", late=False,
        clock_start=date(2024, 11, 22),
        card=Card("P-1", date(2026, 8, 14), date(2026, 8, 14), date(2027, 8, 14)),
        photo=b"\x89PNG synthetic",
        stays=(
            Stay("150402", "150402001", "赤峰市红山区测试小区1号楼", date(2025, 1, 1), None),
            Stay("150430", None, "赤峰市敖汉旗测试村", date(2024, 11, 20), date(2025, 1, 1)),
        ),
        proofs=(
            Proof("employment", "labour-contract", "测试商贸有限公司", date(2026, 8, 1)),
            Proof("housing", "lease", None, date(2026, 8, 2)),
        ),
    ),
    Human(
        number=2, name="欧阳测试", birth=date(2009, 11, 23), sex="FEMALE", ethnicity="蒙古族",
        phone=None, workplace=None, hukou_address=None, hukou_county=None,
        county="150430", township=None, address="敖汉旗新惠镇测试路2号",
        registered_on=date(2026, 6, 1), arrived_on=None, reason=None, late=True, clock_start=None,
        card=Card("P-2", date(2025, 3, 1), date(2025, 3, 1), date(2026, 3, 1)),
    ),
    Human(
        number=3, name="额尔德尼·巴特尔", birth=None, sex=None, ethnicity=None,
        phone="123", workplace=None, hukou_address=None, hukou_county="152201",
        county="150404", township="150404001", address=None,
        registered_on=date(2020, 2, 29), arrived_on=date(2020, 2, 29), reason="就学", late=False,
        clock_start=date(2020, 2, 29), card=None,
    ),
    Human(
        number=4, name="巴图", birth=date(1950, 1, 1), sex="MALE", ethnicity="蒙古族",
        phone="19900000004", workplace="", hukou_address="", hukou_county="150402",
        county="150402", township="150402001", address="别处的地址",
        registered_on=date(2026, 5, 22), arrived_on=date(2026, 5, 20), reason="投靠亲属",
        late=False, clock_start=date(2026, 5, 22),
        card=Card(
            "P-4", date(2026, 6, 1), date(2026, 6, 1), date(2027, 6, 1), date(2026, 11, 12), "moved"
        ),
    ),
    Human(
        number=5, name="王", birth=date(2008, 11, 22), sex="FEMALE", ethnicity="汉族",
        phone="19900000005", workplace=None, hukou_address=None, hukou_county=None,
        county="150402", township=None, address="赤峰市红山区",
        registered_on=TODAY, arrived_on=TODAY, reason="务工", late=False, clock_start=TODAY,
        card=Card("P-5", TODAY, date(2026, 11, 23), date(2027, 11, 22)),
    ),
)  # fmt: skip


def day(value: date | None) -> str | None:
    """A day as it is stored."""
    return None if value is None else value.isoformat()


def record_of(human: Human, *, cursor: bool = False) -> Record:
    """The record that reading this person gives, with every group opened."""
    card = human.card
    columns: dict[str, str | int | bytes | None] = {
        "person": human.uuid,
        "county": human.county,
        "township": human.township,
        "registered_on": day(human.registered_on),
        "arrived_on": day(human.arrived_on),
        "reason": human.reason,
        "late": int(human.late),
        "clock_start": day(human.clock_start),
        "hukou_county": human.hukou_county,
    }
    if card is not None:
        columns |= {
            "permit": human.permit_uuid,
            "permit_number": card.number,
            "issued_on": day(card.issued_on),
            "valid_from": day(card.valid_from),
            "valid_to": day(card.valid_to),
            "cancelled_on": day(card.cancelled_on),
            "cancel_ground": card.ground,
            "issuing_office": "赤峰市红山区测试派出所",
        }
    return Record(
        row=PersonRow(tuple(columns.get(name) for name in PERSON_COLUMNS), ()),
        core={
            "name": human.name,
            "idNumber": str(id_number(human.number)),
            "sex": human.sex,
            "ethnicity": human.ethnicity,
            "birthDate": day(human.birth),
        },
        contact={
            "phone": human.phone,
            "workplace": human.workplace,
            "hukouAddress": human.hukou_address,
        },
        residence={"address": human.address},
        periods=[
            {
                "county": stay.county,
                "township": stay.township,
                "address": stay.address,
                "from": day(stay.since),
                "changedOn": day(stay.changed_on),
            }
            for stay in human.stays
        ],
        evidence=[
            {
                "condition": proof.condition,
                "kind": proof.kind,
                "issuer": proof.issuer,
                "presentedOn": day(proof.presented_on),
            }
            for proof in human.proofs
        ],
        photo=human.photo,
        cursor=human.cursor if cursor else "",
    )


@dataclass(frozen=True)
class List:
    """A page of persons."""

    people: tuple[Human, ...]
    more: bool
    continued: bool

    def page(self) -> PersonPage:
        """The page that reading gives."""
        return PersonPage(
            [record_of(human, cursor=True) for human in self.people],
            self.more,
            self.continued,
            len(PEOPLE),
        )


@dataclass(frozen=True)
class Verdict:
    """The answer to one row of `verify`."""

    ref: str
    answer: str | None
    basis: str | None
    day: str | None
    notice: str | None
    refusal: tuple[str, str, str | None] | None = None

    def verified(self) -> Verified:
        """The value that reading gives."""
        refusal = None if self.refusal is None else RowRefusal(*self.refusal)
        return Verified(self.ref, self.answer, self.basis, self.day, self.notice, refusal)


VERDICTS = (
    Verdict("a", "YES", "PRESENTED", "2026-11-22", None),
    Verdict("b", "NO", None, "2026-11-22", "一个告知"),
    Verdict("c", "YES", "ANY_OF_3", "2027-02-20", None),
    Verdict("d", None, None, None, None, ("INVALID_ID_NUMBER", "a message", "ID_NUMBER_BLANKS")),
)


@dataclass(frozen=True)
class Access:
    """One record of the log."""

    index: int
    roles: tuple[str, ...] = ()
    subjects: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...] = ()
    named: bool = field(default=True)

    @property
    def cursor(self) -> str:
        """The record's place."""
        return f"2026:{self.index}"

    def word(self, text: str) -> str | None:
        """A text of the record, where the record has it."""
        return text if self.named else None

    def accessed(self) -> Accessed:
        """The value that reading gives."""
        return Accessed(
            index=self.index,
            cursor=self.cursor,
            time="2026-11-22T08:00:00.000Z",
            action="query",
            outcome=self.word("released"),
            client=self.word("client"),
            official=self.word("official"),
            department=self.word("education"),
            roles=self.roles,
            division=self.word("150402"),
            purpose=self.word("school-place"),
            operation=self.word("Q"),
            document=self.word("0f"),
            subjects=[AccessedSubject(person, fields) for person, fields in self.subjects],
            missed=self.index % 3,
        )


ACCESSES = (
    Access(
        9,
        ("education",),
        (
            (
                "pseudonym-1",
                (("Permit.active", "read", "yes-no"), ("Person.permit", "read", "plain")),
            ),
            ("pseudonym-2", ()),
        ),
    ),
    Access(8, (), (), named=False),
    Access(7, ("auditor", "education"), (("pseudonym-1", ()),)),
)


@dataclass(frozen=True)
class Notice:
    """A change of a followed case."""

    number: int

    @property
    def cursor(self) -> str:
        return f"change-{self.number}"

    def changed(self) -> Changed:
        """The value that reading gives."""
        kind = "DIVISION_CHANGED" if self.number % 2 else "ACTIVE_CHANGED"
        on = f"2026-11-{self.number + 1:02}"
        return Changed(cursor=self.cursor, case="demo-1", ref=f"r{self.number}", kind=kind, on=on)


NOTICES = tuple(Notice(number) for number in range(3))


@dataclass(frozen=True)
class Notices:
    """A page of changes."""

    accesses: tuple[Notice, ...]
    more: bool
    continued: bool

    def page(self) -> ChangePage:
        """The page that reading gives."""
        return ChangePage([one.changed() for one in self.accesses], self.more, self.continued)


@dataclass(frozen=True)
class Log:
    """A page of the log."""

    accesses: tuple[Access, ...]
    more: bool
    continued: bool

    def page(self) -> AccessPage:
        """The page that reading gives."""
        return AccessPage([item.accessed() for item in self.accesses], self.more, self.continued)


TABLES = Tables(
    day="2026-11-22",
    registered=(Registered(None, 60), Registered("150402", None), Registered("150402001", 50)),
    permits=(Holding("150402", "none", None), Holding("150430", "active", 20)),
    applications=(
        Applied(None, None, None, 30),
        Applied("150402", "2026-11", None, 20),
        Applied("150402", "2026-11", "issued", None),
    ),
    coordinators=(Staffed("150402", None), Staffed("150430", 3)),
)


@dataclass(frozen=True)
class Request:
    """What somebody asks about their own data."""

    mark: str
    kind: str
    by: str = "APPLICANT"
    status: str = "OPEN"
    closed: str | None = None
    answer: str | None = None
    grounds: tuple[str, ...] = ()

    @property
    def cursor(self) -> str:
        """Where it stands in the list."""
        return f"after-{self.mark}"

    def record(self) -> RequestRecord:
        """The value that reading gives."""
        return RequestRecord(
            id=f"request-{self.mark}",
            person=f"person-{self.mark}",
            version=len(self.mark),
            kind=self.kind,
            by=self.by,
            status=self.status,
            filed_on="2026-11-02",
            due_on="2026-11-23",
            closed_on=self.closed,
            answer=self.answer,
            grounds=self.grounds,
            official=None if self.answer is None else "clerk",
            words=None if self.answer else f"words {self.mark}",
            answer_words=self.answer and f"answered {self.mark}",
            cursor=self.cursor,
        )


REQUESTS = (
    Request("a", "VIEW"),
    Request("bb", "DELETE", "GUARDIAN", "ENTERED", None, "REFUSED", ("KEPT_BY_LAW",)),
    Request("ccc", "CORRECT", "TRUSTEE", "ANSWERED", "2026-11-20", "GRANTED"),
)


@dataclass(frozen=True)
class Requests:
    """A page of requests."""

    requests: tuple[Request, ...]
    more: bool
    continued: bool

    def page(self) -> ListPage[RequestRecord]:
        """The page that reading gives."""
        records = [item.record() for item in self.requests]
        return ListPage(records, self.more, self.continued, len(REQUESTS))


@dataclass(frozen=True)
class Filing:
    """An open application."""

    number: int
    human: Human | None
    state: str
    division: str
    filed_on: date
    accepted_on: date | None
    due_on: date | None
    due_soon: bool = False

    @property
    def cursor(self) -> str:
        """The application's place."""
        return f"application-{self.number}"

    def record(self) -> ApplicationRecord:
        """The value that reading gives."""
        return ApplicationRecord(
            id=f"Application:{self.number}",
            state=self.state,
            division=self.division,
            filed_on=self.filed_on.isoformat(),
            accepted_on=day(self.accepted_on),
            due_on=day(self.due_on),
            overdue=self.due_on is not None and self.due_on < TODAY,
            due_soon=self.due_soon,
            cursor=self.cursor,
            person=None if self.human is None else record_of(self.human),
        )


FILINGS = (
    Filing(
        1, PEOPLE[0], "ACCEPTED", "150402001", date(2026, 10, 1), date(2026, 10, 5),
        date(2026, 11, 4),
    ),
    Filing(
        2, PEOPLE[1], "APPROVED", "150402", date(2026, 11, 1), date(2026, 11, 2),
        date(2026, 12, 2), due_soon=True,
    ),
    Filing(3, None, "INCOMPLETE", "150404001", TODAY, None, None),
)  # fmt: skip


@dataclass(frozen=True)
class Told:
    """A report of a third party."""

    number: int
    reporter: str
    timeliness: str
    contents: tuple[str, ...] | None
    due_on: date | None
    learned_on: date | None = None
    closed_on: date | None = None
    finding: str | None = None

    @property
    def cursor(self) -> str:
        """The report's place."""
        return f"report-{self.number}"

    def record(self) -> ReportRecord:
        """The value that reading gives."""
        return ReportRecord(
            id=f"Report:{self.number}",
            version=self.number,
            division="150402",
            reporter=self.reporter,
            event_on="2026-11-03",
            learned_on=day(self.learned_on),
            reported_on="2026-11-10",
            due_on=day(self.due_on),
            provisional=self.number == 1,
            timeliness=self.timeliness,
            contents=self.contents,
            official="clerk-1",
            state="OPEN" if self.closed_on is None else "FOLLOWED_UP",
            closed_on=day(self.closed_on),
            finding=self.finding,
            cursor=self.cursor,
        )


REPORTS = (
    Told(1, "EMPLOYER", "ON_TIME", ("id_number", "name"), date(2026, 11, 12)),
    Told(2, "LANDLORD", "NO_LIMIT", None, None, None, TODAY, "REGISTERED"),
    Told(3, "PROPERTY_MANAGER", "LATE", (), date(2026, 11, 6), date(2026, 10, 28)),
)


@dataclass(frozen=True)
class Work:
    """A page of applications or of reports."""

    rows: tuple[Filing, ...] | tuple[Told, ...]
    more: bool
    continued: bool

    def page(self) -> ListPage[Any]:
        """The page that reading gives."""
        # One kind of row a page: a list of records of either says the same.
        records: list[Any] = [row.record() for row in self.rows]
        return ListPage(records, self.more, self.continued, 7)
