"""The card (article 13; R28)."""

from regulation.card import CARD_FIELDS, ISSUE_DATE, card_fields
from regulation.parameters import AS_ISSUED


def test_s20_the_card_shows_ten_items_and_no_phone_employer_or_reason() -> None:
    assert card_fields() == CARD_FIELDS
    assert len(CARD_FIELDS) == 10
    assert not {"contact", "phone", "workplace", "residence_reason"} & set(CARD_FIELDS)


def test_read_wider_the_card_shows_the_day_of_issue_too() -> None:
    wider = AS_ISSUED.reading(R28="issue-date-on-card")
    assert card_fields(wider) == (*CARD_FIELDS, ISSUE_DATE)
