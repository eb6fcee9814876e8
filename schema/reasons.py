"""The table of reasons: which of the things that an error code stands for it was.

A reason stands in `extensions.reason` beside its code and has a message of its own, in Chinese and
English. No value that a caller sent ever comes back in one.
"""

from dataclasses import dataclass
from enum import Enum

from schema.errors import Code, Language


@dataclass(frozen=True, slots=True)
class ReasonText:
    """What one reason means, and the code that it stands under."""

    code: Code
    zh: str
    en: str


class Reason(Enum):
    """Every reason that can stand in `extensions.reason` of a refused argument or request."""

    # the request: its body is read, something else in it can't be
    QUERY_REQUIRED = ReasonText(
        Code.BAD_REQUEST,
        "须给出字符串 query：POST 写在请求体里，GET 写在网址参数里。",
        "Give a string `query`: in the body of a POST, as a parameter of a GET.",
    )
    MEMBER_TYPE = ReasonText(
        Code.BAD_REQUEST,
        "operationName 须为字符串，variables 和 extensions 须为 JSON 对象。",
        "`operationName` must be a string, `variables` and `extensions` JSON objects.",
    )
    MEMBER_TWICE = ReasonText(
        Code.BAD_REQUEST,
        "同名成员或参数出现两次，请只写一次。",
        "A member or parameter is named twice; name it once.",
    )
    PARAMETER_UNREADABLE = ReasonText(
        Code.BAD_REQUEST,
        "网址参数须为百分号编码的 UTF-8，且不超过16个。",
        "The parameters of the address must be percent-encoded UTF-8, and at most 16.",
    )
    PARAMETER_JSON = ReasonText(
        Code.BAD_REQUEST,
        "网址参数 variables 和 extensions 须为 JSON 文本。",
        "The parameters `variables` and `extensions` of the address must be JSON texts.",
    )
    JUZHU_TYPE = ReasonText(
        Code.BAD_REQUEST,
        "extensions.juzhu 须为 JSON 对象，其中 purpose 和 case 须为字符串。",
        "`extensions.juzhu` must be a JSON object whose `purpose` and `case` are strings.",
    )
    PURPOSE_ENCODING = ReasonText(
        Code.BAD_REQUEST,
        "请求头 Juzhu-Purpose 须为百分号编码的 UTF-8。",
        "The header Juzhu-Purpose must be percent-encoded UTF-8.",
    )
    PURPOSE_TOO_LONG = ReasonText(
        Code.BAD_REQUEST,
        "目的代码至多64个字符。",
        "The code of a purpose has at most 64 characters.",
    )
    PURPOSE_CHARACTERS = ReasonText(
        Code.BAD_REQUEST,
        "目的代码含换行等控制字符。",
        "The code of the purpose has a control character such as a line break.",
    )
    CASE_ENCODING = ReasonText(
        Code.BAD_REQUEST,
        "请求头 Juzhu-Case 须为百分号编码的 UTF-8。",
        "The header Juzhu-Case must be percent-encoded UTF-8.",
    )
    CASE_TOO_LONG = ReasonText(
        Code.BAD_REQUEST,
        "案号至多128个字符。",
        "A case number has at most 128 characters.",
    )
    CASE_CHARACTERS = ReasonText(
        Code.BAD_REQUEST,
        "案号含换行等控制字符。",
        "The case number has a control character such as a line break.",
    )
    # arguments
    REF_LENGTH = ReasonText(
        Code.ARGUMENT_INVALID,
        "ref 须为1至64个字符。",
        "`ref` must have 1 to 64 characters.",
    )
    CASE_LENGTH = ReasonText(
        Code.ARGUMENT_INVALID,
        "行内 case 至多128个字符。",
        "The row's `case` may have at most 128 characters.",
    )
    NAME_LENGTH = ReasonText(
        Code.ARGUMENT_INVALID,
        "姓名至多256个字符。",
        "A name may have at most 256 characters.",
    )
    PRESENTED_OR_ANY_OF = ReasonText(
        Code.ARGUMENT_INVALID,
        "presented 与 anyOf 须且只须给出其一。",
        "Give either `presented` or `anyOf`, and not both.",
    )
    ANY_OF_COUNT = ReasonText(
        Code.ARGUMENT_INVALID,
        "anyOf 须有一至三人。",
        "`anyOf` must name one to three persons.",
    )

    @property
    def code(self) -> Code:
        """The code that the reason stands under."""
        return self.value.code

    def message(self, language: Language) -> str:
        """The message in the caller's language."""
        return self.value.zh if language == "zh-CN" else self.value.en
