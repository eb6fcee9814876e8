"""docs/zh/接入指南.md: its table of codes is whole, and its Java sample signs and asks."""

import asyncio
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import unquote

import pytest
from joserfc.jwk import ECKey

from schema.errors import Code
from schema.reasons import Reason
from server.clock import SystemClock
from server.listening import listen
from server.serving import http_server
from tests.server.actors import Issuer
from tests.server.http_house import house
from tests.server.real_house import settings_of

GUIDE = (Path(__file__).parents[2] / "docs/zh/接入指南.md").read_text(encoding="utf-8")
CASE = "赤红教〔2026〕12号"
ROUNDS = 8
"""R or S has a leading zero byte, or a sign byte, in some signatures and not in others."""


def test_every_code_is_in_the_guide_with_its_status() -> None:
    listed = dict(re.findall(r"^\| `([A-Z_]+)` \| (\d+) \|", GUIDE, re.MULTILINE))
    assert listed == {code.name: str(code.status) for code in Code}


def test_the_percent_encoded_case_number_is_the_one_shown() -> None:
    (encoded,) = set(re.findall(r"%E8[%0-9A-F]+", GUIDE))
    assert unquote(encoded) == CASE


@pytest.mark.skipif(shutil.which("javac") is None, reason="needs a JDK")
async def test_the_java_sample_compiles_for_java_8_and_gets_an_answer(tmp_path: Path) -> None:
    (source,) = re.findall(r"```java\n(.*?)```", GUIDE, re.DOTALL)
    (tmp_path / "JuzhuClient.java").write_text(source, encoding="utf-8")
    await run(["javac", "--release", "8", "-Xlint:-options", "-encoding", "UTF-8"], tmp_path)
    issuer = Issuer("edu-enrolment", "ES256", ECKey.generate_key("P-256"))
    (tmp_path / "edu.key.pem").write_bytes(issuer.key.as_pem(private=True))
    place = house()
    place.clock.seconds = SystemClock().now()
    place.roll.add(issuer, until="2099-12-31")
    listener = listen(settings_of(tmp_path, PORT="0"))
    server = http_server(place.application)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}/graphql"
    asked = [address, "edu.key.pem", "edu-enrolment", "juzhu", "education", "T-0017"]
    asked += ["school-place", CASE, "150402199203059976", '其木格"\\']
    for _ in range(ROUNDS):
        answer = await run(["java", "-Dfile.encoding=UTF-8", "JuzhuClient", *asked], tmp_path)
    server.should_exit = True
    await serving
    assert len(place.service.asked) == ROUNDS
    request, caller = place.service.asked[-1]
    assert (caller.client, caller.official) == ("edu-enrolment", "T-0017")
    assert (request.purpose, request.case) == ("school-place", CASE)
    assert request.variables == {"n": "150402199203059976", "m": '其木格"\\'}
    status, _, body = answer.partition(" ")
    assert status in {"200", "400"}, "the small schema of these tests has other fields"
    assert json.loads(body)


async def run(command: list[str], where: Path) -> str:
    if command[0] == "javac":
        command = [*command, "JuzhuClient.java"]
    environment = os.environ | {"LC_ALL": "C.UTF-8"}
    done = await asyncio.to_thread(
        subprocess.run, command, cwd=where, env=environment, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_is_in_the_guide_beside_its_code(reason: Reason) -> None:
    (row,) = re.findall(rf"^\| `{reason.code.name}` \| .*$", GUIDE, re.MULTILINE)
    assert f"`{reason.name}`" in row
