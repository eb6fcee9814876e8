"""The read model of applications: where each stands, computed from the events by one function.

This module never decides which step may follow which; that is `regulation.proceedings`.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from db.database import Value
from db.in_force import in_force, stands
from db.models import ApplicationNow, table_of
from db.rows import APPLICATION_NOW, RowValues, Sources, tampered
from keys.ring import KeyRing
from regulation.issue import issue_due
from regulation.parameters import AS_ISSUED, Parameters, Schedule
from regulation.proceedings import ApplicationStanding, ApplicationStep, Step, applications

STEPS: Final = {step.value: step for step in Step}


def applications_of(events: Sequence[RowValues]) -> tuple[ApplicationStanding, ...]:
    """Fold what happened to applications.

    Raises:
        StepError: the steps can't have been taken so.
    """
    return applications(
        ApplicationStep(
            application=_id(row["application"]),
            step=STEPS.get(str(row["kind"]), Step.ISSUED),
            happened_on=_day(row["happened_on"]),
        )
        for row in in_force(events)
        if row["application"] is not None
    )


def application_rows(
    ring: KeyRing, sources: Sources, policy: Parameters | Schedule = AS_ISSUED
) -> list[RowValues]:
    """Compute the rows of a person's applications; articles 16 and 17."""
    filed = {
        row["application"]: row
        for row in in_force(sources.events)
        if row["kind"] == Step.FILED.value
    }
    rows: list[RowValues] = []
    for found in applications_of(sources.events):
        accepted = found.accepted_on
        due = None if accepted is None else issue_due(accepted, policy.on(accepted)).day
        row: RowValues = {
            "id": found.application,
            "person": sources.person["id"],
            "state": found.state.value,
            "county": filed[found.application]["county"],
            "township": filed[found.application]["township"],
            "filed_on": found.filed_on.isoformat(),
            "accepted_on": _text(found.accepted_on),
            "due_on": _text(due),
            "closed_on": _text(found.closed_on),
        }
        rows.append(APPLICATION_NOW.sign(ring, row))
    return rows


def replace_applications(
    session: Session,
    ring: KeyRing,
    persons: Sequence[Sources],
    policy: Parameters | Schedule = AS_ISSUED,
) -> None:
    """Compute the rows of these persons' applications anew; who never applied costs nothing."""
    table = table_of(ApplicationNow)
    rows = {
        _id(each.person["id"]): application_rows(ring, each, policy) if stands(each) else []
        for each in persons
    }
    # Of all events: an application that was voided, or lies in a file that was merged into another,
    # leaves a row to be taken away.
    applied = [
        _id(each.person["id"])
        for each in persons
        if any(event["application"] is not None for event in each.events)
    ]
    if applied:
        computed = [row for person in applied for row in rows[person]]
        session.execute(table.delete().where(table.c.person.in_(applied)))
        # A row that somebody moved to another person would stand in the way of its own.
        ids = [row["id"] for row in computed]
        session.execute(table.delete().where(table.c.id.in_(ids)))
        if computed:
            session.execute(table.insert(), computed)


def _id(value: Value) -> bytes:
    if not isinstance(value, bytes):
        raise tampered("event")
    return value


def _day(value: Value) -> date:
    return date.fromisoformat(str(value))


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
