"""To whom and since when the Measures apply (articles 31 and 33; R25)."""

from datetime import date

import pytest

from regulation.outcome import Outcome, Reason
from regulation.parameters import AS_ISSUED
from regulation.scope import (
    PersonKind,
    Route,
    has_mainland_hukou,
    in_force,
    not_in_force,
    person_kind,
    routed_away,
)


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("110105199005129975", PersonKind.CITIZEN),
        ("110105900512997", PersonKind.CITIZEN),
        ("15042519790625997x", PersonKind.CITIZEN),
        ("810000199001159999", PersonKind.HONG_KONG),
        ("820000197811119975", PersonKind.MACAO),
        ("830000199106069985", PersonKind.TAIWAN),
        ("E00000000", PersonKind.FOREIGNER),
        ("911224199912319998", PersonKind.FOREIGNER),
        ("11010519900512997", PersonKind.CITIZEN),
    ],
)
def test_the_kind_of_person_is_told_before_the_check_digit(number: str, kind: PersonKind) -> None:
    assert person_kind(number) is kind


@pytest.mark.parametrize(
    ("kind", "hukou", "route"),
    [
        (PersonKind.CITIZEN, "110105", None),
        (PersonKind.CITIZEN, "650102", None),
        (PersonKind.CITIZEN, None, Route.NO_MAINLAND_HUKOU),
        (PersonKind.CITIZEN, "", Route.NO_MAINLAND_HUKOU),
        (PersonKind.CITIZEN, "710000", Route.HONG_KONG_MACAO_TAIWAN),
        (PersonKind.HONG_KONG, None, Route.HONG_KONG_MACAO_TAIWAN),
        (PersonKind.MACAO, "110105", Route.HONG_KONG_MACAO_TAIWAN),
        (PersonKind.FOREIGNER, None, Route.FOREIGNERS),
    ],
)
def test_whoever_has_no_mainland_hukou_is_shown_the_rules_that_apply(
    kind: PersonKind, hukou: str | None, route: Route | None
) -> None:
    away = routed_away(kind, hukou)
    assert has_mainland_hukou(kind, hukou) is (away is None)
    if away is None:
        assert route is None
        return
    assert away.route is route
    assert away.outcome is Outcome.OUT_OF_SCOPE
    assert away.reasons == (Reason.NOT_MAINLAND_HUKOU_CITIZEN,)
    assert away.missing == ()
    assert all((route.zh, route.en)) if route else False


@pytest.mark.parametrize(
    ("day", "choice", "holds"),
    [
        (date(2017, 6, 21), "2017-06-22", False),
        (date(2017, 6, 22), "2017-06-22", True),
        (date(2017, 6, 22), "2017-06-23", False),
        (date(2017, 6, 23), "2017-06-23", True),
    ],
)
def test_nothing_is_decided_before_the_measures_took_effect(
    day: date, choice: str, *, holds: bool
) -> None:
    parameters = AS_ISSUED.reading(R25=choice)
    assert in_force(day, parameters) is holds
    refused = not_in_force(day, parameters)
    assert (refused is None) is holds
    if refused is not None:
        assert refused.reasons == (Reason.NOT_IN_FORCE,)
        assert refused.earliest == date.fromisoformat(choice)
        assert [each.id for each in refused.readings] == ["R25"]
