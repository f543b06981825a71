"""The name of a builtin type, as far as the code proves it."""

from dataclasses import dataclass

HASHABLE = frozenset({"str", "bytes", "int", "float", "bool", "NoneType", "range"})


@dataclass(frozen=True, slots=True)
class Kind:
    """A builtin type by name, with the kind of what iterating over it yields if known."""

    name: str = ""
    item: "Kind | None" = None

    @property
    def hashable(self) -> bool:
        if self.name == "tuple":
            return self.item is not None and self.item.hashable
        return self.name in HASHABLE


UNKNOWN = Kind()
