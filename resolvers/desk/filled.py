"""Each act as a form says it: read once, all faults at once, then done by its use case.

What is read here is what the use case is handed; this module never decides.
"""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any, Final
from uuid import uuid4

from db.desk import Done
from db.pointed import Pointer
from db.proposals import ProposalKind
from regulation.cancellation import Proceeding
from regulation.correction import Ruling
from regulation.declaration import CONTENTS
from regulation.divisions import COUNTY_DIGITS
from regulation.duties import Refusal
from regulation.endorsement import Review
from regulation.evidence import Claim, OtherEvidence, QualifyingCondition
from regulation.fees import Chargeable
from regulation.id_number import Sex
from regulation.outcome import Gap, Reason
from regulation.permit import CancelGround
from regulation.replacement import ReplacementReason
from regulation.scope import PersonKind
from regulation.settlement import Area, HukouKind
from regulation.subject_request import Answer, Right
from regulation.third_party import FollowUp, Reporter, ThirdPartyReport
from resolvers.desk import (
    application,
    case,
    correction,
    identity,
    merging,
    moving,
    permit,
    recorded,
    registration,
    subject_request,
    voiding,
)
from resolvers.desk.acting import Acting, Desk
from resolvers.desk.case import CaseKind
from resolvers.desk.form import MOST_CODE, FilledForm, Presented
from resolvers.faults import Fault
from resolvers.presented import MOST_NAME

Act = Callable[[Desk, Acting], Awaitable[Done[Any]]]
"""An act that is ready to be done; `Any` is its own kind of decision."""

Read = tuple[Presented | None, Act]
"""Who stands at the desk, None where the act itself says, and the act."""

CONTENT_FIELDS: Final[Mapping[str, Gap]] = MappingProxyType(
    {
        "name": Gap.NAME,
        "sex": Gap.SEX,
        "ethnicity": Gap.ETHNICITY,
        "birthDate": Gap.BIRTH_DATE,
        "idNumber": Gap.CITIZEN_ID,
        "hukouAddress": Gap.HUKOU_ADDRESS,
        "currentAddress": Gap.CURRENT_ADDRESS,
        "residenceReason": Gap.RESIDENCE_REASON,
        "workplace": Gap.WORKPLACE,
        "contact": Gap.CONTACT,
    }
)
"""The fields of a declaration and the contents of article 11, in its order."""


def register_residence(form: FilledForm) -> Read:
    """Articles 10, 11."""
    contents = _contents(form.part("contents"))
    number = form.part("contents").number_or_route("idNumber")
    here = form.division("division")
    arrived = form.day("arrivedOn", required=True)
    filled = {
        "kind": form.choice("kind", PersonKind) or PersonKind.CITIZEN,
        "hukou": form.county("hukou"),
        "materials": form.materials(),
        "limited_mobility": form.flag("limitedMobility"),
    }

    async def act(desk: Desk, acting: Acting) -> Done[Any]:
        declared = registration.Form(
            number=number,
            county=here[:COUNTY_DIGITS],
            township=here if len(here) > COUNTY_DIGITS else "",
            arrived_on=arrived or acting.day,
            contents=contents,
            **filled,  # type: ignore[arg-type]  # each has the type of its field
        )
        return await registration.register(desk, acting, declared)

    return None, act


def _contents(form: FilledForm) -> dict[Gap, str]:
    """What was filled in of article 11; what is missing is told by the decision, not as a fault."""
    contents = {gap: form.text(name) for name, gap in CONTENT_FIELDS.items() if gap in CONTENTS}
    sex = form.choice("sex", Sex)
    contents[Gap.SEX] = "" if sex is None else sex.value
    form.day("birthDate")
    if contents[Gap.NAME]:
        form.name_key("name")
    return contents


def close_registration(form: FilledForm) -> Read:
    """Articles 22, 23."""
    who = form.presented()
    return who, lambda desk, acting: registration.close(desk, acting, who.number)


def file_application(form: FilledForm) -> Read:
    """Articles 15 to 17."""
    who, filing = _filing(form)

    def act(desk: Desk, acting: Acting) -> Awaitable[Done[Any]]:
        return application.file(desk, acting, filing, application=uuid4().bytes)

    return who, act


def _filing(form: FilledForm) -> tuple[Presented, application.Filing]:
    who = form.presented()
    claims = tuple(_claim(each) for each in form.parts("claims"))
    other = tuple(_other(each) for each in form.parts("otherEvidence"))
    materials, hukou = form.materials(), form.county("hukou")
    limited = form.flag("limitedMobility")
    if not claims:
        form.fault("claims", Fault.FORM_REQUIRED)

    filing = application.Filing(
        number=who.number,
        claims=claims,
        materials=materials,
        other_evidence=other,
        hukou=hukou,
        limited_mobility=limited,
    )
    return who, filing


