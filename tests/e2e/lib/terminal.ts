import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { expect, vi } from 'vitest';
import { COMMAND } from './cli.ts';
import { Screen } from './screen.ts';

const COLUMNS = 100;
const ROWS = 24;

/** `script` of util-linux gives a program a terminal. */
const PTY = 'script';
export const hasScript = spawnSync(PTY, ['--version']).stdout?.toString().includes('util-linux') === true;

const open = new Set<Terminal>();

/** Those of tests that failed. */
export function closeTerminals(): void {
  for (const terminal of open) terminal.close();
  open.clear();
}

/** A chat on a terminal of its own, and what is on it. */
export class Terminal {
  readonly #child: ChildProcess;
  readonly screen = new Screen(COLUMNS, ROWS);
  readonly ended: Promise<number | null>;

  constructor(data: string, ...args: string[]) {
    const command = [process.execPath, COMMAND, 'chat', '--data', data, ...args].map((part) => `'${part}'`).join(' ');
    const child = spawn(PTY, ['-qfec', `stty cols ${COLUMNS} rows ${ROWS}; exec ${command}`, '/dev/null'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, TERM: 'xterm-256color' },
    });
    child.stdout.on('data', (chunk) => this.screen.write(String(chunk)));
    this.ended = new Promise((resolve) => child.once('close', resolve));
    this.#child = child;
    open.add(this);
  }

  /** Of a test that failed: without its terminal the chat ends. */
  close(): void {
    this.#child.kill('SIGKILL');
  }

  type(text: string): void {
    this.#child.stdin?.write(text);
  }

  async shows(text: string | RegExp): Promise<void> {
    await vi.waitFor(() => expect(this.screen.text).toMatch(text), { timeout: 20_000, interval: 20 });
  }

  async quit(): Promise<number | null> {
    this.type('\u0015/quit\r');
    return await this.ended;
  }
}
