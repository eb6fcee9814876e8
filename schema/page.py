"""Pages after the Relay cursor connections specification: keyset cursors, forward only."""

import strawberry

from schema.sources import about, told


@strawberry.type(description=about("翻页信息（只向后翻）。", "About a page (forward only)."))
class PageInfo:
    """What a page says of itself; its value is any page of `resolvers`."""

    has_next_page: bool = told("has_next", "是否还有下一页。", "Whether a next page exists.")
    has_previous_page: bool = told(
        "has_previous", "是否由游标开始。", "Whether this page began after a cursor."
    )
    start_cursor: str | None = told("start_cursor", "首条游标。", "The first cursor.")
    end_cursor: str | None = told("end_cursor", "末条游标。", "The last cursor.")
