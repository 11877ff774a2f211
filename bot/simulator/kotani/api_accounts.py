"""Endpoints about the account: health, wallets, customers, lookups, webhook settings."""

from bot.simulator.kotani import catalogue
from bot.simulator.kotani.body import Field, optional
from bot.simulator.kotani.call import Answer, Call, Operation
from bot.simulator.kotani.money import enabled
from bot.simulator.kotani.refusals import missing
from bot.simulator.kotani.wallets import Customer, Wallet

Data = dict[str, object]

_DETAILS = ("first_name", "last_name", "email", "date_of_birth", "id_number", "id_type", "image")
_BIO = (
    optional("account_name"),
    optional("first_name"),
    optional("last_name"),
    optional("email"),
    optional("date_of_birth", "date"),
    optional("id_number"),
    optional("id_type", values=("NATIONAL_ID", "ECOWAS_ID")),
    optional("image"),
)


def _wallet(call: Call, wallet: Wallet) -> Data:
    return {
        "id": wallet.id, "name": wallet.name, "type": "fiat", "currency": wallet.currency,
        "integrator": call.world.settings.integrator, "balance": wallet.balance,
        "deposit_balance": wallet.deposit_balance, "country": wallet.country,
        "status": "inactive" if wallet.locked else "active",
    }  # fmt: skip


def _customer(call: Call, customer: Customer) -> Data:
    return {
        "id": customer.id, "phone_number": customer.phone, "country_code": customer.country, "network":
        customer.network, "customer_key": customer.key, "account_name": customer.account_name, **customer.details,
        "integrator": call.world.settings.integrator,
    }  # fmt: skip


def _health(_call: Call) -> Answer:
    return Answer("Health check", {"status": "ok"})


def _create_wallet(call: Call) -> Answer:
    code = call.body.maybe("country")
    market = catalogue.country(code) if code else None
    wallet = call.world.wallets.create(
        call.body.text("name"), call.body.text("currency"), market.iso2 if market else ""
    )
    return Answer("Fiat wallet has been successfully created.", _wallet(call, wallet))


def _wallets(call: Call) -> Answer:
    wallets = [_wallet(call, wallet) for wallet in call.world.wallets.all.values()]
    return Answer("Fiat wallet has been successfully retrieved.", wallets)


def _one_wallet(call: Call) -> Answer:
    wallet = call.world.wallets.get(call.params["id"])
    return Answer("The wallet has been successfully retrieved.", _wallet(call, wallet))


def _wallet_of_currency(call: Call) -> Answer:
    code = call.query.get("country")
    market = catalogue.country(code) if code else None
    wallet = call.world.wallets.of_currency(call.params["currency"], market.iso2 if market else code)
    return Answer("Fiat wallet has been successfully retrieved.", _wallet(call, wallet))


def _patch_wallet(call: Call) -> Answer:
    wallet = call.world.wallets.get(call.params["id"])
    wallet.name = call.body.text("name")
    wallet.country = call.body.maybe("country") or wallet.country
    wallet.locked = bool(call.body.values.get("locked", wallet.locked))
    return Answer("Fiat wallet has been successfully updated.", _wallet(call, wallet))


def _transfer(call: Call) -> Answer:
    wallet = call.world.wallets.transfer(call.body.text("walletId"), call.body.maybe_amount("amount"))
    return Answer("Transfer deposit balance has been successfully done.", _wallet(call, wallet))


def _create_customer(call: Call) -> Answer:
    body = call.body
    customer = call.world.customers.create(
        body.text("phone_number"), body.text("country_code"), body.maybe("network"), body.maybe("account_name")
    )
    customer.details |= {name: body.values[name] for name in _DETAILS if body.maybe(name)}
    return Answer("Customer has been successfully created.", _customer(call, customer))


def _customers(call: Call) -> Answer:
    everybody = [_customer(call, customer) for customer in call.world.customers.all.values()]
    return Answer("Customers successfully retrieved.", everybody)


