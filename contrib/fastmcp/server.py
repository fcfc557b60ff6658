"""A server of MCP whose clients present keys of keyctl's (FastMCP 4.1.6).

It asks `keyctl serve` about every token, by introspection (RFC 7662), and presents a key of its own for that, which
needs the scope keyctl:introspect:

    keyctl mint mcp --name server --scope keyctl:introspect --out-file mcp.token
    KEYCTL_URL=http://127.0.0.1:8711 KEYCTL_CLIENT_ID=mcp/server KEYCTL_CLIENT_SECRET_FILE=mcp.token python3 server.py

Tested as it stands here.
"""

import os
from pathlib import Path

from fastmcp import FastMCP
from fastmcp.server.auth import require_scopes
from fastmcp.server.auth.providers.introspection import IntrospectionTokenVerifier
from fastmcp.server.dependencies import get_access_token

verifier = IntrospectionTokenVerifier(
    introspection_url=os.environ["KEYCTL_URL"] + "/introspect",
    client_id=os.environ["KEYCTL_CLIENT_ID"],
    client_secret=Path(os.environ["KEYCTL_CLIENT_SECRET_FILE"]).read_text().strip(),
    timeout_seconds=5,
    # No cache_ttl_seconds: a revoked key would live that long. No required_scopes: to a client that lacks one, this
    # verifier says that its token is bad. Say at each tool what it needs, as below.
)
server = FastMCP("memories", auth=verifier)


@server.tool(auth=require_scopes("memories:read"))
def whose() -> str:
    """Whose memories these are."""
    return get_access_token().subject


if __name__ == "__main__":
    server.run(transport="http", host="127.0.0.1", port=int(os.environ.get("PORT", "8000")), show_banner=False)
