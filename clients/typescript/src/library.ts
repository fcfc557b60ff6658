// A library that is loaded when it is needed, and what is said where that fails.

const ABSENT = ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND', 'ERR_UNKNOWN_BUILTIN_MODULE', 'ERR_UNSUPPORTED_ESM_URL_SCHEME'];

/**
 * Whether the library itself is not there. One that is, and whose own parts are missing or were made for
 * another Node, is not mended by installing it once more.
 */
export function isAbsent(library: string, error: unknown): boolean {
  const { code, message } = Object(error) as { code?: unknown; message?: unknown };
  if (!ABSENT.includes(String(code))) return false;
  // Node quotes the package that it did not find, Bun the same; a builtin of another runtime stands with its scheme.
  return String(message).includes(`'${library}'`) || library.includes(':') || String(message).includes(`"${library}"`);
}

/** Why it could not be loaded, in one line: the first of its message, which tells all of it for most. */
export function whyNot(library: string, error: unknown): string {
  if (isAbsent(library, error)) return 'it is not installed';
  const message = error instanceof Error ? error.message : String(error);
  const lines = message.split('\n').map((line) => line.trim()).filter(Boolean);
  // A binary's message is broken into lines; a loader's goes on with all the places that it looked at.
  const most = lines.findIndex((line) => /^(→|- |Require stack)/.test(line));
  return `it is there and cannot be loaded: ${lines.slice(0, most < 1 ? 6 : most).join(' ')}`;
}
