"""What is filled in at a desk: one input a transition, its fields named by the Measures' words.

Days are written as text, so that one that is none is a fault of the form, told with all others and
its place. This module never reads a form (`resolvers/desk/form.py`).
"""

import strawberry

from schema.act_codes import (
    AnswerToRequest,
    CameAs,
    ChargedService,
    Condition,
    CorrectionRow,
    DeclaredSex,
    FindingOfFollowUp,
    GroundOfAnswer,
    GroundOfCancellation,
    GroundOfCorrection,
    HukouKind,
    KindOfArea,
    KindOfCase,
    KindOfPerson,
    KindOfSubjectRequest,
    ReasonForNewCard,
    ReportedBy,
    ReviewResult,
    RulingOnCorrection,
)
from schema.sources import about, declared_input
from schema.verification import PresentedPerson

_KEY = (
    "一次办理的键，1–64个可见字符。同键同内容再次提交，返回首次答复，不会办理两次。",
    (
        "The key of this act, 1 to 64 visible characters. The same key with the same input again "
        "gives the first answer and never a second act."
    ),
)
_VERSION = (
    "所见的档案版本；已有更新则不办理（CONFLICT）。",
    "The version of the file as it was seen; another one, and nothing is done (CONFLICT).",
)
_HAPPENED = (
    "办理日，YYYY-MM-DD；空则今天。补录至多五个工作日，须说明原因。",
    (
        "The day of the act, YYYY-MM-DD; today where absent. An act may be entered at most five "
        "working days late, with a reason."
    ),
)
_LATE = ("补录原因。", "Why it is entered late.")
_BY = ("由谁到场；空则本人。", "Who came; the person where absent.")
_MATERIALS = (
    "所示材料的代码，如 resident_id_card、photo、lease_contract、labour_contract。",
    (
        "Codes of the documents shown, such as resident_id_card, photo, lease_contract, "
        "labour_contract."
    ),
)
_HUKOU = (
    "现户籍地6位旗县区代码，与登记不同时填。",
    "The county of hukou, 6 digits, where it is not the registered one.",
)
_PERSON = ("当面出示证件的人。", "The person whose card was presented.")
_LIMITED = (
    "是否行动不便。",
    "Whether age, illness or disability keeps the person from coming.",
)


@strawberry.input(description=about("所依据的申领条件。", "A condition relied on.", article="15"))
class ClaimInput:
    """A claimed condition."""

    condition: Condition = declared_input("条件。", "The condition.")
    situation: str | None = declared_input(
        "具体情形的代码，如 rented_dwelling、labour_contract。",
        "The code of the situation, such as rented_dwelling or labour_contract.",
    )
    written_reason: str | None = declared_input(
        "认定“等”字所含其他情形的书面理由。",
        "The written reason for accepting a situation that the article does not list.",
    )


@strawberry.input(
    description=about("未列明的其他证明。", "Evidence of another kind than listed.", article="15")
)
class OtherEvidenceInput:
    """Other evidence, accepted with a reason."""

    condition: Condition = declared_input("所证明的条件。", "The condition that it proves.")
    written_reason: str = declared_input("采信的书面理由。", "Why it is accepted, in writing.")


@strawberry.input(
    description=about(
        "居住登记的内容；缺项由决定一次告知。",
        "The contents of a declaration; the decision names at once what is missing.",
        article="11",
    )
)
class RegistrationContents:
    """The ten contents of article 11."""

    name: str | None = declared_input("姓名。", "The name.")
    sex: DeclaredSex | None = declared_input("性别。", "The sex.")
    ethnicity: str | None = declared_input("民族。", "The ethnicity.")
    birth_date: str | None = declared_input("出生日期，YYYY-MM-DD。", "The birth date, YYYY-MM-DD.")
    id_number: str | None = declared_input("公民身份号码。", "The citizen ID number.")
    hukou_address: str | None = declared_input("常住户口所在地。", "The address of hukou.")
    current_address: str | None = declared_input("现居住地址。", "The present address.")
    residence_reason: str | None = declared_input("居住事由。", "The reason for residence.")
    workplace: str | None = declared_input("服务处所。", "The workplace.")
    contact: str | None = declared_input("联系方式。", "How to reach the person.")


