"""The reference: graphql-core's own executor over plain objects, with resolvers written here.

Nothing of `schema/` takes part but the SDL of the view; masks and articles are written out again.
"""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
from graphql import (
    GraphQLError,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    build_schema,
    execute_sync,
    parse,
    print_schema,
)

from policies import renderings
from policies.table import FieldTable, Policies
from regulation import divisions
from regulation.services import SERVICES, Service
from schema.view import View
from tests.builders import id_number
from tests.policies.city import TODAY
from tests.schema.doubts import DOUBTS, Doubts
from tests.schema.people import (
    ACCESSES,
    FILINGS,
    NOTICES,
    PEOPLE,
    REPORTS,
    REQUESTS,
    TABLES,
    VERDICTS,
    Access,
    Card,
    Human,
    List,
    Log,
    Notice,
    Notices,
    Request,
    Requests,
    Verdict,
    Work,
)

Errors = frozenset[tuple[tuple[str | int, ...], str]]


class RefusedError(Exception):
    """A resolver refuses its arguments."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Held:
    """A person's permit, as a type of its own."""

    human: Human

    @property
    def card(self) -> Card:
        """The card; only holders are wrapped."""
        assert self.human.card is not None
        return self.human.card


@dataclass(frozen=True)
class Entitled:
    """One service for one holder."""

    service: Service
    active: bool


Args = Mapping[str, Any]


# --- roots: which objects a root field gives; the plan's side asks the same functions -------------


def person(args: Args) -> Human | None:
    if args["idNumber"] == "15":
        raise RefusedError("INVALID_ID_NUMBER")
    if "nobody" in args["name"]:
        return None
    return PEOPLE[(len(args["idNumber"]) + len(args["name"])) % len(PEOPLE)]


def permit(args: Args) -> Human | None:
    human = PEOPLE[len(args["number"]) % len(PEOPLE)]
    return human if human.card is not None else None


def node(args: Args) -> tuple[str, Human] | None:
    human = PEOPLE[len(args["id"]) % len(PEOPLE)]
    if "nobody" in args["id"]:
        return None
    return ("Permit", human) if human.card and len(args["id"]) % 2 else ("Person", human)


def _many(args: Args) -> int:
    if not 0 < args["first"] <= 200:
        raise RefusedError("ARGUMENT_INVALID")
    return int(args["first"])


def persons(args: Args) -> List:
    size = _many(args)
    conditions = [value for value in (args.get("filter") or {}).values() if value is not None]
    people = PEOPLE[len(conditions) + len(args.get("orderBy") or []) :]
    return List(people[:size], len(people) > size, args.get("after") is not None)


def permits(args: Args) -> List:
    size = _many(args)
    conditions = [value for value in (args.get("filter") or {}).values() if value is not None]
    holders = tuple(human for human in PEOPLE if human.card is not None)[len(conditions) :]
    return List(holders[:size], len(holders) > size, args.get("after") is not None)


def _work(args: Args, rows: Any) -> Work:
    size = _many(args)
    conditions = [value for value in (args.get("filter") or {}).values() if value is not None]
    left = rows[len(conditions) :]
    return Work(left[:size], len(left) > size, args.get("after") is not None)


def applications(args: Args) -> Work:
    return _work(args, FILINGS)


def reports(args: Args) -> Work:
    return _work(args, REPORTS)


def verify(args: Args) -> list[Verdict]:
    if len(args["rows"]) > len(VERDICTS):
        raise RefusedError("TOO_COMPLEX")
    return [
        VERDICTS[(place + len(row.get("anyOf") or [])) % len(VERDICTS)]
        for place, row in enumerate(args["rows"])
    ]


def log(args: Args) -> Log:
    size = _many(args)
    return Log(ACCESSES[:size], len(ACCESSES) > size, args.get("after") is not None)


def changes(args: Args) -> Notices:
    size = _many(args)
    return Notices(NOTICES[:size], len(NOTICES) > size, args.get("after") is not None)


def accesses_of(args: Args) -> Log:
    if "nobody" in args["person"]:
        raise RefusedError("INVALID_ID_NUMBER")
    return log(args)


