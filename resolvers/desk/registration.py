"""Registering residence at a desk (articles 10, 11, 31, 32)."""

from dataclasses import dataclass, field, replace
from datetime import date

from db.desk import Done, File, Written
from db.facts import (
    Act,
    Apply,
    Brought,
    Case,
    Close,
    HoldTemporary,
    NewPerson,
    Registration,
    Return,
)
from regulation.declaration import CONTENTS, Declaration, DeclarationDecision, judge_declaration
from regulation.id_number import IdNumber, Sex, birth_date, parse_id_number, sex
from regulation.outcome import Actor, Decision, Gap, Mark, Outcome, Reason
from regulation.person_name import match_key, stored_name
from regulation.proceedings import Step
from regulation.scope import PersonKind
from resolvers.desk import case
from resolvers.desk.acting import (
    Acting,
    Desk,
    known_materials,
    recorder,
    rejected,
    untimely,
)

REGISTER = "Mutation.registerResidence"
CLOSE = "Mutation.closeRegistration"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A declaration as it is filled in; what is left out is empty. Its repr shows none of it."""

    number: str | None
    kind: PersonKind = PersonKind.CITIZEN
    hukou: str | None
    county: str
    township: str = ""
    arrived_on: date
    contents: dict[Gap, str] = field(repr=False)
    materials: frozenset[str] = frozenset()
    limited_mobility: bool = False
    brought: Brought | None = None
    temporary: HoldTemporary | None = None

    def __repr__(self) -> str:
        """Show no value of a person."""
        return "Form()"


async def register(desk: Desk, acting: Acting, form: Form) -> Done[DeclarationDecision]:
    """Register somebody's residence, or say all that stands against it at once.

    Who is registered already is not registered twice: that is a move, or a slip. What can't be
    recorded as it is filled in is answered without looking for anybody, so that nobody learns by an
    unfinished form whose number is stored.

    Raises:
        DatabaseError: it can't be stored.
        NotReachedError: the person is stored, and not reached under the case.
    """
    number = _readable(form.number)
    declared = untimely(DeclarationDecision, desk, acting, None) or _declared(desk, acting, form)
    record = recorder(desk, acting, REGISTER)
    if number is None or declared.outcome is not Outcome.RECORDED:
        answer = Written(decision=declared, record=record)
        return await desk.files.act(None, lambda _: answer, replace(acting.terms, version=None))

    def decide(file: File | None) -> Written[DeclarationDecision]:
        decision = untimely(DeclarationDecision, desk, acting, file) or _judged(
            declared, desk, form, file
        )
        recorded = decision.outcome is Outcome.RECORDED
        return Written(
            decision=decision,
            new=_newcomer(form, number, acting) if recorded else None,
            acts=(_returning(form, acting),) if recorded else (),
            record=record,
            otherwise=rejected(DeclarationDecision, desk, acting, Reason.DATES_OUT_OF_ORDER),
            cases=_case(desk, acting) if recorded and file is None else (),
            hidden=file is not None and not _is_named(desk, form, file),
        )

    return await desk.files.act(desk.ring.id_number_tag(number), decide, acting.terms)


async def close(desk: Desk, acting: Acting, number: IdNumber) -> Done[Decision]:
    """Close the registration of who left, died, settled or was never there (articles 22, 23)."""

    def decide(file: File | None) -> Written[Decision]:
        decision = untimely(Decision, desk, acting, file)
        acts: list[Act] = []
        if decision is None:
            stands = file is not None and file.standing.registered_on is not None
            decision = Decision(
                outcome=Outcome.RECORDED if stands else Outcome.REFUSED,
                reasons=() if stands else (Reason.NOT_REGISTERED,),
                articles=("10",),
                who=Actor.RECEIVING_OFFICE,
                version=desk.on(acting.day).version,
            )
            if file is not None and stands:
                acts = _closing(file, acting)
        return Written(decision=decision, acts=acts, record=recorder(desk, acting, CLOSE))

    return await desk.files.act(desk.ring.id_number_tag(number), decide, acting.terms)


def _closing(file: File, acting: Acting) -> list[Act]:
    """With the registration its open application ends: nothing may be issued on it."""
    acts: list[Act] = [Close(happened_on=acting.day, office=acting.office, desk=acting.at_desk())]
    pending = file.open_application
    if pending is not None:
        ended = Apply(
            step=Step.WITHDRAWN,
            application=pending.application,
            happened_on=acting.day,
            county=file.county,
            township=file.township,
            office=acting.office,
            desk=acting.at_desk({"because": CLOSE}),
        )
        acts.insert(0, ended)
    return acts


def _declared(desk: Desk, acting: Acting, form: Form) -> DeclarationDecision:
    """Judge a declaration by what is filled in, whoever is stored."""
    if not known_materials(form.materials):
        return rejected(DeclarationDecision, desk, acting, Reason.EVIDENCE_NOT_ACCEPTED)
    return judge_declaration(
        _declaration(form, acting),
        day=acting.day,
        calendar=desk.calendar,
        parameters=desk.on(acting.day),
    )


def _judged(
    declared: DeclarationDecision, desk: Desk, form: Form, file: File | None
) -> DeclarationDecision:
    """Judge a declaration that could be recorded by who is stored."""
    if file is None:
        return declared
    if file.standing.registered_on is not None:
        return _again(declared)
    return _back(declared, form, file, desk)


def _back(decision: DeclarationDecision, form: Form, file: File, desk: Desk) -> DeclarationDecision:
    """Who comes back is who was here: another name, or papers that a newcomer brings, wait."""
    same = _is_named(desk, form, file)
    reasons = () if same else (Reason.ID_NAME_MISMATCH,)
    if same and form.brought is None and form.temporary is None:
        return decision
    return replace(decision, outcome=Outcome.HELD_FOR_REVIEW, reasons=reasons)


def _is_named(desk: Desk, form: Form, file: File) -> bool:
    """Whether a declaration names the person as the register does."""
    number, name = _readable(form.number), form.contents.get(Gap.NAME, "")
    if number is None or not name:
        return False
    return file.is_named(desk.ring.id_name_tag(number, match_key(name)))


def _case(desk: Desk, acting: Acting) -> tuple[Case, ...]:
    """The case of the arrival goes on: the office may look at whom it has registered."""
    number, division = acting.context.case, acting.division
    if number is None or division is None:
        return ()
    return (case.case_of(desk, acting, number, division, case.CaseKind.ARRIVAL),)


def _again(decision: DeclarationDecision) -> DeclarationDecision:
    """Who is registered declares a change of address instead (articles 10, 19)."""
    return replace(
        decision,
        outcome=Outcome.REFUSED,
        reasons=(Reason.ALREADY_REGISTERED,),
        articles=("10", "19"),
        marks=(Mark.REASON_IN_WRITING,),
    )


def _newcomer(form: Form, number: IdNumber, acting: Acting) -> NewPerson:
    return NewPerson(registration=_registration(form, number, acting), temporary=form.temporary)


def _returning(form: Form, acting: Acting) -> Return:
    contents = form.contents
    return Return(
        happened_on=form.arrived_on,
        reported_on=acting.day,
        county=form.county,
        township=form.township,
        address=contents[Gap.CURRENT_ADDRESS],
        reason=contents[Gap.RESIDENCE_REASON],
        office=acting.office,
        desk=acting.at_desk({"materials": sorted(form.materials)}),
    )


def _declaration(form: Form, acting: Acting) -> Declaration:
    contents = form.contents
    born, declared = contents.get(Gap.BIRTH_DATE), contents.get(Gap.SEX)
    return Declaration(
        kind=form.kind,
        number=form.number,
        born=date.fromisoformat(born) if born else None,
        sex=Sex(declared) if declared else None,
        hukou=form.hukou,
        division=form.township or form.county,
        arrived_on=form.arrived_on,
        contents=frozenset(gap.value for gap in CONTENTS if contents.get(gap, "").strip()),
        materials=form.materials,
        office=acting.division,
        by=Actor.MOBILE_RESIDENT if acting.by is Actor.APPLICANT else acting.by,
        limited_mobility=form.limited_mobility,
    )


def _registration(form: Form, number: IdNumber, acting: Acting) -> Registration:
    contents = form.contents
    return Registration(
        id_number=number,
        name=stored_name(contents[Gap.NAME]),
        sex="MALE" if sex(number) is Sex.MALE else "FEMALE",
        ethnicity=contents[Gap.ETHNICITY],
        birth_date=birth_date(number),
        hukou_county=form.hukou or "",
        hukou_address=contents[Gap.HUKOU_ADDRESS],
        phone=contents[Gap.CONTACT],
        workplace=contents.get(Gap.WORKPLACE, ""),
        county=form.county,
        township=form.township,
        address=contents[Gap.CURRENT_ADDRESS],
        reason=contents[Gap.RESIDENCE_REASON],
        arrived_on=form.arrived_on,
        registered_on=acting.day,
        office=acting.office,
        brought=form.brought,
        desk=acting.at_desk({"materials": sorted(form.materials)}),
    )


def _readable(text: str | None) -> IdNumber | None:
    """The number, where it is one; judging says what is wrong with any other."""
    if text is None:
        return None
    try:
        return parse_id_number(text)
    except ValueError:
        return None
