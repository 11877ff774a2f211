"""What a customer asked for, as JSON to be sealed and back, with its amounts as text so that they stay exact."""

from decimal import Decimal
from typing import Any, Final

from bot.engine.results import BuyRequest, Request, SellRequest, SendRequest
from bot.payments.money import Money
from bot.payments.parties import Destination, Payer

_FORM: Final = "form"
_AMOUNTS: Final = ("fiat_amount", "crypto_amount")


def pack_request(request: Request) -> dict[str, Any]:
    """A request as JSON."""
    packed = {name: getattr(request, name) for name in request.__slots__}
    match request:
        case BuyRequest():
            return packed | _amounts_as_text(request) | {_FORM: "buy"}
        case SellRequest():
            destination = request.destination.to_json()
            return packed | _amounts_as_text(request) | {_FORM: "sell", "destination": destination}
        case SendRequest():
            return packed | {
                _FORM: "send",
                "payer": {name: getattr(request.payer, name) for name in request.payer.__slots__},
                "destination": request.destination.to_json(),
                "amount": [str(request.amount.amount), request.amount.currency],
            }


def unpack_request(packed: dict[str, Any]) -> Request:
    """The other way round."""
    fields = {name: value for name, value in packed.items() if name != _FORM}
    if packed[_FORM] == "buy":
        return BuyRequest(**(fields | _amounts_from_text(fields)))
    destination = Destination.from_json(fields["destination"])
    if packed[_FORM] == "sell":
        return SellRequest(**(fields | _amounts_from_text(fields) | {"destination": destination}))
    amount, currency = fields["amount"]
    given = {"payer": Payer(**fields["payer"]), "destination": destination, "amount": Money(Decimal(amount), currency)}
    return SendRequest(**(fields | given))


def _amounts_as_text(request: BuyRequest | SellRequest) -> dict[str, str | None]:
    values = {name: getattr(request, name) for name in _AMOUNTS}
    return {name: None if value is None else str(value) for name, value in values.items()}


def _amounts_from_text(packed: dict[str, Any]) -> dict[str, Decimal | None]:
    return {name: None if packed[name] is None else Decimal(packed[name]) for name in _AMOUNTS}
