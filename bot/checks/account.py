"""Our account at the provider: whose key it is, what is enabled, which wallets there are and what is in them."""

import asyncio
from collections.abc import Awaitable, Sequence
from decimal import Decimal
from typing import Final

from sqlmodel import Session

from bot.checks.ground import Ground, client
from bot.engine.operators.check_results import Finding, doubtful, well, wrong
from bot.engine.places import not_enabled_prefix
from bot.kotani.errors import Forbidden, KotaniError, NotFound, Refused, ServiceNotEnabled, Unauthorised
from bot.kotani.results import SupportedCountry, Wallet
from storage.cases import open_cases_of
from storage.errors import StorageError

_NOWHERE: Final = "check-of-the-installation"  # a reference that nothing has
_SOLD: Final = "USDC"
_NOBODY: Final = "+254700000000"
_MOST_NAMED: Final = 12
# currencies of which every country has a wallet of its own (Kotani docs, wallets)
_SHARED: Final = frozenset({"XOF", "XAF", "USD"})


async def provider(ground: Ground) -> Finding:
    """Whether it answers and says that it is well."""
    try:
        health = await ground.kotani.health()
    except KotaniError as error:
        return doubtful("provider", "check.unknown", "check.again_do", why=type(error).__name__)
    if not health.ok:
        return doubtful("provider", "check.provider_unwell", "check.again_do")
    return well("provider", "check.provider_ok", host=ground.settings.kotani_base_url)


async def key(ground: Ground) -> Finding:
    """Whether the key is taken here; a key that is not is tried where the other environment is."""
    names = {"environment": ground.settings.kotani_environment}
    try:
        await ground.wallets()
    except ServiceNotEnabled:
        return wrong("key", "check.key_no_wallets", "check.ask_provider_do")
    except (Unauthorised, Forbidden):
        other = await belongs_to(ground)
        if other is not None:
            return wrong("key", "check.key_other", "check.key_other_do", other=other, **names)
        return wrong("key", "check.key_refused", "check.key_refused_do", **names)
    except KotaniError as error:
        return doubtful("key", "check.unknown", "check.again_do", why=type(error).__name__)
    return well("key", "check.key_ok", **names)


async def belongs_to(ground: Ground) -> str | None:
    """The other environment when that takes the key which this one refuses. Only reads, and only of the provider's own."""
    if ground.settings.kotani_base_url not in ground.known.get(ground.settings.kotani_environment, ()):
        return None
    for environment, hosts in ground.known.items():
        if environment == ground.settings.kotani_environment:
            continue
        for host in hosts:
            async with client(ground.settings, base_url=host) as elsewhere:
                try:
                    await elsewhere.wallets()
                except ServiceNotEnabled:
                    return environment  # it is known there, and only not allowed this
                except KotaniError:
                    continue
                return environment
    return None


async def environment(ground: Ground) -> Finding:
    """Whether the address is one of those that belong to the environment. The settings refuse the other one's."""
    settings = ground.settings
    names = {"environment": settings.kotani_environment, "host": settings.kotani_base_url}
    if settings.kotani_base_url not in ground.known.get(settings.kotani_environment, ()):
        return doubtful("environment", "check.environment_foreign", "check.environment_foreign_do", **names)
    return well("environment", "check.environment_ok", **names)


async def services(ground: Ground) -> Finding:
    """Which services the provider lets us use: what it refuses to answer now, and what it refused to do before."""
    kotani = ground.kotani
    asked: list[tuple[str, Awaitable[object]]] = [
        ("customers", kotani.customer_of_phone(_NOBODY)),
        ("onramp", kotani.quote_onramp(currency="KES", token=_SOLD, fiat_amount=Decimal(1000))),
        ("offramp", kotani.quote_offramp(token=_SOLD, currency="KES", crypto_amount=Decimal(10))),
        ("deposits", kotani.deposit(_NOWHERE)),
        ("withdrawals", kotani.withdrawal(_NOWHERE)),
    ]
    if ground.settings.payment_pages and ground.settings.public_url is not None:
        asked.append(("payment links", kotani.payment_links()))
    found = await asyncio.gather(*(_is_open(asking) for _, asking in asked))
    answers = {service: is_open for (service, _), is_open in zip(asked, found, strict=True)}
    closed = [service for service, is_open in answers.items() if is_open is False]
    closed += await _refused_before(ground)
    unknown = [service for service, is_open in answers.items() if is_open is None]
    if closed:
        said = doubtful if True in answers.values() else wrong
        return said("services", "check.services_closed", "check.ask_provider_do", services=", ".join(closed))
    if unknown:
        return doubtful("services", "check.unknown", "check.again_do", why=", ".join(unknown))
    return well("services", "check.services_ok", services=", ".join(answers))


