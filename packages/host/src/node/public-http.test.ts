import { connect } from 'node:net';
import { ParleyError, silentLog } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { type PublicHttpDeps, startPublicHttp } from './public-http.ts';

const deps = (over: Partial<PublicHttpDeps> = {}): PublicHttpDeps => ({
  check: async () => {},
  exposition: async () => ({ contentType: 'text/plain', text: async () => 'metrics\n' }),
  tokens: async () => ['token'],
  attach: () => {},
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
});
