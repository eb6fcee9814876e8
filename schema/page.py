"""Pages after the Relay cursor connections specification: keyset cursors, forward only."""

import strawberry

from policies.catalogue import Kind
from schema.sources import Of, about, declared


@strawberry.type(description=about("翻页信息（只向后翻）。", "About a page (forward only)."))
class PageInfo:
    """What a page says of itself; its value is any page of `resolvers`."""

    has_next_page: bool = declared(
        Of(lambda page: page.has_next),
        "是否还有下一页。",
        "Whether a next page exists.",
        kind=Kind.OBJECT,
        governed=False,
    )
    has_previous_page: bool = declared(
        Of(lambda page: page.has_previous),
        "是否由游标开始。",
        "Whether this page began after a cursor.",
        kind=Kind.OBJECT,
        governed=False,
    )
    start_cursor: str | None = declared(
        Of(lambda page: page.start_cursor),
        "首条游标。",
        "The first cursor.",
        kind=Kind.OBJECT,
        governed=False,
    )
    end_cursor: str | None = declared(
        Of(lambda page: page.end_cursor),
        "末条游标。",
        "The last cursor.",
        kind=Kind.OBJECT,
        governed=False,
    )
