// Whether a text has the form of a secret: it stands in the wrong place, and nothing may repeat it.

/** Also with something grown onto it. */
const TOKEN = /[_-][0-9A-Za-z]{12}[_-][0-9A-Za-z]{49}/;
const HIDDEN_PART = /(?<![0-9A-Za-z])[0-9A-Za-z]{49}(?![0-9A-Za-z])/g;
/** 64 hex digits, 43 characters of base64 or base64url with their padding, or `hex:`. */
const KEY = /^(?:[0-9A-Fa-f]{64}|[0-9A-Za-z+/_-]{43}=|hex:.*)$/s;
const UNPADDED_KEY = /^[0-9A-Za-z+/_-]{43}$/;
const PROVIDERS = new RegExp(`^(?:(?:${[
  'sk-', 'sk_live_', 'sk_test_', 'rk_live_', 'pk_live_', 'ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_',
  'glpat-', 'xoxb-', 'xoxp-', 'AKIA', 'AIza', 'hf_', 'gsk_', 'agpt_',
].join('|')})[0-9A-Za-z_-]*|eyJ[0-9A-Za-z_.-]*)$`);
const SHORTEST = 16;
const OUTER = /^[ \t\r\n"']+|[ \t\r\n"']+$/g;

/** Blanks, line ends and quotes at both ends are left aside: so things are pasted. */
export function hasSecretForm(text: string): boolean {
  const body = text.replace(OUTER, '');
  if (TOKEN.test(body) || (body.match(HIDDEN_PART) ?? []).some(isMixed) || isKey(body)) return true;
  const value = body.replace(/^(?:export )?[0-9A-Za-z_]+[=:]/, '').replace(OUTER, '');
  // A provider's key behind it is more likely a name: `./sk-store-2027`.
  const inPath = /^(?:\.{0,2}|~)\/(.*)$/s.exec(value)?.[1];
  return isKey(value) || (inPath !== undefined && isMasterKey(inPath));
}

/** What a shell takes for the ends of a word. */
const SHELL = /[\s"'`();|&<>]+/;

/** Whether what should be a path is a secret, or has one in it: the error of a missing file repeats it. */
export function isNoPath(text: string): boolean {
  const [, scheme, rest] = /^(.*?):\/\/(.*)$/s.exec(text) ?? [undefined, '', text];
  const before = rest!.slice(0, Math.max(rest!.lastIndexOf('@'), 0));
  const hasCredentials = before.includes(':') && (scheme !== '' || !before.slice(0, before.indexOf(':')).includes('/'));
  return hasSecretForm(text) || hasCredentials || /password=/i.test(text) || /[0-9A-Za-z+/_-]{16,}={1,2}$/.test(text);
}

/**
 * Whether a command is a secret or has a master key in it: its shell's errors repeat it, and whoever lists
 * processes sees it. Hex without its prefix may be the id of a container or a commit.
 */
export function isInCommand(text: string): boolean {
  const parts = text.split(SHELL).filter((word) => word !== '');
  if (hasSecretForm(text) || (parts[0] !== undefined && isMasterKey(parts[0]))) return true;
  const isKey = (word: string) => isMasterKey(word) && (word.length !== 64 || word.endsWith('='));
  return parts.some((word) => isKey(word) || (word.includes('=') && isKey(word.slice(word.indexOf('=') + 1))));
}

function isMixed(text: string): boolean {
  return [/[0-9]/, /[A-Z]/, /[a-z]/].every((kind) => kind.test(text));
}

function isMasterKey(text: string): boolean {
  return KEY.test(text) || (UNPADDED_KEY.test(text) && isMixed(text));
}

function isKey(text: string): boolean {
  if (isMasterKey(text)) return true;
  return text.length >= SHORTEST && /[0-9]/.test(text) && PROVIDERS.test(text);
}
