import type { Identity } from '../identity/identity.ts';
import type { Ports } from '../ports/index.ts';
import type { StoreWrite } from '../ports/store.ts';
import { type Awaitable, chain } from '../util/awaitable.ts';
import { type Rate, TokenBuckets } from '../util/bounded.ts';
import { ParleyError } from '../util/errors.ts';
import { randomGuid } from '../util/guid.ts';
import type { Metrics } from '../util/metrics.ts';
import { FLOOD_WINDOW } from '../wire/auth.ts';
import { isLongerAsJson, type JsonObject } from '../wire/json.ts';
import { type ContentKey, compactParts, encodeCompact, type Jwe, openJwe, readJwe, type SealingTarget, sealJwe } from '../wire/jwe.ts';
import { parseTimestamp } from '../wire/message.ts';
import type { AnyVerb, DataOf, Verb, VerbRegistry } from '../wire/verb.ts';
import type { Arrival, Handler, Verdict } from './arrival.ts';
import type { OriginQuotas } from './origin-quotas.ts';
import type { FLEETING, SEALED } from './verbs.ts';

/** Whom an inner verb is for: one node by its certificate, or those who hold a key; the latter's channel stands on the envelope. */
export type SealedFor =
  | { readonly target: SealingTarget }
  | { readonly key: ContentKey; readonly channelId: string; readonly recipients: readonly string[] };

export interface SealedOptions {
  /** Id of the message; otherwise it is given one. */
  readonly msgId?: string;
  /** False: sent once, for what is repeated anyway. Default: entrusted to the network, on disk when the call resolves. */
  readonly custody?: boolean;
  readonly receipts?: boolean;
  /** See `Overlay.abandon`. */
  readonly group?: string;
  readonly alongside?: readonly StoreWrite[];
}

/** What a feature says of a key that something was sealed with. `later`: it belongs to the feature, and is being asked for. */
export type FoundKey = ContentKey | 'later' | undefined;

/** How a feature opens what was sealed with its keys. Asked after the origin is proved. */
export type KeyOpener = (
  kid: string,
  from: { readonly origin: string; readonly channelId: string | undefined; readonly wrapped: Uint8Array },
) => Awaitable<FoundKey>;

export interface SealedDeps {
  readonly ports: Ports;
  readonly identity: Identity;
  readonly verbs: VerbRegistry;
  readonly metrics: Metrics;
  readonly quotas: OriginQuotas;
  readonly entrust: (
    data: Omit<DataOf<typeof SEALED>, 'node_id'>,
    options: { msgId: string; recipients: readonly string[]; receipts: boolean; group?: string; alongside?: readonly StoreWrite[] },
  ) => Promise<void>;
  /** Without custody. */
  readonly send: (data: Omit<DataOf<typeof SEALED>, 'node_id'>) => Promise<boolean>;
  /** The same in FLEETING, to all recipients. */
  readonly utter: (data: Omit<DataOf<typeof FLEETING>, 'node_id'>) => Promise<void>;
  /** Whether this node has to do with another, so that something fleeting of theirs is worth being opened. */
  readonly expects: (origin: string) => boolean;
}

/** What is fleeting that is opened of one origin: to open it takes the longest of all. */
const HEARD: Rate = { perSecond: 10, burst: 100 };

/** What an inner verb's data has that is filled in on sending. */
type Filled = 'node_id' | 'msg_id' | 'recipient_id';

/** Verbs inside SEALED: nobody on the way sees even what kind of thing is said. */
export class Sealed {
  readonly #deps: SealedDeps;
  readonly #handlers = new Map<string, Handler<never>>();
  readonly #openers: KeyOpener[] = [];
  readonly #heard = new TokenBuckets(5000);

  constructor(deps: SealedDeps) {
    this.#deps = deps;
  }

  /** Declares what handles a verb that came sealed. `arrival.message` is the envelope, `arrival.sealed` says with what it was closed. */
  handle<N extends string, D>(verb: Verb<N, D>, handler: Handler<D>): void {
    this.#handlers.set(verb.name, handler as Handler<never>);
  }

