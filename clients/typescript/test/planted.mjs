// SQLite files with views of the contract's names and other contents.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { folder } from './keyctl.mjs';

const SCRIPT = `
import json, os, sqlite3, sys
os.umask(0o077)
path, tables = sys.argv[1], json.load(sys.stdin)
db = sqlite3.connect(path)
db.execute("PRAGMA journal_mode = WAL")
db.execute("PRAGMA application_id = 0x6B63746C")
db.execute("PRAGMA user_version = 1")
for view, rows in tables.items():
    columns = list(rows[0])
    db.execute(f"CREATE TABLE t_{view} ({', '.join(columns)})")
    db.executemany(f"INSERT INTO t_{view} VALUES ({', '.join('?' * len(columns))})", [list(r.values()) for r in rows])
    db.execute(f"CREATE VIEW {view} AS SELECT * FROM t_{view}")
db.commit()
`;

export const STORE = {
  store_uuid: '11111111-2222-4333-8444-555555555555', view_version: 1, foreign_salt: null, foreign_params: null,
};

/** A row of the view of tokens, active unless said otherwise. */
export function tokenRow(hash, changes = {}) {
  return {
    token_hash: hash, hash_alg: 'sha256', token_id: '000000000000', key_id: 'key_00000000000000000000000000',
    key_name: 'default', owner: 'alice', scopes: '["memories"]', networks: '[]', state: 'active', not_before: null,
    expires_at: null, rate: null, quota: null, labels: '{}', ...changes,
  };
}

/** A file with these rows; returns its path. */
export function plant({ store = {}, tokens, mark = '1-0123456789abcdef', changes = {}, path = join(folder(), 'keys.db') }) {
  const tables = {
    keyctl_store_v1: [{ ...STORE, ...store }],
    keyctl_changes_v1: [{ mark, seq: 1, key_id: '*', at: 1, ...changes }],
    keyctl_tokens_v1: tokens,
    keyctl_bindings_v1: [{ subject_kind: 'store', subject_id: '', provider: 'none', secret_id: 'none' }],
    keyctl_secrets_v1: [{
      secret_id: 'none', provider: 'none', name: 'none', version: 1, state: 'active', expires_at: null, envelope: null,
    }],
  };
  execFileSync('python3', ['-c', SCRIPT, path], { input: JSON.stringify(tables) });
  return path;
}
