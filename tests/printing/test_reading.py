"""Documents from JSON: each shipped example, and all faults of a form at once without a value."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from printing.document import CardContents, Kind, MissingList, Refusal
from printing.form import InputError
from printing.reading import read_document
from printing.remedies import read_remedies
from tests.printing.documents import png, printer

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "docs" / "examples" / "print"
REMEDIES = read_remedies()
KINDS = list(Kind)


def example(kind: Kind) -> Any:
    return json.loads((EXAMPLES / f"{kind.value}.json").read_text("utf-8"))


def faults(kind: Kind, given: object) -> tuple[str, ...]:
    with pytest.raises(InputError) as caught:
        read_document(kind, given, REMEDIES)
    return caught.value.faults


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_of_each_kind_can_be_printed(kind: Kind) -> None:
    document = read_document(kind, example(kind), REMEDIES)
    assert printer().pdf(document).startswith(b"%PDF-")


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_form_names_every_place_that_is_wanted(kind: Kind) -> None:
    told = "\n".join(faults(kind, {}))
    for key in example(kind):
        if key not in {"materials", "accesses", "sections"}:
            assert key in told


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("given", [None, [], "哨兵", 1])
def test_what_is_no_object_is_a_fault(kind: Kind, given: object) -> None:
    assert faults(kind, given)[0] == "the form: an object is wanted"


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_of_the_wrong_type_is_a_fault_that_repeats_no_value(kind: Kind) -> None:
    for key, value in example(kind).items():
        wrong = "哨兵" if not isinstance(value, str) else ["哨兵"]
        told = faults(kind, example(kind) | {key: wrong})
        assert any(fault.startswith(key) for fault in told)
        assert "哨兵" not in "".join(told)


def test_a_key_that_no_form_has_is_named_and_a_value_in_its_place_is_not() -> None:
    told = faults(Kind.RECEIPT, example(Kind.RECEIPT) | {"nmae": 1, "哨兵": 2})
    assert told == ("nmae: unknown", "the form: a key: unknown")


def test_a_fault_names_its_place_in_a_list() -> None:
    given = example(Kind.MISSING_LIST) | {"missing": ["photo", "nothing", {"says": "甲"}]}
    assert faults(Kind.MISSING_LIST, given) == (
        "missing[1]: a known code is wanted",
        "missing[2].article: a text is wanted",
    )


def test_codes_and_own_words_stand_in_their_order() -> None:
    document = read_document(Kind.MISSING_LIST, example(Kind.MISSING_LIST), REMEDIES)
    assert isinstance(document, MissingList)
    assert [point.article for point in document.missing] == ["15", "15", "15"]
    assert document.missing[2].says == "租赁合同缺出租人签名的一页"


def test_remedies_are_those_of_the_day_of_the_decision() -> None:
    document = read_document(Kind.REFUSAL, example(Kind.REFUSAL), REMEDIES)
    assert isinstance(document, Refusal)
    assert document.remedies == REMEDIES[-1]


@pytest.mark.parametrize("empty", ["missing", "reasons"])
def test_an_empty_list_is_a_fault(empty: str) -> None:
    kind = Kind.MISSING_LIST if empty == "missing" else Kind.REFUSAL
    assert faults(kind, example(kind) | {empty: []}) == (f"{empty}: a list is wanted",)


def test_a_moment_without_its_offset_is_a_fault() -> None:
    given = example(Kind.SUBJECT_REPORT)
    given["accesses"][0]["at"] = "2026-03-01T09:30:00"
    (fault,) = faults(Kind.SUBJECT_REPORT, given)
    assert fault.startswith("accesses[0].at: a moment with its offset")


def test_a_photo_is_taken_and_one_that_is_none_is_a_fault() -> None:
    given = example(Kind.CARD_CONTENTS)
    photo = base64.b64encode(png()).decode()
    document = read_document(Kind.CARD_CONTENTS, given | {"photo": photo}, REMEDIES)
    assert isinstance(document, CardContents)
    assert document.photo is not None
    assert document.photo.content == png()
    for wrong in ("?", 1, base64.b64encode(b"no photo").decode()):
        (fault,) = faults(Kind.CARD_CONTENTS, given | {"photo": wrong})
        assert fault.startswith("photo: ")


def test_a_day_of_issue_stands_on_the_card_where_it_is_given() -> None:
    given = example(Kind.CARD_CONTENTS)
    without = read_document(Kind.CARD_CONTENTS, given, REMEDIES)
    with_day = read_document(Kind.CARD_CONTENTS, given | {"issueDate": "2026-03-02"}, REMEDIES)
    assert isinstance(without, CardContents)
    assert isinstance(with_day, CardContents)
    assert set(with_day.fields) - set(without.fields) == {"issue_date"}


def test_a_refusal_with_a_blank_reason_in_words_is_a_fault() -> None:
    given = example(Kind.REFUSAL) | {"inWords": " "}
    assert faults(Kind.REFUSAL, given) == ("inWords: a text is wanted",)
