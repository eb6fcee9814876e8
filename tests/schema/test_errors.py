"""The table of codes: complete, in two languages, and silent about what was sent."""

import re
import string
from http import HTTPStatus

import orjson
import pytest

from resolvers.faults import ArgumentFaultError, Fault
from schema.errors import Code, error_body, error_entry
from schema.reasons import Reason


@pytest.mark.parametrize("fault", list(Fault))
def test_every_fault_of_a_read_or_an_act_is_a_code_of_the_request(fault: Fault) -> None:
    assert Code[fault.code].status in {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.CONFLICT,
    }
    if fault.reason is None:
        assert fault.code == fault.value
    else:
        assert Reason[fault.reason].code is Code[fault.code]
    assert str(ArgumentFaultError(fault)) == fault.value


@pytest.mark.parametrize("code", [*Code, *Reason])
def test_every_code_and_reason_speaks_chinese_and_english(code: Code | Reason) -> None:
    chinese, english = code.message("zh-CN"), code.message("en")
    assert re.search("[一-鿿]", chinese)
    assert not re.search("[一-鿿]", english)
    assert chinese.endswith("。")
    assert english.endswith(".")
    assert chinese != english


@pytest.mark.parametrize("code", [*Code, *Reason])
def test_no_message_has_a_place_for_a_value(code: Code | Reason) -> None:
    for message in (code.message("zh-CN"), code.message("en")):
        assert [name for _, name, _, _ in string.Formatter().parse(message) if name] == []
        assert not re.search(r"[{}]|%[sdr]|\$\w", message)


@pytest.mark.parametrize("code", list(Code))
def test_every_code_has_a_status_of_http(code: Code) -> None:
    assert HTTPStatus(code.status) >= HTTPStatus.BAD_REQUEST


def test_no_two_codes_are_one() -> None:
    # An Enum makes an alias of a second name with an equal value.
    assert set(Code.__members__) == {code.name for code in Code}
    assert set(Reason.__members__) == {reason.name for reason in Reason}


def test_an_entry_stands_in_the_order_of_the_specification() -> None:
    entry = error_entry(
        Code.FIELD_FORBIDDEN,
        language="en",
        request_id="r-1",
        path=["a", 0],
        locations=[{"line": 1, "column": 2}],
        extensions={"path": "Person.sex"},
    )
    assert list(entry) == ["message", "locations", "path", "extensions"]
    assert entry["extensions"] == {
        "code": "FIELD_FORBIDDEN",
        "path": "Person.sex",
        "requestId": "r-1",
    }


def test_an_entry_without_a_place_names_none() -> None:
    entry = error_entry(Code.INTERNAL, language="zh-CN", request_id="r-1", locations=[])
    assert list(entry) == ["message", "extensions"]
    assert entry["message"] == Code.INTERNAL.value.zh


def test_a_body_is_an_answer_without_data() -> None:
    body = orjson.loads(error_body(Code.UNAUTHENTICATED, language="en", request_id="r-1"))
    assert list(body) == ["errors"]
    assert body["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED", "requestId": "r-1"}
