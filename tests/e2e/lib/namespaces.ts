import { execFileSync } from 'node:child_process';
import { COMMAND, type Ran, type Running, run, start } from './cli.ts';

function ip(...args: string[]): string {
  return execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Why there can be no networks of our own here; undefined where there can. */
export function whyNoNamespaces(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces are a thing of Linux';
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  const probe = `pu-${process.pid}-probe`;
  try {
    ip('netns', 'add', probe);
    ip('netns', 'del', probe);
    return undefined;
  } catch (error) {
    return `network namespaces do not work here (${(error as Error).message.split('\n')[0]})`;
  }
}

export interface NatOptions {
  /** Whether an address inside keeps its port outside. */
  readonly ports?: 'kept' | 'random';
  readonly unasked?: 'drop' | 'refuse';
}

let networks = 0;

/**
 * A local network of machines that know only each other: a namespace for each, joined by a bridge in one more. No default route, no way
 * out. Only what it made itself is taken away again.
 */
export class LocalNetwork {
  readonly #prefix = `pu-${process.pid}-${++networks}`;
  readonly #spaces: string[] = [];
  readonly #running: Running[] = [];
  #machines = 0;

  constructor() {
    this.#space('hub');
    this.ip('hub', 'link', 'add', 'br0', 'type', 'bridge');
    this.ip('hub', 'link', 'set', 'br0', 'up');
  }

  /** A machine with an address of its own in 10.77.0.0/24, and link-local IPv6 where the kernel has it. */
  machine(name: string): void {
    const number = ++this.#machines;
    this.#space(name);
    const far = `v${process.pid % 10_000}-${networks}-${number}`;
    ip('link', 'add', far, 'netns', `${this.#prefix}-hub`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', `${this.#prefix}-${name}`);
    this.ip('hub', 'link', 'set', far, 'master', 'br0', 'up');
    this.ip(name, 'link', 'set', 'lo', 'up');
    this.ip(name, 'address', 'add', `10.77.0.${number}/24`, 'dev', 'eth0');
    this.ip(name, 'link', 'set', 'eth0', 'up');
  }

  /**
   * A machine in a network of its own, behind a router that translates its addresses (nftables) and takes nothing in that was not asked for: it drops
   * it, or refuses it. A NAT that keeps ports is what homes have; one that picks them at random is what nobody gets through.
   */
  machineBehindNat(name: string, { ports = 'kept', unasked = 'drop' }: NatOptions = {}): void {
    const router = `${name}-nat`;
    const inside = `192.168.${this.#machines}`;
    this.machine(router);
    this.#space(name);
    this.ip(router, 'link', 'add', 'eth1', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', `${this.#prefix}-${name}`);
    this.ip(router, 'address', 'add', `${inside}.1/24`, 'dev', 'eth1');
    this.ip(router, 'link', 'set', 'eth1', 'up');
    this.ip(name, 'link', 'set', 'lo', 'up');
    this.ip(name, 'address', 'add', `${inside}.2/24`, 'dev', 'eth0');
    this.ip(name, 'link', 'set', 'eth0', 'up');
    this.ip(name, 'route', 'add', 'default', 'via', `${inside}.1`);
    this.#exec(router, ['sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward']);
    const masquerade = ports === 'kept' ? 'masquerade' : 'masquerade fully-random';
    const verdict = unasked === 'drop' ? 'drop' : 'reject with tcp reset';
    const chain = (hook: string): string => `
      chain ${hook} {
        type filter hook ${hook} priority filter;
        iifname "eth0" ct state established,related accept
        iifname "eth0" meta l4proto tcp ${verdict}
        iifname "eth0" meta l4proto udp drop
      }`;
    const rules = `
      table ip nat {
        chain post {
          type nat hook postrouting priority srcnat;
          oifname "eth0" ${masquerade}
        }
      }
      table ip guard {${chain('input')}${chain('forward')}
      }`;
    this.#exec(router, ['nft', '-f', '-'], rules);
  }

  /** Starts the command on a machine, and leaves it running. */
  start(name: string, ...args: string[]): Running {
    const running = start(args, { program: this.#program(name) });
    this.#running.push(running);
    return running;
  }

  /** Runs the command on a machine to its end. */
  run(name: string, ...args: string[]): Promise<Ran> {
    return run(this.#program(name), args);
  }

  /** What a web server on a machine answers to that machine. */
  fetch(name: string, url: string): string {
    const script = `fetch(${JSON.stringify(url)}).then((answer) => answer.text()).then((text) => process.stdout.write(text))`;
    return this.#exec(name, [process.execPath, '-e', script]);
  }

  /** What `ip` says on a machine. */
  ip(name: string, ...args: string[]): string {
    return ip('-n', `${this.#prefix}-${name}`, ...args);
  }

  async close(): Promise<void> {
    await Promise.all(this.#running.map((running) => running.stop()));
    // With a namespace goes what is in it.
    for (const space of this.#spaces.reverse()) ip('netns', 'del', space);
  }

  #exec(name: string, command: readonly string[], input?: string): string {
    return execFileSync('ip', ['netns', 'exec', `${this.#prefix}-${name}`, ...command], { encoding: 'utf8', input });
  }

  #program(name: string): string[] {
    return ['ip', 'netns', 'exec', `${this.#prefix}-${name}`, process.execPath, COMMAND];
  }

  #space(name: string): void {
    const space = `${this.#prefix}-${name}`;
    ip('netns', 'add', space);
    this.#spaces.push(space);
  }
}
