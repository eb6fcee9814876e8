"""What departments, parties and holders ask: put to the service itself, under its own policies.

A department asking for a duty that the policies have no purpose for is judged by the table of
services, and may then learn whether a permit is valid and nothing else.

Never: opens a value by another way than the service does.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

import orjson

from cli.scenarios import words
from cli.scenarios.came import Came, Through
from cli.scenarios.given import county_of
from cli.scenarios.keys import WrongValueError
from cli.scenarios.office import caller
from cli.scenarios.scene import Scene
from cli.scenarios.words import Field
from policies.permission import Action, Path
from regulation.divisions import COUNTY_DIGITS
from regulation.duties import judge_query
from regulation.entitlement import entitled, entitlements
from regulation.outcome import Outcome, Reason
from regulation.permit import PermitStatus
from regulation.services import SERVICES, find_service
from resolvers.context import Caller

DENIED: Final = words.OUTCOMES[Outcome.DENIED]
ANSWERED: Final = words.OUTCOMES[Outcome.ANSWERED]
_DESKS: Final = frozenset({"receiving-office", "community-police"})
_PLACED: Final = _DESKS | {"hukou-police"}
"""Departments whose officials work for a division."""
_PERSON: Final = "query($n:String!,$m:String!){person(idNumber:$n,name:$m){%s}}"
OK: Final = 200
KEPT_BACK: Final[dict[str, object]] = dict.fromkeys(
    ("state", "state_before", "valid_from", "valid_to", "residence_clock_start", "continuity")
)
"""What somebody outside the desks is not told by a yes or no."""


def asker_of(scene: Scene) -> tuple[str, Caller]:
    """Who asks, with the roles that the policies give them."""
    word = scene.case.when.text("by")
    who = None if word is None else words.who(word)
    if who is None:
        raise WrongValueError("when.by", "is missing", "say who asks")
    return who, caller_of(scene, who)


def caller_of(scene: Scene, who: str) -> Caller:
    """Somebody of a department, with the role that the policies give it."""
    roles = frozenset({who}) & frozenset(scene.office.policies.roles)
    division = county_of(scene.case)[:COUNTY_DIGITS] if who in _PLACED else None
    return caller(who, roles, division)


def purpose_code(scene: Scene, word: str | None, who: str) -> str | None:
    """Return the purpose that an article's item means: `24(4)` is school-place (article 28)."""
    if word is None:
        return None
    service = find_service(word)
    if service is not None and service.purpose is not None:
        return service.purpose
    if word.replace("_", "-") in scene.office.policies.purposes:
        return word.replace("_", "-")
    number = int(word) if word.isdecimal() else 0
    for code, purpose in scene.office.policies.purposes.items():
        first, _, last = purpose.article.partition("–")
        spans = first.isdecimal() and int(first) <= number <= int(last or first)
        if spans and (who in purpose.roles or len(purpose.roles) == 1):
            return code
    return word


def _duties(who: str) -> frozenset[str]:
    """The purposes that belong to a department's duties (articles 24 to 26)."""
    return frozenset(each.purpose for each in SERVICES if each.department == who and each.purpose)


async def query_person(scene: Scene) -> Came:
    """Ask for fields of one person (articles 24 to 28)."""
    asked = scene.case.when.listed("fields") or ("permit_valid",)
    unknown = [each for each in asked if each not in words.FIELDS]
    if unknown:
        hint = f"write some of {', '.join(words.FIELDS)}"
        raise WrongValueError("when.fields", f"unknown field {unknown[0][:60]!r}", hint)
    who, asker = asker_of(scene)
    if who in words.AGENTS:
        # Their own record: there is nothing to keep from them (PIPL article 45).
        own = await _needed(scene, asked)
        says: dict[str, object] = {"denied": [], "returned": own, "returned_fields": list(own)}
        return Came(word=ANSWERED, says=says, through=Through.RULE)
    purpose = purpose_code(scene, scene.case.when.text("purpose"), who)
    registered = asker.roles and (purpose is None or purpose in scene.office.policies.purposes)
    if not registered and (purpose in _duties(who) or (not asker.roles and _duties(who))):
        return await _by_duties(scene, asker, asked, purpose)
    answer, reason = await put(scene, asker, asked, purpose)
    denied = list(asked)
    if reason is None or answer is not None:
        alone = {each: await put(scene, asker, (each,), purpose) for each in asked}
        denied = [each for each in asked if not _told(each, *alone[each])]
    answered = not denied and answer is not None
    person = (answer or {}).get("person") if answered else None
    returned = {each: _value(words.FIELDS[each], person) for each in asked} if answered else {}
    table = scene.office.policies.table(asker.roles, purpose, scene.day) if answered else None
    returns = {
        f"returns {word}": word in returned
        or (table is not None and table.decide(Path(field.path), Action.READ).granted)
        for word, field in words.FIELDS.items()
    }
    return Came(
        word=ANSWERED if answered else DENIED,
        says={
            **KEPT_BACK,
            "reasons": [reason] if reason else [],
            "denied": denied,
            "returned": returned,
            "returned_fields": list(returned),
            "answer": returned.get("permit_valid"),
        },
        claims=returns,
        through=Through.SERVICE,
    )


