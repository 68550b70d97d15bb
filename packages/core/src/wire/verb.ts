import type { JsonObject } from './json.ts';
import { type Static, type TObject, type Validator, validator } from './schema.ts';

/** How far a verb goes: to the neighbour, to named nodes, to all; to named nodes and inside SEALED alone; or inside a circuit, between its maker and a hop. */
export type Reach = 'link' | 'directed' | 'flood' | 'sealed' | 'circuit';

/**
 * What a verb is for, the most urgent first (S4 "different traffic types"): messages between some nodes, and what a link itself needs; what
 * goes to all; who and what is there; where nodes are; and parts of files.
 */
export const TRAFFIC_KINDS = ['direct', 'broadcast', 'discovery', 'registry', 'bulk'] as const;
export type TrafficKind = (typeof TRAFFIC_KINDS)[number];

/** A verb as its feature declares it: everything about it, once (DESIGN section 2). */
export interface VerbSpec<N extends string = string, S extends TObject = TObject> {
  readonly name: N;
  /** One sentence for `docs/protocol/verbs.md`. */
  readonly summary: string;
  /** `S2` for the verbs of the ptpchat protocol, `+` for Parley's own. */
  readonly source: 'S2' | '+';
  /** Schema of `msg_data`. Keys that it does not name are kept and passed on. */
  readonly data: S;
  readonly reach: Reach;
  /** Default: `broadcast` for what is flooded, `direct` for all else. */
  readonly kind?: TrafficKind;
  /** Default `ttl` of a new message. */
  readonly ttl: number;
  /** It may travel inside SEALED as well, whatever its reach. */
  readonly alsoSealed?: boolean;
  /** Inside SEALED alone, it travels in FLEETING in its place: what is lost is not missed. */
  readonly fleeting?: boolean;
  /** Who authenticates it: the link itself, `auth` in the head, a signature of its own inside (MESSAGE's JWS), the SEALED around it, or the keys of a circuit. */
  readonly proof: 'link' | 'auth' | 'jws' | 'sealed' | 'circuit';
  /**
   * Where `proof` is `jws`: the member of `msg_data` that holds it, in base64; those that must be as its payload has them; and the one of
   * them that says when it was signed. Nothing else in `msg_data` is proved. Where that member is a JWE, `auth` proves all of it.
   */
  readonly jws?: { readonly member: string; readonly agrees: readonly string[]; readonly time: string };
  /** Whether each hop acknowledges custody with ACK. */
  readonly acked: boolean;
  /** May come before a link is open. */
  readonly opening?: boolean;
  /** Who may send it: `any`, or `relay` for what only a node that passes on others' messages says. Default `any`. */
  readonly sender?: 'any' | 'relay';
  /** Largest JSON text, in bytes. */
  readonly maxBytes: number;
  /** Messages a second, and how many at once, from one origin (from one link until the origin is proved). */
  readonly rate: { readonly perSecond: number; readonly burst: number };
  /** The node that a message comes from; default `node_id`. */
  readonly origin?: (data: Static<S>) => string;
  /** The nodes that a directed message is for. */
  readonly recipients?: (data: Static<S>) => string[];
  /** Members of `msg_data` that `auth` does not cover: a forwarder may change them. */
  readonly unsigned?: readonly string[];
  /** What the first forwarder, who sees from which host the origin speaks, makes of `msg_data`; of members in `unsigned` alone. */
  readonly seenFrom?: (data: Static<S>, host: string) => Static<S>;
  /** `recipient` is a list that forwarders split by next hop. */
  readonly split?: boolean;
}

/** A verb, ready for use. */
export interface Verb<N extends string = string, D = unknown> {
  readonly name: N;
  readonly spec: VerbSpec;
  readonly kind: TrafficKind;
  readonly validate: Validator<D>;
  /** Never called at run time; carries the type of `msg_data`. */
  readonly dataType?: D | undefined;
}

/** A verb, whatever its data. */
export type AnyVerb = Verb<string, unknown>;

export type DataOf<V> = V extends Verb<string, infer D> ? D : never;

/** Makes a verb of its record: works out its kind, and compiles its schema. */
export function defineVerb<const N extends string, S extends TObject>(spec: VerbSpec<N, S>): Verb<N, Static<S>> {
  const kind = spec.kind ?? (spec.reach === 'flood' ? 'broadcast' : 'direct');
  // The functions of a spec take its own data alone: nobody calls them with another verb's.
  return { name: spec.name, spec: spec as unknown as VerbSpec, kind, validate: validator(spec.data) };
}

/** All verbs that a node knows, by name. */
export class VerbRegistry {
  readonly #verbs = new Map<string, AnyVerb>();

  constructor(verbs: Iterable<AnyVerb>) {
    for (const verb of verbs) this.#verbs.set(verb.name, verb);
  }

  get(name: string): AnyVerb | undefined {
    return this.#verbs.get(name);
  }

  all(): AnyVerb[] {
    return [...this.#verbs.values()];
  }
}

const nodeIdOf = (data: JsonObject): string => data.node_id as string;
const recipientIdOf = (data: JsonObject): string[] => [data.recipient_id as string];
const recipientListOf = (data: JsonObject): string[] => (data.recipient as { node_id: string }[]).map((entry) => entry.node_id);

/** The node that a message says it comes from. */
export function originOf(verb: AnyVerb, data: JsonObject): string {
  return ((verb.spec.origin as ((data: JsonObject) => string) | undefined) ?? nodeIdOf)(data);
}

/** The nodes that a directed message is for. */
export function recipientsOf(verb: AnyVerb, data: JsonObject): string[] {
  const own = verb.spec.recipients as ((data: JsonObject) => string[]) | undefined;
  if (own) return own(data);
  return verb.spec.split ? recipientListOf(data) : recipientIdOf(data);
}
