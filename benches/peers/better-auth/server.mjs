// better-auth's API keys behind node:http, in a SQLite file: `Authorization: Bearer KEY` is 200 or 401, and each
// verification records when the key was used last, as the plugin does by itself.
//
//   node server.mjs PORT FILE KEYS WHERE     writes a list of so many keys as JSON to WHERE, then listens on loopback
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { randomBytes } from 'node:crypto';
import Database from 'better-sqlite3';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { apiKey } from '@better-auth/api-key';

const [port, file, count, where] = process.argv.slice(2);
const database = new Database(file);
database.pragma('journal_mode = WAL');
database.pragma('synchronous = NORMAL');
const auth = betterAuth({
  database,
  secret: randomBytes(32).toString('hex'),
  baseURL: `http://127.0.0.1:${port}`,
  emailAndPassword: { enabled: true },
  telemetry: { enabled: false },
  // Its limit is ten verifications a day unless it is switched off.
  plugins: [apiKey({ rateLimit: { enabled: false } })],
});
await (await getMigrations(auth.options)).runMigrations();
const { user } = await auth.api.signUpEmail({
  body: { name: 'bench', email: 'bench@example.com', password: randomBytes(12).toString('hex') },
});
const keys = [];
for (let number = 0; number < Number(count); number += 1) {
  const made = await auth.api.createApiKey({ body: { name: `bench-${number}`, userId: user.id } });
  keys.push(made.key);
}
writeFileSync(where, JSON.stringify(keys), { mode: 0o600 });

createServer(async (request, response) => {
  const key = (request.headers.authorization ?? '').slice('Bearer '.length);
  const { valid } = await auth.api.verifyApiKey({ body: { key } });
  response.writeHead(valid ? 200 : 401, { 'Content-Length': 0 }).end();
}).listen(Number(port), '127.0.0.1');
