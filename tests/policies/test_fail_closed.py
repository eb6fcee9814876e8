"""Ways in which rules could open by themselves, each held shut."""

from datetime import date, timedelta
from pathlib import Path as FilePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.catalogue import Catalogue, Kind, PathSpec
from policies.lint import check
from policies.permission import (
    Action,
    DisclosedField,
    Effect,
    Path,
    Reason,
    Rendering,
    RuleId,
    Scope,
)
from policies.renderings import county_of_address, last4, mask, surname_only, township_of_address
from policies.ruleset import RowRule, RuleSet
from policies.table import NotGrantedError, Policies
from regulation.divisions import COUNTIES, townships
from tests.policies.city import ACTIVE, CATALOGUE, POLICIES, ROWS, TODAY, shipped_copy, small_city
from tests.policies.test_oracle import FIRST, SMALL, field_rule, role, rule_set

ACTIVE_PATH = Path("Permit.active")
LAST = date(2026, 6, 30)


def row_rule(held_by: str, scope: Scope, *, until: date | None = None, why: str = "p") -> RowRule:
    return RowRule(
        id=RuleId(f"{held_by}.csv:9"), role=held_by, purpose=why, type="Person", scope=scope,
        since=FIRST, until=until, because="a reason",
    )  # fmt: skip


def scopes(rules: RuleSet, *roles: str, day: date = FIRST) -> frozenset[Scope]:
    return Policies(rules, SMALL).table(roles, "p", day).scopes("Permit")


# --- several roles -------------------------------------------------------------------------------


def test_two_roles_reach_only_rows_that_both_reach() -> None:
    rows = (row_rule("a", Scope.ACTIVE_HOLDERS), row_rule("b", Scope.OWN_DIVISION))
    assert scopes(rule_set((), rows), "a", "b") == {Scope.ACTIVE_HOLDERS, Scope.OWN_DIVISION}


def test_a_role_that_reaches_no_row_is_not_passed_over_for_one_that_does() -> None:
    rows = (row_rule("a", Scope.ALL),)
    assert scopes(rule_set((), rows), "a") == {Scope.ALL}
    assert Scope.NONE in scopes(rule_set((), rows), "a", "b")


def test_a_role_whose_row_rule_is_for_another_purpose_reaches_no_row() -> None:
    rows = (row_rule("a", Scope.ALL), row_rule("b", Scope.ALL, why="q"))
    assert Scope.NONE in scopes(rule_set((), rows), "a", "b")


def test_a_role_whose_row_rule_has_ended_reaches_no_row() -> None:
    rows = (row_rule("a", Scope.ALL), row_rule("b", Scope.ALL, until=LAST))
    assert scopes(rule_set((), rows), "a", "b", day=LAST) == {Scope.ALL}
    assert Scope.NONE in scopes(rule_set((), rows), "a", "b", day=LAST + timedelta(days=1))


def test_an_inherited_row_rule_is_the_heirs_own() -> None:
    roles = (role("a"), role("head", ["a"]))
    rows = (row_rule("a", Scope.OWN_DIVISION),)
    assert scopes(rule_set((), rows, roles), "head") == {Scope.OWN_DIVISION}


def test_what_one_role_may_not_read_another_may_not_search() -> None:
    read, search = field_rule(1), field_rule(2, action=Action.FILTER)
    deny = field_rule(3, held_by="b", effect=Effect.DENY)
    policies = Policies(rule_set((read, search, deny)), SMALL)
    alone = policies.table({"a"}, "p", FIRST).decide(ACTIVE_PATH, Action.FILTER)
    both = policies.table({"a", "b"}, "p", FIRST).decide(ACTIVE_PATH, Action.FILTER)
    assert alone.granted
    assert (both.reason, both.rendering) == (Reason.EXPLICIT_DENY, None)
    assert "a.csv:3" in both.rules


@pytest.mark.parametrize("action", [Action.FILTER, Action.SORT])
def test_what_one_role_sees_masked_another_may_not_search_by_halving(action: Action) -> None:
    day = Path("Permit.validTo")
    catalogue = Catalogue({day: PathSpec(frozenset({Action.READ, action}), Kind.DATE)})
    read, search = field_rule(1, pattern=day), field_rule(2, pattern=day, action=action)
    masked = field_rule(3, held_by="b", pattern=day, rendering=Rendering.YEAR)
    policies = Policies(rule_set((read, search, masked)), catalogue)
    assert policies.table({"a"}, "p", FIRST).decide(day, action).granted
    both = policies.table({"a", "b"}, "p", FIRST)
    assert both.decide(day, Action.READ).rendering is Rendering.YEAR
    refused = both.decide(day, action)
    assert (refused.reason, refused.rendering) == (Reason.NO_GRANT, None)
    assert "a.csv:3" in refused.rules


