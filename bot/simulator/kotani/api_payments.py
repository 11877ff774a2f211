"""Endpoints that move fiat: deposits, withdrawals and payment links."""

from bot.simulator.kotani import catalogue, payloads
from bot.simulator.kotani.body import Field, optional
from bot.simulator.kotani.call import Answer, Call, Operation
from bot.simulator.kotani.core import stamp
from bot.simulator.kotani.links import Link
from bot.simulator.kotani.records import Deposit, Withdrawal
from bot.simulator.kotani.refusals import refused

Data = dict[str, object]


def _deposit(call: Call) -> Answer:
    body = call.body
    tx = call.world.deposits.by_mobile_money(
        body.text("customer_key"), body.amount("amount"), body.text("wallet_id"), reference=body.maybe("reference_id"),
        callback_url=body.maybe("callback_url"), currency=body.maybe("currency"),
    )  # fmt: skip
    data: Data = {
        "id": tx.id, "message": "Deposit initiated", "reference_id": tx.reference, "reference_number": tx.number,
        "customer_key": tx.customer_key,
    }  # fmt: skip
    return Answer("Deposit has been successfully created.", data)


def _deposit_status(call: Call) -> Answer:
    tx = call.world.register.find(Deposit, call.params["reference"])
    return Answer("Deposit status retrieved.", payloads.deposit_status(tx))


def _checkout(call: Call) -> Answer:
    body = call.body
    tx = call.world.deposits.by_checkout(
        body.text("fullName"), body.text("phoneNumber"), body.text("paymentMethod"), body.text("currency"),
        body.amount("amount"), reference=body.maybe("referenceId"), callback_url=body.maybe("callbackUrl"),
        return_url=body.maybe("customerRedirectUrl") or body.maybe("successUrl"), base_url=call.base_url,
    )  # fmt: skip
    data: Data = {
        "id": tx.id, "referenceId": tx.reference, "referenceNumber": tx.number, "message": "Checkout created",
        "redirectUrl": tx.redirect_url, "customerKey": tx.customer_key,
    }  # fmt: skip
    return Answer("Checkout Created successfully created.", data)


def _checkout_status(call: Call) -> Answer:
    tx = call.world.register.find(Deposit, call.params["reference"])
    return Answer("Deposit status retrieved.", payloads.checkout_status(tx))


def _withdrawn(message: str, tx: Withdrawal) -> Answer:
    data: Data = {
        "id": tx.id, "message": "Withdrawal initiated", "referenceId": tx.reference, "referenceNumber": tx.number,
    }  # fmt: skip
    return Answer(message, data)


def _withdraw(call: Call) -> Answer:
    body, world = call.body, call.world
    customer = world.customers.able(world.customers.get(body.text("customer_key")))
    tx = world.withdrawals.to_customer(
        customer, body.amount("amount"), body.text("walletId"), currency=body.maybe("currency"),
        reference=body.maybe("referenceId"), callback_url=body.maybe("callbackUrl"),
    )  # fmt: skip
    return _withdrawn("Withdrawal has been successfully created.", tx)


def _withdraw_bank(call: Call) -> Answer:
    body, world = call.body, call.world
    customer = world.customers.able(world.customers.get(body.text("customer_key")))
    wallet = world.wallets.usable(body.text("walletId"))
    details = body.part("bankDetails")
    if details is None or wallet.currency not in ("KES", "ZAR"):
        raise refused(f"Bank payouts are not supported in {wallet.currency}")
    tx = world.withdrawals.create(
        "bank", wallet, body.amount("amount"), details.maybe("phone_number") or details.text("account_number"),
        customer.key, reference=body.maybe("referenceId"), callback_url=body.maybe("callbackUrl"),
    )  # fmt: skip
    tx.receiver = dict(details.values)
    return _withdrawn("Bank withdrawal has been successfully created.", tx)


def _withdraw_v2(call: Call) -> Answer:
    body, world = call.body, call.world
    currency = body.text("currency")
    details = body.part("bankDetails")
    if details is None or currency != "ZAR":
        raise refused("Bank payouts are supported in ZAR only")
    code = str(details.values["bankCode"])
    if code not in [known for known, _ in catalogue.BANKS["ZAR"]]:
        raise refused("Bank not supported")
    tx = world.withdrawals.create(
        "bank-v2", world.wallets.of_currency(currency), body.amount("amount"), details.text("phoneNumber"), "",
        reference=body.text("referenceId"), callback_url=body.maybe("callbackUrl"),
    )  # fmt: skip
    tx.receiver = dict(details.values)
    return _withdrawn("Bank withdrawal has been successfully created.", tx)


