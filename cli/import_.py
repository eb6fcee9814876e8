"""`juzhu import`: take a register export in, or say what would become of it.

Exit 0: every row was accepted. 1: a row was held or rejected, or the import was refused or
interrupted. 2: the file or the command is wrong. Standard output gets the counts and the first rows
that were not accepted; no value of a row is printed anywhere.
"""

import asyncio
import gc
import os
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final, NoReturn

import click
from tqdm import tqdm

from cli.home import look_into_home, open_home
from cli.import_report import ReportError, Reports, Summary
from cli.refusals import MISUSE, REFUSED, end, refusals
from cli.register_encoding import Encoding
from cli.register_file import RegisterFile, open_register
from cli.register_source import RegisterFileError
from db.act_imports import ActImports
from db.derived import require_same_rules
from db.imports import Imports
from db.intake import Intake
from db.ledger import Ledger
from resolvers.intake.codes import Language, Result
from resolvers.intake.columns import Kind
from resolvers.intake.importing import Batch, Importer, Judges, RegisterBook, judged_alone
from resolvers.intake.importing_past import (
    PastBatch,
    PastBook,
    PastImporter,
    PastJudges,
    nobody_registered,
)
from resolvers.intake.judgement import Outcome
from server.city import read_city
from server.clock import SystemClock, day_of
from server.settings import Settings, read_settings

SHOWN: Final = 20
"""How many rows that were not accepted are printed; a report holds them all."""

