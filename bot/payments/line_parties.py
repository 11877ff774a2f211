"""The other side of a line, whom money goes to: a number, a till, a paybill, a bank, or a name.

These are cut out of a line before its slots are read, since the groups of a phone number look like amounts.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.payments.catalogue.chains import read_chain_word, read_token_word
from bot.payments.currency_words import currency_of
from bot.payments.line_words import FILLERS, is_address, is_amount
from bot.payments.parties import Way
from bot.payments.phones import Phone, read_phone
from bot.payments.typed_text import plain_characters

TO: Final = frozenset({"to", "kwa", "à", "au"})
NOTES: Final = frozenset({"for", "pour"})
_OWN: Final = frozenset({"my", "me", "mine", "myself", "yangu", "mimi", "moi", "mon", "ma"})
_PHONES: Final = frozenset(
    (
        "phone",
        "number",
        "mobile",
        "simu",
        "namba",
        "téléphone",
        "telephone",
        "numéro",
        "numero",
        "mpesa",
        "m-pesa",
        "momo",
    )
)
_BANKS: Final = frozenset({"bank", "benki", "banque"})
_TILLS: Final = frozenset({"till", "tili"})
_ACCOUNTS: Final = frozenset({"account", "acc", "acct", "a/c", "akaunti", "compte"})
_NUMBER_WORDS: Final = frozenset({"number", "no", "no.", "namba", "numéro", "numero"})
_MOST_NAMES: Final = 4
_MOST_GROUPS: Final = 6
_LOCAL_DIGITS: Final = 10  # a number with its leading zero, in every country that we serve
_WHOLE_DIGITS: Final = range(11, 14)
_LEAST_DIGITS: Final = 7  # fewer are no phone number anywhere
_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|['.\-])*")
_SHORT_CODE = re.compile(r"[0-9]{4,8}")
_GROUP = re.compile(r"[0-9]+(?:-[0-9]+)*")


@dataclass(frozen=True, slots=True, repr=False)
class Party:
    """The other side as a line says it, nothing of it checked: `phone`, `number` and `account` are as typed.

    `way` is None where only a name was given. `own` is true for the customer's own phone.
    """

    way: Way | None = None
    phone: str | None = None
    number: str | None = None
    account: str | None = None
    name: str | None = None
    own: bool = False


@dataclass(frozen=True, slots=True)
class Cut:
    """A line without its other side and its note."""

    words: tuple[str, ...]
    party: Party | None = None
    note: str | None = field(default=None, repr=False)


def cut_party(text: str, *, towards: frozenset[str], country: str | None = None) -> Cut:
    """Take the other side out of the words of a line. `towards` are the words before it, such as "to".

    `country` is the customer's own (ISO-2), in which a number without zero or plus is read.
    """
    words = plain_characters(text).split()
    for take in (_paybill, _till, _phone):
        cut = take(words)
        if cut is not None:
            party, rest = cut
            name, rest = _name(rest, towards)
            return Cut(tuple(rest), _named(party, name))
    cut = _phone_at_home(words, towards, country)
    if cut is not None:
        party, rest = cut
        name, rest = _name(rest, towards)
        return Cut(tuple(rest), _named(party, name))
    cut = _own(words, towards) or _bank(words, towards)
    if cut is not None:
        return Cut(tuple(cut[1]), cut[0])
    name, rest = _name(words, towards)
    return Cut(tuple(rest), None if name is None else Party(name=name))


def cut_at_number(text: str) -> tuple[Party, list[str], list[str]] | None:
    """The number, till or paybill of a line, with the words before it and behind it; None where there is none."""
    words = plain_characters(text).split()
    for take in (_paybill, _till, _phone):
        cut = take(words)
        if cut is not None:
            party, rest = cut
            taken = len(words) - len(rest)
            at = next(at for at in range(len(rest) + 1) if words[:at] + words[at + taken :] == rest)
            return party, words[:at], words[at + taken :]
    return None


def cut_note(words: Sequence[str]) -> tuple[tuple[str, ...], str | None]:
    """Take out what a line says that the money is for; not where "for" stands before the line's only amount."""
    for place, word in enumerate(words):
        rest = words[place + 1 :]
        if word.lower() not in NOTES or not rest:
            continue
        counted = any(is_amount(one) for one in words[:place])
        if counted or not any(is_amount(one) or currency_of(one, None) is not None for one in rest):
            return tuple(words[:place]), " ".join(rest)
    return tuple(words), None


def _paybill(words: list[str]) -> tuple[Party, list[str]] | None:
    at = _place_of(words, frozenset({"paybill"}))
    if at is None:
        return None
    number, end = _number_after(words, at + 1)
    account = None
    if number is not None and end < len(words) and words[end].lower() in _ACCOUNTS:
        end += 1
        if end < len(words) and words[end].lower() in _NUMBER_WORDS:
            end += 1
        if end < len(words):
            account, end = words[end], end + 1
    return Party(Way.PAYBILL, number=number, account=account), words[:at] + words[end:]


def _till(words: list[str]) -> tuple[Party, list[str]] | None:
    at = _place_of(words, _TILLS)
    if at is None:
        return None
    number, end = _number_after(words, at + 1)
    return Party(Way.TILL, number=number), words[:at] + words[end:]


def _phone(words: list[str]) -> tuple[Party, list[str]] | None:
    for start, word in enumerate(words):
        end = _end_of_phone(words, start) if word[0] in "+0123456789" else None
        if end is not None:
            return Party(Way.PHONE, phone=" ".join(words[start:end]).rstrip(".,;:!?")), words[:start] + words[end:]
    return None


