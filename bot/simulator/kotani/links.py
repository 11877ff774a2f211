"""Payment links: a page where anybody pays by phone or bank; each payment is a deposit that names its link.

The provider's reference pages for links are not public; field names and rules are the ones the client was built on,
and the answer's `data.errors` teaches them. Whoever has begun to pay may finish, also when the last use has been taken or
the link was closed meanwhile: a link may so be paid more often than it allows.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from bot.simulator.kotani.body import Body, moment
from bot.simulator.kotani.core import Core
from bot.simulator.kotani.deposits import Deposits
from bot.simulator.kotani.records import Deposit
from bot.simulator.kotani.refusals import invalid, missing, refused
from bot.simulator.kotani.wallets import Customers, Wallets, market_of

_CHECKOUTS = (("BANK", "PAYBYBANK"), ("CARD", "CARD"))


@dataclass(slots=True)
class Link:
    """A payment link; `packages` are pairs of name and amount."""

    id: str
    code: str
    title: str
    description: str
    pricing: str
    currency: str
    amount: Decimal | None
    minimum: Decimal | None
    maximum: Decimal | None
    packages: list[tuple[str, Decimal]]
    methods: list[str]
    usage: str
    max_uses: int | None
    customer_info: dict[str, str]
    expires: datetime | None
    callback_url: str | None
    base_url: str
    created: datetime
    status: str = "ACTIVE"
    payments: list[Deposit] = field(default_factory=list)

    @property
    def uses(self) -> int:
        """How many payments succeeded."""
        return sum(payment.status == "SUCCESSFUL" for payment in self.payments)


class Links:
    """All payment links."""

    def __init__(self, core: Core, deposits: Deposits, customers: Customers, wallets: Wallets) -> None:
        self._core = core
        self._deposits = deposits
        self._customers = customers
        self._wallets = wallets
        self.all: dict[str, Link] = {}
        deposits.on_success.append(self._paid)

    def create(self, body: Body, base_url: str) -> Link:
        """A new link from a checked body; refuses prices that do not fit the pricing type."""
        packages = [
            (Body(item).text("name"), Body(item).amount("amount"))
            for item in body.items("packages")
            if isinstance(item, dict)
        ]
        info = body.part("customerInfo")
        expires = body.maybe("expiresAt")
        uses = body.maybe_amount("maxUses")
        link = Link(
            self._core.ids.uuid(), self._core.ids.short(), body.text("title"), body.maybe("description") or "",
            body.text("pricingType"), body.text("currency"), body.maybe_amount("amount"),
            body.maybe_amount("minAmount"), body.maybe_amount("maxAmount"), packages, [str(item) for item in
            body.items("paymentMethods")], body.text("usageType"), None if uses is None else int(uses),
            {name: str(value) for name, value in info.values.items()} if info else {},
            moment(expires) if expires else None, body.maybe("callbackUrl"), base_url, self._core.clock.now(),
        )  # fmt: skip
        self._check(link)
        self._wallets.of_currency(link.currency)
        self.all[link.id] = link
        self._core.pulse.beat()
        return link

    def get(self, name: str) -> Link:
        """A link by id or short code, or the 404 refusal."""
        for link in self.all.values():
            if name in (link.id, link.code):
                return link
        raise missing("Payment link not found")

    def close(self, link: Link, status: str) -> None:
        link.status = status
        self._core.pulse.beat()

    def open(self, link: Link) -> bool:
        """Whether somebody can pay on it now."""
        if link.expires is not None and link.expires <= self._core.clock.now():
            link.status = "EXPIRED"
        return link.status == "ACTIVE"

    def pay(self, link: Link, phone: str, name: str, amount: Decimal | None) -> Deposit:
        """Ask a payer for the link's price: on the phone, or (see `redirect_url`) on the bank's page.

        Refuses closed links, amounts that do not fit, phones of other currencies.
        """
        if not self.open(link):
            raise refused("This payment link is no longer active")
        price = self._price(link, amount)
        market = market_of(phone, link.currency, None)
        if "MOBILE_MONEY" not in link.methods or not market.networks:
            return self._pay_by_bank(link, phone, name, price)
        customer = self._customers.of_phone(phone) or self._customers.create(phone, market.iso2, None, name)
        wallet = self._wallets.of_currency(link.currency, None if link.currency == "USD" else market.iso2)
        deposit = self._deposits.by_mobile_money(
            customer.key, price, wallet.id, reference=None, callback_url=link.callback_url, link_id=link.id
        )
        link.payments.append(deposit)
        return deposit

    def _pay_by_bank(self, link: Link, phone: str, name: str, price: Decimal) -> Deposit:
        method = next((code for way, code in _CHECKOUTS if way in link.methods), None)
        if method is None:
            raise refused("This payment method is not available")
        deposit = self._deposits.by_checkout(
            name, phone, method, link.currency, price, reference=None, callback_url=link.callback_url, return_url=None,
            base_url=link.base_url,
        )  # fmt: skip
        deposit.link_id = link.id
        link.payments.append(deposit)
        return deposit

    def _paid(self, deposit: Deposit) -> None:
        if deposit.link_id is None:
            return
        link = self.all[deposit.link_id]
        limit = 1 if link.usage == "SINGLE_USE" else link.max_uses if link.usage == "MULTIPLE_USE" else None
        if limit is not None and link.uses >= limit:
            link.status = "COMPLETED"

    def _price(self, link: Link, amount: Decimal | None) -> Decimal:
        if link.pricing == "FIXED" and link.amount is not None:
            return link.amount
        if amount is None or amount <= 0:
            raise refused("An amount is required")
        if link.pricing == "PACKAGE" and amount not in [price for _, price in link.packages]:
            raise refused("Choose one of the packages")
        if (link.minimum is not None and amount < link.minimum) or (link.maximum is not None and amount > link.maximum):
            raise refused("The amount is outside the limits of this link")
        return amount

    def _check(self, link: Link) -> None:
        wrong: list[str] = []
        match link.pricing:
            case "FIXED" if link.amount is None:
                wrong.append("amount should not be empty when pricingType is FIXED")
            case "VARIABLE" if link.minimum is None or link.maximum is None:
                wrong.append("minAmount and maxAmount should not be empty when pricingType is VARIABLE")
            case "PACKAGE" if not link.packages:
                wrong.append("packages should not be empty when pricingType is PACKAGE")
        if link.usage == "MULTIPLE_USE" and link.max_uses is None:
            wrong.append("maxUses should not be empty when usageType is MULTIPLE_USE")
        if link.expires is not None and link.expires <= self._core.clock.now():
            wrong.append("expiresAt must be in the future")
        if not link.methods:
            wrong.append("paymentMethods should not be empty")
        if wrong:
            raise invalid(wrong)
        if link.minimum is not None and link.maximum is not None and link.minimum > link.maximum:
            raise refused("Invalid Pricing Configuration")
