"""Runs single cases without the command: a city for each, one blank register for all."""

import asyncio
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import yaml

from cli.scenarios.checking import Checked, check
from cli.scenarios.office import Blank, Graph, make_blank
from cli.scenarios.one_case import City, run_case
from cli.scenarios.reading import Case, read_file
from regulation.calendar import mainland_calendar
from regulation.parameters import AS_ISSUED, Parameters

PUBLISHED = Path(__file__).parents[1] / "data" / "scenarios.yaml"
CALENDAR = mainland_calendar()


class Bench:
    """Runs cases that a test makes, with the published persons."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.numbers = count()
        self.served = Graph.shipped()
        self.blank: Blank = asyncio.run(make_blank(folder))
        published = yaml.safe_load(PUBLISHED.read_text(encoding="utf-8"))
        self.persons: Sequence[Mapping[str, Any]] = published["test_persons"]

    def check(
        self,
        given: Mapping[str, object],
        when: Mapping[str, object],
        then: Mapping[str, object],
        parameters: Parameters = AS_ISSUED,
    ) -> Checked:
        """Run a case and compare."""
        case = {"id": "X", "article": "x", "given": given, "when": when, "then": then}
        path = self.folder / f"case-{next(self.numbers)}.yaml"
        document = {"test_persons": self.persons, "scenarios": [case]}
        path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
        (read,) = read_file(path).cases
        assert isinstance(read, Case), read
        city = City(
            folder=path.with_suffix(""),
            blank=self.blank,
            calendar=CALENDAR,
            policy=parameters,
            served=self.served,
        )
        return check(read.then, run_case(read, city))
