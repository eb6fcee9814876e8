"""What fields are called in Chinese, for documents: the first words of their descriptions."""

import re
from collections.abc import Mapping
from typing import Final

from graphql import GraphQLSchema, is_interface_type, is_object_type

_END: Final = re.compile(r"[。：；（\n]")


def field_labels(full: GraphQLSchema) -> Mapping[str, str]:
    """Path of a field → its label, such as `Person.phone` → 联系方式."""
    return {
        f"{name}.{field}": _END.split(made.description or "", maxsplit=1)[0] or f"{name}.{field}"
        for name, type_ in full.type_map.items()
        if (is_object_type(type_) or is_interface_type(type_)) and not name.startswith("__")
        for field, made in type_.fields.items()
    }
