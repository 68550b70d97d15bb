import type { Log, Node } from '@parley/core';

/** Writes to the log what a person who runs a node wants to know of its links. */
export function logLinks(node: Node, log: Log): void {
  const { events } = node.links;
  events.on('up', ({ peer, connection }) => {
    log.info('a link is up', { peer: peer.nodeId, name: peer.name, address: connection.remoteAddress, dialled: connection.dialled });
  });
  events.on('down', ({ link, reason, replaced }) => {
    if (replaced) log.debug('a link was replaced', { peer: link.peer.nodeId });
    else log.info('a link is down', { peer: link.peer.nodeId, name: link.peer.name, reason });
  });
  events.on('failed', ({ address, error }) =>
    log.debug('a connection was not opened', { address, code: error.code, error: error.message }),
  );
  events.on('skew', ({ link, ms }) => {
    log.warn('the clock of a neighbour differs from ours: one of them is wrong', {
      peer: link.peer.nodeId,
      seconds: Math.round(ms / 1000),
    });
  });
}
