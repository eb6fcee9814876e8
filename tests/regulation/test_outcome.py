"""A decision is a value that explains itself in two languages (article 1)."""

import csv
import json
from datetime import date
from pathlib import Path

import pytest

from regulation.calendar import Deadline
from regulation.outcome import Actor, Decision, Gap, Mark, Outcome, Reason
from regulation.parameters import RECOMMENDED

_WORDS = Path(__file__).resolve().parents[2] / "regulation" / "decision_words.csv"


def test_every_code_has_an_article_and_a_sentence_in_both_languages() -> None:
    with _WORDS.open(encoding="utf-8", newline="") as file:
        written = {(row["kind"], row["code"]) for row in csv.DictReader(file)}
    coded = {
        (kind.__name__.lower(), code.value)
        for kind in (Outcome, Reason, Gap, Mark, Actor)
        for code in kind
    }
    assert written == coded
    for kind in (Outcome, Reason, Gap, Mark, Actor):
        for code in kind:
            assert 1 <= int(code.article) <= 33
            assert code.says("zh-CN") == code.zh
            assert code.says("en") == code.en
            assert code.zh != code.en


def test_a_decision_explains_itself_as_json() -> None:
    decision = Decision(
        outcome=Outcome.NOT_ELIGIBLE,
        reasons=(Reason.RESIDENCE_UNDER_HALF_YEAR,),
        missing=(Gap.PHOTO,),
        articles=("2", "16"),
        readings=RECOMMENDED.choosing({"R3": "next-day"}).applied("R3"),
        earliest=date(2026, 3, 2),
        deadline=Deadline(date(2027, 3, 2), provisional=True, missing=(2027,)),
        who=Actor.APPLICANT,
        marks=(Mark.REASON_IN_WRITING,),
    )
    told = decision.explain("en")
    assert json.loads(json.dumps(told)) == told
    assert told["outcome"] == "not_eligible"
    assert told["earliest"] == "2026-03-02"
    assert told["deadline"] == {"day": "2027-03-02", "provisional": True, "missing_years": [2027]}
    assert told["missing"] == [{"code": "photo", "says": "a photograph"}]
    assert told["version"] == "赤政办发〔2017〕25号"
    assert told["readings"] == [
        {
            "id": "R3",
            "question": "On which day is a qualifying period full?",
            "choice": "next-day",
            "says": "at the end of the corresponding day, so on the next",
            "recommended": False,
        }
    ]
    assert "居住并办理登记未满半年" in str(decision.explain())


@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_decision_against_a_person_and_no_other_names_the_remedies(outcome: Outcome) -> None:
    against = {
        Outcome.NOT_ELIGIBLE,
        Outcome.REFUSED,
        Outcome.PARTLY_GRANTED,
        Outcome.CANCELLED,
    }
    decision = Decision(outcome=outcome, articles=("30",))
    zh, en = decision.explain()["remedies"], decision.explain("en")["remedies"]
    if outcome in against:
        assert "行政复议" in str(zh)
        assert "行政诉讼" in str(zh)
        assert "reconsideration" in str(en)
    else:
        assert (zh, en) == (None, None)


def test_what_a_decision_does_not_say_is_empty() -> None:
    told = Decision(outcome=Outcome.RECORDED, articles=("10",)).explain()
    assert (told["earliest"], told["deadline"], told["who"]) == (None, None, None)
    assert told["reasons"] == told["missing"] == told["marks"] == told["readings"] == []