def test_a_number_that_is_shown_masked_may_be_searched_whole() -> None:
    number = Path("Person.idNumber")
    catalogue = Catalogue(
        {number: PathSpec(frozenset({Action.READ, Action.FILTER}), Kind.ID_NUMBER)}
    )
    rules = (
        field_rule(1, pattern=number, rendering=Rendering.LAST4),
        field_rule(2, pattern=number, action=Action.FILTER),
    )
    held = Policies(rule_set(rules), catalogue).table({"a"}, "p", FIRST)
    assert held.decide(number, Action.FILTER).granted


def test_a_search_ends_with_the_read() -> None:
    read, search = field_rule(1, until=LAST), field_rule(2, action=Action.FILTER)
    policies = Policies(rule_set((read, search)), SMALL)
    before = policies.table({"a"}, "p", LAST).decide(ACTIVE_PATH, Action.FILTER)
    after = policies.table({"a"}, "p", LAST + timedelta(days=1)).decide(ACTIVE_PATH, Action.FILTER)
    assert (before.reason, before.until) == (Reason.GRANTED, LAST)
    assert after.reason is Reason.EXPIRED


def test_a_deny_by_pattern_for_every_purpose_beats_each_exact_allow() -> None:
    allow = field_rule(1)
    deny = field_rule(2, pattern="Permit.*", why="*", effect=Effect.DENY)
    for rules in ((allow, deny), (deny, allow)):
        table = Policies(rule_set(rules), SMALL).table({"a"}, "p", FIRST)
        assert table.decide(ACTIVE_PATH, Action.READ).reason is Reason.EXPLICIT_DENY


def test_without_a_purpose_a_role_that_the_rules_do_not_know_is_nobody() -> None:
    table = POLICIES.table({"education", "mayor"}, None, TODAY)
    assert not any(decision.granted for decision in table.decisions.values())
    assert table.scopes("Person") == {Scope.NONE}


# --- order ---------------------------------------------------------------------------------------


def test_rules_in_reversed_order_decide_the_same(tmp_path: FilePath) -> None:
    folder = shipped_copy(tmp_path)
    for path in (folder / "rules").iterdir():
        heading, *lines = path.read_text("utf-8").splitlines()
        path.write_text("\n".join([heading, *reversed(lines)]) + "\n", "utf-8")
    turned = Policies.load(catalogue=CATALOGUE, directory=folder)
    for purpose, entry in POLICIES.purposes.items():
        for code in entry.roles:
            there, here = (each.table({code}, purpose, TODAY) for each in (turned, POLICIES))
            assert there.rows == here.rows
            assert {
                cell: (each.reason, each.rendering) for cell, each in there.decisions.items()
            } == {cell: (each.reason, each.rendering) for cell, each in here.decisions.items()}


# --- lint ----------------------------------------------------------------------------------------


def found(folder: FilePath) -> set[tuple[str, int, str]]:
    return {(each.file, each.line, each.what) for each in check(folder, CATALOGUE)[1]}


def test_a_purpose_that_brings_one_of_its_roles_nothing_is_a_finding(tmp_path: FilePath) -> None:
    folder = small_city(tmp_path)
    with (folder / "purposes.csv").open("a", encoding="utf-8") as file:
        file.write("housing-support,住房,Housing,26,education,yes,no,no\n")
    assert found(folder) == {
        ("purposes.csv", 3, "no rule allows education anything for housing-support")
    }


def test_a_role_that_is_only_denied_has_no_rule(tmp_path: FilePath) -> None:
    denied = "field,education,school-place,read,Permit.status,,,deny,2026-01-01,,a reason"
    folder = small_city(tmp_path, (denied,))
    assert ("roles.csv", 2, "the role education has no rule") in found(folder)