@strawberry.input(description=about("居住登记。", "A declaration of residence.", article="10、11"))
class RegisterResidenceInput:
    """`registerResidence`."""

    idempotency_key: str = declared_input(*_KEY)
    expected_version: int | None = declared_input(*_VERSION)
    happened_on: str | None = declared_input(*_HAPPENED)
    late_reason: str | None = declared_input(*_LATE)
    by: CameAs | None = declared_input(*_BY)
    kind: KindOfPerson | None = declared_input(
        "人员类别；空则内地户籍公民。", "The kind of person; a citizen where absent."
    )
    hukou: str | None = declared_input("户籍地6位旗县区代码。", "The county of hukou, 6 digits.")
    division: str = declared_input(
        "居住地区划代码，6位或9位。", "The division of residence, 6 or 9 digits."
    )
    arrived_on: str = declared_input("到达日期，YYYY-MM-DD。", "The day of arrival, YYYY-MM-DD.")
    contents: RegistrationContents = declared_input("登记内容。", "The contents.")
    materials: list[str] = declared_input(*_MATERIALS)
    limited_mobility: bool | None = declared_input(*_LIMITED)


@strawberry.input(description=about("结案。", "The end of a case.", article="28"))
class CloseCaseInput:
    """`closeCase`."""

    idempotency_key: str = declared_input(*_KEY)
    person: PresentedPerson = declared_input(*_PERSON)


@strawberry.input(
    description=about("终止居住登记。", "The end of a registration.", article="22、23")
)
class CloseRegistrationInput:
    """`closeRegistration`."""

    idempotency_key: str = declared_input(*_KEY)
    expected_version: int | None = declared_input(*_VERSION)
    happened_on: str | None = declared_input(*_HAPPENED)
    late_reason: str | None = declared_input(*_LATE)
    by: CameAs | None = declared_input(*_BY)
    person: PresentedPerson = declared_input(*_PERSON)


@strawberry.input(
    description=about("申领居住证。", "An application for a permit.", article="15–17")
)
class FileApplicationInput:
    """`fileApplication`."""

    idempotency_key: str = declared_input(*_KEY)
    expected_version: int | None = declared_input(*_VERSION)
    happened_on: str | None = declared_input(*_HAPPENED)
    late_reason: str | None = declared_input(*_LATE)
    by: CameAs | None = declared_input(*_BY)
    person: PresentedPerson = declared_input(*_PERSON)
    claims: list[ClaimInput] = declared_input("所依据的条件。", "The conditions relied on.")
    materials: list[str] = declared_input(*_MATERIALS)
    other_evidence: list[OtherEvidenceInput] | None = declared_input(
        "未列明的其他证明。", "Evidence of another kind than listed."
    )
    hukou: str | None = declared_input(*_HUKOU)
    limited_mobility: bool | None = declared_input(*_LIMITED)


@strawberry.input(description=about("补齐材料。", "Missing materials, supplied.", article="16"))
class SupplementApplicationInput:
    """`supplementApplication`."""

    idempotency_key: str = declared_input(*_KEY)
    expected_version: int | None = declared_input(*_VERSION)
    happened_on: str | None = declared_input(*_HAPPENED)
    late_reason: str | None = declared_input(*_LATE)
    by: CameAs | None = declared_input(*_BY)
    person: PresentedPerson = declared_input(*_PERSON)
    materials: list[str] = declared_input(*_MATERIALS)


