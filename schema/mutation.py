"""The desks' acts in the graph: one field a transition, each doing nothing but naming its act.

They are done one after another in the order of the document (GraphQL specification, section
6.2.2); every field is nullable, so that a refusal nulls nothing beside it.
"""

from collections.abc import Callable
from typing import Annotated

import strawberry

from policies.catalogue import Kind
from schema.act_inputs import (
    AnswerSubjectRequestInput,
    ApplicationStepInput,
    CancelPermitInput,
    CheckChargeInput,
    CheckSettlementInput,
    CloseCaseInput,
    CloseRegistrationInput,
    CloseReportInput,
    DecideCorrectionInput,
    EndorsePermitsInput,
    FileApplicationInput,
    FileSubjectRequestInput,
    IdentityChangeInput,
    OpenCaseInput,
    PairOfFilesInput,
    RefuseApplicationInput,
    RegisterResidenceInput,
    ReplaceCardInput,
    ReportByThirdPartyInput,
    ReportMoveInput,
    RequestCorrectionInput,
    ReviewEndorsementInput,
    SupplementApplicationInput,
    VoidActInput,
    WithdrawSubjectRequestInput,
)
from schema.acted import ActResult, EndorsedRow, OpenedCase
from schema.changes import FollowCaseInput, FollowedCase, UnfollowCaseInput
from schema.sources import F, Root, about, declared_call

_INPUT = strawberry.argument(description=about("所填内容。", "What is filled in."))


def _act(zh: str, en: str, article: str) -> Callable[[F], F]:
    return declared_call(Root(), zh, en, kind=Kind.OBJECT, article=article)


