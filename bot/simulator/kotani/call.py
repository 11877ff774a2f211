"""One call of the provider's API: what it asks, what is answered, and the table entry that ties a path to its code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.simulator.kotani.body import Body, Field

if TYPE_CHECKING:
    from bot.simulator.kotani.world import KotaniWorld


@dataclass(frozen=True, slots=True)
class Call:
    """A request that has passed authentication and validation. `base_url` is the server's own address."""

    world: KotaniWorld
    params: dict[str, str]
    query: dict[str, str]
    body: Body
    base_url: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A success: goes into the envelope `{success, message, data}`."""

    message: str
    data: object
    status: int = 200


@dataclass(frozen=True, slots=True)
class Operation:
    """One endpoint. `fields` describe its body; `service` is what must be enabled; `open` needs no key.

    `reference` is the body field that holds the integrator's reference, for the request log.
    """

    name: str
    method: str
    path: str
    run: Callable[[Call], Answer]
    fields: tuple[Field, ...] = ()
    service: str | None = None
    reference: str | None = None
    open: bool = False
    query: tuple[Field, ...] = ()