@strawberry.input(
    description=about(
        "对在办申领的一步（撤回、批准、制证、签发）。",
        "A step of an open application: withdrawn, approved, card ordered, issued.",
        article="2、17",
    )
)
class ApplicationStepInput:
    """`withdrawApplication`, `approveApplication`, `orderCard`, `issueCard`."""

    idempotency_key: str = declared_input(*_KEY)
    expected_version: int | None = declared_input(*_VERSION)
    happened_on: str | None = declared_input(*_HAPPENED)
    late_reason: str | None = declared_input(*_LATE)
    by: CameAs | None = declared_input(*_BY)
    person: PresentedPerson = declared_input(*_PERSON)


@strawberry.input(
    description=about("不予受理或不予发证。", "A refusal of an application.", article="16、30")
)
class RefuseApplicationInput:
    """`refuseApplication`."""

    idempotency_key: str = declared_input(*_KEY)
    expected_version: int | None = declared_input(*_VERSION)
    happened_on: str | None = declared_input(*_HAPPENED)
    late_reason: str | None = declared_input(*_LATE)
    person: PresentedPerson = declared_input(*_PERSON)
    written_reason: str | None = declared_input(
        "书面理由；无理由不得拒绝。", "The reason in writing; nothing is refused without one."
    )


@strawberry.input(
    description=about("社区民警核查。", "A review by the community police officer.", article="20")
)
class ReviewEndorsementInput:
    """`reviewEndorsement`."""

    idempotency_key: str = declared_input(*_KEY)
    expected_version: int | None = declared_input(*_VERSION)
    happened_on: str | None = declared_input(*_HAPPENED)
    late_reason: str | None = declared_input(*_LATE)
    person: PresentedPerson = declared_input(*_PERSON)
    review: ReviewResult = declared_input("核查结果。", "What was found.")
    reason: str | None = declared_input("不通过的理由。", "Why it failed.")


@strawberry.input(description=about("落户核对。", "A check against article 22.", article="22"))
class CheckSettlementInput:
    """`checkSettlement`."""

    idempotency_key: str = declared_input(*_KEY)
    person: PresentedPerson = declared_input(*_PERSON)
    hukou_kind: HukouKind = declared_input("户籍类别。", "The kind of hukou.")
    area: KindOfArea = declared_input("居住地类别。", "The kind of place.")
    whole_family: bool = declared_input(
        "是否举家居住（申报）。", "Whether the whole family lives here, as attested."
    )
    own_wish: bool = declared_input("是否自愿。", "Whether it is the family's own wish.")


@strawberry.input(description=about("收费核对。", "A check of a charge.", article="21"))
class CheckChargeInput:
    """`checkCharge`."""

    idempotency_key: str = declared_input(*_KEY)
    service: ChargedService = declared_input("收费事项。", "What is charged for.")
    fen: int = declared_input("金额（分）。", "The amount, in fen.")


@strawberry.input(description=about("一人的签注。", "One person's endorsement.", article="14、20"))
class EndorsementRow:
    """One row of `endorsePermits`."""

    ref: str = declared_input(
        "调用方自定的行标识（至多64字符），原样返回。",
        "The caller's own mark of the row (at most 64 characters), returned as it is.",
    )
    case: str | None = declared_input("本行案号。", "The row's own case number.")
    expected_version: int | None = declared_input(*_VERSION)
    by: CameAs | None = declared_input(*_BY)
    person: PresentedPerson = declared_input(*_PERSON)
    review: ReviewResult | None = declared_input(
        "社区民警核查结果；民警已用 reviewEndorsement 记录的，以记录为准；空则尚未核查。",
        "What the community police found; where the officer recorded it with `reviewEndorsement`, "
        "that stands. Absent while there was no review.",
    )
    review_reason: str | None = declared_input("核查不通过的理由。", "Why the review failed.")
    reviewer: str | None = declared_input(
        "核查民警的标识。", "The officer who reviewed, by the register's name."
    )
    conditions: list[Condition] | None = declared_input(
        "仍具备的条件；空则以核查为准。",
        "Those that still hold; as reviewed where absent.",
    )
    materials: list[str] | None = declared_input(*_MATERIALS)
    unreported_move: bool | None = declared_input(
        "是否有未申报的居住变更。", "Whether a move was not reported."
    )
    hukou: str | None = declared_input(*_HUKOU)


