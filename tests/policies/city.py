"""What the tests of policies share: the real catalogue, the shipped rules, small rule folders."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path as FilePath
from shutil import copy, copytree

from policies.lint import SHIPPED
from policies.table import Policies
from schema.catalogue import catalogue
from schema.root import full_schema, graph

TODAY = date(2026, 11, 22)
CATALOGUE = catalogue(graph(full_schema()))
POLICIES = Policies.load(catalogue=CATALOGUE)

HEADING = "kind,role,purpose,action,path,rendering,scope,effect,from,until,because"
ROWS = "row,education,school-place,,Person,,presented,allow,2026-01-01,,a reason"
ACTIVE = "field,education,school-place,read,Permit.active,yes-no,,allow,2026-01-01,,a reason"


def shipped_copy(folder: FilePath) -> FilePath:
    """A copy of the shipped rules that a test may spoil."""
    for name in ("roles.csv", "purposes.csv", "departments.csv"):
        copy(SHIPPED / name, folder / name)
    copytree(SHIPPED / "rules", folder / "rules")
    return folder


def small_city(folder: FilePath, lines: Iterable[str] = (ROWS, ACTIVE)) -> FilePath:
    """Rules of one department, one role, one purpose; `lines` are those of education.csv."""
    (folder / "rules").mkdir(parents=True)
    (folder / "roles.csv").write_text("code,zh,en,inherits\neducation,教育,Education,\n", "utf-8")
    (folder / "purposes.csv").write_text(
        "code,zh,en,article,roles,case_required,withheld,closed\n"
        "school-place,入学,School place,24(4),education,yes,no,no\n",
        "utf-8",
    )
    (folder / "departments.csv").write_text(
        "code,zh,en,roles,from,until\neducation,教育局,Education,education,2017-06-22,\n", "utf-8"
    )
    rewrite(folder, lines)
    return folder


def rewrite(folder: FilePath, lines: Iterable[str]) -> None:
    """Write education.csv anew."""
    text = "".join(f"{line}\n" for line in (HEADING, *lines))
    (folder / "rules" / "education.csv").write_text(text, "utf-8")
