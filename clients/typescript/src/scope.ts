// What a key may do, and what is asked of it.

const LONGEST = 128;
const SCOPE = /^(?:\*|[a-z0-9][a-z0-9._-]*(?::[a-z0-9][a-z0-9._-]*)*(?::\*)?)$/;

/** What every scope of the tool's own begins with. */
const OWN = 'keyctl:';

/**
 * Whether a text is a scope: words of `a-z 0-9 . _ -` joined by colons, `*` alone or last. Under
 * `keyctl` stand the tool's own, and no wildcard; one that is not known here is a later version's.
 */
export function isScope(text: unknown): text is string {
  if (typeof text !== 'string' || text.length > LONGEST || !SCOPE.test(text)) return false;
  return text !== 'keyctl' && !(text.startsWith(OWN) && text.endsWith('*'));
}

/**
 * Whether holding one scope allows another. `memories` covers `memories:read`; `files:*` covers
 * `files:a` but not `files`; `*` covers all. The tool's own are covered by themselves alone.
 */
export function covers(held: string, asked: string): boolean {
  if (held === asked) return true;
  if (asked.startsWith(OWN) || held.startsWith(OWN)) return false;
  if (held === '*') return true;
  if (held.endsWith('*')) {
    const stem = held.length - 1;
    return asked.length > stem && asked.startsWith(held.slice(0, stem));
  }
  return asked.charCodeAt(held.length) === 58 && asked.startsWith(held);
}