def subject_requests(args: Args) -> Requests:
    size = _many(args)
    found = REQUESTS[0 if args.get("open") is None else 1 :]
    return Requests(found[:size], len(found) > size, args.get("after") is not None)


def corrections(args: Args) -> Doubts:
    size = _many(args)
    found = DOUBTS[0 if not args.get("filter") else 1 :]
    return Doubts(found[:size], len(found) > size, args.get("after") is not None)


def _services(args: Args) -> Sequence[Service]:
    article = args.get("article")
    return [
        service
        for service in SERVICES
        if article is None or article in (service.article, service.article.partition("(")[0])
    ]


def _divisions(args: Args) -> Sequence[str]:
    within = args.get("within")
    if within is None:
        return [county.code for county in divisions.COUNTIES]
    if within not in {county.code for county in divisions.COUNTIES}:
        raise RefusedError("ARGUMENT_INVALID")
    return [township.code for township in divisions.townships(within)]


def _grants(table: FieldTable, args: Args) -> list[dict[str, object]]:
    """What a table grants, in the order of its paths."""
    found: list[dict[str, object]] = []
    for path, spec in table.specs.items():
        for action in sorted(spec.actions):
            decision = table.decisions.get((path, action))
            asked = args.get("path") in (None, path) and args.get("action") in (None, action)
            if asked and decision is not None and decision.granted:
                rows = path.split(".")[0] not in {"Query", "Mutation", "Division"}
                found.append(
                    {
                        "path": path,
                        "action": action.value,
                        "rendering": str(decision.rendering),
                        "scope": sorted(table.scopes(path.split(".")[0])) if rows else None,
                        "because": list(decision.because),
                        "until": decision.until,
                        "rule": list(decision.rules),
                    }
                )
    return found


@dataclass(frozen=True)
class Asked:
    """What is true of the caller."""

    policies: Policies
    viewer: Mapping[str, object]


# --- fields --------------------------------------------------------------------------------------


def _age(human: Human, args: Args) -> bool | None:
    if not 0 < args["years"] <= 150:
        raise RefusedError("ARGUMENT_INVALID")
    if human.birth is None:
        return None
    birthday = (human.birth.month, human.birth.day)
    years = TODAY.year - human.birth.year - ((TODAY.month, TODAY.day) < birthday)
    return bool(years >= args["years"])


def _continuous(human: Human, args: Args) -> bool:
    if not 0 < args["months"] <= 1200:
        raise RefusedError("ARGUMENT_INVALID")
    start = human.clock_start
    if start is None:
        return False
    # Every clock in these data starts on a day that every month has, or on 29 February.
    months = (TODAY.year - start.year) * 12 + TODAY.month - start.month
    return bool(months - (TODAY.day < start.day) >= args["months"])


def _within(human: Human, args: Args) -> bool:
    code = args["division"]
    if divisions.division(code) is None:
        raise RefusedError("ARGUMENT_INVALID")
    return (human.township or human.county).startswith(code)


def _in_catchment(_human: Human, _args: Args) -> bool:
    # Here no request was admitted to any catchment.
    raise RefusedError("ARGUMENT_INVALID")


def _status(held: Held) -> str:
    card = held.card
    if card.cancelled_on is not None and card.cancelled_on <= TODAY:
        return "CANCELLED"
    if card.valid_from > TODAY:
        return "PENDING"
    return "ACTIVE" if card.valid_to >= TODAY else "SUSPENDED"


def _phase(held: Held) -> str | None:
    # No grace in these data ends on a day off, and none within a week of today.
    away = (held.card.valid_to - TODAY).days
    if _status(held) == "SUSPENDED":
        return "IN_GRACE" if away >= -31 else "LAPSED"
    if _status(held) != "ACTIVE" or away > 37:
        return None
    return "IN_WINDOW" if away <= 30 else "ENTERING_WINDOW"


def _suspended_from(held: Held) -> date | None:
    if _status(held) != "SUSPENDED":
        return None
    return date.fromordinal(held.card.valid_to.toordinal() + 1)


def _entitlements(held: Held, args: Args) -> list[Entitled]:
    codes = args.get("codes")
    active = _status(held) == "ACTIVE"
    return [Entitled(item, active) for item in SERVICES if codes is None or item.code in codes]


