import { seal, unseal } from '../../../identity/hpke.ts';
import type { Identity } from '../../../identity/identity.ts';
import { purposeBytes } from '../../../identity/signature.ts';
import type { Overlay, Verdict } from '../../../overlay/index.ts';
import type { Ports } from '../../../ports/index.ts';
import { base64, fromBase64 } from '../../../util/base64.ts';
import { LruMap } from '../../../util/bounded.ts';
import { utf8 } from '../../../util/bytes.ts';
import { randomGuid } from '../../../util/guid.ts';
import { canonicalJson, parseJson } from '../../../wire/json.ts';
import type { JwsReader } from '../../../wire/jws.ts';
import type { DataOf } from '../../../wire/verb.ts';
import type { ClosedChannel } from './channel.ts';
import { type Epoch, type EpochRow, readEpoch, rowOf } from './epochs.ts';
import { GETKEY, KEY, MAX_KEY_BYTES } from './verbs.ts';

const CIPHER = 'A256GCM';
const INFO = purposeBytes('channel-key', '');
/** One member is asked for the key of a channel, and answered, again only after this long. */
const ASK_AGAIN_MS = 10_000;
const ANSWER_AGAIN_MS = 2000;
/** Epochs in one KEY. */
const MAX_GIVEN = 16;

export interface KeyExchangeDeps {
  readonly ports: Ports;
  readonly identity: Identity;
  readonly overlay: Overlay;
  readonly reader: JwsReader;
}

type KeyData = DataOf<typeof KEY>;

/** GETKEY and KEY: how epochs come from member to member, each copy sealed to one certificate (S2). */
export class KeyExchange {
  readonly #deps: KeyExchangeDeps;
  readonly #asked = new LruMap<string, number>(2000);
  readonly #answered = new LruMap<string, number>(2000);

  constructor(deps: KeyExchangeDeps) {
    this.#deps = deps;
  }

  /** Asks a member for the key, unless it was asked just now. */
  async ask(channelId: string, nodeId: string): Promise<void> {
    const { ports, overlay } = this.#deps;
    const now = ports.clock.monotonic();
    const at = this.#asked.get(`${channelId} ${nodeId}`);
    if (at !== undefined && now - at < ASK_AGAIN_MS) return;
    this.#asked.set(`${channelId} ${nodeId}`, now);
    const msgId = randomGuid(ports.random);
    const data = { msg_id: msgId, recipient_id: nodeId, channel: '', channel_id: channelId };
    await overlay.entrust(GETKEY, data, { msgId, recipients: [nodeId], receipts: false });
  }

  /** Whether a member who asks may be answered again already. */
  mayAnswer(channelId: string, nodeId: string): boolean {
    const now = this.#deps.ports.clock.monotonic();
    const at = this.#answered.get(`${channelId} ${nodeId}`);
    if (at !== undefined && now - at < ANSWER_AGAIN_MS) return false;
    this.#answered.set(`${channelId} ${nodeId}`, now);
    return true;
  }

  /** Gives epochs to one member, the latest first as far as there is room. */
  async give(channelId: string, to: { readonly nodeId: string; readonly sealingKey: Uint8Array }, epochs: readonly Epoch[]): Promise<void> {
    const { ports, overlay, identity } = this.#deps;
    const msgId = randomGuid(ports.random);
    const around = { channel_id: channelId, msg_id: msgId, node_id: identity.nodeId, recipient_id: to.nodeId };
    const rows: EpochRow[] = [];
    let bytes = 0;
    for (const epoch of epochs.slice(0, MAX_GIVEN)) {
      const { statement, key } = rowOf(epoch);
      bytes += statement.length + key.length + 50;
      if (bytes > MAX_KEY_BYTES - 1000) break;
      rows.push({ statement, key });
    }
    const plaintext = utf8(JSON.stringify({ epochs: rows }));
    const sealed = await seal(ports, to.sealingKey, INFO, plaintext, utf8(canonicalJson(around)));
    const data = { ...around, channel: '', cipher: CIPHER, key: base64(sealed) };
    await overlay.entrust(KEY, data, { msgId, recipients: [to.nodeId], receipts: false, group: channelId });
  }

  /** What a KEY holds for us, each epoch signed by its maker; or why it is dropped. */
  async open(data: KeyData): Promise<Epoch[] | Verdict> {
    const { ports, identity, reader } = this.#deps;
    const sealed = data.cipher === CIPHER ? fromBase64(data.key) : undefined;
    if (!sealed) return { verdict: 'drop', reason: 'key-form' };
    const { channel_id, msg_id, node_id, recipient_id } = data;
    const aad = utf8(canonicalJson({ channel_id, msg_id, node_id, recipient_id }));
    const plaintext = await unseal(ports.crypto, identity, INFO, sealed, aad);
    if (!plaintext) return { verdict: 'drop', reason: 'key-opening' };
    const found: Epoch[] = [];
    for (const row of rowsIn(plaintext)) {
      const epoch = await readEpoch({ crypto: ports.crypto, reader }, channel_id, row);
      if (!epoch) return { verdict: 'drop', reason: 'key-epoch' };
      found.push(epoch);
    }
    return found;
  }
}

/** Epochs for a member: the current one, and those that were made while it was one; none of which it is not known who must not have it. */
export function epochsFor(channel: ClosedChannel, since: number): Epoch[] {
  const { current } = channel;
  const others = channel.epochs().filter((epoch) => epoch !== current && epoch.time >= since);
  others.sort((a, b) => b.number - a.number);
  return (current ? [current, ...others] : others).filter((epoch) => channel.knows(epoch));
}

function rowsIn(plaintext: Uint8Array): EpochRow[] {
  try {
    const { epochs } = parseJson(plaintext);
    if (!Array.isArray(epochs)) return [];
    return epochs.slice(0, MAX_GIVEN).flatMap((row) => {
      const { statement, key } = (row ?? {}) as { statement?: unknown; key?: unknown };
      return typeof statement === 'string' && typeof key === 'string' ? { statement, key } : [];
    });
  } catch {
    return [];
  }
}