async def _by_duties(
    scene: Scene, asker: Caller, asked: Sequence[str], purpose: str | None
) -> Came:
    """A duty that the policies do not serve: whether a permit is valid, and nothing else (28)."""
    await put(scene, asker, asked, purpose)  # the service records that it was asked
    who = asker.department
    decision = judge_query(purpose, _duties(who), scene.parameters)
    denied = [each for each in asked if each != "permit_valid"]
    if decision.outcome is Outcome.DENIED:
        denied = list(asked)
    returned = {} if denied else await _needed(scene, asked)
    return Came(
        decision=decision,
        word=DENIED if denied else ANSWERED,
        says={
            **KEPT_BACK,
            "denied": denied,
            "returned": returned,
            "returned_fields": list(returned),
            "answer": returned.get("permit_valid"),
        },
        claims={f"returns {word}": not denied and word == "permit_valid" for word in words.FIELDS},
        through=Through.RULE,
    )


async def _needed(scene: Scene, asked: Sequence[str]) -> dict[str, object]:
    """Read what is told of a holder; of anybody else there is the same no (R28)."""
    file = await scene.office.file_of(scene.number)
    stands = await scene.office.stand(scene.number, scene.day)
    active = file is not None and stands.status is PermitStatus.ACTIVE
    told: dict[str, object] = {"permit_valid": active}
    if file is not None and active:
        told |= {
            "residence_county": file.county,
            "residence_township": file.township,
            "residence_division": file.division,
            "residence_clock_start": stands.clock_start,
        }
    return {each: told.get(each) for each in asked}


async def put(
    scene: Scene, asker: Caller, asked: Sequence[str], purpose: str | None
) -> tuple[dict[str, Any] | None, Reason | None]:
    """Ask the service: the data, or None; and what it refuses the purpose for."""
    selection = " ".join(words.FIELDS[each].selection for each in asked)
    return await _ask(scene, asker, selection, purpose)


async def _ask(
    scene: Scene, asker: Caller, selection: str, purpose: str | None
) -> tuple[dict[str, Any] | None, Reason | None]:
    person = scene.case.person
    if person is None or person.number is None:
        raise WrongValueError("given.person", "is missing or has no number", "name a citizen")
    answer = await scene.office.ask(
        asker,
        _PERSON % selection,
        {"n": person.number, "m": person.name},
        day=scene.day,
        purpose=purpose,
    )
    body = orjson.loads(answer.body)
    if answer.status != OK or "errors" in body:
        return None, words.REFUSALS.get(answer.code or "")
    return body["data"], None


def _told(word: str, data: dict[str, Any] | None, _reason: Reason | None) -> bool:
    """Whether the service answers this field; a county is no answer to a township."""
    if data is None:
        return False
    field, person = words.FIELDS[word], data["person"]
    if person is None or not field.level:
        return True
    division = (person.get("residence") or {}).get("division")
    return division is None or field.level == "COUNTY" or division["level"] == field.level


def _value(field: Field, person: Mapping[str, Any] | None) -> object:
    """One value of the answer; whoever has no active permit gets the same no (R28)."""
    names = field.selection.replace("}", "").split("{")
    value: Any = person
    for name in names[:2]:
        value = None if value is None else value.get(name.split("(")[0].split()[0])
    if field.path in {"Permit.active", "Residence.within", "Residence.continuousAtLeast"}:
        return value is True
    return value["code"] if isinstance(value, dict) else value


