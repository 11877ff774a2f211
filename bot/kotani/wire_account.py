"""Calls about our account at the provider: health, wallets, customers, lookups, payment links, webhook settings."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Final, Literal, TypeVar
from urllib.parse import urlencode

from bot.kotani import links
from bot.kotani.calls import API, Call, Unreadable, an_object, body, segment
from bot.kotani.parties import Fields, given
from bot.kotani.reading import as_amount, as_flag, as_text, report, text
from bot.kotani.requests import CustomerChange, CustomerRequest
from bot.kotani.results import Bank, Created, Customer, Health, PaymentLink, SupportedCountry, Wallet, WebhookSettings

T = TypeVar("T")

CUSTOMERS: Final = f"{API}/customer/mobile-money"
WALLETS: Final = f"{API}/wallet/fiat"
# the codes that older versions of the provider take in place of ISO-2 (Kotani docs, countries)
OLD_COUNTRY_CODES: Final[Mapping[str, str]] = MappingProxyType(
    {"GH": "GHA", "CI": "CIV", "CM": "CMR", "CD": "COD", "SN": "SEN", "MW": "MWI"}
)
_ISO2: Final = MappingProxyType({old: new for new, old in OLD_COUNTRY_CODES.items()})
# markers that stand among the networks and are none
_NO_NETWORKS: Final = frozenset({"NOT_SUPPORTED", "CHECKOUT", "BKTRX", "CRDTRX"})

ServiceType = Literal["DEPOSIT", "WITHDRAW"]


def health() -> Call[Health]:
    """Kotani docs, health: either the envelope with `data.status`, or a bare `status`."""

    def read(data: object) -> Health:
        said = an_object(data)
        inner = said.get("data")
        word = as_text(inner.get("status")) if isinstance(inner, Mapping) else None
        word = word or as_text(said.get("status"))
        return Health(ok=word is not None and word.lower() in ("ok", "healthy", "up"))

    return Call("health", "GET", "/health", read, bare=True)


# wallets


def wallets() -> Call[tuple[Wallet, ...]]:
    """Kotani docs, list fiat wallets."""
    return Call("wallet.list", "GET", WALLETS, _many(_wallet))


def wallet(wallet_id: str) -> Call[Wallet]:
    """Kotani docs, fiat wallet by id."""
    return Call("wallet.get", "GET", f"{WALLETS}/{segment(wallet_id)}", _wallet)


def wallets_of(currency: str, country: str | None) -> Call[tuple[Wallet, ...]]:
    """Kotani docs, fiat wallet by currency: one object, or a list of them."""
    query = f"?{urlencode({'country': country})}" if country else ""

    def read(data: object) -> tuple[Wallet, ...]:
        return _many(_wallet)(data) if isinstance(data, list) else (_wallet(data),)

    return Call("wallet.of_currency", "GET", f"{WALLETS}/currency/{segment(currency)}{query}", read)


def create_wallet(name: str, currency: str, country: str | None) -> Call[Wallet]:
    """Kotani docs, create fiat wallet."""
    operation = "wallet.create"
    fields = given({"name": name, "currency": currency, "country": country})
    return Call(operation, "POST", WALLETS, _wallet, body(operation, fields), harmless=False)


def transfer_deposit_balance(wallet_id: str, amount: Decimal | None) -> Call[None]:
    """Kotani docs, transfer deposit balance: into the payout balance, all of it when no amount is given.

    It carries no reference and cannot be asked about: read the wallet before and after.
    """
    operation = "wallet.transfer"
    raw = body(operation, given({"walletId": wallet_id, "amount": amount}))
    path = f"{API}/wallet/transfer/deposit-balance"
    return Call(operation, "POST", path, lambda _: None, raw, harmless=False)


# customers


def create_customer(request: CustomerRequest) -> Call[Customer]:
    """Kotani docs, create mobile-money customer."""
    operation = "customer.create"
    return Call(operation, "POST", CUSTOMERS, _customer, body(operation, request.fields()), harmless=False)


def customers() -> Call[tuple[Customer, ...]]:
    """Kotani docs, list mobile-money customers."""
    return Call("customer.list", "GET", CUSTOMERS, _many(_customer))


def customer(key: str) -> Call[Customer]:
    """Kotani docs, mobile-money customer by key."""
    return Call("customer.get", "GET", f"{CUSTOMERS}/{segment(key)}", _customer)


def customer_of_phone(phone: str) -> Call[Customer]:
    """Kotani docs, mobile-money customer by phone; the plus is encoded."""
    return Call("customer.of_phone", "GET", f"{CUSTOMERS}/phone/{segment(phone)}", _customer)


def update_customer(key: str, change: CustomerChange) -> Call[Customer]:
    """Kotani docs, update mobile-money customer. The same change again changes nothing."""
    operation = "customer.update"
    return Call(operation, "PATCH", f"{CUSTOMERS}/{segment(key)}", _customer, body(operation, change.fields()))


# lookups


def countries(service: ServiceType) -> Call[tuple[SupportedCountry, ...]]:
    """Kotani docs, supported countries."""
    query = urlencode({"serviceType": service})
    return Call("support.countries", "GET", f"{API}/customer/support/countries?{query}", _many(_country))


def networks(country: str) -> Call[tuple[str, ...]]:
    """Kotani docs, supported networks of a country. Its shape is not documented: names, or objects with one."""

    def read(data: object) -> tuple[str, ...]:
        listed = data if isinstance(data, list) else an_object(data).get("networks")
        if not isinstance(listed, list):
            raise Unreadable("no list of networks")
        named = [item.get("network") or item.get("name") if isinstance(item, Mapping) else item for item in listed]
        return _networks(named)

    return Call("support.networks", "GET", f"{API}/customer/support/networks/{segment(country)}", read)


def banks(currency: str | None) -> Call[tuple[Bank, ...]]:
    """Kotani docs, supported banks: all, or those for payouts in one currency. The answer's shape is not documented."""
    path = f"{API}/withdraw/v2/bank/supporting-banks/{segment(currency)}" if currency else None
    return Call("support.banks", "GET", path or f"{API}/customer/support/banks", _many(_bank))


