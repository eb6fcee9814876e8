"""Safe YAML in which a key stands once.

Never: makes anything but plain values.
"""

from collections.abc import Hashable

import yaml


class OnceLoader(yaml.SafeLoader):
    """Safe YAML in which a key stands once; plain YAML would silently keep the last."""

    def construct_mapping(
        self,
        node: yaml.MappingNode,
        deep: bool = False,  # noqa: FBT001, FBT002 — YAML's signature
    ) -> dict[Hashable, object]:
        """Refuse a key that stands twice."""
        seen = set[object]()
        for key_node, _ in node.value:
            key = key_node.value
            if key in seen:
                line = key_node.start_mark.line + 1
                raise yaml.YAMLError(f"line {line}: the key {key!r} stands twice")
            seen.add(key)
        return super().construct_mapping(node, deep)
