"""What is said in a group to somebody whose request could not be posted: why, and the way on."""

from bot.payments.request_lines import RequestLineProblem
from bot.screens.foreign import Html
from bot.screens.screen import Button, Screen
from bot.screens.texts import Texts


def group_setup(texts: Texts, *, called: str, bot_username: str) -> Screen:
    """Money could not reach them yet: where that is set up."""
    button = Button(texts.plain("request.setup_button"), url=f"https://t.me/{bot_username}?start=setup")
    return Screen(text=texts("request.setup_in_private", name=called), rows=((button,),))


def group_problem(texts: Texts, *, called: str, problem: RequestLineProblem, currency: str) -> Screen:
    """What is wrong with a line, and two that work."""
    values: dict[str, object] = {
        "word": problem.word,
        "currency": currency,
        "currencies": "",
        "decimals": "",
        "token": "",
    }
    if problem.amount is not None:
        values["currencies"] = ", ".join(problem.amount.currencies)
        values["currency"] = problem.amount.currency or currency
        values["decimals"] = "" if problem.amount.decimals is None else problem.amount.decimals
    why = texts(problem.text_key, **values)
    return Screen(text=texts("request.group_help", name=called, problem=Html(why)))
