"""Questions about what is bought: which token, on which chain, to which wallet address."""

from typing import Any, ClassVar, Final

from bot.payments.addresses import Address, AddressFault, AddressProblem, check_address
from bot.payments.catalogue import chains_for, is_offered, read_chain_word, read_token_word, tokens
from bot.payments.catalogue.chains import CHAIN_WORDS, TOKEN_WORDS, TOKENS, ChainFamily
from bot.payments.lines import BuyLine, read_wish
from bot.payments.money import is_fiat
from bot.screens.formats import chain_label, short_address, token_label
from handlers.dialogue.form import Answer, Asked, Option, Problem, Question, Talk
from handlers.dialogue.near import nearest

_MOST_ADDRESSES: Final = 5


class TokenQuestion(Question):
    """Which token; known already when the amount counts one."""

    name: ClassVar[str] = "token"
    asks: ClassVar[str] = "ask.token"
    refuses: ClassVar[str] = "token.not_sold"

    def settled(self, talk: Talk) -> Any | None:
        amount = talk.answers.get("amount")
        if amount is not None and not is_fiat(amount["currency"]):
            return amount["currency"]
        possible = self._possible(talk)
        return possible[0] if len(possible) == 1 else None

    def has_choice(self, talk: Talk) -> bool:
        return len(self._possible(talk)) > 1

    def ask(self, talk: Talk) -> Asked:
        options = tuple(Option(f"{TOKENS[code].label} ({TOKENS[code].name})", code) for code in self._possible(talk))
        return Asked(self.asks, {}, options)

    def read(self, text: str, talk: Talk) -> Answer | Problem:
        possible = self._possible(talk)
        code = read_token_word(text.strip()) or _only_token(text)
        if code in possible:
            return Answer(code)
        near = nearest(text, TOKEN_WORDS)
        if near in possible and near is not None:
            return Problem(
                "token.near_miss", {"token": token_label(near)}, (Option(token_label(near), near, marked=True),)
            )
        return Problem(self.refuses)

    def holds(self, value: Any, talk: Talk) -> bool:
        amount = talk.answers.get("amount")
        counts_another = amount is not None and not is_fiat(amount["currency"]) and amount["currency"] != value
        return not counts_another and any(token.code == value for token in tokens(talk.offered.pairs))

    def shown(self, value: Any, talk: Talk) -> str:
        return token_label(value)

    def _possible(self, talk: Talk) -> list[str]:
        chain = talk.answers.get("chain") if "token" not in talk.answers else None
        codes = [token.code for token in tokens(talk.offered.pairs)]
        return [code for code in codes if chain is None or is_offered(chain, code, talk.offered.pairs)]


class ChainQuestion(Question):
    """On which chain; only the pairs that are offered, and not asked where there is one."""

    name: ClassVar[str] = "chain"
    asks: ClassVar[str] = "ask.chain"
    drops: ClassVar[frozenset[str]] = frozenset({"address"})

    def settled(self, talk: Talk) -> Any | None:
        possible = chains_for(talk.answers["token"], talk.offered.pairs)
        return possible[0].code if len(possible) == 1 else None

    def has_choice(self, talk: Talk) -> bool:
        return "token" not in talk.answers or len(chains_for(talk.answers["token"], talk.offered.pairs)) > 1

    def ask(self, talk: Talk) -> Asked:
        token = talk.answers["token"]
        options = tuple(Option(chain.label, chain.code) for chain in chains_for(token, talk.offered.pairs))
        return Asked(self.asks, {"token": token_label(token)}, options, columns=2)

    def read(self, text: str, talk: Talk) -> Answer | Problem:
        token = talk.answers["token"]
        word = text.strip()
        code = read_chain_word(word) or _only_chain(word)
        if code is not None and is_offered(code, token, talk.offered.pairs):
            return Answer(code)
        values = {"token": token_label(token), "chain": "" if code is None else chain_label(code)}
        if code is not None:
            return Problem("chain.not_offered", values)
        near = nearest(word, CHAIN_WORDS)
        if near is not None and is_offered(near, token, talk.offered.pairs):
            label = chain_label(near)
            return Problem("chain.near_miss", {"chain": label}, (Option(label, near, marked=True),))
        return Problem("chain.unknown", values)

    def holds(self, value: Any, talk: Talk) -> bool:
        token = talk.answers.get("token")
        return token is None or is_offered(value, token, talk.offered.pairs)

    def shown(self, value: Any, talk: Talk) -> str:
        return chain_label(value)


