"""Who sees what of one known person: every grant of the departments, written out by hand.

`GRANTS` is the data minimisation table (articles 5, 10, 15–20, 24, 26, 28, 30 of the Measures) as
an answer shows it. What is not listed here must be refused; nothing is read from policies/rules.
"""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from db.facts import Apply, Move, NewPerson
from db.reports import TakenReport
from regulation.calendar import Deadline
from regulation.proceedings import Step
from regulation.third_party import Reporter, Timeliness
from tests import builders
from tests.builders import CASE_NUMBER, COUNTY, ISSUED_ACTIVE, OFFICE, TODAY
from tests.end_to_end.house import Seat

NUMBER = builders.id_number(4711)
BORN = f"{NUMBER[6:10]}-{NUMBER[10:12]}-{NUMBER[12:14]}"
NAME = "欧阳晓测"
PHONE = "19900004711"
WORKPLACE = "赤峰市测试机械厂"
ADDRESS = "赤峰市红山区西屯街道测试小区2号楼3单元401"
OLD_ADDRESS = "赤峰市红山区三中街街道测试巷7号"
HUKOU = "内蒙古自治区兴安盟乌兰浩特市测试路4711号"
PHOTO = b"\x89PNG\r\n\x1a\n" + b"synthetic picture" * 20
PERMIT_NUMBER = "JZ-TEST-4711"
ASKED = "请告知谁查询过我的信息"
MOVED_ON = TODAY - timedelta(days=40)


FILED_ON = TODAY - timedelta(days=16)
REPORTED_ON = TODAY - timedelta(days=3)


def _step(step: Step, day: date) -> Apply:
    """A step of an application; that the person holds a permit is nothing to a list."""
    return Apply(
        step=step,
        application=bytes(15) + b"\7",
        happened_on=day,
        county=COUNTY,
        township=f"{COUNTY}001",
        office=OFFICE,
    )


def the_report() -> TakenReport:
    """A report of a hire that waits for its follow-up at the office of 150402."""
    return TakenReport(
        id=bytes(15) + b"\x09",
        division=COUNTY,
        office=OFFICE,
        official="clerk-1",
        reporter=Reporter.EMPLOYER,
        happened_on=REPORTED_ON - timedelta(days=2),
        learned_on=None,
        reported_on=REPORTED_ON,
        deadline=Deadline(REPORTED_ON + timedelta(days=5), provisional=False),
        timeliness=Timeliness.ON_TIME,
        contents=frozenset({"name", "id_type", "id_number"}),
    )


def the_person() -> NewPerson:
    """A holder of an active permit who moved once inside 150402 and has an open case there."""
    given = replace(
        builders.registration(4711),
        name=NAME,
        ethnicity="蒙古族",
        phone=PHONE,
        workplace=WORKPLACE,
        address=OLD_ADDRESS,
        township=f"{COUNTY}002",
        hukou_address=HUKOU,
    )
    move = Move(
        happened_on=MOVED_ON,
        reported_on=MOVED_ON + timedelta(days=1),
        county=COUNTY,
        township=f"{COUNTY}001",
        address=ADDRESS,
        office=OFFICE,
    )
    return builders.person(
        registered=given,
        acts=[
            builders.issued(ISSUED_ACTIVE, number=PERMIT_NUMBER),
            move,
            _step(Step.FILED, FILED_ON),
            _step(Step.ACCEPTED, FILED_ON),
        ],
        proofs=[builders.proof()],
        cases=[builders.case()],
        photo=PHOTO,
    )