@strawberry.input(
    description=about("一批签注，至多200行。", "Endorsements, at most 200 rows.", article="14、20")
)
class EndorsePermitsInput:
    """`endorsePermits`."""

    idempotency_key: str = declared_input(*_KEY)
    happened_on: str | None = declared_input(*_HAPPENED)
    late_reason: str | None = declared_input(*_LATE)
    rows: list[EndorsementRow] = declared_input("1–200行。", "1 to 200 rows.")


@strawberry.input(description=about("居住变更申报。", "A report of a move.", article="19"))
class ReportMoveInput:
    """`reportMove`."""

    idempotency_key: str = declared_input(*_KEY)
    expected_version: int | None = declared_input(*_VERSION)
    happened_on: str | None = declared_input(*_HAPPENED)
    late_reason: str | None = declared_input(*_LATE)
    by: CameAs | None = declared_input(*_BY)
    person: PresentedPerson = declared_input(*_PERSON)
    moved_on: list[str] = declared_input(
        "自上次申报以来各次搬迁的日期，YYYY-MM-DD。",
        "The days of all moves since the last report, YYYY-MM-DD.",
    )
    to: str = declared_input(
        "现居住地区划代码；可在本市或自治区以外。",
        "The division now lived in; it may lie outside the city or the region.",
    )
    address: str | None = declared_input(
        "现居住地址（在本市时必填）。", "The present address; needed inside the city."
    )
    materials: list[str] | None = declared_input(*_MATERIALS)
    hukou: str | None = declared_input(*_HUKOU)


@strawberry.input(description=about("换领、补领居住证。", "A new card.", article="18"))
class ReplaceCardInput:
    """`replaceCard`."""

    idempotency_key: str = declared_input(*_KEY)
    expected_version: int | None = declared_input(*_VERSION)
    happened_on: str | None = declared_input(*_HAPPENED)
    late_reason: str | None = declared_input(*_LATE)
    by: CameAs | None = declared_input(*_BY)
    person: PresentedPerson = declared_input(*_PERSON)
    reason: ReasonForNewCard = declared_input("事由。", "Why.")
    old_card_returned: bool | None = declared_input(
        "旧证是否已交回。", "Whether the old card was handed in."
    )


@strawberry.input(description=about("注销居住证。", "A cancellation.", article="23、30"))
class CancelPermitInput:
    """`cancelPermit`."""

    idempotency_key: str = declared_input(*_KEY)
    expected_version: int | None = declared_input(*_VERSION)
    happened_on: str | None = declared_input(*_HAPPENED)
    late_reason: str | None = declared_input(*_LATE)
    person: PresentedPerson = declared_input(*_PERSON)
    ground: GroundOfCancellation = declared_input("注销情形。", "The ground.")
    holder_heard: bool | None = declared_input(
        "是否已告知持证人并听取陈述。", "Whether the holder was told and heard."
    )
    written_reason: str | None = declared_input("书面理由。", "The reason in writing.")
    remedies_named: bool | None = declared_input(
        "是否已告知救济途径。", "Whether the remedies were named."
    )
    conditions_held: list[Condition] | None = declared_input(
        "仍具备的条件。", "The conditions that still hold."
    )
    division: str | None = declared_input(
        "现居住地区划代码，与登记不同时填。",
        "The division now lived in, where it is not the registered one.",
    )
    hukou: str | None = declared_input(*_HUKOU)
    hukou_before: str | None = declared_input(
        "变更前的户籍地。", "The county of hukou before it changed."
    )


