"""A city's own rules over HTTP: its readings, its items of article 26, a training day."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from server.settings import SettingsError, read_settings
from tests import builders
from tests.builders import COUNTY, TODAY, elsewhere
from tests.end_to_end.acts import OFFICIALS, act, filing, presented, seat, with_case
from tests.end_to_end.house import Seat, house_of
from tests.server.test_city import ROLL_OUT, RULES

HALF_A_YEAR_TODAY = with_case(
    builders.person(registered=replace(builders.registration(1), registered_on=date(2026, 5, 20)))
)
HOUSING = Seat(department="housing", purpose="housing-support", case="demo-1")
ENTITLED = """query($n:String!,$m:String!){person(idNumber:$n,name:$m){
  permit{entitled(service:"26:elder_care")
    entitlements(codes:["26:elder_care"]){answer because}}}}"""


@pytest.mark.parametrize(
    ("named", "outcome", "earliest"),
    [(False, "accepted", None), (True, "not_eligible", "2026-11-21")],
    ids=["as issued", "R3 next-day"],
)
async def test_a_desk_decides_by_the_citys_readings(
    tmp_path: Path, database_url: str, *, named: bool, outcome: str, earliest: str | None
) -> None:
    (tmp_path / "rules.toml").write_text(RULES, encoding="utf-8")
    settings = {"JUZHU_RULES": str(tmp_path / "rules.toml")} if named else {}
    async with house_of(
        tmp_path / "home", database_url, {"one": HALF_A_YEAR_TODAY}, officials=OFFICIALS,
        named=settings,
    ) as house:  # fmt: skip
        answered = await act(house, "fileApplication", filing(HALF_A_YEAR_TODAY))
        decision = answered.data["fileApplication"]["decision"]
        assert (decision["outcome"], decision["earliest"]) == (outcome, earliest)
        assert decision["policy"] == ("2026-1" if named else "赤政办发〔2017〕25号")
        asked = await house.ask(
            seat("fileApplication"),
            "query($n:String!,$m:String!){person(idNumber:$n,name:$m)"
            "{residence{continuousAtLeast(months:6)}}}",
            {"n": HALF_A_YEAR_TODAY.registration.id_number,
             "m": HALF_A_YEAR_TODAY.registration.name},
        )  # fmt: skip
        assert asked.data == {"person": {"residence": {"continuousAtLeast": not named}}}


async def test_an_item_of_article_26_is_answered_where_it_was_introduced(
    tmp_path: Path, database_url: str
) -> None:
    (tmp_path / "roll_out.toml").write_text(ROLL_OUT, encoding="utf-8")
    here, there = builders.active(1), elsewhere(builders.active(2))
    people = {"here": here, "there": there}
    settings = {"JUZHU_ROLL_OUT": str(tmp_path / "roll_out.toml")}
    async with house_of(tmp_path / "home", database_url, people, named=settings) as house:
        said = []
        for one in (here, there):
            who = presented(one)
            answered = await house.ask(HOUSING, ENTITLED, {"n": who["idNumber"], "m": who["name"]})
            said.append(answered.data["person"]["permit"])
    assert said == [
        {"entitled": True, "entitlements": [{"answer": "YES", "because": "ROLLED_OUT_ART_26"}]},
        {
            "entitled": False,
            "entitlements": [{"answer": "NOT_GUARANTEED", "because": "NOT_GUARANTEED_ART_26"}],
        },
    ]


async def test_a_training_day_is_the_day_of_the_measures_and_no_other(
    tmp_path: Path, database_url: str
) -> None:
    holder = with_case(builders.person(1, acts=[builders.issued(TODAY)]))
    settings = {"JUZHU_TODAY": (TODAY + timedelta(days=366)).isoformat()}
    async with house_of(
        tmp_path, database_url, {"one": holder}, officials=OFFICIALS, named=settings
    ) as house:
        who = presented(holder)
        answered = await house.ask(
            Seat(department="education", purpose="school-place", case="demo-1"),
            "query($n:String!,$m:String!){person(idNumber:$n,name:$m){permit{active}}}",
            {"n": who["idNumber"], "m": who["name"]},
        )
        # Suspended a year and a day later: the uniform "no"; its record has the real time.
        assert answered.data == {"person": None}
        assert (await house.record(answered)).says["time"].startswith(TODAY.isoformat())
        assert any(b"training day" in line for line in house.lines)


@pytest.mark.parametrize("day", ["2026-02-30", "tomorrow", "2016-12-31", "2101-01-01", "20260302x"])
def test_a_training_day_that_is_none_is_refused(day: str) -> None:
    with pytest.raises(SettingsError, match="JUZHU_TODAY"):
        read_settings({"JUZHU_TODAY": day})


def test_production_has_no_training_day() -> None:
    with pytest.raises(SettingsError, match="training: unset it in production"):
        read_settings(
            {
                "JUZHU_MODE": "production",
                "JUZHU_ROOT_KEY": "file:/etc/juzhu/root.key",
                "JUZHU_AUDIENCE": "https://juzhu.example.cn",
                "JUZHU_TODAY": "2026-03-02",
            }
        )


def test_the_county_of_the_tests_is_the_one_of_the_roll_out() -> None:
    assert f'division = "{COUNTY}"' in ROLL_OUT
