"""The words of a line: how a typed line is cut into them, and what one word by itself can be."""

import re
from typing import Final

from bot.payments.catalogue.chains import CHAIN_WORDS, TOKEN_WORDS, TOKENS, read_chain_word, read_token_word
from bot.payments.currency_words import currency_of
from bot.payments.money import is_fiat
from bot.payments.slips import near
from bot.payments.typed_text import plain_characters

FILLERS: Final = frozenset(
    (
        *("a", "an", "and", "any", "at", "by", "coin", "coins", "crypto", "exactly", "for"),
        *("from", "i", "in", "into", "like", "me", "my", "now", "of", "on", "or"),
        *("over", "pay", "paying", "please", "pls", "some", "stablecoin", "stablecoins", "that", "the", "to"),
        *("token", "tokens", "using", "via", "want", "wallet", "network", "chain", "with", "worth", "would"),
        *("asap", "thank", "thanks", "you", "mpesa", "m-pesa", "momo", "money", "cash", "arrive", "arrives"),
        # Swahili and French, as they are mixed in
        *("kwa", "kwenye", "katika", "ya", "za", "na", "tafadhali", "asante", "pesa"),
        *("de", "des", "du", "en", "par", "pour", "sur", "avec", "svp", "merci", "à", "au", "argent"),
    )
)
OPENERS: Final = frozenset(
    (
        *("i", "want", "need", "to", "please", "pls", "hi", "hello", "hey", "like", "would", "can", "let", "me"),
        *("nataka", "naomba", "ningependa", "tafadhali", "je", "veux", "voudrais"),
    )
)
ON_A_CHAIN: Final = frozenset({"on", "via", "over", "using", "through", "kwenye", "sur"})
# tickers of coins that are also names of chains: "0.1 eth" asks for the coin, "on eth" for the chain
COINS: Final = frozenset(
    {"eth", "ether", "matic", "pol", "sol", "trx", "xlm", "celo", "avax", "ada", "hbar", "op", "arb"}
)
# names that a coin and its chain share: with none of our tokens in the line, "buy solana" asks for the coin
COIN_NAMES: Final = frozenset(
    (
        *("bitcoin", "ethereum", "polygon", "solana", "tron", "stellar", "arbitrum", "optimism"),
        *("avalanche", "cardano", "hedera"),
    )
)

_ADDRESS = re.compile(r"(?:[a-z+]+:)?(?=[^ ]*[0-9])(?=[^ ]*[A-Za-z])[0-9A-Za-z_]{25,}|0\.0\.[0-9]+(?:-[a-z]{5})?")
_GROUP_SPACE = re.compile(r"(?<=[0-9]) (?=[0-9]{3}(?![0-9]))")
_LOOSE_SUFFIX = re.compile(r"(?<=[0-9]) (?=[km](?![\w]))", re.IGNORECASE)
_JOINED = re.compile(rf"(?i)(?<![a-z])({'|'.join(sorted(TOKEN_WORDS))})[-_/|:(]+(?=[a-z])")  # "usdt-trc20"
_STANDARD = re.compile(r"(?i)(?<![\w])(trc|erc|bep)[ -]20(?![\w])")
_PHONE = re.compile(r"(?:\+|0)[0-9]{8,}")
_LOOSE_SIGN = re.compile(r"(?<=[-$₵₦]) (?=[0-9])|(?<=[0-9]) (?=/[=-])")


def words_of(text: str) -> list[str]:
    plain = plain_characters(text)
    for pattern, joint in (
        (_STANDARD, r"\g<1>20"),
        (_JOINED, r"\1 "),
        (_LOOSE_SUFFIX, ""),
        (_LOOSE_SIGN, ""),
        (_GROUP_SPACE, "'"),
    ):
        plain = pattern.sub(joint, plain)
    stripped = (word.strip("()[]\"'").rstrip(",;:!?.") for word in plain.split())
    # dashes and emoji between words say nothing
    return [word for word in stripped if any(char.isalnum() for char in word) or currency_of(word, None) is not None]


def is_amount(word: str) -> bool:
    if is_address(word) or read_token_word(word) is not None or read_chain_word(word) is not None:
        return False
    if not any(char.isdigit() for char in word) or currency_of(word, None) is not None or _PHONE.fullmatch(word):
        return False
    # "ksh500" is an amount, "bep20" the name of something
    return not word[0].isalpha() or currency_of(re.split(r"[0-9.,]", word, maxsplit=1)[0], None) is not None


def holds_a_token(word: str) -> bool:
    """True for "usdt" and for "20usdt"."""
    return read_token_word(word.lstrip("0123456789.,'")) is not None


def is_address(word: str) -> bool:
    return _ADDRESS.fullmatch(word) is not None


def names_a_coin(word: str) -> bool:
    if word.lower() in COINS or word.lower() in COIN_NAMES:
        return True
    currency = currency_of(word, None)
    return isinstance(currency, str) and not is_fiat(currency) and currency not in TOKENS


def suggestions_for(word: str) -> tuple[str, ...]:
    """Tokens and chains that are one or two slips away from `word`, the nearest first; to be offered, never chosen."""
    if not 3 <= len(word) <= 12:
        return ()
    slips = 1 if len(word) <= 5 else 2
    known = [*TOKEN_WORDS, *(name for name in CHAIN_WORDS if len(name) > 3)]
    found = near(word, known, slips=slips, limit=4)
    codes = (TOKEN_WORDS.get(name) or CHAIN_WORDS[name] for name, _ in found)
    return tuple(dict.fromkeys(codes))