def _end_of_phone(words: list[str], start: int) -> int | None:
    """Where the phone number that begins at `start` ends; None when none does."""
    first = words[start].rstrip(".,;:!?")
    digits = ""
    for end in range(start, min(start + _MOST_GROUPS, len(words))):
        group = words[end].rstrip(".,;:!?").removeprefix("+" if end == start else "")
        if not _GROUP.fullmatch(group):
            return None
        digits += group.replace("-", "")
        if first.startswith("0") and not first.startswith("00"):
            if len(digits) == _LOCAL_DIGITS:
                return end + 1
        elif first.startswith(("+", "00")) or (end == start and len(digits) in _WHOLE_DIGITS):
            whole = "+" + (digits.removeprefix("00") if first.startswith("00") else digits)
            if isinstance(read_phone(whole, country=None), Phone):
                return end + 1
    return None


def _phone_at_home(words: list[str], towards: frozenset[str], country: str | None) -> tuple[Party, list[str]] | None:
    """A number behind "to" as it is dialled at home, without zero or plus: "to 77 765 43 21", "to Mary 712 999888".

    Where it is no number of the country, or that is not known yet, it is still taken for one if another amount stands
    beside it: then it is said that the number cannot be read, and not that the line has two amounts.
    """
    start = _first_digits_behind(words, towards)
    if start is None:
        return None
    ends = _ends_of_groups(words, start)
    for end in reversed(ends):
        number = _joined(words[start:end])
        if country is not None and isinstance(read_phone(number, country=country), Phone):
            return Party(Way.PHONE, phone=number), words[:start] + words[end:]
    end = ends[-1] if ends else start
    number, rest = _joined(words[start:end]), words[:start] + words[end:]
    digits = sum(char.isdigit() for char in number)
    if digits < _LEAST_DIGITS or not any(is_amount(word) for word in rest):
        return None
    return Party(Way.PHONE, phone=number), rest


def _first_digits_behind(words: list[str], towards: frozenset[str]) -> int | None:
    """Where digits begin behind "to", with a name between them or not."""
    for place, word in enumerate(words):
        if word.lower() in towards:
            at = place + 1
            while at < len(words) and at <= place + _MOST_NAMES and _can_be_a_name(words[at]):
                at += 1
            if at < len(words) and _GROUP.fullmatch(words[at].rstrip(".,;:!?")):
                return at
    return None


def _ends_of_groups(words: list[str], start: int) -> list[int]:
    """Where a number that begins at `start` may end; a group with a currency behind it is an amount."""
    ends: list[int] = []
    for at in range(start, min(start + _MOST_GROUPS, len(words))):
        counts = at + 1 < len(words) and currency_of(words[at + 1].rstrip(".,;:!?"), None) is not None
        if counts or not _GROUP.fullmatch(words[at].rstrip(".,;:!?")):
            break
        ends.append(at + 1)
    return ends


def _joined(words: list[str]) -> str:
    return " ".join(words).rstrip(".,;:!?")


def _own(words: list[str], towards: frozenset[str]) -> tuple[Party, list[str]] | None:
    """ "to me", "to my phone"; not "to my sister"."""
    for place in range(1, len(words)):
        if words[place - 1].lower() not in towards or words[place].lower() not in _OWN:
            continue
        after = [word.lower().strip(".,!") for word in words[place + 1 : place + 3]]
        end = place + 1
        while end < len(words) and words[end].lower().strip(".,!") in _PHONES:
            end += 1
        alone = not after or _is_of_the_line(words[place + 1])
        if end > place + 1 or (alone and words[place].lower() not in ("my", "mon", "ma")):
            return Party(Way.PHONE, own=True), words[: place - 1] + words[end:]
    return None


def _bank(words: list[str], towards: frozenset[str]) -> tuple[Party, list[str]] | None:
    at = _place_of(words, _BANKS)
    if at is None or not any(word.lower() in towards for word in words[max(0, at - 2) : at]):
        return None
    end = at + 1
    while end < len(words) and words[end].lower() in _ACCOUNTS:
        end += 1
    start = at - 1 if words[at - 1].lower() in towards else at - 2
    return Party(Way.BANK), words[:start] + words[end:]


def _name(words: list[str], towards: frozenset[str]) -> tuple[str | None, list[str]]:
    """The name behind "to", without the words that belong to the line itself."""
    for place, word in enumerate(words):
        if word.lower() not in towards:
            continue
        end = place + 1
        while end < len(words) and end <= place + _MOST_NAMES and _can_be_a_name(words[end]):
            end += 1
        if end > place + 1:
            name = " ".join(words[place + 1 : end]).rstrip(".,;:!?")
            return name, words[:place] + words[end:]
    return None, words


def _named(party: Party, name: str | None) -> Party:
    return Party(party.way, party.phone, party.number, party.account, name, party.own)


def _can_be_a_name(word: str) -> bool:
    bare = word.rstrip(".,;:!?")
    return _NAME.fullmatch(bare) is not None and not _is_of_the_line(bare)


def _is_of_the_line(word: str) -> bool:
    """Whether a word says something else in a line."""
    bare = word.lower().rstrip(".,;:!?")
    known = read_token_word(bare) or read_chain_word(bare) or currency_of(bare, None)
    return known is not None or bare in FILLERS or is_address(word) or is_amount(word)


def _place_of(words: list[str], wanted: frozenset[str]) -> int | None:
    return next((place for place, word in enumerate(words) if word.lower().rstrip(".,:") in wanted), None)


def _number_after(words: list[str], at: int) -> tuple[str | None, int]:
    """The short number at `at`, behind "number" or not, and where it ends."""
    end = at + 1 if at < len(words) and words[at].lower() in _NUMBER_WORDS else at
    if end < len(words) and _SHORT_CODE.fullmatch(words[end].rstrip(".,;:")):
        return words[end].rstrip(".,;:"), end + 1
    return None, at
