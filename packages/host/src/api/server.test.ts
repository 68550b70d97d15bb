import { type ApiService, type EventHub, silentLog } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { buildApi } from './server.ts';
import type { ApiApp } from './type-provider.ts';

const TOKEN = 'a-token';
const HOST = '127.0.0.1:4321';

async function stoppable(): Promise<{ readonly app: ApiApp; readonly stops: () => number }> {
  let stops = 0;
  const service = { stop: () => stops++ } as unknown as ApiService;
  const app = await buildApi({ service, hub: {} as EventHub, token: TOKEN, log: silentLog }, () => 4321);
  return { app, stops: () => stops };
}

describe('POST /v1/stop', () => {
  it.each<[string, Record<string, string>, number]>([
    ['from a page in a browser', { host: HOST, origin: 'https://evil.example', authorization: `Bearer ${TOKEN}` }, 403],
    ['by a name that was made to point here', { host: 'evil.example:4321', authorization: `Bearer ${TOKEN}` }, 403],
    ['without the token', { host: HOST }, 401],
    ['with a body that is no JSON', { host: HOST, authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }, 400],
  ])('%s ends nothing', async (_, headers, status) => {
    const { app, stops } = await stoppable();
    const payload = status === 400 ? '{' : undefined;
    const answer = await app.inject({ method: 'POST', url: '/v1/stop', headers, ...(payload === undefined ? {} : { payload }) });
    expect(answer.statusCode).toBe(status);
    expect(stops()).toBe(0);
    await app.close();
  });

  it('ends the node once it has answered', async () => {
    const { app, stops } = await stoppable();
    const answer = await app.inject({ method: 'POST', url: '/v1/stop', headers: { host: HOST, authorization: `Bearer ${TOKEN}` } });
    expect(answer.statusCode).toBe(204);
    expect(stops()).toBe(1);
    await app.close();
  });
});
