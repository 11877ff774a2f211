"""What each kind of notice looks like at the moment it is sent: one module for each part of the program that says things."""

from collections.abc import Mapping
from types import MappingProxyType

from bot.telegram.drawing import Renderer

Renderers = Mapping[str, Renderer]


def together(*parts: Renderers) -> Renderers:
    """All of these renderers. Raises `ValueError` when two of them draw the same kind of notice."""
    known: dict[str, Renderer] = {}
    for part in parts:
        if twice := known.keys() & part.keys():
            raise ValueError(f"drawn in two ways: {', '.join(sorted(twice))}")
        known |= part
    return MappingProxyType(known)