def _one_customer(call: Call) -> Answer:
    customer = call.world.customers.get(call.params["customer_key"])
    return Answer("Customer fetched successfully.", _customer(call, customer))


def _customer_of_phone(call: Call) -> Answer:
    customer = call.world.customers.of_phone(call.params["phone"])
    if customer is None:
        raise missing("Customer not found.")
    return Answer("Customer fetched successfully.", _customer(call, customer))


def _patch_customer(call: Call) -> Answer:
    customer = call.world.customers.get(call.params["customer_key"])
    body = call.body
    customer.network = body.maybe("network") or customer.network
    customer.account_name = body.maybe("account_name") or customer.account_name
    customer.status = body.maybe("status") or customer.status
    customer.details |= {name: body.values[name] for name in _DETAILS if body.maybe(name)}
    return Answer("Bio Data has been successfully updated.", _customer(call, customer))


def _countries(call: Call) -> Answer:
    service = call.query["serviceType"]
    found: list[Data] = []
    for market in catalogue.COUNTRIES:
        served = market.collects if service == "DEPOSIT" else market.pays_out
        open_here = served and enabled(call.world.core, market.iso2, service)
        found.append({
            "countryCode": market.iso2, "currency": market.currency, "serviceType": service, "isActive": served,
            "isEnabled": open_here, "availableNetworks": market.networks if open_here else (),
            "supportedNetworks": market.networks,
        })  # fmt: skip
    return Answer("Supported countries successfully retrieved.", found)


def _networks(call: Call) -> Answer:
    market = catalogue.country(call.params["country"])
    if market is None:
        raise missing("Country not supported")
    return Answer("Supported networks successfully retrieved.", market.networks)


def _banks(call: Call) -> Answer:
    currency = call.params.get("currency") or call.query.get("currency")
    found = [
        {"name": name, "code": code, "bankCode": code, "currency": known}
        for known, banks in catalogue.BANKS.items()
        for code, name in banks
        if currency in (None, known)
    ]
    return Answer("Supported banks successfully retrieved.", found)


def _chains(_call: Call) -> Answer:
    return Answer(
        "Supported chains", [{"chain": chain, "tokens": tokens} for chain, tokens in catalogue.SERVED.items()]
    )


def _webhook(call: Call) -> Answer:
    settings, body = call.world.settings, call.body
    settings.webhook_url = body.maybe("webhook_url") or settings.webhook_url
    if "webhook_secret" in body.values:
        settings.webhook_secret = body.maybe("webhook_secret") or ""
    settings.webhook_events = [str(event) for event in body.items("webhook_events")]
    settings.disable_webhooks = bool(body.values.get("disable_webhooks", settings.disable_webhooks))
    return Answer("Integrator webhook settings updated successfully.", _record(call))


def _integrator(call: Call) -> Answer:
    return Answer("Integrator successfully retrieved.", _record(call))


def _record(call: Call) -> Data:
    settings = call.world.settings
    return {
        "id": settings.integrator, "organization": "Simulated integrator", "first_name": "", "last_name": "", "email":
        "", "phone": "", "webhook_url": settings.webhook_url, "webhook_events": settings.webhook_events,
    }  # fmt: skip


def _providers(call: Call) -> Answer:
    currency = call.body.text("currency")
    if call.body.text("paymentMethod") == "bank":
        names = [name for _, name in catalogue.BANKS.get(currency, ())]
    else:
        markets = [market for market in catalogue.COUNTRIES if market.currency == currency]
        names = sorted({network for market in markets for network in market.networks})
    return Answer("Providers successfully retrieved.", [{"name": name} for name in names], 201)


