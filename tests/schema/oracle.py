"""The other side of the differential test: graphql-core's own executor over plain objects.

Nothing here uses the planner, the rendering or a field's declaration. Each field of the graph has
its value written down a second time, as what a person's plain data says; graphql-core walks the
document, merges, aliases, skips, bubbles and orders.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    execute_sync,
    get_named_type,
    parse,
)

from regulation.divisions import division, within
from regulation.services import SERVICES

DAY = date(2026, 11, 22)


@dataclass(frozen=True)
class Plain:
    """A person as plain data: what an answer without masks would say."""

    key: int
    columns: Mapping[str, Any]
    core: Mapping[str, Any]
    contact: Mapping[str, Any]
    residence: Mapping[str, Any]
    periods: tuple[Mapping[str, Any], ...]
    evidence: tuple[Mapping[str, Any], ...]


class FaultError(GraphQLError):
    """A fault of an argument, by its code."""

    def __init__(self, code: str) -> None:
        super().__init__(code, extensions={"code": code})


def _active(one: Plain) -> bool:
    columns = one.columns
    if columns["valid_from"] is None:
        return False
    if columns["cancelled_on"] is not None and columns["cancelled_on"] <= DAY.isoformat():
        return False
    return bool(columns["valid_from"] <= DAY.isoformat() <= columns["valid_to"])


def _status(one: Plain) -> str:
    columns = one.columns
    if columns["cancelled_on"] is not None and columns["cancelled_on"] <= DAY.isoformat():
        return "CANCELLED"
    if DAY.isoformat() < columns["valid_from"]:
        return "PENDING"
    return "ACTIVE" if DAY.isoformat() <= columns["valid_to"] else "SUSPENDED"


def _suspended_from(one: Plain) -> str | None:
    if _status(one) != "SUSPENDED":
        return None
    valid_to = date.fromisoformat(one.columns["valid_to"])
    return date.fromordinal(valid_to.toordinal() + 1).isoformat()


def _entitlements(one: Plain, codes: list[str] | None = None) -> list[dict[str, Any]]:
    active = _active(one)
    answers = []
    for service in SERVICES:
        if codes is not None and service.code not in codes:
            continue
        guaranteed = not service.article.startswith("26")
        answer = ("YES" if guaranteed else "NOT_GUARANTEED") if active else "NO"
        because = {
            "YES": "ACTIVE_PERMIT",
            "NO": "NO_ACTIVE_PERMIT",
            "NOT_GUARANTEED": "NOT_GUARANTEED_ART_26",
        }[answer]
        answers.append({"service": service, "answer": answer, "because": because})
    return answers


def _entitled(one: Plain, service: str) -> bool:
    if service not in {item.code for item in SERVICES}:
        raise FaultError("ARGUMENT_INVALID")
    return _active(one) and not service.startswith("26")


def _continuous(one: Plain, months: int) -> bool:
    if not 0 < months <= 1200:
        raise FaultError("ARGUMENT_INVALID")
    start = one.columns["clock_start"]
    if start is None:
        return False
    first = date.fromisoformat(start)
    count = first.year * 12 + first.month - 1 + months
    year, month = divmod(count, 12)
    for day in range(first.day, 0, -1):
        try:
            return date(year, month + 1, day) <= DAY
        except ValueError:
            if year > date.max.year:
                return False
    raise AssertionError


def _age(one: Plain, years: int) -> bool:
    if not 0 < years <= 150:
        raise FaultError("ARGUMENT_INVALID")
    born = date.fromisoformat(one.core["birthDate"])
    try:
        birthday = born.replace(year=born.year + years)
    except ValueError:
        birthday = date(born.year + years, 2, 28)
    return birthday <= DAY


def _within(one: Plain, division_code: str) -> bool:
    if division(division_code) is None:
        raise FaultError("ARGUMENT_INVALID")
    return within(one.columns["township"] or one.columns["county"], division_code)


def _column(name: str) -> Callable[..., Any]:
    return lambda one: one.columns[name]


def _item(group: str, name: str) -> Callable[..., Any]:
    return lambda one: getattr(one, group).get(name)


def _key(name: str) -> Callable[..., Any]:
    return lambda row: row[name]


def _name(code: str) -> str | None:
    found = division(code)
    return found.zh if found else None


VALUES: dict[str, Callable[..., Any]] = {
    "Person.id": lambda one: f"Person-{one.key}",
    "Permit.id": lambda one: f"Permit-{one.key}",
    "Person.name": _item("core", "name"),
    "Person.idNumber": _item("core", "idNumber"),
    "Person.sex": _item("core", "sex"),
    "Person.ethnicity": _item("core", "ethnicity"),
    "Person.birthDate": _item("core", "birthDate"),
    "Person.ageAtLeast": _age,
    "Person.phone": _item("contact", "phone"),
    "Person.workplace": _item("contact", "workplace"),
    "Person.hukouAddress": _item("contact", "hukouAddress"),
    "Person.hukouCounty": _column("hukou_county"),
    "Person.photo": lambda _one: "UE5H",
    "Person.residence": lambda one: one,
    "Person.permit": lambda one: one if one.columns["permit"] is not None else None,
    "Residence.division": lambda one: one.columns["township"] or one.columns["county"],
    "Residence.address": _item("residence", "address"),
    "Residence.registeredOn": _column("registered_on"),
    "Residence.arrivedOn": _column("arrived_on"),
    "Residence.reason": _column("reason"),
    "Residence.late": lambda one: bool(one.columns["late"]),
    "Residence.clockStart": _column("clock_start"),
    "Residence.continuousAtLeast": _continuous,
    "Residence.within": lambda one, **given: _within(one, given["division"]),
    "Residence.history": lambda one: one.periods,
    "AddressPeriod.division": lambda row: row["township"] or row["county"],
    "AddressPeriod.address": _key("address"),
    "AddressPeriod.from": _key("from"),
    "AddressPeriod.changedOn": _key("changedOn"),
    "Division.code": lambda code: code,
    "Division.name": _name,
    "Division.level": lambda code: "county" if len(code) == 6 else "township",
    "Permit.number": _column("permit_number"),
    "Permit.active": _active,
    "Permit.status": _status,
    "Permit.issuedOn": _column("issued_on"),
    "Permit.validFrom": _column("valid_from"),
    "Permit.validTo": _column("valid_to"),
    "Permit.suspendedFrom": _suspended_from,
    "Permit.cancelledOn": _column("cancelled_on"),
    "Permit.cancelGround": _column("cancel_ground"),
    "Permit.issuingOffice": _column("issuing_office"),
    "Permit.evidence": lambda one: one.evidence,
    "Permit.entitlements": _entitlements,
    "Permit.entitled": _entitled,
    "Evidence.condition": _key("condition"),
    "Evidence.kind": _key("kind"),
    "Evidence.issuer": _key("issuer"),
    "Evidence.presentedOn": _key("presentedOn"),
    "Entitlement.service": _key("service"),
    "Entitlement.answer": _key("answer"),
    "Entitlement.because": _key("because"),
    "Service.code": lambda item: item.code,
    "Service.article": lambda item: item.article,
    "Service.name": lambda item: item.zh,
    "Service.englishName": lambda item: item.en,
    "Service.department": lambda item: item.department,
    "Service.beneficiaries": lambda item: [str(one) for one in item.beneficiaries],
    "Service.guaranteed": lambda item: item.guaranteed,
    "PersonConnection.edges": lambda page: page["rows"],
    "PersonConnection.nodes": lambda page: page["rows"],
    "PersonConnection.pageInfo": lambda page: page,
    "PersonConnection.totalCount": lambda page: page["total"],
    "PersonEdge.cursor": lambda one: f"cursor-{one.key}",
    "PersonEdge.node": lambda one: one,
    "PageInfo.hasNextPage": lambda page: page["next"],
    "PageInfo.hasPreviousPage": lambda page: page["previous"],
    "PageInfo.startCursor": lambda page: f"cursor-{page['rows'][0].key}" if page["rows"] else None,
    "PageInfo.endCursor": lambda page: f"cursor-{page['rows'][-1].key}" if page["rows"] else None,
}


def executable(schema: GraphQLSchema, roots: Mapping[str, Any]) -> GraphQLSchema:
    """Give every field of a schema of its own its plain resolver."""
    for type_ in schema.type_map.values():
        if type_.name.startswith("__"):
            continue
        if isinstance(type_, GraphQLInterfaceType):
            type_.resolve_type = lambda value, _info, _type: value[0]
        if not isinstance(type_, GraphQLObjectType):
            continue
        for name, field in type_.fields.items():
            if type_ is schema.query_type:
                value = roots.get(name)
                field.resolve = lambda _root, _info, _value=value, **_given: _value
            else:
                found = VALUES.get(f"{type_.name}.{name}")
                if found is not None:  # the access log and verifications have tests of their own
                    field.resolve = _resolver(
                        found, type_.name, is_day=get_named_type(field.type).name == "Date"
                    )
    return schema


def _resolver(value: Callable[..., Any], owner: str, *, is_day: bool) -> Callable[..., Any]:
    def resolve(source: Any, _info: Any, **given: Any) -> Any:
        if owner in {"Person", "Permit"} and isinstance(source, tuple):
            source = source[1]  # a node comes with the name of its type
        found = value(source, **given)
        # The Date scalar writes days, not texts.
        return date.fromisoformat(found) if is_day and isinstance(found, str) else found

    return resolve


def execute(schema: GraphQLSchema, query: str, variables: Mapping[str, Any]) -> ExecutionResult:
    """Run a document by graphql-core alone."""
    result = execute_sync(schema, parse(query), variable_values=dict(variables))
    assert isinstance(result, ExecutionResult)
    return result