def _entitled(held: Held, args: Args) -> bool:
    named = [service for service in SERVICES if service.code == args["service"]]
    if not named:
        raise RefusedError("ARGUMENT_INVALID")
    return _status(held) == "ACTIVE" and named[0].guaranteed


def _answer(item: Entitled) -> str:
    if not item.active:
        return "NO"
    return "YES" if item.service.guaranteed else "NOT_GUARANTEED"


def _because(item: Entitled) -> str:
    if not item.active:
        return "NO_ACTIVE_PERMIT"
    return "ACTIVE_PERMIT" if item.service.guaranteed else "NOT_GUARANTEED_ART_26"


Resolve = Callable[[Any, Args], object]


def _plain(get: Callable[[Any], object]) -> Resolve:
    return lambda value, _args: get(value)


def _each(**fields: Callable[[Any], object]) -> dict[str, Resolve]:
    return {name: _plain(get) for name, get in fields.items()}


def _encoded(kind: str, uuid: bytes) -> str:
    return f"{kind}:{uuid.hex()}"


def _cursor(page: Doubts | List | Log | Notices | Requests | Work, place: int) -> str | None:
    rows = _rows(page)
    return rows[place].cursor if rows else None


_PAGE = _each(
    hasNextPage=lambda page: page.more,
    hasPreviousPage=lambda page: page.continued,
    startCursor=lambda page: _cursor(page, 0),
    endCursor=lambda page: _cursor(page, -1),
)


def _rows(
    page: Doubts | List | Log | Notices | Requests | Work,
) -> Sequence[Human] | Sequence[Access] | Sequence[Notice] | Sequence[Request] | Sequence[Any]:
    match page:
        case Work():
            return page.rows
        case List():
            return page.people
        case Doubts():
            return page.doubts
        case Requests():
            return page.requests
        case _:
            return page.accesses


def _held(page: List) -> Sequence[Held]:
    return [Held(human) for human in page.people]


_TOLD = _each(code=lambda it: it.code, name=lambda it: it.zh, englishName=lambda it: it.en)

