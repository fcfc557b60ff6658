// oidc-provider as a test's provider: it gives out grants without a browser, writes down what its token endpoint was asked,
// and holds its answers back where a test says so. Settings are a JSON object on the command line; the port is the first line
// of output.
import { createHash, createPublicKey } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

// oidc-provider remarks upon its settings on standard output, which nobody reads behind the port: that would end this process.
console.info = console.error;

const settings = { lives: 3600, rotates: true, ...JSON.parse(process.argv[2] ?? '{}') };
const { Provider } = await import(`${settings.modules}/oidc-provider/lib/index.js`);
const jwk = (name, kid) => ({
  ...createPublicKey(readFileSync(new URL(`../keys/${name}`, import.meta.url))).export({ format: 'jwk' }),
  kid,
  use: 'sig',
});

const server = createServer();
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const issuer = `http://127.0.0.1:${server.address().port}`;

const client = (client_id, more) => ({
  client_id,
  grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
  response_types: ['code'],
  redirect_uris: ['http://127.0.0.1/callback'],
  application_type: 'native',
  ...more,
});
const SECRET = 's3cr%t:+/ &x';
const provider = new Provider(issuer, {
  clients: [
    client('public', { token_endpoint_auth_method: 'none' }),
    client('basic:id', { token_endpoint_auth_method: 'client_secret_basic', client_secret: SECRET }),
    client('post', { token_endpoint_auth_method: 'client_secret_post', client_secret: SECRET }),
    client('signs-ec', { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [jwk('ec.pem', 'e1')] } }),
    client('signs-rsa', { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [jwk('rsa.pem', 'r1')] } }),
  ],
  scopes: ['openid', 'offline_access', 'mail', 'files'],
  features: { deviceFlow: { enabled: true }, devInteractions: { enabled: true } },
  ttl: { AccessToken: settings.lives, RefreshToken: 86_400, Grant: 86_400 },
  rotateRefreshToken: settings.rotates,
  issueRefreshToken: async () => true,
  findAccount: (_, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
});

// It says nothing of how often it is asked, which is every five seconds.
provider.use(async (ctx, next) => {
  await next();
  if (ctx.path === '/device/auth' && ctx.body?.device_code) ctx.body.interval = 1;
});

const hash = (token) => token && createHash('sha256').update(token).digest('hex').slice(0, 16);
const pair = (answer) =>
  answer?.access_token ? { access: hash(answer.access_token), refresh: hash(answer.refresh_token) } : null;

// What the token endpoint was asked, from the moment in which it was; and the tokens of grants. Tokens by their hashes.
const log = [];
const granted = [];
let hold = { before: 0, after: 0 };
provider.use(async (ctx, next) => {
  if (ctx.path !== '/token') return next();
  const entry = { at: Date.now(), port: ctx.req.socket.remotePort, status: null, error: null, gave: null };
  log.push(entry);
  if (hold.before > 0) await wait(hold.before);
  const { after } = hold;
  await next();
  const body = ctx.oidc?.params ?? {};
  Object.assign(entry, {
    grant_type: body.grant_type,
    token: hash(body.refresh_token),
    status: ctx.status,
    error: ctx.body?.error ?? null,
    gave: pair(ctx.body),
  });
  // The provider has done it, and nobody knows yet.
  if (after > 0) await wait(after);
});

async function grant(query) {
  const client = await provider.Client.find(query.get('client'));
  const [accountId, scope] = [query.get('account') ?? 'alice', query.get('scope') ?? 'openid offline_access'];
  const grant = new provider.Grant({ accountId, clientId: client.clientId });
  grant.addOIDCScope(scope);
  const grantId = await grant.save();
  const of = { client, accountId, grantId, scope, gty: 'authorization_code' };
  const access = new provider.AccessToken(of);
  const answers = [];
  for (let left = Number(query.get('tokens') ?? 1); left > 0; left -= 1) {
    const token = new provider.RefreshToken({ ...of, iiat: Math.floor(Date.now() / 1000), rotations: 0 });
    answers.push({
      access_token: await access.save(),
      refresh_token: await token.save(),
      token_type: 'Bearer',
      expires_in: settings.lives,
      scope,
      ...(client.clientSecret && { client_secret: client.clientSecret }),
    });
  }
  granted.push(...answers.map(pair));
  return answers;
}

const routes = {
  '/test/grant': (query) => grant(query),
  '/test/log': () => log.filter((entry) => entry.status !== null),
  '/test/history': () => ({ requests: log, granted }),
  '/test/hold': (query) => ((hold = { before: Number(query.get('before')), after: Number(query.get('ms')) }), {}),
};
const answer = provider.callback();
server.on('request', async (request, response) => {
  const url = new URL(request.url, issuer);
  const route = routes[url.pathname];
  if (!route) return answer(request, response);
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(await route(url.searchParams)));
});
console.log(server.address().port);
