"""The whole role × field matrix of a department as text; `python -m tests.policies.matrix` writes.

Run it after a rule was changed on purpose, and review the difference: it is the change.
"""

from pathlib import Path as FilePath

from policies.permission import Action, Decision, Path, Reason
from tests.policies.city import CATALOGUE, POLICIES, TODAY

GOLDEN = FilePath(__file__).parent / "golden"
_SIGNS = {Reason.NO_GRANT: "—", Reason.EXPLICIT_DENY: "denied", Reason.EXPIRED: "expired"}


def shown(decision: Decision) -> str:
    """How a cell is written."""
    if decision.granted and decision.rendering is not None:
        return decision.rendering.value
    return _SIGNS[decision.reason]


def matrix(role: str) -> str:
    """Every path and action of the schema against every purpose of a role."""
    purposes = [code for code, purpose in POLICIES.purposes.items() if role in purpose.roles]
    tables = [POLICIES.table({role}, code, TODAY) for code in purposes]
    lines = [[f"{role}, {TODAY}", "", *purposes]]
    for type_ in ("Person", "AccessRecord"):
        reach = [" and ".join(sorted(table.scopes(type_))) for table in tables]
        lines.append([f"rows of {type_}", "", *reach])
    for path, spec in CATALOGUE.paths.items():
        for action in sorted(spec.actions):
            cells = [shown(table.decide(Path(path), Action(action))) for table in tables]
            lines.append([path, action.value, *cells])
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        + "\n"
        for line in lines
    )


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for name in POLICIES.roles:
        (GOLDEN / f"{name}.txt").write_text(matrix(name), "utf-8")
