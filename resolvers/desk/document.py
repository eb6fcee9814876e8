"""What each kind of document says of a person's file (articles 13, 16, 17, 30).

Each function takes a file as it stands and what was opened of it, and gives the document or says
that there is nothing to print: nothing is made up for what is not stored. Dates, officials and
reasons are those of the decision, whenever it is printed.

Never: opens a group, sets a page, or decides.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, NoReturn

from db.desk import File
from db.person_row import PERSON_COLUMNS, PersonRow
from db.rows import RowValues
from printing.document import (
    Applied,
    CardContents,
    MissingList,
    Office,
    Person,
    Point,
    Receipt,
    Refusal,
)
from printing.photo import Photo
from regulation.card import card_fields
from regulation.divisions import division
from regulation.evidence import MATERIALS
from regulation.id_number import IdNumber
from regulation.issue import issue_due, issue_marks
from regulation.outcome import Mark, Outcome, Reason
from regulation.proceedings import ApplicationStanding, State, Step
from regulation.remedies import Remedies, remedies_on
from resolvers.desk.acting import Acting, Desk
from resolvers.desk.application import last_filing, standing_answer
from resolvers.faults import ArgumentFaultError, Fault

_SEX: Final = {"MALE": "男", "FEMALE": "女"}


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Found:
    """One person as a document needs them."""

    row: PersonRow
    file: File
    number: IdNumber
    acting: Acting
    core: Mapping[str, object]

    @property
    def person(self) -> Person:
        """Whom the document is for."""
        return Person(name=_text(self.core, "name"), number=_text(self.core, "idNumber"))

    def text(self, column: str) -> str:
        """A text of the plain row."""
        value = self.row.values[PERSON_COLUMNS.index(column)]
        return value if isinstance(value, str) else ""

    def day(self, column: str) -> date | None:
        """A day of the plain row."""
        value = self.text(column)
        return date.fromisoformat(value) if value else None


def receipt(desk: Desk, found: Found) -> Receipt:
    """Articles 16, 17: of the last application, if it was accepted."""
    standing = _last(found)
    if standing.accepted_on is None:
        _nothing()
    filing = last_filing(desk, found.acting, found.file, standing, found.number)
    accepted = _event(found, standing, Step.ACCEPTED)
    parameters = desk.on(standing.accepted_on)
    marks: tuple[Mark, ...] = ()
    if standing.is_open:
        today = found.acting.context.today
        marks = issue_marks(standing.accepted_on, day=today, parameters=parameters)
    return Receipt(
        reference=standing.application.hex(),
        office=_office(accepted),
        person=found.person,
        applied_for=Applied.PERMIT,
        accepted_on=standing.accepted_on,
        due=issue_due(standing.accepted_on, parameters),
        materials=tuple(each.zh for each in MATERIALS if each.code in filing.materials),
        marks=marks,
    )


def missing_list(desk: Desk, found: Found) -> MissingList:
    """Article 16: everything that the last application still lacks."""
    standing = _last(found)
    if standing.state is not State.INCOMPLETE:
        _nothing()
    told = _event(found, standing, Step.FILED, Step.SUPPLEMENTED)
    day = date.fromisoformat(str(told["happened_on"]))
    acting = Acting(context=found.acting.context, office=found.acting.office, day_of_act=day)
    judged = standing_answer(desk, acting, found.file, standing, found.number)
    if judged.outcome is not Outcome.INCOMPLETE or not judged.missing:
        _nothing()
    return MissingList(
        reference=standing.application.hex(),
        office=_office(told),
        person=found.person,
        applied_for=Applied.PERMIT,
        told_on=day,
        missing=tuple(map(Point.of, judged.missing)),
    )


def refusal(desk: Desk, found: Found, remedies: tuple[Remedies, ...]) -> Refusal:
    """Articles 16, 30: as it was decided, by whom, and with the remedies of that day."""
    standing = _last(found)
    if standing.state is not State.REFUSED:
        _nothing()
    decided = _event(found, standing, Step.REFUSED)
    note = desk.files.note(found.acting.leave, found.file, decided)
    codes = note.get("reasons")
    reasons = tuple(Reason(str(code)) for code in codes) if isinstance(codes, list) else ()
    day = date.fromisoformat(str(decided["happened_on"]))
    county = division(found.file.county)
    if not reasons or county is None or not decided["official"]:
        # What was brought in from elsewhere has no such words: nothing is made up for it.
        _nothing()
    written = str(note.get("inWords") or "").strip()
    return Refusal(
        reference=standing.application.hex(),
        office=_office(decided),
        person=found.person,
        applied_for=Applied.PERMIT,
        decided_on=day,
        reasons=tuple(map(Point.of, reasons)),
        in_words=written or "；".join(reason.zh for reason in reasons),
        county=county.zh,
        remedies=remedies_on(remedies, day),
    )


def card_contents(
    desk: Desk, found: Found, opened: Mapping[str, object], photo: Photo | None
) -> CardContents:
    """Article 13: of a permit that stands; `opened` are the groups with the two addresses."""
    valid_from, valid_to = found.day("valid_from"), found.day("valid_to")
    if valid_from is None or valid_to is None or found.day("cancelled_on") is not None:
        _nothing()
    context = found.acting.context
    return CardContents(
        reference=found.text("permit_number"),
        office=Office(name=found.acting.office, official=context.caller.official),
        person=found.person,
        sex=_SEX.get(_text(found.core, "sex"), ""),
        ethnicity=_text(found.core, "ethnicity"),
        birth_date=date.fromisoformat(_text(found.core, "birthDate")),
        photo=photo,
        hukou_address=_text(opened, "hukouAddress"),
        current_address=_text(opened, "address"),
        issuing_authority=found.text("issuing_office"),
        valid_from=valid_from,
        valid_to=valid_to,
        made_on=context.today,
        issue_date=found.day("issued_on"),
        fields=card_fields(desk.on(context.today)),
    )


def _nothing() -> NoReturn:
    raise ArgumentFaultError(Fault.NOTHING_TO_PRINT)


def _last(found: Found) -> ApplicationStanding:
    if not found.file.applications:
        _nothing()
    return found.file.applications[-1]


def _event(found: Found, standing: ApplicationStanding, *steps: Step) -> RowValues:
    """The last event of an application that was one of these steps."""
    kinds = {step.value for step in steps}
    events = [
        event
        for event in found.file.events
        if event["application"] == standing.application and event["kind"] in kinds
    ]
    if not events:
        _nothing()
    return events[-1]


def _office(event: RowValues) -> Office:
    """Where and by whom it was decided; an import knows no official."""
    return Office(name=str(event["office"] or ""), official=str(event["official"] or ""))


def _text(group: Mapping[str, object], name: str) -> str:
    return str(group.get(name) or "")