VALUES: Final[Mapping[str, object]] = {
    "Query.person": {"__typename": "Person"},
    "Query.permit": {"__typename": "Permit"},
    "Query.persons": {"__typename": "PersonConnection"},
    "Query.permits": {"__typename": "PermitConnection"},
    "Query.applications": {"__typename": "ApplicationConnection"},
    "Query.reports": {"__typename": "ReportConnection"},
    "Application.state": "ACCEPTED",
    "Application.filedOn": FILED_ON.isoformat(),
    "Application.acceptedOn": FILED_ON.isoformat(),
    "Application.dueOn": (FILED_ON + timedelta(days=30)).isoformat(),
    "Application.overdue": False,
    "Application.dueSoon": True,
    "Application.division": {"code": "150402001", "name": "西屯街道", "level": "TOWNSHIP"},
    "Application.person": {"__typename": "Person"},
    "Report.version": 1,
    "Report.division": {"code": "150402", "name": "红山区", "level": "COUNTY"},
    "Report.reporter": "EMPLOYER",
    "Report.eventOn": (REPORTED_ON - timedelta(days=2)).isoformat(),
    "Report.learnedOn": None,
    "Report.reportedOn": REPORTED_ON.isoformat(),
    "Report.dueOn": (REPORTED_ON + timedelta(days=5)).isoformat(),
    "Report.provisional": False,
    "Report.timeliness": "ON_TIME",
    "Report.contents": ["id_number", "id_type", "name"],
    "Report.official": "clerk-1",
    "Report.state": "OPEN",
    "Report.closedOn": None,
    "Report.finding": None,
    "Query.verify": [{"__typename": "VerifyResult"}],
    "Person.name": NAME,
    "Person.idNumber": NUMBER,
    "Person.sex": "FEMALE" if int(NUMBER[16]) % 2 == 0 else "MALE",
    "Person.ethnicity": "蒙古族",
    "Person.birthDate": BORN,
    "Person.ageAtLeast": True,
    "Person.phone": PHONE,
    "Person.workplace": WORKPLACE,
    "Person.hukouAddress": HUKOU,
    "Person.hukouCounty": "152201",
    "Person.photo": b64encode(PHOTO).decode(),
    "Person.residence": {"__typename": "Residence"},
    "Person.permit": {"__typename": "Permit"},
    "Residence.division": {"code": "150402001", "name": "西屯街道", "level": "TOWNSHIP"},
    "Residence.address": ADDRESS,
    "Residence.registeredOn": "2024-11-20",
    "Residence.arrivedOn": "2024-11-18",
    "Residence.reason": "务工",
    "Residence.late": False,
    "Residence.clockStart": "2024-11-20",
    "Residence.continuousAtLeast": True,
    "Residence.within": True,
    "Residence.history": [{"__typename": "AddressPeriod"}, {"__typename": "AddressPeriod"}],
    "AddressPeriod.changedOn": [None, MOVED_ON.isoformat()],
    "AddressPeriod.division": [{"code": "150402001"}, {"code": "150402002"}],
    "AddressPeriod.address": [ADDRESS, OLD_ADDRESS],
    "AddressPeriod.from": [MOVED_ON.isoformat(), "2024-11-18"],
    "Permit.number": PERMIT_NUMBER,
    "Permit.active": True,
    "Permit.status": "ACTIVE",
    "Permit.phase": None,
    "Permit.holder": {"__typename": "Person"},
    "Permit.issuedOn": "2026-08-12",
    "Permit.validFrom": "2026-08-12",
    "Permit.validTo": "2027-08-12",
    "Permit.suspendedFrom": None,
    "Permit.cancelledOn": None,
    "Permit.cancelGround": None,
    "Permit.issuingOffice": OFFICE,
    "Permit.evidence": [{"__typename": "Evidence"}],
    "Permit.entitlements": [{"__typename": "Entitlement"}],
    "Permit.entitled": True,
    "Evidence.condition": ["employment"],
    "Evidence.kind": ["labour-contract"],
    "Evidence.issuer": ["测试商贸有限公司"],
    "Evidence.presentedOn": ["2026-08-12"],
    "Entitlement.service": [{"code": "24(4)"}],
    "Entitlement.answer": ["YES"],
    "Entitlement.because": ["ACTIVE_PERMIT"],
    "Query.subjectRequests": {"__typename": "SubjectRequestConnection"},
    "SubjectRequest.version": 1,
    "SubjectRequest.kind": "VIEW",
    "SubjectRequest.by": "GUARDIAN",
    "SubjectRequest.status": "OPEN",
    "SubjectRequest.filedOn": "2026-11-20",
    "SubjectRequest.dueOn": "2026-12-11",
    "SubjectRequest.closedOn": None,
    "SubjectRequest.answer": None,
    "SubjectRequest.grounds": [],
    "SubjectRequest.official": None,
    "SubjectRequest.words": ASKED,
    "SubjectRequest.answerWords": None,
    "VerifyResult.ref": ["r1"],
    "VerifyResult.answer": ["YES"],
    "VerifyResult.basis": ["PRESENTED"],
    "VerifyResult.on": ["2026-11-20"],
    "VerifyResult.notice": [None],
    "VerifyResult.refusal": [None],
}
"""What each path shows of that person where nothing is masked."""

