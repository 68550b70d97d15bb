import { Connect, connectDefaults } from './features/connect/index.ts';
import { Neighbours, neighbourDefaults } from './features/neighbours/index.ts';
import type { CertificateReader } from './identity/index.ts';
import { placesOf } from './link/index.ts';
import type { Node } from './node.ts';
import { mayBeDialled } from './node-circuits.ts';
import type { NodeConfig } from './node-config.ts';
import type { Ports } from './ports/index.ts';

/** Whether the user wants to have nothing to do with whoever is behind a node. */
export const isBlocked = (node: Node, nodeId: string): boolean => node.contacts.get(node.devices.personOf(nodeId))?.blocked === true;

/** Whether a node is a contact's, or another device of the user. */
export const isKnown = ({ contacts, devices }: Node, nodeId: string): boolean =>
  devices.isOwn(nodeId) || contacts.isContact(devices.personOf(nodeId));

/** Whether there may be a link with a node that the user did not ask for: it shows from where this one speaks. */
export const mayBeLinked = (node: Node, nodeId: string): boolean =>
  (node.settings.get().direct || node.devices.isOwn(nodeId)) && !isBlocked(node, nodeId) && mayBeDialled(node, nodeId);

const placesOfNode = ({ endpoints, links }: Node): string[] => placesOf(endpoints, links.all());

/** Links that both sides open, with contacts and own devices. */
export function createConnect(ports: Ports, node: Node, reader: CertificateReader, config: NodeConfig['connect']): Connect {
  const { identity, links, metrics, overlay } = node;
  const trusts = (nodeId: string): boolean => isKnown(node, nodeId) && mayBeLinked(node, nodeId);
  const places = () => placesOfNode(node);
  return new Connect({ ports, identity, links, overlay, metrics, reader, places, trusts }, { ...connectDefaults, ...config });
}

/** Links that the node makes by itself. `relays`: whether it passes on others' messages. */
export function createNeighbours(ports: Ports, node: Node, relays: boolean, config: NodeConfig['neighbours']): Neighbours {
  const { connecting, identity, links, metrics, nodeType, overlay } = node;
  return new Neighbours(
    {
      ports,
      links,
      metrics,
      self: identity.nodeId,
      server: nodeType === 'server' && relays,
      contacts: () => node.finder.contacts(),
      endpoints: (nodeId) => node.finder.record(nodeId)?.endpoints ?? [],
      places: () => placesOfNode(node),
      punch: connecting,
      seek: (nodeId) => node.finder.seek(nodeId),
      asked: (link) => node.keeps(link),
      mayStay: (nodeId) => mayBeLinked(node, nodeId),
      measured: (nodeId) => overlay.measured(nodeId),
    },
    { ...neighbourDefaults, ...config },
  );
}

/** Links that nobody asked for end when the user wants them no more, or no more with these people. */
export function wireLinks(node: Node): void {
  const { connecting, contacts, devices, neighbours, settings } = node;
  const reconsider = (): void => {
    connecting.reconsider();
    neighbours.reconsider();
  };
  settings.events.on('changed', reconsider);
  contacts.events.on('contact', reconsider);
  devices.events.on('changed', reconsider);
}
