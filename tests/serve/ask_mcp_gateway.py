"""Clients of MCP before a gateway. Each line of standard input is an object with `client` (`mcp`, `fastmcp`) and `token`,
null for none; each is answered by a line: the tools it sees and what `whose` answers, or the error that a user would see.

`discover` in the place of a client is what the SDK's own functions make of the challenge and of the metadata.
"""

import asyncio
import json
import sys

import httpx2
import mcp.client.auth.utils as utils
from fastmcp import Client as FastClient
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

URL = sys.argv[1]
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}


def headers(token):
    return {"Authorization": f"Bearer {token}"} if token else {}


def seen(error):
    """What is below all groups of errors, as users see it."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    data = getattr(getattr(error, "error", None), "data", None)
    return {"error": str(error), "kind": type(error).__name__, "data": data}


async def by_mcp(token):
    async with httpx2.AsyncClient(headers=headers(token), timeout=30) as http:
        async with streamable_http_client(URL, http_client=http) as streams:
            async with ClientSession(streams[0], streams[1]) as session:
                await session.initialize()
                tools = [tool.name for tool in (await session.list_tools()).tools]
                called = await session.call_tool("whose", {})
                return {"tools": tools, "whose": called.content[0].text}


async def by_fastmcp(token):
    async with FastClient(URL, auth=token) as client:
        tools = [tool.name for tool in await client.list_tools()]
        return {"tools": tools, "whose": (await client.call_tool("whose")).data}


async def discover(token):
    accept = {"Accept": "application/json, text/event-stream"}
    async with httpx2.AsyncClient(timeout=30) as http:
        response = await http.post(URL, json=INITIALIZE, headers=accept | headers(token))
        challenge = utils.extract_resource_metadata_from_www_auth(response)
        found = {
            "status": response.status_code,
            "scope": utils.extract_scope_from_www_auth(response),
            "error": utils.extract_field_from_www_auth(response, "error"),
            "metadata_url": challenge,
            "content_type": response.headers.get("content-type"),
        }
        asked = utils.build_protected_resource_metadata_discovery_urls(None, URL)
        answer = await http.get(asked[0])
        metadata = await utils.handle_protected_resource_response(answer)
        found["metadata"] = metadata and metadata.model_dump(mode="json", exclude_none=True)
        return found


ASKING = {"mcp": by_mcp, "fastmcp": by_fastmcp, "discover": discover}


async def ask(line):
    try:
        return await ASKING[line["client"]](line.get("token"))
    except BaseException as error:
        return seen(error)


for line in sys.stdin:
    print(json.dumps(asyncio.run(ask(json.loads(line)))), flush=True)
