// Every case of every file of vectors, asked of the conformance program as somebody else would ask it.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { ROOT } from './keyctl.mjs';

const FOLDERS = ['token', 'hash', 'envelope', 'verify', 'jwt', 'address'];
const FEWEST = 600;
const PROGRAM = fileURLToPath(new URL('../dist/conformance.js', import.meta.url));

function casesOf(folder) {
  const path = join(ROOT, 'tests/vectors', folder);
  const files = readdirSync(path).filter((file) => file.endsWith('.json'));
  return files.flatMap((file) =>
    JSON.parse(readFileSync(join(path, file), 'utf8')).map((one) => ({ ...one, file: `${folder}/${file}` })));
}

/** Asks all of them; throws where one is answered otherwise than it must be. */
export function checkVectors() {
  const cases = FOLDERS.flatMap(casesOf);
  assert.ok(cases.length >= FEWEST, `there are ${cases.length} cases, fewer than ${FEWEST}`);
  const input = cases.map(({ name, kind, input }) => JSON.stringify({ name, kind, input })).join('\n');
  const done = spawnSync(process.execPath, [PROGRAM], { input: `${input}\n`, encoding: 'utf8', maxBuffer: 1 << 28 });
  assert.equal(done.status, 0, done.stderr);
  const answers = done.stdout.trimEnd().split('\n').map((line) => JSON.parse(line));
  assert.equal(answers.length, cases.length);
  const wrong = cases.flatMap(({ file, name, expect }, index) => {
    try {
      assert.deepStrictEqual(answers[index], expect);
      return [];
    } catch {
      return [`${file}: ${name}: ${JSON.stringify(answers[index])}, not ${JSON.stringify(expect)}`];
    }
  });
  assert.deepEqual(wrong, []);
}