def update_webhook(
    *, url: str | None, secret: str | None, events: Sequence[str], disabled: bool | None
) -> Call[WebhookSettings]:
    """Kotani docs, webhook configuration: no events means all of them."""
    operation = "webhook.update"
    fields: Fields = given({"webhook_url": url, "webhook_secret": secret, "disable_webhooks": disabled})
    if events:
        fields["webhook_events"] = list(events)

    return Call(operation, "PATCH", f"{API}/integrator/webhook", _webhook, body(operation, fields))


def webhook() -> Call[WebhookSettings]:
    """Kotani docs, integrator: our own record, of which only the webhook settings are read."""
    return Call("webhook.get", "GET", f"{API}/integrator", _webhook)


# payment links


def create_link(request: links.LinkRequest, pages: str) -> Call[PaymentLink]:
    """See `bot.kotani.links`. `pages` is where the provider shows links by their short code."""
    operation = "link.create"
    return Call(operation, "POST", links.PATH, _link(pages), body(operation, request.fields()), harmless=False)


def payment_links(pages: str) -> Call[tuple[PaymentLink, ...]]:
    """All links of our account."""
    return Call("link.list", "GET", links.PATH, _many(_link(pages)))


def payment_link(link_id: str, pages: str) -> Call[PaymentLink]:
    """One link."""
    return Call("link.get", "GET", f"{links.PATH}/{segment(link_id)}", _link(pages))


def link_payments(link_id: str) -> Call[tuple[Created, ...]]:
    """What was paid on a link: deposits."""
    path = f"{links.PATH}/{segment(link_id)}/transactions"

    def read(data: object) -> Created:
        said = an_object(data)
        return Created(report(said), text(said, "customer_key"))

    return Call("link.payments", "GET", path, _many(read))