@pytest.mark.parametrize("word", ["true", "Yes", "YES", "1", "", "y", "是"])
@pytest.mark.parametrize("column", ["case_required", "withheld", "closed"])
def test_an_answer_that_is_neither_yes_nor_no_is_a_finding(
    tmp_path: FilePath, column: str, word: str
) -> None:
    folder = small_city(tmp_path)
    heading, line = (folder / "purposes.csv").read_text("utf-8").splitlines()
    cells = dict(zip(heading.split(","), line.split(","), strict=True)) | {column: word}
    (folder / "purposes.csv").write_text(f"{heading}\n{','.join(cells.values())}\n", "utf-8")
    ((file, number, what),) = found(folder)
    assert (file, number) == ("purposes.csv", 2)
    assert what == f"`{column}` is neither `yes` nor `no`"


def filter_on(path: str, rendering: str) -> tuple[str, str]:
    return (
        f"field,education,school-place,read,{path},{rendering},,allow,2026-01-01,,a reason",
        f"field,education,school-place,filter,{path},plain,,allow,2026-01-01,,a reason",
    )


def test_a_filter_that_would_find_out_by_halving_what_a_mask_hides_is_a_finding(
    tmp_path: FilePath,
) -> None:
    folder = small_city(tmp_path, (ROWS, ACTIVE, *filter_on("Permit.validTo", "year")))
    what = "filtering on Permit.validTo shows more than reading it"
    assert found(folder) == {("education.csv", 5, what)}


def test_a_mask_on_anything_but_a_read_is_a_finding(tmp_path: FilePath) -> None:
    sort = "field,education,school-place,filter,Permit.validTo,year,,allow,2026-01-01,,a reason"
    folder = small_city(tmp_path, (ROWS, ACTIVE, filter_on("Permit.validTo", "plain")[0], sort))
    assert ("education.csv", 5, "only a read has a mask") in found(folder)


def test_an_inherited_scope_that_ends_before_the_own_is_a_finding(tmp_path: FilePath) -> None:
    inherited = (
        "row,education,school-place,,Person,,presented,allow,2026-01-01,,a reason",
        "row,school,school-place,,Person,,active-holders,allow,2026-01-01,2026-12-31,a reason",
    )
    folder = small_city(tmp_path, (*inherited, ACTIVE))
    (folder / "roles.csv").write_text(
        "code,zh,en,inherits\neducation,教育,Education,school\nschool,学校,School,\n", "utf-8"
    )
    (folder / "departments.csv").write_text(
        "code,zh,en,roles,from,until\neducation,教育局,Education,education school,2017-06-22,\n",
        "utf-8",
    )
    assert any("its days differ" in what for _, _, what in found(folder))


# --- disclosures ---------------------------------------------------------------------------------


def test_a_filter_opens_no_sealed_group() -> None:
    table = POLICIES.table({"receiving-office"}, "desk-list", TODAY)
    by_number = DisclosedField(Path("Person.idNumber"), Action.FILTER, Rendering.PLAIN)
    status = DisclosedField(Path("Permit.status"), Action.READ, Rendering.PLAIN)
    assert table.disclosure((by_number, status)).groups == frozenset()


@given(
    path=st.sampled_from(sorted(CATALOGUE.paths)),
    action=st.sampled_from(list(Action)),
    rendering=st.sampled_from(list(Rendering)),
    cell=st.sampled_from(
        [(code, why) for why, entry in POLICIES.purposes.items() for code in sorted(entry.roles)]
    ),
)
def test_no_disclosure_but_for_the_very_cell_that_is_granted(
    path: Path, action: Action, rendering: Rendering, cell: tuple[str, str]
) -> None:
    table = POLICIES.table({cell[0]}, cell[1], TODAY)
    wanted = DisclosedField(path, action, rendering)
    decision = table.decide(path, action)
    if decision.granted and decision.rendering is rendering:
        disclosed = table.disclosure((wanted,))
        assert disclosed.groups <= CATALOGUE.paths[path].groups
    else:
        with pytest.raises(NotGrantedError):
            table.disclosure((wanted,))


# --- masks ---------------------------------------------------------------------------------------

PLACES = [(county.zh, entry.zh) for county in COUNTIES for entry in townships(county.code)]
SHOWN = {county.zh for county in COUNTIES} | {"".join(place) for place in PLACES}


