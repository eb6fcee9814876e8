"""One case: its past is stored, its action runs, what came of it is read off.

Never: compares; `cli.scenarios.checking` does.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree

from cli.scenarios.acting import ACTS
from cli.scenarios.asking import QUERIES
from cli.scenarios.came import Came
from cli.scenarios.given import number_of, past_of
from cli.scenarios.inspecting import INSPECTIONS
from cli.scenarios.judging import JUDGED
from cli.scenarios.office import Blank, Graph, open_office
from cli.scenarios.reading import Case
from cli.scenarios.scene import Scene
from cli.scenarios.telling import Seen, tell
from regulation.calendar import WorkingCalendar, calendar_as_read
from regulation.parameters import Parameters, Schedule

ACTIONS: Mapping[str, Callable[[Scene], Awaitable[Came]]] = {
    **ACTS,
    **QUERIES,
    **INSPECTIONS,
    **JUDGED,
}
"""Every action with what runs it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """What the city of a case is made of; `folder` is not there yet."""

    folder: Path
    blank: Blank
    calendar: WorkingCalendar
    policy: Parameters | Schedule
    served: Graph


def run_case(case: Case, city: City) -> Seen:
    """Run one case; its folder is gone afterwards.

    Raises:
        WrongValueError: the case says something that the action can't take.
        HistoryError, StepError: what it gives can't have happened.
    """
    city.folder.mkdir(parents=True)
    try:
        return asyncio.run(_run(case, city))
    finally:
        rmtree(city.folder)


async def _run(case: Case, city: City) -> Seen:
    day = case.when.need_day("date")
    policy = city.policy
    parameters = policy.on(day)
    calendar = calendar_as_read(city.calendar, parameters.readings)
    async with open_office(city.folder, city.blank, calendar, policy, city.served) as office:
        past = past_of(case, calendar=calendar, parameters=parameters)
        if past is not None:
            await office.store(past)
        number = number_of(case.person)
        before = await office.stand(number, day)
        known = len(await office.records())
        came = await ACTIONS[case.action](Scene(case, office))
        after = await office.stand(number, day)
        new = (await office.records())[known:]
        refused = sum(record.get("outcome") == "denied" for record in new)
        return tell(came, before=before, after=after, recorded=len(new), refused=refused)
