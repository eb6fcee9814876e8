"""The dated policy: how the Measures are read (R1 to R31) and the figures that they set.

`RECOMMENDED` holds the recommended choice of each reading, `AS_ISSUED` the figures as the Measures
of 2017 give them. `Schedule` holds a city's own, by day; `regulation.policy_file` reads them.

Never: reads a file but the shipped one, or knows a fee: an amount is the city's to enter.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from importlib.resources import files


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One way to read a question."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A question that the text leaves open, and its choices; the recommended one is one of them."""

    id: str
    zh: str
    en: str
    recommended: str
    choices: tuple[Choice, ...]

    def choice(self, code: str) -> Choice | None:
        """Return the choice with this code, None where there is none."""
        return next((choice for choice in self.choices if choice.code == code), None)


def _load() -> dict[str, Reading]:
    text = files("regulation").joinpath("readings.toml").read_text(encoding="utf-8")
    return {
        id_: Reading(
            id=id_,
            zh=table["zh"],
            en=table["en"],
            recommended=table["recommended"],
            choices=tuple(
                Choice(code=code, zh=says["zh"], en=says["en"])
                for code, says in table["choices"].items()
            ),
        )
        for id_, table in tomllib.loads(text).items()
    }


READINGS: Mapping[str, Reading] = _load()
"""All 31, in the order of their numbers."""

_RECOMMENDED = {reading.id: reading.recommended for reading in READINGS.values()}


class UnknownReadingError(LookupError):
    """No reading has this id, or none of its choices this code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedReading:
    """A reading that a decision touched, with the choice that was made."""

    id: str
    choice: str

    @property
    def recommended(self) -> bool:
        """Whether the choice is the recommended one."""
        return _RECOMMENDED[self.id] == self.choice


@dataclass(frozen=True, slots=True)
class Readings:
    """A choice for each of the 31 questions: the recommended one unless it is named here."""

    departures: tuple[tuple[str, str], ...] = ()
    _made: Mapping[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Put all choices side by side: each decision asks for some twenty."""
        # The last word on a reading is the first one that is named.
        made = _RECOMMENDED | dict(reversed(self.departures))
        object.__setattr__(self, "_made", made)

    def chosen(self, reading: str) -> str:
        """Return the code of the choice made for `reading`."""
        found = self._made.get(reading)
        if found is None:
            msg = f"there is no reading {reading}: readings.toml lists R1 to R31"
            raise UnknownReadingError(msg)
        return found

    def choosing(self, choices: Mapping[str, str]) -> "Readings":
        """Return these readings with other choices; one that is unknown is refused."""
        made = dict(self.departures) | dict(choices)
        for id_, code in made.items():
            reading = READINGS.get(id_)
            if reading is None:
                msg = f"there is no reading {id_}: write R1 to R31"
                raise UnknownReadingError(msg)
            if reading.choice(code) is None:
                known = ", ".join(choice.code for choice in reading.choices)
                msg = f"{id_} knows no choice {code!r}: write one of {known}"
                raise UnknownReadingError(msg)
        return Readings(
            tuple(
                (id_, made[id_])
                for id_ in READINGS
                if made.get(id_, "") not in {"", _RECOMMENDED[id_]}
            )
        )

    def applied(self, *ids: str) -> tuple[AppliedReading, ...]:
        """Return the choices made for these readings, as a decision names them."""
        return tuple(AppliedReading(id=id_, choice=self.chosen(id_)) for id_ in ids)


