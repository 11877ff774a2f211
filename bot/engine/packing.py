"""What somebody asked for, as JSON to be sealed and back, with its amounts as text so that they stay exact."""

from decimal import Decimal
from typing import Any, Final

from bot.engine.results import AnyRequest, BuyRequest, CollectionRequest, PayoutRequest, SellRequest, SendRequest
from bot.payments.money import Money
from bot.payments.parties import Destination, Payer

_FORM: Final = "form"
_AMOUNTS: Final = ("fiat_amount", "crypto_amount")


def pack_request(request: AnyRequest) -> dict[str, Any]:
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
                "payer": _payer_json(request.payer),
                "destination": request.destination.to_json(),
                "amount": _money_json(request.amount),
            }
        case PayoutRequest():
            destination = request.destination.to_json()
            return packed | {_FORM: "payout", "destination": destination, "amount": _money_json(request.amount)}
        case CollectionRequest():
            payer = _payer_json(request.payer)
            return packed | {_FORM: "collection", "payer": payer, "amount": _money_json(request.amount)}


def unpack_request(packed: dict[str, Any]) -> AnyRequest:
    """The other way round."""
    fields = {name: value for name, value in packed.items() if name != _FORM}
    if packed[_FORM] == "buy":
        return BuyRequest(**(fields | _amounts_from_text(fields)))
    if "payer" in fields:
        fields["payer"] = Payer(**fields["payer"])
    if "destination" in fields:
        fields["destination"] = Destination.from_json(fields["destination"])
    if packed[_FORM] == "sell":
        return SellRequest(**(fields | _amounts_from_text(fields)))
    amount, currency = fields["amount"]
    fields["amount"] = Money(Decimal(amount), currency)
    match packed[_FORM]:
        case "payout":
            return PayoutRequest(**fields)
        case "collection":
            return CollectionRequest(**fields)
        case _:
            return SendRequest(**fields)


def _payer_json(payer: Payer) -> dict[str, Any]:
    return {name: getattr(payer, name) for name in payer.__slots__}


def _money_json(money: Money) -> list[str]:
    return [str(money.amount), money.currency]


def _amounts_as_text(request: BuyRequest | SellRequest) -> dict[str, str | None]:
    values = {name: getattr(request, name) for name in _AMOUNTS}
    return {name: None if value is None else str(value) for name, value in values.items()}


def _amounts_from_text(packed: dict[str, Any]) -> dict[str, Decimal | None]:
    return {name: None if packed[name] is None else Decimal(packed[name]) for name in _AMOUNTS}