def _claim(form: FilledForm) -> Claim:
    condition = form.choice("condition", QualifyingCondition) or QualifyingCondition.HOUSING
    return Claim(
        condition=condition,
        situation=form.situation("situation", condition),
        written_reason=form.text("writtenReason"),
    )


def _other(form: FilledForm) -> OtherEvidence:
    condition = form.choice("condition", QualifyingCondition) or QualifyingCondition.HOUSING
    reason = form.text("writtenReason", required=True)
    return OtherEvidence(condition=condition, written_reason=reason)


def check_eligibility(form: FilledForm) -> Read:
    """Articles 2, 15, 16."""
    who, filing = _filing(form)
    return who, lambda desk, acting: application.consider(desk, acting, filing)


def supplement_application(form: FilledForm) -> Read:
    """Article 16."""
    who, materials = form.presented(), form.materials()
    return who, lambda desk, acting: application.supplement(desk, acting, who.number, materials)


def withdraw_application(form: FilledForm) -> Read:
    """Article 2: applying is voluntary."""
    who = form.presented()
    return who, lambda desk, acting: application.withdraw(desk, acting, who.number)


def approve_application(form: FilledForm) -> Read:
    """Article 17."""
    who = form.presented()
    return who, lambda desk, acting: application.approve(desk, acting, who.number)


def order_card(form: FilledForm) -> Read:
    """Article 17."""
    who = form.presented()
    return who, lambda desk, acting: application.order(desk, acting, who.number)


def refuse_application(form: FilledForm) -> Read:
    """Articles 16, 30."""
    who, reason = form.presented(), form.text("writtenReason")
    refusal = Refusal(written_reason=reason)
    return who, lambda desk, acting: application.refuse(desk, acting, who.number, refusal)


def issue_card(form: FilledForm) -> Read:
    """Article 17."""
    who = form.presented()
    return who, lambda desk, acting: application.issue(desk, acting, who.number)


def endorse_permit(form: FilledForm) -> Read:
    """Articles 14, 20; one row of a batch."""
    who = form.presented()
    held = form.choices("conditions", QualifyingCondition)
    endorsing = permit.Endorsing(
        review=form.choice("review", Review),
        review_reason=form.text("reviewReason"),
        reviewer=form.text("reviewer", most=64) or None,
        conditions=frozenset(held) if form.has("conditions") else None,
        materials=form.materials() if form.has("materials") else None,
        unreported_move=form.flag("unreportedMove"),
        hukou=form.county("hukou"),
    )
    return who, lambda desk, acting: permit.endorse(desk, acting, who.number, endorsing)


def review_endorsement(form: FilledForm) -> Read:
    """Article 20: what the community police officer found."""
    who, found = form.presented(), form.choice("review", Review) or Review.FAILED
    reason = form.text("reason")
    return who, lambda desk, acting: permit.review(desk, acting, who.number, found, reason)


def check_settlement(form: FilledForm) -> Read:
    """Article 22: an indication for the hukou police."""
    who = form.presented()
    kind = form.choice("hukouKind", HukouKind) or HukouKind.URBAN
    area = form.choice("area", Area) or Area.VILLAGE
    family, wish = form.flag("wholeFamily"), form.flag("ownWish")

    def act(desk: Desk, acting: Acting) -> Awaitable[Done[Any]]:
        return recorded.settlement(
            desk,
            acting,
            who.number,
            hukou_kind=kind,
            area=area,
            whole_family=family,
            own_wish=wish,
        )

    return who, act


def check_charge(form: FilledForm) -> Read:
    """Article 21: whether an amount may be charged."""
    service = form.choice("service", Chargeable) or Chargeable.REGISTRATION
    fen = form.whole("fen") or 0
    return None, lambda desk, acting: recorded.charge(desk, acting, service, fen=fen)


def report_move(form: FilledForm) -> Read:
    """Article 19."""
    who, moves = form.presented(), form.days("movedOn")
    to = form.place("to", required=True)
    here = to.startswith(moving.CITY)
    if not moves and not form.has("movedOn"):
        form.fault("movedOn", Fault.FORM_REQUIRED)
    told = moving.Moving(
        moves=moves,
        to=to,
        address=form.text("address", required=here),
        materials=form.materials() if form.has("materials") else None,
        hukou=form.county("hukou"),
    )
    return who, lambda desk, acting: moving.report_move(desk, acting, who.number, told)


def replace_card(form: FilledForm) -> Read:
    """Article 18."""
    who = form.presented()
    reason = form.choice("reason", ReplacementReason) or ReplacementReason.LOST
    returned = form.flag("oldCardReturned")

    def act(desk: Desk, acting: Acting) -> Awaitable[Done[Any]]:
        return permit.replace_card(desk, acting, who.number, reason, old_card_returned=returned)

    return who, act


