import type { Clock, Node, NodeService, Store } from '@parley/core';
import { type Lie, lying } from './liar.ts';

/** A node in Node.js beside the browser. */
export interface StartOptions {
  readonly name: string;
  readonly nodeType?: 'client' | 'server';
  /** Port to listen on for WebSockets; 0 for a free one. Without it the node only dials. */
  readonly port?: number;
  /** WebSocket addresses of servers that it keeps links to. */
  readonly connect?: readonly string[];
  /** How far its clock is ahead. */
  readonly skewMs?: number;
  /** So many times as fast its timers are. */
  readonly haste?: number;
  /** Without it, it is honest. */
  readonly lie?: Lie;
  /** The seed of its identity; the same node when it starts again. */
  readonly seed?: number;
}

export interface Started {
  readonly id: number;
  readonly nodeId: string;
  /** `HOST:PORT`; empty when it does not listen. */
  readonly address: string;
}

/** What a test asks of such a node. */
export type Question = 'channels' | 'create' | 'join' | 'send' | 'messages' | 'members';

interface Running {
  readonly node: Node;
  readonly store: Store;
  readonly service: NodeService;
  readonly files: import('@parley/sim').MemoryFiles;
}

const running = new Map<number, Running>();
/** Disks outlive the nodes on them. */
const drives = new Map<string, import('@parley/sim').MemoryDrive>();
let made = 0;

/** Starts a real node: the host's crypto and WebSockets, on a disk in memory. */
export async function startNode(options: StartOptions): Promise<Started> {
  // When a test asks for it: the compiled packages need not be there for other tests.
  const [core, host, sim] = await Promise.all([import('@parley/core'), import('@parley/host'), import('@parley/sim')]);
  const { name, nodeType = 'server', port, connect = [], skewMs = 0, haste = 1, seed = made + 1, lie } = options;
  const system = host.createClock();
  const clock: Clock = {
    now: () => system.now() + skewMs,
    monotonic: () => system.monotonic() * haste,
    after: (ms, run) => system.after(ms / haste, run),
  };
  const [random, crypto] = [host.createRandom(), host.createCrypto()];
  const { identity } = await core.createIdentity({ crypto, random, clock }, { name, seed: new Uint8Array(32).fill(seed) });
  const drive = drives.get(identity.nodeId) ?? new sim.MemoryDrive();
  drives.set(identity.nodeId, drive);
  const log = core.silentLog;
  const store = drive.open(core.tables);
  const files = new sim.MemoryFiles();
  const transport = host.createWsTransport({ log, limits: { maxHandshakesPerAddress: 1000 } });
  const transports = [lie ? lying(transport, lie, identity.nodeId) : transport];
  const node = await core.createNode({ clock, random, crypto, store, log, files, transports }, { identity, nodeType });
  const id = made++;
  const service = new core.NodeService(node, { clock, tls: undefined, udp: undefined, http: undefined, connect, stop: () => {} });
  running.set(id, { node, store, service, files });
  const address = port === undefined ? '' : await node.listen('ws', `127.0.0.1:${port}`);
  for (const server of connect) node.connect('ws', server);
  return { id, nodeId: identity.nodeId, address };
}

export async function stopNode(id: number): Promise<void> {
  const { node, store } = expectRunning(id);
  running.delete(id);
  await node.close();
  await store.close();
}

export async function askNode(id: number, question: Question, args: readonly unknown[]): Promise<unknown> {
  const { service } = expectRunning(id);
  const method = service[question] as (...given: unknown[]) => unknown;
  return method.apply(service, [...args]);
}

/** A node sends a file of so many bytes that nothing repeats. */
export async function shareFile(id: number, channel: string, size: number): Promise<{ msgId: string; sha256: string }> {
  const { files, service, node } = expectRunning(id);
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i++) bytes[i] = (Math.imul(i + 9, 2654435761) >>> 13) & 255;
  files.place('/film.bin', bytes);
  const file = await service.files.offer(channel, '/film.bin');
  const { id: channelId } = node.channels.find(channel);
  const { msgId } = await node.channels.send(channelId, 'a film', { attachments: [{ ...file, type: 'application/octet-stream' }] });
  return { msgId, sha256: file.sha256 };
}

/** Digests of the files that a node has whole. */
export async function filesHere(id: number): Promise<string[]> {
  const { service } = expectRunning(id);
  return service.files.list().flatMap(({ state, sha256 }) => (state === 'here' ? [sha256] : []));
}

export async function stopAll(): Promise<void> {
  for (const id of [...running.keys()]) await stopNode(id);
}

function expectRunning(id: number): Running {
  const found = running.get(id);
  if (!found) throw new Error(`no node ${id} runs`);
  return found;
}
