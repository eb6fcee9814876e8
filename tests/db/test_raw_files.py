"""A dump of the database tells nothing: a raw search of its files, WAL included.

Sentinels are searched in every encoding that a leak could take: UTF-8, UTF-16, GB18030, hex and
JSON escapes.
"""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from db.facts import Move, NewPerson
from regulation.id_number import birth_date, parse_id_number, with_check_digit
from tests import builders
from tests.builders import OFFICE, TODAY, opened
from tests.postgres import StorageFiles

NUMBER = parse_id_number(with_check_digit("15220119610307997"))
BORN = birth_date(NUMBER)
NAME = "哨兵·巴特尔"
PHONE = "19912345678"
ADDRESS = "赤峰市红山区哨兵小区九号楼"
NEW_ADDRESS = "赤峰市松山区哨兵新居二号楼"
HUKOU = "兴安盟哨兵路三号"
WORKPLACE = "哨兵机械有限公司"
ISSUER = "哨兵证明出具处"
CASE = "赤哨居〔2026〕1961号"
ETHNICITY = "鄂伦春族"
PHOTO = b"\x89PNG-sentinel-" * 9000

SENTINELS = [
    NUMBER,
    NUMBER[6:17],
    BORN.isoformat(),
    f"{BORN:%Y%m%d}",
    NAME,
    "巴特尔",
    PHONE,
    ADDRESS,
    NEW_ADDRESS,
    HUKOU,
    WORKPLACE,
    ISSUER,
    CASE,
    ETHNICITY,
]


def forms(text: str) -> set[bytes]:
    plain = text.encode()
    escaped = "".join(f"\\u{ord(char):04x}" for char in text).encode()
    return {
        plain,
        text.encode("utf-16-le"),
        text.encode("utf-16-be"),
        text.encode("gb18030"),
        plain.hex().encode(),
        escaped,
    }


def sentinel() -> NewPerson:
    given = replace(
        builders.registration(),
        id_number=NUMBER,
        name=NAME,
        birth_date=BORN,
        phone=PHONE,
        address=ADDRESS,
        hukou_address=HUKOU,
        workplace=WORKPLACE,
        ethnicity=ETHNICITY,
    )
    proof = replace(builders.proof(), issuer=ISSUER)
    return NewPerson(
        registration=given,
        acts=(builders.issued(builders.ISSUED_ACTIVE),),
        proofs=(proof,),
        cases=(builders.case(number=CASE),),
        photo=PHOTO,
    )


def leaks(files: list[Path]) -> set[str]:
    found = set()
    for path in files:
        content = path.read_bytes()
        found |= {text for text in SENTINELS if any(form in content for form in forms(text))}
        if b"-sentinel-" in content:
            found.add("photo")
    return found


async def test_no_file_of_the_database_holds_a_value_of_a_person(
    database_url: str, tmp_path: Path, storage_files: StorageFiles
) -> None:
    async with opened(database_url, tmp_path) as store:
        (one,) = await store.register(sentinel())
        await store.register(*(builders.active(number) for number in range(50)))
        # Who is stored already leaves no trace in a log of refused rows either.
        await store.database.write(
            lambda session: store.intake.register(session, [sentinel()], recorded_at=builders.NOW)
        )
        day = TODAY - timedelta(days=9)
        move = Move(
            happened_on=day,
            reported_on=day,
            county="150404",
            township="",
            address=NEW_ADDRESS,
            office=OFFICE,
        )
        await store.act(one, move)
        files = storage_files()
        # What is plain by design is found, so the search looks in the right place.
        content = b"".join(path.read_bytes() for path in files)
        assert OFFICE.encode() in content
        assert leaks(files) == set()
    assert leaks([path for path in storage_files() if path.exists()]) == set()


def test_the_search_would_find_what_it_looks_for(tmp_path: Path) -> None:
    for number, text in enumerate(SENTINELS):
        for place, form in enumerate(forms(text)):
            path = tmp_path / f"{number}-{place}"
            path.write_bytes(b"\x00\xff" + form + b"\x00")
            assert text in leaks([path])
    assert date(1961, 3, 7) == BORN
