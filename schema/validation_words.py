"""What graphql-core's validation says, in Chinese: the commonest rules, and a general sentence.

Made of the library's own sentence, which names rules, schema and the document's own names and never
a value: nothing enters here that the English message did not say. A sentence that no pattern fits
stays as it is, after a general one in Chinese.
"""

import re
from typing import Final

from schema.errors import Code

_PATTERNS: Final = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"Cannot query field '(\w+)' on type '([^']+)'\.", "类型 {1} 没有字段 {0}。"),
        (r"Unknown argument '(\w+)' on field '([^']+)'\.", "字段 {1} 没有参数 {0}。"),
        (r"Unknown argument '(\w+)' on directive '([^']+)'\.", "指令 {1} 没有参数 {0}。"),
        (
            r"Argument '([^']+)\((\w+):\)' of type '([^']+)' is required, but .*",
            "{0} 缺少必需的参数 {1}（类型 {2}）。",
        ),
        (r"Unknown type '(\w+)'\.", "没有类型 {0}。"),
        (r"Unknown fragment '(\w+)'\.", "没有定义片段 {0}。"),
        (r"Fragment '(\w+)' is never used\.", "片段 {0} 已定义而未使用。"),
        (r"Cannot spread fragment '(\w+)' within itself.*", "片段 {0} 直接或间接引用了自身。"),
        (
            r"Fragment (?:'\w+' )?cannot be spread here as objects of type '(\w+)' .* '(\w+)'\.",
            "此处是类型 {0}，不能用类型 {1} 的片段。",
        ),
        (
            r"Fragment (?:'\w+' )?cannot condition on non composite type '([^']+)'\.",
            "片段不能以类型 {0} 为条件。",
        ),
        (r"Variable '(\$\w+)' is not defined.*", "变量 {0} 没有声明。"),
        (r"Variable '(\$\w+)' is never used.*", "变量 {0} 已声明而未使用。"),
        (
            r"Variable '(\$\w+)' of type '([^']+)' used in position expecting type '([^']+)'\.",
            "变量 {0} 声明为类型 {1}，所在位置须为类型 {2}。",
        ),
        (
            r"Variable '(\$\w+)' cannot be non-input type '([^']+)'\.",
            "变量 {0} 的类型 {1} 不是输入类型。",
        ),
        (
            r"Field '(\w+)' of type '([^']+)' must have a selection of subfields\..*",
            "字段 {0}（类型 {1}）须用花括号选择下级字段。",
        ),
        (
            r"Field '(\w+)' of type '([^']+)' must have at least one field selected\.",
            "字段 {0}（类型 {1}）至少须选择一个下级字段。",
        ),
        (
            r"Field '(\w+)' must not have a selection since type '([^']+)' has no subfields\.",
            "字段 {0}（类型 {1}）没有下级字段，请去掉花括号。",
        ),
        (
            r"Fields '([^']+)' conflict because .*",
            "答复中同名的 {0} 取自不同的字段或参数，请各用别名。",
        ),
        (r"Unknown directive '(@\w+)'\.", "没有指令 {0}。"),
        (r"Directive '(@\w+)' may not be used on (\w+)\.", "指令 {0} 不能用在这里（{1}）。"),
        (
            r"The directive '(@\w+)' can only be used once at this location\.",
            "指令 {0} 在同一处只能用一次。",
        ),
        (r"There can be only one argument named '(\w+)'\.", "参数 {0} 出现两次。"),
        (r"There can be only one variable named '(\$\w+)'\.", "变量 {0} 声明了两次。"),
        (r"There can be only one operation named '(\w+)'\.", "有两个名为 {0} 的操作。"),
        (r"There can be only one fragment named '(\w+)'\.", "有两个名为 {0} 的片段。"),
        (
            r"This anonymous operation must be the only defined operation\.",
            "没有名称的操作须是文档中唯一的操作。",
        ),
        (r"The (\w+) operation is not supported by the schema\.", "不支持 {0} 操作。"),
        (
            r"The '?(\w+)'? definition is not executable\.",
            "文档只能含操作和片段，{0} 的定义不能执行。",
        ),
        (r"(?:Too many validation errors|Validation aborted).*", "错误过多，其余未再检查。"),
    )
)
_SUGGESTED: Final = re.compile(r"(.*?\.) Did you mean (to use an inline fragment on )?([^?]+)\?")
_QUOTED: Final = re.compile(r"'([^']+)'")


def in_chinese(message: str) -> str:
    """A sentence of graphql-core's validation in Chinese."""
    suggested = _SUGGESTED.fullmatch(message)
    sentence = message if suggested is None else suggested[1]
    for pattern, words in _PATTERNS:
        found = pattern.fullmatch(message) or pattern.fullmatch(sentence)
        if found is None:
            continue
        told = words.format(*found.groups())
        return told if suggested is None or found[0] == message else told + _hint(suggested)
    return f"{Code.VALIDATION_FAILED.value.zh}{message}"


def _hint(suggested: re.Match[str]) -> str:
    names = "、".join(_QUOTED.findall(suggested[3]))
    return f"可用内联片段：{names}。" if suggested[2] else f"是否应为：{names}？"