@strawberry.input(
    description=about("更正后的身份。", "The corrected identity.", article="11"),
)
class CorrectedIdentity:
    """What a name and a number are to be."""

    id_number: str | None = declared_input(
        "更正后的公民身份号码；不变则空。", "The corrected ID number; absent where it stays."
    )
    name: str | None = declared_input(
        "更正后的姓名；不变则空。", "The corrected name; absent where it stays."
    )


@strawberry.input(
    description=about(
        "身份更正；提出与核准所填相同。",
        "A corrected identity; proposed and confirmed with the same entry.",
        article="11、30",
    )
)
class IdentityChangeInput:
    """`proposeIdentityChange` and `confirmIdentityChange`."""

    idempotency_key: str = declared_input(*_KEY)
    expected_version: int | None = declared_input(*_VERSION)
    person: PresentedPerson = declared_input(
        "登记的姓名与公民身份号码。", "Name and ID number as they are on record."
    )
    to: CorrectedIdentity = declared_input("更正为。", "What they are to be.")
    materials: list[str] = declared_input(*_MATERIALS)
    written_reason: str | None = declared_input("书面理由。", "The reason in writing.")


@strawberry.input(
    description=about(
        "同一人的两份档案；提出与核准所填相同。",
        "Two files of one person; proposed and confirmed with the same entry.",
        article="17、30",
    )
)
class PairOfFilesInput:
    """`proposeMerge`, `confirmMerge`, `proposeSplit` and `confirmSplit`."""

    idempotency_key: str = declared_input(*_KEY)
    expected_version: int | None = declared_input(*_VERSION)
    person: PresentedPerson = declared_input(
        "保留的档案：登记的姓名与公民身份号码。",
        "The file that goes on: name and ID number as they are on record.",
    )
    other: PresentedPerson = declared_input(
        "被并（或恢复）的档案：登记的姓名与公民身份号码。",
        "The file that is merged into it, or split from it: name and ID number as on record.",
    )
    other_case: str | None = declared_input(
        "另一份档案的案号，与本次请求的案号不同时填；撤销合并时不用。",
        "The case that reaches the other file, where it is not the request's; not for a split.",
    )
    materials: list[str] = declared_input(*_MATERIALS)
    written_reason: str | None = declared_input("书面理由。", "The reason in writing.")


@strawberry.input(description=about("撤销差错。", "Undoing a slip.", article="30"))
class VoidActInput:
    """`voidAct`."""

    idempotency_key: str = declared_input(*_KEY)
    expected_version: int | None = declared_input(*_VERSION)
    person: PresentedPerson = declared_input(*_PERSON)
    version: int = declared_input(
        "所撤销事项的答复中的档案版本；只能撤销最后一项。",
        "The version that the answer to the act gave; only the last act in force is undone.",
    )
    written_reason: str | None = declared_input("书面理由。", "The reason in writing.")
    card_with_office: bool | None = declared_input(
        "载有该事项的证件是否在本机构（未发出或已收回）；撤销发证、签注、换补证时须为是。",
        "Whether the card that says so is at the office, never handed out or taken back; needed to "
        "undo an issue, an endorsement or a replacement.",
    )


@strawberry.input(
    description=about(
        "第三方报告；不因此登记任何人。",
        "A report by a third party; it registers nobody.",
        article="6–9",
    )
)
class ReportByThirdPartyInput:
    """`reportByThirdParty`."""

    idempotency_key: str = declared_input(*_KEY)
    happened_on: str | None = declared_input(*_HAPPENED)
    late_reason: str | None = declared_input(*_LATE)
    reporter: ReportedBy = declared_input("报告人。", "Who reports.")
    event_on: str = declared_input(
        "招用、成交或起租日期，YYYY-MM-DD。",
        "The day of the hire, the deal or the start of the lease, YYYY-MM-DD.",
    )
    learned_on: str | None = declared_input(
        "物业管理机构知悉日期。", "The day on which a property manager learned of it."
    )
    reported: list[str] | None = declared_input(
        "所报各项的代码（不收内容），如 name、id_type、id_number。",
        "Codes of what was reported, without the contents: name, id_type, id_number and others.",
    )


