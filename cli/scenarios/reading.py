"""A scenario file read into cases: YAML in, checked values out.

Every key of a case is looked up in `cli.scenarios.keys`, every value is of the kind that its key
asks for, every person stands in the file. What is not understood breaks the case and is named;
nothing is passed over. A file that is not YAML, or has no cases, is refused as a whole.

Never: runs anything that a file says (safe YAML only), or looks at what a case is called.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

import yaml

from cli.once_loader import OnceLoader
from cli.scenarios.keys import CASE, GIVEN, THEN, TOP, WHEN, Kind, Said, WrongValueError, read_value
from regulation.calendar import WorkingCalendar, mainland_calendar
from regulation.notices import NoticeError, calendar_of
from regulation.parameters import READINGS

LARGEST: Final = 8 * 1024 * 1024
"""Bytes of a file."""

_LIMITED: Final = "limited mobility"
"""What a person's note says of somebody whom age or disability keeps in (article 10)."""


class ScenarioFileError(ValueError):
    """A file can't be read as scenarios; `hint` is the next step."""

    def __init__(self, problem: str, hint: str) -> None:
        super().__init__(problem)
        self.hint = hint


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePerson:
    """A synthetic person of the file. Its repr shows the id alone."""

    id: str
    number: str | None = field(repr=False)
    passport: bool
    born: date | None = field(repr=False)
    sex: str | None = field(repr=False)
    name: str = field(repr=False)
    ethnicity: str = field(repr=False)
    hukou: str | None = field(repr=False)
    limited_mobility: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """What would come out if a reading were chosen otherwise, in the office's words."""

    reading: str
    then: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case, all of it understood."""

    id: str
    article: str
    title: str
    person: CasePerson | None
    given: Said
    when: Said
    action: str
    then: Mapping[str, object]
    readings: tuple[str, ...] = ()
    alternatives: tuple[Alternative, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A case that is not understood, with everything that is wrong with it."""

    id: str
    article: str
    title: str
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioFile:
    """A file: its cases in order, and the calendar that they are judged by."""

    name: str
    calendar: WorkingCalendar
    cases: tuple[Case | Broken, ...]


def read_file(path: Path) -> ScenarioFile:
    """Read a file.

    Raises:
        ScenarioFileError: it is no scenario file.
    """
    document = _document(path)
    _known(document, TOP, "the file")
    try:
        calendar = _calendar(document.get("calendar"))
        persons = _persons(document.get("test_persons", []))
    except (NoticeError, WrongValueError) as error:
        raise ScenarioFileError(f"{path.name}: {error}", "Correct it: docs/scenarios.md") from None
    scenarios = document.get("scenarios")
    if not isinstance(scenarios, list) or not scenarios:
        raise ScenarioFileError(
            f"{path.name}: there is no list of scenarios", "Write scenarios: with a case under it"
        )
    cases = tuple(_case(raw, place, persons) for place, raw in enumerate(scenarios, start=1))
    return ScenarioFile(name=path.name, calendar=calendar, cases=_once(cases))


def _document(path: Path) -> Mapping[str, object]:
    hint = "Save it as YAML in UTF-8; docs/scenarios.md has an example"
    try:
        if path.stat().st_size > LARGEST:
            raise ScenarioFileError(f"{path.name}: larger than 8 MiB", "Split it")
        text = path.read_text(encoding="utf-8-sig")
        loaded: object = yaml.load(text, Loader=OnceLoader)  # noqa: S506 — derived from SafeLoader
    except OSError as error:
        raise ScenarioFileError(f"{path.name}: can't be read", str(error.strerror)) from None
    except UnicodeDecodeError:
        raise ScenarioFileError(f"{path.name}: not UTF-8", hint) from None
    except RecursionError:
        raise ScenarioFileError(f"{path.name}: nested too deeply", hint) from None
    except (yaml.YAMLError, ValueError) as error:
        said = " ".join(str(error).split())
        raise ScenarioFileError(f"{path.name}: not YAML: {said}", hint) from None
    if not isinstance(loaded, Mapping):
        raise ScenarioFileError(f"{path.name}: not a table of keys", hint)
    return loaded


def _known(table: Mapping[str, object], known: Mapping[str, object], where: str) -> None:
    for key in table:
        if key not in known:
            problem = f"unknown key {str(key)[:60]!r} in {where}"
            raise ScenarioFileError(problem, f"Use one of {', '.join(known)}")


def _calendar(table: object) -> WorkingCalendar:
    """The file's own calendar; that of the product where it has none."""
    if table is None:
        return mainland_calendar()
    years = table.get("years") if isinstance(table, Mapping) else None
    if not isinstance(years, Mapping):
        raise WrongValueError("calendar.years", "is no table", "write a table for each year")
    return calendar_of({str(year): each for year, each in years.items()})


_PERSON: Final = {
    "id": Kind.TEXT,
    "citizen_id": Kind.TEXT,
    "passport": Kind.TEXT,
    "id_prefix_division": Kind.TEXT,
    "birth_date": Kind.DAY,
    "sex_code": Kind.SEX,
    "name": Kind.TEXT,
    "ethnicity_code": Kind.TEXT,
    "ethnicity": Kind.TEXT,
    "default_hukou_division": Kind.HUKOU,
    "note": Kind.TEXT,
}
PERSON_KEYS: Final = tuple(_PERSON)
"""What a person of `test_persons` may say."""


