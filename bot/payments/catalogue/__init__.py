"""What is on offer: countries with their networks, chains with their tokens. Read-only tables, one file per subject.

The provider's own lists (supported countries and networks) are the truth at run time; these tables are what is shown
and trusted until they have been read, and what gives codes their names.
"""

from bot.payments.catalogue.chains import (
    SAFE_PAIRS,
    Chain,
    ChainFamily,
    Token,
    chain_of,
    chains_for,
    explorer_link,
    is_offered,
    read_chain_word,
    read_token_word,
    token_of,
    tokens,
)
from bot.payments.catalogue.countries import (
    COUNTRIES,
    OFFRAMP_CURRENCIES,
    Country,
    Onramp,
    country_of,
    country_of_currency,
    offered_countries,
    paid_out_countries,
)
from bot.payments.catalogue.networks import is_network_marker, network_for_carrier, network_label

__all__ = [
    "COUNTRIES",
    "OFFRAMP_CURRENCIES",
    "SAFE_PAIRS",
    "Chain",
    "ChainFamily",
    "Country",
    "Onramp",
    "Token",
    "chain_of",
    "chains_for",
    "country_of",
    "country_of_currency",
    "explorer_link",
    "is_network_marker",
    "is_offered",
    "network_for_carrier",
    "network_label",
    "offered_countries",
    "paid_out_countries",
    "read_chain_word",
    "read_token_word",
    "token_of",
    "tokens",
]
