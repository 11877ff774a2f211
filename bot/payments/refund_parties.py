"""Where operators have money paid back to, as they write it: "0712 345 678 Jane Doe", "bank FNB 62000000001 Thabo Mokoena". Pure.

Of the country that paid alone: what was paid in comes back in the same currency.
"""

from collections.abc import Sequence
from typing import Final

from bot.payments.accounts import Bank, read_bank_account
from bot.payments.catalogue import COUNTRIES
from bot.payments.names import read_name
from bot.payments.parties import Destination, Payer, Way
from bot.payments.phones import Phone, network_of, read_phone

_BANK: Final = frozenset({"bank", "benki", "banque"})


def read_refund_party(words: Sequence[str], payer: Payer, banks: Sequence[Bank]) -> Destination | None:
    """The phone or account that is named, of the payer's country; None where it cannot be one. Never raises.

    `banks` are those of that country, which are known by their codes and by any part of their names that only one has.
    """
    ways = COUNTRIES[payer.country].payouts or (Way.PHONE,)
    if words and words[0].lower() in _BANK:
        return _account(words[1:], payer, banks) if Way.BANK in ways else None
    return _phone(words, payer) if Way.PHONE in ways else None


def _phone(words: Sequence[str], payer: Payer) -> Destination | None:
    end = next((place for place, word in enumerate(words) if word[:1].isalpha()), len(words))
    phone, name = read_phone(" ".join(words[:end]), country=payer.country), read_name(" ".join(words[end:]))
    network = network_of(phone) if isinstance(phone, Phone) else None
    if not isinstance(phone, Phone) or not isinstance(name, str) or network is None:
        return None
    return Destination(Way.PHONE, payer.country, payer.currency, name, phone=phone.e164, network=network)


def _account(words: Sequence[str], payer: Payer, banks: Sequence[Bank]) -> Destination | None:
    for place in range(1, len(words)):
        account = read_bank_account(words[place], payer.country)
        bank = _bank(" ".join(words[:place]), banks)
        name = read_name(" ".join(words[place + 1 :]))
        if isinstance(account, str) and isinstance(name, str) and bank is not None:
            return Destination(
                Way.BANK,
                payer.country,
                payer.currency,
                name,
                phone=payer.phone,  # the holder's, as far as we know them
                bank_code=bank.code,
                bank_name=bank.name,
                account=account,
            )
    return None


def _bank(said: str, banks: Sequence[Bank]) -> Bank | None:
    folded = said.casefold()
    exact = [bank for bank in banks if folded in (bank.code.casefold(), bank.name.casefold())]
    found = exact or [bank for bank in banks if folded in bank.name.casefold()]
    return found[0] if len(found) == 1 else None
