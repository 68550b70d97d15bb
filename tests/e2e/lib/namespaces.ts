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
    return execFileSync('ip', ['netns', 'exec', `${this.#prefix}-${name}`, process.execPath, '-e', script], { encoding: 'utf8' });
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

  #program(name: string): string[] {
    return ['ip', 'netns', 'exec', `${this.#prefix}-${name}`, process.execPath, COMMAND];
  }

  #space(name: string): void {
    const space = `${this.#prefix}-${name}`;
    ip('netns', 'add', space);
    this.#spaces.push(space);
  }
}
