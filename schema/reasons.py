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
    QUERY_AND_DOCUMENT = ReasonText(
        Code.BAD_REQUEST,
        "query 与 documentId 只能写一个。",
        "Give `query` or `documentId`, not both.",
    )
    DOCUMENT_ID = ReasonText(
        Code.BAD_REQUEST,
        "documentId 须为1至128个字符的字符串：sha256: 加摘要，或登记时的名称。",
        "`documentId` must be a string of 1 to 128 characters: `sha256:` and a digest, or a "
        "registered name.",
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
    EXTENSION_TYPE = ReasonText(
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
    METHOD_UNKNOWN = ReasonText(
        Code.METHOD_NOT_ALLOWED,
        "只接受 GET 和 POST。",
        "Only GET and POST are accepted.",
    )
    HTTP_MALFORMED = ReasonText(
        Code.BAD_REQUEST,
        "请求不符合 HTTP/1.1，请检查请求行、请求头和代理。",
        "The request is not HTTP/1.1; check its first line, its headers and any proxy.",
    )
    HEAD_TOO_LARGE = ReasonText(
        Code.BAD_REQUEST,
        "请求行和请求头合计至多 64 KiB。",
        "The request line and headers may have at most 64 KiB together.",
    )
    TOO_MANY_VALUES = ReasonText(
        Code.TOO_COMPLEX,
        "请求体的值过多：对象、列表和逗号合计至多50,000个，请分批。",
        "The body has too many values: at most 50,000 objects, lists and commas; split it.",
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
    NAME_WITH_BIRTH_DATE = ReasonText(
        Code.ARGUMENT_INVALID,
        "姓名与出生日期须同时给出：请补上另一项，或按公民身份号码查找。",
        "A name is sought only together with a date of birth: give the other one too, or search by "
        "the citizen ID number.",
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
    # what is entered at a desk
    FORM_REQUIRED = ReasonText(
        Code.ARGUMENT_INVALID,
        "此项必填。",
        "This must be filled in.",
    )
    FORM_TOO_LONG = ReasonText(
        Code.ARGUMENT_INVALID,
        "此项过长：号码和代码至多64个字符，其他文字至多500个，列表至多50项。",
        "This is too long: codes may have 64 characters, other texts 500, lists 50 items.",
    )
    FORM_CHARACTERS = ReasonText(
        Code.ARGUMENT_INVALID,
        "此项含换行等控制字符，请重新录入。",
        "This has a control character such as a line break; enter it again.",
    )
    FORM_ROWS = ReasonText(
        Code.ARGUMENT_INVALID,
        "须有1至200行。",
        "Give 1 to 200 rows.",
    )
    DAY_MALFORMED = ReasonText(
        Code.ARGUMENT_INVALID,
        "日期须为 YYYY-MM-DD，且为1900至2100年间实有之日。",
        "A day is written YYYY-MM-DD and must be one of the calendar, from 1900 to 2100.",
    )
    DAY_AHEAD = ReasonText(
        Code.ARGUMENT_INVALID,
        "日期不得晚于今天。",
        "The day must not be after today.",
    )
    DAY_TOO_OLD = ReasonText(
        Code.ARGUMENT_INVALID,
        "补录不得早于五个工作日之前。",
        "An act may be entered at most five working days after it happened.",
    )
    FOLLOW_DAYS = ReasonText(
        Code.ARGUMENT_INVALID,
        "跟踪的最后一日须为今天起、该目的最长天数以内的日期。",
        "The last day of following must be from today on and within the days of the purpose.",
    )
    LATE_REASON_REQUIRED = ReasonText(
        Code.ARGUMENT_INVALID,
        "补录须在 lateReason 中说明原因。",
        "An act entered later than it happened needs a `lateReason`.",
    )
    DIVISION_UNKNOWN = ReasonText(
        Code.ARGUMENT_INVALID,
        "没有此区划：须为本市旗县区的6位代码或其苏木乡镇、街道的9位代码。",
        "There is no such division: give the 6 digits of a county of the city, or the 9 of a "
        "township.",
    )
    HUKOU_UNKNOWN = ReasonText(
        Code.ARGUMENT_INVALID,
        "户籍地须为6位旗县区代码。",
        "The place of hukou is the 6 digits of a county.",
    )
    EVIDENCE_UNKNOWN = ReasonText(
        Code.ARGUMENT_INVALID,
        "没有此种材料，请用说明中所列的代码。",
        "There is no such kind of document; use a code that the description lists.",
    )
    SITUATION_UNKNOWN = ReasonText(
        Code.ARGUMENT_INVALID,
        "没有此种情形，请用说明中所列的代码。",
        "There is no such situation; use a code that the description lists.",
    )
    SITUATION_OF_ANOTHER_CONDITION = ReasonText(
        Code.ARGUMENT_INVALID,
        "此情形不属于所称条件。",
        "This situation belongs to another condition.",
    )
    KEY_LENGTH = ReasonText(
        Code.ARGUMENT_INVALID,
        "idempotencyKey 须为1至64个可见字符。",
        "`idempotencyKey` has 1 to 64 visible characters.",
    )
    KIND_OF_CASE = ReasonText(
        Code.ARGUMENT_INVALID,
        "此类事由与本次目的不符。",
        "This kind of case does not fit the purpose of the request.",
    )

    # citizen ID numbers
    NOTHING_TO_PRINT = ReasonText(
        Code.NOT_PRINTABLE,
        "此人现无该文书所载之事：回执须已受理，告知书须有待补齐的申请，决定书须有不予办理的决定，"
        "核对单须有未注销的居住证。",
        "There is nothing that this document would say: a receipt needs an acceptance, a missing "
        "list an application that waits, a refusal a decision, card contents a permit that stands.",
    )
    PHOTO_UNREADABLE = ReasonText(
        Code.NOT_PRINTABLE,
        "所存照片无法读取，请重新采集照片。",
        "The stored photo can't be read; take it again.",
    )
    ID_NUMBER_EMPTY = ReasonText(
        Code.INVALID_ID_NUMBER,
        "未填写公民身份号码。",
        "The citizen ID number is empty.",
    )
    ID_NUMBER_FIFTEEN_DIGITS = ReasonText(
        Code.INVALID_ID_NUMBER,
        "15位号码已停用，请使用18位公民身份号码。",
        "Numbers of 15 digits are no longer in use; give the citizen ID number of 18 places.",
    )
    ID_NUMBER_FULL_WIDTH = ReasonText(
        Code.INVALID_ID_NUMBER,
        "公民身份号码含全角字符，请用半角数字重新录入。",
        "The citizen ID number has full-width characters; enter it again in plain digits.",
    )
    ID_NUMBER_BLANKS = ReasonText(
        Code.INVALID_ID_NUMBER,
        "公民身份号码含空格或不可见字符，请去掉后重新录入。",
        "The citizen ID number has blanks or invisible characters; enter it again without them.",
    )
    ID_NUMBER_CHECK_DIGIT = ReasonText(
        Code.INVALID_ID_NUMBER,
        "公民身份号码的校验位（第18位）与前17位不符，请按证件核对。",
        "The check digit (place 18) of the citizen ID number does not fit the other 17; compare "
        "with the card.",
    )
    ID_NUMBER_BIRTH_DATE = ReasonText(
        Code.INVALID_ID_NUMBER,
        "公民身份号码第7至14位不是可能的出生日期，请按证件核对。",
        "Places 7 to 14 of the citizen ID number are no possible birth date; compare with the "
        "card.",
    )
    ID_NUMBER_NOT_CITIZEN = ReasonText(
        Code.INVALID_ID_NUMBER,
        "这不是内地户籍公民的身份号码；港澳台居民和外国人另有规定（第三十一条）。",
        "This is not the number of a citizen with mainland hukou; other rules hold for residents "
        "of Hong Kong, Macao and Taiwan and for foreigners (article 31).",
    )
    ID_NUMBER_DESTROYED = ReasonText(
        Code.INVALID_ID_NUMBER,
        "公民身份号码已被电子表格改成近似数，请从原件取号，并将该列设为文本。",
        "A spreadsheet made a rounded figure of the citizen ID number; take it from the source, "
        "with the column formatted as text.",
    )

    @property
    def code(self) -> Code:
        """The code that the reason stands under."""
        return self.value.code

    def message(self, language: Language) -> str:
        """The message in the caller's language."""
        return self.value.zh if language == "zh-CN" else self.value.en
