// The subjects of owners, and the names of keys and providers.

const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const SUBJECT = /^[!-~]{1,255}$/;

/** Whether a text is a name: 1 to 64 of `a-z 0-9 . _ -`, first a letter or digit. */
export function isName(text: unknown): text is string {
  return typeof text === 'string' && NAME.test(text);
}

/** Whether a text can be whom a service knows: 1 to 255 visible characters of ASCII, whose case counts. */
export function isSubject(text: unknown): text is string {
  return typeof text === 'string' && SUBJECT.test(text);
}
