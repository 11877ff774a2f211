"""Chains and tokens: names, address families, explorers, and which pairs are offered.

The provider's enum accepts many more pairs than it is known to serve; `SAFE_PAIRS` is the set to start from (Kotani
docs, chains and tokens), and every function takes another set where a business has been told otherwise.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class ChainFamily(StrEnum):
    """Chains whose addresses look the same."""

    EVM = "evm"
    TRON = "tron"
    SOLANA = "solana"
    STELLAR = "stellar"
    BITCOIN = "bitcoin"
    CARDANO = "cardano"
    HEDERA = "hedera"


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain by its provider code. `explorer` is a public page for a transaction, with `{tx}` where its hash goes."""

    code: str
    label: str
    family: ChainFamily
    explorer: str


@dataclass(frozen=True, slots=True)
class Token:
    """A token by its provider code, which is also its currency in `Money`."""

    code: str
    label: str
    name: str


_CHAIN_ROWS: Final = (
    Chain("BASE", "Base", ChainFamily.EVM, "https://basescan.org/tx/{tx}"),
    Chain("POLYGON", "Polygon", ChainFamily.EVM, "https://polygonscan.com/tx/{tx}"),
    Chain("ETHEREUM", "Ethereum", ChainFamily.EVM, "https://etherscan.io/tx/{tx}"),
    Chain("SOLANA", "Solana", ChainFamily.SOLANA, "https://solscan.io/tx/{tx}"),
    Chain("CELO", "Celo", ChainFamily.EVM, "https://celoscan.io/tx/{tx}"),
    Chain("TRON", "Tron", ChainFamily.TRON, "https://tronscan.org/#/transaction/{tx}"),
    Chain("STELLAR", "Stellar", ChainFamily.STELLAR, "https://stellar.expert/explorer/public/tx/{tx}"),
    Chain("ARBITRUM", "Arbitrum", ChainFamily.EVM, "https://arbiscan.io/tx/{tx}"),
    Chain("OPTIMISM", "Optimism", ChainFamily.EVM, "https://optimistic.etherscan.io/tx/{tx}"),
    Chain("AVALANCHE", "Avalanche C-Chain", ChainFamily.EVM, "https://snowtrace.io/tx/{tx}"),
    Chain("LISK", "Lisk", ChainFamily.EVM, "https://blockscout.lisk.com/tx/{tx}"),
    Chain("SCROLL", "Scroll", ChainFamily.EVM, "https://scrollscan.com/tx/{tx}"),
    Chain("FUSE", "Fuse", ChainFamily.EVM, "https://explorer.fuse.io/tx/{tx}"),
    Chain("VICTION", "Viction", ChainFamily.EVM, "https://vicscan.xyz/tx/{tx}"),
    Chain("CARDANO", "Cardano", ChainFamily.CARDANO, "https://cardanoscan.io/transaction/{tx}"),
    Chain("HEDERA", "Hedera", ChainFamily.HEDERA, "https://hashscan.io/mainnet/transaction/{tx}"),
    Chain("BITCOIN", "Bitcoin", ChainFamily.BITCOIN, "https://mempool.space/tx/{tx}"),
)
_TOKEN_ROWS: Final = (
    Token("USDC", "USDC", "USD Coin"),
    Token("USDT", "USDT", "Tether USD"),
    Token("CUSD", "cUSD", "Celo Dollar"),
)

CHAINS: Final[Mapping[str, Chain]] = MappingProxyType({chain.code: chain for chain in _CHAIN_ROWS})
TOKENS: Final[Mapping[str, Token]] = MappingProxyType({token.code: token for token in _TOKEN_ROWS})

Pairs = frozenset[tuple[str, str]]

SAFE_PAIRS: Final[Pairs] = frozenset(
    {
        ("BASE", "USDC"),
        ("POLYGON", "USDC"),
        ("POLYGON", "USDT"),
        ("ETHEREUM", "USDC"),
        ("ETHEREUM", "USDT"),
        ("SOLANA", "USDC"),
        ("SOLANA", "USDT"),
        ("CELO", "CUSD"),
        ("CELO", "USDC"),
        ("TRON", "USDT"),
        ("STELLAR", "USDC"),
    }
)

CHAIN_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        **{code.lower(): code for code in CHAINS},
        **dict.fromkeys(("eth", "erc20", "erc-20", "ether", "mainnet"), "ETHEREUM"),
        **dict.fromkeys(("matic", "poly", "pol"), "POLYGON"),
        **dict.fromkeys(("trc20", "trc-20", "trx"), "TRON"),
        **dict.fromkeys(("sol", "spl"), "SOLANA"),
        **dict.fromkeys(("xlm",), "STELLAR"),
        **dict.fromkeys(("arb",), "ARBITRUM"),
        **dict.fromkeys(("op",), "OPTIMISM"),
        **dict.fromkeys(("avax",), "AVALANCHE"),
        **dict.fromkeys(("ada",), "CARDANO"),
        **dict.fromkeys(("hbar",), "HEDERA"),
    }
)
TOKEN_WORDS: Final[Mapping[str, str]] = MappingProxyType({**{code.lower(): code for code in TOKENS}, "tether": "USDT"})


def chain_of(code: str) -> Chain | None:
    """The chain with this provider code, None when it is not in the table."""
    return CHAINS.get(code)


def token_of(code: str) -> Token | None:
    """The token with this provider code, None when it is not in the table."""
    return TOKENS.get(code)


def tokens(pairs: Pairs = SAFE_PAIRS) -> tuple[Token, ...]:
    """The tokens of which at least one pair is offered, in the order in which they are shown."""
    return tuple(token for token in _TOKEN_ROWS if any(code == token.code for _, code in pairs))


def chains_for(token: str, pairs: Pairs = SAFE_PAIRS) -> tuple[Chain, ...]:
    """The chains on which `token` is offered, in the order in which they are shown; empty for an unknown token."""
    return tuple(chain for chain in _CHAIN_ROWS if (chain.code, token) in pairs)


def is_offered(chain: str, token: str, pairs: Pairs = SAFE_PAIRS) -> bool:
    """True when `token` can be bought on `chain`."""
    return (chain, token) in pairs


def explorer_link(chain: str, tx_hash: str) -> str | None:
    """A public page that shows the transaction; None for an unknown chain or for what cannot be a transaction hash."""
    known = CHAINS.get(chain)
    bare = tx_hash.replace("@", "").replace("-", "").replace(".", "")
    if known is None or not (8 <= len(tx_hash) <= 128 and bare.isascii() and bare.isalnum()):
        return None
    return known.explorer.replace("{tx}", tx_hash)


def read_chain_word(word: str) -> str | None:
    """The chain that people mean by `word` ("matic", "TRC20"), matched whole; None when it names no chain."""
    return CHAIN_WORDS.get(word.casefold())


def read_token_word(word: str) -> str | None:
    """The token that people mean by `word` ("Tether"), matched whole; None when it names none of ours."""
    return TOKEN_WORDS.get(word.casefold())
