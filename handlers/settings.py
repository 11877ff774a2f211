"""The settings of a customer, shown and changed: by buttons, or by an amount behind the command."""

from dataclasses import replace

from bot.payments.amounts import AmountProblem, read_money
from bot.payments.limits import HOLDS, NEVER
from bot.payments.money import to_plain
from bot.screens.foreign import Html
from bot.screens.settings import ALWAYS, settings_screen
from handlers.dialogue.form import currency_of_person
from handlers.services import Services
from handlers.turn import Turn

_SLOT = "settings"


class Settings:
    """What `/settings` does, and the buttons below it."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def show(self, turn: Turn, said: str) -> None:
        """The present settings; an amount behind the command is from where on a new number is asked for again."""
        if not said:
            self._say(turn, fresh=True)
            return
        currency = currency_of_person(turn.person)
        if currency is None:
            self._say(turn, lead=turn.texts("settings.country_first"), fresh=True)
            return
        if said.casefold() in (ALWAYS, NEVER):
            self._ask_again(turn, said.casefold(), fresh=True)
            return
        found = read_money(said, default_currency=currency)
        if isinstance(found, AmountProblem) or found.currency not in (None, currency):
            self._say(turn, lead=turn.texts("settings.unreadable", currency=currency), fresh=True)
            return
        self._ask_again(turn, f"{to_plain(found.amount)} {currency}", fresh=True)

    async def choose(self, turn: Turn, choice: str) -> None:
        """A button: "hold-10", "ask-never". One that is not on the screen changes nothing, and is answered so."""
        match choice.split("-"):
            case ["hold", seconds] if seconds in (str(known) for known in HOLDS):
                turn.answer_tap("settings.saved")
                self._services.customers.stage_hold(turn.effects, turn.person, int(seconds))
                self._say(turn.for_person(replace(turn.person, hold=int(seconds))))
            case ["ask", above] if above in (ALWAYS, NEVER, "default"):
                turn.answer_tap("settings.saved")
                self._ask_again(turn, None if above == "default" else above)
            case _:
                return

    def _ask_again(self, turn: Turn, above: str | None, *, fresh: bool = False) -> None:
        self._services.customers.stage_ask_again(turn.effects, turn.person, above)
        lead = turn.texts("settings.saved") if fresh else None
        self._say(turn.for_person(replace(turn.person, ask_again_above=above)), lead=lead, fresh=fresh)

    def _say(self, turn: Turn, *, lead: Html | None = None, fresh: bool = False) -> None:
        person = turn.person
        screen = settings_screen(
            turn.texts,
            hold=person.hold,
            ask_again_above=person.ask_again_above,
            currency=currency_of_person(person),
            lead=lead,
        )
        turn.say(screen, slot=_SLOT, fresh=fresh)