@strawberry.type(
    description=about(
        "窗口办理；按文档次序逐一办理，每项一次事务、一条审计记录。",
        "The desks' acts, done one after another, each one transaction with its audit record.",
    )
)
class Mutation:
    """The mutation root; each field is an act of `resolvers/desk`."""

    @_act(
        "立案：按公民身份号码与姓名查找任一旗县区的人，编案号，使本窗口在结案前可查可办。",
        "Open a case: find a person of any division by ID number and name, number the case, and "
        "let this office see and act until it closes.",
        "10、19、20、28",
    )
    def open_case(self, input: Annotated[OpenCaseInput, _INPUT]) -> OpenedCase | None:  # noqa: A002 — the argument's name in the graph
        """Declared here, done by the counter."""

    @_act(
        "结案：此后本窗口不再能凭此案查看和办理。",
        "Close a case: by it this office sees and acts no more.",
        "28",
    )
    def close_case(
        self,
        input: Annotated[CloseCaseInput, _INPUT],  # noqa: A002 — as above
    ) -> ActResult | None:
        """Declared here, done by the counter."""

    @_act("居住登记。", "Register residence.", "10、11")
    def register_residence(
        self,
        input: Annotated[RegisterResidenceInput, _INPUT],  # noqa: A002 — as above
    ) -> ActResult | None:
        """Declared here, done by the counter."""

    @_act("终止居住登记。", "Close a registration.", "22、23")
    def close_registration(
        self,
        input: Annotated[CloseRegistrationInput, _INPUT],  # noqa: A002 — as above
    ) -> ActResult | None:
        """Declared here, done by the counter."""

    @_act(
        "资格预查：此刻申领会得到什么答复；不立申请，只留记录。",
        "A dry run: what an application filed now would be answered. Nothing is filed; the look is "
        "recorded.",
        "2、15、16",
    )
    def check_eligibility(
        self,
        input: Annotated[FileApplicationInput, _INPUT],  # noqa: A002 — as above
    ) -> ActResult | None:
        """Declared here, done by the counter."""

    @_act(
        "申领居住证：当场答复受理、一次告知缺项或不符合条件的理由。",
        "File an application: accepted, all gaps at once, or not eligible with reasons, on the "
        "spot.",
        "15–17",
    )
    def file_application(
        self,
        input: Annotated[FileApplicationInput, _INPUT],  # noqa: A002 — as above
    ) -> ActResult | None:
        """Declared here, done by the counter."""

    @_act("补齐申领材料。", "Supplement an application.", "16")
    def supplement_application(
        self,
        input: Annotated[SupplementApplicationInput, _INPUT],  # noqa: A002 — as above
    ) -> ActResult | None:
        """Declared here, done by the counter."""

    @_act("撤回申领。", "Withdraw an application.", "2")
    def withdraw_application(
        self,
        input: Annotated[ApplicationStepInput, _INPUT],  # noqa: A002 — as above
    ) -> ActResult | None:
        """Declared here, done by the counter."""

    @_act("批准申领。", "Approve an application.", "17")
    def approve_application(
        self,
        input: Annotated[ApplicationStepInput, _INPUT],  # noqa: A002 — as above
    ) -> ActResult | None:
        """Declared here, done by the counter."""

    @_act(
        "送自治区公安厅制证：已批准的申领进入制证。",
        "Have the card of an approved application made by the region's public security department.",
        "17",
    )
    def order_card(
        self,
        input: Annotated[ApplicationStepInput, _INPUT],  # noqa: A002 — as above
    ) -> ActResult | None:
        """Declared here, done by the counter."""

    @_act(
        "不予发证：须有书面理由与经办人；合乎条件者不得一人拒绝。",
        "Refuse an application, with a written reason and a named official; nobody refuses the "
        "eligible alone.",
        "16、30",
    )
    def refuse_application(
        self,
        input: Annotated[RefuseApplicationInput, _INPUT],  # noqa: A002 — as above
    ) -> ActResult | None:
        """Declared here, done by the counter."""

    @_act("签发居住证。", "Issue the card.", "17")
    def issue_card(
        self,
        input: Annotated[ApplicationStepInput, _INPUT],  # noqa: A002 — as above
    ) -> ActResult | None:
        """Declared here, done by the counter."""

    @_act(
        "社区民警对签注的核查；其后的签注以此为准。",
        "The community police officer's review for an endorsement, which goes by it afterwards.",
        "20",
    )
    def review_endorsement(
        self,
        input: Annotated[ReviewEndorsementInput, _INPUT],  # noqa: A002 — as above
    ) -> ActResult | None:
        """Declared here, done by the counter."""

    @_act(
        "年度签注，至多200行，逐行答复，互不影响。",
        "Endorse permits, at most 200 rows, an answer each; one refusal never spoils the others.",
        "14、20",
    )
    def endorse_permits(
        self,
        input: Annotated[EndorsePermitsInput, _INPUT],  # noqa: A002 — as above
    ) -> list[EndorsedRow] | None:
        """Declared here, done by the counter."""

    @_act("居住变更申报。", "Report a change of address.", "19")
    def report_move(
        self,
        input: Annotated[ReportMoveInput, _INPUT],  # noqa: A002 — as above
    ) -> ActResult | None:
        """Declared here, done by the counter."""

    @_act("换领、补领居住证。", "Replace a card.", "18")
    def replace_card(
        self,
        input: Annotated[ReplaceCardInput, _INPUT],  # noqa: A002 — as above
    ) -> ActResult | None:
        """Declared here, done by the counter."""

    @_act("注销居住证。", "Cancel a permit.", "23、30")
    def cancel_permit(
        self,
        input: Annotated[CancelPermitInput, _INPUT],  # noqa: A002 — as above
    ) -> ActResult | None:
        """Declared here, done by the counter."""

    @_act(
        "落户核对：是否合乎第二十二条，仅供公安户籍部门参考，不是决定。",
        "Whether article 22 is met: an indication for the hukou police, never a decision.",
        "22",
    )
    def check_settlement(
        self,
        input: Annotated[CheckSettlementInput, _INPUT],  # noqa: A002 — as above
    ) -> ActResult | None:
        """Declared here, done by the counter."""

    @_act(
        "收费核对：免费事项不得收费，工本费不得超过公布标准。",
        "Whether an amount may be charged: never for what is free, never above the published rate.",
        "21、30",
    )
    def check_charge(
        self,
        input: Annotated[CheckChargeInput, _INPUT],  # noqa: A002 — as above
    ) -> ActResult | None:
        """Declared here, done by the counter."""

    @_act(
        "撤销差错：由原机构另一名经办人撤销最后一项办理，须有理由；两项记录均保留，撤销不得再撤销。",
        "Void a slip: a second official of the same office undoes the last act, with a reason; "
        "both entries stay, and a void is not undone.",
        "30",
    )
    def void_act(
        self,
        input: Annotated[VoidActInput, _INPUT],  # noqa: A002 — as above
    ) -> ActResult | None:
        """Declared here, done by the counter."""

    @_act(
        "提出身份更正（姓名、公民身份号码）：由另一名经办人核准前不生效；后提出的取代先提出的。",
        "Propose a corrected name or ID number: nothing changes until a second official confirms; "
        "a later proposal replaces an earlier one.",
        "11、30",
    )
    def propose_identity_change(
        self,
        input: Annotated[IdentityChangeInput, _INPUT],  # noqa: A002 — as above
    ) -> ActResult | None:
        """Declared here, done by the counter."""

    @_act(
        "核准身份更正：由另一名经办人依证件再填一次，一致方生效；原号码对其他部门一律答复查无，窗口仍可查到。",
        "Confirm a correction: a second official enters the same again from the papers. From then "
        "on other departments get the uniform no for the former number, desks find the person.",
        "11、28、30",
    )
    def confirm_identity_change(
        self,
        input: Annotated[IdentityChangeInput, _INPUT],  # noqa: A002 — as above
    ) -> ActResult | None:
        """Declared here, done by the counter."""

    @_act(
        "提出合并同一人的两份档案：由另一名经办人核准前不"
        "生效；被并档案不得有未注销的居住证或未办结的申领。",
        "Propose to merge two files of one person: nothing changes until a second official "
        "confirms; the file that is merged into the other holds no permit and waits for none.",
        "17、23、30",
    )
    def propose_merge(
        self,
        input: Annotated[PairOfFilesInput, _INPUT],  # noqa: A002 — as above
    ) -> ActResult | None:
        """Declared here, done by the counter."""

    @_act(
        "核准合并：由另一名经办人再填一次，一致方生效；被"
        "并号码对其他部门一律答复查无，窗口查得保留的档案。",
        "Confirm a merge: from then on other departments get the uniform no for the number that "
        "was merged, and desks find the file that goes on.",
        "17、28、30",
    )
    def confirm_merge(
        self,
        input: Annotated[PairOfFilesInput, _INPUT],  # noqa: A002 — as above
    ) -> ActResult | None:
        """Declared here, done by the counter."""

    @_act(
        "提出撤销合并：由另一名经办人核准前不生效。",
        "Propose to undo a merge: nothing changes until a second official confirms.",
        "17、30",
    )
    def propose_split(
        self,
        input: Annotated[PairOfFilesInput, _INPUT],  # noqa: A002 — as above
    ) -> ActResult | None:
        """Declared here, done by the counter."""

    @_act(
        "核准撤销合并：两份档案各自恢复。",
        "Confirm that a merge is undone: both files go on, each with its history.",
        "17、30",
    )
    def confirm_split(
        self,
        input: Annotated[PairOfFilesInput, _INPUT],  # noqa: A002 — as above
    ) -> ActResult | None:
        """Declared here, done by the counter."""

    @_act("接收第三方报告。", "Take a report by a third party.", "6–9")
    def report_by_third_party(
        self,
        input: Annotated[ReportByThirdPartyInput, _INPUT],  # noqa: A002 — as above
    ) -> ActResult | None:
        """Declared here, done by the counter."""

    @_act(
        "第三方报告跟进办结：只记代码，不登记任何人，不起算任何期限。",
        "End the follow-up of a third party's report: a code, nobody registered, no clock started.",
        "6–9",
    )
    def close_report(
        self,
        input: Annotated[CloseReportInput, _INPUT],  # noqa: A002 — as above
    ) -> ActResult | None:
        """Declared here, done by the counter."""

    @_act(
        "跟踪本案所出示的人：变化见 changes。无论此人是否登记，答复相同；重复提交即续期。",
        "Follow a presented person of the request's case: what changes is told by `changes`. The "
        "answer is the same whether or not the person is known; done again it is a renewal.",
        "28",
    )
    def follow_case(
        self,
        input: Annotated[FollowCaseInput, _INPUT],  # noqa: A002 — as above
    ) -> FollowedCase | None:
        """Declared here, done by `resolvers/following.py`."""

    @_act(
        "结束跟踪；没有此跟踪时答复相同。",
        "Follow no more; the answer is the same where nothing was followed.",
        "28",
    )
    def unfollow_case(
        self,
        input: Annotated[UnfollowCaseInput, _INPUT],  # noqa: A002 — as above
    ) -> FollowedCase | None:
        """Declared here, done by `resolvers/following.py`."""

    @_act(
        "受理本人就其个人信息的请求：出具回执与答复期限。",
        "File a request about one's own data: a receipt, and the day until which it is answered.",
        "28",
    )
    def file_subject_request(
        self,
        input: Annotated[FileSubjectRequestInput, _INPUT],  # noqa: A002 — as above
    ) -> ActResult | None:
        """Declared here, done by the counter."""

    @_act(
        "答复本人请求：不同意的须说明理由并告知救济途径；更正、删除须两人办理。",
        "Answer a request about one's own data: a refusal with reasons and remedies, a correction "
        "or deletion by two officials.",
        "28、30",
    )
    def answer_subject_request(
        self,
        input: Annotated[AnswerSubjectRequestInput, _INPUT],  # noqa: A002 — as above
    ) -> ActResult | None:
        """Declared here, done by the counter."""

    @_act(
        "撤回本人请求。",
        "Withdraw a request about one's own data.",
        "28",
    )
    def withdraw_subject_request(
        self,
        input: Annotated[WithdrawSubjectRequestInput, _INPUT],  # noqa: A002 — as above
    ) -> ActResult | None:
        """Declared here, done by the counter."""

    @_act(
        "部门就其所得的一份答复请求更正（校核纠错）；无论所指何人、是否登记，答复相同。",
        "Request the correction of an answer that the department was given; whomever it points at, "
        "registered or not, the answer is the same.",
        "28、30",
    )
    def request_correction(
        self,
        input: Annotated[RequestCorrectionInput, _INPUT],  # noqa: A002 — as above
    ) -> ActResult | None:
        """Declared here, done by the counter."""

    @_act(
        "决定部门的更正请求：须由两名经办人先后填报同一决定；更正由相应办理作出，不予更正须说明理由。",
        "Decide a department's request for a correction: two officials enter the same. What is "
        "corrected is corrected by its own act; a refusal needs a reason.",
        "30",
    )
    def decide_correction(
        self,
        input: Annotated[DecideCorrectionInput, _INPUT],  # noqa: A002 — as above
    ) -> ActResult | None:
        """Declared here, done by the counter."""
