"""A server of MCP that knows nothing of keyctl (FastMCP 4.1.6): it has one key of its own, and whoever brings that is let in.

Such a server stands behind a gateway that asks `keyctl serve`, as nginx.conf or the Caddyfile beside this file: clients come
with keys of keyctl's, which end at the gateway, and this one gets its own, out of the store.

    MCP_KEY_FILE=memories.key python3 server.py

Tested as it stands here.
"""

import hmac
import os
from pathlib import Path

from fastmcp import FastMCP
from fastmcp.server.auth import AccessToken, TokenVerifier
from fastmcp.server.dependencies import get_http_headers

KEY = Path(os.environ["MCP_KEY_FILE"]).read_text().strip()


class OneKey(TokenVerifier):
    """Authorization: Bearer KEY."""

    async def verify_token(self, token: str) -> AccessToken | None:
        if hmac.compare_digest(token.encode(), KEY.encode()):
            return AccessToken(token=token, client_id="gateway", scopes=[])
        return None


server = FastMCP("memories", auth=OneKey())


@server.tool
def whose() -> str:
    """Whose memories these are: as the gateway says."""
    return get_http_headers().get("x-keyctl-owner", "")


if __name__ == "__main__":
    # Without sessions, each request is asked about by itself, and several of these servers can stand beside each other.
    port = int(os.environ.get("PORT", "8000"))
    server.run(transport="http", host="127.0.0.1", port=port, stateless_http=True, show_banner=False)
