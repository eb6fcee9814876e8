"""`juzhu policy matrix`: who sees what, as a table for a person and as pages for signature.

What a department may not do is not listed: every page says that what is not listed is refused.
"""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path as FilePath

import click

from cli.policy_rules import (
    as_json,
    day_from,
    day_text,
    load,
    of_rules,
    on_day,
    tell_json,
    unknown,
    whole,
)
from cli.policy_words import ACTIONS, RENDERINGS, SCOPES, type_in_chinese
from cli.refusals import MISUSE, end, refusals
from policies.asking import Seat, granted, seats, table_of
from policies.permission import Scope
from policies.table import Policies
from printing.pages import Page, Table, pages_to_html
from printing.workbook import pages_to_workbook

_HEADING = ("字段", "路径", "操作", "呈现", "依据", "有效期至", "规则")
_SIGNATURES = (
    "拟定人：              日期：",
    "审核人：              日期：",
    "批准人：              日期：",
)
_to_file = click.Path(dir_okay=False, writable=True, path_type=FilePath)


@click.command()
@click.option("--department", help="One department's code; all of them if none.")
@click.option("--html", type=_to_file, help="Write it in Chinese, for signature, as HTML.")
@click.option("--xlsx", type=_to_file, help="Write it in Chinese, for signature, as a workbook.")
@of_rules
@on_day
@as_json
def matrix(
    *,
    department: str | None,
    html: FilePath | None,
    xlsx: FilePath | None,
    directory: FilePath,
    asked: datetime | None,
    as_json: bool,
) -> None:
    """Print what each department may do for each purpose: every path granted, and its rendering.

    Example: juzhu policy matrix --department education --xlsx education.xlsx
    """
    day = day_from(asked)
    with refusals():
        policies = load(directory)
    found = [seat for seat in seats(policies, day) if department in (None, seat.department)]
    if department is not None and not found:
        unknown("department with a role", department, {s.department for s in seats(policies, day)})
    if html is not None or xlsx is not None:
        pages = tuple(_pages(policies, found, day))
        if html is not None:
            _write(html, pages_to_html(pages).encode())
        if xlsx is not None:
            _write(xlsx, pages_to_workbook(pages))
        return
    if as_json:
        said = [_seat(policies, seat, day) for seat in found]
        tell_json({"on": day.isoformat(), "revision": policies.revision, "seats": said})
        return
    for line in _in_columns(policies, found, day):
        click.echo(line)


def _write(file: FilePath, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        reason = error.strerror or "it can't be opened"
        end(f"{file} can't be written ({reason})", "name another file", MISUSE)
    click.echo(f"written: {file}")


def _seat(policies: Policies, seat: Seat, day: date) -> dict[str, object]:
    table = table_of(policies, seat, day)
    return {
        "department": seat.department,
        "role": seat.role,
        "purpose": seat.purpose,
        "rows": {type_: sorted(scopes) for type_, scopes in sorted(table.rows.items())},
        "cells": [
            {
                "path": held.path,
                "action": held.action,
                "rendering": held.decision.rendering,
                "until": None if held.decision.until is None else held.decision.until.isoformat(),
                "rules": list(held.decision.rules),
            }
            for held in granted(table, seat)
        ],
    }


def _in_columns(policies: Policies, found: list[Seat], day: date) -> Iterator[str]:
    """A table for each department and role: a line a path, a column a purpose."""
    for department, role in dict.fromkeys((seat.department, seat.role) for seat in found):
        own = [seat for seat in found if (seat.department, seat.role) == (department, role)]
        lines = [[f"{department} ({role}), {day}", "", *(seat.purpose for seat in own)]]
        tables = [table_of(policies, seat, day) for seat in own]
        for type_ in sorted({type_ for table in tables for type_ in table.rows}):
            reached = [" and ".join(sorted(table.scopes(type_))) for table in tables]
            lines.append([f"rows of {type_}", "", *reached])
        shown = [
            {
                (held.path, held.action): str(held.decision.rendering)
                for held in granted(table, seat)
            }
            for table, seat in zip(tables, own, strict=True)
        ]
        for path, spec in whole().catalogue.paths.items():
            for action in sorted(spec.actions):
                cells = [column.get((path, action), "—") for column in shown]
                if set(cells) != {"—"}:
                    lines.append([path, action.value, *cells])
        widths = [max(len(line[place]) for line in lines) for place in range(len(lines[0]))]
        for line in lines:
            padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
            yield "  ".join(padded).rstrip()
        yield ""


def _pages(policies: Policies, found: list[Seat], day: date) -> Iterator[Page]:
    """A page for each department and role, in Chinese."""
    names = {entry.code: entry.zh for entry in policies.departments if entry.on(day)}
    for department, role in dict.fromkeys((seat.department, seat.role) for seat in found):
        own = [seat for seat in found if (seat.department, seat.role) == (department, role)]
        yield Page(
            name=names[department],
            title=f"居住证个人信息查询权限表：{names[department]}",
            facts=(
                f"角色：{policies.roles[role].zh}（{role}）；部门代码：{department}",
                f"所示日期：{day}；策略版本：{policies.revision}",
                "未列出的一律不提供。“有效期至”含当日。",
            ),
            tables=tuple(_table(policies, seat, day) for seat in own),
            signatures=_SIGNATURES,
        )


def _table(policies: Policies, seat: Seat, day: date) -> Table:
    purpose = policies.purposes[seat.purpose]
    table = table_of(policies, seat, day)
    rows = [
        f"{type_in_chinese(type_)}：{_scopes(scopes)}"
        for type_, scopes in sorted(table.rows.items())
    ]
    case = "须有案号" if purpose.case_required else "不须案号"
    withheld = "；不列入本人可见的查询记录" if purpose.withheld else ""
    return Table(
        title=f"目的：{purpose.zh}（{purpose.code}）",
        notes=(
            f"依据：办法第{purpose.article}条；{case}{withheld}",
            f"可及范围：{'；'.join(rows) or '无'}",
        ),
        heading=_HEADING,
        rows=tuple(
            (
                whole().labels.get(held.path, held.path),
                held.path,
                ACTIONS[held.action],
                RENDERINGS[held.decision.rendering] if held.decision.rendering else "",
                "；".join(dict.fromkeys(held.decision.because)),
                "不定期" if held.decision.until is None else day_text(held.decision.until),
                " ".join(held.decision.rules),
            )
            for held in granted(table, seat)
        ),
    )


def _scopes(scopes: frozenset[Scope]) -> str:
    return "且".join(SCOPES[scope] for scope in sorted(scopes))
