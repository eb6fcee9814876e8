"""What can become of a row, as stable codes with their words in Chinese and English.

A code is never renamed or reused. Its words say what is wrong or what was done and name no value
of the row: reports and logs are made of nothing else.
"""

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Literal

from resolvers.intake.columns import ARTICLE, ENGLISH, Column

Language = Literal["zh-CN", "en"]


class Result(StrEnum):
    """What became of a row."""

    ACCEPTED = "accepted"
    HELD = "held for review"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Wording:
    """What a code means. `{column}` and `{article}` stand for the column, `{row}` for a row."""

    result: Result
    zh: str
    en: str


class Code(Enum):
    """Every finding, weightiest first within its result; the member's name is the code."""

    # rejected: who the person is, or what a registration must hold, is missing or unreadable
    ROW_RAGGED = Wording(
        Result.REJECTED,
        "单元格数与标题行不一致",
        "the row has not as many cells as there are headings",
    )
    REQUIRED_MISSING = Wording(
        Result.REJECTED,
        "{column}为必填项（第{article}条）",
        "{column} is required (article {article})",
    )
    NAME_CONTROL_CHARACTER = Wording(
        Result.REJECTED, "姓名中有控制字符", "control character in the name"
    )
    NAME_UNREADABLE = Wording(
        Result.REJECTED,
        "姓名中有无法辨认的字符，请按证件补全",
        "unreadable character in the name: complete it from the document",
    )
    ID_NUMBER_DESTROYED = Wording(
        Result.REJECTED,
        "号码已被电子表格改坏（科学计数），请将该列设为文本后重新导出",
        "the number was destroyed by a spreadsheet",
    )
    ID_NUMBER_NOT_CITIZEN = Wording(
        Result.REJECTED,
        "不是公民身份号码（第31条：另行规定）",
        "not a citizen ID number (article 31: other rules apply)",
    )
    ID_NUMBER_CHECK_DIGIT = Wording(Result.REJECTED, "校验码错误", "wrong check digit")
    ID_NUMBER_BIRTH_DATE = Wording(
        Result.REJECTED,
        "号码中的出生日期不成立",
        "the birth date inside the number is not possible",
    )
    ID_NUMBER_MALFORMED = Wording(
        Result.REJECTED,
        "不是18位公民身份号码",
        "not a citizen ID number of 18 digits",
    )
    DUPLICATE_ROW = Wording(
        Result.REJECTED,
        "同一人已在前面第{row}行出现",
        "the same person stands in an earlier row (row {row})",
    )
    SAME_ACT_TWICE = Wording(
        Result.REJECTED,
        "同一人同一日的同类记载已在前面第{row}行出现",
        "the same act of that person and day stands in an earlier row (row {row})",
    )
    DIVISION_UNKNOWN = Wording(Result.REJECTED, "现无此区划", "no such division today")
    HUKOU_DIVISION_MALFORMED = Wording(
        Result.REJECTED,
        "不是6位县级区划代码",
        "not a county-level division code of 6 digits",
    )
    HUKOU_NOT_MAINLAND = Wording(
        Result.REJECTED,
        "户籍不在内地（第31条：另行规定）",
        "no mainland hukou (article 31: other rules apply)",
    )
    DATE_TWO_DIGIT_YEAR = Wording(
        Result.REJECTED, "年份须为四位数字", "the year must have four digits"
    )
    DATE_UNREADABLE = Wording(Result.REJECTED, "不是可识别的日期", "not a date that can be read")
    ARRIVAL_IN_FUTURE = Wording(Result.REJECTED, "到达日期晚于今天", "arrival in the future")
    ARRIVAL_BEFORE_BIRTH = Wording(Result.REJECTED, "到达日期早于出生日期", "arrival before birth")
    REGISTRATION_IN_FUTURE = Wording(
        Result.REJECTED, "登记日期晚于今天", "registration in the future"
    )
    TEXT_UNREADABLE = Wording(
        Result.REJECTED,
        "内容中有控制字符或无法辨认的字符",
        "control character or unreadable character in the text",
    )
    TEXT_TOO_LONG = Wording(Result.REJECTED, "内容过长", "the text is too long")

    # held for review: readable, but a person must decide
    BIRTH_DATE_CONTRADICTS = Wording(
        Result.HELD, "出生日期与号码不符", "birth date contradicts the number"
    )
    SEX_CONTRADICTS = Wording(Result.HELD, "性别与号码不符", "sex contradicts the number")
    REGISTERED_BEFORE_ARRIVAL = Wording(
        Result.HELD, "登记日期早于到达日期", "registered before arrival"
    )
    SEX_UNKNOWN = Wording(
        Result.HELD,
        "性别既不是词语也不是代码（GB/T 2261.1）",
        "neither a word nor a code for a sex (GB/T 2261.1)",
    )
    ETHNICITY_UNKNOWN = Wording(
        Result.HELD,
        "民族既不是名称也不是代码（GB/T 3304）",
        "neither a name nor a code of an ethnic group (GB/T 3304)",
    )
    REASON_UNKNOWN = Wording(
        Result.HELD,
        "居住事由不在所列之中",
        "not one of the listed reasons for residence",
    )
    DIFFERS_FROM_REGISTER = Wording(
        Result.HELD,
        "此人已在登记簿中，内容不同",
        "the person is in the register already, with different content",
    )
    REGISTERED_OTHERWISE = Wording(
        Result.HELD,
        "此人已在登记簿中，且非由导入登记，请在窗口核对",
        "the person is in the register already, and not from an import: compare at the desk",
    )

    PERSON_NOT_REGISTERED = Wording(
        Result.HELD,
        "此人不在登记簿中，请先导入居住登记，再导入本文件",
        "the person is not in the register: import the registrations first, then this file again",
    )
    NAME_DIFFERS_FROM_REGISTER = Wording(
        Result.HELD,
        "该号码已登记，姓名不同",
        "the number is in the register under another name",
    )
    RECORDED_DIFFERENTLY = Wording(
        Result.HELD,
        "登记簿中该日已有同类记载，内容不同",
        "the register holds the same act of that day already, with different content",
    )
    NO_REGISTRATION_THEN = Wording(
        Result.HELD, "该日此人没有居住登记", "no registration stood on that day"
    )
    ANOTHER_PERMIT_STANDS = Wording(
        Result.HELD,
        "同一时间另有未注销的居住证（第17条：一人一证）",
        "another permit was not cancelled at that time (article 17: one permit a person)",
    )
    HISTORY_BROKEN = Wording(
        Result.HELD,
        "与登记簿中的其他记载先后不符",
        "can't have happened beside what else the register holds",
    )
    PERMIT_NUMBER_TAKEN = Wording(
        Result.HELD, "另一人的居住证已有此编号", "another person's permit has this number"
    )
    PERMIT_NUMBER_DESTROYED = Wording(
        Result.HELD,
        "编号已被电子表格改坏（科学计数），请将该列设为文本后重新导出",
        "the permit number was destroyed by a spreadsheet",
    )
    ISSUED_IN_FUTURE = Wording(Result.HELD, "签发日期晚于今天", "issue in the future")
    EXPIRY_NOT_LATER = Wording(
        Result.HELD, "有效期至不晚于签发或签注", "the expiry is not later than what it follows"
    )
    CANCELLED_IN_FUTURE = Wording(Result.HELD, "注销日期晚于今天", "cancellation in the future")
    CANCELLED_BEFORE_ISSUE = Wording(
        Result.HELD, "注销日期早于签发日期", "cancelled before it was issued"
    )
    CANCELLATION_INCOMPLETE = Wording(
        Result.HELD,
        "注销须同时有日期和事由（第23条）",
        "a cancellation needs both its day and its ground (article 23)",
    )
    CANCEL_GROUND_UNKNOWN = Wording(
        Result.HELD,
        "注销事由不在第23条所列之中",
        "not one of the grounds of article 23",
    )
    NO_PERMIT_THEN = Wording(
        Result.HELD,
        "该日此人没有未注销的居住证，请先导入居住证，再导入本文件",
        "no permit stood on that day: import the permits first, then this file again",
    )
    ENDORSED_TOO_EARLY = Wording(
        Result.HELD,
        "签注早于有效期满前30日（第20条）",
        "endorsed before the 30 days before expiry (article 20)",
    )
    ENDORSED_IN_FUTURE = Wording(Result.HELD, "签注日期晚于今天", "endorsement in the future")
    TEMPORARY_AFTER_REGISTRATION = Wording(
        Result.HELD,
        "暂住证起始日期晚于居住登记：居住期限已自登记起算（第32条）",
        "the temporary permit begins after the registration, from which time counts already "
        "(article 32)",
    )
    TEMPORARY_BEFORE_BIRTH = Wording(
        Result.HELD, "暂住证起始日期早于出生日期", "the temporary permit begins before birth"
    )
    TEMPORARY_IN_FUTURE = Wording(
        Result.HELD, "暂住证起始日期晚于今天", "the temporary permit begins in the future"
    )
    TEMPORARY_NOT_LATER = Wording(
        Result.HELD,
        "暂住证截止日期不晚于起始日期",
        "the temporary permit does not end later than it begins",
    )

    # accepted, with a mark that says what was done
    UNCHANGED = Wording(
        Result.ACCEPTED,
        "登记簿中已有相同内容，未作改动",
        "in the register already with the same content; nothing changed",
    )
    ID_NUMBER_FIFTEEN_DIGITS = Wording(
        Result.ACCEPTED, "15位号码已换算为18位并作标记", "15-digit number converted and marked"
    )
    ID_NUMBER_FULL_WIDTH = Wording(
        Result.ACCEPTED, "全角数字已转为半角", "full-width digits are normalised"
    )
    ID_NUMBER_BLANKS = Wording(
        Result.ACCEPTED, "号码前后或其中的空白已去除", "blanks around the number are dropped"
    )
    ID_NUMBER_LOWER_X = Wording(Result.ACCEPTED, "小写x已转为大写", "lower-case x is normalised")
    NAME_DOT = Wording(Result.ACCEPTED, "间隔号已统一为U+00B7", "middle dot unified to U+00B7")
    NAME_NORMALISED = Wording(
        Result.ACCEPTED,
        "姓名中的空白或字形已规范",
        "blanks or letter forms of the name are normalised",
    )
    DATE_SERIAL = Wording(Result.ACCEPTED, "日期为电子表格序列日", "spreadsheet serial day")
    DATE_CHINESE = Wording(Result.ACCEPTED, "日期为中文格式", "date in Chinese form")
    DATE_SLASHES = Wording(Result.ACCEPTED, "日期以斜线分隔", "date with slashes")
    DATE_DOTS = Wording(Result.ACCEPTED, "日期以点分隔", "date with dots")
    DATE_COMPACT = Wording(Result.ACCEPTED, "日期为8位数字", "date of 8 digits")
    STORED_AS_TEXT = Wording(
        Result.ACCEPTED,
        "按文本保存，导出时不会成为公式",
        "stored as text; never exported as a live formula",
    )
    TAKEN_FROM_NUMBER = Wording(
        Result.ACCEPTED, "未填写，已取自号码", "not given; taken from the number"
    )
    PHONE_MISSING = Wording(Result.ACCEPTED, "未填写联系方式", "no phone is given")
    REGISTERED_LATE = Wording(
        Result.ACCEPTED,
        "逾期登记：仅作标记，不予拒绝（第10条）",
        "registered late: marked, not refused (article 10)",
    )
    REGISTERED_LATE_PROVISIONAL = Wording(
        Result.ACCEPTED,
        "暂定为逾期登记（无该年放假安排）：仅作标记，不予拒绝（第10条）",
        "registered late, provisionally (that year's days off are not known): marked, not "
        "refused (article 10)",
    )
    ENDORSED_AFTER_GRACE = Wording(
        Result.ACCEPTED,
        "逾期签注：居住期限自签注之日起重新计算（第20条）",
        "endorsed after the grace: time counts afresh from the endorsement (article 20)",
    )
    TEMPORARY_NOT_CONTINUED = Wording(
        Result.ACCEPTED,
        "已保存，但暂住证期间不连续计算（第32条）",
        "stored, but the time under the temporary permit does not count on (article 32)",
    )
    EXPIRY_AS_PRINTED = Wording(
        Result.ACCEPTED,
        "有效期至与应有的对应日不同：以印制为准，不重新计算",
        "the printed expiry is not the corresponding day: taken as printed, not recomputed",
    )
    ACCEPTED = Wording(Result.ACCEPTED, "", "")

    @property
    def result(self) -> Result:
        """What becomes of a row for which this is the weightiest finding."""
        return self.value.result


_ORDER = {code: place for place, code in enumerate(Code)}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to say about a row; `earlier` is the row that it repeats."""

    code: Code
    column: Column | None = None
    earlier: int | None = None

    def words(self, language: Language) -> str:
        """The finding in words, without any value of the row."""
        wording = self.code.value
        text = wording.zh if language == "zh-CN" else wording.en
        if self.column is None:
            return text.format(row=self.earlier)
        name = self.column.value if language == "zh-CN" else ENGLISH[self.column]
        return text.format(column=name, article=ARTICLE[self.column], row=self.earlier)


def weightiest_first(findings: list[Finding]) -> tuple[Finding, ...]:
    """Findings in the order of `Code`; what stands first decides the row's result."""
    return tuple(sorted(findings, key=lambda finding: _ORDER[finding.code]))
