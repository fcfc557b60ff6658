// oidc-provider as the issuer of a CI: it signs ID tokens that say what they are asked to, and publishes its keys. Settings
// are a JSON object on the command line; the port is the first line of output.
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

const { modules, algorithm, audience } = JSON.parse(process.argv[2]);
const { Provider } = await import(`${modules}/oidc-provider/lib/index.js`);
const server = createServer();
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const issuer = `http://127.0.0.1:${server.address().port}`;

function key() {
  const pair = algorithm === 'ES256'
    ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
    : generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...pair.privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig', alg: algorithm };
}

// The account is what the token says.
const claims = ['sub', 'project_id', 'ref', 'protected'];
function start() {
  const provider = new Provider(issuer, {
    clients: [{
      client_id: audience,
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris: ['http://127.0.0.1/'],
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      id_token_signed_response_alg: algorithm,
    }],
    jwks: { keys: [key()] },
    claims: { openid: claims },
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: false } },
    ttl: { IdToken: 300, RefreshToken: 300, Grant: 300, AccessToken: 300 },
    issueRefreshToken: async () => true,
    findAccount: (_, id) => ({ accountId: id, claims: async () => ({ ...JSON.parse(atob(id)), sub: id }) }),
  });
  return { provider, answer: provider.callback() };
}

let current = start();
async function idToken(query) {
  const { provider } = current;
  const client = await provider.Client.find(audience);
  const accountId = btoa(query.get('claims'));
  const grant = new provider.Grant({ accountId, clientId: client.clientId });
  grant.addOIDCScope('openid offline_access');
  const grantId = await grant.save();
  const of = { client, accountId, grantId, scope: 'openid offline_access', gty: 'authorization_code' };
  const refresh = new provider.RefreshToken({ ...of, iiat: Math.floor(Date.now() / 1000), rotations: 0 });
  const body = new URLSearchParams({
    grant_type: 'refresh_token', refresh_token: await refresh.save(), client_id: audience,
  });
  return (await fetch(`${issuer}/token`, { method: 'POST', body })).json();
}

const routes = {
  '/test/token': idToken,
  // The issuer has another key from now on, and knows nothing of the one before.
  '/test/rotate': () => ((current = start()), {}),
};
server.on('request', async (request, response) => {
  const url = new URL(request.url, issuer);
  const route = routes[url.pathname];
  if (!route) return current.answer(request, response);
  const text = JSON.stringify(await route(url.searchParams));
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
});
console.log(server.address().port);