def cancel_permit(form: FilledForm) -> Read:
    """Articles 23, 30."""
    who, reason = form.presented(), form.text("writtenReason")
    cancelling = permit.Cancelling(
        ground=form.choice("ground", CancelGround) or CancelGround.OTHER,
        proceeding=Proceeding(
            heard=form.flag("holderHeard"),
            official_named=True,
            reasoned=bool(reason),
            remedies_named=form.flag("remediesNamed"),
        ),
        reason=reason,
        conditions=frozenset(form.choices("conditionsHeld", QualifyingCondition)),
        division=form.place("division") or None,
        hukou=form.county("hukou"),
        hukou_before=form.county("hukouBefore"),
    )
    return who, lambda desk, acting: permit.cancel(desk, acting, who.number, cancelling)


def void_act(form: FilledForm) -> Read:
    """Article 30: a slip is undone by a second official."""
    who = form.presented()
    slip = voiding.Slip(
        version=form.whole("version") or 0,
        reason=form.text("writtenReason"),
        card_with_office=form.flag("cardWithOffice"),
    )
    return who, lambda desk, acting: voiding.void(desk, acting, who.number, slip)


def _identity(form: FilledForm) -> tuple[Presented, identity.Identity]:
    """What a name and a number are to be from now on; at least one of them is said."""
    who, to = form.presented(), form.part("to")
    number = to.number("idNumber") if to.has("idNumber") else None
    name = ""
    if to.has("name"):
        to.name_key("name")
        name = to.text("name", required=True, most=MOST_NAME)
    if not (to.has("idNumber") or to.has("name")):
        form.fault("to", Fault.FORM_REQUIRED)
    change = identity.Identity(
        number=number,
        name=name,
        materials=form.materials(),
        reason=form.text("writtenReason"),
    )
    return who, change


def propose_identity_change(form: FilledForm) -> Read:
    """Articles 11, 30: the first of two officials."""
    who, change = _identity(form)
    return who, lambda desk, acting: identity.propose(desk, acting, who, change)


def confirm_identity_change(form: FilledForm) -> Read:
    """Articles 11, 30: the second official, from the papers."""
    who, change = _identity(form)
    return who, lambda desk, acting: identity.confirm(desk, acting, who, change)


def _pair(form: FilledForm, kind: ProposalKind) -> merging.Pair:
    """The file that goes on, the other one, papers and reason."""
    return merging.Pair(
        kind=kind,
        goes_on=form.presented(),
        other=form.presented("other"),
        other_case=form.text("otherCase", most=128),
        materials=form.materials(),
        reason=form.text("writtenReason"),
    )


def propose_merge(form: FilledForm) -> Read:
    """Articles 17, 30: the first of two officials."""
    pair = _pair(form, ProposalKind.MERGE)
    return pair.goes_on, lambda desk, acting: merging.propose(desk, acting, pair)


def confirm_merge(form: FilledForm) -> Read:
    """Articles 17, 30: the second official."""
    pair = _pair(form, ProposalKind.MERGE)
    return pair.goes_on, lambda desk, acting: merging.confirm(desk, acting, pair)


def propose_split(form: FilledForm) -> Read:
    """Article 30: a merge is undone, by the first of two officials."""
    pair = _pair(form, ProposalKind.SPLIT)
    return pair.goes_on, lambda desk, acting: merging.propose(desk, acting, pair)


def confirm_split(form: FilledForm) -> Read:
    """Article 30: the second official."""
    pair = _pair(form, ProposalKind.SPLIT)
    return pair.goes_on, lambda desk, acting: merging.confirm(desk, acting, pair)


def report_by_third_party(form: FilledForm) -> Read:
    """Articles 6 to 9."""
    reporter = form.choice("reporter", Reporter) or Reporter.LANDLORD
    event, learned = form.day("eventOn", required=True), form.day("learnedOn")
    contents = frozenset(form.codes("reported")) if form.has("reported") else None

    def act(desk: Desk, acting: Acting) -> Awaitable[Done[Any]]:
        report = ThirdPartyReport(
            reporter=reporter,
            happened_on=event or acting.day,
            learned_on=learned,
            contents=contents,
        )
        return recorded.report_by_third_party(desk, acting, report)

    return None, act


def close_report(form: FilledForm) -> Read:
    """Articles 6 to 9."""
    report = form.text("report", required=True, most=MOST_CODE)
    finding = form.choice("finding", FollowUp) or FollowUp.NO_DUTY
    return None, lambda desk, acting: recorded.close_report(desk, acting, report, finding)


