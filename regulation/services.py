"""The 27 services and conveniences that articles 24 to 26 name, as data.

Ten basic public services (article 24), seven conveniences (article 25), ten items of article 26,
which the city introduces step by step (逐步): those are listed and never guaranteed (reading R27).

Never: decides who gets one; that is `regulation.entitlement`.
"""

import csv
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files


class Beneficiary(StrEnum):
    """For whom a permit opens the service."""

    HOLDER = "holder"
    CHILD = "child"


class Condition(StrEnum):
    """What a service asks for beside the presented person; none of it is decided here."""

    ACTIVE_PERMIT = "active_permit"
    SCHOOL_AGE = "school_age"
    BY_LAW = "by_law"
    STATE_RULES = "state_rules"
    STATE_PROVIDES = "state_provides"
    ROLLED_OUT = "rolled_out"

    @property
    def zh(self) -> str:
        """The condition in Chinese."""
        return _CONDITIONS[self][0]

    @property
    def en(self) -> str:
        """The condition in English."""
        return _CONDITIONS[self][1]


_CONDITIONS = {
    Condition.ACTIVE_PERMIT: ("居住证在有效期内且使用功能未中止", "the permit is active"),
    Condition.SCHOOL_AGE: ("随迁子女处于义务教育阶段", "the child is of compulsory school age"),
    Condition.BY_LAW: ("依法", "as the law provides"),
    Condition.STATE_RULES: ("按照国家有关规定", "as state rules provide"),
    Condition.STATE_PROVIDES: ("国家另有规定", "the state provides for it elsewhere"),
    Condition.ROLLED_OUT: (
        "居住地旗县区已经推行",
        "the county of residence has introduced it",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One item: its code, article, names, the department in charge, who benefits, on what terms.

    `department` and `purpose` are None where the Measures leave it to other rules (items "other …
    provided by the state"). `purpose` is the one for which the department may ask whether a permit
    is active.
    """

    code: str
    article: str
    zh: str
    en: str
    department: str | None
    purpose: str | None
    conditions: tuple[Condition, ...]
    beneficiaries: tuple[Beneficiary, ...]
    guaranteed: bool

    @property
    def citation_zh(self) -> str:
        """Where the Measures name the service, as a decision in Chinese cites it."""
        if not self.guaranteed:
            return "第二十六条第一款"
        article, item = self.article.rstrip(")").split("(")
        return f"第二十{_DIGITS[int(article) - 20]}条第（{_DIGITS[int(item)]}）项"

    @property
    def citation_en(self) -> str:
        """Where the Measures name the service, as a decision in English cites it."""
        return f"article {self.article}" if self.guaranteed else "article 26 paragraph 1"


_DIGITS = "〇一二三四五六七八九十"


def _service(row: dict[str, str]) -> Service:
    article = row["code"].partition(":")[0]
    return Service(
        code=row["code"],
        article=article,
        zh=row["zh"],
        en=row["en"],
        department=row["department"] or None,
        purpose=row["purpose"] or None,
        beneficiaries=tuple(Beneficiary(name) for name in row["beneficiaries"].split()),
        conditions=(Condition.ACTIVE_PERMIT, *map(Condition, row["terms"].split())),
        guaranteed=article != "26",
    )


def _load() -> tuple[Service, ...]:
    table = files("regulation").joinpath("services.csv").read_text(encoding="utf-8")
    return tuple(map(_service, csv.DictReader(table.splitlines())))


SERVICES: tuple[Service, ...] = _load()
"""All 27, in the order of the articles."""

_BY_CODE = {service.code: service for service in SERVICES}


def find_service(code: str) -> Service | None:
    """Return the service with this code, None where there is none."""
    return _BY_CODE.get(code)
