"""What a customer keeps with us, people and addresses, behind one door for commands, taps and texts."""

from bot.screens.people import KIND as PERSON
from bot.screens.saved_addresses import KIND as ADDRESS
from bot.screens.taps import RecordTap
from handlers.people import People
from handlers.saved_addresses import SavedAddresses
from handlers.services import Services
from handlers.talking import FormTalk
from handlers.turn import Turn


class Records:
    """Recipients and saved addresses."""

    def __init__(self, services: Services, talk: FormTalk) -> None:
        self.people = People(services, talk)
        self.addresses = SavedAddresses(services, talk)

    async def tap(self, turn: Turn, tap: RecordTap) -> None:
        """A button on a record. Leaves an unknown one unanswered."""
        if tap.kind == PERSON:
            await self.people.tap(turn, tap)
        elif tap.kind == ADDRESS:
            await self.addresses.tap(turn, tap)
