// The client of MCP in TypeScript before a gateway: lines in and out as those of ask_mcp_gateway.py.

import { createInterface } from "node:readline";

import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { discoverOAuthProtectedResourceMetadata, extractWWWAuthenticateParams } from "@modelcontextprotocol/sdk/client/auth.js";

const url = new URL(process.argv[2]);
const headers = (token) => (token ? { Authorization: `Bearer ${token}` } : {});

async function call(token) {
  const transport = new StreamableHTTPClientTransport(url, { requestInit: { headers: headers(token) } });
  const client = new Client({ name: "test", version: "1" });
  try {
    await client.connect(transport);
    const tools = (await client.listTools()).tools.map((tool) => tool.name);
    const called = await client.callTool({ name: "whose", arguments: {} });
    return { tools, whose: called.content[0].text };
  } finally {
    await client.close();
  }
}

async function discover(token) {
  const response = await fetch(url, {
    method: "POST",
    headers: { ...headers(token), "Content-Type": "application/json", Accept: "application/json, text/event-stream" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" }),
  });
  const { resourceMetadataUrl, scope, error } = extractWWWAuthenticateParams(response);
  const metadata = await discoverOAuthProtectedResourceMetadata(url);
  return {
    status: response.status,
    scope: scope ?? null,
    error: error ?? null,
    metadata_url: resourceMetadataUrl?.href ?? null,
    content_type: response.headers.get("content-type"),
    metadata,
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  const { client, token } = JSON.parse(line);
  let said;
  try {
    said = await (client === "discover" ? discover : call)(token);
  } catch (error) {
    said = { error: String(error.message), kind: error.constructor.name, code: error.code ?? null };
  }
  console.log(JSON.stringify(said));
}
