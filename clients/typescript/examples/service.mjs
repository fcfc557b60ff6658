import { readFileSync } from 'node:fs';
import { Reader } from 'keyctl-runtime';

const reader = await Reader.open(process.env.KEYCTL_STORE);
const token = readFileSync(0, 'utf8').trimEnd();
const verdict = await reader.verify(token, { scope: 'chat' });
if (verdict.allowed) {
  const secret = await reader.secret(token, 'anthropic');
  console.log(`${verdict.principal} gets a secret of ${secret.expose().length} characters`);
} else {
  console.log(verdict.status);
}
await reader.close();