OPAQUE: Final = frozenset(
    {
        "Person.id",
        "Permit.id",
        "Application.id",
        "Report.id",
        "Query.node",
        "SubjectRequest.id",
        "SubjectRequest.person",
    }
)
"""Paths whose value is text that this table can't foretell; asked for apart."""

_CORRECTION: Final = tuple(
    f"Correction.{name}"
    for name in (
        *("id", "version", "index", "row", "position", "field", "requestedOn", "dueOn"),
        *("state", "department", "purpose", "person", "division", "status", "overdue"),
        *("closedOn", "ruling", "grounds", "official", "words", "decisionWords"),
    )
)
APART: Final = frozenset(
    {
        "Person.inCatchment",
        "Query.changes",
        "Change.case",
        "Change.ref",
        "Change.kind",
        "Change.on",
        "Query.document",
        "Query.corrections",
        *_CORRECTION,
    }
)
"""Paths that need more than a person in a database; test_catchments.py, test_changes.py,
test_corrections.py and test_printing.py ask for them."""

MASKED: Final[Mapping[tuple[str, str], object]] = {
    ("Person.name", "surname-only"): "欧阳*",
    ("Person.idNumber", "last4"): f"****{NUMBER[-4:]}",
    ("Person.phone", "last4"): "****4711",
    ("Residence.address", "township"): "红山区西屯街道",
    ("Residence.division", "township"): VALUES["Residence.division"],
    ("Residence.division", "county"): {"code": "150402", "name": "红山区", "level": "COUNTY"},
    ("Residence.within", "yes-no"): True,
    ("Residence.continuousAtLeast", "yes-no"): True,
    ("Permit.active", "yes-no"): True,
    ("Permit.entitled", "yes-no"): True,
    ("Person.ageAtLeast", "yes-no"): True,
}

Grants = dict[tuple[str, str], str]
"""(path, action) → rendering."""


def _plain(action: str, *paths: str) -> Grants:
    return {(path, action): "plain" for path in paths}


def _parts(owner: str, names: str) -> list[str]:
    return [f"{owner}.{name}" for name in names.split()]


_ENTITLEMENT = _parts("Entitlement", "service answer because")
_ANSWERED: Grants = {
    **_plain("call", "Query.person", "Query.verify"),
    **_plain("read", *_parts("VerifyResult", "ref answer basis on notice refusal")),
    **_plain("read", "Person.permit", "Permit.entitlements", *_ENTITLEMENT),
    ("Permit.active", "read"): "yes-no",
    ("Permit.entitled", "read"): "yes-no",
}
"""What each partner gets: whether a permit is active, and what it entitles to."""

