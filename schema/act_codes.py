"""The closed sets of the desks' forms: who came, what was found, why, and on what ground.

Each member's value is the code of `regulation/` that the use case takes; this module holds words
alone.
"""

from enum import Enum

import strawberry

from schema.sources import about, value


@strawberry.enum(
    description=about("到场的人。", "Who came to the desk.", article="10"),
)
class CameAs(Enum):
    """Who came."""

    APPLICANT = value("applicant", "本人。", "The person.")
    GUARDIAN = value("guardian", "监护人。", "The guardian.")
    TRUSTEE = value("trustee", "受托人。", "A trustee.")
    CLOSE_RELATIVE = value("close_relative", "近亲属。", "A close relative.")


@strawberry.enum(
    description=about("申领条件。", "A condition for a permit.", article="2、15"),
)
class Condition(Enum):
    """One of the three conditions."""

    EMPLOYMENT = value("employment", "合法稳定就业。", "Lawful and stable employment.")
    HOUSING = value("housing", "合法稳定住所。", "A lawful and stable dwelling.")
    SCHOOLING = value("schooling", "连续就读。", "Continuous schooling.")


@strawberry.enum(description=about("性别。", "Sex.", article="11"))
class DeclaredSex(Enum):
    """Sex as it is declared."""

    MALE = value("1", "男。", "Male.")
    FEMALE = value("2", "女。", "Female.")


@strawberry.enum(description=about("人员类别。", "The kind of person.", article="31"))
class KindOfPerson(Enum):
    """Which rules of registration a person comes under."""

    CITIZEN = value("citizen", "内地户籍公民。", "A citizen with mainland hukou.")
    HONG_KONG = value("hong_kong", "香港居民。", "A resident of Hong Kong.")
    MACAO = value("macao", "澳门居民。", "A resident of Macao.")
    TAIWAN = value("taiwan", "台湾居民。", "A resident of Taiwan.")
    FOREIGNER = value("foreigner", "外国人、无国籍人。", "A foreigner or stateless person.")


@strawberry.enum(
    description=about("立案事由。", "Why somebody came to the desk.", article="10、19、20、28")
)
class KindOfCase(Enum):
    """The kind of a case."""

    ARRIVAL = value("arrival", "到达登记。", "An arrival.")
    MOVE = value("move", "居住变更。", "A change of address.")
    ENDORSEMENT = value("endorsement", "年度签注。", "A yearly endorsement.")
    ENQUIRY = value("enquiry", "窗口咨询。", "An enquiry at the counter.")


@strawberry.enum(
    description=about("社区民警核查结果。", "What the community police found.", article="20")
)
class ReviewResult(Enum):
    """The outcome of the review."""

    PASSED = value("passed", "核查通过。", "Passed.")
    FAILED = value("failed", "核查不通过，须说明理由。", "Failed; it needs a reason.")
    ADDRESS_DIFFERS = value(
        "address_differs", "现住址与登记不符。", "The address is not the registered one."
    )


@strawberry.enum(description=about("户籍类别。", "The kind of hukou.", article="22"))
class HukouKind(Enum):
    """The kind of hukou."""

    RURAL_PASTORAL = value("rural_pastoral", "农村牧区籍。", "Rural or pastoral.")
    URBAN = value("urban", "城镇籍。", "Urban.")


@strawberry.enum(description=about("居住地类别。", "The kind of place lived in.", article="22"))
class KindOfArea(Enum):
    """The kind of place."""

    URBAN = value("urban", "市区。", "The urban area.")
    TOWN = value("town", "建制镇。", "A designated town.")
    VILLAGE = value("village", "其他。", "Neither.")


@strawberry.enum(description=about("收费事项。", "What is charged for.", article="21"))
class ChargedService(Enum):
    """What somebody might be asked to pay for."""

    REGISTRATION = value("registration", "居住登记。", "A registration.")
    FIRST_APPLICATION = value("first_application", "首次申领。", "A first application.")
    REAPPLICATION = value("reapplication", "再次申领。", "An application after a cancellation.")
    ADDRESS_CHANGE = value("address_change", "居住变更。", "A change of address.")
    ENDORSEMENT = value("endorsement", "签注。", "An endorsement.")
    REPLACEMENT_LOST = value("replacement_lost", "遗失补领。", "A new card for a lost one.")
    REPLACEMENT_DAMAGED = value(
        "replacement_damaged", "损坏换领。", "A new card for a damaged one."
    )
    EXCHANGE_CHANGED_DATA = value(
        "exchange_changed_data", "信息变更换领。", "A new card for changed data."
    )


@strawberry.enum(description=about("换领、补领事由。", "Why a new card is wanted.", article="18"))
class ReasonForNewCard(Enum):
    """Why a card is replaced."""

    LOST = value("lost", "遗失。", "Lost.")
    DAMAGED = value("damaged", "损坏。", "Damaged.")
    DATA_CHANGED = value("data_changed", "信息变更。", "Data on it changed.")


@strawberry.enum(description=about("注销情形。", "The ground of a cancellation.", article="23"))
class GroundOfCancellation(Enum):
    """The four items of article 23."""

    FALSE_MATERIALS = value("false_materials", "以虚假材料骗领。", "Got with false materials.")
    NO_LONGER_QUALIFIES = value(
        "no_longer_qualifies", "不再具备申领条件。", "The conditions are gone."
    )
    LOCAL_HUKOU = value("local_hukou", "已取得当地户籍。", "Local hukou was obtained.")
    OTHER = value("other", "其他情形。", "Another ground.")


