"""A program that is made of an SDK of MCP and lets itself in, as an editor would.

Arguments: the server's address, a client id. Each line of standard input is an object: `{"do": "call"}` is answered
by what the tool `whose` says; meanwhile `{"open": URL}` may come, which is answered by `{"back": ADDRESS}`.
"""

import asyncio
import json
import sys
from urllib.parse import parse_qs, urlsplit

import httpx2
from mcp import ClientSession
from mcp.client.auth import OAuthClientProvider
from mcp.client.auth.oauth2 import AuthorizationCodeResult
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata

_, URL, CLIENT = sys.argv
CALLBACK = "http://127.0.0.1:4711/callback"


class Kept:
    tokens = None
    client = OAuthClientInformationFull(
        client_id=CLIENT, redirect_uris=[CALLBACK], token_endpoint_auth_method="none"
    )

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.client

    async def set_client_info(self, client):
        self.client = client


def say(**what):
    print(json.dumps(what), flush=True)


async def opened(url):
    say(open=url)


async def came_back():
    query = parse_qs(urlsplit(json.loads(sys.stdin.readline())["back"]).query)
    one = {name: values[0] for name, values in query.items()}
    return AuthorizationCodeResult(code=one.get("code", ""), state=one.get("state"), iss=one.get("iss"))


kept = Kept()
provider = OAuthClientProvider(
    server_url=URL,
    client_metadata=OAuthClientMetadata(
        client_name="Editor", redirect_uris=[CALLBACK], token_endpoint_auth_method="none"
    ),
    storage=kept,
    redirect_handler=opened,
    callback_handler=came_back,
)


async def call():
    async with httpx2.AsyncClient(auth=provider, timeout=30) as http:
        async with streamable_http_client(URL, http_client=http) as streams:
            async with ClientSession(streams[0], streams[1]) as session:
                await session.initialize()
                return (await session.call_tool("whose", {})).content[0].text


def below(error):
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"


for line in sys.stdin:
    asked = json.loads(line)
    if asked["do"] == "late":
        # As an hour later.
        provider.context.token_expiry_time = 1
        say(late=True)
        continue
    try:
        say(whose=asyncio.run(call()), scope=kept.tokens and kept.tokens.scope, refresh=kept.tokens.refresh_token)
    except BaseException as error:
        say(error=below(error))