_PLACED: Grants = {**_ANSWERED, **_plain("read", "Person.residence")}
_PARTNER: Grants = {
    **_PLACED,
    **_plain("call", "Query.changes", "Mutation.followCase", "Mutation.unfollowCase"),
    **_plain("read", *_parts("Change", "case ref kind on")),
    **_plain("call", "Mutation.requestCorrection", "Query.corrections"),
    **_plain(
        "read",
        *_parts("Correction", "id index row position field requestedOn dueOn state"),
    ),
}
"""What a partner gets that also follows its cases, and asks for corrections."""

_COUNTY: Grants = {("Residence.division", "read"): "county"}
_AGE: Grants = {("Person.ageAtLeast", "read"): "yes-no"}
_CLOCK: Grants = {("Residence.continuousAtLeast", "read"): "yes-no"}
_CASE: Grants = {
    **_plain("call", "Query.person", "Query.permit", "Query.node"),
    **_plain(
        "read",
        *_parts(
            "Person",
            "id name idNumber sex ethnicity birthDate ageAtLeast phone workplace hukouAddress "
            "hukouCounty photo residence permit",
        ),
        *_parts(
            "Residence",
            "division address registeredOn arrivedOn reason late clockStart continuousAtLeast "
            "within history",
        ),
        "AddressPeriod.changedOn",
        *_parts(
            "Permit",
            "id number active status phase holder issuedOn validFrom validTo suspendedFrom "
            "cancelledOn cancelGround issuingOffice evidence entitlements entitled",
        ),
        *_parts("Evidence", "condition kind issuer presentedOn"),
        *_ENTITLEMENT,
    ),
}
_NOT_ON_A_CARD: Final = {
    ("Person.phone", "read"), ("Person.workplace", "read"), ("Residence.reason", "read"),
}  # fmt: skip
_SETTLEMENT: Grants = {
    **_plain("call", "Query.person", *_parts("Mutation", "openCase closeCase checkSettlement")),
    **_plain(
        "read",
        *_parts("Person", "name idNumber hukouAddress hukouCounty residence permit"),
        *_parts("Residence", "division address clockStart continuousAtLeast"),
        "Permit.active",
    ),
}
_ISSUE: Grants = {
    **{cell: how for cell, how in _CASE.items() if cell not in _NOT_ON_A_CARD},
    **_plain("read", *_parts("AddressPeriod", "division address from")),
}
_ISSUING: Final[Mapping[str, str]] = {
    "permit-issue": "openCase closeCase approveApplication orderCard refuseApplication issueCard",
    "permit-cancellation": "openCase closeCase cancelPermit",
}
"""The acts of public security for each of its purposes."""

_ACTS: Final[Mapping[str, str]] = {
    "residence-registration": "openCase closeCase registerResidence closeRegistration cancelPermit "
    "reportByThirdParty closeReport checkSettlement checkCharge voidAct "
    "proposeIdentityChange confirmIdentityChange "
    "proposeMerge confirmMerge proposeSplit confirmSplit decideCorrection",
    "permit-application": "openCase closeCase checkEligibility checkCharge fileApplication "
    "supplementApplication withdrawApplication approveApplication orderCard refuseApplication "
    "issueCard "
    "voidAct",
    "card-replacement": "openCase closeCase checkCharge replaceCard voidAct "
    "proposeIdentityChange confirmIdentityChange",
    "address-change": "openCase closeCase checkCharge reportMove cancelPermit voidAct",
    "annual-endorsement": "openCase closeCase checkCharge endorsePermits cancelPermit voidAct",
    "subject-rights": "openCase closeCase fileSubjectRequest answerSubjectRequest "
    "withdrawSubjectRequest",
}
"""The acts that a receiving office does for each purpose."""

_PRINTS: Grants = _plain("call", "Query.document")
_PRINTING: Final = frozenset({"permit-application", "card-replacement", "subject-rights"})
"""Documents are printed for applications, for a new card and for the report about oneself."""