_NETWORK = optional("network", values=catalogue.NETWORKS)
_CUSTOMERS = "mobile_money_customers"
_PHONE_PATH = "/api/v3/customer/mobile-money/phone/{phone}"
_KEY_PATH = "/api/v3/customer/mobile-money/{customer_key}"
_SERVICE_TYPE = (Field("serviceType", values=("DEPOSIT", "WITHDRAW")),)
_EVENTS = catalogue.words(
    "transaction.deposit.status.updated transaction.withdrawal.status.updated transaction.onramp.status.updated "
    "transaction.offramp.status.updated transaction.status.updated payment.confirmed kyc.status.changed "
    "refund.completed refund.failed refund.lightning.invoice_needed settlement.approved settlement.rejected "
    "settlement.processed settlement.cancelled settlement.paused settlement.batch.approved settlement.batch.rejected "
    "settlement.batch.processed settlement.batch.partial settlement.batch.cancelled system.event"
)

OPERATIONS = (
    Operation("health", "GET", "/health", _health, open=True),
    Operation("health", "GET", "/api/v3/health", _health, open=True),
    Operation("wallet.create", "POST", "/api/v3/wallet/fiat", _create_wallet, (
        Field("name"), Field("currency", values=catalogue.CURRENCIES), optional("country"),
    )),
    Operation("wallet.list", "GET", "/api/v3/wallet/fiat", _wallets),
    Operation("wallet.of_currency", "GET", "/api/v3/wallet/fiat/currency/{currency}", _wallet_of_currency),
    Operation("wallet.get", "GET", "/api/v3/wallet/fiat/{id}", _one_wallet),
    Operation("wallet.patch", "PATCH", "/api/v3/wallet/fiat/{id}", _patch_wallet, (
        Field("name"), optional("country"), optional("locked", "boolean"),
    )),
    Operation("wallet.transfer", "POST", "/api/v3/wallet/transfer/deposit-balance", _transfer, (
        Field("walletId"), optional("amount", "number"),
    )),
    Operation("customer.create", "POST", "/api/v3/customer/mobile-money", _create_customer, (
        Field("phone_number", "phone"), Field("country_code"), _NETWORK, *_BIO,
    ), _CUSTOMERS),
    Operation("customer.list", "GET", "/api/v3/customer/mobile-money", _customers, service=_CUSTOMERS),
    Operation("customer.of_phone", "GET", _PHONE_PATH, _customer_of_phone, service=_CUSTOMERS),
    Operation("customer.get", "GET", _KEY_PATH, _one_customer, service=_CUSTOMERS),
    Operation("customer.patch", "PATCH", _KEY_PATH, _patch_customer, (
        _NETWORK, *_BIO, optional("country_code"), optional("status"),
    ), _CUSTOMERS),
    Operation("support.countries", "GET", "/api/v3/customer/support/countries", _countries, query=_SERVICE_TYPE),
    Operation("support.networks", "GET", "/api/v3/customer/support/networks/{country}", _networks),
    Operation("support.banks", "GET", "/api/v3/customer/support/banks", _banks),
    Operation("support.banks", "GET", "/api/v3/withdraw/v2/bank/supporting-banks/{currency}", _banks),
    Operation("support.chains", "GET", "/api/v3/onramp/supported-chains", _chains),
    Operation("support.chains", "GET", "/api/v3/offramp/crypto-to-fiat/supported-chains", _chains),
    Operation("integrator.get", "GET", "/api/v3/integrator", _integrator),
    Operation("webhook.patch", "PATCH", "/api/v3/integrator/webhook", _webhook, (
        optional("webhook_url", "url"), optional("webhook_secret"), optional("webhook_events", "list", values=_EVENTS),
        optional("disable_webhooks", "boolean"),
    )),
    Operation("providers", "POST", "/api/v3/providers", _providers, (
        Field("currency", values=("KES", "GHS", "TZS", "UGX", "ZMW", "XAF", "CDF", "RWF", "ETB", "ZAR")),
        Field("paymentMethod", values=("mobile_money", "bank")),
    )),
)  # fmt: skip
