"""Documents over HTTP: what each kind says, for whom it is printed, and what the log says of it."""

import base64
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from db.facts import NOT_AT_A_DESK, Apply, AtDesk, NewPerson
from regulation.outcome import Gap, Reason
from regulation.proceedings import Step
from tests import builders
from tests.builders import TODAY
from tests.end_to_end.acts import (
    ELSEWHERE,
    OFFICIALS,
    act,
    filing,
    presented,
    seat,
    with_case,
)
from tests.end_to_end.house import Answered, House, Json, Seat, house_of
from tests.printing.documents import pdf_text, png

DAY = timedelta(days=1)
RARE = "测𠮷试"


def holder(number: int, photo: bytes | None = None) -> NewPerson:
    """A holder with an open case."""
    issued = builders.issued(TODAY - 100 * DAY)
    return with_case(builders.person(number, acts=[issued], photo=photo))


WORDS = "所称住所经核查并不存在。"


def refused(number: int, at_desk: AtDesk) -> NewPerson:
    """Somebody whose application was filed, accepted and refused."""
    steps = (Step.FILED, Step.ACCEPTED, Step.REFUSED)
    acts = [
        Apply(
            step=step,
            application=bytes([number]) * 16,
            happened_on=TODAY - 20 * DAY,
            county=builders.COUNTY,
            township=builders.TOWNSHIP,
            office=builders.OFFICE,
            desk=at_desk if step is Step.REFUSED else NOT_AT_A_DESK,
        )
        for step in steps
    ]
    return with_case(builders.person(number, acts=acts))


PEOPLE = {
    "refused": refused(
        11,
        AtDesk(
            official="clerk-9",
            agent=None,
            note={"reasons": ["NO_QUALIFYING_CONDITION"], "inWords": WORDS},
        ),
    ),
    "refused elsewhere": refused(12, NOT_AT_A_DESK),
    "eligible": with_case(builders.person(1)),
    "newcomer": with_case(
        builders.person(
            registered=replace(builders.registration(3), registered_on=TODAY - 30 * DAY)
        )
    ),
    "without a case": builders.person(4),
    "closed case": with_case(builders.person(5), opened_on=TODAY - 9 * DAY, closed_on=TODAY - DAY),
    "holder": holder(6, photo=png()),
    "no photo": holder(7),
    "bad photo": holder(8, photo=b"not a photo"),
    "rare": with_case(builders.person(registered=replace(builders.registration(9), name=RARE))),
    "cancelled": with_case(builders.cancelled(10)),
}
FORMS = "title fileName html pdf"
COMPLETE = ("Query.document", "Person.name", "Person.idNumber")


