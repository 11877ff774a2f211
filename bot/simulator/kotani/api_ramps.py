"""Endpoints that turn fiat into crypto and back: rates, onramps, crypto sends, offramps and their refunds."""

from decimal import Decimal

from bot.simulator.kotani import catalogue, payloads
from bot.simulator.kotani.body import Field, optional
from bot.simulator.kotani.call import Answer, Call, Operation
from bot.simulator.kotani.money import check_country, to_unit
from bot.simulator.kotani.records import CryptoSend, Offramp, Onramp
from bot.simulator.kotani.refusals import refused
from bot.simulator.kotani.wallets import market_of

RATE = "Available exchange rate."
CREATED = "Request has been successfully created"


def _onramp_rate(call: Call) -> Answer:
    body = call.body
    exact = body.maybe("source") == "crypto"
    quote = call.world.market.onramp(body.text("from"), body.text("to"), body.amount("fiatAmount"), exact_crypto=exact)
    return Answer(RATE, payloads.rate(quote))


def _offramp_rate(call: Call) -> Answer:
    body = call.body
    exact = body.maybe("source") == "fiat"
    quote = call.world.market.offramp(body.text("from"), body.text("to"), body.amount("cryptoAmount"), exact_fiat=exact)
    return Answer(RATE, payloads.rate(quote) | {"walletDebitAmount": quote.fiat})


def _plain(call: Call, source: str, target: str) -> dict[str, object]:
    return {"from": source, "to": target, "value": f"{call.world.market.plain(source, target):.8f}"}


def _one_rate(call: Call) -> Answer:
    return Answer(RATE, _plain(call, call.params["source"], call.params["target"]))


def _all_rates(call: Call) -> Answer:
    return Answer(RATE, [_plain(call, source, target) for source, target in call.world.market.pairs()])


def _fiat_rate(call: Call) -> Answer:
    market, body = call.world.market, call.body
    source, target, amount = body.text("from"), body.text("to"), body.amount("amount")
    value = market.plain(source, target)
    paid_out = to_unit(amount * value, target)
    deposit_fee, payout_fee = (market.fee(amount, source), market.withdrawal_fee(paid_out, target))
    data: dict[str, object] = {
        "from": source, "to": target, "value": f"{value:.8f}", "depositAmount": amount, "withdrawalAmount": paid_out,
        "depositTransactionAmount": amount - deposit_fee, "withdrawalTransactionAmount": paid_out + payout_fee,
        "depositFee": deposit_fee, "withdrawalFee": payout_fee,
    }  # fmt: skip
    return Answer(RATE, data)


def _onramp(call: Call) -> Answer:
    body = call.body
    mobile, bank = body.part("mobileMoney"), body.part("bankCheckout")
    payer = mobile or bank
    if payer is None or (mobile and bank):
        raise refused("Provide either mobileMoney or bankCheckout")
    tx = call.world.onramps.create(
        reference=body.text("referenceId"), amount=body.amount("fiatAmount"), currency=body.text("currency"),
        chain=body.text("chain"), token=body.text("token"), receiver=body.text("receiverAddress"),
        callback_url=body.maybe("callbackUrl"), rate_id=body.maybe("rateId"), wallet_id=body.maybe("fiatWalletId"),
        phone=payer.text("phoneNumber"), name=payer.text("accountName" if mobile else "fullName"),
        network=mobile.text("providerNetwork") if mobile else None, base_url=call.base_url,
    )  # fmt: skip
    data: dict[str, object] = {
        "id": tx.id, "referenceId": tx.reference, "referenceNumber": tx.number, "message": "Onramp initiated",
        "customerKey": tx.customer_key,
    }  # fmt: skip
    if tx.redirect_url:
        data["redirectUrl"] = tx.redirect_url
    return Answer(CREATED, data)


def _onramp_status(call: Call) -> Answer:
    tx = call.world.register.find(Onramp, call.params["reference"], "Not Found")
    return Answer("Onramp status successfully retrieved.", payloads.onramp_status(tx))


