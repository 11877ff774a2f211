"""Every screen about recipients and saved addresses, for the preview page."""

from collections.abc import Iterator
from typing import Final

from bot.payments.parties import Way
from bot.screens.formats import address_code, chain_label, masked, money, short_address, whole_phone
from bot.screens.people import (
    Entry,
    nobody_found,
    nobody_yet,
    people_found,
    people_list,
    person_card,
    person_gone,
    sure_to_forget,
)
from bot.screens.preview_orders import Sample
from bot.screens.questions import Choice, Place, note, question_card
from bot.screens.sample_orders import DESTINATIONS
from bot.screens.samples import BY_PHONE, OFFER
from bot.screens.saved_addresses import (
    Wallet,
    no_wallets,
    sure_to_forget_wallet,
    wallet_card,
    wallet_gone,
    wallets_list,
)
from bot.screens.texts import Texts

_PLACE: Final = Place("sample", 1)
_PHONE: Final = "+254722000001"
_SIGHTS: Final = ("no_code", "no_picture", "too_large", "not_fetched", "useless", "bad_checksum", "unusable")


def people_samples(texts: Texts) -> Iterator[Sample]:
    """Recipients, addresses, what was shared, and what photographs come to."""
    history = texts.many_plain("payee.paid", 3, day="12 Oct 2026")
    entries = [Entry(f"{place}", f"Mary Wanjiru {place}", f"…00{place}", history) for place in range(6)]
    yield Sample("recipients", people_list(texts, entries, page=2, pages=3, count=14))
    yield Sample("recipients, none", nobody_yet(texts))
    yield Sample("recipients, found", people_found(texts, "mary", entries[:2]))
    yield Sample("recipients, not found", nobody_found(texts, "mary"))
    yield Sample("recipient, gone", person_gone(texts))
    for place, to in enumerate(DESTINATIONS):
        saved = place % 2 == 0
        card = person_card(texts, "x", to.name, to, history, saved=saved, payable=saved, lead=None)
        yield Sample(f"recipient: {to.way}{', own' if to.own else ''} {place}", card)
    renamed = texts("people.renamed", name="Mum")
    to = next(one for one in DESTINATIONS if one.way is Way.PHONE)
    yield Sample(
        "recipient, renamed", person_card(texts, "x", "Mum", to, history, saved=True, payable=True, lead=renamed)
    )
    yield Sample("recipient, forget", sure_to_forget(texts, "x", "Mary Wanjiru"))
    yield from _wallets(texts)
    yield from _found(texts)


def _wallets(texts: Texts) -> Iterator[Sample]:
    plain = Wallet("1", BY_PHONE.chain, BY_PHONE.address, None)
    named = Wallet("2", BY_PHONE.chain, BY_PHONE.address, "Savings")
    yield Sample("addresses", wallets_list(texts, [plain, named], page=1, pages=2, count=8))
    yield Sample("addresses, none", no_wallets(texts, lead=texts("wallets.forgotten")))
    yield Sample("address", wallet_card(texts, plain))
    yield Sample("address, named", wallet_card(texts, named))
    yield Sample("address, gone", wallet_gone(texts))
    yield Sample("address, forget", sure_to_forget_wallet(texts, named))


def _found(texts: Texts) -> Iterator[Sample]:
    who = {"who": "Mary Wanjiru"}
    choices = [Choice(texts.plain(key, **who), key) for key in ("button.todo_send", "button.todo_save")]
    asked = texts("ask.todo_person", name="Mary Wanjiru", phone=whole_phone(_PHONE))
    yield Sample("a contact", question_card(texts, _PLACE, asked, choices=choices, back=False))
    address, chain = address_code(BY_PHONE.address), chain_label(BY_PHONE.chain)
    buy = [Choice(texts.plain("button.todo_buy", address=short_address(BY_PHONE.address)), "0")]
    code = texts("ask.todo_payment", amount=money(OFFER.receive, texts.language), address=address, chain=chain)
    yield Sample("a payment code", question_card(texts, _PLACE, code, choices=buy, back=False))
    bare = texts("ask.todo_address_any", address=address)
    yield Sample("an address code", question_card(texts, _PLACE, bare, choices=buy, back=False))
    for name, said in (
        ("new name", texts("ask.new_name", name="Mary Wanjiru")),
        ("new number", texts("ask.new_number", name="Mary Wanjiru")),
        ("new network", texts("ask.new_network", phone=masked(_PHONE))),
    ):
        yield Sample(f"question: {name}", question_card(texts, _PLACE, said, back=False))
    for sight in _SIGHTS:
        yield Sample(f"photograph: {sight}", note(texts(f"photo.{sight}")))
