// oidc-provider over TLS, with its own pages for signing in, as a person's browser sees them. Settings are a JSON object on the
// command line: modules, folder (server.pem, server.key), redirect_uri, secret. The port is the first line of output.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';

// oidc-provider remarks upon its settings on standard output, which nobody reads behind the port: that would end this process.
console.info = console.error;

const settings = JSON.parse(process.argv[2]);
const { Provider } = await import(`${settings.modules}/oidc-provider/lib/index.js`);
const pem = (name) => readFileSync(`${settings.folder}/${name}`);

const server = createServer({ cert: pem('server.pem'), key: pem('server.key') });
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const issuer = `https://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: 'keys:portal',
      client_secret: settings.secret,
      grant_types: ['authorization_code'],
      response_types: ['code'],
      redirect_uris: [settings.redirect_uri],
    },
  ],
  scopes: ['openid', 'email'],
  claims: { openid: ['sub'], email: ['email', 'email_verified'] },
  features: { devInteractions: { enabled: true }, claimsParameter: { enabled: true } },
  findAccount: (_, id) => ({
    accountId: id,
    claims: async () => ({ sub: id, email: `${id}@example.com`, email_verified: id !== 'mallory' }),
  }),
});
server.on('request', provider.callback());
console.log(server.address().port);