class AddressQuestion(Question):
    """Where the crypto goes: a wallet used before, or one that is pasted. The text of a refused one is never kept."""

    name: ClassVar[str] = "address"

    def settled(self, talk: Talk) -> Any | None:
        pasted = self._pasted(talk)
        return pasted.value if pasted is not None and pasted.checksum else None

    def ask(self, talk: Talk) -> Asked:
        chain, options = talk.answers["chain"], self.known(talk)
        values = {"token": token_label(talk.answers["token"]), "chain": chain_label(chain)}
        if chain == "STELLAR":
            return Asked("ask.address_stellar", values, options)
        return Asked("ask.address_again" if options else "ask.address", values, options)

    def known(self, talk: Talk) -> tuple[Option, ...]:
        """The addresses on the chosen chain that the customer used before; first the one that came with a line."""
        pasted = self._pasted(talk)
        known = {known.value: known.name for known in talk.saved if known.chain == talk.answers["chain"]}
        offered = known if pasted is None else {pasted.value: known.get(pasted.value)} | known
        labels = {
            value: short_address(value) if name is None else f"{name} · {short_address(value)}"
            for value, name in offered.items()
        }
        return tuple(Option(label, value) for value, label in labels.items())[:_MOST_ADDRESSES]

    def read(self, text: str, talk: Talk) -> Answer | Problem:
        found = check_address(text, talk.answers["chain"])
        if isinstance(found, Address):
            if found.checksum:
                return Answer(found.value)
            ends = {"first": found.value[:6], "last": found.value[-6:]}
            label = talk.texts.plain("button.address_is_right")
            return Problem("address.compare", ends, (Option(label, found.value, marked=True),))
        return self._explained(found, talk)

    def holds(self, value: Any, talk: Talk) -> bool:
        chain = talk.answers.get("chain")
        return chain is not None and isinstance(check_address(value, chain), Address)

    def shown(self, value: Any, talk: Talk) -> str:
        return short_address(value)

    def _pasted(self, talk: Talk) -> Address | None:
        """The address that came with a line, before its chain was known."""
        text = talk.answers.get("pasted")
        found = None if text is None else check_address(text, talk.answers["chain"])
        return found if isinstance(found, Address) else None

    def _explained(self, problem: AddressProblem, talk: Talk) -> Problem:
        values = {"chain": chain_label(problem.chain), "token": token_label(talk.answers.get("token", "USDC"))}
        if problem.fault is AddressFault.WRONG_CHAIN and problem.found is not None:
            return self._of_another_chain(problem.found, values, talk)
        return Problem(problem.text_key, values)

    def _of_another_chain(self, family: ChainFamily, values: dict[str, str], talk: Talk) -> Problem:
        """Where that address could be used: on chains of its family with the same token, or with another token there."""
        token, pairs = talk.answers.get("token", "USDC"), talk.offered.pairs
        values["found"] = talk.texts.plain(f"address.family_{family}")
        possible = chains_for(token, pairs)
        there = [chain.label for chain in possible if chain.family is family]
        if there:
            return Problem("address.wrong_chain", {**values, "chains": ", ".join(there)})
        values["chains"] = ", ".join(chain.label for chain in possible)
        others = [
            other.label for other in tokens(pairs) if any(one.family is family for one in chains_for(other.code, pairs))
        ]
        if others:
            return Problem("address.wrong_chain_other_token", {**values, "others": ", ".join(others)})
        return Problem("address.wrong_chain_only", values)


def _only_token(text: str) -> str | None:
    """The token in a text that says nothing else: "usdc please"."""
    said = read_wish(text)
    return said.token if isinstance(said, BuyLine) and said == BuyLine(token=said.token) else None


def _only_chain(text: str) -> str | None:
    """The chain in a text that says nothing else: "on the base network"."""
    said = read_wish(f"on {text}")
    return said.chain if isinstance(said, BuyLine) and said == BuyLine(chain=said.chain) else None


def is_secret(text: str) -> bool:
    """Whether a message looks like a private key or a seed phrase, wherever in the chat it was sent."""
    found = check_address(text, "ETHEREUM")
    return isinstance(found, AddressProblem) and found.fault is AddressFault.SECRET
