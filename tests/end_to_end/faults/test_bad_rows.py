"""Rows that cannot be read any more, in every table that is worked through: the start and everybody else go on."""

from typing import Final

from sqlalchemy import text
from sqlmodel import Session

from .conftest import Play, from_now_on
from .test_provider import IMPATIENT, approve, buys, prompted, review

_BROKEN: Final = (
    "UPDATE payment SET request_sealed = x'00'",
    "UPDATE leg SET details_sealed = x'00', due_at = updated_at",
    "UPDATE dialogue SET answers_sealed = x'00'",
    "UPDATE notice SET payload_sealed = x'00', state = 'due', due_at = created_at, dedupe_key = 'broken:' || id",
    "UPDATE callback_received SET body_sealed = x'00', outcome = NULL, handled_at = NULL, due_at = received_at",
    "UPDATE update_received SET body_sealed = x'00', state = 'new', due_at = received_at",
)


async def test_rows_that_nobody_can_read_stop_neither_the_start_nor_anybody_else(play: Play) -> None:
    play.patience = IMPATIENT
    async with play.running():
        jane, mary = await play.person(), await play.person("Mary", "+254712000111")
        await buys(jane)
        await prompted(play)
        await review(mary)
        await play.handled()
        broken = await _break(play)
        assert all(count > 0 for count in broken.values()), broken

    async with play.running():
        other = await play.person("Other", "+254712000222")
        await from_now_on(mary)
        await review(mary, "buy 12 usdc on base")  # her conversation was lost, and begins anew
        approve(play)
        await buys(other)
        await prompted(play)
        approve(play)
        await other.sees("delivered", rings=True)

        await play.quiet()
        assert await play.one("SELECT count(*) FROM leg WHERE state = 'succeeded'") == 2
        cases = await play.ask("SELECT dedupe_key FROM attention_case WHERE concern = 'poison'")
        assert {key.partition(":")[0] for (key,) in cases} == {"update", "callback", "notice"}


async def _break(play: Play) -> dict[str, int]:
    assert play.assistant is not None

    def spoil(session: Session) -> dict[str, int]:
        return {one: session.connection().execute(text(one)).rowcount for one in _BROKEN}

    return await play.assistant.database.write(spoil)
