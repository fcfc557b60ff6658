"""A client of MCP: for each token on standard input, a line that says which tools it sees and what `whose` answers."""

import asyncio
import json
import sys

from fastmcp import Client


async def ask(url, token):
    try:
        async with Client(url, auth=token) as client:
            tools = [tool.name for tool in await client.list_tools()]
            try:
                return {"tools": tools, "whose": (await client.call_tool("whose")).data}
            except Exception as error:
                return {"tools": tools, "refused": str(error)}
    except Exception as error:
        return {"error": str(error)}


for line in sys.stdin:
    print(json.dumps(asyncio.run(ask(sys.argv[1], line.strip()))), flush=True)
