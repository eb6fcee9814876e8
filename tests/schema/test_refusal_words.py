"""Refusals of documents speak the caller's one language and name rule, schema and limit."""

import re
from pathlib import Path

import pytest
from graphql import build_schema, parse, specified_rules, validate

from schema.limit_words import WORDS, LimitPassed
from schema.validation_words import in_chinese
from tests.schema.test_documents import LIMITED, refused

SCHEMA = build_schema(
    """
    type Query { viewer: Viewer, person(idNumber: String!, first: Int): Person, node: Node }
    interface Node { id: ID }
    type Person implements Node { id: ID, name(long: Boolean): String }
    type Viewer { client: String }
    """
)
QUERY = "{ viewer { client } } "
SAID = {
    "{ viewer { clint } }": "类型 Viewer 没有字段 clint。是否应为：client？",
    "{ viewer { zzzzzz } }": "类型 Viewer 没有字段 zzzzzz。",
    "{ node { name } }": "类型 Node 没有字段 name。可用内联片段：Person。",
    '{ person(idNumber: "1", firs: 1) { id } }': (
        "字段 Query.person 没有参数 firs。是否应为：first？"
    ),
    "{ viewer { client @skip(if: true, x: 1) } }": "指令 @skip 没有参数 x。",
    "{ person { id } }": "Query.person 缺少必需的参数 idNumber（类型 String!）。",
    "{ viewer { client @skip } }": "@skip 缺少必需的参数 if（类型 Boolean!）。",
    QUERY + "fragment F on Zzzzzzz { id }": "没有类型 Zzzzzzz。",
    "{ viewer { ...F } }": "没有定义片段 F。",
    QUERY + "fragment F on Viewer { client }": "片段 F 已定义而未使用。",
    "{ viewer { ...F } } fragment F on Viewer { ...F }": "片段 F 直接或间接引用了自身。",
    "{ viewer { ... on Person { id } } }": "此处是类型 Viewer，不能用类型 Person 的片段。",
    "{ viewer { client ... on String { a } } }": "片段不能以类型 String 为条件。",
    "query A { person(idNumber: $n) { id } }": "变量 $n 没有声明。",
    "query A($n: Int) { viewer { client } }": "变量 $n 已声明而未使用。",
    "query($n: Int) { person(idNumber: $n) { id } }": (
        "变量 $n 声明为类型 Int，所在位置须为类型 String!。"
    ),
    "query($n: Viewer) { person(idNumber: $n) { id } }": "变量 $n 的类型 Viewer 不是输入类型。",
    "{ viewer }": "字段 viewer（类型 Viewer）须用花括号选择下级字段。",
    "{ viewer { client { a } } }": "字段 client（类型 String）没有下级字段，请去掉花括号。",
    "{ viewer { client client: __typename } }": (
        "答复中同名的 client 取自不同的字段或参数，请各用别名。"
    ),
    "{ viewer { client @now } }": "没有指令 @now。",
    "{ viewer @deprecated { client } }": "指令 @deprecated 不能用在这里（field）。",
    "{ viewer { client @skip(if: true) @skip(if: true) } }": "指令 @skip 在同一处只能用一次。",
    '{ person(idNumber: "1", idNumber: "2") { id } }': "参数 idNumber 出现两次。",
    "query($n: String!, $n: String!) { person(idNumber: $n) { id } }": "变量 $n 声明了两次。",
    "query A { viewer { client } } query A { viewer { client } }": "有两个名为 A 的操作。",
    "{ viewer { ...F } } fragment F on Viewer { client } fragment F on Viewer { client }": (
        "有两个名为 F 的片段。"
    ),
    "{ viewer { client } } query B { viewer { client } }": ("没有名称的操作须是文档中唯一的操作。"),
    "mutation { act }": "不支持 mutation 操作。",
    QUERY + "type T { a: Int }": "文档只能含操作和片段，T 的定义不能执行。",
}


@pytest.mark.parametrize(("document", "said"), SAID.items(), ids=list(SAID.values()))
def test_a_rule_of_validation_speaks_chinese(document: str, said: str) -> None:
    errors = validate(SCHEMA, parse(document, no_location=True), specified_rules)
    assert said in [in_chinese(error.message) for error in errors]


def test_a_rule_without_words_has_a_general_sentence_and_the_library_s_own() -> None:
    assert in_chinese("Something new.") == ("GraphQL 文档不符合本调用方可见的模式。Something new.")


@pytest.mark.parametrize("message", ["Too many validation errors, error limit reached."])
def test_that_checking_ended_early_is_said(message: str) -> None:
    assert in_chinese(message) == "错误过多，其余未再检查。"


@pytest.mark.parametrize("document", LIMITED.values(), ids=list(LIMITED))
def test_a_document_over_a_limit_says_which_in_one_language(document: str) -> None:
    (trouble,) = refused(document)
    assert trouble.passed is not None
    chinese, english = trouble.passed.message("zh-CN"), trouble.passed.message("en")
    assert f"{trouble.passed.most:,}" in chinese
    assert f"{trouble.passed.most:,}" in english
    assert english.isascii()
    assert not re.search("[a-z]", chinese.replace("token", ""))


def test_every_limit_that_is_measured_has_its_words() -> None:
    root = Path(__file__).parents[2] / "schema"
    measured = {
        name
        for path in root.glob("*.py")
        for name in re.findall(
            r'(?:_within|LimitPassed|DocumentTooComplexError)\(\s*"([a-z ]+)"', path.read_text()
        )
    }
    measured |= {"tokens", "comments"}
    assert measured == set(WORDS)


def test_a_limit_stands_beside_its_message_for_programs() -> None:
    passed = LimitPassed("rows", 1000)
    assert passed.extensions == {"limit": "rows", "most": 1000}
    assert passed.message("zh-CN") == "请求过于复杂：一次请求的行数至多1,000，请拆分或精简后重试。"
    assert passed.message("en") == (
        "The request is too complex: at most 1,000 rows a request; split or shorten it."
    )
