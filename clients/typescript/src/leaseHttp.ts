// One request to serve over its Unix socket, and its answer.

import { request as httpRequest, type IncomingMessage } from 'node:http';

import { KeyUnavailable } from './errors.js';

/** An answer, whole. */
export interface Answer {
  status: number;
  /** In seconds. */
  retryAfter: number | undefined;
  /** Of `WWW-Authenticate`; empty where there is none. */
  challenge: string;
  body: Uint8Array;
}

const MOST_HEAD = 16 * 1024;
const MOST_BODY = 1024 * 1024;

/** What came is no answer of serve. */
export function odd(what: string): KeyUnavailable {
  return new KeyUnavailable('answer', `what the socket answered is no answer of keyctl serve: ${what}`);
}

/** `within`: milliseconds until the whole answer must be there. */
export function ask(
  socketPath: string, path: string, { key, body, within }: { key: string | undefined; body: string; within: number },
): Promise<Answer> {
  const bytes = Buffer.from(body);
  const headers: Record<string, string | number> = {
    Host: 'localhost', 'Content-Type': 'application/json', 'Content-Length': bytes.length, Connection: 'close',
  };
  if (key !== undefined) headers['Authorization'] = `Bearer ${key}`;
  return new Promise((resolve, reject) => {
    const sent = httpRequest({
      socketPath, path, method: 'POST', headers, agent: false, maxHeaderSize: MOST_HEAD, insecureHTTPParser: false,
    });
    const fail = (error: Error) => {
      clearTimeout(timer);
      reject(error);
      sent.destroy();
    };
    const timer = setTimeout(
      () => fail(new KeyUnavailable('timeout', `${socketPath}: it did not answer in time`)), within,
    );
    // Also after the answer, when it means nothing any more.
    sent.on('error', (error: NodeJS.ErrnoException) => fail(faultOf(socketPath, error)));
    sent.on('response', (response) => {
      read(response).then((answer) => {
        clearTimeout(timer);
        resolve(answer);
        sent.destroy();
      }, fail);
    });
    sent.end(bytes);
  });
}

/** The parser's own errors may repeat what came. */
function faultOf(socketPath: string, error: NodeJS.ErrnoException): KeyUnavailable {
  const code = String(error.code ?? '');
  if (code.startsWith('HPE_')) return odd(`it is no HTTP (${code})`);
  const what = code === 'ECONNRESET' || code === '' ? 'it hung up' : code;
  return new KeyUnavailable('unreachable', `${socketPath}: ${what}`);
}

async function read(response: IncomingMessage): Promise<Answer> {
  const length = lengthOf(response.rawHeaders);
  const parts: Uint8Array[] = [];
  let have = 0;
  try {
    for await (const part of response as AsyncIterable<Uint8Array>) {
      have += part.length;
      if (have > length) throw odd('it is longer than it says');
      parts.push(part);
    }
  } catch (error) {
    throw error instanceof KeyUnavailable ? error : odd('it is cut off');
  }
  if (have < length) throw odd('it is cut off');
  const { 'retry-after': after, 'www-authenticate': challenge = '' } = response.headers;
  return {
    status: response.statusCode ?? 0,
    retryAfter: after !== undefined && /^[0-9]{1,15}$/.test(after) ? Number(after) : undefined,
    challenge,
    body: Buffer.concat(parts),
  };
}

/** An answer says how long its body is by one `Content-Length`. Every other form is refused. */
function lengthOf(raw: readonly string[]): number {
  const lengths: string[] = [];
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]!.toLowerCase();
    if (name === 'transfer-encoding' || name === 'content-encoding') throw odd('it is encoded');
    if (name === 'content-length') lengths.push(raw[at + 1]!);
  }
  const [length] = lengths;
  if (length === undefined) throw odd('it does not say its length');
  if (lengths.length > 1) throw odd('its length stands there twice');
  if (!/^[0-9]{1,15}$/.test(length)) throw odd('its length is no number');
  if (Number(length) > MOST_BODY) throw odd('it is larger than 1 MiB');
  return Number(length);
}
