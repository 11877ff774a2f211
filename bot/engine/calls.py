"""The create call of a leg, as the provider's client takes it: who pays, who is paid, and how much. Pure.

Which wallet and which customer of the provider's it names is looked up before, by `bot.engine.submitting`.
"""

from typing import Final, assert_never

from bot.engine.results import AnyRequest, BuyRequest, PayoutRequest, SellRequest, SendRequest
from bot.kotani.parties import Receiver
from bot.kotani.requests import (
    BankAccount,
    BankCheckout,
    BankPayout,
    BankReceiver,
    CheckoutRequest,
    DepositRequest,
    MobileMoneyPayer,
    MobileMoneyReceiver,
    OfframpRequest,
    OnrampRequest,
    PaybillPayout,
    PaybillReceiver,
    Payout,
    SouthAfricanPayout,
    TillPayout,
    TillReceiver,
    WithdrawalRequest,
)
from bot.payments.catalogue import COUNTRIES
from bot.payments.parties import Destination, Payer, Way
from storage.tables import Leg

CreateCall = OnrampRequest | OfframpRequest | DepositRequest | CheckoutRequest | Payout
# the payer chooses the bank on its page (Kotani docs, bank checkout)
_PAY_BY_BANK: Final = "PAYBYBANK"
_SOUTH_AFRICA: Final = "ZA"


def is_south_african_payout(request: AnyRequest) -> bool:
    """Whether a payout goes by the second version of the bank calls, which South Africa alone has."""
    if not isinstance(request, SendRequest | PayoutRequest):
        return False
    return request.destination.way is Way.BANK and request.destination.country == _SOUTH_AFRICA


def onramp_call(leg: Leg, request: BuyRequest, callback_url: str | None) -> OnrampRequest:
    """A buy: the payer's fiat for crypto at their address."""
    assert leg.token is not None
    assert leg.chain is not None
    if request.method == "bank":
        payer: MobileMoneyPayer | BankCheckout = BankCheckout(full_name=request.account_name, phone=request.phone)
    else:
        assert request.network is not None
        payer = MobileMoneyPayer(phone=request.phone, account_name=request.account_name, network=request.network)
    return OnrampRequest(
        payer=payer,
        fiat_amount=leg.amount,
        currency=leg.currency,
        chain=leg.chain,
        token=leg.token,
        receiver_address=request.address,
        reference=leg.reference,
        callback_url=callback_url,
        rate_id=leg.quote_id,
    )


def offramp_call(leg: Leg, request: SellRequest, callback_url: str | None) -> OfframpRequest:
    """A sale: the sender's crypto for fiat to whom they named. Without the sender our own wallet would pay."""
    assert leg.token is not None
    assert leg.chain is not None
    assert leg.crypto_amount is not None
    return OfframpRequest(
        receiver=_receiver(request.destination),
        crypto_amount=leg.crypto_amount,
        currency=leg.currency,
        chain=leg.chain,
        token=leg.token,
        reference=leg.reference,
        sender_address=request.sender_address,
        callback_url=callback_url,
        rate_id=leg.quote_id,
        refund_address=request.refund_address,
    )


def checkout_call(leg: Leg, payer: Payer, callback_url: str | None) -> CheckoutRequest:
    """A collection on the bank's page."""
    return CheckoutRequest(
        full_name=payer.account_name,
        phone=payer.phone,
        method=_PAY_BY_BANK,
        currency=leg.currency,
        amount=leg.amount,
        reference=leg.reference,
        callback_url=callback_url,
    )


def deposit_call(leg: Leg, *, wallet_id: str, customer_key: str, callback_url: str | None) -> DepositRequest:
    """A collection by a prompt on the payer's phone."""
    return DepositRequest(
        customer_key=customer_key,
        amount=leg.amount,
        wallet_id=wallet_id,
        reference=leg.reference,
        callback_url=callback_url,
    )


def phone_payout(leg: Leg, *, wallet_id: str, customer_key: str, callback_url: str | None) -> WithdrawalRequest:
    """A payout to the phone of a customer of the provider's."""
    return WithdrawalRequest(
        customer_key=customer_key,
        amount=leg.amount,
        wallet_id=wallet_id,
        reference=leg.reference,
        callback_url=callback_url,
    )


def payout_call(
    leg: Leg, to: Destination, *, wallet_id: str, customer_key: str | None, callback_url: str | None
) -> Payout:
    """A payout to whom the payer named. `customer_key` is needed for phones, and for bank accounts in Kenya."""
    match to.way:
        case Way.PHONE:
            assert customer_key is not None
            return phone_payout(leg, wallet_id=wallet_id, customer_key=customer_key, callback_url=callback_url)
        case Way.BANK if to.country == _SOUTH_AFRICA:
            return SouthAfricanPayout(
                account=_bank_receiver(to),
                currency=leg.currency,
                amount=leg.amount,
                reference=leg.reference,
                callback_url=callback_url,
            )
        case Way.BANK:
            assert customer_key is not None
            assert to.bank_code is not None
            assert to.account is not None
            return BankPayout(
                customer_key=customer_key,
                amount=leg.amount,
                wallet_id=wallet_id,
                account=BankAccount(bank=to.bank_code, account_name=to.name, account_number=to.account, phone=to.phone),
                reference=leg.reference,
                callback_url=callback_url,
            )
        case Way.TILL:
            return TillPayout(
                till=_till(to),
                amount=leg.amount,
                wallet_id=wallet_id,
                reference=leg.reference,
                callback_url=callback_url,
            )
        case Way.PAYBILL:
            return PaybillPayout(
                paybill=_paybill(to),
                amount=leg.amount,
                wallet_id=wallet_id,
                reference=leg.reference,
                callback_url=callback_url,
            )
        case _:
            assert_never(to.way)


def _receiver(to: Destination) -> Receiver:
    match to.way:
        case Way.PHONE:
            assert to.phone is not None
            assert to.network is not None
            return MobileMoneyReceiver(phone=to.phone, account_name=to.name, network=to.network)
        case Way.BANK:
            return _bank_receiver(to)
        case Way.TILL:
            return _till(to)
        case Way.PAYBILL:
            return _paybill(to)
        case _:
            assert_never(to.way)


def _bank_receiver(to: Destination) -> BankReceiver:
    assert to.phone is not None
    assert to.bank_code is not None
    assert to.account is not None
    return BankReceiver(
        name=to.name,
        address=COUNTRIES[to.country].name,  # one is demanded, and what for is not documented
        phone=to.phone,
        bank_code=to.bank_code,
        account_number=to.account,
        country=to.country,
    )


def _till(to: Destination) -> TillReceiver:
    assert to.number is not None
    return TillReceiver(shortcode=to.number, phone=to.phone)


def _paybill(to: Destination) -> PaybillReceiver:
    assert to.number is not None
    assert to.account is not None
    return PaybillReceiver(paybill=to.number, account_number=to.account, phone=to.phone)