async def query_status(scene: Scene) -> Came:
    """Ask how a permit stands: a desk or the holder is told; others yes, no, or nothing."""
    word = scene.case.when.text("by")
    who = None if word is None else words.who(word)
    if who is not None and who not in _DESKS and who not in words.AGENTS:
        return await query_person(scene)
    stands = await scene.office.stand(scene.number, scene.day)
    asker = caller_of(scene, "receiving-office")
    data, _ = await _ask(scene, asker, "permit{active status}", "permit-application")
    permit = ((data or {}).get("person") or {}).get("permit")
    status = permit["status"].lower() if permit else "none"
    if stands.status is not None and permit is not None:
        # The events say what a permit was on any day; the row says what it is.
        status = stands.status.value
    active = bool(permit and permit["active"])
    return Came(word=ANSWERED, says={"state": status, "answer": active}, through=Through.SERVICE)


async def list_entitlements(scene: Scene) -> Came:
    """List what the permit entitles to (articles 24, 25)."""
    asker = caller_of(scene, "receiving-office")
    data, _ = await _ask(
        scene, asker, "permit{entitlements{service{code} answer}}", "permit-application"
    )
    permit = ((data or {}).get("person") or {}).get("permit")
    if permit is None:
        found = [(e.service.code, e.answer.value) for e in entitlements(active=False)]
    else:
        found = [(e["service"]["code"], e["answer"].lower()) for e in permit["entitlements"]]
    says: dict[str, object] = {}
    for article in ("24", "25"):
        of_it = [(code, answer) for code, answer in found if code.startswith(f"{article}(")]
        says[f"art{article}"] = [code for code, _ in of_it]
        answers = {answer for _, answer in of_it}
        says[f"art{article}_answer"] = answers.pop() if len(answers) == 1 else sorted(answers)
    return Came(word=ANSWERED, says=says, through=Through.SERVICE)


async def query_entitlement(scene: Scene) -> Came:
    """Ask for one service or convenience (articles 24 to 26)."""
    item = scene.case.when.need_text("item")
    service = find_service(item)
    if service is None:
        hint = ", ".join(each.code for each in SERVICES)
        raise WrongValueError("when.item", f"unknown service {item[:60]!r}", hint)
    word = scene.case.when.text("by")
    who = "receiving-office" if word is None or word in words.AGENTS else words.who(word)
    if who is None or who in words.PARTIES:
        return await query_person(scene)
    asker = caller_of(scene, who)
    purpose = scene.case.when.text("purpose")
    code = purpose_code(scene, purpose, who) or _own_purpose(scene, who)
    selection = f'permit{{active entitlements(codes:["{item}"]){{answer}}}}'
    data, _ = await _ask(scene, asker, selection, code) if asker.roles else (None, None)
    through = Through.SERVICE
    permit = ((data or {}).get("person") or {}).get("permit")
    if permit is not None:
        answer = permit["entitlements"][0]["answer"].lower()
    else:
        stands = await scene.office.stand(scene.number, scene.day)
        active = stands.status is not None and stands.status.value == "active"
        answer = entitled(item, active=active and data is None).value
        through = Through.SERVICE if data is not None else Through.RULE
    basis = frozenset({service.article, service.article.partition("(")[0]})
    notes = {answer, *(("not_guaranteed",) if not service.guaranteed else ())}
    return Came(
        word=ANSWERED,
        says={**KEPT_BACK, "answer": answer, "basis": basis, "note": frozenset(notes)},
        through=through,
    )


def _own_purpose(scene: Scene, who: str) -> str | None:
    """The first purpose of a department: an entitlement may be asked for under any."""
    for code, purpose in scene.office.policies.purposes.items():
        if who in purpose.roles and purpose.case_required:
            return code
    return None


QUERIES: Final[Mapping[str, Callable[[Scene], Awaitable[Came]]]] = {
    "query_person": query_person,
    "query_status": query_status,
    "list_entitlements": list_entitlements,
    "query_entitlement": query_entitlement,
}
"""Every action that asks the service."""
