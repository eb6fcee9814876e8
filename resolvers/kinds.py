"""The kinds of things that have a global id: one number each, never used again for another."""

from typing import Final

PERSON_ID: Final = 1
PERMIT_ID: Final = 2
SUBJECT_ID: Final = 3
REPORT_ID: Final = 4
APPLICATION_ID: Final = 5
SUBJECT_REQUEST_ID: Final = 6
CORRECTION_ID: Final = 7