_REQUEST_ROW: Grants = {
    **_plain("call", "Query.subjectRequests"),
    **_plain(
        "read",
        *_parts(
            "SubjectRequest",
            "id person version kind by status filedOn dueOn closedOn answer grounds official",
        ),
    ),
}
_REQUESTS: Final[Mapping[str, Grants]] = {
    "desk-list": {**_REQUEST_ROW, **_plain("count", "Query.subjectRequests")},
    "subject-rights": {
        **_REQUEST_ROW,
        **_plain("read", "SubjectRequest.words", "SubjectRequest.answerWords"),
    },
}
"""What a receiving office sees of requests: in its list no words, under the case all."""

_CORRECTION_ROW: Grants = {
    **_plain("call", "Query.corrections"),
    **_plain(
        "read",
        *_parts(
            "Correction",
            "id version index row position field requestedOn dueOn department purpose person "
            "division status overdue closedOn ruling grounds official",
        ),
    ),
}
_CORRECTIONS: Final[Mapping[str, Grants]] = {
    "desk-list": {
        **_CORRECTION_ROW,
        **_plain("count", "Query.corrections"),
        **_plain("filter", "Correction.status", "Correction.overdue"),
    },
    "residence-registration": {
        **_CORRECTION_ROW,
        **_plain("read", "Correction.words", "Correction.decisionWords"),
    },
}
"""What a receiving office sees of corrections: in its list no words, under the case all."""

