import { verbs } from './catalogue.ts';
import { MESSAGE } from './features/channels/index.ts';
import { CIRCUITS_ATTRIBUTE, Circuits, circuitDefaults } from './features/circuits/index.ts';
import type { KeyBook } from './identity/index.ts';
import type { Node } from './node.ts';
import type { NodeConfig } from './node-config.ts';
import { type CircuitCarrier, Finder, type Records, SEALED } from './overlay/index.ts';
import type { Ports } from './ports/index.ts';

/** What HELLO offers of circuits. */
export const circuitOffers = ({ nodeType, circuits }: NodeConfig): string[] =>
  nodeType === 'server' && (circuits?.serves ?? circuitDefaults.serves) ? [CIRCUITS_ATTRIBUTE] : [];

/** Circuits with what they need of the rest of a node. */
export function createCircuits(ports: Ports, node: Node, config: NodeConfig, keys: KeyBook): Circuits {
  const { identity, links, overlay, metrics, registry, certificates, neighbours, settings } = node;
  return new Circuits(
    {
      ports,
      identity,
      keys,
      links,
      overlay,
      verbs,
      metrics,
      wanted: () => settings.get().circuits,
      concerns: (nodeId, about) => isBetweenTwo(node, nodeId, about),
      servers: () => registry.servers(),
      moreServers: () => registry.askForMore(),
      reach: async (nodeId) => {
        if (!links.get(nodeId) && !registry.get(nodeId)) await registry.find(nodeId);
        return neighbours.reach(nodeId);
      },
      used: (nodeId) => neighbours.uses(nodeId),
      target: (nodeId) => certificates.target(nodeId),
      record: async (nodeId) => (await registry.find(nodeId, { fresh: true }))?.bytes,
      certificate: async (nodeId) => {
        const isFound = overlay.reaches(nodeId) || (await registry.find(nodeId)) !== undefined;
        return isFound || overlay.knows(nodeId) ? certificates.forOthers(nodeId) : undefined;
      },
    },
    { ...circuitDefaults, serves: node.nodeType === 'server', ...config.circuits },
  );
}

/**
 * Whether something is between this user and one other person, and so goes by circuit where the user wants that. What belongs to a channel does not: all its
 * members are named on the way anyway. Nor does what the user's own devices say to each other about themselves.
 */
function isBetweenTwo(
  { channels, contacts, devices }: Node,
  nodeId: string,
  { type, channelId }: Parameters<CircuitCarrier['hides']>[1],
): boolean {
  const kind = channelId === undefined ? undefined : channels.kindOf(channelId);
  // Also to the user's own devices: the id of a conversation is a digest of both keys, and tells whoever tries them with whom it is.
  if (kind === 'direct') return true;
  if (kind !== undefined || devices.isOwn(nodeId) || devices.isMeeting(nodeId)) return false;
  // What is left of a conversation that is over goes no other way than before.
  const isConversation = type === MESSAGE.name && channelId !== undefined;
  return isConversation || type === SEALED.name || contacts.get(devices.personOf(nodeId)) !== undefined;
}

/** Finds others by lookups, which go by circuit where the user wants that: the answer is a signed record all the same. */
export function createFinder(ports: Ports, node: Node, config: NodeConfig, keys: KeyBook): Finder {
  const { circuits, neighbours, overlay, registry } = node;
  const records: Records = config.records ?? registry;
  return new Finder({
    records: {
      get: (nodeId) => records.get(nodeId),
      contacts: () => records.contacts(),
      find: async (nodeId, options) => {
        if (!circuits.hidesLookups) return records.find(nodeId, options);
        const found = await circuits.seek(nodeId, 'record', options.signal);
        return found && registry.learn(nodeId, found);
      },
    },
    keys,
    ways: (nodeId) => overlay.paths(nodeId),
    reliability: (nodeId) => neighbours.reliability(nodeId),
    learned: (nodeId) => overlay.learned(nodeId),
    transports: ports.transports,
    log: ports.log,
  });
}

/** A certificate that is to be asked for by circuit, on its way; undefined where the node itself is asked. */
export function hiddenCertificate(node: Node, nodeId: string): Promise<Uint8Array | undefined> | undefined {
  const { channels, circuits, contacts, devices, identity } = node;
  // Who is in a public channel with us is known to all anyway, and there may be many of them.
  if (channels.share(nodeId, identity.nodeId) && !contacts.get(devices.personOf(nodeId))) return undefined;
  return circuits.hides(nodeId, { type: SEALED.name, channelId: undefined }) ? circuits.seek(nodeId, 'certificate') : undefined;
}

/** Whether a node may be dialled because something is said to it: whoever is written to in hiding would see from where. */
export const mayBeDialled = ({ circuits }: Node, nodeId: string): boolean =>
  !circuits.hides(nodeId, { type: SEALED.name, channelId: undefined });

/** Circuits follow the setting. */
export async function wireCircuits(node: Node): Promise<void> {
  const { circuits, registry, settings } = node;
  let wanted = settings.get().circuits;
  registry.events.on('record', ({ record }) => {
    if (record.nodeType === 'server') circuits.serverLearnt();
  });
  settings.events.on('changed', (now) => {
    if (now.circuits !== wanted) circuits.wantedChanged();
    wanted = now.circuits;
  });
  await circuits.start();
}