@strawberry.enum(description=about("报告人。", "Who reports.", article="6–9"))
class ReportedBy(Enum):
    """Who has a duty to report."""

    EMPLOYER = value("employer", "用人单位。", "An employer.", article="6")
    PROPERTY_MANAGER = value(
        "property_manager", "物业管理机构。", "A property manager.", article="7"
    )
    INTERMEDIARY = value("intermediary", "中介服务机构。", "An intermediary.", article="8")
    LANDLORD = value("landlord", "房屋出租人。", "A landlord.", article="9")


@strawberry.enum(description=about("跟进结果。", "What a follow-up found.", article="6–10"))
class FindingOfFollowUp(Enum):
    """What was found; none of them registers anybody."""

    REGISTERED = value(
        "registered", "经告知已申报登记。", "Told of it, the person registered.", article="10"
    )
    ALREADY_REGISTERED = value(
        "already_registered",
        "报告之前已经登记。",
        "The person was registered before the report.",
        article="10",
    )
    NO_DUTY = value(
        "no_duty",
        "无须登记（本旗县区户籍，或另有规定）。",
        "No duty to register: local hukou, or other rules hold.",
        article="2、31",
    )
    NOT_LIVING_HERE = value(
        "not_living_here", "查无此人或已离开。", "Nobody of the kind lives here, or no longer."
    )
    REPEATED = value("repeated", "与另一报告重复。", "Another report says the same.")


@strawberry.enum(
    description=about(
        "本人就其个人信息所请求的事项（个人信息保护法第四十四至四十八条）。",
        "What is asked about one's own data (PIPL articles 44 to 48).",
    )
)
class KindOfSubjectRequest(Enum):
    """What is asked for."""

    VIEW = value("view", "查阅。", "To view them.")
    COPY = value("copy", "复制。", "To have a copy.")
    CORRECT = value("correct", "更正、补充。", "To have them corrected or completed.")
    DELETE = value("delete", "删除。", "To have them deleted.")
    EXPLAIN = value("explain", "解释处理规则。", "To have the processing explained.")
    OBJECT = value("object", "限制或者拒绝处理。", "To restrict or refuse the processing.")


@strawberry.enum(description=about("对本人请求的答复。", "The answer to a request."))
class AnswerToRequest(Enum):
    """How a request is answered."""

    GRANTED = value("granted", "同意。", "Granted.")
    PARTLY = value("partly", "部分同意，须说明理由。", "Granted in part; it needs a reason.")
    REFUSED = value("refused", "不同意，须说明理由。", "Refused; it needs a reason.")


@strawberry.enum(
    description=about(
        "不同意或者部分同意的法定理由（个人信息保护法）。",
        "On what ground of PIPL a request is refused in whole or in part.",
    )
)
class GroundOfAnswer(Enum):
    """A legal ground."""

    KEPT_BY_LAW = value(
        "KEPT_BY_LAW",
        "法定保存期限未届满（档案）（第四十七条第二款）。",
        "The law has it kept as an archive (PIPL article 47, paragraph 2).",
    )
    SECRET_BY_LAW = value(
        "SECRET_BY_LAW",
        "依法应当保密，或者告知将妨碍履行法定职责（第十八、三十五、四十五条）。",
        "The law keeps it secret, or telling would hinder a duty (PIPL articles 18, 35, 45).",
    )
    DATA_FOUND_CORRECT = value(
        "DATA_FOUND_CORRECT",
        "经核实准确、完整（第四十六条）。",
        "The data were found accurate and complete (PIPL article 46).",
    )
    NEEDED_FOR_DUTY = value(
        "NEEDED_FOR_DUTY",
        "为履行法定职责所必需（第十三、四十四条）。",
        "The processing is needed for a statutory duty (PIPL articles 13, 44).",
    )
    DATA_OF_OTHERS = value(
        "DATA_OF_OTHERS",
        "是他人的个人信息（第四十四条）。",
        "The data of others (PIPL article 44).",
    )
    DATA_NOT_HELD = value(
        "DATA_NOT_HELD", "本系统未存所请求的信息。", "No such data are held here."
    )


@strawberry.enum(
    description=about("更正请求所指的行。", "Which rows of an answer a position counts.")
)
class CorrectionRow(Enum):
    """The rows of an answer."""

    CONFIRMED = value(
        "confirmed", "答复“是”或者给出人员的行。", "Those that were confirmed: a yes, or a person."
    )
    NOT_CONFIRMED = value(
        "not_confirmed", "答复“否”或者为空的行。", "Those that were not: a no, or null."
    )


@strawberry.enum(
    description=about("对更正请求的决定。", "The decision on a request.", article="30")
)
class RulingOnCorrection(Enum):
    """How a request is decided."""

    ACCEPTED = value("accepted", "已更正。", "Accepted: an act has corrected it.")
    REFUSED = value("refused", "不予更正，须说明理由。", "Refused; it needs a reason.")


@strawberry.enum(
    description=about("不予更正的理由。", "On what ground no correction is made.", article="30")
)
class GroundOfCorrection(Enum):
    """A ground of refusal."""

    REGISTER_FOUND_CORRECT = value(
        "REGISTER_FOUND_CORRECT", "经校核，登记无误。", "Checked: the register is right."
    )
    PRESENTED_OTHERWISE = value(
        "PRESENTED_OTHERWISE",
        "所出示的姓名或者号码与证件不符。",
        "The name or number that was presented differs from the card.",
    )
    HOLDER_NOT_IDENTIFIED = value(
        "HOLDER_NOT_IDENTIFIED",
        "未能确定所涉何人；期限届满之日起方可使用。",
        "It is not known whom it is about; from the last day on.",
    )
