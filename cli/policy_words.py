"""The words of the rules in Chinese, as the table for signature writes them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from policies.permission import Action, Rendering, Scope

ACTIONS: Final[Mapping[Action, str]] = MappingProxyType(
    {
        Action.READ: "读取",
        Action.FILTER: "筛选",
        Action.SORT: "排序",
        Action.COUNT: "计数",
        Action.CALL: "调用",
    }
)
RENDERINGS: Final[Mapping[Rendering, str]] = MappingProxyType(
    {
        Rendering.PLAIN: "原样",
        Rendering.LAST4: "仅末四位",
        Rendering.SURNAME_ONLY: "仅姓氏",
        Rendering.YEAR: "仅年份",
        Rendering.TOWNSHIP: "只到苏木乡镇、街道",
        Rendering.COUNTY: "只到旗县区",
        Rendering.YES_NO: "只答是否",
    }
)
SCOPES: Final[Mapping[Scope, str]] = MappingProxyType(
    {
        Scope.PRESENTED: "当面出示证件者本人",
        Scope.ACTIVE_HOLDERS: "居住证有效者",
        Scope.OWN_DIVISION: "本辖区",
        Scope.OPEN_CASE: "在办案件所涉之人",
        Scope.OWN_SUBMISSION: "本单位所报送",
        Scope.SELF: "本人",
        Scope.ALL: "全部",
        Scope.NONE: "无",
    }
)
_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Person": "人员",
        "SubjectRequest": "本人请求",
        "Application": "申领",
        "Report": "第三方报告",
        "AccessRecord": "查询记录",
        "Statistics": "统计表",
        "Change": "变化通知",
        "Correction": "更正请求",
    }
)


def type_in_chinese(type_: str) -> str:
    """What the rows of a type are called; the type's own name where nobody named them yet."""
    return _TYPES.get(type_, type_)
