"""The register of a new deployment: the departments that it begins with.

It is founded in the transaction that makes the deployment's keys. So a register without its state
is never taken for a new one: where there are keys, it was taken away.
"""

from typing import Final

from sqlalchemy.orm import Session

from db.ledger import Ledger
from db.register import Department
from db.register_record import FOUNDER, RegisterAct, record
from db.register_rows import DEPARTMENT, founding_rows
from keys.ring import KeyRing

_FIRST_DAY: Final = "2018-01-01"


def _partner(code: str, zh: str, en: str) -> Department:
    """A department whose officials act for it without being registered one by one."""
    return Department(code=code, zh=zh, en=en, officials_registered=False, valid_from=_FIRST_DAY)


def _own(code: str, zh: str, en: str) -> Department:
    """One of the police or of the auditors: each official is registered, desks with a division."""
    return Department(code=code, zh=zh, en=en, officials_registered=True, valid_from=_FIRST_DAY)


STARTING_DEPARTMENTS: Final = (
    _partner("education", "教育部门", "Education"),
    _partner("social-insurance", "社会保险经办机构", "Social insurance agency"),
    _partner("housing", "住房保障部门", "Housing support"),
    _own("receiving-office", "居住证受理机构", "Receiving office"),
    _own("community-police", "公安派出所", "Community police station"),
    _own("auditor", "审计监督", "Audit"),
    _partner("statistics", "统计局", "Statistics"),
    _partner("development-reform", "发展和改革委员会", "Development and reform"),
    _partner("finance", "财政局", "Finance"),
    _partner("human-resources", "人力资源和社会保障局", "Human resources"),
    _partner("housing-fund", "住房公积金管理中心", "Housing fund"),
    _partner("health", "卫生健康委员会", "Health"),
    _partner("civil-affairs", "民政局", "Civil affairs"),
    _partner("justice", "司法局", "Justice"),
    _partner("culture-sport", "文化旅游体育局", "Culture and sport"),
    _partner("exit-entry", "公安局出入境管理机构", "Exit and entry"),
    _partner("id-office", "公安局户政机构（居民身份证）", "ID-card office"),
    _partner("vehicle-office", "公安局车辆管理所", "Vehicle office"),
    _partner("market-regulation", "市场监督管理局", "Market regulation"),
    _own("hukou-police", "公安局户籍管理机构", "Hukou police"),
    _own("public-security", "公安局（居住证签发与注销）", "Public security"),
    _partner("residents-committee", "居民委员会", "Residents' committee"),
)
"""The departments that a new database knows. The role of each has its code for a name."""


def found_register(session: Session, ring: KeyRing, ledger: Ledger, *, time: str) -> None:
    """Make the register of a new deployment and record it; the transaction's last step."""
    rows = founding_rows(session, ring)
    for department in STARTING_DEPARTMENTS:
        rows.add(
            DEPARTMENT,
            {
                "code": department.code,
                "zh": department.zh,
                "en": department.en,
                "officials_registered": int(department.officials_registered),
                "valid_from": department.valid_from,
                "valid_until": department.valid_until,
            },
        )
    draft = record(
        RegisterAct.FOUNDED,
        FOUNDER,
        version=rows.seal(),
        time=time,
        facts={"departments": ",".join(each.code for each in STARTING_DEPARTMENTS)},
    )
    ledger.append_within(session, [draft])
