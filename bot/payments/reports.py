"""What the provider says about one transaction, in our terms: the same for callbacks, polls and answers to creates."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Report:
    """One statement of the provider about one reference. Absent facts are None; status words stay as they came.

    Fiat amounts are in `currency`: `gross` is the amount as sent to the provider, before its fee; `fee` its fee; `net`
    what remains or what is debited in all, as the endpoint defines it; `to_pay` what the customer is charged.
    `crypto_amount` and `crypto_received` are in `token`. `receiver` is the address or phone that the provider names.
    Of a sale: `escrow_address` is where the crypto must arrive, `crypto_seen` what was seen on the chain, `own_wallet`
    that our own wallet pays instead of the customer; `refund_tx` brought the crypto back.
    """

    reference: str | None = None
    status: str | None = None
    deposit_status: str | None = None
    onchain_status: str | None = None
    provider_id: str | None = None
    gross: Decimal | None = None
    fee: Decimal | None = None
    net: Decimal | None = None
    to_pay: Decimal | None = None
    crypto_amount: Decimal | None = None
    crypto_received: Decimal | None = None
    currency: str | None = None
    token: str | None = None
    chain: str | None = None
    receiver: str | None = None
    receipt: str | None = None
    tx_hash: str | None = None
    redirect_url: str | None = None
    error_text: str | None = None
    error_code: str | None = None
    escrow_address: str | None = None
    crypto_seen: Decimal | None = None
    own_wallet: bool = False
    refund_status: str | None = None
    refund_tx: str | None = None
