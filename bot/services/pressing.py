"""Whether a button of a result may be pressed."""

from __future__ import annotations

from bot.domain.errors import NotAllowed, NotFound
from bot.domain.guild import Pressers
from bot.domain.job import RequestRecord
from bot.services.callers import Caller


def check_press(record: RequestRecord, caller: Caller, pressers: Pressers, *, words: bool = True) -> None:
    """Whether this person may use this result; a copied or forged id of elsewhere is answered as unknown.

    `words` tells that what is asked for needs what the request said.

    Raises:
        NotFound, NotAllowed: they may not.
    """
    if record.requester.guild_id != caller.requester.guild_id:
        raise NotFound
    if record.erased:
        raise NotFound("refused.erased")
    # The post is recorded right after it is made; a press in between finds nothing recorded yet.
    posted = record.result_message_id
    if posted is not None and caller.message_id is not None and caller.message_id != posted:
        raise NotFound
    if record.deleted_at is not None:
        raise NotFound("refused.deleted")
    if words and record.forgotten_at is not None:
        raise NotFound("refused.forgotten")
    own = record.requester.user_id == caller.requester.user_id
    if pressers is Pressers.REQUESTER and not own and not caller.requester.moderator:
        raise NotAllowed("refused.not_yours")
