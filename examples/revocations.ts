// A service that verifies short-lived tokens offline, and still refuses those of revoked keys.
//
// Besides the public keys (any JWT library) it keeps what keyctl serve says of keys from which something was taken away:
// GET /revocations, asked every few seconds with a key that has keyctl:introspect.

type Claims = { client_id: string; kver: number; iat: number };
type Said = { next: number; more: boolean; gap: boolean; at: number; keys: { client_id: string; kver: number }[] };

export class Revocations {
  private next = 0;
  private versions = new Map<string, number>();
  private notBefore = 0;
  private read = -Infinity;
  private readonly url: string;
  private readonly key: string;
  private readonly bound: number;

  constructor(url: string, key: string, bound = 5_000) {
    [this.url, this.key, this.bound] = [url, key, bound];
  }

  async refresh(): Promise<void> {
    for (let more = true; more; ) {
      const asked = performance.now();
      const headers = { Authorization: `Bearer ${this.key}` };
      const signal = AbortSignal.timeout(this.bound);
      const answer = await fetch(`${this.url}/revocations?since=${this.next}`, { headers, signal });
      if (!answer.ok) throw new Error(`revocations: ${answer.status}`);
      const said = (await answer.json()) as Said;
      // Another history: tokens of before are not to be believed.
      if (said.gap) [this.versions, this.notBefore] = [new Map(), said.at];
      for (const { client_id, kver } of said.keys) this.versions.set(client_id, kver);
      [this.next, more] = [said.next, said.more];
      if (!more) this.read = asked;
    }
  }

  // What was read last is used no longer than the bound.
  watch(): void {
    const again = () => void this.refresh().catch(() => {}).finally(() => setTimeout(again, this.bound / 5));
    again();
  }

  // Of claims whose signature, issuer, audience and times were verified.
  refuse({ client_id, kver, iat }: Claims): boolean {
    const isOld = performance.now() - this.read > this.bound;
    return isOld || kver < (this.versions.get(client_id) ?? 0) || iat < this.notBefore;
  }
}
