import { ParleyError } from '../../util/errors.ts';
import type { Acquaintance } from './sealing.ts';

/** A node, by both of its names. */
export interface NodeKey {
  readonly keyId: string;
  readonly nodeId: string;
}

/** Who has which devices. */
export interface DevicesOf {
  /** Whom this node stands for. */
  readonly person: NodeKey;
  /** The nodes of that person but this one. */
  others(): NodeKey[];
  nodesOf(person: NodeKey): NodeKey[];
  /** Whose device a node is, or was: `until` then, in milliseconds since 1970. */
  ownerOf(nodeId: string): { readonly person: NodeKey; readonly until: number | undefined } | undefined;
}

/** For who knows nothing of devices: each stands for themselves. */
export const alone = (self: NodeKey): DevicesOf => ({
  person: self,
  others: () => [],
  nodesOf: (person) => [person],
  ownerOf: () => undefined,
});

export interface CircleDeps {
  readonly self: NodeKey;
  readonly devices: DevicesOf;
  /** By key id or node id. */
  readonly contact: (id: string) => Acquaintance | undefined;
}

/** Conversations of two people, and the devices of both that take part: each has sessions of its own with every other. */
export class Circles {
  readonly #deps: CircleDeps;
  /** With whom a conversation is, by its id: key ids. */
  readonly #partners = new Map<string, string>();

  constructor(deps: CircleDeps) {
    this.#deps = deps;
  }

  /** One that was with the same contact under an earlier key of this person is over. */
  open(channelId: string, contact: string): void {
    for (const [id, partner] of this.#partners) if (partner === contact && id !== channelId) this.#partners.delete(id);
    this.#partners.set(channelId, contact);
  }

  close(channelId: string): void {
    this.#partners.delete(channelId);
  }

  ids(): string[] {
    return [...this.#partners.keys()];
  }

  partner(channelId: string): Acquaintance | undefined {
    const keyId = this.#partners.get(channelId);
    return keyId === undefined ? undefined : this.#deps.contact(keyId);
  }

  /** Whom this node writes to: the contact's devices, and its own person's. */
  peers(contact: NodeKey): NodeKey[] {
    const { devices } = this.#deps;
    return [...devices.nodesOf(contact), ...devices.others()];
  }

  peerAt(contact: NodeKey, nodeId: string): NodeKey | undefined {
    return this.peers(contact).find((peer) => peer.nodeId === nodeId);
  }

  /** The one of the two who is, or was, behind a node. */
  #personAt(contact: NodeKey, nodeId: string): 'self' | 'contact' | undefined {
    const { self, devices } = this.#deps;
    if (nodeId === self.nodeId) return 'self';
    const person = devices.ownerOf(nodeId)?.person.nodeId ?? nodeId;
    return person === contact.nodeId ? 'contact' : person === devices.person.nodeId ? 'self' : undefined;
  }

  /** Whether a node is the contact's, and not this person's. */
  isTheirs(contact: NodeKey, nodeId: string): boolean {
    return this.#personAt(contact, nodeId) === 'contact';
  }

  /** Whether one of the two may have written from a node at a time: not from a device after it was revoked. */
  mayHaveWritten(contact: NodeKey, nodeId: string, at: number): boolean {
    return this.#personAt(contact, nodeId) !== undefined && at <= (this.#deps.devices.ownerOf(nodeId)?.until ?? at);
  }

  /** The key id that a message from a node names: that of the other person, whatever devices they have. */
  addressee(contact: NodeKey, nodeId: string): string {
    return this.#personAt(contact, nodeId) === 'self' ? contact.keyId : this.#deps.devices.person.keyId;
  }

  /** Whoever writes as, or to, somebody: their contact, or this person itself for its own devices. Errors: `refused`. */
  acquainted(nodeId: string, keyId: string): { readonly peer: NodeKey; readonly contact: Acquaintance | undefined } | undefined {
    const { devices } = this.#deps;
    const own = devices.others().find((peer) => peer.nodeId === nodeId && peer.keyId === keyId);
    if (own) return { peer: own, contact: undefined };
    const contact = this.#deps.contact(devices.ownerOf(nodeId)?.person.keyId ?? keyId);
    const peer = contact && devices.nodesOf(contact).find((one) => one.nodeId === nodeId && one.keyId === keyId);
    return peer && { peer, contact };
  }
}

/**
 * Whether a node is another device of a contact who names a new key, while the user has not decided on that: it may have gone along, and writes in a
 * conversation that is not known here yet. With a session it would write there in vain.
 */
export const isUndecided = (contact: Acquaintance | undefined, nodeId: string): boolean =>
  contact?.change !== undefined && contact.nodeId !== nodeId;

/** Whoever is blocked, or has not accepted, is not written to. Errors: `refused`. */
export function checkWriting(contact: Acquaintance): void {
  const { alias, name, keyId, state, blocked } = contact;
  const called = alias ?? name ?? keyId.slice(0, 12);
  if (blocked) throw new ParleyError('refused', `${called} is blocked: unblock them first`);
  if (state !== 'accepted') throw new ParleyError('refused', `${called} has not accepted to be a contact`);
}
