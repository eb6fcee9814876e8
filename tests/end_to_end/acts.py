"""The desks' acts over HTTP: documents, seats and inputs that tests of acts share."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from db.facts import NewPerson
from tests import builders
from tests.builders import CASE_NUMBER, COUNTY, OTHER_COUNTY, TODAY, case
from tests.end_to_end.house import Answered, Entry, House, Json, Seat

CLERK = "clerk-1"
COLLEAGUE = "clerk-2"
ELSEWHERE = "clerk-3"
OFFICIALS = (
    Entry(department="receiving-office", official=CLERK, division=COUNTY),
    Entry(department="receiving-office", official=COLLEAGUE, division=COUNTY),
    Entry(department="receiving-office", official=ELSEWHERE, division=OTHER_COUNTY),
    Entry(department="community-police", division=COUNTY),
    Entry(department="auditor"),
)

DECISION = """decision{outcome message reasons{code article message} missing{code message} articles
 readings{id choice} earliest deadline{day provisional} who marks{code message} official remedies
 policy acceptedOn validTo permitFrom}"""
RESULT = f"{{{DECISION} version person report request correction}}"
COMPLETE = ["resident_id_card", "photo", "lease_contract"]
HOUSING = [{"condition": "HOUSING", "situation": "rented_dwelling"}]

TYPES = {
    "openCase": "OpenCaseInput",
    "closeCase": "CloseCaseInput",
    "registerResidence": "RegisterResidenceInput",
    "closeRegistration": "CloseRegistrationInput",
    "fileApplication": "FileApplicationInput",
    "supplementApplication": "SupplementApplicationInput",
    "withdrawApplication": "ApplicationStepInput",
    "approveApplication": "ApplicationStepInput",
    "orderCard": "ApplicationStepInput",
    "refuseApplication": "RefuseApplicationInput",
    "issueCard": "ApplicationStepInput",
    "endorsePermits": "EndorsePermitsInput",
    "reportMove": "ReportMoveInput",
    "replaceCard": "ReplaceCardInput",
    "cancelPermit": "CancelPermitInput",
    "voidAct": "VoidActInput",
    "proposeMerge": "PairOfFilesInput",
    "confirmMerge": "PairOfFilesInput",
    "proposeSplit": "PairOfFilesInput",
    "confirmSplit": "PairOfFilesInput",
    "proposeIdentityChange": "IdentityChangeInput",
    "confirmIdentityChange": "IdentityChangeInput",
    "reportByThirdParty": "ReportByThirdPartyInput",
    "reviewEndorsement": "ReviewEndorsementInput",
    "checkEligibility": "FileApplicationInput",
    "checkSettlement": "CheckSettlementInput",
    "checkCharge": "CheckChargeInput",
    "closeReport": "CloseReportInput",
    "fileSubjectRequest": "FileSubjectRequestInput",
    "answerSubjectRequest": "AnswerSubjectRequestInput",
    "withdrawSubjectRequest": "WithdrawSubjectRequestInput",
    "requestCorrection": "RequestCorrectionInput",
    "decideCorrection": "DecideCorrectionInput",
}
PURPOSES = {
    "openCase": "permit-application",
    "registerResidence": "residence-registration",
    "proposeIdentityChange": "residence-registration",
    "proposeMerge": "residence-registration",
    "confirmMerge": "residence-registration",
    "proposeSplit": "residence-registration",
    "confirmSplit": "residence-registration",
    "confirmIdentityChange": "residence-registration",
    "closeRegistration": "residence-registration",
    "endorsePermits": "annual-endorsement",
    "reportMove": "address-change",
    "replaceCard": "card-replacement",
    "cancelPermit": "annual-endorsement",
    "reportByThirdParty": "residence-registration",
    "reviewEndorsement": "annual-endorsement",
    "checkSettlement": "residence-registration",
    "closeReport": "residence-registration",
    "fileSubjectRequest": "subject-rights",
    "answerSubjectRequest": "subject-rights",
    "withdrawSubjectRequest": "subject-rights",
    "decideCorrection": "residence-registration",
}


def seat(name: str, *, official: str = CLERK, case: str | None = CASE_NUMBER) -> Seat:
    """A clerk's seat for an act."""
    purpose = PURPOSES.get(name, "permit-application")
    return Seat(department="receiving-office", official=official, purpose=purpose, case=case)


def shown(name: str) -> str:
    """What a test asks to see of an act's answer."""
    if name == "openCase":
        return f"{{case version person {DECISION}}}"
    if name == "endorsePermits":
        return f"{{ref result{RESULT} refusals{{code reason message at version}}}}"
    return RESULT


def document(name: str) -> str:
    """A mutation of one act."""
    return f"mutation Act($input: {TYPES[name]}!) {{{name}(input: $input) {shown(name)}}}"


async def act(
    house: House,
    name: str,
    given: Mapping[str, Json],
    *,
    by: Seat | None = None,
    key: str | None = None,
    token: str | None = None,
    language: str | None = None,
) -> Answered:
    """Ask for one act; `key` is one of its own where none is said."""
    key = key or f"key-{len(house.sent)}"
    return await house.ask(
        by or seat(name),
        document(name),
        {"input": {"idempotencyKey": key, **given}},
        token=token,
        headers=None if language is None else {"accept-language": language},
    )


def presented(new: NewPerson) -> dict[str, Json]:
    """A person as the card says."""
    return {"idNumber": new.registration.id_number, "name": new.registration.name}


def filing(new: NewPerson, **more: Json) -> dict[str, Json]:
    """A complete application."""
    return {"person": presented(new), "claims": HOUSING, "materials": COMPLETE, **more}


def with_case(new: NewPerson, **of: Json) -> NewPerson:
    """The same person with an open case of the office of COUNTY."""
    return replace(new, cases=(replace(case(), **of),))


def eligible(number: int) -> NewPerson:
    """Somebody who may have a permit, with an open case."""
    return with_case(builders.person(number))


def due(number: int) -> NewPerson:
    """A holder whose window of endorsement is open, with an open case."""
    issued = builders.issued(TODAY - timedelta(days=350))
    return with_case(builders.person(number, acts=[issued]))


def declaration(number: int, **more: Json) -> dict[str, Json]:
    """A declaration of residence with all that article 11 asks for."""
    new = builders.registration(number)
    return {
        "division": builders.TOWNSHIP,
        "hukou": "152201",
        "arrivedOn": (TODAY - timedelta(days=2)).isoformat(),
        "materials": ["resident_id_card", "lease_contract"],
        "contents": {
            "name": new.name,
            "sex": new.sex,
            "ethnicity": new.ethnicity,
            "birthDate": new.birth_date.isoformat(),
            "idNumber": new.id_number,
            "hukouAddress": new.hukou_address,
            "currentAddress": new.address,
            "residenceReason": new.reason,
            "contact": new.phone,
        },
        **more,
    }
