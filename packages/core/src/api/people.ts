import { displayName, STRANGER_DIGITS } from '../identity/index.ts';
import type { Node } from '../node.ts';
import { presenceOf } from './presence.ts';
import type { Person } from './types-people.ts';

/** A node as people are shown it: `name#1a2b`, or, while its name is not known, the beginning of its id. */
export function display(name: string | undefined, nodeId: string): string {
  return name ? displayName(name, nodeId) : nodeId.replaceAll('-', '').slice(0, STRANGER_DIGITS);
}

/** What is known of other nodes, as the local API tells it. */
export class People {
  readonly #node: Node;

  constructor(node: Node) {
    this.#node = node;
  }

  /** `key` where whoever asks has it from a signature. A name that is not known is asked for, so that it is known soon. */
  person(nodeId: string, key = this.#keyOf(nodeId)): Person {
    const name = this.#nameOf(nodeId);
    const present = this.#node.overlay.shows(nodeId);
    // Those who are away are asked when they come back, by the node itself.
    if (name === undefined && present) this.#node.certificates.fetch(nodeId);
    return {
      node_id: nodeId,
      ...(key === undefined ? {} : { key }),
      ...(name === undefined ? {} : { name }),
      display: this.display(nodeId),
      present,
      ...presenceOf(this.#node, nodeId),
      ...this.deviceOf(nodeId),
    };
  }

  /** The person whose device a node is, where that is known here. */
  deviceOf(nodeId: string): Pick<Person, 'of'> {
    const owner = this.#node.devices.ownerOf(nodeId);
    if (!owner) return {};
    const { person, name, until } = owner;
    return { of: { key: person.keyId, node_id: person.nodeId, device: name, ...(until === undefined ? {} : { former: true }) } };
  }

  /** By the name that the user gave them, if any; else as they call themselves. */
  display(nodeId: string): string {
    const { contacts, devices } = this.#node;
    // A revoked device may be in anybody's hands: it stands for itself, and goes by its own name.
    const person = devices.personNow(nodeId);
    const alias = contacts.get(person)?.alias;
    if (alias !== undefined) return alias;
    const owner = devices.ownerOf(nodeId);
    return display(this.#nameOf(person) ?? (person === nodeId ? owner?.name : owner?.called), person);
  }

  #nameOf(nodeId: string): string | undefined {
    return this.#node.nameOf(nodeId) || this.#node.links.get(nodeId)?.peer.name || undefined;
  }

  #keyOf(nodeId: string): string | undefined {
    const { identity, certificates, links } = this.#node;
    if (nodeId === identity.nodeId) return identity.keyId;
    return certificates.get(nodeId)?.keyId ?? links.get(nodeId)?.peer.keyId;
  }
}