@pytest.fixture
async def house(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    async with house_of(tmp_path, database_url, PEOPLE, officials=OFFICIALS) as house:
        yield house


async def printed(
    house: House,
    kind: str,
    who: str | dict[str, Json],
    *,
    forms: str = FORMS,
    by: Seat | None = None,
) -> Answered:
    """Ask for a document of somebody."""
    given = presented(PEOPLE[who]) if isinstance(who, str) else who
    document = f"query($p:PresentedPerson!){{document(kind:{kind},person:$p){{{forms}}}}}"
    return await house.ask(by or seat("fileApplication"), document, {"p": given})


async def text_of(house: House, kind: str, who: str) -> str:
    """The text of a document as a reader of PDFs finds it; its HTML says the same name."""
    found = (await printed(house, kind, who)).data["document"]
    assert PEOPLE[who].registration.name in found["html"]
    return pdf_text(base64.b64decode(found["pdf"], validate=True))


def reason(answered: Answered) -> tuple[str, str | None]:
    """Code and reason of the one error, beside a null."""
    assert answered.whole["data"] == {"document": None}
    (entry,) = answered.errors
    return entry["extensions"]["code"], entry["extensions"].get("reason")


# --- what each kind says ---------------------------------------------------------------------


async def test_a_receipt_is_printed_of_what_was_accepted(house: House) -> None:
    await act(house, "fileApplication", filing(PEOPLE["eligible"]))
    found = (await printed(house, "RECEIPT", "eligible")).data["document"]
    assert found["title"] == "受理回执"
    assert found["fileName"] == f"receipt-{TODAY.isoformat()}"
    text = pdf_text(base64.b64decode(found["pdf"], validate=True))
    due = TODAY + 30 * DAY
    new = PEOPLE["eligible"].registration
    for value in (new.name, "****" + new.id_number[-4:], f"{due.month}月{due.day}日（第十七条）"):
        assert value in text
        assert value in found["html"]
    assert "clerk-1" in text
    assert "本人居民身份证" in text or "居民身份证" in text
    assert new.id_number not in text
    assert new.id_number not in found["html"]


async def test_a_missing_list_names_all_gaps_and_nothing_once_they_are_filled(
    house: House,
) -> None:
    await act(house, "fileApplication", filing(PEOPLE["eligible"], materials=[]))
    text = await text_of(house, "MISSING_LIST", "eligible")
    for gap in (Gap.RESIDENT_ID_CARD, Gap.PHOTO, Gap.CONDITION_EVIDENCE):
        assert gap.zh in text
    assert reason(await printed(house, "RECEIPT", "eligible")) == (
        "NOT_PRINTABLE",
        "NOTHING_TO_PRINT",
    )
    await act(
        house,
        "supplementApplication",
        {
            "person": presented(PEOPLE["eligible"]),
            "materials": ["resident_id_card", "photo", "lease_contract"],
        },
    )
    gone = await printed(house, "MISSING_LIST", "eligible")
    assert reason(gone) == ("NOT_PRINTABLE", "NOTHING_TO_PRINT")
    assert "申领居住证" in await text_of(house, "RECEIPT", "eligible")


async def test_a_refusal_on_the_spot_is_printed_with_reasons_official_and_remedies(
    house: House,
) -> None:
    await act(house, "fileApplication", filing(PEOPLE["newcomer"]))
    text = await text_of(house, "REFUSAL", "newcomer")
    for value in (
        Reason.RESIDENCE_UNDER_HALF_YEAR.zh,
        "第二条",
        "clerk-1",
        "六十日内，向红山区人民政府申请行政复议",
        "六个月内，向红山区人民法院提起行政诉讼",
    ):
        assert value in text


async def test_an_officials_own_words_stand_in_the_refusal_with_his_name(house: House) -> None:
    text = await text_of(house, "REFUSAL", "refused")
    for value in (WORDS, "clerk-9", "不予办理决定书", Reason.NO_QUALIFYING_CONDITION.zh):
        assert value in text


async def test_no_refusal_is_made_up_for_one_that_names_no_official(house: House) -> None:
    answered = await printed(house, "REFUSAL", "refused elsewhere")
    assert reason(answered) == ("NOT_PRINTABLE", "NOTHING_TO_PRINT")


async def test_card_contents_are_those_of_article_13_with_the_photo(house: House) -> None:
    text = await text_of(house, "CARD_CONTENTS", "holder")
    new = PEOPLE["holder"].registration
    for value in (new.name, new.id_number, new.ethnicity, new.hukou_address, new.address):
        assert value in text
    for absent in (new.phone, new.workplace, new.reason, "未存照片"):
        assert absent not in text
    assert "未存照片" in await text_of(house, "CARD_CONTENTS", "no photo")


async def test_only_the_forms_that_are_asked_for_are_given(house: House) -> None:
    for forms in ("title", "html", "pdf", "fileName"):
        data = (await printed(house, "CARD_CONTENTS", "holder", forms=forms)).data
        assert list(data["document"]) == [forms]


async def test_the_same_document_again_is_the_same(house: House) -> None:
    first = await printed(house, "CARD_CONTENTS", "holder")
    second = await printed(house, "CARD_CONTENTS", "holder")
    assert first.data == second.data


@pytest.mark.parametrize("kind", ["RECEIPT", "MISSING_LIST", "REFUSAL", "CARD_CONTENTS"])
async def test_where_there_is_nothing_to_print_that_is_said(house: House, kind: str) -> None:
    assert reason(await printed(house, kind, "eligible")) == ("NOT_PRINTABLE", "NOTHING_TO_PRINT")


async def test_a_cancelled_permit_has_no_card_to_print(house: House) -> None:
    assert reason(await printed(house, "CARD_CONTENTS", "cancelled")) == (
        "NOT_PRINTABLE",
        "NOTHING_TO_PRINT",
    )


async def test_a_stored_photo_that_is_none_stops_the_card(house: House) -> None:
    for forms in ("html", "pdf"):
        answered = await printed(house, "CARD_CONTENTS", "bad photo", forms=forms)
        assert reason(answered) == ("NOT_PRINTABLE", "PHOTO_UNREADABLE")


# --- a character without a glyph -------------------------------------------------------------


async def test_a_missing_glyph_is_named_to_the_official_and_stands_in_no_log(
    house: House, capfd: pytest.CaptureFixture[str]
) -> None:
    await act(house, "fileApplication", filing(PEOPLE["rare"]))
    for forms in ("html", "pdf"):
        answered = await printed(house, "RECEIPT", "rare", forms=forms)
        (entry,) = answered.errors
        assert entry["extensions"]["code"] == "GLYPH_MISSING"
        assert entry["extensions"]["characters"] == [{"character": "𠮷", "codePoint": "U+20BB7"}]
        assert "𠮷" not in entry["message"]
        kept = await house.record(answered)
        assert [person for person, *_ in kept.subjects] == [house.persons["rare"]]
    out = "".join(capfd.readouterr())
    assert "𠮷" not in out
    assert "20BB7" not in out


# --- for whom, and what the log says ---------------------------------------------------------


@pytest.mark.parametrize(
    "asked", ["unknown", "wrong name", "another's case", "without a case", "closed case"]
)
async def test_whoever_is_not_reached_gets_one_and_the_same_answer(
    house: House, asked: str
) -> None:
    who = presented(PEOPLE["holder"])
    by = seat("fileApplication")
    match asked:
        case "unknown":
            who = presented(builders.person(99))
        case "wrong name":
            who["name"] = "另一测"
        case "another's case":
            by = seat("fileApplication", official=ELSEWHERE)
        case _:
            who = presented(PEOPLE[asked])
    answered = await printed(house, "CARD_CONTENTS", who, by=by)
    assert reason(answered) == ("PERSON_NOT_REACHED", None)
    kept = await house.record(answered)
    assert (kept.says["outcome"], kept.subjects, kept.missed) == ("missed", [], 1)


async def test_the_record_names_the_person_the_case_and_each_path_that_was_printed(
    house: House,
) -> None:
    card = await house.record(await printed(house, "CARD_CONTENTS", "holder"))
    ((person, fields),) = [(each[0], each[1]) for each in card.subjects]
    assert person == house.persons["holder"]
    paths = [path for path, *_ in fields]
    assert paths[:3] == list(COMPLETE)
    assert {"Person.photo", "Residence.address", "Permit.validTo"} <= set(paths)
    assert not {"Person.phone", "Person.workplace", "Residence.reason"} & set(paths)
    await act(house, "fileApplication", filing(PEOPLE["eligible"]))
    receipt = await house.record(await printed(house, "RECEIPT", "eligible"))
    assert [path for path, *_ in receipt.subjects[0][1]] == list(COMPLETE)


@pytest.mark.parametrize("department", ["community-police", "auditor"])
async def test_no_other_department_prints(house: House, department: str) -> None:
    by = replace(seat("fileApplication"), department=department, official="demo-01")
    purposes = {"community-police": "annual-endorsement", "auditor": "privacy-audit"}
    answered = await printed(
        house, "CARD_CONTENTS", "holder", by=replace(by, purpose=purposes[department])
    )
    assert answered.codes == ["FIELD_FORBIDDEN"]


async def test_another_purpose_of_the_same_desk_does_not_print(house: House) -> None:
    answered = await printed(house, "CARD_CONTENTS", "holder", by=seat("endorsePermits"))
    assert answered.codes == ["FIELD_FORBIDDEN"]


async def test_a_slip_in_the_number_is_told_as_such(house: House) -> None:
    answered = await printed(house, "RECEIPT", {"idNumber": "1", "name": "测"})
    assert answered.codes == ["INVALID_ID_NUMBER"]


async def test_more_than_ten_documents_a_request_are_refused(house: House) -> None:
    given = presented(PEOPLE["holder"])
    for count, codes in ((10, []), (11, ["TOO_COMPLEX"])):
        fields = " ".join(
            f"d{number}:document(kind:CARD_CONTENTS,person:$p){{title}}" for number in range(count)
        )
        document = f"query($p:PresentedPerson!){{{fields}}}"
        answered = await house.ask(seat("fileApplication"), document, {"p": given})
        assert answered.codes == codes
