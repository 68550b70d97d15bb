import { createIdentity, type Identity, type Successor } from '@parley/core';
import { knows, link } from './devices.ts';
import { around, befriend, contactOf } from './friends.ts';
import { Network } from './network.ts';

const MINUTE = 60_000;

/** What a platform keeps of the next identity; it outlives crashes. */
export class Keeper implements Successor {
  #next: Identity;
  #made = false;
  taken = false;

  constructor(next: Identity) {
    this.#next = next;
  }

  /** What it makes from now on. */
  prepare(next: Identity): void {
    this.#next = next;
    this.#made = false;
    this.taken = false;
  }

  async make(): Promise<Identity> {
    this.#made = true;
    return this.#next;
  }

  async get(): Promise<Identity | undefined> {
    return this.#made ? this.#next : undefined;
  }

  async discard(): Promise<void> {
    this.#made = false;
  }

  async takeOver(): Promise<void> {
    this.taken = true;
  }
}

export interface Scene {
  readonly net: Network;
  readonly keeper: Keeper;
  readonly next: Identity;
}

/** A further key of ann's. */
export async function anotherKey({ world }: Network, name: string): Promise<Identity> {
  const deps = { crypto: world.crypto, random: world.random.fork(name), clock: world.clock.view() };
  return (await world.until(createIdentity(deps, { name: 'ann' }))).identity;
}

/** Ann, whose key can be replaced, and ben and cid, her contacts. */
export async function begin(seed: string): Promise<Scene> {
  const net = new Network({ seed });
  await around(net, ['ben', 'cid']);
  const next = await anotherKey(net, 'next');
  const keeper = new Keeper(next);
  await net.client('ann', { successor: keeper });
  net.link('ann', 's');
  await net.world.runUntil(() => net.reaches('ann', 'ben') && net.reaches('ben', 'ann'), { limitMs: MINUTE });
  for (const other of ['ben', 'cid']) await befriend(net, 'ann', other);
  const id = net.get('ann').node.direct.idWith(net.get('ben').identity.keyId);
  await net.world.runUntil(() => ['ann', 'ben'].every((host) => net.knows(host, id)), { limitMs: MINUTE });
  await net.send('ann', '@ben', 'from the old key');
  await net.send('ben', '@ann', 'to the old key');
  await net.world.runUntil(() => net.texts('ann').length === 2 && net.texts('ben').length === 2, { limitMs: MINUTE });
  await net.world.advance(5000);
  return { net, keeper, next };
}

/** The same with devices of hers; ben knows all of them. */
export async function withDevices(seed: string, ...devices: string[]): Promise<Scene> {
  const scene = await begin(seed);
  const { net } = scene;
  for (const device of devices) {
    await net.client(device);
    net.link(device, 's');
    await net.world.advance(5000);
    await link(net, 'ann', device);
  }
  await knows(net, 'ann', ['ann', ...devices], 'ann', ...devices, 'ben');
  await net.world.runUntil(() => devices.every((host) => net.get(host).node.contacts.list().length === 2), { limitMs: MINUTE });
  await net.world.advance(MINUTE);
  return scene;
}

export const finish = ({ net }: Scene, options = {}): Promise<void> => net.world.until(net.get('ann').node.succession.finish(options));

/** The new key runs on what the old one kept. */
export async function swap({ net, next }: Scene, clean = true): Promise<void> {
  if (clean) await net.stop('ann');
  else net.crash('ann');
  net.become('ann', next);
  await net.restart('ann');
}

export const told = ({ net }: Scene): boolean => contactOf(net, 'ben', 'ann')?.change !== undefined;
