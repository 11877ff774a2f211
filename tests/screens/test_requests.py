"""Cards of payment requests: every one in every language, within Telegram's limits, with a way on."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.payments.requests import RequestFault, RequestState
from bot.screens.formats import day_and_time
from bot.screens.preview_requests import VIEW, request_samples
from bot.screens.requests import maker_card, payer_card, posted_card
from bot.screens.texts import Texts, catalogue
from bot.telegram.drawing import Rendered, drafts

LINK = f"https://t.me/assistant_bot?start=r_{VIEW.code}"


def test_every_card_can_be_sent(texts: Texts, read: Callable[[str], object]) -> None:
    names = set()
    for sample in request_samples(texts):
        read(sample.screen.text)
        assert drafts(Rendered(sample.screen))
        names.add(sample.name)
    assert len(names) > 30


@pytest.mark.parametrize("state", RequestState)
def test_a_card_says_how_a_request_stands(state: RequestState) -> None:
    texts = catalogue("en")
    view = replace(VIEW, state=state)
    for screen in (posted_card(texts, view, link=LINK), maker_card(texts, view, link=LINK)):
        assert "3 of 10 paid" in screen.text
        assert "Amina H., Otieno O., Zuri A." in screen.text
    buttons = [button.url for row in posted_card(texts, view, link=LINK).rows for button in row]
    assert buttons == ([LINK] if state is RequestState.OPEN else [])
    assert maker_card(texts, view, link=LINK).rows


def test_what_others_wrote_is_shown_as_text_and_the_makers_number_is_not() -> None:
    texts = catalogue("en")
    view = replace(VIEW, maker="<b>Eve</b>", terms=replace(VIEW.terms, title="see evil.example @eve /start"))
    text = posted_card(texts, view, link=LINK).text
    assert "&lt;b&gt;Eve" in text
    assert "evil.example" not in text
    assert "@eve" not in text
    for card in (posted_card(texts, view, link=LINK), payer_card(texts, view, fault=None)):
        assert "712345678" not in card.text


@pytest.mark.parametrize("fault", RequestFault)
def test_every_fault_has_words_and_a_way_on(texts: Texts, fault: RequestFault) -> None:
    screen = payer_card(texts, VIEW, fault=fault)
    assert texts(fault.text_key) in screen.text
    assert screen.rows
    assert VIEW.expires_at is not None
    until = texts("request.until", time=day_and_time(VIEW.expires_at, "KE", texts.language))
    assert (until in screen.text) is (fault is RequestFault.ALL_TAKEN)  # what is over is not open until then


def test_a_link_that_never_ends_and_a_long_list_of_payers() -> None:
    texts = catalogue("en")
    view = replace(VIEW, expires_at=None, payers=tuple(f"Payer {place}" for place in range(20)))
    text = posted_card(texts, view, link=LINK).text
    assert "Open until" not in text
    assert "and 12 more" in text
