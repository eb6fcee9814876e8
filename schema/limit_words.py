"""What a document or request has too much of, in words of one language at a time.

The numbers stand where they are measured (schema/limits.py, schema/service.py); this module only
words them, and never says how much a caller sent.
"""

from dataclasses import dataclass
from typing import Final

from schema.errors import Language


@dataclass(frozen=True, slots=True)
class LimitPassed:
    """A limit that was passed: its name, and how much is allowed."""

    name: str
    most: int

    def message(self, language: Language) -> str:
        """What was passed, and what to do, in the caller's language."""
        zh, en = WORDS[self.name]
        if language == "zh-CN":
            return f"请求过于复杂：{zh}至多{self.most:,}，请拆分或精简后重试。"
        return f"The request is too complex: at most {self.most:,} {en}; split or shorten it."

    @property
    def extensions(self) -> dict[str, object]:
        """What stands beside the message, for programs."""
        return {"limit": self.name, "most": self.most}


WORDS: Final[dict[str, tuple[str, str]]] = {
    "characters": ("文档字符数", "characters in a document"),
    "tokens": ("文档词元（token）数", "tokens in a document"),
    "comments": ("文档注释数", "comments in a document"),
    "nesting": ("选择集嵌套层数", "selection sets inside each other"),
    "definitions": ("操作与片段总数", "operations and fragments"),
    "root fields": ("顶层字段数", "fields at the top"),
    "acts": ("一次请求办理的事项数", "acts in one request"),
    "depth": ("字段层级", "levels of fields"),
    "introspection depth": ("内省层级", "levels of introspection"),
    "fragment nesting": ("片段嵌套层数", "fragments inside each other"),
    "fields": ("展开后的字段数", "fields, fragments expanded"),
    "aliases": ("别名数", "aliases"),
    "directives": ("指令数", "directives"),
    "repeated fields": ("重复的字段数", "repeated fields"),
    "rows": ("一次请求的行数", "rows a request"),
    "thresholds": ("一次请求的阈值问题数", "questions of thresholds a request"),
}
"""Every limit's name with its words in Chinese and English."""