FIELDS: dict[str, dict[str, Resolve]] = {
    "Person": _each(
        id=lambda it: _encoded("Person", it.uuid),
        name=lambda it: it.name,
        idNumber=lambda it: str(id_number(it.number)),
        sex=lambda it: it.sex,
        ethnicity=lambda it: it.ethnicity,
        birthDate=lambda it: it.birth,
        phone=lambda it: it.phone,
        workplace=lambda it: it.workplace,
        hukouAddress=lambda it: it.hukou_address,
        hukouCounty=lambda it: it.hukou_county,
        photo=lambda it: it.photo and base64.b64encode(it.photo).decode(),
        residence=lambda it: it,
        permit=lambda it: it.card and Held(it),
    )
    | {"ageAtLeast": _age, "inCatchment": _in_catchment},
    "Residence": _each(
        division=lambda it: it.township or it.county,
        address=lambda it: it.address,
        registeredOn=lambda it: it.registered_on,
        arrivedOn=lambda it: it.arrived_on,
        reason=lambda it: it.reason,
        late=lambda it: it.late,
        clockStart=lambda it: it.clock_start,
        history=lambda it: it.stays,
    )
    | {"continuousAtLeast": _continuous, "within": _within},
    "AddressPeriod": {
        **_each(
            division=lambda it: it.township or it.county,
            address=lambda it: it.address,
            changedOn=lambda it: it.changed_on,
        ),
        "from": _plain(lambda it: it.since),
    },
    "Division": _each(
        code=lambda code: code,
        name=lambda code: divisions.division(code).zh,  # type: ignore[union-attr] # data hold known codes
        level=lambda code: "TOWNSHIP" if len(code) == 9 else "COUNTY",
    ),
    "Permit": _each(
        id=lambda it: _encoded("Permit", it.human.permit_uuid),
        number=lambda it: it.card.number,
        active=lambda it: _status(it) == "ACTIVE",
        status=_status,
        issuedOn=lambda it: it.card.issued_on,
        validFrom=lambda it: it.card.valid_from,
        validTo=lambda it: it.card.valid_to,
        phase=_phase,
        holder=lambda it: it.human,
        suspendedFrom=_suspended_from,
        cancelledOn=lambda it: it.card.cancelled_on,
        cancelGround=lambda it: it.card.ground,
        issuingOffice=lambda _it: "赤峰市红山区测试派出所",
        evidence=lambda it: it.human.proofs,
    )
    | {"entitlements": _entitlements, "entitled": _entitled},
    "Evidence": _each(
        condition=lambda it: it.condition,
        kind=lambda it: it.kind,
        issuer=lambda it: it.issuer,
        presentedOn=lambda it: it.presented_on,
    ),
    "Entitlement": _each(service=lambda it: it.service, answer=_answer, because=_because),
    "Service": _TOLD
    | _each(
        article=lambda it: it.article,
        department=lambda it: it.department,
        beneficiaries=lambda it: [str(who) for who in it.beneficiaries],
        guaranteed=lambda it: it.guaranteed,
    ),
    "Department": _TOLD,
    "Purpose": _TOLD
    | _each(article=lambda it: it.article, caseRequired=lambda it: it.case_required),
    "VerifyResult": _each(
        ref=lambda it: it.ref,
        answer=lambda it: it.answer,
        basis=lambda it: it.basis,
        on=lambda it: it.day,
        notice=lambda it: it.notice,
        refusal=lambda it: it.refusal,
    ),
    "VerifyRefusal": _each(
        code=lambda it: it[0], message=lambda it: it[1], reason=lambda it: it[2]
    ),
    "PersonConnection": _each(
        edges=_rows, nodes=_rows, pageInfo=lambda it: it, totalCount=lambda _it: len(PEOPLE)
    ),
    "PermitConnection": _each(
        edges=_held, nodes=_held, pageInfo=lambda it: it, totalCount=lambda _it: len(PEOPLE)
    ),
    "PermitEdge": _each(cursor=lambda it: it.human.cursor, node=lambda it: it),
    "ApplicationConnection": _each(
        edges=_rows, nodes=_rows, pageInfo=lambda it: it, totalCount=lambda _it: 7
    ),
    "ApplicationEdge": _each(cursor=lambda it: it.cursor, node=lambda it: it),
    "Application": _each(
        id=lambda it: f"Application:{it.number}",
        state=lambda it: it.state,
        filedOn=lambda it: it.filed_on,
        acceptedOn=lambda it: it.accepted_on,
        dueOn=lambda it: it.due_on,
        overdue=lambda it: it.due_on is not None and it.due_on < TODAY,
        dueSoon=lambda it: it.due_soon,
        division=lambda it: it.division,
        person=lambda it: it.human,
    ),
    "ReportConnection": _each(
        edges=_rows, nodes=_rows, pageInfo=lambda it: it, totalCount=lambda _it: 7
    ),
    "ReportEdge": _each(cursor=lambda it: it.cursor, node=lambda it: it),
    "Report": _each(
        id=lambda it: f"Report:{it.number}",
        version=lambda it: it.number,
        division=lambda _it: "150402",
        reporter=lambda it: it.reporter,
        eventOn=lambda _it: "2026-11-03",
        learnedOn=lambda it: it.learned_on,
        reportedOn=lambda _it: "2026-11-10",
        dueOn=lambda it: it.due_on,
        provisional=lambda it: it.number == 1,
        timeliness=lambda it: it.timeliness,
        contents=lambda it: it.contents,
        official=lambda _it: "clerk-1",
        state=lambda it: "OPEN" if it.closed_on is None else "FOLLOWED_UP",
        closedOn=lambda it: it.closed_on,
        finding=lambda it: it.finding,
    ),
    "PersonEdge": _each(cursor=lambda it: it.cursor, node=lambda it: it),
    "PageInfo": _PAGE,
    "CorrectionConnection": _each(
        edges=_rows, nodes=_rows, pageInfo=lambda it: it, totalCount=lambda _it: len(DOUBTS)
    ),
    "CorrectionEdge": _each(cursor=lambda it: it.cursor, node=lambda it: it),
    "Correction": _each(
        id=lambda it: f"correction-{it.mark}",
        index=lambda it: len(it.mark) * 10,
        row=lambda it: it.row,
        position=lambda it: len(it.mark),
        field=lambda _it: "Permit.active",
        requestedOn=lambda _it: "2026-11-02",
        dueOn=lambda _it: "2026-11-23",
        state=lambda it: it.state,
        version=lambda it: len(it.mark),
        department=lambda _it: "education",
        purpose=lambda _it: "school-place",
        person=lambda it: f"person-{it.mark}" if it.division else None,
        division=lambda it: it.division,
        status=lambda it: it.status,
        overdue=lambda it: it.ruling is None,
        closedOn=lambda it: it.closed,
        ruling=lambda it: it.ruling,
        grounds=lambda it: it.grounds,
        official=lambda it: "clerk" if it.ruling else None,
        words=lambda it: f"words {it.mark}",
        decisionWords=lambda it: f"decided {it.mark}" if it.ruling else None,
    ),
    "SubjectRequestConnection": _each(
        edges=_rows, nodes=_rows, pageInfo=lambda it: it, totalCount=lambda _it: len(REQUESTS)
    ),
    "SubjectRequestEdge": _each(cursor=lambda it: it.cursor, node=lambda it: it),
    "SubjectRequest": _each(
        id=lambda it: f"request-{it.mark}",
        person=lambda it: f"person-{it.mark}",
        version=lambda it: len(it.mark),
        kind=lambda it: it.kind,
        by=lambda it: it.by,
        status=lambda it: it.status,
        filedOn=lambda _it: "2026-11-02",
        dueOn=lambda _it: "2026-11-23",
        closedOn=lambda it: it.closed,
        answer=lambda it: it.answer,
        grounds=lambda it: it.grounds,
        official=lambda it: "clerk" if it.answer else None,
        words=lambda it: None if it.answer else f"words {it.mark}",
        answerWords=lambda it: f"answered {it.mark}" if it.answer else None,
    ),
    "AccessRecordConnection": _each(edges=_rows, nodes=_rows, pageInfo=lambda it: it),
    "ChangeConnection": _each(edges=_rows, nodes=_rows, pageInfo=lambda it: it),
    "ChangeEdge": _each(cursor=lambda it: it.cursor, node=lambda it: it),
    "Change": _each(
        case=lambda _it: "demo-1",
        ref=lambda it: f"r{it.number}",
        kind=lambda it: it.changed().kind,
        on=lambda it: f"2026-11-{it.number + 1:02}",
    ),
    "AccessRecordEdge": _each(cursor=lambda it: it.cursor, node=lambda it: it),
    "AccessRecord": _each(
        index=lambda it: it.index,
        time=lambda _it: "2026-11-22T08:00:00.000Z",
        action=lambda _it: "query",
        outcome=lambda it: it.word("released"),
        client=lambda it: it.word("client"),
        official=lambda it: it.word("official"),
        department=lambda it: it.word("education"),
        roles=lambda it: it.roles,
        division=lambda it: it.word("150402"),
        purpose=lambda it: it.word("school-place"),
        operation=lambda it: it.word("Q"),
        document=lambda it: it.word("0f"),
        subjects=lambda it: it.subjects,
        missed=lambda it: it.index % 3,
    ),
    "Statistics": _each(
        day=lambda it: it.day,
        registered=lambda it: it.registered,
        permits=lambda it: it.permits,
        applications=lambda it: it.applications,
        coordinators=lambda it: it.coordinators,
    ),
    "RegisteredCount": _each(division=lambda it: it[0], persons=lambda it: it[1]),
    "PermitCount": _each(
        division=lambda it: it[0], holding=lambda it: it[1].upper(), persons=lambda it: it[2]
    ),
    "ApplicationCount": _each(
        division=lambda it: it[0],
        month=lambda it: it[1],
        outcome=lambda it: it[2] and it[2].upper(),
        applications=lambda it: it[3],
    ),
    "CoordinatorCount": _each(division=lambda it: it[0], required=lambda it: it[1]),
    "AccessSubject": _each(person=lambda it: it[0], fields=lambda it: it[1]),
    "AccessField": _each(
        path=lambda it: it[0], action=lambda it: it[1], rendering=lambda it: it[2]
    ),
}

