import type { Connection, Transport } from '@parley/core';

/**
 * What a server does with messages that it is handed. `keeps silent`: takes them, and neither acknowledges them nor passes them on. `drops`:
 * acknowledges them, and does nothing more.
 */
export type Lie = 'keeps silent' | 'drops';

interface Handed {
  readonly msg_type: string;
  readonly msg_data: { readonly msg_id: string; readonly node_id: string; readonly recipient: readonly { readonly node_id: string }[] };
}

function lie(connection: Connection, how: Lie, nodeId: string): Connection {
  const attach = connection.attach.bind(connection);
  const acknowledge = ({ msg_id, node_id, recipient }: Handed['msg_data']): void =>
    connection.send(
      JSON.stringify({ msg_type: 'ACK', ttl: 1, flood: false, msg_data: { node_id: nodeId, msg_id, origin_id: node_id, recipient } }),
    );
  connection.attach = (handler) =>
    attach({
      message: (json) => {
        const { msg_type, msg_data } = JSON.parse(typeof json === 'string' ? json : new TextDecoder().decode(json)) as Handed;
        if (msg_type !== 'MESSAGE') handler.message(json);
        else if (how === 'drops') acknowledge(msg_data);
      },
      data: (transfer, bytes) => handler.data(transfer, bytes),
      keepAlive: () => handler.keepAlive(),
      drain: () => handler.drain(),
      closed: (error) => handler.closed(error),
    });
  return connection;
}

/** The transport of a server that proves who it is, and lies about messages. */
export function lying(transport: Transport, how: Lie, nodeId: string): Transport {
  return {
    name: transport.name,
    dial: (address, signal) => transport.dial(address, signal),
    listen: (address, accept) => transport.listen(address, (connection) => accept(lie(connection, how, nodeId))),
  };
}