def close_link(link_id: str, pages: str) -> Call[PaymentLink]:
    """Close a link; closing it again changes nothing."""
    operation = "link.close"
    raw = body(operation, {links.FIELDS["status"]: links.CLOSED})
    return Call(operation, "PATCH", f"{links.PATH}/{segment(link_id)}", _link(pages), raw)


def _link(pages: str) -> Callable[[object], PaymentLink]:
    def read(data: object) -> PaymentLink:
        link = links.read_link(an_object(data), pages)
        if link is None:
            raise Unreadable("a link without an id or an address")
        return link

    return read


def _webhook(data: object) -> WebhookSettings:
    said = an_object(data)
    listed = said.get("webhook_events")
    named = map(as_text, listed) if isinstance(listed, list) else ()
    return WebhookSettings(as_text(said.get("webhook_url")), tuple(name for name in named if name))


def _wallet(data: object) -> Wallet:
    said = an_object(data)
    wallet_id, currency = text(said, "provider_id"), text(said, "currency")
    balance = as_amount(said.get("balance"))
    if wallet_id is None or currency is None or balance is None:
        raise Unreadable("a wallet without id, currency or balance")
    return Wallet(
        id=wallet_id,
        name=as_text(said.get("name")) or "",
        currency=currency.upper(),
        country=_iso2(said.get("country")),
        balance=balance,
        deposit_balance=as_amount(said.get("deposit_balance")) or Decimal(0),
        status=text(said, "status"),
    )


def _customer(data: object) -> Customer:
    said = an_object(data)
    key = text(said, "customer_key")
    if key is None:
        raise Unreadable("a customer without a key")
    return Customer(
        key=key,
        phone=as_text(said.get("phone_number")),
        country=_iso2(said.get("country_code")),
        network=as_text(said.get("network")),
        account_name=as_text(said.get("account_name")),
        id=text(said, "provider_id"),
        status=text(said, "status"),
    )


def _country(data: object) -> SupportedCountry:
    said = an_object(data)
    code, currency = _iso2(said.get("countryCode")), as_text(said.get("currency"))
    if code is None or currency is None:
        raise Unreadable("a country without code or currency")
    return SupportedCountry(
        country=code,
        currency=currency.upper(),
        active=as_flag(said.get("isActive")) is not False,
        enabled=as_flag(said.get("isEnabled")) is True,
        networks=_networks(said.get("availableNetworks")),
        supported_networks=_networks(said.get("supportedNetworks")),
    )


def _bank(data: object) -> Bank:
    said = an_object(data)
    names = [as_text(said.get(name)) for name in ("name", "bankName", "bank_name")]
    codes = [as_text(said.get(name)) for name in ("bankCode", "bank_code", "code", "id")]
    name, code = next(filter(None, names), None), next(filter(None, codes), None)
    if name is None or code is None:
        raise Unreadable("a bank without name or code")
    return Bank(code, name, as_text(said.get("currency")))


def _networks(value: object) -> tuple[str, ...]:
    named = map(as_text, value) if isinstance(value, list) else ()
    return tuple(name.upper() for name in named if name is not None and name.upper() not in _NO_NETWORKS)


def _iso2(value: object) -> str | None:
    code = as_text(value)
    return _ISO2.get(code.upper(), code.upper()) if code is not None else None


def _many(read: Callable[[object], T]) -> Callable[[object], tuple[T, ...]]:
    """A list of things; what cannot be read in it is left out, for one strange row must not hide the others."""

    def read_all(data: object) -> tuple[T, ...]:
        if not isinstance(data, list):
            raise Unreadable("no list where one must be")
        kept: list[T] = []
        for item in data:
            try:
                kept.append(read(item))
            except Unreadable:
                continue
        return tuple(kept)

    return read_all
