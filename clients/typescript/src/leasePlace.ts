// Where tokens of credentials are handed out, and as whom they are asked for there.

import { statSync } from 'node:fs';

import { KeyUnavailable, LeaseUnconfigured, SetupError, systemReason } from './errors.js';
import { Unreadable, readKeyFile, shownPath } from './keyFile.js';
import type { Environment } from './masterKeySource.js';
import { Secret } from './secret.js';
import { isNoPath } from './secretForm.js';

const SOCKET = 'KEYCTL_CREDENTIALS_SOCKET';
const KEY_FILE = 'KEYCTL_CREDENTIALS_KEY_FILE';
const OWNER = 'KEYCTL_CREDENTIALS_OWNER';
const VISIBLE = /^[!-~]{1,4096}$/;

/** What the code of a service says of it. */
export interface CredentialsOptions {
  /** The Unix socket of `keyctl serve`, in the place of `KEYCTL_CREDENTIALS_SOCKET`. */
  credentialsSocket?: string;
  /** The service's own key there, in the place of what the file holds that `KEYCTL_CREDENTIALS_KEY_FILE` names. */
  credentialsKey?: string;
  /** The number of the user who runs `keyctl serve`, in the place of `KEYCTL_CREDENTIALS_OWNER`. */
  credentialsOwner?: number;
}

/** A socket, and of which other user it may be. */
export class Place {
  readonly #socket: string;
  readonly #owner: number | undefined;

  constructor(socket: string, owner: number | undefined) {
    this.#socket = socket;
    this.#owner = owner;
  }

  /** Its path, after a look at whose it is: whoever made it gets the service's key, and says what tokens are. */
  checked(): string {
    const socket = this.#socket;
    let found;
    try {
      found = statSync(socket);
    } catch (error) {
      throw new KeyUnavailable('unreachable', `${socket}: ${systemReason(error)}`);
    }
    if (!found.isSocket()) throw new KeyUnavailable('socket', `${socket} is no Unix socket`);
    const own = process.geteuid?.();
    if ([0, own, this.#owner].includes(found.uid)) return socket;
    throw new KeyUnavailable('socket', `${socket} belongs to uid ${found.uid}, which is neither root nor this service's ` +
      `user (${own}): where that is the user of keyctl serve, say so by ${OWNER}=${found.uid}`);
  }
}

/** What is configured. The environment says the rest, when it is needed. */
export class Configured {
  readonly #socket: string | undefined;
  readonly #key: Secret | undefined;
  readonly #owner: number | undefined;
  readonly #env: Environment;

  constructor({ credentialsSocket, credentialsKey, credentialsOwner }: CredentialsOptions, env: Environment) {
    if (credentialsKey !== undefined && !(typeof credentialsKey === 'string' && VISIBLE.test(credentialsKey))) {
      throw new SetupError('credentialsKey is no key: one line of visible ASCII characters (it is not shown)');
    }
    this.#socket = credentialsSocket;
    this.#key = credentialsKey === undefined ? undefined : new Secret(credentialsKey);
    this.#owner = credentialsOwner;
    this.#env = env;
  }

  /** @throws LeaseUnconfigured where nobody named one. */
  place(): Place {
    const socket = this.#socket || this.#env[SOCKET];
    if (!socket) throw new LeaseUnconfigured();
    if (isNoPath(socket)) {
      throw new KeyUnavailable('socket', `${SOCKET} has the form of a key or password, where a path is expected`);
    }
    if (socket.startsWith('unix:')) { // As serve's --listen has it.
      const path = socket.slice('unix:'.length);
      throw new KeyUnavailable('socket', `${SOCKET} is the path alone, without unix: before it: ${path}`);
    }
    return new Place(socket, this.#owner ?? ownerOf(this.#env[OWNER]));
  }

  /**
   * The service's own key, read anew, so that it may be rotated; `undefined` where nothing names one, as at the socket
   * of `keyctl exec --oauth`.
   */
  key(): string | undefined {
    if (this.#key) return this.#key.expose();
    const path = this.#env[KEY_FILE];
    if (!path) return undefined;
    if (isNoPath(path)) {
      throw new KeyUnavailable('credentials_key', `${KEY_FILE} has the form of a key or password, where a path is expected`);
    }
    const wrong = (what: string) => new KeyUnavailable('credentials_key', `${KEY_FILE}: ${shownPath(path)}: ${what}`);
    let text;
    try {
      text = readKeyFile(path, this.#env['KEYCTL_SECRETS_DIR']);
    } catch (error) {
      throw error instanceof Unreadable ? wrong(error.message) : error;
    }
    if (!VISIBLE.test(text)) throw wrong('it is no key: one line of visible ASCII characters');
    return text;
  }
}

function ownerOf(text: string | undefined): number | undefined {
  if (!text) return undefined;
  if (!/^[0-9]{1,10}$/.test(text)) throw new KeyUnavailable('socket', `${OWNER} is the number of a user, as id -u prints it`);
  return Number(text);
}