@strawberry.input(
    description=about(
        "第三方报告跟进办结；不因此登记任何人。",
        "The end of a report's follow-up; it registers nobody.",
        article="6–9",
    )
)
class CloseReportInput:
    """`closeReport`."""

    idempotency_key: str = declared_input(*_KEY)
    expected_version: int | None = declared_input(
        "所见的报告版本；已有更新则不办理（CONFLICT）。",
        "The version of the report as it was seen; another one, and nothing is done (CONFLICT).",
    )
    happened_on: str | None = declared_input(*_HAPPENED)
    late_reason: str | None = declared_input(*_LATE)
    report: strawberry.ID = declared_input("报告的全局编号。", "The report's global id.")
    finding: FindingOfFollowUp = declared_input("跟进结果。", "What was found.")


@strawberry.input(
    description=about(
        "立案：持证到场的人，不论其居住地。",
        "A case for who stands at the desk, card in hand, wherever registered.",
        article="10、19、20、28",
    )
)
class OpenCaseInput:
    """`openCase`."""

    idempotency_key: str = declared_input(*_KEY)
    kind: KindOfCase = declared_input("事由。", "Why the person came.")
    person: PresentedPerson = declared_input(*_PERSON)


_REQUEST = ("本人请求的全局编号。", "The request's global id.")
_REQUEST_VERSION = (
    "所见的请求版本；已有更新则不办理（CONFLICT）。",
    "The version of the request as it was seen; another one, and nothing is done (CONFLICT).",
)


@strawberry.input(
    description=about(
        "受理本人就其个人信息的请求（个人信息保护法第四十四至五十条）。",
        "A request about one's own data, filed at the desk (PIPL articles 44 to 50).",
    )
)
class FileSubjectRequestInput:
    """`fileSubjectRequest`."""

    idempotency_key: str = declared_input(*_KEY)
    expected_version: int | None = declared_input(*_VERSION)
    happened_on: str | None = declared_input(*_HAPPENED)
    late_reason: str | None = declared_input(*_LATE)
    by: CameAs | None = declared_input(
        "由谁提出：本人、监护人或者受托人；空则本人。",
        "Who files it: the person, a guardian or a trustee; the person where absent.",
    )
    person: PresentedPerson = declared_input(*_PERSON)
    kind: KindOfSubjectRequest = declared_input("请求事项。", "What is asked for.")
    words: str | None = declared_input(
        "请求内容，至多500字；加密保存。",
        "What is asked in words, at most 500 characters; kept sealed.",
    )


@strawberry.input(
    description=about(
        "答复本人请求；更正、删除须由两名经办人先后填报同一答复。",
        "An answer to a request; on a correction or deletion two officials must enter the same.",
        article="30",
    )
)
class AnswerSubjectRequestInput:
    """`answerSubjectRequest`."""

    idempotency_key: str = declared_input(*_KEY)
    expected_version: int | None = declared_input(*_REQUEST_VERSION)
    happened_on: str | None = declared_input(*_HAPPENED)
    late_reason: str | None = declared_input(*_LATE)
    person: PresentedPerson = declared_input("请求所涉的人。", "The person whose data it is about.")
    request: strawberry.ID = declared_input(*_REQUEST)
    answer: AnswerToRequest = declared_input("答复。", "The answer.")
    grounds: list[GroundOfAnswer] | None = declared_input(
        "不同意或者部分同意的法定理由。", "The legal grounds of a refusal in whole or in part."
    )
    written_reason: str | None = declared_input(
        "书面理由或者答复内容，至多500字；加密保存。",
        "The reason or the answer in words, at most 500 characters; kept sealed.",
    )


