"""Runs the cases of a file, each in a city of its own, and compares what comes.

Never: lets one case see another, or passes over one that can't be run.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from cli.scenarios import wordings
from cli.scenarios.came import Through
from cli.scenarios.checking import Difference, check
from cli.scenarios.keys import WrongValueError
from cli.scenarios.office import Blank, Graph, make_blank
from cli.scenarios.one_case import City, run_case
from cli.scenarios.reading import Alternative, Broken, Case, ScenarioFile
from db.errors import DatabaseError
from regulation.calendar import WorkingCalendar
from regulation.parameters import AS_ISSUED, READINGS, Parameters, Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one case, or of one alternative of it.

    `problems` say why it could not be run; `reading` is the choice that an alternative was run
    under; `not_a_switch` marks one that the product has no switch for.
    """

    file: str
    case: str
    article: str
    title: str
    through: Through | None = None
    differences: tuple[Difference, ...] = ()
    unchecked: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    alternative: str | None = None
    reading: str | None = None
    not_a_switch: bool = False

    @property
    def passed(self) -> bool:
        """Whether all that the case lists came out."""
        return not (self.differences or self.problems or self.not_a_switch)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How to run: by which policy, with which readings chosen, alternatives or cases."""

    policy: Parameters | Schedule = AS_ISSUED
    readings: tuple[tuple[str, str], ...] = ()
    alternatives: bool = False


def run_files(files: Sequence[ScenarioFile], wanted: Wanted) -> Iterator[Result]:
    """Run every case of every file, in their order; one result after the other."""
    served = Graph.shipped()
    with TemporaryDirectory(prefix="juzhu-scenarios-") as folder:
        blank = asyncio.run(make_blank(Path(folder)))
        for number, file in enumerate(files):
            for place, case in enumerate(file.cases):
                runner = _Runner(Path(folder) / f"{number}-{place}", file, blank, served, wanted)
                yield from runner.results(case)


@dataclass(slots=True)
class _Runner:
    folder: Path
    file: ScenarioFile
    blank: Blank
    served: Graph
    wanted: Wanted
    times: int = 0

    def results(self, case: Case | Broken) -> Iterator[Result]:
        if isinstance(case, Broken):
            yield self._result(case, problems=case.problems)
        elif self.wanted.alternatives:
            for alternative in case.alternatives:
                yield self._alternative(case, alternative)
        else:
            yield self._compare(case, self._expected(case), self.wanted.policy)

    def _expected(self, case: Case) -> Mapping[str, object]:
        """What is expected under the readings chosen: an alternative's where it means them."""
        for alternative in case.alternatives:
            choice = wordings.choice_of(case.readings, alternative.reading)
            if choice in self.wanted.readings:
                return alternative.then
        return case.then

    def _alternative(self, case: Case, alternative: Alternative) -> Result:
        known = wordings.choice_of(case.readings, alternative.reading)
        if known is not None:
            reading, choice = known
            if choice == wordings.NOT_A_SWITCH:
                return self._not_a_switch(case, alternative)
            return self._under(case, alternative, reading, choice)
        for reading in case.readings:
            for choice_ in READINGS[reading].choices:
                found = self._under(case, alternative, reading, choice_.code)
                if found.passed and choice_.code != READINGS[reading].recommended:
                    return found
        return self._not_a_switch(case, alternative)

    def _under(self, case: Case, alternative: Alternative, reading: str, choice: str) -> Result:
        policy = AS_ISSUED.reading(**{reading: choice})
        return self._compare(
            case,
            alternative.then,
            policy,
            alternative=alternative.reading,
            reading=f"{reading}={choice}",
        )

    def _not_a_switch(self, case: Case, alternative: Alternative) -> Result:
        return self._result(case, alternative=alternative.reading, not_a_switch=True)

    def _compare(
        self,
        case: Case,
        then: Mapping[str, object],
        policy: Parameters | Schedule,
        *,
        alternative: str | None = None,
        reading: str | None = None,
    ) -> Result:
        self.times += 1
        folder = self.folder.with_name(f"{self.folder.name}-{self.times}")
        try:
            seen = run_case(case, self._city(folder, case, policy))
        except WrongValueError as error:
            return self._result(
                case, problems=(str(error),), alternative=alternative, reading=reading
            )
        except (DatabaseError, ValueError, LookupError, OverflowError) as error:
            # HistoryError and StepError are such: the facts of the case contradict each other.
            said = f"what is given can't have happened: {error}"
            return self._result(case, problems=(said,), alternative=alternative, reading=reading)
        checked = check(then, seen)
        return self._result(
            case,
            through=seen.through,
            differences=checked.differences,
            unchecked=checked.unchecked,
            alternative=alternative,
            reading=reading,
        )

    def _city(self, folder: Path, case: Case, policy: Parameters | Schedule) -> City:
        return City(
            folder=folder,
            blank=self.blank,
            calendar=_calendar_of(case, self.file),
            policy=policy,
            served=self.served,
        )

    def _result(
        self,
        case: Case | Broken,
        *,
        through: Through | None = None,
        differences: tuple[Difference, ...] = (),
        unchecked: tuple[str, ...] = (),
        problems: tuple[str, ...] = (),
        alternative: str | None = None,
        reading: str | None = None,
        not_a_switch: bool = False,
    ) -> Result:
        return Result(
            file=self.file.name,
            case=case.id,
            article=case.article,
            title=case.title,
            through=through,
            differences=differences,
            unchecked=unchecked,
            problems=problems,
            alternative=alternative,
            reading=reading,
            not_a_switch=not_a_switch,
        )


def _calendar_of(case: Case, file: ScenarioFile) -> WorkingCalendar:
    """The file's calendar, as it was when the case says it ended."""
    through = case.given.text("calendar_loaded_through")
    if through is None:
        return file.calendar
    if not through.isdecimal():
        raise WrongValueError("given.calendar_loaded_through", "is no year", "write 2026")
    return file.calendar.through(int(through))
