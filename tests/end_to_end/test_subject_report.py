"""The report about oneself (article 28; PIPL 44, 45): what is stored, who saw it, for whom."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest

from db.ledger_reads import LedgerReads
from db.sealed import Vault
from db.subject_requests import SubjectRequests
from resolvers.desk.self_report import SelfReports, Wording
from tests import builders
from tests.end_to_end.acts import OFFICIALS, act, presented, seat, with_case
from tests.end_to_end.house import Answered, House, Json, Seat, house_of
from tests.printing.documents import pdf_text

HOLDER: Final = with_case(builders.active(1))
OTHER: Final = with_case(builders.active(2))
PEOPLE: Final = {"holder": HOLDER, "other": OTHER}
SCHOOL = Seat(department="education", purpose="school-place", case="赤红教〔2026〕12号")
HOUSING = Seat(department="housing", purpose="housing-support", case="HOUSING-1")
PERMIT = "query($n:String!,$m:String!){person(idNumber:$n,name:$m){permit{active}}}"
REPORT = "query($p:PresentedPerson!){document(kind:SUBJECT_REPORT,person:$p){html pdf}}"


@pytest.fixture
async def house(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    async with house_of(tmp_path, database_url, PEOPLE, officials=OFFICIALS) as opened:
        yield opened


async def looked_up(
    house: House, seat_: Seat, *, of: Json = HOLDER, name: str | None = None
) -> Answered:
    given = presented(of)
    return await house.ask(seat_, PERMIT, {"n": given["idNumber"], "m": name or given["name"]})


async def filed(house: House, kind: str = "VIEW") -> str:
    given = {"person": presented(HOLDER), "kind": kind, "words": "请出具报告"}
    answered = await act(house, "fileSubjectRequest", given)
    return str(answered.data["fileSubjectRequest"]["request"])


async def report(house: House) -> Answered:
    return await house.ask(seat("fileSubjectRequest"), REPORT, {"p": presented(HOLDER)})


async def text_of(house: House) -> str:
    found = (await report(house)).data["document"]
    assert HOLDER.registration.name in found["html"]
    return pdf_text(base64.b64decode(found["pdf"], validate=True))


@pytest.mark.parametrize("kind", ["VIEW", "COPY"])
async def test_it_says_what_is_stored_and_who_saw_what_for_what(house: House, kind: str) -> None:
    await looked_up(house, SCHOOL)
    await filed(house, kind)
    text = await text_of(house)
    registered = HOLDER.registration
    for value in (registered.id_number, registered.phone, registered.hukou_address):
        assert str(value) in text
    for words in ("教育", "安排义务教育入学", "demo-01", "是否有效"):
        assert words in text, words


async def test_its_own_record_names_the_person_and_every_path(house: House) -> None:
    await filed(house)
    kept = await house.record(await report(house))
    ((person, fields),) = kept.subjects
    assert person == house.persons["holder"]
    paths = {path for path, _, _ in fields}
    assert {"Query.document", "Person.phone", "Residence.address", "SubjectRequest.kind"} <= paths
    assert kept.says["decision"] == "AccessRecord.subjects:filter"


async def test_nothing_is_printed_where_the_person_did_not_ask(house: House) -> None:
    async def nothing() -> None:
        answered = await report(house)
        assert answered.whole["data"] == {"document": None}
        assert answered.errors[0]["extensions"]["reason"] == "NOTHING_TO_PRINT"

    await nothing()
    await filed(house, "CORRECT")
    await nothing()
    request = await filed(house)
    assert (await report(house)).errors == []
    withdrawn = {"person": presented(HOLDER), "request": request}
    assert (await act(house, "withdrawSubjectRequest", withdrawn)).errors == []
    await nothing()
    given = {
        "person": presented(HOLDER),
        "request": await filed(house),
        "answer": "REFUSED",
        "grounds": ["SECRET_BY_LAW"],
        "writtenReason": "依法保密",
    }
    assert (await act(house, "answerSubjectRequest", given)).errors == []
    await nothing()


async def test_another_persons_accesses_and_vain_look_ups_are_not_in_it(house: House) -> None:
    await looked_up(house, HOUSING, of=OTHER)
    await looked_up(house, HOUSING, name="别人")
    await filed(house)
    assert "住房" not in await text_of(house)


async def test_a_withheld_purpose_leaves_no_trace(house: House) -> None:
    for _ in range(3):
        await looked_up(house, SCHOOL)
        await looked_up(house, HOUSING)
    person = house.persons["holder"]

    async def told(withheld: str) -> list[tuple[str, str]]:
        vault = Vault(house.ring)
        reports = SelfReports(
            ledger=LedgerReads(house.beside),
            requests=SubjectRequests(house.beside, house.ring, vault),
            words=Wording(
                field=str, department=str, purpose=str, withheld=lambda code: code == withheld
            ),
        )
        return [(each.department, each.purpose) for each in await reports.accesses([person])]

    assert sorted(set(await told(""))) == [
        ("education", "school-place"), ("housing", "housing-support"),
    ]  # fmt: skip
    assert await told("housing-support") == [("education", "school-place")] * 3


async def test_a_partner_has_no_such_document(house: House) -> None:
    answered = await house.ask(SCHOOL, REPORT, {"p": presented(HOLDER)})
    assert (answered.status, answered.codes[0]) == (403, "FIELD_FORBIDDEN")
