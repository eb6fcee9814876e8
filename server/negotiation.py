"""What a request's headers ask for: the answer's media type, its language, the body's encoding.

RFC 9110 section 12 and the GraphQL over HTTP specification, "Media Types". Each answer is a pure
function of one header, so the few values that clients really send are kept. This module never
looks at a body.
"""

from functools import lru_cache
from typing import Final

from schema.errors import Language

GRAPHQL_RESPONSE: Final = b"application/graphql-response+json"
JSON: Final = b"application/json"

LONGEST_HEADER: Final = 1024
"""More of a header is not looked at, and not kept: answers are remembered by the header."""

_HIGHEST: Final = 1000
_UTF8: Final = frozenset({"utf-8", "utf8", '"utf-8"', '"utf8"'})


@lru_cache(maxsize=256)
def media_type(accept: bytes | None) -> bytes | None:
    """The answer's media type; None where nothing that is accepted can be given.

    Without a header, or with `*/*` alone, it is `application/json`: what clients from before
    `application/graphql-response+json` expect. At equal weight the more telling type wins.
    """
    if not accept:
        return JSON
    weights: dict[bytes, int] = {}
    for name, weight, parameters in _items(accept):
        if "charset" in parameters and parameters["charset"] not in _UTF8:
            continue
        weights[name.encode()] = max(weight, weights.get(name.encode(), 0))
    anything = weights.get(b"application/*", weights.get(b"*/*", 0))
    telling = weights.get(GRAPHQL_RESPONSE, 0)
    plain = weights.get(JSON, anything)
    if not telling and not plain:
        # `application/json;q=0, */*` still takes the other one.
        return GRAPHQL_RESPONSE if anything and GRAPHQL_RESPONSE not in weights else None
    return GRAPHQL_RESPONSE if telling >= plain else JSON


@lru_cache(maxsize=256)
def language(accept_language: bytes | None, default: Language) -> Language:
    """The language of messages (RFC 9110 section 12.5.4): Chinese or English."""
    if not accept_language:
        return default
    best: Language = default
    best_weight = 0
    for name, weight, _ in _items(accept_language):
        tag = name.partition("-")[0]
        if weight > best_weight and tag in {"zh", "en", "*"}:
            best_weight = weight
            best = default if tag == "*" else "zh-CN" if tag == "zh" else "en"
    return best


@lru_cache(maxsize=256)
def is_json(content_type: bytes | None) -> bool:
    """Whether a body is declared as JSON in UTF-8, which is what an unnamed charset means."""
    if not content_type:
        return False
    items = list(_items(content_type))
    if len(items) != 1:
        return False
    name, _, parameters = items[0]
    return name == "application/json" and parameters.get("charset", "utf-8") in _UTF8


def _items(header: bytes) -> list[tuple[str, int, dict[str, str]]]:
    """The comma-separated items of a header: name, weight in thousandths, other parameters."""
    items: list[tuple[str, int, dict[str, str]]] = []
    for item in header[:LONGEST_HEADER].decode("latin-1").lower().split(","):
        name, *rest = (part.strip() for part in item.split(";"))
        if not name:
            continue
        parameters = {}
        for part in rest:
            key, _, value = part.partition("=")
            parameters[key.strip()] = value.strip()
        items.append((name, _weight(parameters.pop("q", "1")), parameters))
    return items


def _weight(text: str) -> int:
    """RFC 9110 section 12.4.2: 0 to 1 with three decimals. What can't be read weighs nothing."""
    whole, _, decimals = text.partition(".")
    if whole == "1":
        return _HIGHEST
    if whole != "0" or not (decimals + "0").isdecimal():
        return 0
    return int((decimals + "000")[:3])