def _withdraw_till(call: Call) -> Answer:
    tx = _kenyan(call, "lipa-na-mpesa", "lipaNaMpesaDetails", "businessShortcode")
    return _withdrawn("Lipa na M-Pesa withdrawal has been successfully created.", tx)


def _withdraw_paybill(call: Call) -> Answer:
    tx = _kenyan(call, "paybill", "paybillDetails", "paybillNumber")
    return _withdrawn("Paybill withdrawal has been successfully created.", tx)


def _kenyan(call: Call, channel: str, part: str, number: str) -> Withdrawal:
    body, world = call.body, call.world
    wallet = world.wallets.usable(body.text("walletId"))
    details = body.part(part)
    if details is None or wallet.currency != "KES":
        raise refused("This payout is supported in Kenya only")
    tx = world.withdrawals.create(
        channel, wallet, body.amount("amount"), details.maybe("phoneNumber") or details.text(number), "",
        reference=body.maybe("referenceId"), callback_url=body.maybe("callbackUrl"),
    )  # fmt: skip
    tx.receiver = dict(details.values)
    return tx


def _withdraw_status(call: Call) -> Answer:
    tx = call.world.register.find(Withdrawal, call.params["reference"])
    return Answer("Withdrawal status retrieved", payloads.withdrawal_status(tx))


def _link(call: Call, link: Link) -> Data:
    call.world.links.open(link)
    return {
        "id": link.id, "shortCode": link.code, "url": f"{link.base_url}/l/{link.code}", "title": link.title,
        "description": link.description, "pricingType": link.pricing, "currency": link.currency, "amount": link.amount,
        "minAmount": link.minimum, "maxAmount": link.maximum,
        "packages": [{"name": name, "amount": amount} for name, amount in link.packages],
        "paymentMethods": link.methods, "usageType": link.usage, "maxUses": link.max_uses, "uses": link.uses,
        "customerInfo": link.customer_info, "expiresAt": stamp(link.expires) if link.expires else None,
        "callbackUrl": link.callback_url, "status": link.status, "createdAt": stamp(link.created),
    }  # fmt: skip


def _create_link(call: Call) -> Answer:
    link = call.world.links.create(call.body, call.base_url)
    return Answer("Payment link has been successfully created.", _link(call, link))


def _links(call: Call) -> Answer:
    return Answer("Payment links retrieved.", [_link(call, link) for link in call.world.links.all.values()])


def _one_link(call: Call) -> Answer:
    return Answer("Payment link retrieved.", _link(call, call.world.links.get(call.params["id"])))


def _patch_link(call: Call) -> Answer:
    link = call.world.links.get(call.params["id"])
    call.world.links.close(link, call.body.text("status"))
    return Answer("Payment link has been successfully updated.", _link(call, link))


def _link_payments(call: Call) -> Answer:
    link = call.world.links.get(call.params["id"])
    return Answer("Payment link transactions retrieved.", [payloads.deposit_status(tx) for tx in link.payments])


_AMOUNT = Field("amount", "number")
_CALLBACK = optional("callbackUrl", "url")
_CURRENCY = Field("currency", values=catalogue.CURRENCIES)
_ASK = ("REQUIRED", "OPTIONAL", "HIDDEN")
_LINKS = "payment_links"
_REFERENCE = optional("referenceId")
_CODES = ("PAYBYBANK", "CARD", "CAPITECPAY", "MASTERPASS")

