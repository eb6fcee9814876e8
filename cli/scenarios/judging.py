"""Actions that neither a use case nor the service has a door for: the decision functions alone.

Never: stores anything; when a use case comes, its action moves to `cli.scenarios.acting`.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from typing import Final

from cli.scenarios import words
from cli.scenarios.came import Came, Through
from cli.scenarios.given import temporary_of
from cli.scenarios.inspecting import aggregates_only
from cli.scenarios.keys import WrongValueError
from cli.scenarios.scene import Scene
from regulation.calendar import Deadline
from regulation.card import card_fields
from regulation.issue import issue_due
from regulation.moving import keeps_time_until
from regulation.outcome import Outcome
from regulation.permit import PermitValidity, grace_ends
from regulation.registration import declare_by
from regulation.staffing import coordinators_required
from regulation.temporary_permit import temporary_status
from regulation.third_party import Reporter, ThirdPartyReport, report_deadline


async def render_card(scene: Scene) -> Came:
    """Say what the card shows (article 13)."""
    return Came(says={"fields": list(card_fields(scene.parameters))}, through=Through.RULE)


async def query_temporary_permit(scene: Scene) -> Came:
    """Ask whether a temporary permit of the time before the Measures is valid (article 32)."""
    permit = temporary_of(scene.case)
    if permit is None:
        raise WrongValueError("given.temporary_permit", "is missing", "write from and to")
    found = temporary_status(permit, scene.day)
    return Came(word="answered", says={"answer": found.value}, through=Through.RULE)


async def statistics_staffing(scene: Scene) -> Came:
    """Reckon the coordinators of a county (article 4)."""
    population = scene.case.given.number("floating_population")
    if population is None:
        raise WrongValueError("given.floating_population", "is missing", "write a whole number")
    required = coordinators_required(population, scene.parameters)
    return Came(word="answered", says={"coordinators_required": required}, through=Through.RULE)


async def statistics(scene: Scene) -> Came:
    """Ask for numbers: aggregates for those who plan and pay, rows for nobody (articles 4, 5)."""
    word = scene.case.when.need_text("by")
    who = words.who(word) or word
    if who not in words.AGGREGATES_FOR:
        return Came(word=words.OUTCOMES[Outcome.DENIED], through=Through.RULE)
    refused = await aggregates_only(scene, who)
    return Came(
        word=words.OUTCOMES[Outcome.ANSWERED],
        says={"kind": "aggregate" if refused else "rows"},
        claims={"row_level": not refused},
        through=Through.RULE,
    )


_ARTICLE: Final = re.compile(r"art(?:icle)?\.?\s*(\d+)(?:\s*(?:para(?:graph)?\.?|/)\s*(\d))?")


async def compute_deadline(scene: Scene) -> Came:
    """Reckon the last day of a limit; provisional where a holiday notice is missing (R30)."""
    rule = scene.case.when.need_text("rule")
    deadline = _deadline(scene, rule)
    year = scene.case.given.text("calendar_loaded_through")
    said = {str(each) for each in deadline.missing}
    claims = {f"names {each}": each in said for each in map(str, range(2000, 2100))}
    # A year that is reckoned by statutory days alone is computed; it is final only with a notice.
    claims["presented_as_final"] = bool(said) and not deadline.provisional
    return Came(
        word="provisional" if deadline.provisional else "computed",
        says={"deadline": deadline.day, "flag": frozenset({"provisional"} if said else ())},
        claims=claims | {"calendar_ends": year is not None},
        through=Through.RULE,
    )


def _deadline(scene: Scene, rule: str) -> Deadline:
    given, parameters = scene.case.given, scene.parameters
    calendar = scene.office.calendar
    found = _ARTICLE.match(rule.strip().lower())
    article, paragraph = (found.group(1), found.group(2)) if found else ("", None)
    begins: Mapping[str, tuple[str, ...]] = {
        "6": ("hired",),
        "7": ("learned", "lease_start"),
        "8": ("deal_date",),
        "10": ("arrival_date",),
        "17": (),
        "19": ("moved",),
        "20": (),
    }
    if article not in begins:
        hint = "write art 6, 7, 8, 10, 17, 19, 19 para 2 or 20"
        raise WrongValueError("when.rule", f"unknown rule {rule[:60]!r}", hint)
    start = next(filter(None, (given.day(key) for key in begins[article])), scene.day)
    if article in {"6", "7", "8"}:
        reporter = {
            "6": Reporter.EMPLOYER,
            "7": Reporter.PROPERTY_MANAGER,
            "8": Reporter.INTERMEDIARY,
        }[article]
        report = ThirdPartyReport(
            reporter=reporter,
            happened_on=given.day("lease_start") or start,
            learned_on=given.day("learned"),
        )
        of_report = report_deadline(report, calendar, parameters)
        if of_report is not None:
            return of_report
    if article == "17":
        accepted = next(
            filter(
                None,
                (
                    part.day("accepted")
                    for key in ("application", "pending_application")
                    if (part := given.part(key)) is not None
                ),
            ),
            scene.day,
        )
        return issue_due(accepted, parameters)
    if article == "20":
        return _grace(scene)
    if article == "19" and paragraph == "2":
        return keeps_time_until(start, calendar, parameters)
    return declare_by(start, calendar)


def _grace(scene: Scene) -> Deadline:
    permit = scene.case.given.part("permit")
    valid_to: date | None = None if permit is None else permit.day("valid_to")
    if valid_to is None:
        raise WrongValueError("given.permit.valid_to", "is missing", "write the printed expiry")
    validity = PermitValidity(valid_from=valid_to, valid_to=valid_to)
    return grace_ends(validity, scene.office.calendar, scene.parameters)


JUDGED: Final[Mapping[str, Callable[[Scene], Awaitable[Came]]]] = {
    "render_card": render_card,
    "query_temporary_permit": query_temporary_permit,
    "statistics_staffing": statistics_staffing,
    "statistics": statistics,
    "compute_deadline": compute_deadline,
}
"""Every action that is judged by the rules alone."""
