"""Calls that may be repeated under an `Idempotency-Key`: how their answers are kept, and given again."""

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from tillway.domain.clients import Client
from tillway.domain.replays import Replay
from tillway.store.committer import Recall
from tillway.surfaces.common.call import Call, Reply

_AnswerT = TypeVar("_AnswerT")

_HEADERS = ((b"content-type", b"application/json"), (b"idempotency-replayed", b"true"))
_encode = msgspec.json.Encoder(decimal_format="number").encode


def recall_of(
    call: Call[Any, Client],
    now: int,
    render: Callable[[_AnswerT], dict[str, object]],
    *,
    status: int = 200,
    is_final: Callable[[_AnswerT], bool] | None = None,
) -> Recall[_AnswerT] | None:
    """How the call's answer is kept for its retries; None for a call without a key. Raises Invalid for a malformed one.

    An answer that `is_final` says no to is not kept: a retry finds out more.
    """
    key = call.idempotency
    if key is None:
        return None

    def kept(answer: _AnswerT) -> tuple[int, str] | None:
        if is_final is not None and not is_final(answer):
            return None
        return status, _encode(render(answer)).decode()

    return Recall(call.caller.id, key.key, key.fingerprint, now, kept)


def reply_of(answer: _AnswerT | Replay, render: Callable[[_AnswerT], dict[str, object]], *, status: int = 200) -> Reply:
    """The answer, or the one that was kept for this key, which says so in `Idempotency-Replayed`."""
    if isinstance(answer, Replay):
        return Reply(answer.status, answer.body.encode(), _HEADERS)
    return Reply.json(status, render(answer))