_ENCODINGS: Final[dict[str, Encoding]] = {"utf-8": "utf-8", "gb18030": "gb18030"}
_LANGUAGES: Final[dict[str, Language]] = {"zh-CN": "zh-CN", "en": "en"}


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the command line asked for."""

    file: Path
    kind: Kind
    encoding: Encoding | None
    today: date
    dry_run: bool
    reports: tuple[Path, ...]
    language: Language
    progress: bool


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in Kind]),
    default=Kind.REGISTRATIONS.value,
    show_default=True,
    help="What the rows of the file are.",
)
@click.option(
    "--encoding",
    type=click.Choice(list(_ENCODINGS)),
    help="The encoding of a CSV file, where it isn't told by the file itself.",
)
@click.option(
    "--today",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day to judge by, YYYY-MM-DD; else the day in Asia/Shanghai.",
)
@click.option("--dry-run", is_flag=True, help="Judge every row and write nothing to the register.")
@click.option(
    "--report",
    "reports",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write a report, .json or .csv; may be given again.",
)
@click.option(
    "--language",
    type=click.Choice(list(_LANGUAGES)),
    help="The language of reasons; else JUZHU_LANGUAGE or zh-CN.",
)
@click.option(
    "--progress/--no-progress", default=None, help="Show a progress bar; else on a terminal only."
)
def import_(
    *,
    file: Path,
    kind: str,
    encoding: str | None,
    today: datetime | None,
    dry_run: bool,
    reports: tuple[Path, ...],
    language: str | None,
    progress: bool | None,
) -> None:
    """Import a register export: CSV (UTF-8 or GB18030) or XLSX.

    Registrations come first, then with --kind what happened to those persons: permits, their
    endorsements, and temporary permits of the time before the Measures.

    Each row is accepted, held for review or rejected. Importing a file again changes nothing; an
    import that was interrupted goes on when it is started again.

    Exit 0: every row accepted. 1: a row was held or rejected. 2: the file can't be read.

    Example: `juzhu import register.csv --dry-run --report report.csv`.
    """
    with refusals():
        settings = read_settings(os.environ)
        this_day = _today()
        wanted = _Wanted(
            file=file,
            kind=Kind(kind),
            encoding=None if encoding is None else _ENCODINGS[encoding],
            today=this_day if today is None else today.date(),
            dry_run=dry_run,
            reports=reports,
            language=settings.language if language is None else _LANGUAGES[language],
            progress=sys.stderr.isatty() if progress is None else progress,
        )
        # What was loaded stays to the end: no collection needs to walk it again for every batch.
        gc.freeze()
        if wanted.today > this_day:
            click.echo("warning: --today lies in the future: no day before it is refused", err=True)
        try:
            summary = asyncio.run(_import(wanted, settings))
        except (RegisterFileError, ReportError) as wrong:
            end(str(wrong), wrong.hint, MISUSE)
        except KeyboardInterrupt:
            end("interrupted", "start it again: it goes on where it stopped", REFUSED)
    sys.exit(0 if summary.all_accepted else 1)


async def _import(wanted: _Wanted, settings: Settings) -> Summary:
    """Run the import, with the report beside it and the counts at the end."""
    summary, shown = Summary(), _Shown(wanted.language)
    async with AsyncExitStack() as opened:
        register = opened.enter_context(
            open_register(wanted.file, encoding=wanted.encoding, kind=wanted.kind)
        )
        reports = opened.enter_context(
            Reports(wanted.reports, language=wanted.language, source=wanted.file)
        )
        for heading in register.unread:
            click.echo(f"warning: not read, no such heading: {heading}", err=True)
        if register.unread_sheets:
            click.echo(
                "warning: only the first visible sheet is read; the workbook has "
                f"{register.unread_sheets} more",
                err=True,
            )
        bar: tqdm[NoReturn] = tqdm(
            total=register.expected,
            unit=" rows",
            file=sys.stderr,
            disable=not wanted.progress,
        )
        opened.enter_context(bar)
        become = _outcomes if wanted.kind is Kind.REGISTRATIONS else _past_outcomes
        outcomes = await opened.enter_async_context(become(wanted, settings, register))
        async for batch in outcomes:
            summary.add(batch)
            reports.add(batch, register.headings)
            shown.add(batch, register)
            bar.update(len(batch))
        reports.finish(summary)
    shown.end(summary, dry_run=wanted.dry_run)
    return summary


@asynccontextmanager
async def _outcomes(
    wanted: _Wanted, settings: Settings, register: RegisterFile
) -> AsyncIterator[AsyncIterator[list[Outcome]]]:
    """What becomes of the rows, batch by batch; the deployment stays open meanwhile."""
    city = read_city(settings, wanted.today)
    calendar = city.calendar
    batches = Judges(today=wanted.today, calendar=calendar).batches(register.rows)
    if wanted.dry_run:
        async with look_into_home(settings, now=_now()) as home:
            book = None if home is None else RegisterBook(home.database, home.ring)
            yield _compared(batches, book)
        return
    async with open_home(settings, now=_now()) as home:
        await require_same_rules(home.database, home.ring, city.basis, today=_today())
        ledger = Ledger(home.database, deployment=home.ring.deployment)
        try:
            imports = Imports(home.ring, Intake(home.ring, calendar, city.schedule), ledger)
            importer = Importer(home.database, home.ring, imports, _now)
            yield importer.run(batches, register.digest)
        finally:
            await ledger.stop()


@asynccontextmanager
async def _past_outcomes(
    wanted: _Wanted, settings: Settings, register: RegisterFile
) -> AsyncIterator[AsyncIterator[list[Outcome]]]:
    """The same for rows about persons who are registered already."""
    city = read_city(settings, wanted.today)
    batches = PastJudges(wanted.kind, today=wanted.today).batches(register.rows)
    if wanted.dry_run:
        async with look_into_home(settings, now=_now()) as home:
            book = None
            if home is not None:
                intake = Intake(home.ring, city.calendar, city.schedule)
                book = PastBook(home.database, home.ring, intake, _now)
            yield _past_compared(batches, book)
        return
    async with open_home(settings, now=_now()) as home:
        await require_same_rules(home.database, home.ring, city.basis, today=_today())
        ledger = Ledger(home.database, deployment=home.ring.deployment)
        try:
            intake = Intake(home.ring, city.calendar, city.schedule)
            imports = ActImports(home.ring, intake, ledger)
            importer = PastImporter(wanted.kind, home.database, home.ring, imports, _now)
            yield importer.run(batches, register.digest)
        finally:
            await ledger.stop()


async def _past_compared(
    batches: Iterable[PastBatch], book: PastBook | None
) -> AsyncIterator[list[Outcome]]:
    for batch in batches:
        yield nobody_registered(batch) if book is None else await book.compare(batch)


async def _compared(
    batches: Iterable[Batch], book: RegisterBook | None
) -> AsyncIterator[list[Outcome]]:
    for batch in batches:
        yield judged_alone(batch) if book is None else await book.compare(batch)


def _today() -> date:
    return day_of(SystemClock().now())


def _now() -> datetime:
    return datetime.fromtimestamp(SystemClock().now(), UTC)


class _Shown:
    """What standard output gets: the first rows that were not accepted, and the counts."""

    def __init__(self, language: Language) -> None:
        self._language: Language = language
        self._lines: list[str] = []
        self._more = 0

    def add(self, outcomes: Iterable[Outcome], register: RegisterFile) -> None:
        """Keep the first rows that were not accepted."""
        for outcome in outcomes:
            if outcome.result is Result.ACCEPTED:
                continue
            if len(self._lines) == SHOWN:
                self._more += 1
                continue
            about = outcome.about(register.headings)
            why = outcome.why(register.headings, self._language)
            self._lines.append(f"{outcome.row}\t{self._word(outcome.result)}\t{about}\t{why}")

    def end(self, summary: Summary, *, dry_run: bool) -> None:
        """Print what was kept, then the counts."""
        chinese = self._language == "zh-CN"
        for line in self._lines:
            click.echo(line)
        if self._more:
            click.echo(
                f"另有{self._more}行未接受，见 --report"
                if chinese
                else f"{self._more} more rows were not accepted: see --report"
            )
        counts = summary.counts()
        rows = counts.pop("rows")
        parts = [f"{self._word(Result(result))} {count}" for result, count in counts.items()]
        if chinese:
            click.echo(f"{'试行：' if dry_run else ''}共{rows}行：{'，'.join(parts)}")
        else:
            click.echo(f"{'dry run: ' if dry_run else ''}{rows} rows: {', '.join(parts)}")

    def _word(self, result: Result) -> str:
        if self._language != "zh-CN":
            return result.value
        return {Result.ACCEPTED: "接受", Result.HELD: "待核", Result.REJECTED: "拒绝"}[result]
