"""What the log says of an answer, that it says nothing more, and that no answer goes without it.

Sentinels are searched raw: in record bodies, log lines, error messages and every file of the
database, in each encoding that a leak could take.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from audit.verify import Intact
from db.facts import NewPerson
from db.ledger_check import verify_ledger
from regulation.id_number import parse_id_number, with_check_digit
from tests import builders
from tests.builders import CASE_NUMBER, COUNTY, TODAY
from tests.db.test_ledger_faults import STEPS
from tests.db.test_raw_files import forms
from tests.end_to_end.documents import question
from tests.end_to_end.house import Answered, House, Json, Kept, Seat, house_of
from tests.end_to_end.matrix import COLUMNS, NAME, NUMBER, PARTNERS, PERMIT_NUMBER, the_person
from tests.postgres import StorageFiles

SCHOOL = Seat(department="education", purpose="school-place", case="demo-1")
LIST = Seat(department="community-police", purpose="desk-list")
CASE = Seat(department="community-police", purpose="annual-endorsement", case=CASE_NUMBER)
AUDITOR = Seat(department="auditor", purpose="privacy-audit")
PERSON = "query($n:String!,$m:String!){person(idNumber:$n,name:$m){permit{active}}}"
SPEAKER = {"n": NUMBER, "m": NAME}
READ = ("read", "plain")
CALL = ("call", "plain")

Field = tuple[str, str, str]


def fields(*of: Field) -> set[Field]:
    return set(of)


# --- what an answer's record names ---------------------------------------------------------------


async def test_a_record_names_every_person_with_the_fields_used_and_the_bytes_are_proved(
    tmp_path: Path, database_url: str
) -> None:
    people = {"one": the_person(), "two": builders.suspended(2), "three": builders.active(3)}
    async with house_of(tmp_path, database_url, people) as house:
        answer = await house.ask(
            LIST,
            """query Weekly($c:String){again:persons(first:10 filter:{county:$c status:[ACTIVE]}
            orderBy:[{field:VALID_TO}]){totalCount edges{cursor node{who:name ...P}}}
            viewer{client}} fragment P on Person{permit{validTo} phone}""",
            {"c": COUNTY},
        )
        kept = await house.record(answer)
        assert (kept.says["operation"], kept.says["outcome"]) == ("Weekly", "released")
        used = fields(
            ("Query.persons", *CALL),
            ("Query.persons", "count", "plain"),
            ("Residence.division", "filter", "plain"),
            ("Permit.status", "filter", "plain"),
            ("Permit.validTo", "sort", "plain"),
            ("Person.name", "read", "surname-only"),
            ("Person.phone", "read", "last4"),
            ("Person.permit", *READ),
            ("Permit.validTo", *READ),
        )
        assert len(kept.subjects) == 2
        assert {subject for subject, _ in kept.subjects} == {
            house.persons["one"],
            house.persons["three"],
        }
        assert all(set(named) == used and len(named) == len(used) for _, named in kept.subjects)
        assert house.commits_to(kept, answer.data_bytes)
        assert not house.commits_to(kept, answer.data_bytes.replace(b'"totalCount":2', b"1"))


async def test_two_roads_to_one_person_are_named_each_for_itself(
    tmp_path: Path, database_url: str
) -> None:
    async with house_of(tmp_path, database_url, {"one": the_person()}) as house:
        answer = await house.ask(
            CASE,
            "query($n:String!,$m:String!,$p:String!){"
            "person(idNumber:$n,name:$m){name} permit(number:$p){status}}",
            {**SPEAKER, "p": PERMIT_NUMBER},
        )
        kept = await house.record(answer)
        one = house.persons["one"]
        assert [(subject, set(named)) for subject, named in kept.subjects] == [
            (one, fields(("Query.person", *CALL), ("Person.name", *READ))),
            (one, fields(("Query.permit", *CALL), ("Permit.status", *READ))),
        ]
        case = {subject["case"] for subject in kept.says["subjects"]}
        assert case == {kept.says["purpose"]["case"]}
        assert house.commits_to(kept, answer.data_bytes)


async def test_verify_records_each_found_person_and_tags_each_miss(
    tmp_path: Path, database_url: str
) -> None:
    people = {"one": the_person(), "two": builders.active(2), "lapsed": builders.suspended(3)}

    def presented(name: str) -> dict[str, str]:
        given = people[name].registration
        return {"idNumber": given.id_number, "name": given.name}

    unknown = {"idNumber": builders.id_number(99), "name": "测试99"}
    rows = [
        {"ref": "1", "presented": presented("one"), "case": "行案一"},
        {"ref": "2", "anyOf": [unknown, presented("two"), presented("lapsed")]},
        {"ref": "3", "presented": unknown},
        {"ref": "4", "presented": {"idNumber": "1", "name": "x"}},
    ]
    async with house_of(tmp_path, database_url, people) as house:
        answer = await house.ask(
            SCHOOL, "query($r:[VerifyRow!]!){verify(rows:$r){ref answer}}", {"r": rows}
        )
        assert [row["answer"] for row in answer.data["verify"]] == ["YES", "YES", "NO", None]
        kept = await house.record(answer)
        assert [subject for subject, _ in kept.subjects] == [
            house.persons["one"],
            house.persons["two"],
        ]
        used = fields(
            ("Query.verify", *CALL), ("VerifyResult.ref", *READ), ("VerifyResult.answer", *READ)
        )
        assert all(set(named) == used for _, named in kept.subjects)
        tags = kept.says["missed"]
        # Searched twice: equal searches have equal tags, so that they can be counted.
        assert (len(tags), len(set(tags)), tags.count(tags[0])) == (3, 2, 2)
        own, others = (subject["case"] for subject in kept.says["subjects"])
        assert own != others == kept.says["purpose"]["case"]
        assert house.commits_to(kept, answer.data_bytes)


async def test_a_list_without_anybody_still_says_what_was_searched_by(
    tmp_path: Path, database_url: str
) -> None:
    async with house_of(tmp_path, database_url, {}) as house:
        answer = await house.ask(
            LIST, "query($n:String){persons(filter:{idNumber:$n}){totalCount}}", {"n": NUMBER}
        )
        kept = await house.record(answer)
        assert kept.subjects == []
        assert set(str(kept.says["decision"]).split()) == {
            "Query.persons:call",
            "Query.persons:count",
            "Person.idNumber:filter",
        }


async def test_what_discloses_nothing_governed_has_no_record(
    tmp_path: Path, database_url: str
) -> None:
    async with house_of(tmp_path, database_url, {}) as house:
        before = len(await house.records())
        for seat in (SCHOOL, replace(SCHOOL, purpose=None), LIST):
            answer = await house.ask(
                seat,
                "{viewer{client} services{code} divisions{code} departments{code} purposes{code}"
                " __schema{queryType{name}}}",
            )
            assert answer.status == 200
            assert "extensions" not in answer.whole
        assert len(await house.records()) == before


# --- reading the log -----------------------------------------------------------------------------


async def test_an_auditor_reads_who_saw_whom_and_that_is_recorded_too(
    tmp_path: Path, database_url: str
) -> None:
    everything = (
        "index time action outcome client official department roles division purpose operation"
        " document subjects{person fields{path action rendering}} missed"
    )
    async with house_of(tmp_path, database_url, {"one": the_person()}) as house:
        shown = await house.ask(CASE, PERSON.replace("query", "query Counter", 1), SPEAKER)
        log = await house.ask(AUDITOR, f"{{accessLog(first:1){{nodes{{{everything}}}}}}}")
        (read,) = log.data["accessLog"]["nodes"]
        kept = await house.record(shown)
        pseudonym = read["subjects"][0]["person"]
        assert read == {
            "index": shown.index,
            "time": kept.says["time"],
            "action": "query",
            "outcome": "released",
            "client": "demonstration-community-police",
            "official": "demo-01",
            "department": "community-police",
            "roles": ["community-police"],
            "division": COUNTY,
            "purpose": "annual-endorsement",
            "operation": "Counter",
            "document": kept.says["document"],
            "subjects": [
                {
                    "person": pseudonym,
                    "fields": [
                        {"path": path, "action": action, "rendering": rendering}
                        for path, action, rendering in kept.subjects[0][1]
                    ],
                }
            ],
            "missed": 0,
        }
        assert house.persons["one"].hex() not in log.body.decode()
        # The reading itself stands in the log, with its fields, and so does asking for a person.
        reading = await house.record(log)
        assert (reading.says["actor"]["department"], reading.says["outcome"]) == (
            "auditor",
            "released",
        )
        assert reading.says["purpose"]["code"] == "privacy-audit"
        assert house.commits_to(reading, log.data_bytes)
        for person in (pseudonym, NUMBER):
            of = await house.ask(
                AUDITOR,
                "query($p:ID!){accessesOf(person:$p,first:1){nodes{index official outcome}}}",
                {"p": person},
            )
            (latest,) = of.data["accessesOf"]["nodes"]
            assert latest["outcome"] == "released"
            asked = await house.record(of)
            assert [subject for subject, _ in asked.subjects] == [house.persons["one"]]
            assert house.commits_to(asked, of.data_bytes)
        last = await house.ask(AUDITOR, "{accessLog(first:3){nodes{index department purpose}}}")
        assert [one["department"] for one in last.data["accessLog"]["nodes"]] == ["auditor"] * 3


async def test_a_list_of_the_log_names_its_fields_even_without_persons(
    tmp_path: Path, database_url: str
) -> None:
    async with house_of(tmp_path, database_url, {}) as house:
        answer = await house.ask(AUDITOR, "{accessLog(first:5){nodes{official time}}}")
        kept = await house.record(answer)
        assert {"Query.accessLog:call", "AccessRecord.official:read"} <= set(
            str(kept.says.get("decision")).split()
        )


# --- nothing leaves a trace ----------------------------------------------------------------------

S_NUMBER = parse_id_number(with_check_digit("15220119571103998"))
S_OTHER = parse_id_number(with_check_digit("15220119590817997"))
S_NAME = "觅迹·巴雅尔"
S_PHONE = "19957110399"
S_ADDRESS = "赤峰市红山区觅迹小区八号楼"
S_HUKOU = "兴安盟觅迹路五十七号"
S_WORKPLACE = "觅迹机械有限公司"
S_ISSUER = "觅迹证明出具处"
S_CASE = "赤觅居〔2026〕5711号"
S_FILTER = "150499571"
S_REF = "觅迹行标识"
S_PURPOSE = "mi-ji-purpose-571103"
S_DAY = "1957-12-29"
SENTINELS = [
    S_NUMBER, S_NUMBER[6:17], S_OTHER, "1957-11-03", "19571103", S_NAME, "巴雅尔", S_PHONE,
    S_ADDRESS, S_HUKOU, S_WORKPLACE, S_ISSUER, S_CASE, S_FILTER, S_REF, S_PURPOSE, S_DAY,
]  # fmt: skip


def holder() -> NewPerson:
    one = builders.active(5)
    given = replace(
        one.registration,
        id_number=S_NUMBER,
        name=S_NAME,
        birth_date=TODAY.replace(year=1957, month=11, day=3),
        phone=S_PHONE,
        address=S_ADDRESS,
        hukou_address=S_HUKOU,
        workplace=S_WORKPLACE,
    )
    return replace(
        one,
        registration=given,
        proofs=(replace(builders.proof(), issuer=S_ISSUER),),
        cases=(builders.case(number=S_CASE),),
    )


def requests() -> list[tuple[Seat, str, Mapping[str, Json]]]:
    """Every sentinel at every place where a caller can put one."""
    held = Seat(department="community-police", purpose="annual-endorsement", case=S_CASE)
    office = replace(held, department="receiving-office")
    found = {"n": S_NUMBER, "m": S_NAME}
    everything = """{name idNumber birthDate phone workplace residence{address history{changedOn}}
      permit{evidence{issuer}}}"""
    inline = f'{{person(idNumber:"{S_NUMBER}",name:"{S_NAME}"){{permit{{active}}}}}}'
    rows = [
        {"ref": S_REF, "case": S_CASE, "presented": {"idNumber": S_NUMBER, "name": S_NAME}},
        {"ref": S_REF * 20, "presented": {"idNumber": S_OTHER, "name": S_NAME}},
        {"ref": S_REF, "presented": {"idNumber": S_NUMBER[:-1] + "y", "name": S_NAME + "?"}},
    ]
    listed = f'{{persons(filter:{{township:"{S_FILTER}",idNumber:"{S_NUMBER}"}}){{totalCount}}}}'
    days = f'{{persons(filter:{{registeredOn:{{from:"{S_DAY}"}}}}){{nodes{{name}}}}}}'
    cursor = f'{{persons(after:"{S_NAME}"){{totalCount}}}}'
    call = "query($n:String!,$m:String!){person(idNumber:$n,name:$m)"
    return [
        (SCHOOL, PERSON, found),
        (SCHOOL, inline, {}),
        (SCHOOL, inline.replace("active", "validTo"), {}),
        (SCHOOL, inline.replace("active", "nonsense"), {}),
        (SCHOOL, inline + "}", {}),
        (SCHOOL, f"# {S_NAME} {S_NUMBER}\n{inline}", {}),
        (SCHOOL, PERSON, {**found, "n": S_OTHER}),
        (SCHOOL, PERSON, {**found, "n": S_NUMBER[:-1] + "y"}),
        (SCHOOL, PERSON, {"n": [S_NUMBER], "m": {"x": S_NAME}}),
        (SCHOOL, PERSON, {S_NUMBER: S_NAME}),
        (SCHOOL, PERSON, {**found, "m": S_NAME + "■"}),
        (replace(SCHOOL, case=S_CASE), PERSON, found),
        (replace(SCHOOL, purpose=S_PURPOSE, case=S_CASE), PERSON, found),
        (replace(SCHOOL, purpose=None), PERSON, found),
        (SCHOOL, "query($r:[VerifyRow!]!){verify(rows:$r){ref answer notice refusal{message}}}",
         {"r": rows}),
        (SCHOOL, "query($r:[VerifyRow!]!){verify(rows:$r){ref}}", {"r": [{"ref": S_REF}, S_NAME]}),
        (SCHOOL, "query($f:PersonFilter){persons(filter:$f){totalCount}}",
         {"f": {"idNumber": S_NUMBER, "township": S_FILTER}}),
        (held, call + everything + "}", found),
        (office, call + everything.replace("name ", "name hukouAddress ", 1) + "}", found),
        (held, "query($p:String!){permit(number:$p){status}}", {"p": S_NUMBER}),
        (held, "query($i:ID!){node(id:$i){id}}", {"i": S_NAME}),
        (LIST, listed, {}),
        (LIST, days, {}),
        (LIST, days.replace(S_DAY, S_NAME), {}),
        (LIST, cursor, {}),
        (LIST, "query($f:PersonFilter){persons(filter:$f){nodes{name idNumber phone}}}",
         {"f": {"idNumber": S_NUMBER, "county": COUNTY}}),
        (LIST, "query($f:PersonFilter){persons(filter:$f){totalCount}}", {"f": {S_NAME: S_FILTER}}),
        (AUDITOR, "query($p:ID!){accessesOf(person:$p){nodes{index}}}", {"p": S_NUMBER}),
        (AUDITOR, "query($p:ID!){accessesOf(person:$p){nodes{index}}}", {"p": S_NAME}),
        (AUDITOR, "query($a:String){accessLog(after:$a){nodes{index}}}", {"a": S_NAME}),
        (AUDITOR, "{accessLog(first:200){nodes{client official operation document}}}", {}),
    ]  # fmt: skip


def leaks(content: bytes) -> set[str]:
    return {text for text in SENTINELS if any(form in content for form in forms(text))}


def leaked(files: Sequence[Path]) -> set[str]:
    found: set[str] = set()
    for path in files:
        if path.exists():
            found |= leaks(path.read_bytes())
    return found


async def test_no_value_stands_in_a_record_a_log_line_a_message_or_a_file(
    tmp_path: Path, database_url: str, storage_files: StorageFiles
) -> None:
    people = {"one": the_person(), "sentinel": holder()}
    async with house_of(tmp_path, database_url, people) as house:
        shown = b""
        for seat, document, variables in requests():
            shown += (await house.ask(seat, document, variables)).body
        # The search would find what it looks for: the desk was shown all of it.
        assert {S_NUMBER, S_NAME, S_PHONE, S_ADDRESS, S_HUKOU, S_ISSUER} <= leaks(shown)
        await house.post(f'{{"query": {S_NAME}'.encode(), {"authorization": f"Bearer {S_NUMBER}"})
        token = {"authorization": f"Bearer {house.token(SCHOOL)}", **SCHOOL.headers}
        await house.post(f'{{"query":"{{{S_NUMBER}"'.encode(), token)
        await house.post(b"[]", {**token, "juzhu-case": S_NAME.encode().hex()})
        # Faults of ours meet the same values: each table missing, then the log.
        async with house.without_persons():
            failed = [await house.ask(*asked) for asked in requests()]
        assert "INTERNAL" in {code for answer in failed for code in answer.codes}
        fault = STEPS["insert: a record is refused"]
        await house.run(*(fault.sqlite if _sqlite(house) else fault.postgres))
        for asked in requests():
            await house.ask(*asked)
        await house.run(*(fault.sqlite_repair if _sqlite(house) else fault.postgres_repair))
        records = await house.records()
        assert len(records) > len(requests())
        assert {name: leaks(text) for name, text in _told(house, records).items()} == {
            "records": set(), "log": set(), "errors": set(), "headers": set(),
        }  # fmt: skip
        files = storage_files()
        assert PERMIT_NUMBER.encode() in b"".join(path.read_bytes() for path in files)
        assert leaked(files) == set()
    assert leaked(storage_files()) == set()


def _told(house: House, records: Sequence[Kept]) -> dict[str, bytes]:
    return {
        "records": b"".join(record.body for record in records),
        "log": b"".join(house.lines),
        "errors": b"".join(repr(answer.errors).encode() for answer in house.sent),
        "headers": b"".join(repr(answer.headers).encode() for answer in house.sent),
    }


def _sqlite(house: House) -> bool:
    return house.settings.embedded


async def test_the_hash_of_a_document_can_not_be_searched_for_what_was_written_in_it(
    tmp_path: Path, database_url: str
) -> None:
    def inline(number: str, name: str, more: str = "") -> str:
        return f'{{person(idNumber:"{number}",name:"{name}"){{permit{{active}}}}}}{more}'

    async with house_of(tmp_path, database_url, {"one": the_person()}) as house:
        documents = [
            inline(NUMBER, NAME),
            inline(builders.id_number(5), "测试5"),
            inline(NUMBER, NAME, f" # {NAME}"),
            inline(NUMBER, NAME).replace("active", "entitlements{answer}"),
        ]
        hashes = [
            (await house.record(await house.ask(SCHOOL, document))).says["document"]
            for document in documents
        ]
    assert hashes[0] == hashes[1] == hashes[2] != hashes[3]


# --- no record, no answer ------------------------------------------------------------------------

AT_COMMIT = "commit: a deferred rule is broken"


@pytest.mark.parametrize("step", [step for step in STEPS if step != AT_COMMIT])
async def test_a_broken_log_gives_503_without_data_and_goes_on_when_it_is_mended(
    tmp_path: Path, database_url: str, step: str
) -> None:
    await broken_and_mended(tmp_path, database_url, step)


async def test_a_log_that_breaks_at_commit_gives_503_without_data(
    tmp_path: Path, postgres_url: str
) -> None:
    # SQLite checks deferred rules only on a connection that asks for it, and ours does not.
    await broken_and_mended(tmp_path, postgres_url, AT_COMMIT)


async def broken_and_mended(home: Path, url: str, step: str) -> None:
    fault = STEPS[step]
    async with house_of(home, url, {"one": the_person()}) as house:
        good = await house.ask(SCHOOL, PERSON, SPEAKER)
        await house.run(*(fault.sqlite if _sqlite(house) else fault.postgres))
        shown = await house.ask(CASE, PERSON.replace("permit", "name permit"), SPEAKER)
        denied = await house.ask(SCHOOL, PERSON.replace("active", "validTo"), SPEAKER)
        foreign = await house.ask(replace(SCHOOL, purpose="desk-list"), PERSON, SPEAKER)
        open_to_all = await house.ask(SCHOOL, "{viewer{client}}")
        # An answer about nobody needs a record as well; what index of persons is gone, it can have.
        missed = await house.ask(SCHOOL, PERSON, {"n": builders.id_number(9), "m": "测试9"})
        await house.run(*(fault.sqlite_repair if _sqlite(house) else fault.postgres_repair))
        unavailable(shown)
        if "index" not in step:
            for answer in (denied, foreign, missed):
                unavailable(answer)
        assert open_to_all.status == 200
        again = await house.ask(SCHOOL, PERSON, SPEAKER)
        assert again.data == good.data == {"person": {"permit": {"active": True}}}
        await intact(house)


def unavailable(answer: Answered) -> None:
    assert (answer.status, answer.codes) == (503, ["AUDIT_UNAVAILABLE"]), answer.body
    assert set(answer.whole) == {"errors"}
    assert answer.headers["retry-after"] == "5"
    for value in (NAME, NUMBER, "active"):
        assert value.encode() not in answer.body


async def intact(house: House) -> None:
    (verdict,) = await verify_ledger(house.beside)
    assert isinstance(verdict, Intact), verdict


async def test_application_json_meets_503_too(tmp_path: Path, database_url: str) -> None:
    fault = STEPS["insert: a record is refused"]
    async with house_of(tmp_path, database_url, {"one": the_person()}) as house:
        await house.run(*(fault.sqlite if _sqlite(house) else fault.postgres))
        answer = await house.ask(SCHOOL, PERSON, SPEAKER, headers={"accept": "application/json"})
        unavailable(answer)


async def test_three_in_a_row_turn_readiness_off_and_one_success_on_again(
    tmp_path: Path, database_url: str
) -> None:
    fault = STEPS["head: the update is refused"]
    async with house_of(tmp_path, database_url, {"one": the_person()}) as house:
        assert (await house.ready())[0] == 200
        await house.run(*(fault.sqlite if _sqlite(house) else fault.postgres))
        seen = []
        for _ in range(4):
            unavailable(await house.ask(SCHOOL, PERSON, SPEAKER))
            seen.append((await house.ready())[0])
        assert seen == [200, 200, 503, 503]
        status, told = await house.ready()
        assert told == {"status": "not ready", "checks": {"audit": False, "register": True}}
        await house.run(*(fault.sqlite_repair if _sqlite(house) else fault.postgres_repair))
        assert (await house.ask(SCHOOL, PERSON, SPEAKER)).status == 200
        status, told = await house.ready()
        assert (status, told["status"]) == (200, "ready")
        await intact(house)


async def test_every_answer_with_a_record_says_where_it_stands_without_gaps(
    tmp_path: Path, database_url: str
) -> None:
    async with house_of(tmp_path, database_url, {"one": the_person()}) as house:
        sent = []
        for column in (*PARTNERS, *COLUMNS[3:5]):
            for path, action in (("Query.person", "call"), ("Permit.validTo", "read")):
                asked = question(path, action, "Query.person")
                sent.append(await house.ask(column.seat, asked.document, asked.variables))
        assert [answer.index for answer in sent] == list(
            range(sent[0].index, sent[0].index + len(sent))
        )
        records = {record.index: record for record in await house.records()}
        for answer in sent:
            record = records[answer.index]
            assert record.says["request"] == answer.headers["x-request-id"]
            assert record.says["outcome"] == ("denied" if answer.status == 403 else "released")
        await intact(house)


async def test_a_log_of_the_next_year_goes_on_from_the_last(
    tmp_path: Path, database_url: str
) -> None:
    async with house_of(tmp_path, database_url, {"one": the_person()}) as house:
        await house.ask(SCHOOL, PERSON, SPEAKER)
        turn = TODAY.replace(year=TODAY.year + 1, month=1, day=1) - TODAY
        house.clock.seconds += (turn - timedelta(days=1)).total_seconds() + 8 * 3600
        answer = await house.ask(SCHOOL, PERSON, SPEAKER)
        assert (answer.status, str(answer.audit["log"])[-4:]) == (200, str(TODAY.year + 1))
        verdicts = await verify_ledger(house.beside)
        assert [type(verdict) for verdict in verdicts] == [Intact, Intact]