  /** Declares whose keys may open envelopes. The first that knows a key is believed. */
  keys(opener: KeyOpener): void {
    this.#openers.push(opener);
  }

  /**
   * Seals and sends. `node_id`, `msg_id` and, towards one node, `recipient_id` are filled in. Returns the id of the message. Errors:
   * `bad-argument` for what the verb does not allow, `too-large`, and those of `Overlay.entrust`.
   */
  async send<N extends string, D extends object>(
    verb: Verb<N, D>,
    given: Omit<D, Filled>,
    to: SealedFor,
    { msgId = randomGuid(this.#deps.ports.random), custody = true, receipts = false, group, alongside }: SealedOptions = {},
  ): Promise<string> {
    const { metrics } = this.#deps;
    const { envelope, recipients } = await this.#wrap(verb, given, to, msgId, this.#deps.identity.nodeId);
    metrics.count('sent', verb.name);
    const about = { msgId, recipients, receipts, ...(group === undefined ? {} : { group }), ...(alongside ? { alongside } : {}) };
    if (custody) await this.#deps.entrust(envelope, about);
    else if (recipients.length > 0) await this.#deps.send(envelope);
    return msgId;
  }

  /** The envelope of an inner verb, base64, as if `origin` had sealed it: whoever gives it to that node to send. Errors: `bad-argument`, `too-large`. */
  async envelope<N extends string, D extends object>(
    verb: Verb<N, D>,
    given: Omit<D, Filled>,
    target: SealingTarget,
    about: { readonly origin: string; readonly msgId: string },
  ): Promise<string> {
    return (await this.#wrap(verb, given, { target }, about.msgId, about.origin)).envelope.sealed;
  }

  /** Seals and sends what is fleeting: once, to whoever is in reach, and nobody keeps it. Errors: `bad-argument`, `too-large`. */
  async utter<N extends string, D extends object>(verb: Verb<N, D>, given: Omit<D, Filled>, to: SealedFor): Promise<void> {
    const { envelope, recipients } = await this.#wrap(verb, given, to, randomGuid(this.#deps.ports.random), this.#deps.identity.nodeId);
    if (recipients.length === 0) return;
    this.#deps.metrics.count('sent', verb.name);
    await this.#deps.utter(envelope);
  }

  async #wrap<N extends string, D extends object>(verb: Verb<N, D>, given: Omit<D, Filled>, to: SealedFor, msgId: string, origin: string) {
    const { ports } = this.#deps;
    const recipients = 'target' in to ? [to.target.nodeId] : to.recipients;
    const channelId = 'target' in to ? undefined : to.channelId;
    const data = fill(verb, { ...(given as unknown as JsonObject), msg_id: msgId, node_id: origin }, recipients);
    if (!mayBeSealed(verb)) throw new ParleyError('bad-argument', `${verb.name} does not travel sealed`);
    if (!verb.validate.check(data)) throw new ParleyError('bad-argument', `${verb.name} cannot say that: ${verb.validate.explain(data)}`);
    const content = { msg_type: verb.name, msg_data: data };
    if (isLongerAsJson(content, verb.spec.maxBytes)) throw new ParleyError('too-large', `${verb.name} above its limit`);
    const compact = await sealJwe(ports, 'target' in to ? to.target : to.key, { nodeId: origin, msgId, channelId }, content);
    const envelope = {
      msg_id: msgId,
      recipient: recipients.map((nodeId) => ({ node_id: nodeId })),
      ...(channelId === undefined ? {} : { channel_id: channelId }),
      sealed: encodeCompact(compact),
    };
    return { envelope, recipients };
  }

  /** A FLEETING that reached us, its origin proved. Of strangers nothing is opened, and nothing that was said a while ago: anybody could bring it again. */
  hear(arrival: Arrival<DataOf<typeof FLEETING>>): Awaitable<Verdict> {
    const { ports, expects } = this.#deps;
    const said = parseTimestamp(arrival.message.auth?.time ?? '');
    const now = ports.clock.now();
    if (said === undefined || said < now - FLOOD_WINDOW.back || said > now + FLOOD_WINDOW.ahead) return drop('fleeting-stale');
    if (!expects(arrival.origin)) return drop('fleeting-stranger');
    const at = ports.clock.monotonic();
    return this.#heard.of(arrival.origin, HEARD, at).take(at) ? this.#open(arrival, true) : drop('fleeting-quota');
  }

  /** A SEALED that reached us, its origin proved: its content, to whoever handles that. */
  receive(arrival: Arrival<DataOf<typeof SEALED>>): Awaitable<Verdict> {
    return this.#open(arrival, false);
  }

  #open({ data, message, origin, from }: Arrival<DataOf<typeof SEALED>>, fleeting: boolean): Awaitable<Verdict> {
    const about = { nodeId: origin, msgId: data.msg_id, channelId: data.channel_id };
    const jwe = readJwe(compactParts(data.sealed) ?? [], about);
    if (!jwe) return drop('sealed-form');
    return chain(this.#keyFor(jwe, origin, data.channel_id), (key) => {
      if (key === undefined) return drop('sealed-key');
      if (key === 'later') return { verdict: 'later', reason: 'sealed-key' };
      return chain(openJwe(this.#deps.ports.crypto, jwe, key), (content) => {
        if (!content) return drop('sealed-opening');
        const sealed = { kid: jwe.kid, toCertificate: jwe.toCertificate, channelId: data.channel_id };
        return this.#inner(content, data.msg_id, fleeting, { message, origin, from, sealed });
      });
    });
  }

