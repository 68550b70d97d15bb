import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  authorityCertificatePath,
  createAuthority,
  createClock,
  createCrypto,
  createRandom,
  exportCertificate,
  installCertificate,
} from '@parley/host';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Lab, until } from './host-lab.ts';
import { WsStranger } from './lib/ws-stranger.ts';

let lab: Lab;
beforeEach(() => {
  lab = new Lab();
});
afterEach(() => lab.close());

const deps = { crypto: createCrypto(), random: createRandom(), clock: createClock() };

describe('a closed network', () => {
  it('admits whom its authority certified, and nobody else', async () => {
    const authority = await createAuthority(lab.dir('authority'), deps, { name: 'garden' });
    const pem = authorityCertificatePath(lab.dir('authority'));
    const certify = async (name: string): Promise<void> => {
      const made = await lab.start({ data: lab.dir(name), nodeType: 'client', name });
      await made.host.stop();
      const issued = await authority.issue(await exportCertificate(lab.dir(name), deps.crypto));
      await installCertificate(lab.dir(name), deps.crypto, issued.pem);
    };
    for (const name of ['server', 'ann']) await certify(name);
    const { host } = await lab.server({ authorities: [pem], http: '127.0.0.1:0' });
    const connect = [host.ready.tls ?? ''];
    // By the option, or for good by a file in the data directory.
    writeFileSync(join(lab.dir('ann'), 'authorities.pem'), readFileSync(pem));
    const ann = await lab.start({ data: lab.dir('ann'), nodeType: 'client', connect });
    await until(async () => (await ann.client.status()).links.length === 1, 'Ann has a link');

    const eve = await lab.start({ data: lab.dir('eve'), nodeType: 'client', name: 'eve', connect });
    await until(() => host.node.metrics.value('rejections', 'tls-handshake-failed') > 0, 'Eve was turned away');
    expect((await eve.client.status()).links).toEqual([]);
    expect(host.node.links.size).toBe(1);
    // A link by PROOF shows no certificate.
    const mallory = await WsStranger.meet(host.ready.http, await WsStranger.identity('mallory'));
    await mallory.hello();
    await until(() => mallory.ended, 'Mallory was turned away');
    expect(mallory.of('BYE')[0]?.msg_data).toMatchObject({ reason: expect.stringContaining('certificate of its authority') });

    await eve.host.stop();
    await expect(lab.start({ data: lab.dir('eve'), nodeType: 'client', authorities: [pem] })).rejects.toMatchObject({
      code: 'bad-certificate',
    });
    await ann.host.stop();
    await expect(lab.start({ data: lab.dir('ann'), nodeType: 'client', name: 'another' })).rejects.toMatchObject({ code: 'refused' });
  });
});
