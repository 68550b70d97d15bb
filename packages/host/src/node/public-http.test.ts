import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { ParleyError, silentLog } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { type PublicHttpDeps, startPublicHttp } from './public-http.ts';

const deps = (over: Partial<PublicHttpDeps> = {}): PublicHttpDeps => ({
  check: async () => {},
  exposition: async () => ({ contentType: 'text/plain', text: async () => 'metrics\n' }),
  tokens: async () => ['token'],
  attach: () => {},
  onRefused: () => {},
  log: silentLog,
  ...over,
});

describe('the HTTP listener', () => {
  it('says that the node does not work when it does not', async () => {
    let fault: ParleyError | undefined;
    const check = async (): Promise<void> => {
      if (fault) throw fault;
    };
    const http = await startPublicHttp('127.0.0.1:0', {}, deps({ check }));
    try {
      expect((await fetch(`${http.url}/healthz`)).status).toBe(200);
      fault = new ParleyError('corrupt', 'the store is damaged');
      const response = await fetch(`${http.url}/healthz`);
      expect(response.status).toBe(503);
      expect(await response.json()).toEqual({ status: 'failing' });
    } finally {
      await http.close();
    }
  });

  it('tells its metrics to this machine, and not to those for whom a proxy on it asks', async () => {
    const http = await startPublicHttp('127.0.0.1:0', {}, deps());
    try {
      const ask = async (headers: Record<string, string>): Promise<number> => (await fetch(`${http.url}/metrics`, { headers })).status;
      expect(await ask({})).toBe(200);
      expect(await ask({ 'X-Forwarded-For': '203.0.113.5' })).toBe(401);
      expect(await ask({ Forwarded: 'for=203.0.113.5' })).toBe(401);
      expect(await ask({ 'X-Forwarded-For': '203.0.113.5', Authorization: 'Bearer token' })).toBe(200);
    } finally {
      await http.close();
    }
  });

  it('answers what is asked a little ahead, and ends a connection on which thousands are asked at once', async () => {
    const refused: string[] = [];
    let checks = 0;
    const check = async (): Promise<void> => void checks++;
    const http = await startPublicHttp('127.0.0.1:0', {}, deps({ check, onRefused: (reason) => refused.push(reason) }));
    const { hostname, port } = new URL(http.url);
    const asked = async (count: number): Promise<string> => {
      const socket = connect(Number(port), hostname);
      let answered = '';
      socket.on('data', (chunk) => {
        answered += chunk.toString();
        if (answered.split('200 OK').length > count) socket.destroy();
      });
      socket.on('error', () => socket.destroy());
      socket.write('GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'.repeat(count));
      await new Promise((resolve) => socket.once('close', resolve));
      return answered;
    };
    try {
      expect((await asked(3)).split('200 OK')).toHaveLength(4);
      // One after the other as many as one likes.
      for (let i = 0; i < 20; i++) expect((await fetch(`${http.url}/healthz`)).status).toBe(200);
      expect(refused).toEqual([]);
      checks = 0;
      await asked(1000);
      expect(checks).toBeLessThan(10);
      expect(refused).toEqual(['http-ahead']);
    } finally {
      await http.close();
    }
  });

  it('closes though a peer does not', async () => {
    const http = await startPublicHttp('127.0.0.1:0', {}, deps());
    const { hostname, port } = new URL(http.url);
    const socket = connect(Number(port), hostname);
    await new Promise((resolve) => socket.once('connect', resolve));
    socket.write('GET /metrics HTTP/1.1\r\nHost: 127');
    const gone = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => socket.destroy());
    await http.close();
    await gone;
  });

  it('refuses an address in use', async () => {
    const http = await startPublicHttp('127.0.0.1:0', {}, deps());
    const address = http.url.replace('http://', '');
    await expect(startPublicHttp(address, {}, deps())).rejects.toMatchObject({ code: 'in-use' });
    await http.close();
  });

  it('reads its certificate again when it is told to, and keeps the old one where the new one is none', async (context) => {
    const directory = mkdtempSync(join(tmpdir(), 'parley-http-'));
    const [cert, key] = [join(directory, 'cert.pem'), join(directory, 'key.pem')];
    const issue = (name: string): void => {
      const wanted = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-subj', `/CN=${name}`];
      execFileSync('openssl', ['req', '-x509', '-nodes', ...wanted, '-keyout', key, '-out', cert], { stdio: 'ignore' });
    };
    try {
      issue('before.test');
    } catch {
      context.skip('openssl is missing');
    }
    const http = await startPublicHttp('127.0.0.1:0', { cert, key }, deps());
    const shown = (): Promise<unknown> =>
      new Promise((resolve, reject) => {
        const socket = connectTls({ host: '127.0.0.1', port: Number(new URL(http.url).port), rejectUnauthorized: false }, () => {
          resolve(socket.getPeerCertificate().subject.CN);
          socket.destroy();
        });
        socket.on('error', reject);
      });
    try {
      expect(await shown()).toBe('before.test');
      issue('after.test');
      await http.renew();
      expect(await shown()).toBe('after.test');
      writeFileSync(cert, 'no certificate');
      await http.renew();
      expect(await shown()).toBe('after.test');
    } finally {
      await http.close();
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
