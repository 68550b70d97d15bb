import { readFileSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { connect as connectTcp } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { type HostNode, readApiAddress } from '@parley/host';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Lab, meet, texts, until } from './host-lab.ts';

let lab: Lab;
beforeEach(() => {
  lab = new Lab();
});
afterEach(() => lab.close());

/** A request whose `Host` is as it is given. */
function get(url: string, headers: Record<string, string> = {}): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    request(url, { headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (part) => {
        body += part;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    })
      .on('error', reject)
      .end();
  });
}

async function metrics({ ready }: HostNode): Promise<Map<string, number>> {
  const { status, body } = await get(`${ready.http}/metrics`);
  expect(status).toBe(200);
  const samples = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(samples.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
}

const hostPort = (address: string | undefined): { host: string; port: number } => {
  const [host = '', port] = (address ?? '').split(':');
  return { host, port: Number(port) };
};

describe('metrics', () => {
  it('count what was turned away at the TLS port', async () => {
    const { host } = await lab.server({ http: '127.0.0.1:0' });
    const garbage = connectTcp(hostPort(host.ready.tls));
    garbage.on('error', () => garbage.destroy());
    garbage.end('this is not TLS at all\n'.repeat(10));
    const anonymous = connectTls({ ...hostPort(host.ready.tls), rejectUnauthorized: false });
    anonymous.on('error', () => anonymous.destroy());
    const rejections = (all: Map<string, number>, reason: string) => all.get(`parley_rejections_total{reason="${reason}"}`) ?? 0;
    await until(async () => {
      const all = await metrics(host);
      return rejections(all, 'tls-handshake-failed') >= 1 && rejections(all, 'tls-no-certificate') >= 1;
    }, 'both were counted');
    expect(await get(`${host.ready.http}/healthz`)).toEqual({ status: 200, body: '{"status":"ok"}' });
  });

  it('tell of links, messages, queues, stores and times', async () => {
    const { host } = await lab.server({ http: '127.0.0.1:0' });
    const connect = [host.ready.tls ?? ''];
    const ann = await lab.start({ data: lab.dir('ann'), nodeType: 'client', name: 'ann', connect, http: '127.0.0.1:0' });
    const ben = await lab.start({ data: lab.dir('ben'), nodeType: 'client', name: 'ben', connect });
    await meet('lobby', ann.client, ben.client);
    await ann.client.send('lobby', 'hello');
    await texts(ben.client, 'lobby', 1);
    const server = await metrics(host);
    expect(server.get('parley_links')).toBe(2);
    expect(server.get('parley_messages_total{verb="MESSAGE",outcome="received"}')).toBe(1);
    expect(server.get('parley_messages_total{verb="MESSAGE",outcome="sent"}')).toBe(1);
    expect(server.get('parley_links_opened_total{transport="tls"}')).toBe(2);
    expect(server.get('parley_info{version="parley/0.1.0",node_type="server"}')).toBe(1);
    for (const name of ['parley_custody_messages', 'parley_queued_bytes', 'parley_store_bytes', 'process_start_time_seconds']) {
      expect(server.get(name), name).toEqual(expect.any(Number));
    }
    await until(async () => (await metrics(ann.host)).get('parley_delivery_seconds_count') === 1, 'the receipt was counted');
    const own = await metrics(ann.host);
    expect(own.get('parley_channel_messages_sent_total')).toBe(1);
    expect(own.get('parley_delivery_seconds_bucket{le="+Inf"}')).toBe(1);
    expect(own.get('parley_ack_seconds_count')).toBeGreaterThanOrEqual(1);
  });

  it('want a token of whoever does not ask from this machine', async ({ skip }) => {
    const { host } = await lab.server({ http: '127.0.0.1:0' });
    const url = host.ready.http ?? '';
    // Through a proxy, or by a name that somebody else made to point here.
    expect((await get(`${url}/metrics`, { host: 'metrics.example.org' })).status).toBe(401);
    expect((await get(`${url}/elsewhere`, { host: 'metrics.example.org' })).status).toBe(403);
    expect((await get(`${url}/healthz`, { host: 'metrics.example.org' })).status).toBe(200);
    expect((await get(`${url}/metrics`, { host: 'localhost:80' })).status).toBe(200);

    const outside = Object.values(networkInterfaces())
      .flat()
      .find((address) => address && !address.internal && address.family === 'IPv4')?.address;
    skip(outside === undefined, 'this machine has no address but loopback');
    const open = await lab.start({ data: lab.dir('open'), nodeType: 'server', tls: '127.0.0.1:0', http: `${outside}:0` });
    const address = open.host.ready.http ?? '';
    expect(address).toContain(outside);
    expect((await get(`${address}/metrics`)).status).toBe(401);
    expect((await get(`${address}/healthz`)).status).toBe(200);
    const file = join(lab.dir('open'), 'metrics.token');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const kept = readFileSync(file, 'utf8').trim();
    const { token } = await readApiAddress(lab.dir('open'));
    const withToken = async (bearer: string) => (await get(`${address}/metrics`, { authorization: `Bearer ${bearer}` })).status;
    expect(await withToken(kept)).toBe(200);
    expect(await withToken(token)).toBe(200);
    expect(await withToken('another')).toBe(401);
    // Whoever reads metrics may do nothing else.
    const api = await readApiAddress(lab.dir('open'));
    expect((await get(`${api.url}/v1/status`, { authorization: `Bearer ${kept}` })).status).toBe(401);
    await open.host.stop();
    const again = await lab.start({ data: lab.dir('open'), nodeType: 'server', tls: '127.0.0.1:0', http: `${outside}:0` });
    expect((await get(`${again.host.ready.http}/metrics`, { authorization: `Bearer ${kept}` })).status).toBe(200);
  });
});
