"""What stands on the card (article 13; reading R28).

Ten items. The national Regulation's article 4 adds the day of issue, which is kept in the record
and printed only where the city reads 等 that wide.

Never: prints phone, employer or the reason for residence.
"""

from regulation.parameters import AS_ISSUED, Parameters

CARD_FIELDS: tuple[str, ...] = (
    "name",
    "sex",
    "ethnicity",
    "birth_date",
    "citizen_id",
    "photo",
    "hukou_address",
    "current_address",
    "issuing_authority",
    "validity_period",
)
"""The ten items, in the order of article 13."""

ISSUE_DATE = "issue_date"


def card_fields(parameters: Parameters = AS_ISSUED) -> tuple[str, ...]:
    """Return the codes of what the card shows (article 13, R28)."""
    if parameters.chosen("R28") == "issue-date-on-card":
        return (*CARD_FIELDS, ISSUE_DATE)
    return CARD_FIELDS
