"""A program that is made of FastMCP's client, with its own helper for OAuth.

Arguments: the server's address, a client id or nothing. Each line of standard input is an object, as for sign_in.py.
"""

import asyncio
import json
import os
import sys
import threading
import time
import urllib.error
import urllib.request
import warnings
import webbrowser

from fastmcp import Client
from fastmcp.client.auth import OAuth

_, URL, CLIENT = sys.argv
warnings.simplefilter("ignore")


def say(**what):
    print(json.dumps(what), flush=True)


class Browser(webbrowser.BaseBrowser):
    """Somebody else is the browser; this one comes back to where the helper waits."""

    def open(self, url, new=0, autoraise=True):
        say(open=url)
        threading.Thread(target=self.comes_back, daemon=True).start()
        return True

    def comes_back(self):
        line = sys.stdin.readline()
        if not line:
            # The helper would wait for minutes.
            os._exit(0)
        back = json.loads(line)["back"]
        for _ in range(200):
            try:
                urllib.request.urlopen(back, timeout=10).read()
                return
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.05)


webbrowser.register("another", None, Browser(), preferred=True)
provider = OAuth(client_id=CLIENT or None)


async def call():
    async with Client(URL, auth=provider) as client:
        return (await client.call_tool("whose", {})).content[0].text


def below(error):
    while isinstance(error, BaseExceptionGroup) or error.__cause__:
        error = error.exceptions[0] if isinstance(error, BaseExceptionGroup) else error.__cause__
    return f"{type(error).__name__}: {error}"


while line := sys.stdin.readline():
    if json.loads(line)["do"] == "late":
        # As an hour later.
        provider.context.token_expiry_time = 1
        say(late=True)
        continue
    try:
        whose = asyncio.run(call())
        kept = provider.context.current_tokens
        say(whose=whose, scope=kept.scope, refresh=kept.refresh_token)
    except BaseException as error:
        say(error=below(error))