def _crypto(call: Call) -> Answer:
    body = call.body
    tx = call.world.onramps.send(
        body.text("referenceId"), body.text("chain"), body.text("token"), body.amount("cryptoAmount"),
        body.text("receiverAddress"),
    )  # fmt: skip
    return Answer(CREATED, {"id": tx.id, "referenceId": tx.reference, "referenceNumber": tx.number})


def _crypto_status(call: Call) -> Answer:
    tx = call.world.register.find(CryptoSend, call.params["reference"], "Not Found")
    return Answer("Onramp crypto status successfully retrieved.", payloads.crypto_status(tx))


_RECEIVERS = ("mobileMoneyReceiver", "bankReceiver", "lipaNaMpesaReceiver", "paybillReceiver")


def _offramp(call: Call) -> Answer:
    body, world = call.body, call.world
    given = [(name, part) for name in _RECEIVERS if (part := body.part(name)) is not None]
    if len(given) != 1:
        raise refused("Provide exactly one receiver")
    kind, receiver = given[0]
    currency = body.text("currency")
    iso2: str | None = None
    customer_key = world.core.ids.uuid()
    phone = receiver.maybe("phoneNumber") or ""
    match kind:
        case "mobileMoneyReceiver":
            network = receiver.text("networkProvider")
            iso2 = market_of(phone, currency, network).iso2
            check_country(world.core, iso2, "WITHDRAW")
            customer_key = world.customers.find_or_create(phone, receiver.text("accountName"), network).key
        case "bankReceiver" if currency not in ("ZAR", "KES"):
            raise refused(f"Bank payouts are not supported in {currency}")
        case "lipaNaMpesaReceiver" | "paybillReceiver" if currency != "KES":
            raise refused("This receiver is supported in Kenya only")
    config = body.part("refund_config")
    tx = world.offramps.create(
        reference=body.text("referenceId"), amount=body.amount("cryptoAmount"),
        wallet=world.wallets.of_currency(currency, iso2), chain=body.text("chain"), token=body.text("token"),
        sender=body.maybe("senderAddress"), target=phone, to_phone=kind == "mobileMoneyReceiver",
        customer_key=customer_key, callback_url=body.maybe("callbackUrl"), rate_id=body.maybe("rateId"),
        refund_config=dict(config.values) if config else None,
    )  # fmt: skip
    tx.receiver = dict(receiver.values)
    return Answer("Offramp has been successfully created", payloads.offramp_status(tx))


def _sale(call: Call) -> Offramp:
    return call.world.register.find(Offramp, call.params["reference"])


def _offramp_status(call: Call) -> Answer:
    return Answer("Offramp status retrieved", payloads.offramp_status(_sale(call)))


def _cancel(call: Call) -> Answer:
    sale = _sale(call)
    call.world.offramps.cancel(sale)
    return Answer("Offramp has been successfully cancelled", payloads.offramp_status(sale))


def _refund_status(call: Call) -> Answer:
    return Answer("Refund status retrieved", payloads.refund_status(_sale(call)))


def _retry_refund(call: Call) -> Answer:
    sale = _sale(call)
    call.world.offramps.retry_refund(sale)
    return Answer("Refund retry has been initiated", payloads.refund_status(sale))


def _invoice(call: Call) -> Answer:
    sale = _sale(call)
    if call.body.amount("amount_msat") != Decimal(sale.received):
        raise refused("amount_msat does not match the refund")
    call.world.offramps.submit_invoice(sale, call.body.text("bolt11"))
    return Answer("Refund invoice has been submitted", payloads.refund_status(sale))