async def _refused_before(ground: Ground) -> list[str]:
    """The operations that the running assistant found not enabled, and has not seen at work since."""
    prefix = not_enabled_prefix(ground.settings.kotani_environment)

    def look(session: Session) -> list[str]:
        return [name for name, _ in open_cases_of(session, prefix)]

    try:
        return await ground.look(look)
    except StorageError:
        return []


async def _is_open(asking: Awaitable[object]) -> bool | None:
    """None when the answer does not tell."""
    try:
        await asking
    except Forbidden:
        return False
    except (NotFound, Refused):  # it looked, or refused these very words
        return True
    except KotaniError:
        return None
    return True


async def countries(ground: Ground) -> Finding:
    """Where our account may collect and pay out."""
    try:
        collecting, paying_out = _enabled(await ground.collecting()), _enabled(await ground.paying_out())
    except KotaniError as error:
        return doubtful("countries", "check.unknown", "check.again_do", why=type(error).__name__)
    if not collecting and not paying_out:
        return wrong("countries", "check.countries_none", "check.ask_provider_do")
    values = {"collecting": _listed(collecting), "paying": _listed(paying_out)}
    if not collecting or not paying_out:
        return doubtful("countries", "check.countries_half", "check.ask_provider_do", **values)
    return well("countries", "check.countries_ok", **values)


async def wallets(ground: Ground) -> Finding:
    """Whether there is a usable wallet for every currency that is served."""
    try:
        there, wanted = await ground.wallets(), await _served(ground)
    except KotaniError as error:
        return doubtful("wallets", "check.unknown", "check.again_do", why=type(error).__name__)
    lacking = sorted(name for name, wallet in _matched(there, wanted).items() if wallet is None)
    if not there or (wanted and len(lacking) == len(wanted)):
        return wrong("wallets", "check.wallets_none", "check.wallets_missing_do")
    if lacking:
        return wrong("wallets", "check.wallets_missing", "check.wallets_missing_do", wallets=_listed(lacking))
    shut = sorted(_name(one) for one in there if (one.status or "active").lower() != "active")
    if shut:
        return wrong("wallets", "check.wallets_shut", "check.wallets_shut_do", wallets=_listed(shut))
    return well("wallets", "check.wallets_ok", count=len(there))


async def balances(ground: Ground) -> Finding:
    """Whether payouts can be paid: the payout balance of every currency that is paid out."""
    try:
        there, paid_out = await ground.wallets(), await ground.paying_out()
    except KotaniError as error:
        return doubtful("balances", "check.unknown", "check.again_do", why=type(error).__name__)
    found = _matched(there, [one for one in paid_out if one.enabled])
    empty = sorted({_name(one) for one in found.values() if one is not None and one.balance <= 0})
    if empty:
        return doubtful("balances", "check.balances_empty", "check.balances_empty_do", wallets=_listed(empty))
    return well("balances", "check.well")


async def _served(ground: Ground) -> Sequence[SupportedCountry]:
    return [one for one in (*await ground.collecting(), *await ground.paying_out()) if one.enabled and one.active]


def _matched(there: Sequence[Wallet], wanted: Sequence[SupportedCountry]) -> dict[str, Wallet | None]:
    """The wallet of each currency, or of each country where a currency is that of several."""
    found: dict[str, Wallet | None] = {}
    for one in wanted:
        shared = one.currency in _SHARED
        fitting = [
            wallet
            for wallet in there
            if wallet.currency == one.currency and (not shared or wallet.country in (None, "", one.country))
        ]
        found[f"{one.currency} {one.country}" if shared else one.currency] = fitting[0] if fitting else None
    return found


def _name(wallet: Wallet) -> str:
    return f"{wallet.currency} {wallet.country}" if wallet.currency in _SHARED else wallet.currency


def _enabled(listed: Sequence[SupportedCountry]) -> list[str]:
    return sorted(one.country for one in listed if one.enabled and one.active)


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMED
    return (", ".join(names[:_MOST_NAMED]) + (f" +{more}" if more > 0 else "")) or "–"
