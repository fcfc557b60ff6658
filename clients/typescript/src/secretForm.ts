// Whether a text has the form of a secret: it stands in the wrong place, and nothing may repeat it.

const TOKEN = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)?_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$/;
/** 64 hex digits, 43 characters of base64 or base64url with their padding, or `hex:`. */
const KEY = /^(?:[0-9A-Fa-f]{64}|[0-9A-Za-z+/_-]{43}=|hex:.*)$/s;
const UNPADDED_KEY = /^[0-9A-Za-z+/_-]{43}$/;
const PROVIDERS = new RegExp(`^(?:(?:${[
  'sk-', 'sk_live_', 'sk_test_', 'rk_live_', 'pk_live_', 'ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_',
  'glpat-', 'xoxb-', 'xoxp-', 'AKIA', 'AIza', 'hf_', 'gsk_', 'agpt_',
].join('|')})[0-9A-Za-z_-]*|eyJ[0-9A-Za-z_.-]*)$`);
const SHORTEST = 16;

/** Blanks, line ends and quotes at both ends are left aside: so things are pasted. */
export function hasSecretForm(text: string): boolean {
  const body = text.replace(/^[ \t\r\n"']+|[ \t\r\n"']+$/g, '');
  if (body.split(/[^0-9A-Za-z_-]+/).some((word) => TOKEN.test(word)) || KEY.test(body)) return true;
  if (UNPADDED_KEY.test(body) && [/[0-9]/, /[A-Z]/, /[a-z]/].every((kind) => kind.test(body))) return true;
  return body.length >= SHORTEST && /[0-9]/.test(body) && PROVIDERS.test(body);
}
