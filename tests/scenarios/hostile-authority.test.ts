import { generateKeyPairSync, sign } from 'node:crypto';
import {
  type AuthorityCertificate,
  type AuthoritySigner,
  buildAuthority,
  type CertificateDates,
  createIdentity,
  createNode,
  type Identity,
  identityFromSecret,
  issueCertificate,
  loadDht,
  loadGroups,
  loadMaking,
  loadServing,
  loadStun,
  type Node,
  parseAuthority,
  parseCertificate,
  subjectOf,
  tables,
} from '@parley/core';
import { createCrypto } from '@parley/host';
import { World } from '@parley/sim';
import { beforeAll, describe, expect, it } from 'vitest';

const crypto = createCrypto();
const DAY = 24 * 60 * 60_000;

/** A closed network: an authority, and nodes with certificates of whatever kind. */
class ClosedNetwork {
  readonly world: World;
  readonly #authority: AuthoritySigner;

  constructor(seed: string, authority: AuthoritySigner) {
    this.world = new World({ seed, crypto });
    this.#authority = authority;
  }

  async identity(name: string, dates: CertificateDates | 'self-signed', by: AuthoritySigner = this.#authority): Promise<Identity> {
    const deps = { crypto, random: this.world.random.fork(name), clock: this.world.clock.view() };
    const { identity, secret } = await createIdentity(deps, { name, seed: crypto.sha256(new TextEncoder().encode(name)) });
    if (dates === 'self-signed') return identity;
    const subject = await subjectOf(crypto, await parseCertificate(identity.certificate, crypto));
    const { der } = await issueCertificate(deps, by, subject, dates);
    return identityFromSecret(deps, { secret, certificate: der });
  }

  async node(identity: Identity, options: { closed?: boolean; certificate?: boolean } = {}): Promise<Node> {
    const host = identity.name;
    const ports = this.world.ports(host, { tables, ...(options.certificate === false ? {} : { certificate: identity.certificate }) });
    const authorities = options.closed === false ? {} : { authorities: [this.#authority.certificate] };
    await Promise.all([loadDht(), loadGroups(), loadServing(), loadMaking(), loadStun()]);
    const node = await this.world.until(createNode(ports, { identity, nodeType: 'server', ...authorities }));
    await this.world.until(node.listen('memory', `${host}:4000`));
    return node;
  }

  valid(): CertificateDates {
    const now = this.world.clock.now();
    return { notBefore: now - DAY, notAfter: now + DAY };
  }
}

async function ed25519Authority(name: string, seed: number): Promise<AuthoritySigner> {
  const random = { bytes: (length: number) => new Uint8Array(length).fill(seed), number: () => 0 };
  const key = await crypto.signingKey(new Uint8Array(32).fill(seed));
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), key.publicKey]);
  const signer = { algorithm: 'ed25519', sign: (data: Uint8Array) => key.sign(data) } as const;
  const der = await buildAuthority({ crypto, random }, name, spki, { notBefore: 0, notAfter: 9e12 }, signer);
  return { ...signer, certificate: await parseAuthority(der, crypto) };
}

async function rsaAuthority(name: string): Promise<AuthoritySigner> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 3072 });
  const random = { bytes: (length: number) => new Uint8Array(length).fill(7), number: () => 0 };
  const signer = { algorithm: 'rsa-sha256', sign: (data: Uint8Array) => new Uint8Array(sign('sha256', data, privateKey)) } as const;
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  const der = await buildAuthority({ crypto, random }, name, spki, { notBefore: 0, notAfter: 9e12 }, signer);
  const certificate: AuthorityCertificate = await parseAuthority(der, crypto);
  return { ...signer, certificate };
}

let authorities: Record<'Ed25519' | 'RSA' | 'other', AuthoritySigner>;

beforeAll(async () => {
  authorities = { Ed25519: await ed25519Authority('ours', 1), RSA: await rsaAuthority('ours'), other: await ed25519Authority('ours', 2) };
});

describe.each(['Ed25519', 'RSA'] as const)('a closed network whose authority has a key of kind %s', (kind) => {
  const outcome = async (net: ClosedNetwork, identity: Identity, options = {}): Promise<{ links: number; reason: string | undefined }> => {
    const hub = await net.node(await net.identity('hub', net.valid()));
    const node = await net.node(identity, options);
    let reason: string | undefined;
    hub.links.events.on('failed', ({ error }) => {
      reason ??= error.message;
    });
    node.connect('memory', 'hub:4000');
    await net.world.advance(5000);
    return { links: hub.links.size, reason };
  };

  it('admits those whom it certified', async () => {
    const net = new ClosedNetwork(`ca ${kind}`, authorities[kind]);
    expect(await outcome(net, await net.identity('ann', net.valid()))).toEqual({ links: 1, reason: undefined });
  });

  it.each<[string, (net: ClosedNetwork) => Promise<Identity>, object, RegExp]>([
    ['certified themselves', (net) => net.identity('ann', 'self-signed'), { closed: false }, /not issued by a trusted authority/],
    [
      'are certified by another authority of the same name',
      (net) => net.identity('ann', net.valid(), authorities.other),
      { closed: false },
      /not issued by a trusted authority/,
    ],
    [
      'come too late',
      (net) => net.identity('ann', { notBefore: 0, notAfter: net.world.clock.now() - DAY }),
      { closed: false },
      /has expired/,
    ],
    [
      'come too early',
      (net) => net.identity('ann', { notBefore: net.world.clock.now() + DAY, notAfter: 9e12 }),
      { closed: false },
      /not valid yet/,
    ],
    [
      'have no certificate to show',
      (net) => net.identity('ann', net.valid()),
      { closed: false, certificate: false },
      /admits only nodes with a certificate/,
    ],
  ])('refuses those who %s', async (_, make, options, reason) => {
    const net = new ClosedNetwork(`ca refuses ${kind}`, authorities[kind]);
    const refused = await outcome(net, await make(net), options);
    expect(refused.links).toBe(0);
    expect(refused.reason).toMatch(reason);
  });

  it('its members do not join a network that anybody may join', async () => {
    const net = new ClosedNetwork(`ca open ${kind}`, authorities[kind]);
    const open = await net.node(await net.identity('open', 'self-signed'), { closed: false });
    const member = await net.node(await net.identity('ann', net.valid()));
    member.connect('memory', 'open:4000');
    await net.world.advance(5000);
    expect([open.links.size, member.links.size]).toEqual([0, 0]);
  });
});
