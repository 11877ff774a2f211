"""What is known of a recipient, put into the words of a card or a line of the list."""

from typing import Final

from bot.engine.recipients import KnownRecipient
from bot.payments.coverage import Service
from bot.screens.foreign import Html
from bot.screens.people import Entry, person_card
from bot.screens.places import local
from bot.screens.screen import Screen
from bot.screens.texts import Texts
from handlers.dialogue.destinations import history_of, place_of_money, ways_to
from handlers.dialogue.form import Talk

PEOPLE: Final = "people"  # where the list and the cards of recipients stand in a chat
WALLETS: Final = "wallets"  # and those of addresses


def card_of(known: KnownRecipient, talk: Talk, *, lead: Html | None = None) -> Screen:
    """The card of a recipient as they are known."""
    place = known.destination
    return person_card(
        talk.texts,
        known.id,
        known.name,
        place,
        history(known, talk.texts),
        saved=known.saved,
        payable=place.way in ways_to(place.country, talk, Service.SEND) and not place.own,
        lead=lead,
    )


def entry_of(known: KnownRecipient, texts: Texts) -> Entry:
    """The line of a recipient in a list."""
    return Entry(known.id, known.name, place_of_money(known.destination, texts), history(known, texts))


def history(known: KnownRecipient, texts: Texts) -> str:
    """How often they were paid, and on which day (by the clocks of their country) last."""
    last = known.last_used_at
    return history_of(known.uses, None if last is None else local(last, known.destination.country).date(), texts)
