"""Sentences of `must` and `must_not`: each is understood by what it asks for, and looked up.

A sentence that no pattern fits is left to a person and named; it never counts as held.

Never: takes a sentence as held because nothing speaks against it.
"""

import re
from typing import Final

from cli.scenarios import words
from cli.scenarios.telling import Seen

PATTERNS: Final[tuple[tuple[str, str], ...]] = (
    (r"(list|ask for|demand|require).*(id card|identity card)", "asks_for_id_card"),
    (r"(ask for|demand|require).*(address|lease).*again", "asks_for_address_proof"),
    (r"open an? application|apply automatically|automatic application", "opens_application"),
    (r"in breach|sanction the person", "breach"),
    (r"silently overwrite|overwrite either", "overwrites"),
    (r"require a reason", "refusal_needs_reason"),
    (r"(keep|record).*(attempt|refusal).*log|keep the attempt", "kept_in_log"),
    (r"(log|record) the query|write a log|appear in the log", "recorded"),
    (r"still issue the card", "issued"),
    (r"report the overrun|overdue list|flag.*overdue", "overrun"),
    (r"late by days|mark .*late|as late", "late"),
    (r"art\.? 19 address change|address change", "address_change"),
    (r"integrity check|show up in the (check|verification)", "integrity_check"),
    (r"no lawful event explains|not served to departments", "not_served"),
    (r"name other holders|other persons' records", "names_others"),
    (r"row-level|single persons|individual records", "row_level"),
    (r"as final\b", "presented_as_final"),
    (r"(compute|impose|threaten).*(fine|sanction|penalty)|\bfine\b|\bpenalty\b", "penalises"),
    (r"charge|take a fee|\bfee\b", "charges"),
    (r"cancel.*(automatically|by itself|permit)|end the permit", "cancels"),
    (r"(restart|reset|break).*(clock|period|continuity)|count afresh", "restarts_clock"),
    (r"(lengthen|extend|shorten|change).*valid", "changes_validity"),
    (r"create a registration|register the (person|tenant)|start (a|the) .*clock", "registers"),
    (r"issue (a )?(second|new|another) permit", "new_permit"),
    (r"say when the window opens|name the (opening|first) day", "opens_window"),
    (r"(ask for|require|demand).*(new half year|new application)", "needs_new_application"),
    (r"(derive|take|infer).*hukou.*(id|prefix)|reject.*prefix", "same_county"),
    (r"start the (30|thirty) days|start (a|the) (deadline|period)", "starts_days"),
    (r"(give|hand out|issue) a receipt", "accepted"),
    (r"manual review|review .*evidence", "manual_review"),
    (r"store the refusal|save the refusal", "refused_stored"),
    (r"say why|tell why|reveal|distinguish", "told_reason"),
    (r"refuse", "refuses"),
)
"""What a sentence asks for; the first pattern that fits. Claims of an action come with it."""

_RETURNS: Final = re.compile(r"^(?:return|show|disclose|give|reveal) (?:the )?(.+)$")
_PRINTS: Final = re.compile(r"^print (?:the )?(.+)$")
_NAMES_YEAR: Final = re.compile(r"(?:arrangement|notice|calendar).*?(\d{4}).*(missing|not loaded)")
_SAME: Final = {"reason for residence": "residence_reason", "id number": "citizen_id"}


def holds(sentence: str, seen: Seen) -> bool | None:
    """Return whether what a sentence says happened; None where nobody but a person can tell."""
    said = sentence.strip().lower()
    year = _NAMES_YEAR.search(said)
    if year is not None:
        return seen.claims.get(f"names {year.group(1)}")
    printed, returned = _PRINTS.match(said), _RETURNS.match(said)
    if printed is not None:
        return _printed(printed.group(1), seen)
    if returned is not None:
        found = _returned(returned.group(1), seen)
        if found is not None:
            return found
    for pattern, claim in PATTERNS:
        if re.search(pattern, said):
            if claim == "not_served":
                return not seen.claims["served"] if "served" in seen.claims else None
            return seen.claims.get(claim)
    return None


def _code(thing: str) -> str:
    return _SAME.get(thing.strip(), thing.strip().replace(" ", "_"))


def _printed(thing: str, seen: Seen) -> bool | None:
    fields, code = seen.says.get("fields"), _code(thing)
    known = code in words.CONTENTS or code in words.FIELDS
    return code in fields if isinstance(fields, list) and known else None


def _returned(thing: str, seen: Seen) -> bool | None:
    return seen.claims.get(f"returns {_code(thing)}")
