import { Network, type ParticipantConfig } from './network.ts';

export interface Registered {
  readonly net: Network;
  readonly servers: readonly string[];
  readonly clients: readonly string[];
}

/** A host in a network of its own. */
export const hostOf = (number: number): string => `10.${number >> 8}.${number & 255}.1`;

/** Servers that came by one entry point, and clients attached to some of them, once their records are where they belong. */
export async function registered(
  seed: string,
  options: {
    servers: number;
    clients?: number;
    config?: (number: number) => ParticipantConfig;
    client?: ParticipantConfig;
    signatureMs?: number;
  },
): Promise<Registered> {
  const net = new Network({ seed, ...(options.signatureMs ? { signatureMs: options.signatureMs } : {}) });
  const servers = Array.from({ length: options.servers }, (_, i) => hostOf(i + 1));
  const clients = Array.from({ length: options.clients ?? 0 }, (_, i) => `client${i}`);
  for (const [i, host] of servers.entries()) {
    await net.server(host, { udp: true, ...options.config?.(i) });
    if (i > 0) net.link(host, servers[0] as string);
  }
  for (const [i, host] of clients.entries()) {
    await net.client(host, options.client);
    net.link(host, servers[(2 * i) % servers.length] as string);
    net.link(host, servers[(2 * i + 1) % servers.length] as string);
  }
  await net.world.advance(60_000);
  return { net, servers, clients };
}
