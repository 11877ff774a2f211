"""The notices of reconciliations: the card that follows one, drawn as it stands when it is sent, and the table of lists."""

from types import MappingProxyType

from bot.drawing import Renderers
from bot.drawing.team import Reads
from bot.engine.operators.reconciling import Reconciling
from bot.engine.reconciling_end import RUN_CARD
from bot.payments.reconciling import DifferenceKind
from bot.screens.operators.reconciling import ALL, reconcile_screen
from bot.screens.screen import Screen
from bot.screens.texts import catalogue
from bot.telegram.drawing import File, NoticeFacts, Rendered


def reconciliation_renderers(reconciling: Reconciling, reads: Reads) -> Renderers:
    """The renderers of reconciliations. `reads` says as what a chat reads them."""

    async def card(facts: NoticeFacts) -> Rendered | None:
        assert facts.payload is not None
        seen = await reconciling.run(facts.payload["run"])
        if seen is None:
            return None
        run, look = seen
        role = await reads(facts.chat_id)
        return Rendered(reconcile_screen(catalogue(facts.payload["language"]), look, run, role=role))

    async def table(facts: NoticeFacts) -> Rendered | None:
        assert facts.payload is not None
        wanted = facts.payload["list"]
        body = await reconciling.csv(None if wanted == ALL else DifferenceKind(wanted))
        caption = catalogue(facts.payload["language"])("ops.table_caption", day=reconciling.today.isoformat())
        return Rendered(Screen(text=caption), file=File(f"differences-{wanted}-{reconciling.today}.csv", body))

    return MappingProxyType({RUN_CARD: card, "operator_differences": table})