OPERATIONS = (
    Operation("deposit.create", "POST", "/api/v3/deposit/mobile-money", _deposit, (
        Field("customer_key"), _AMOUNT, Field("wallet_id"), optional("callback_url", "url"), optional("reference_id"),
        optional("currency", values=catalogue.CURRENCIES), optional("successUrl", "url"), optional("cancelUrl", "url"),
        optional("errorUrl", "url"), optional("customer_redirect_url", "url"),
    ), "deposits", "reference_id"),
    Operation("deposit.status", "GET", "/api/v3/deposit/mobile-money/status/{reference}", _deposit_status),
    Operation("checkout.create", "POST", "/api/v3/deposit/bank/checkout", _checkout, (
        Field("fullName"), Field("phoneNumber", "phone"), Field("paymentMethod", values=_CODES), _CURRENCY, _AMOUNT,
        _REFERENCE, optional("country"), _CALLBACK, optional("customerRedirectUrl", "url"), optional("successUrl",
        "url"), optional("cancelUrl", "url"), optional("errorUrl", "url"), optional("idNumber"),
        optional("forceDefaultMethod", "boolean"),
    ), "bank_checkout", "referenceId"),
    Operation("checkout.status", "GET", "/api/v3/deposit/bank/checkout/status/{reference}", _checkout_status),
    Operation("withdraw.create", "POST", "/api/v3/withdraw/mobile-money", _withdraw, (
        Field("customer_key"), _AMOUNT, Field("walletId"), _CALLBACK, _REFERENCE,
        optional("currency", values=catalogue.CURRENCIES),
    ), "withdrawals", "referenceId"),
    Operation("withdraw.bank", "POST", "/api/v3/withdraw/bank", _withdraw_bank, (
        Field("customer_key"), _AMOUNT, Field("walletId"), Field("bankDetails", "object", parts=(
            Field("account_bank"), Field("account_name"), Field("account_number"), optional("branch_code"),
            optional("swift_code"), optional("phone_number", "phone"),
        )), _CALLBACK, _REFERENCE, optional("currency", values=catalogue.CURRENCIES),
    ), "withdrawals", "referenceId"),
    Operation("withdraw.bank_v2", "POST", "/api/v3/withdraw/v2/bank", _withdraw_v2, (
        Field("bankDetails", "object", parts=(
            Field("name"), Field("address"), Field("phoneNumber", "phone"), Field("bankCode", "code"),
            Field("accountNumber"), Field("country"),
        )), _CURRENCY, _AMOUNT, Field("referenceId"), _CALLBACK,
    ), "withdrawals", "referenceId"),
    Operation("withdraw.till", "POST", "/api/v3/withdraw/lipa-na-mpesa", _withdraw_till, (
        _AMOUNT, Field("walletId"), Field("lipaNaMpesaDetails", "object", parts=(
            Field("businessShortcode"), optional("accountReference"), optional("transactionDesc"),
            optional("phoneNumber", "phone"),
        )), _CALLBACK, _REFERENCE,
    ), "withdrawals", "referenceId"),
    Operation("withdraw.paybill", "POST", "/api/v3/withdraw/paybill", _withdraw_paybill, (
        _AMOUNT, Field("walletId"), Field("paybillDetails", "object", parts=(
            Field("paybillNumber"), Field("accountNumber"), optional("phoneNumber", "phone"), optional("remarks"),
        )), _CALLBACK, _REFERENCE,
    ), "withdrawals", "referenceId"),
    Operation("withdraw.status", "GET", "/api/v3/withdraw/status/{reference}", _withdraw_status),
    Operation("withdraw.status", "GET", "/api/v3/withdraw/v2/bank/status/{reference}", _withdraw_status),
    Operation("link.create", "POST", "/api/v3/payment-links", _create_link, (
        Field("title"), optional("description"),
        Field("pricingType", values=("FIXED", "VARIABLE", "CUSTOMER_CHOICE", "PACKAGE")), _CURRENCY,
        optional("amount", "number"), optional("minAmount", "number"), optional("maxAmount", "number"),
        optional("packages", "list", parts=(Field("name"), _AMOUNT)),
        Field("paymentMethods", "list", values=("MOBILE_MONEY", "BANK", "CARD", "CRYPTO")),
        Field("usageType", values=("SINGLE_USE", "MULTIPLE_USE", "UNLIMITED")), optional("maxUses", "integer"),
        optional("customerInfo", "object", parts=(
            optional("name", values=_ASK), optional("email", values=_ASK), optional("phone", values=_ASK),
        )),
        optional("expiresAt", "moment"), _CALLBACK,
    ), _LINKS),
    Operation("link.list", "GET", "/api/v3/payment-links", _links, service=_LINKS),
    Operation("link.get", "GET", "/api/v3/payment-links/{id}", _one_link, service=_LINKS),
    Operation("link.payments", "GET", "/api/v3/payment-links/{id}/transactions", _link_payments, service=_LINKS),
    Operation("link.patch", "PATCH", "/api/v3/payment-links/{id}", _patch_link, (
        Field("status", values=("ACTIVE", "INACTIVE")),
    ), _LINKS),
)  # fmt: skip
