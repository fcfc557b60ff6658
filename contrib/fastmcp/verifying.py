"""A server of MCP that verifies short-lived tokens of keyctl's by itself (FastMCP 4.1.6).

It fetches the public keys from `keyctl serve` and asks it nothing of a token: what was taken away from a key is seen when
its token ends. For what dies within seconds see server.py, which takes these tokens, too.

    keyctl store set audience https://mcp.example.com/mcp
    KEYCTL_URL=http://127.0.0.1:8711 KEYCTL_ISSUER=https://keys.example.com KEYCTL_AUDIENCE=https://mcp.example.com/mcp \
        python3 verifying.py

Tested as it stands here.
"""

import os

from fastmcp import FastMCP
from fastmcp.server.auth import require_scopes
from fastmcp.server.auth.providers.jwt import JWTVerifier
from fastmcp.server.dependencies import get_access_token

verifier = JWTVerifier(
    jwks_uri=os.environ["KEYCTL_URL"] + "/.well-known/jwks.json",
    issuer=os.environ["KEYCTL_ISSUER"],
    audience=os.environ["KEYCTL_AUDIENCE"],
    # Else it takes RS256 alone.
    algorithm="ES256",
)
server = FastMCP("memories", auth=verifier)


@server.tool(auth=require_scopes("memories:read"))
def whose() -> str:
    """Whose memories these are."""
    return get_access_token().subject


if __name__ == "__main__":
    server.run(transport="http", host="127.0.0.1", port=int(os.environ.get("PORT", "8000")), show_banner=False)
