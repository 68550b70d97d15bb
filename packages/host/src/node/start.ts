import { errorCode, type Node, ParleyError, parseEndpoint, silentLog } from '@parley/core';
import { parseAddress } from '../tls/address.ts';
import { parseOrigin } from '../web/site.ts';
import { isWsAddress, parseWsAddress } from '../ws/address.ts';
import { assemble } from './assemble.ts';
import { Closers } from './closers.ts';
import { DEFAULT_LAN_TLS, DEFAULT_SERVER_TLS, type HostNodeOptions, type ReadyEvent } from './options.ts';
import { newToken, serveApi, servePublic } from './surfaces.ts';

/** A node that runs in this process. */
export interface HostNode {
  readonly node: Node;
  readonly ready: ReadyEvent;
  /** Absolute path of the data directory. */
  readonly data: string;
  /**
   * Says goodbye to neighbours and subscribers, writes what is not written, and closes everything. Resolves with whether all of it
   * went well. Further calls answer the same.
   */
  stop(): Promise<boolean>;
  /** Resolves as `stop` does once the node has stopped, whoever asked for it. */
  readonly stopped: Promise<boolean>;
  /** Whether it ended because another identity takes the place of this one: it is to be started anew. */
  readonly replaced: boolean;
  /** Reads the certificate of the web app again, where it has one. */
  renewCertificate(): Promise<void>;
}

/** Addresses are judged before anything is made or opened. */
function checkAddresses({ tls, udp, http, httpCert, httpKey, httpProxies, httpOrigins, connect, advertise }: HostNodeOptions): void {
  if (tls !== undefined) parseAddress(tls);
  if (udp !== undefined && udp !== false) parseAddress(udp);
  if (http !== undefined && http !== false) parseAddress(http);
  for (const origin of [...(httpProxies ?? []), ...(httpOrigins ?? [])]) if (origin !== '*') parseOrigin(origin);
  if ((httpCert === undefined) !== (httpKey === undefined)) {
    throw new ParleyError('bad-argument', 'HTTPS needs both a certificate and its key');
  }
  for (const endpoint of advertise ?? []) {
    if (!parseEndpoint(endpoint)) throw new ParleyError('bad-argument', `not an endpoint, such as tls:HOST:PORT or wss:HOST: ${endpoint}`);
  }
  for (const address of connect ?? []) {
    if (isWsAddress(address)) parseWsAddress(address);
    else if (parseAddress(address).port === 0) throw new ParleyError('bad-argument', `cannot connect to port 0: ${address}`);
  }
}

async function start(options: HostNodeOptions, closers: Closers): Promise<HostNode> {
  const log = options.log ?? silentLog;
  const { nodeType, connect = [] } = options;
  // What listens for commands is not light: it is read from disk while the store is opened.
  const [assembled] = await Promise.all([assemble(options, log, closers), import('../api/server.ts')]);
  const { node, directory } = assembled;

  const lan = options.lan ?? true;
  const tlsAddress = options.tls ?? (nodeType === 'server' ? DEFAULT_SERVER_TLS : lan ? DEFAULT_LAN_TLS : undefined);
  const tls = tlsAddress === undefined ? undefined : await node.listen('tls', tlsAddress);
  const udp = await bindUdp(node, options, tls);
  const token = newToken(assembled);
  const http = await servePublic(assembled, options, token);
  const surface = { ...(tls === undefined ? {} : { tls }), ...(http === undefined ? {} : { http }) };

  let finished = (_: boolean): void => {};
  const stopped = new Promise<boolean>((resolve) => {
    finished = resolve;
  });
  const stop = (): Promise<boolean> => {
    void closers.close(log).then(finished);
    return stopped;
  };
  const renewCertificate = async (): Promise<void> => assembled.late.http?.renew();
  if (lan && tls !== undefined) await node.discovery.start('tls', tls);
  for (const address of connect) node.connect(isWsAddress(address) ? 'ws' : 'tls', address);
  // Beside them those whom it knew in an earlier run.
  await node.rejoin.start();
  await serveApi(assembled, { ...surface, udp, connect, token, stop: () => void stop() }, closers);

  // A crash came between the two keys.
  await node.succession.resume();
  const { nodeId, keyId, name } = node.identity;
  log.info('ready', { node_id: nodeId, name, node_type: nodeType, ...surface });
  return {
    node,
    ready: { event: 'ready', node_id: nodeId, key: keyId, ...surface },
    data: directory.path,
    stop,
    stopped,
    get replaced() {
      return assembled.late.replaced;
    },
    renewCertificate,
  };
}

/** The bound address. A port that was only a default may be taken: links work without UDP. */
async function bindUdp(node: Node, { udp, nodeType, log }: HostNodeOptions, tls: string | undefined): Promise<string | undefined> {
  if (udp === false) return undefined;
  if (udp !== undefined) return node.bindUdp(udp);
  if (nodeType === 'client' || tls === undefined) return undefined;
  try {
    return await node.bindUdp(tls);
  } catch (error) {
    if (errorCode(error) !== 'in-use') throw error;
    log?.warn('UDP is off: the port is taken', { address: tls });
    return undefined;
  }
}

/**
 * Runs a node on a data directory: its identity, its store, its links over TLS, its local API, and what it tells of itself over HTTP.
 * Resolves when all of it answers; nothing stays open when it fails, and
 * where there was no identity nothing stays at all. Installs no signal handlers: see `runHostNode`.
 *
 * Errors: `in-use` (the directory, or a port), `bad-passphrase`, `bad-argument`, `bad-certificate` (trust mode `ca`), `corrupt`,
 * `unsupported`, `conflict` (messages without their identity), `refused`, `unreachable` (an address of another machine), `storage`,
 * `storage-full`.
 */
export async function startHostNode(options: HostNodeOptions): Promise<HostNode> {
  checkAddresses(options);
  const closers = new Closers();
  try {
    const host = await start(options, closers);
    if (host.replaced) void host.stop();
    else options.onReady?.(host.ready);
    return host;
  } catch (error) {
    await closers.close(options.log ?? silentLog, true);
    throw error;
  }
}
