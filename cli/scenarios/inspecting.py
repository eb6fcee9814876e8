"""Looking behind the service: who asked about a holder, a value changed past every desk, rows.

Never: opens a value by another way than the service does.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from cli.scenarios import words
from cli.scenarios.asking import (
    ANSWERED,
    DENIED,
    KEPT_BACK,
    OK,
    asker_of,
    caller_of,
    purpose_code,
    put,
)
from cli.scenarios.came import Came, Through
from cli.scenarios.keys import WrongValueError
from cli.scenarios.scene import Scene
from db.errors import RowTamperedError
from db.models import PersonNow
from resolvers.access import accessed
from resolvers.context import Caller


async def holder_access_log(scene: Scene) -> Came:
    """Let a department ask, then the holder who asked (article 28; PIPL articles 44 to 45)."""
    who, asker = asker_of(scene)
    office, file = scene.office, await scene.office.file_of(scene.number)
    if file is None:
        raise WrongValueError("given", "registers nobody whose record could be asked for", "do")
    education = caller_of(scene, "education")
    await put(scene, education, ("permit_valid",), purpose_code(scene, "24(4)", "education"))
    own = who in words.AGENTS
    if not own:
        number, query = scene.number, "query($p:ID!){accessesOf(person:$p){nodes{time}}}"
        answer = await office.ask(
            asker, query, {"p": number}, day=scene.day, purpose="privacy-audit"
        )
        if answer.status != OK or b'"errors"' in answer.body:
            return Came(word=DENIED, says=KEPT_BACK, through=Through.SERVICE)
    kept = await office.ledger.of_person(file.person, after=None, limit=100)
    shown = [accessed(each, lambda person: person.hex()) for each in kept]
    contains = {
        "department": all(each.department for each in shown),
        "time": all(each.time for each in shown),
        "purpose": all(each.purpose for each in shown),
        "kind of answer": all(each.outcome for each in shown),
        "fields": all(subject.fields for each in shown for subject in each.subjects),
        "official": all(each.official for each in shown),
    }
    others = {one.pseudonym for each in shown for one in each.subjects} - {file.person.hex()}
    return Came(
        word=ANSWERED if shown else DENIED,
        says={"contains": [word for word, there in contains.items() if there and shown]},
        claims={"names_others": bool(others)},
        through=Through.SERVICE,
    )


_COLUMNS: Final[Mapping[str, str]] = {
    "valid_to": "valid_to",
    "valid_from": "valid_from",
    "issue_date": "issued_on",
    "cancelled": "cancelled_on",
    "ground": "cancel_ground",
    "residence_clock_start": "clock_start",
    "registration_date": "registered_on",
    "arrival_date": "arrived_on",
    "hukou_division": "hukou_county",
    "residence_division": "county",
    "permit_number": "permit_number",
}
"""What may be changed behind the service's back, and where it stands."""


async def tamper(scene: Scene) -> Came:
    """Change a value in the database itself, past every desk (article 30 item 5)."""
    field = scene.look("field", _COLUMNS)
    value = scene.case.when.value("value")
    office, file = scene.office, await scene.office.file_of(scene.number)
    if file is None:
        raise WrongValueError("given", "registers nobody whose record could be changed", "do")
    person = file.person
    await office.database.write(
        lambda session: setattr(
            session.get_one(PersonNow, person),
            _COLUMNS[field],
            None if value is None else str(value),
        )
    )
    office.faults.clear()
    told = [await put(scene, *asked) for asked in _readers(scene)]
    detected = any(isinstance(fault, RowTamperedError) for fault in office.faults)
    served = any(data is not None and data["person"] is not None for data, _ in told)
    return Came(
        says={**KEPT_BACK, "detected": detected},
        claims={"integrity_check": detected, "served": served},
        through=Through.SERVICE,
    )


def _readers(scene: Scene) -> tuple[tuple[Caller, tuple[str, ...], str | None], ...]:
    """A desk, which reads the row of anybody it works on, and a department."""
    return (
        (caller_of(scene, "receiving-office"), ("permit_valid",), "permit-application"),
        (
            caller_of(scene, "education"),
            ("permit_valid",),
            purpose_code(scene, "24(4)", "education"),
        ),
    )


async def aggregates_only(scene: Scene, who: str) -> bool:
    """Whether the service refuses this department every row of a person."""
    query = "{persons(first:10){nodes{id}}}"
    for purpose in (None, "desk-list"):
        answer = await scene.office.ask(
            caller_of(scene, who), query, None, day=scene.day, purpose=purpose
        )
        if b'"data":{' in answer.body:
            return False
    return True


INSPECTIONS: Final[Mapping[str, Callable[[Scene], Awaitable[Came]]]] = {
    "holder_access_log": holder_access_log,
    "tamper": tamper,
}
"""Every action that looks at the log or past the service."""