MASKS: dict[str, dict[str, Callable[[object], object]]] = {
    "education": {
        "Permit.active": renderings.yes_no,
        "Permit.entitled": renderings.yes_no,
        "Residence.division": lambda code: str(code)[:9],
        "Residence.within": renderings.yes_no,
        "Residence.continuousAtLeast": renderings.yes_no,
    },
    "desk list": {
        "Person.name": renderings.surname_only,
        "Person.idNumber": renderings.last4,
        "Person.phone": renderings.last4,
        "Residence.address": renderings.township_of_address,
    },
    "masks of every kind": {
        "Person.name": renderings.surname_only,
        "Person.birthDate": renderings.year,
        "Person.ageAtLeast": renderings.yes_no,
        "Person.hukouCounty": lambda code: code and str(code)[:6],
        "Residence.division": lambda code: str(code)[:6],
        "Residence.address": renderings.county_of_address,
        "AddressPeriod.division": lambda code: str(code)[:6],
        "Permit.active": renderings.yes_no,
        "Permit.validTo": renderings.year,
    },
}


class Reference:
    """Answers documents as graphql-core does."""

    def __init__(self, view: View, asked: Asked, masks: str = "") -> None:
        self._schema: GraphQLSchema = build_schema(print_schema(view.schema))
        self._table = view.table
        self._asked = asked
        self._masks = MASKS.get(masks, {})

    def answer(self, document: str, variables: dict[str, Any]) -> tuple[bytes, Errors]:
        """`data` as JSON bytes, and the errors."""
        result = execute_sync(
            self._schema,
            parse(document),
            variable_values=variables,
            field_resolver=self._resolve,
            type_resolver=lambda value, _info, _type: (
                "Permit" if isinstance(value, Held) else "Person"
            ),
        )
        errors = frozenset((tuple(error.path or ()), _code(error)) for error in result.errors or ())
        return orjson.dumps(result.data), errors

    def _resolve(self, value: Any, info: GraphQLResolveInfo[Any], **args: Any) -> object:
        owner, name = info.parent_type.name, info.field_name
        found = (
            self._root(name, args) if owner == "Query" else self._field(value, owner, name, args)
        )
        mask = self._masks.get(f"{owner}.{name}")
        if isinstance(found, date):
            found = found.isoformat()
        return found if mask is None else mask(found)

    def _field(self, value: Any, owner: str, name: str, args: Args) -> object:
        if owner == "Viewer":
            return _grants(self._table, args) if name == "fields" else value[name]
        if owner == "FieldGrant":
            return value[name]
        return FIELDS[owner][name](value, args)

    def _root(self, name: str, args: Args) -> object:
        match name:
            case "permit":
                human = permit(args)
                return None if human is None else Held(human)
            case "node":
                return self._node(node(args))
            case "viewer":
                return self._asked.viewer
            case "departments":
                return self._asked.policies.departments
            case "purposes":
                return list(self._asked.policies.purposes.values())
        return _ROOTS[name](args)

    def _node(self, found: tuple[str, Human] | None) -> Human | Held | None:
        if found is None:
            return None
        kind, human = found
        type_ = self._schema.type_map.get(kind)
        # What is no node in this view is like what does not exist.
        if not isinstance(type_, GraphQLObjectType) or not type_.interfaces:
            return None
        return Held(human) if kind == "Permit" else human


def _document(_args: Args) -> object:
    """Nobody here has filed anything: printing has tests of its own."""
    raise RefusedError("NOTHING_TO_PRINT")


_ROOTS: dict[str, Callable[[Args], object]] = {
    "document": _document,
    "person": person,
    "persons": persons,
    "permits": permits,
    "applications": applications,
    "reports": reports,
    "verify": verify,
    "accessLog": log,
    "accessesOf": accesses_of,
    "changes": changes,
    "subjectRequests": subject_requests,
    "corrections": corrections,
    "services": _services,
    "divisions": _divisions,
    "statistics": lambda _args: TABLES,
}


def _code(error: GraphQLError) -> str:
    if isinstance(error.original_error, RefusedError):
        return error.original_error.code
    # The executor's own: a null that may not be, or an argument that a variable left out.
    return "INTERNAL" if error.message.startswith("Cannot return null") else "ARGUMENT_INVALID"
