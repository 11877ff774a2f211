"""Calls for rates and quotes. A quote is made by a POST and moves nothing."""

from decimal import Decimal

from bot.kotani.calls import API, Call, Unreadable, a_number, an_object, body, segment
from bot.kotani.parties import Fields
from bot.kotani.reading import as_amount, as_text, text
from bot.kotani.results import FiatQuote, Quote, Rate


def quote_onramp(currency: str, token: str, *, fiat: Decimal | None, crypto: Decimal | None) -> Call[Quote]:
    """Kotani docs, onramp rate. With `source: "crypto"` the number in `fiatAmount` is the crypto to receive."""
    fields: Fields = {"from": currency, "to": token, "fiatAmount": _one(fiat, crypto)}
    if crypto is not None:
        fields["source"] = "crypto"
    return _quote("rate.onramp", fields)


def quote_offramp(token: str, currency: str, *, crypto: Decimal | None, fiat: Decimal | None) -> Call[Quote]:
    """Kotani docs, offramp rate. With `source: "fiat"` the number in `cryptoAmount` is the fiat to receive."""
    fields: Fields = {"from": token, "to": currency, "cryptoAmount": _one(crypto, fiat)}
    if fiat is not None:
        fields["source"] = "fiat"
    return _quote("rate.offramp", fields)


def quote_fiat(source: str, target: str, paid: Decimal) -> Call[FiatQuote]:
    """Kotani docs, fiat rate."""
    operation = "rate.fiat"
    fields: Fields = {"from": source, "to": target, "amount": paid}

    def read(data: object) -> FiatQuote:
        said = an_object(data)
        return FiatQuote(
            source=source,
            target=target,
            value=as_amount(said.get("value")),
            deposit_amount=a_number(said, "depositAmount"),
            deposit_fee=a_number(said, "depositFee"),
            deposit_transaction_amount=a_number(said, "depositTransactionAmount"),
            withdrawal_amount=a_number(said, "withdrawalAmount"),
            withdrawal_fee=a_number(said, "withdrawalFee"),
            withdrawal_transaction_amount=a_number(said, "withdrawalTransactionAmount"),
        )

    return Call(operation, "POST", f"{API}/rate/fiat", read, body(operation, fields))


def rate(source: str, target: str) -> Call[Rate]:
    """Kotani docs, rate of a pair."""
    return Call("rate.get", "GET", f"{API}/rate/{segment(source)}/{segment(target)}", _rate)


def _quote(operation: str, fields: Fields) -> Call[Quote]:
    source, target = str(fields["from"]), str(fields["to"])

    def read(data: object) -> Quote:
        said = an_object(data)
        quote_id = text(said, "provider_id")
        if quote_id is None:
            raise Unreadable("a quote without an id")
        for name, wanted in (("from", source), ("to", target)):
            named = as_text(said.get(name))
            if named is not None and named.upper() != wanted.upper():
                raise Unreadable("a quote for something else")
        return Quote(
            id=quote_id,
            source=source,
            target=target,
            fiat_amount=a_number(said, "fiatAmount"),
            crypto_amount=a_number(said, "cryptoAmount"),
            transaction_amount=a_number(said, "transactionAmount"),
            fee=a_number(said, "fee"),
            value=as_text(said.get("value")),
        )

    return Call(operation, "POST", f"{API}/{operation.replace('.', '/')}", read, body(operation, fields))


def _rate(data: object) -> Rate:
    said = an_object(data)
    source, target = as_text(said.get("from")), as_text(said.get("to"))
    if source is None or target is None:
        raise Unreadable("a rate of nothing")
    return Rate(source, target, a_number(said, "value"))


def _one(first: Decimal | None, second: Decimal | None) -> Decimal:
    given = [value for value in (first, second) if value is not None]
    if len(given) != 1:
        raise ValueError("exactly one of the two amounts is given")
    return given[0]
