"""JSON → a document, for those who print without the graph (docs/printing.md has the form).

All faults are told at once, each with its place. A key that no form has is a fault: a slip in its
name would otherwise leave a line out without a word.

Never: repeats a value in a fault.
"""

from collections.abc import Callable

from printing.document import (
    Access,
    Applied,
    CardContents,
    Document,
    Kind,
    MissingList,
    Office,
    Person,
    Receipt,
    Refusal,
    Section,
    SubjectReport,
)
from printing.form import Form
from regulation.calendar import Deadline
from regulation.card import CARD_FIELDS, ISSUE_DATE
from regulation.outcome import Gap, Reason
from regulation.remedies import Remedies, remedies_on


def read_document(kind: Kind, given: object, remedies: tuple[Remedies, ...]) -> Document:
    """Make a document of plain JSON values.

    Raises:
        InputError: the form is wrong somewhere.
        DocumentError: its article would not let it out.
        RemediesError: there are no remedies for a refusal of so early a day.

    """
    form = Form(given, "", [])
    match kind:
        case Kind.RECEIPT:
            return form.whole(_receipt)
        case Kind.MISSING_LIST:
            return form.whole(_missing_list)
        case Kind.REFUSAL:
            return form.whole(lambda own: _refusal(own, remedies))
        case Kind.CARD_CONTENTS:
            return form.whole(_card_contents)
        case Kind.SUBJECT_REPORT:
            return form.whole(_subject_report)


def _office(form: Form) -> Office:
    part = form.part("office")
    office = Office(
        name=part.text("name"),
        official=part.text("official"),
        address=part.text("address", required=False),
        telephone=part.text("telephone", required=False),
    )
    part.close()
    return office


def _person(form: Form) -> Person:
    part = form.part("person")
    person = Person(name=part.text("name"), number=part.text("idNumber"))
    part.close()
    return person


def _receipt(form: Form) -> Callable[[], Receipt]:
    made = Receipt(
        reference=form.text("reference"),
        office=_office(form),
        person=_person(form),
        applied_for=form.choice("appliedFor", Applied),
        accepted_on=form.required_day("acceptedOn"),
        due=Deadline(form.required_day("due"), form.flag("provisional")),
        materials=form.texts("materials"),
    )
    return lambda: made


def _missing_list(form: Form) -> Callable[[], MissingList]:
    reference, office, person = form.text("reference"), _office(form), _person(form)
    applied_for, told_on = form.choice("appliedFor", Applied), form.required_day("toldOn")
    missing = form.points("missing", Gap)
    return lambda: MissingList(
        reference=reference,
        office=office,
        person=person,
        applied_for=applied_for,
        told_on=told_on,
        missing=missing,
    )


def _refusal(form: Form, remedies: tuple[Remedies, ...]) -> Callable[[], Refusal]:
    reference, office, person = form.text("reference"), _office(form), _person(form)
    applied_for, decided_on = form.choice("appliedFor", Applied), form.required_day("decidedOn")
    reasons, in_words = form.points("reasons", Reason), form.text("inWords")
    county = form.text("county")
    return lambda: Refusal(
        reference=reference,
        office=office,
        person=person,
        applied_for=applied_for,
        decided_on=decided_on,
        reasons=reasons,
        in_words=in_words,
        county=county,
        remedies=remedies_on(remedies, decided_on),
    )


def _card_contents(form: Form) -> Callable[[], CardContents]:
    issue_date = form.day("issueDate", required=False)
    made = CardContents(
        reference=form.text("reference"),
        office=_office(form),
        person=_person(form),
        sex=form.text("sex"),
        ethnicity=form.text("ethnicity"),
        birth_date=form.required_day("birthDate"),
        photo=form.photo("photo"),
        hukou_address=form.text("hukouAddress"),
        current_address=form.text("currentAddress"),
        issuing_authority=form.text("issuingAuthority"),
        valid_from=form.required_day("validFrom"),
        valid_to=form.required_day("validTo"),
        made_on=form.required_day("madeOn"),
        issue_date=issue_date,
        fields=CARD_FIELDS if issue_date is None else (*CARD_FIELDS, ISSUE_DATE),
    )
    return lambda: made


def _subject_report(form: Form) -> Callable[[], SubjectReport]:
    made = SubjectReport(
        reference=form.text("reference"),
        office=_office(form),
        person=_person(form),
        as_of=form.required_day("asOf"),
        sections=form.each(
            "sections",
            lambda part: Section(title=part.text("title"), rows=part.pairs("rows")),
        ),
        accesses=form.each("accesses", _access),
    )
    return lambda: made


def _access(form: Form) -> Access:
    return Access(
        at=form.moment("at"),
        department=form.text("department"),
        official=form.text("official"),
        purpose=form.text("purpose"),
        fields=form.texts("fields"),
        outcome=form.text("outcome"),
    )
