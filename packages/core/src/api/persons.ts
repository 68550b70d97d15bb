import { furthest } from '../features/channels/persons.ts';
import { grouped } from '../util/grouped.ts';
import type { DeliveryView } from './types-messages.ts';
import type { MemberView, Person } from './types-people.ts';

/** The devices of one person among some nodes. */
export interface Together<T> {
  /** Node id of the person, which may be none of these. */
  readonly person: string;
  /** By which they are shown: the first device, where it is one of these. */
  readonly shown: T;
  /** In the order in which they were given. */
  readonly nodes: readonly T[];
}

type MayBeDevice = Pick<Person, 'node_id' | 'of'>;

/** The node id of whom a node stands for, as far as it is known here: a revoked device stands for itself. Pure, as is all of this. */
export function personOfNode({ node_id, of }: MayBeDevice): string {
  return of && !of.former ? of.node_id : node_id;
}

/** Nodes as people. Those of which it is not known that they are one person's stay apart: only lists that the person has signed say so. */
export function together<T extends MayBeDevice>(nodes: readonly T[]): Together<T>[] {
  return Array.from(grouped(nodes, personOfNode), ([person, devices]) => shownAs(person, devices)).flat();
}

function shownAs<T extends MayBeDevice>(person: string, nodes: readonly T[]): Together<T>[] {
  const shown = nodes.find(({ node_id }) => node_id === person) ?? nodes[0];
  return shown ? [{ person, shown, nodes }] : [];
}

const RANK = ['owner', 'moderator', 'member', 'observer', undefined];

/** Members as people: who is there with one device is there, has the most that any of their devices has, and is in it as soon as one is. */
export function membersTogether<T extends Person & Pick<MemberView, 'role' | 'invited'>>(members: readonly T[]): Together<T>[] {
  return together(members).map((all) => {
    const { nodes } = all;
    if (nodes.length === 1) return all;
    const inIt = nodes.filter(({ invited }) => !invited);
    const [most] = [...(inIt.length > 0 ? inIt : nodes)].sort((a, b) => RANK.indexOf(a.role) - RANK.indexOf(b.role));
    const { invited: _, ...shown } = all.shown;
    const merged = { ...shown, present: nodes.some(({ present }) => present), ...(inIt.length > 0 ? {} : { invited: true }) };
    return { ...all, shown: { ...merged, ...(most?.role === undefined ? {} : { role: most.role }) } as T };
  });
}

type Recipient = DeliveryView['recipients'][number];

/** Recipients as people, this user's own devices aside: with each as far as with the device that has most of the message. */
export function recipientsTogether(recipients: readonly Recipient[]): Together<Recipient>[] {
  return together(recipients.filter(({ own }) => !own)).map((all) => {
    const [first, ...others] = all.nodes;
    return first ? { ...all, shown: furthest(first, ...others) } : all;
  });
}
