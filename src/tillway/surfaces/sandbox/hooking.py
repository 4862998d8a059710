"""The sandbox's helper call that has a client of the payment orders API told by webhook."""

from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from tillway.commands import hooks
from tillway.commands.tools import Tools
from tillway.domain.hook_refusals import ClientWithoutHooks, HookUrlRefused, TooManyHooks
from tillway.domain.hooking import LONGEST_HOOK_URL, HookAsked
from tillway.domain.hooks import HookType
from tillway.domain.refusals import ClientUnknown
from tillway.queries.hooks import signing_secret
from tillway.surfaces.common.api import Endpoint
from tillway.surfaces.common.call import Call, Reply

PATH: Final = "/sandbox/v1/webhooks"
LONGEST_CLIENT_ID: Final = 100


class HookRequest(BaseModel):
    """Who is to be told what, and where."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    client_id: Annotated[str, Field(max_length=LONGEST_CLIENT_ID, examples=["01a1f993-28bf-7e78-a3b3-e32d35a8e001"])]
    type: Annotated[HookType, Field(examples=["payment.statusChange"])]
    url: Annotated[str, Field(max_length=LONGEST_HOOK_URL, examples=["http://127.0.0.1:9000/hooks"])]


class HookAdded(BaseModel):
    """What every webhook of the client is signed with."""

    secret: str


def endpoint(tools: Tools) -> Endpoint[Any, Any]:
    """The entry for the table of helper calls."""

    async def add(call: Call[HookRequest, None]) -> Reply:
        asked = call.body
        await hooks.add(tools, asked.client_id, HookAsked(asked.type, asked.url), sandbox=True)
        return Reply.json(200, {"secret": await signing_secret(tools.store, tools.vault, asked.client_id)})

    return Endpoint(
        name="addWebhook",
        method="POST",
        path=PATH,
        summary="Be told by webhook",
        description="From the next change on, a client of the payment orders API is told at this URL, which may be on "
        "loopback; the same call again changes nothing. Answers what the webhooks are signed with.",
        handler=add,
        request=HookRequest,
        answer=HookAdded,
        refusals=(ClientUnknown, ClientWithoutHooks, HookUrlRefused, TooManyHooks),
        public=True,
    )