  #keyFor(jwe: Jwe, origin: string, channelId: string | undefined): Awaitable<Identity | Uint8Array | 'later' | undefined> {
    const { identity } = this.#deps;
    if (jwe.toCertificate) return jwe.kid === identity.keyId ? identity : undefined;
    const ask = (index: number): Awaitable<Uint8Array | 'later' | undefined> => {
      const opener = this.#openers[index];
      if (!opener) return undefined;
      return chain(opener(jwe.kid, { origin, channelId, wrapped: jwe.encryptedKey }), (found) =>
        found === undefined ? ask(index + 1) : found === 'later' ? found : found.key,
      );
    };
    return ask(0);
  }

  /** The same steps as on a link (DESIGN section 2): verb, size, schema, origin, quota, handler. */
  #inner(content: JsonObject, msgId: string, fleeting: boolean, arrival: Omit<Arrival, 'data'>): Awaitable<Verdict> {
    const { verbs, metrics, identity, quotas, ports } = this.#deps;
    const { msg_type: name, msg_data: data } = content;
    const verb = typeof name === 'string' ? verbs.get(name) : undefined;
    if (!verb) return drop('verb-unknown');
    if (!mayBeSealed(verb) || (verb.spec.fleeting === true) !== fleeting) return drop('verb-not-sealed');
    metrics.count('received', verb.name);
    if (isLongerAsJson(content, verb.spec.maxBytes)) return drop('verb-size');
    if (!verb.validate.check(data)) return drop('schema');
    const { node_id, msg_id, recipient_id } = data as JsonObject;
    const others = recipient_id !== undefined && recipient_id !== identity.nodeId;
    if (node_id !== arrival.origin || msg_id !== msgId || others) return drop('sealed-node-id');
    if (!quotas.take(verb, arrival.origin, ports.clock.monotonic())) return { verdict: 'later', reason: 'quota-origin' };
    const handler = this.#handlers.get(verb.name) as Handler<JsonObject> | undefined;
    return handler ? handler({ ...arrival, data: data as JsonObject }) : { verdict: 'refuse', reason: 'unsupported' };
  }
}

/** Whether a verb may stand inside SEALED. */
const mayBeSealed = ({ spec }: AnyVerb): boolean => spec.reach === 'sealed' || spec.alsoSealed === true;

function fill(verb: AnyVerb, data: JsonObject, recipients: readonly string[]): JsonObject {
  const [only] = recipients;
  return 'recipient_id' in verb.spec.data.properties && only !== undefined && recipients.length === 1
    ? { ...data, recipient_id: only }
    : data;
}

const drop = (reason: string): Verdict => ({ verdict: 'drop', reason });