_LIST: Grants = {
    **_plain(
        "call",
        *_parts("Query", "persons permits applications reports node"),
    ),
    **_plain("count", *_parts("Query", "persons permits applications reports")),
    **_plain(
        "read",
        *_parts("Person", "id residence permit"),
        *_parts("Residence", "division registeredOn arrivedOn late"),
        *_parts(
            "Permit",
            "id number active status phase holder issuedOn validFrom validTo suspendedFrom "
            "cancelledOn",
        ),
        *_parts(
            "Application",
            "id state filedOn acceptedOn dueOn overdue dueSoon division person",
        ),
        *_parts(
            "Report",
            "id version division reporter eventOn learnedOn reportedOn dueOn provisional "
            "timeliness contents official state closedOn finding",
        ),
    ),
    **_plain(
        "filter",
        "Person.idNumber",
        "Person.name",
        "Residence.division",
        "Residence.registeredOn",
        "Residence.late",
        "Permit.status",
        "Permit.phase",
        *_parts("Application", "state dueOn overdue dueSoon division"),
        *_parts("Report", "state reporter timeliness"),
        "Permit.validTo",
    ),
    **_plain("sort", "Residence.registeredOn", "Permit.validTo"),
    ("Person.name", "read"): "surname-only",
    ("Person.idNumber", "read"): "last4",
    ("Person.phone", "read"): "last4",
    ("Residence.address", "read"): "township",
}
_POLICE_NEVER = {
    ("Person.sex", "read"), ("Person.ethnicity", "read"), ("Person.hukouAddress", "read"),
    ("Person.hukouCounty", "read"),
}  # fmt: skip
_AUDIT: Grants = {
    **_plain("call", "Query.accessLog", "Query.accessesOf"),
    **_plain(
        "read",
        *_parts(
            "AccessRecord",
            "index time action outcome client official department roles division purpose "
            "operation document subjects missed",
        ),
        *_parts("AccessSubject", "person fields"),
        *_parts("AccessField", "path action rendering"),
    ),
}
_TABLES: Grants = {
    **_plain("call", "Query.statistics"),
    **_plain(
        "read",
        *_parts("Statistics", "day registered permits applications coordinators"),
        *_parts("RegisteredCount", "division persons"),
        *_parts("PermitCount", "division holding persons"),
        *_parts("ApplicationCount", "division month outcome applications"),
        *_parts("CoordinatorCount", "division required"),
    ),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One department for one of its purposes."""

    seat: Seat
    grants: Mapping[tuple[str, str], str]

    def __str__(self) -> str:
        """How a test names it."""
        return f"{self.seat.department} for {self.seat.purpose}"


def _column(department: str, purpose: str, grants: Grants, *, case: str | None) -> Column:
    return Column(Seat(department=department, purpose=purpose, case=case), grants)


_PARTNERS: Final[Mapping[tuple[str, str], Grants]] = {
    ("human-resources", "equal-employment employment-services vocational-qualification"): {
        **_PLACED,
        **_COUNTY,
    },
    ("housing-fund", "housing-fund"): _ANSWERED,
    ("health", "public-health family-planning birth-registration"): {
        **_PLACED,
        ("Residence.division", "read"): "township",
        **_AGE,
    },
    ("civil-affairs", "social-aid elder-care marriage-registration"): {
        **_PLACED,
        **_COUNTY,
        **_CLOCK,
        **_AGE,
    },
    ("justice", "legal-aid"): _ANSWERED,
    ("culture-sport", "culture-and-sport"): _ANSWERED,
    ("exit-entry", "exit-entry-documents"): {**_PLACED, **_COUNTY},
    ("id-office", "identity-card"): {**_PLACED, **_COUNTY},
    ("vehicle-office", "vehicle-registration driving-licence"): {
        **_PLACED,
        **_plain("read", "Residence.division", "Residence.address"),
    },
    ("market-regulation", "business-registration"): _ANSWERED,
    ("residents-committee", "committee-election"): {},  # off until the city decides otherwise
}
"""Partners that follow nothing: (department, its purposes) → what each of those shows."""

COLUMNS: Final = (
    _column(
        "education",
        "school-place",
        {
            **_PARTNER,
            ("Residence.division", "read"): "township",
            ("Residence.within", "read"): "yes-no",
            ("Person.inCatchment", "read"): "yes-no",
            ("Residence.continuousAtLeast", "read"): "yes-no",
        },
        case="demo-1",
    ),
    _column(
        "social-insurance",
        "social-insurance-enrolment",
        {**_PARTNER, **_COUNTY},
        case="demo-1",
    ),
    _column("housing", "housing-support", {**_PARTNER, **_COUNTY, **_CLOCK}, case="demo-1"),
    *(
        _column(department, purpose, grants, case="demo-1")
        for (department, purposes), grants in _PARTNERS.items()
        for purpose in purposes.split()
    ),
    *(
        _column(
            "receiving-office",
            purpose,
            {
                **_CASE,
                **_plain("call", *_parts("Mutation", acts)),
                **_REQUESTS.get(purpose, {}),
                **_CORRECTIONS.get(purpose, {}),
                **(_PRINTS if purpose in _PRINTING else {}),
            },
            case=CASE_NUMBER,
        )
        for purpose, acts in _ACTS.items()
    ),
    _column(
        "receiving-office",
        "desk-list",
        {**_LIST, **_REQUESTS["desk-list"], **_CORRECTIONS["desk-list"]},
        case=None,
    ),
    _column(
        "community-police",
        "annual-endorsement",
        {
            **{cell: how for cell, how in _CASE.items() if cell not in _POLICE_NEVER},
            ("Mutation.reviewEndorsement", "call"): "plain",
        },
        case=CASE_NUMBER,
    ),
    _column("community-police", "desk-list", _LIST, case=None),
    _column("hukou-police", "household-settlement", _SETTLEMENT, case=CASE_NUMBER),
    *(
        _column(
            "public-security",
            purpose,
            {**_ISSUE, **_plain("call", *_parts("Mutation", acts))},
            case=CASE_NUMBER,
        )
        for purpose, acts in _ISSUING.items()
    ),
    _column("auditor", "privacy-audit", _AUDIT, case=None),
    *(
        _column(department, "population-statistics", _TABLES, case=None)
        for department in (
            "statistics",
            "development-reform",
            "finance",
            "receiving-office",
            "community-police",
        )
    ),
)
PARTNERS: Final = COLUMNS[:3]
"""Partners that follow cases; with them other tests ask as a partner."""
