import { aboutFile, type FileAbout, type FileStanding } from '@parley/core';
import { Network, type ParticipantConfig } from './network.ts';

export const MIB = 1024 * 1024;
export const CHUNK = 256 * 1024;

/** Bytes that no chunk repeats. */
export function content(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i += 4) {
    const word = Math.imul(i + 1, 2654435761);
    bytes[i] = word >>> 24;
    bytes[i + 1] = word >>> 16;
    bytes[i + 2] = word >>> 8;
  }
  return bytes;
}

export interface Scene {
  readonly net: Network;
  readonly id: string;
}

/** Members of one channel around a server. Those that listen can be dialled: `near` are linked to ann. */
export async function around(
  seed: string,
  members: readonly string[],
  near: readonly string[] = [],
  config: ParticipantConfig = {},
): Promise<Scene> {
  const net = new Network({ seed, conditions: { latencyMs: 5 } });
  await net.server('hub');
  for (const host of ['ann', ...members]) {
    await net.client(host, { listen: near.length > 0, ...config });
    net.link(host, 'hub');
  }
  for (const host of near) net.link(host, 'ann');
  return { net, id: await net.channel('garden', 'ann', ...members) };
}

/** ann reads a file and sends it. */
export async function share({ net, id }: Scene, bytes: Uint8Array, change: Partial<FileAbout> = {}): Promise<FileAbout> {
  const { node } = net.get('ann');
  const path = `/film-${bytes.length}.bin`;
  net.world.files('ann').place(path, bytes);
  const file = await net.world.until(node.files.offer(path, id));
  const attachment = { ...file, type: 'application/octet-stream', ...change };
  const { attachments } = await net.world.until(node.channels.send(id, 'a film', { attachments: [attachment] }));
  const about = attachments[0] && aboutFile(attachments[0]);
  if (!about) throw new Error('no file is named');
  return about;
}

export const standing = ({ net }: Scene, host: string, about: FileAbout): FileStanding => net.get(host).node.files.standing(about);
export const until = (scene: Scene, host: string, about: FileAbout, state: FileStanding['state']): Promise<void> =>
  scene.net.world.runUntil(() => standing(scene, host, about).state === state, {
    limitMs: 600_000,
    what: `that it is ${state} at ${host}`,
  });
export const value = ({ net }: Scene, host: string, name: string, label = ''): number => net.get(host).node.metrics.value(name, label);

export async function read({ net }: Scene, host: string, about: FileAbout): Promise<Uint8Array> {
  const all = async (): Promise<Uint8Array> => {
    const pieces: Uint8Array[] = [];
    for await (const piece of net.get(host).node.files.content(about)) pieces.push(piece);
    return Buffer.concat(pieces);
  };
  return net.world.until(all());
}

export const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
