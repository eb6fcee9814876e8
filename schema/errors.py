"""The one table of error codes: code → HTTP status, message in Chinese and English.

A message says what happened and what to do next. No value that a caller sent ever comes back in
one (api.md, "Answers and errors"); a fault that is not in this table is `INTERNAL`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Literal

import orjson

Language = Literal["zh-CN", "en"]


@dataclass(frozen=True, slots=True)
class CodeText:
    """What one code means: `status` as for `application/graphql-response+json`."""

    status: int
    zh: str
    en: str


class Code(Enum):
    """Every code that can stand in `extensions.code`."""

    # 400: the request can't be read
    BAD_REQUEST = CodeText(
        400,
        "请求无法读取：请求体须为含 query 字段的 JSON 对象。",
        "The request can't be read: the body must be a JSON object with a string `query`.",
    )
    PARSE_FAILED = CodeText(
        400,
        "GraphQL 文档有语法错误，请检查所示位置。",
        "The GraphQL document has a syntax error; check the place that is named.",
    )
    VALIDATION_FAILED = CodeText(
        400,
        "GraphQL 文档不符合本调用方可见的模式。",
        "The GraphQL document does not fit the schema that this caller may use.",
    )
    OPERATION_UNKNOWN = CodeText(
        400,
        "文档中没有可执行的操作，或须用 operationName 指明其一。",
        "The document has no such operation, or `operationName` must name one.",
    )
    VARIABLES_INVALID = CodeText(
        400,
        "变量与其声明的类型不符，请检查所示变量。",
        "A variable does not fit its declared type; check the one that is named.",
    )
    ARGUMENT_INVALID = CodeText(
        400,
        "参数值不符合要求，请查阅该字段的说明。",
        "An argument's value is not accepted; see the description of this field.",
    )
    TOO_COMPLEX = CodeText(
        400,
        "请求过于复杂：请减少层级、别名、指令或行数后重试。",
        "The request is too complex: use fewer levels, aliases, directives or rows.",
    )
    INVALID_ID_NUMBER = CodeText(
        400,
        "公民身份号码有误，须为17位数字加校验位，请核对18位号码。",
        "The citizen ID number is not 17 digits and a check digit; check all 18 places.",
    )
    NAME_UNREADABLE = CodeText(
        400,
        "姓名含无法识别的字符（如 ?、■、*），请按证件重新录入。",
        "The name has an unreadable character (such as ?, ■, *); enter it again from the card.",
    )
    DAY_OUT_OF_RANGE = CodeText(
        400,
        "on 须为今天起90天以内的日期；同一人每次至多四个日期。",
        "`on` must be a day from today to 90 days ahead, at most four days for one person a call.",
    )
    CURSOR_INVALID = CodeText(
        400,
        "游标无效：请使用本查询上一页返回的 endCursor。",
        "The cursor is not valid: use the `endCursor` of this query's previous page.",
    )
    PURPOSE_CONFLICT = CodeText(
        400,
        "请求头与请求体中的目的或案号不一致，请只给出一个。",
        "The purpose or case in the headers and in the body differ; give only one.",
    )
    # 401 and 403: who and why
    UNAUTHENTICATED = CodeText(
        401,
        "身份令牌缺失、无效或已过期，请重新获取令牌。",
        "The bearer token is missing, not valid or expired; get a new one.",
    )
    PURPOSE_REQUIRED = CodeText(
        403,
        "须说明查询目的：请在 Juzhu-Purpose 请求头或 extensions.juzhu.purpose 中给出目的代码。",
        "A purpose is required: name its code in the header Juzhu-Purpose or in "
        "extensions.juzhu.purpose.",
    )
    PURPOSE_NOT_ALLOWED = CodeText(
        403,
        "该目的未登记，或不属于本部门职责；可用 purposes 查询可用目的。",
        "This purpose is not registered or not one of your duties; the query `purposes` lists "
        "those that are.",
    )
    CASE_REQUIRED = CodeText(
        403,
        "该目的须有案号：请在 Juzhu-Case 请求头、extensions.juzhu.case 或行内 case 中给出。",
        "This purpose needs a case number: give it in the header Juzhu-Case, in "
        "extensions.juzhu.case or in the row's `case`.",
    )
    FIELD_FORBIDDEN = CodeText(
        403,
        "本目的无权使用该字段；依据见 extensions。",
        "This purpose gives no leave to use this field; extensions say why.",
    )
    ARGUMENT_FORBIDDEN = CodeText(
        403,
        "本目的无权按该条件筛选、排序或计数；依据见 extensions。",
        "This purpose gives no leave to filter, sort or count by this; extensions say why.",
    )
    CATCHMENT_UNKNOWN = CodeText(
        403,
        "本部门没有此名称的有效片区：须先经公安机关核准；运维人员可用 juzhu catchment list 查看。",
        "This department has no catchment of this name in use: public security approves it first; "
        "the operators see it with `juzhu catchment list`.",
    )
    CATCHMENT_TOO_SMALL = CodeText(
        403,
        "此片区登记人数过少，不能查询，以免据此推知住处：请合并为较大的片区。",
        "Too few persons are registered in this catchment to ask about it, or it would locate "
        "them: have a larger one approved.",
    )
    CATCHMENT_OTHER_FOR_CASE = CodeText(
        403,
        "一案只能查询一个片区，本案已查询另一片区（或其另一版本）：变换片区会推知住处。",
        "A case asks about one catchment, and this one has asked about another (or another "
        "version): catchments drawn anew would locate a person.",
    )
    METHOD_NOT_ALLOWED = CodeText(
        405,
        "GET 只回答内省与目录字段；其余请用 POST。",
        "GET answers introspection and catalogue fields only; use POST for everything else.",
    )
    PERSON_NOT_REACHED = CodeText(
        403,
        "在本案号下未找到此人：请核对姓名与公民身份号码，并先用 openCase 立案；"
        "外辖区人员须以到达或变更事由立案。",
        "Nobody is reached under this case: check name and ID number, and open a case with "
        "`openCase` first; for who lives in another division, of the kind arrival or move.",
    )
    REPORT_NOT_REACHED = CodeText(
        403,
        "本辖区没有这份第三方报告：请从本窗口的报告列表中取其编号。",
        "No such report lies in this office's division: take its id from the desk's own list.",
    )
    SUBJECT_REQUEST_NOT_REACHED = CodeText(
        403,
        "在本案号下未找到此人的这份请求：请核对姓名、公民身份号码与案号，并从 subjectRequests "
        "中取其编号。",
        "No such request of this person is reached under this case: check name, ID number and "
        "case, and take its id from `subjectRequests`.",
    )
    ANSWER_NOT_REACHED = CodeText(
        403,
        "本部门在此目的和案号下没有这份答复：请原样填写该答复的 extensions.audit。",
        "No such answer of your department under this purpose and case: give the answer's own "
        "extensions.audit as it was.",
    )
    CORRECTION_NOT_REACHED = CodeText(
        403,
        "在本案号下未找到此人的这份更正请求：请核对姓名、公民身份号码与案号，先用 openCase 立案，"
        "并从 corrections 中取其编号。",
        "No such request for a correction is reached under this case: check name, ID number and "
        "case, open a case with `openCase` first, and take its id from `corrections`.",
    )
    # an act that did not happen
    CONFLICT = CodeText(
        409,
        "此人的档案已有更新，未作任何变更：请按 extensions.version 重新查看后再办。",
        "This person's file has changed and nothing was done: look again, then act on the "
        "version in extensions.version.",
    )
    IDEMPOTENCY_KEY_REUSED = CodeText(
        409,
        "此 idempotencyKey 已用于另一内容，未作任何变更：请换用新的键。",
        "This idempotencyKey stands for another input and nothing was done: use a new key.",
    )
    # a document that is not printed
    GLYPH_MISSING = CodeText(
        409,
        "字体没有 extensions.characters 所列的字，未打印：请运维人员添加字体（JUZHU_FONTS）。",
        "No font has the characters in extensions.characters and nothing was printed: have the "
        "operators add a font that has them (JUZHU_FONTS).",
    )
    NOT_PRINTABLE = CodeText(
        409,
        "此文书现在不能打印；原因见 extensions.reason。",
        "This document can't be printed now; extensions.reason says why.",
    )
    # trusted documents
    DOCUMENT_UNKNOWN = CodeText(
        400,
        "本部门没有登记此文档，或者已经撤销：请核对 documentId，或向运维人员登记。",
        "Your department has no such document in force: check documentId, or have it registered.",
    )
    DOCUMENT_NOT_TRUSTED = CodeText(
        403,
        "本部门只能使用已登记的文档：请先登记，再以 documentId 请求。",
        "Your department runs registered documents only: have it registered, then send documentId.",
    )
    # transport
    NOT_ACCEPTABLE = CodeText(
        406,
        "Accept 须含 application/graphql-response+json 或 application/json。",
        "Accept must include application/graphql-response+json or application/json.",
    )
    TIMED_OUT = CodeText(
        408,
        "请求体接收超时，请重试。",
        "The request body took too long to arrive; try again.",
    )
    TOO_LARGE = CodeText(
        413,
        "请求体过大：上限 256 KiB，verify 为 1 MiB。",
        "The body is too large: at most 256 KiB, or 1 MiB for `verify`.",
    )
    UNSUPPORTED_MEDIA_TYPE = CodeText(
        415,
        "Content-Type 须为 application/json（UTF-8）。",
        "Content-Type must be application/json (UTF-8).",
    )
    RATE_LIMITED = CodeText(
        429,
        "请求过于频繁，请在 Retry-After 所示秒数后重试。",
        "Too many requests; try again after the seconds that Retry-After names.",
    )
    # ours
    INTERNAL = CodeText(
        500,
        "服务内部错误，请凭请求编号联系运维人员。",
        "An internal fault; give the request id to the operators.",
    )
    AUDIT_UNAVAILABLE = CodeText(
        503,
        "审计记录暂不可写，未返回任何数据；请稍后重试。",
        "The audit record can't be written now, so no data is given; try again later.",
    )
    AUDIT_DAMAGED = CodeText(
        503,
        "审计日志中有无法读取的记录，未返回任何数据；请凭请求编号联系运维人员核验日志。",
        "The audit log holds a record that can't be read, so no data is given; give the request "
        "id to the operators, who verify the log.",
    )
    UNAVAILABLE = CodeText(
        503,
        "服务暂不可用，请稍后重试。",
        "The service is not available now; try again later.",
    )

    @property
    def status(self) -> int:
        """The HTTP status for `application/graphql-response+json`."""
        return self.value.status

    def message(self, language: Language) -> str:
        """The message in the caller's language."""
        return self.value.zh if language == "zh-CN" else self.value.en


def error_entry(
    code: Code,
    *,
    language: Language,
    request_id: str,
    message: str | None = None,
    path: Sequence[str | int] | None = None,
    locations: Sequence[Mapping[str, int]] | None = None,
    extensions: Mapping[str, object] | None = None,
) -> dict[str, object]:
    """One entry of `errors`, in the order of the GraphQL specification (section 7.1.2)."""
    entry: dict[str, object] = {"message": message or code.message(language)}
    if locations:
        entry["locations"] = list(locations)
    if path is not None:
        entry["path"] = list(path)
    entry["extensions"] = {"code": code.name, **(extensions or {}), "requestId": request_id}
    return entry


def error_body(
    code: Code,
    *,
    language: Language,
    request_id: str,
    message: str | None = None,
    extensions: Mapping[str, object] | None = None,
) -> bytes:
    """A whole answer that has one error and no data, as JSON bytes."""
    entry = error_entry(
        code, language=language, request_id=request_id, message=message, extensions=extensions
    )
    return orjson.dumps({"errors": [entry]})