def _persons(table: object) -> Mapping[str, CasePerson]:
    if not isinstance(table, list):
        raise WrongValueError("test_persons", "is no list", "write - id: P01 and so on")
    found: dict[str, CasePerson] = {}
    for raw in table:
        if not isinstance(raw, Mapping) or not isinstance(raw.get("id"), str):
            raise WrongValueError("test_persons", "has an entry without id", "write - id: P01")
        for key in raw:
            if key not in _PERSON:
                raise WrongValueError(
                    f"test_persons {raw['id']}",
                    f"has an unknown key {str(key)[:60]!r}",
                    f"use {', '.join(_PERSON)}",
                )
        said = Said(
            {k: read_value(f"test_persons {k}", _PERSON[k], v) for k, v in raw.items()},
            "test_persons",
        )
        person = CasePerson(
            id=said.need_text("id"),
            number=said.text("citizen_id"),
            passport=said.text("passport") is not None,
            born=said.day("birth_date"),
            sex=said.text("sex_code"),
            name=said.text("name") or "",
            ethnicity=said.text("ethnicity") or "",
            hukou=said.text("default_hukou_division"),
            limited_mobility=_LIMITED in (said.text("note") or "").lower(),
        )
        found[person.id] = person
    return found


def _case(raw: object, place: int, persons: Mapping[str, CasePerson]) -> Case | Broken:
    if not isinstance(raw, Mapping):
        where = f"case {place}"
        return Broken(id=where, article="", title="", problems=("is no table of keys",))
    problems = list[str]()
    for key in raw:
        if key not in CASE:
            problems.append(f"unknown key {str(key)[:60]!r}: use {', '.join(CASE)}")
    id_ = str(raw.get("id") or f"case {place}")
    article, title = str(raw.get("article") or ""), str(raw.get("title") or "")
    given = _said(raw.get("given"), GIVEN, "given", problems, persons)
    when = _said(raw.get("when"), WHEN, "when", problems, persons)
    then = _then(raw.get("then"), "then", problems)
    alternatives = _alternatives(raw.get("alternatives", []), problems)
    readings = tuple(filter(None, str(raw.get("reading") or "").replace(" ", "").split(",")))
    problems += [
        f"unknown reading {each[:20]!r}: R1 to R31" for each in readings if each not in READINGS
    ]
    for needed in ("action", "date"):
        if when.stated(needed) and when.value(needed) is None:
            problems.append(f"when.{needed} is empty")
        elif not when.stated(needed) and not any(f"when.{needed}" in each for each in problems):
            problems.append(f"when.{needed} is missing")
    if problems:
        return Broken(id=id_, article=article, title=title, problems=tuple(problems))
    asked = given.text("person") or given.text("tenant") or given.text("employee")
    return Case(
        id=id_,
        article=article,
        title=title,
        person=None if asked is None else persons[asked],
        given=given,
        when=when,
        action=when.need_text("action"),
        then=then,
        readings=readings,
        alternatives=alternatives,
    )


def _said(
    table: object,
    known: Mapping[str, Kind],
    where: str,
    problems: list[str],
    persons: Mapping[str, CasePerson],
) -> Said:
    if not isinstance(table, Mapping):
        problems.append(f"{where} is missing or no table of keys")
        return Said({}, where)
    values: dict[str, object] = {}
    for key, raw in table.items():
        kind = known.get(key)
        if kind is None:
            problems.append(f"unknown key {str(key)[:60]!r} in {where}: docs/scenarios.md has all")
            continue
        try:
            values[key] = read_value(f"{where}.{key}", kind, raw)
        except WrongValueError as error:
            problems.append(str(error))
            continue
        if kind is Kind.PERSON and values[key] is not None and values[key] not in persons:
            problems.append(f"{where}.{key}: test_persons has no {str(raw)[:60]!r}")
    return Said(values, where)


def _then(table: object, where: str, problems: list[str]) -> Mapping[str, object]:
    if not isinstance(table, Mapping) or not table:
        problems.append(f"{where} is missing or no table of keys: a case asserts something")
        return {}
    for key, value in table.items():
        if key not in THEN:
            problems.append(f"unknown key {str(key)[:60]!r} in {where}: docs/scenarios.md has all")
        elif not _flat(value):
            problems.append(f"{where}.{key}: is no value, list or table of values")
    return dict(table)


def _flat(value: object) -> bool:
    parts: list[object] = [value]
    if isinstance(value, list):
        parts = value
    elif isinstance(value, Mapping):
        parts = list(value.values())
    return all(each is None or isinstance(each, str | int | float | date) for each in parts)


def _alternatives(table: object, problems: list[str]) -> tuple[Alternative, ...]:
    if not isinstance(table, list):
        problems.append("alternatives is no list")
        return ()
    found = list[Alternative]()
    for raw in table:
        if not isinstance(raw, Mapping) or set(raw) != {"reading", "then"}:
            problems.append("an alternative has a reading and a then, and nothing else")
            continue
        then = _then(raw["then"], "alternatives.then", problems)
        found.append(Alternative(reading=str(raw["reading"]), then=then))
    return tuple(found)


def _once(cases: tuple[Case | Broken, ...]) -> tuple[Case | Broken, ...]:
    """Two cases of one id would hide each other in a report."""
    seen = set[str]()
    kept = list[Case | Broken]()
    for case in cases:
        again = case.id in seen
        seen.add(case.id)
        kept.append(
            Broken(
                id=case.id,
                article=case.article,
                title=case.title,
                problems=("the id stands twice in the file",),
            )
            if again
            else case
        )
    return tuple(kept)