_CURRENCY = Field("currency", values=catalogue.CURRENCIES)
_CHAIN = Field("chain", values=catalogue.CHAINS)
_TOKEN = Field("token", values=catalogue.TOKENS)
_ID = Field("referenceId")
_SOURCE = optional("source", values=("fiat", "crypto"))
_RATE_TOKENS = catalogue.RATE_TOKENS
_INVOICE = (Field("bolt11"), optional("payment_hash"), Field("amount_msat", "number"), optional("expires_at", "moment"))
_OFFRAMP = (
    optional("mobileMoneyReceiver", "object", parts=(
        Field("phoneNumber", "phone"), Field("accountName"), Field("networkProvider", values=catalogue.NETWORKS),
    )),
    optional("bankReceiver", "object", parts=(
        Field("name"), Field("address"), Field("phoneNumber", "phone"), Field("bankCode", "code"),
        Field("accountNumber"), Field("country"),
    )),
    optional("lipaNaMpesaReceiver", "object", parts=(
        Field("businessShortcode"), optional("accountReference"), optional("transactionDesc"),
        optional("phoneNumber", "phone"),
    )),
    optional("paybillReceiver", "object", parts=(
        Field("paybillNumber"), Field("accountNumber"), optional("phoneNumber", "phone"), optional("remarks"),
    )),
    Field("cryptoAmount", "number"), Field("currency", values=catalogue.OFFRAMP_CURRENCIES), _CHAIN, _TOKEN, _ID,
    optional("senderAddress"), optional("callbackUrl", "url"), optional("rateId"), optional("refund_config", "object",
    parts=(
        optional("address"), optional("bolt11"), optional("payment_hash"), optional("amount_msat", "number"),
        optional("expires_at", "moment"), optional("generate_invoice_url", "url"),
    )),
)  # fmt: skip

OPERATIONS = (
    Operation("rate.onramp", "POST", "/api/v3/rate/onramp", _onramp_rate, (
        Field("from", values=catalogue.CURRENCIES), Field("to", values=_RATE_TOKENS), Field("fiatAmount", "number"),
        _SOURCE,
    )),
    Operation("rate.offramp", "POST", "/api/v3/rate/offramp", _offramp_rate, (
        Field("from", values=_RATE_TOKENS), Field("to", values=catalogue.CURRENCIES), Field("cryptoAmount", "number"),
        _SOURCE,
    )),
    Operation("rate.fiat", "POST", "/api/v3/rate/fiat", _fiat_rate, (
        Field("from", values=catalogue.CURRENCIES), Field("to", values=catalogue.CURRENCIES), Field("amount", "number"),
    )),
    Operation("rate.list", "GET", "/api/v3/rate", _all_rates),
    Operation("rate.get", "GET", "/api/v3/rate/{source}/{target}", _one_rate),
    Operation("rate.public", "GET", "/api/v3/public/rate", _all_rates, open=True),
    Operation("rate.public", "GET", "/api/v3/public/rate/{source}/{target}", _one_rate, open=True),
    Operation("crypto.create", "POST", "/api/v3/onramp/crypto", _crypto, (
        Field("receiverAddress"), _CHAIN, _TOKEN, Field("cryptoAmount", "number"), _ID,
    ), "onramp", "referenceId"),
    Operation("crypto.status", "GET", "/api/v3/onramp/crypto/{reference}", _crypto_status),
    Operation("onramp.create", "POST", "/api/v3/onramp", _onramp, (
        optional("mobileMoney", "object", parts=(
            Field("phoneNumber", "phone"), Field("accountName"), Field("providerNetwork", values=catalogue.NETWORKS),
        )),
        optional("bankCheckout", "object", parts=(
            Field("fullName"), Field("phoneNumber", "phone"), optional("paymentMethod", values=("CARD", "PAYBYBANK")),
        )),
        Field("fiatAmount", "number"), _CURRENCY, _CHAIN, _TOKEN, Field("receiverAddress"), _ID,
        Field("callbackUrl", "url"), optional("rateId"), optional("fiatWalletId"),
    ), "onramp", "referenceId"),
    Operation("onramp.status", "GET", "/api/v3/onramp/{reference}", _onramp_status),
    Operation("offramp.create", "POST", "/api/v3/offramp", _offramp, _OFFRAMP, "offramp", "referenceId"),
    Operation("offramp.cancel", "GET", "/api/v3/offramp/cancel/{reference}", _cancel),
    Operation("offramp.refund_status", "GET", "/api/v3/offramp/refund-status/{reference}", _refund_status),
    Operation("offramp.retry_refund", "POST", "/api/v3/offramp/retry-refund/{reference}", _retry_refund),
    Operation(
        "offramp.invoice", "POST", "/api/v3/offramp/submit-refund-invoice/{reference}", _invoice, _INVOICE
    ),
    Operation("offramp.status", "GET", "/api/v3/offramp/{reference}", _offramp_status),
)  # fmt: skip