RECOMMENDED = Readings()
"""The recommended choice everywhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """The figures that the Measures set; `Parameters.basis_of` says what each rests on.

    The amount of the fee is None: article 21 leaves it to other rules, so a city enters it.
    """

    half_year_months: int = 6
    report_working_days: int = 7
    move_months: int = 1
    issue_days: int = 30
    issue_days_national: int = 15
    issue_warning_days: int = 15
    validity_years: int = 1
    window_days: int = 30
    grace_days: int = 30
    settlement_years: int = 3
    temporary_gap_days: int = 30
    persons_per_coordinator: int = 500
    catchment_least_persons: int = 100
    guardian_under_age: int = 16
    case_days: int = 60
    answers_kept_days: int = 90
    changes_kept_days: int = 90
    void_working_days: int = 5
    proposal_working_days: int = 10
    follow_school_place_days: int = 180
    follow_social_insurance_days: int = 90
    follow_housing_support_days: int = 365
    subject_request_working_days: int = 15
    correction_working_days: int = 15
    correction_answer_days: int = 90
    corrections_waiting_most: int = 50
    replacement_fee_fen: int | None = None


_BASES: Mapping[str, str] = {
    "half_year_months": "本办法第二条、第十五条；民法典第二百条",
    "report_working_days": "本办法第六条至第八条、第十条、第十九条第一款",
    "move_months": "本办法第十九条第二款",
    "issue_days": "本办法第十七条第二款",
    "issue_days_national": "居住证暂行条例第九条",
    "issue_warning_days": "居住证暂行条例第九条",
    "validity_years": "本办法第十七条第一款",
    "window_days": "本办法第二十条第一款",
    "grace_days": "本办法第二十条第二款",
    "settlement_years": "本办法第二十二条",
    "temporary_gap_days": "本办法第三十二条，比照第二十条第二款",
    "persons_per_coordinator": "本办法第四条第二款",
    "catchment_least_persons": "本办法第二十八条；个人信息保护法第六条（最小必要）",
    "guardian_under_age": "本办法第十条第二款",
    "case_days": "本办法第二十八条；办法未定期限，由本市确定",
    "answers_kept_days": "个人信息保护法第十九条（保存期限最短）；本办法第二十八条",
    "changes_kept_days": "个人信息保护法第十九条（保存期限最短）；本办法第二十八条",
    "void_working_days": "本办法第三十条；办法未定期限，比照补录期限",
    "proposal_working_days": "本办法第三十条；办法未定期限，由本市规定",
    "follow_school_place_days": "本办法第二十四条（四）；个人信息保护法第十九条",
    "follow_social_insurance_days": "本办法第二十四条（二）；个人信息保护法第十九条",
    "follow_housing_support_days": "本办法第二十六条；个人信息保护法第十九条",
    "subject_request_working_days": (
        "个人信息保护法第五十条（“及时”，未定日数）；十五个工作日为配置值，须经法制部门确认 [LEGAL]"
    ),
    "correction_working_days": (
        "本办法第三十条；办法未定期限，十五个工作日为配置值，须经法制部门确认 [LEGAL]"
    ),
    "correction_answer_days": "本办法第二十八条、第三十条；办法未定期限，由本市确定",
    "corrections_waiting_most": "本办法第二十八条；办法未定数目，由本市确定",
    "replacement_fee_fen": "本办法第二十一条第二款",
}

VERSION = "赤政办发〔2017〕25号"
"""The document itself, which is the version of `AS_ISSUED`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """What holds on a day: readings, figures, and the version that a decision cites (article 1)."""

    version: str = VERSION
    basis: str = VERSION
    since: date = date.min
    until: date = date.max
    readings: Readings = RECOMMENDED
    values: Values = field(default_factory=Values)
    bases: tuple[tuple[str, str], ...] = ()

    def chosen(self, reading: str) -> str:
        """Return the code of the choice made for `reading`."""
        return self.readings.chosen(reading)

    def basis_of(self, value: str) -> str:
        """Return the legal reference of a figure, by its name in `Values`."""
        return dict(self.bases).get(value) or _BASES[value]

    def reading(self, **choices: str) -> "Parameters":
        """Return these parameters with other choices, named R1 to R31."""
        return replace(self, readings=self.readings.choosing(choices))

    def on(self, _day: date) -> "Parameters":
        """Return what holds on any day: these. A `Schedule` knows more than one."""
        return self

    @property
    def in_force_from(self) -> date:
        """The day on which the Measures took effect (article 33, R25)."""
        return date.fromisoformat(self.chosen("R25"))


AS_ISSUED = Parameters()
"""The Measures as issued, each reading as recommended."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """The parameters of a city, by day. `policies` are in the order of their days."""

    policies: tuple[Parameters, ...] = ()

    def on(self, day: date) -> Parameters:
        """Return what holds on `day`: the Measures as issued where no entry covers it."""
        for parameters in self.policies:
            if parameters.since <= day <= parameters.until:
                return parameters
        return AS_ISSUED