@pytest.mark.parametrize(
    ("address", "township", "county"),
    [
        ("内蒙古自治区赤峰市红山区测试小区19号楼", "红山区", "红山区"),
        ("内蒙古自治区 赤峰市 红山区 西屯街道 测试小区", "红山区西屯街道", "红山区"),
        ("赤峰市敖汉旗新惠镇测试小区", "敖汉旗新惠镇", "敖汉旗"),
        ("敖汉旗测试小区（原新惠镇政府楼）", "敖汉旗", "敖汉旗"),
        ("赤峰市红山区测试小区１９号楼", "红山区", "红山区"),
        ("赤峰市测试小区19号楼", None, None),
        ("测试小区红山区19号楼", None, None),
        ("内蒙古自治区测试小区", None, None),
        ("北京市朝阳区测试小区", None, None),
        ("河南省郑州市中原区测试小区", None, None),
        ("台北市松山区测试路1号", None, None),
        ("辽宁省大连市红山区驻连办事处", None, None),
        ("19号楼", None, None),
        ("测试小区１９号楼", None, None),
        ("150402", None, None),
        ("024000", None, None),
    ],
)
def test_an_address_shows_its_county_only_where_a_county_stands(
    address: str, township: str | None, county: str | None
) -> None:
    assert township_of_address(address) == township
    assert county_of_address(address) == county


@given(
    st.lists(
        st.sampled_from(
            [
                "内蒙古自治区", "内蒙古", "赤峰市", "红山区", "松山区", "敖汉旗", "新惠镇",
                "西屯街道", "测试小区", "北京市", "朝阳区", "河南省", "郑州市", "中原区",
                "19号楼", "１９号楼", " ", "\u3000", "路", "旗", "\n",
            ]
        )
    ).map("".join)
    | st.text()
)  # fmt: skip
def test_whatever_an_address_says_only_names_of_the_register_come_out(address: str) -> None:
    for shown in (township_of_address(address), county_of_address(address)):
        assert shown is None or shown in SHOWN
    assert county_of_address(address) in {None, *(county.zh for county in COUNTIES)}


@given(
    place=st.sampled_from(PLACES),
    first=st.text("测试小区19号楼路里巷abc１９", max_size=12),
    second=st.text("测试小区19号楼路里巷abc１９", max_size=12),
)
def test_two_homes_of_one_township_look_the_same(
    place: tuple[str, str], first: str, second: str
) -> None:
    start = f"赤峰市{''.join(place)}"
    assert township_of_address(start + first) == township_of_address(start + second)


@given(
    end=st.text("0123456789X", min_size=4, max_size=4),
    first=st.text("0123456789", min_size=4, max_size=14),
    second=st.text("0123456789", min_size=4, max_size=14),
)
def test_two_numbers_with_one_end_look_the_same(end: str, first: str, second: str) -> None:
    assert last4(first + end) == last4(second + end) == "****" + end


def test_blanks_do_not_make_a_short_number_long() -> None:
    assert last4("    1234") == last4("1 2 3 4") == last4("1234\u3000\u3000\u3000\u3000") == "****"


@given(
    first=st.text("一二三四五", min_size=1, max_size=3),
    second=st.text("一二三四五", min_size=1, max_size=3),
    start=st.sampled_from(["王", "巴", "欧阳", "𠮷"]),
)
def test_two_names_with_one_surname_look_the_same(start: str, first: str, second: str) -> None:
    assert surname_only(start + first) == surname_only(start + second) == start + "*"


@given(st.sampled_from("额孛巴乌"), st.text("尔德尼巴特·", min_size=1, max_size=8))
def test_a_mongol_name_shows_its_first_character_however_long_it_is(start: str, rest: str) -> None:
    assert surname_only(f"{start}{rest}·巴特尔") == start + "*"


@given(st.dates(), st.dates())
def test_two_days_of_one_year_look_the_same(first: date, second: date) -> None:
    shown = mask(Rendering.YEAR, Kind.DATE)
    same = first.replace(day=1, month=1).isoformat()
    assert shown(first.isoformat()) == shown(same)
    assert (shown(first.isoformat()) == shown(second.isoformat())) == (first.year == second.year)


def test_a_new_field_of_the_schema_is_nobodys(tmp_path: FilePath) -> None:
    new = Path("Person.fingerprint")
    grown = Catalogue(
        {**CATALOGUE.paths, new: PathSpec(frozenset({Action.READ}), Kind.TEXT, frozenset({"core"}))}
    )
    policies = Policies.load(catalogue=grown, directory=shipped_copy(tmp_path))
    for purpose, entry in policies.purposes.items():
        for code in entry.roles:
            assert not policies.table({code}, purpose, TODAY).decide(new, Action.READ).granted