def open_case(form: FilledForm) -> Read:
    """Articles 10, 19, 20, 28."""
    who, kind = form.presented(), form.choice("kind", CaseKind) or CaseKind.ENQUIRY
    return None, lambda desk, acting: case.open_case(desk, acting, who, kind)


def close_case(form: FilledForm) -> Read:
    """Article 28."""
    who = form.presented()
    return who, lambda desk, acting: case.close_case(desk, acting, who)


def file_subject_request(form: FilledForm) -> Read:
    """PIPL articles 44 to 48."""
    who, words = form.presented(), form.text("words")
    right = form.choice("kind", Right) or Right.VIEW
    return who, lambda desk, acting: subject_request.file(desk, acting, who.number, right, words)


def answer_subject_request(form: FilledForm) -> Read:
    """PIPL article 50; article 30."""
    who, request = form.presented(), form.text("request", required=True, most=MOST_CODE)
    given = subject_request.Given(
        answer=form.choice("answer", Answer) or Answer.REFUSED,
        grounds=frozenset(form.choices("grounds", Reason)),
        words=form.text("writtenReason"),
    )
    return who, lambda desk, acting: subject_request.answer(
        desk, acting, who.number, request, given
    )


def withdraw_subject_request(form: FilledForm) -> Read:
    """PIPL article 50."""
    who, request = form.presented(), form.text("request", required=True, most=MOST_CODE)
    return who, lambda desk, acting: subject_request.withdraw(desk, acting, who.number, request)


def request_correction(form: FilledForm) -> Read:
    """Articles 28, 30: by a department, of an answer of its own."""
    answer = form.part("answer")
    position = form.whole("position") or 0
    if not 0 < position <= correction.MOST_POSITION:
        form.fault("position", Fault.ARGUMENT_INVALID)
    pointer = Pointer(
        log=answer.text("log", required=True),
        index=answer.whole("index") or 0,
        leaf=_leaf(answer.text("leaf", required=True)),
        confirmed=form.choice("row", correction.Row) is correction.Row.CONFIRMED,
        position=position,
        path=form.text("field", required=True, most=MOST_CODE),
    )
    reason = form.text("reason", required=True)
    return None, lambda desk, acting: correction.request(desk, acting, pointer, reason)


def _leaf(text: str) -> bytes:
    """A leaf hash as an answer wrote it; what is none is that of no record."""
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


def decide_correction(form: FilledForm) -> Read:
    """Article 30: by two officials; of nobody in particular while nobody is matched."""
    who = form.presented() if form.has("person") else None
    wanted = form.text("correction", required=True, most=MOST_CODE)
    given = correction.GivenRuling(
        ruling=form.choice("ruling", Ruling) or Ruling.REFUSED,
        grounds=frozenset(form.choices("grounds", Reason)),
        act=form.whole("act"),
        words=form.text("writtenReason"),
    )
    return who, lambda desk, acting: correction.decide(desk, acting, who, wanted, given)


_SOUGHT: Final = MappingProxyType({"openCase": "person", "registerResidence": "contents"})
"""Where acts that present nobody say whom they look for."""


def sought(name: str, form: FilledForm, presented: Presented | None) -> str:
    """The number by which an act without faults looks for somebody; empty where for nobody."""
    if presented is not None:
        return presented.number
    part = _SOUGHT.get(name)
    return "" if part is None else form.part(part).number_or_route("idNumber") or ""


ACTS: Final[Mapping[str, Callable[[FilledForm], Read]]] = MappingProxyType(
    {
        "registerResidence": register_residence,
        "closeRegistration": close_registration,
        "checkEligibility": check_eligibility,
        "fileApplication": file_application,
        "supplementApplication": supplement_application,
        "withdrawApplication": withdraw_application,
        "approveApplication": approve_application,
        "orderCard": order_card,
        "refuseApplication": refuse_application,
        "issueCard": issue_card,
        "reviewEndorsement": review_endorsement,
        "endorsePermits": endorse_permit,
        "reportMove": report_move,
        "replaceCard": replace_card,
        "cancelPermit": cancel_permit,
        "voidAct": void_act,
        "proposeIdentityChange": propose_identity_change,
        "confirmIdentityChange": confirm_identity_change,
        "proposeMerge": propose_merge,
        "confirmMerge": confirm_merge,
        "proposeSplit": propose_split,
        "confirmSplit": confirm_split,
        "reportByThirdParty": report_by_third_party,
        "checkSettlement": check_settlement,
        "checkCharge": check_charge,
        "closeReport": close_report,
        "openCase": open_case,
        "closeCase": close_case,
        "fileSubjectRequest": file_subject_request,
        "answerSubjectRequest": answer_subject_request,
        "withdrawSubjectRequest": withdraw_subject_request,
        correction.REQUESTING: request_correction,
        "decideCorrection": decide_correction,
    }
)
"""Every act of the desks by the name of its field."""
