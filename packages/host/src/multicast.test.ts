import type { NetworkInterfaceInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { isNeighbour, lanInterfaces } from './multicast.ts';

const ipv4 = (address: string, netmask = '255.255.255.0', internal = false): NetworkInterfaceInfo => ({
  address,
  netmask,
  internal,
  family: 'IPv4',
  mac: '00:00:00:00:00:00',
  cidr: null,
});
const ipv6 = (address: string, internal = false): NetworkInterfaceInfo => ({
  address,
  netmask: 'ffff:ffff:ffff:ffff::',
  internal,
  family: 'IPv6',
  mac: '00:00:00:00:00:00',
  cidr: null,
  scopeid: 2,
});

const MACHINE = {
  lo: [ipv4('127.0.0.1', '255.0.0.0', true), ipv6('::1', true)],
  eth0: [ipv4('192.168.1.7'), ipv6('2001:db8::7'), ipv6('fe80::7')],
  tun0: [ipv4('10.8.0.2', '255.255.255.255')],
  wlan0: [ipv4('10.1.2.3', '255.255.0.0'), ipv6('fe80::8')],
};

const addresses = (host: string): string[] => lanInterfaces(MACHINE, host).map(({ address }) => address);

describe('interfaces of the local network', () => {
  it('are those on which the listener is reached', () => {
    expect(addresses('0.0.0.0')).toEqual(['192.168.1.7', '10.1.2.3']);
    expect(addresses('::')).toEqual(['192.168.1.7', 'fe80::7%eth0', '10.1.2.3', 'fe80::8%wlan0']);
    expect(addresses('10.1.2.3')).toEqual(['10.1.2.3']);
    expect(addresses('fe80::7%eth0')).toEqual(['fe80::7%eth0']);
    expect(addresses('192.0.2.1')).toEqual([]);
  });

  it('are bounded', () => {
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`veth${i}`, [ipv4(`10.0.${i}.1`)]]));
    expect(lanInterfaces(many, '0.0.0.0')).toHaveLength(16);
  });

  it('tell neighbours from others', () => {
    const interfaces = lanInterfaces(MACHINE, '::');
    for (const from of ['192.168.1.99', '10.1.255.1', 'fe80::99%eth0']) expect(isNeighbour(from, interfaces), from).toBe(true);
    for (const from of ['192.168.2.1', '8.8.8.8', '10.2.0.1', '2001:db8::99', '127.0.0.1']) {
      expect(isNeighbour(from, interfaces), from).toBe(false);
    }
  });
});