@strawberry.input(
    description=about("撤回尚未答复的本人请求。", "A request withdrawn before it is answered.")
)
class WithdrawSubjectRequestInput:
    """`withdrawSubjectRequest`."""

    idempotency_key: str = declared_input(*_KEY)
    expected_version: int | None = declared_input(*_REQUEST_VERSION)
    happened_on: str | None = declared_input(*_HAPPENED)
    late_reason: str | None = declared_input(*_LATE)
    by: CameAs | None = declared_input(*_BY)
    person: PresentedPerson = declared_input(*_PERSON)
    request: strawberry.ID = declared_input(*_REQUEST)


@strawberry.input(
    description=about(
        "一份答复在审计日志中的位置：原样填写该答复的 extensions.audit。",
        "Where an answer's record stands: the answer's own extensions.audit.",
    )
)
class AnswerRecordInput:
    """`extensions.audit` of an answer."""

    log: str = declared_input("日志名称（log）。", "The log's name (`log`).")
    index: int = declared_input("审计序号（index）。", "The record's place in it (`index`).")
    leaf: str = declared_input("记录的散列（leaf）。", "The record's hash (`leaf`).")


@strawberry.input(
    description=about(
        "部门就其所得答复请求更正；不填姓名与号码。无论所指何人、是否登记，答复相同。",
        "A department's request to correct an answer of its own: neither name nor number. Whomever "
        "it points at, registered or not, the answer is the same.",
        article="28、30",
    )
)
class RequestCorrectionInput:
    """`requestCorrection`."""

    idempotency_key: str = declared_input(*_KEY)
    answer: AnswerRecordInput = declared_input("所指的答复。", "The answer that it points at.")
    row: CorrectionRow = declared_input("所指的行。", "Which rows the position counts.")
    position: int = declared_input(
        "在这些行中第几，自1起，按答复次序；anyOf 的每个人各算一个。",
        "The position among them, from 1, in the order of the answer; each person of an `anyOf` "
        "counts.",
    )
    field: str = declared_input(
        "所指字段，须为本目的可见，如 Permit.active、Residence.division、VerifyResult.answer。",
        "The field, one that the purpose shows, such as Permit.active, Residence.division, "
        "VerifyResult.answer.",
    )
    reason: str = declared_input(
        "有理由认为答复有误的理由，至多500字；加密保存。请勿写姓名与号码。",
        "Why the answer is thought wrong, at most 500 characters; kept sealed. Write no name and "
        "no number.",
    )


@strawberry.input(
    description=about(
        "对部门更正请求的决定，须由两名经办人先后填报同一决定；更正本身由相应办理作出。",
        "A decision on a department's request, entered by two officials alike; the correction "
        "itself is made by the acts that are there for it.",
        article="30",
    )
)
class DecideCorrectionInput:
    """`decideCorrection`."""

    idempotency_key: str = declared_input(*_KEY)
    expected_version: int | None = declared_input(*_REQUEST_VERSION)
    happened_on: str | None = declared_input(*_HAPPENED)
    late_reason: str | None = declared_input(*_LATE)
    person: PresentedPerson | None = declared_input(
        "请求所涉的人；尚未确定何人时不填。",
        "The person whom it is about; left out while nobody is matched.",
    )
    correction: strawberry.ID = declared_input(
        "更正请求的全局编号。", "The global id of the request."
    )
    ruling: RulingOnCorrection = declared_input("决定。", "The decision.")
    act: int | None = declared_input(
        "同意时必填：作出更正的那项办理所答复的档案版本。",
        "Where it is accepted: the version of the file that the correcting act answered.",
    )
    grounds: list[GroundOfCorrection] | None = declared_input(
        "不予更正的理由。", "The grounds of a refusal."
    )
    written_reason: str | None = declared_input(
        "书面理由，至多500字；加密保存。",
        "The reason in words, at most 500 characters; kept sealed.",
    )
