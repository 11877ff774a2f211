"""What a conversation shows at each state: a question, the list of answers to change, the review card in its forms."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.engine.conversations import Conversation
from bot.engine.customers import Person
from bot.engine.results import Offer
from bot.payments.errors import PaymentError
from bot.screens.foreign import Html
from bot.screens.questions import Choice, Place, contact_question, question_card, retry_rows, review_rows
from bot.screens.review_parts import has_price
from bot.screens.screen import Screen
from bot.screens.texts import Texts, catalogue
from handlers.dialogue.allowed import Withheld
from handlers.dialogue.form import Asked, Offered, Option, Problem, Talk
from handlers.dialogue.journeys import journey_of

CHANGE = "change"  # the state that lists the answers


def place_of(conversation: Conversation) -> Place:
    """Where the buttons of this state belong."""
    return Place(conversation.id, conversation.revision)


def question_screen(
    conversation: Conversation, talk: Talk, asked: Asked, options: Sequence[Option], *, lead: Html | None
) -> Screen:
    """The question that a conversation is at."""
    texts, draft, form = talk.texts, conversation.draft, journey_of(conversation).form
    question = form.question(draft.question)
    assert question is not None
    back = draft.changing or form.back_from(talk, draft.question) is not None
    parts = [texts(asked.key, **asked.values)] if lead is None else [lead, texts(asked.key, **asked.values)]
    if asked.shares_contact and not options:
        return contact_question(texts, *parts, back=back)
    choices = [Choice(option.label, str(place), option.marked) for place, option in enumerate(options)]
    present = draft.answers.get(draft.question)
    among = any(option.value == present for option in options)
    keep = None if present is None or among else question.shown(present, talk)
    columns = asked.columns if options == asked.options else 1
    return question_card(texts, place_of(conversation), *parts, choices=choices, columns=columns, keep=keep, back=back)


def change_screen(conversation: Conversation, talk: Talk, *, lead: Html | None = None) -> Screen:
    """The answers, each as a button."""
    choices = [
        Choice(
            talk.texts.plain(
                "button.answer",
                what=talk.texts.plain(f"what.{question.name}"),
                answer=question.shown(talk.answers[question.name], talk),
            ),
            str(place),
        )
        for place, question in enumerate(journey_of(conversation).form.changeable(talk))
    ]
    parts = (lead or Html(""), talk.texts("dialogue.change_what"))
    return question_card(talk.texts, place_of(conversation), *parts, choices=choices)


def problem_text(texts: Texts, problem: Problem) -> Html:
    """Why an answer was not taken."""
    return texts(problem.key, **problem.values)


class ReviewDrawer:
    """The review card of every form, for handlers and for the renewal of quotes."""

    def __init__(self, offered: Offered) -> None:
        self._offered = offered

    def request(self, person: Person, conversation: Conversation) -> Any:
        """What is asked for: the request of the conversation's form."""
        talk = Talk(conversation.draft.answers, person, catalogue(person.language), self._offered)
        return journey_of(conversation).request_of(conversation.draft.answers, talk)

    def live(self, person: Person, conversation: Conversation, *, before: Offer | None) -> Screen:
        """The card with the offer that the conversation holds. `before` is the one that it replaces."""
        texts, offer, journey = catalogue(person.language), conversation.draft.offer, journey_of(conversation)
        assert offer is not None or not journey.priced
        rows = review_rows(texts, place_of(conversation))
        known = journey.known(conversation.draft.answers, texts)
        return journey.card(texts, self.request(person, conversation), offer, rows, before=before, known=known)

    def lapsed(self, person: Person, conversation: Conversation, last: Offer) -> Screen:
        """The card once nobody looked at it for a while: its price is over, a new one is a tap away."""
        texts, journey = catalogue(person.language), journey_of(conversation)
        request, known = self.request(person, conversation), journey.known(conversation.draft.answers, texts)
        rows = retry_rows(texts, place_of(conversation), priced=has_price(request))
        return journey.expired(texts, request, last, rows, known=known)

    def unquoted(self, person: Person, conversation: Conversation, error: PaymentError) -> Screen:
        """No price could be had: why, and what can be done."""
        texts = catalogue(person.language)
        key, values = self.why_unquoted(texts, error)
        why = texts(key, **values)
        later = self._without_offer(person, conversation)
        return replace(later, text=f"{why}\n\n{later.text}")

    def why_unquoted(self, texts: Texts, error: PaymentError) -> tuple[str, Mapping[str, object]]:
        """The sentence for an error, and what fills it."""
        values = error.values if isinstance(error, Withheld) else {}
        return error.text_key if error.text_key in texts else "error.unexpected", values

    def confirmed(self, person: Person, conversation: Conversation, code: str) -> Screen:
        """The card after the yes."""
        request, offer = self.request(person, conversation), conversation.draft.offer
        return journey_of(conversation).confirmed(catalogue(person.language), request, offer, code=code)

    def shown(self, person: Person, conversation: Conversation) -> Screen:
        """The card as it stands, drawn again."""
        if conversation.draft.offer is None and journey_of(conversation).priced:
            return self._without_offer(person, conversation)
        return self.live(person, conversation, before=None)

    def _without_offer(self, person: Person, conversation: Conversation) -> Screen:
        texts, priced = catalogue(person.language), has_price(self.request(person, conversation))
        said = texts("dialogue.no_price" if priced else "send.try_later")
        return Screen(text=said, rows=retry_rows(texts, place_of(conversation), priced=priced))


def is_contact_question(conversation: Conversation) -> bool:
    """Whether the message of this state carries keys instead of buttons; it cannot be edited, and its keys must go."""
    return conversation.draft.question == "phone" and not conversation.draft.options
