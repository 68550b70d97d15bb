import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';

const CLIENT = join(import.meta.dirname, 'client');
/** Nothing is written beside the sources, and nothing of the user's is imported. */
const FLAGS = ['-B', '-s'];

/** Why the client in Python cannot run here; undefined when it can. */
export function pythonFault(): string | undefined {
  const script = 'import ssl, sys; print(sys.version_info >= (3, 10) and ssl.HAS_TLSv1_3 and ssl.OPENSSL_VERSION_INFO >= (1, 1, 1))';
  const found = spawnSync('python3', [...FLAGS, '-c', script], { encoding: 'utf8' });
  if (found.error) return `there is no python3: ${found.error.message}`;
  return found.stdout.trim() === 'True' ? undefined : 'needs Python 3.10 or newer with TLS 1.3 of OpenSSL 1.1.1 or newer';
}

/** Runs a program of the client to its end. */
export function runPython(program: string, ...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync('python3', [...FLAGS, join(CLIENT, program), ...args], { encoding: 'utf8', timeout: 60_000 });
}

export type ClientEvent = { readonly event: string } & Readonly<Record<string, unknown>>;

/** A program of the client that stays, and the lines of JSON that it wrote. */
export class PythonClient {
  readonly events: ClientEvent[] = [];
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;
  #errors = '';

  constructor(program: string, ...args: string[]) {
    this.#child = spawn('python3', [...FLAGS, join(CLIENT, program), ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.ended = new Promise((resolve) => this.#child.once('close', (code) => resolve(code)));
    let rest = '';
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.events.push(JSON.parse(line) as ClientEvent);
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text;
    });
  }

  /** Its first event of a kind for which `fits` says yes. Throws when it has ended with an error. */
  find(event: string, fits: (found: ClientEvent) => boolean = () => true): ClientEvent | undefined {
    if (this.#errors !== '') throw new Error(`the client failed: ${this.#errors}`);
    return this.events.find((found) => found.event === event && fits(found));
  }

  /** Lets it say goodbye. Resolves with its exit code. */
  end(): Promise<number | null> {
    this.#child.stdin?.end();
    return this.ended;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
