// Owners, and the names of providers.

const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const LOCAL = /^[a-z0-9][a-z0-9_+-]*(?:\.[a-z0-9_+-]+)*$/;
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const LONGEST_EMAIL = 254;

/** Whether a text is a name: 1 to 64 of `a-z 0-9 . _ -`, first a letter or digit. */
export function isName(text: unknown): text is string {
  return typeof text === 'string' && NAME.test(text);
}

/** Whether a text is an owner: a name that does not start with `key_`, or an e-mail address. */
export function isOwner(text: unknown): text is string {
  if (typeof text !== 'string' || text.startsWith('key_')) return false;
  return text.includes('@') ? isEmail(text) : NAME.test(text);
}

function isEmail(text: string): boolean {
  const [local = '', domain = '', ...more] = text.split('@');
  const labels = domain.split('.');
  return (
    more.length === 0 && text.length <= LONGEST_EMAIL && local.length <= 64 && LOCAL.test(local) &&
    labels.length > 1 && labels.every((label) => LABEL.test(label))
  );
}
