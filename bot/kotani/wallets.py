"""Finding the wallet that payouts of a currency and country spend. Its id is remembered, its balances never are."""

from typing import Final

from bot.kotani import wire_account
from bot.kotani.calls import Make
from bot.kotani.errors import NotFound
from bot.kotani.results import Wallet

# currencies of several countries: a wallet of the right currency may still be another country's (Kotani docs, wallets)
_SHARED: Final = frozenset({"XOF", "XAF", "USD"})


class WalletFinder:
    """Asks for wallets and remembers which is which."""

    def __init__(self, make: Make) -> None:
        self._make = make
        self._known: dict[tuple[str, str | None], str] = {}

    async def find(self, currency: str, country: str | None) -> Wallet:
        """The wallet, read now. Raises `NotFound` when our account has none that fits."""
        wanted = (currency, country)
        known = self._known.get(wanted)
        if known is not None:
            try:
                wallet = await self._make(wire_account.wallet(known))
            except NotFound:
                del self._known[wanted]
            else:
                if _fits(wallet, currency, country):
                    return wallet
        wallet = await self._look(currency, country)
        self._known[wanted] = wallet.id
        return wallet

    async def _look(self, currency: str, country: str | None) -> Wallet:
        for wallet in await self._make(wire_account.wallets_of(currency, country)):
            if _fits(wallet, currency, country):
                return wallet
        # whether the country in that question is heeded is not sure
        for wallet in await self._make(wire_account.wallets()):
            if _fits(wallet, currency, country):
                return wallet
        raise NotFound("wallet.of_currency", f"no wallet for {currency} in {country}")


def _fits(wallet: Wallet, currency: str, country: str | None) -> bool:
    return wallet.currency == currency and (country is None or wallet.country == country or currency not in _SHARED)
