"""What people say beside the point: greetings, thanks, a question for the price.

It is answered for what it is, and never taken for a bad answer to the question that happens to be open. Only whole
phrases and first words count, so that an answer which merely holds such a word stays an answer.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from bot.payments.lines import VERB_WORDS
from handlers.dialogue.near import nearest


class Aside(StrEnum):
    """What was said beside the point."""

    GREETING = "greeting"
    THANKS = "thanks"
    PRICE = "price"
    NETWORK_MESSAGE = "network_message"


# whole messages that do what a command does, in any of our languages
WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(("help", "help me", "i need help", "menu", "msaada", "naomba msaada", "nisaidie"), "help"),
        **dict.fromkeys(("aide", "aidez-moi", "aidez moi"), "help"),
        **dict.fromkeys(("status", "payments", "my payments", "history", "where is my money"), "status"),
        **dict.fromkeys(("where's my money", "where is my crypto", "where is my payment"), "status"),
        **dict.fromkeys(("hali", "malipo", "malipo yangu", "historia", "pesa yangu iko wapi"), "status"),
        **dict.fromkeys(("pesa zangu ziko wapi", "pesa yangu wapi", "kripto yangu iko wapi"), "status"),
        **dict.fromkeys(("statut", "état", "etat", "paiements", "mes paiements", "historique"), "status"),
        **dict.fromkeys(("où est mon argent", "ou est mon argent", "où est mon paiement"), "status"),
        **dict.fromkeys(("cancel", "stop", "quit", "ghairi", "annuler"), "cancel"),
        **dict.fromkeys(("back", "rudi", "retour"), "back"),
        **dict.fromkeys(("language", "lugha", "langue"), "language"),
    }
)
_GREETINGS: Final = frozenset(
    (
        *("hi", "hello", "hey", "hallo", "start", "good morning", "good afternoon", "good evening"),
        *("jambo", "habari", "mambo", "sasa", "niaje", "bonjour", "bonsoir", "salut"),
    )
)
_THANKS: Final = frozenset({"thanks", "thank", "thx", "ty", "asante", "shukrani", "merci"})
_AGREED: Final = frozenset({"ok", "okay", "sawa", "great"})
_SLIPS: Final[Mapping[str, str]] = MappingProxyType(
    {
        **{name: name for name in ("buy", "sell", "send", "request", "help", "status", "cancel")},
        **{word: str(verb) for verb, words in VERB_WORDS.items() for word in words},
    }
)
_PRICE = re.compile(
    r"(?:how much (?:is|are|for|does|do|will|would)|what(?:['’]?s| is| are) (?:the |your )?(?:price|rate|fee|cost)"
    r"|(?:price|rate|rates|fee|fees)\b|combien (?:co[uû]te|vaut|fait|font|pour)|quels? (?:est le |sont les )?(?:prix|taux|frais)"
    r"|(?:bei|ada) (?:gani|ya|ni)|.+ (?:bei|shilingi) (?:gani|ngapi)$)"
)
# what the messages of mobile money and of banks have in common, in our languages; two of these in a long text
_MARKS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"\b(?:confirmed|imethibitishwa|confirm[ée])\b",
        r"\b(?:balance|salio|solde)\b",
        r"\b(?:transaction|txn|trans\.?) ?(?:id|cost|fee|no)\b|\b(?:id|gharama|frais) (?:ya|za|de|du)\b",
        r"\b(?:paid to|sent to|received from|imetumwa|umetuma|umepokea|umelipa|paiement|transfert|transf[ée]r[ée])\b",
        r"\b(?=[a-z0-9]*[0-9])(?=[a-z0-9]*[a-z])[a-z0-9]{10}\b",
    )
)
_LONG_MESSAGE: Final = 40
_TO_ONESELF = re.compile(r"\b(?:wallet|address|pochi|anwani|portefeuille|adresse)\b")  # "send it to my wallet"
_FEW_WORDS: Final = 3


def aside_of(text: str) -> Aside | None:
    """What `text` says beside the point; None when it may well be an answer."""
    words = text.casefold().split()
    said = " ".join(words).strip("!?., ")
    first = words[0].strip("!?.,/") if words else ""
    if is_network_message(text):
        return Aside.NETWORK_MESSAGE
    if _PRICE.match(said):
        return Aside.PRICE
    if _TO_ONESELF.search(said):
        return None
    if len(words) > _FEW_WORDS or any(char.isdigit() for char in said):
        return None
    if first in _THANKS or (first in _AGREED and words[1:2] and words[1].strip("!?.,") in _THANKS):
        return Aside.THANKS
    return Aside.GREETING if said in _GREETINGS or first in _GREETINGS else None


def command_of_words(text: str) -> str | None:
    """The command that a whole message stands for ("status", "malipo yangu"); None for anything else."""
    return WORDS.get(" ".join(text.casefold().split()).strip("!?., "))


def meant_command(text: str) -> str | None:
    """The command that the first word is a slip away from, to be offered; None when there is none."""
    words = text.casefold().split()
    meant = nearest(words[0].strip("!?.,/"), _SLIPS) if words else None
    return meant if meant in ("buy", "sell", "send", "request", "help", "status") else None


def is_greeting(text: str) -> bool:
    """Whether a message begins as a greeting does, whatever follows."""
    words = text.casefold().split()
    return bool(words) and words[0].strip("!?.,/") in _GREETINGS


def is_network_message(text: str) -> bool:
    """Whether this is what mobile money or a bank writes about a payment, passed on to us."""
    lowered = text.casefold()
    return len(text) > _LONG_MESSAGE and sum(bool(mark.search(lowered)) for mark in _MARKS) >= 2
