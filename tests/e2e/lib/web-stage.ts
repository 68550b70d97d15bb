import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright';
import { afterAll, beforeAll, it, type TestContext } from 'vitest';
import { type Running, START_MS, start } from './cli.ts';
import { launch, Person } from './pages.ts';

/** What a node says of itself when it is ready. */
interface Ready {
  readonly node_id: string;
  readonly tls: string;
  readonly http: string;
}

/** A node that runs. */
export interface Started {
  readonly process: Running;
  readonly ready: Ready;
}

interface Visit {
  /** Default: the address of the stage. */
  readonly http?: string;
  /** Default: a wide one. */
  readonly viewport?: { readonly width: number; readonly height: number };
}

/** A browser, and a folder and nodes for the tests of one `describe` alone. */
export class Stage {
  readonly #directory: string;
  readonly #running: Running[] = [];
  #browser: Browser | undefined;
  #http = '';

  constructor(name: string) {
    this.#directory = mkdtempSync(join(tmpdir(), `parley-web-${name}-`));
  }

  /** Resolves with whether there is a browser. */
  async enter(browser: Promise<Browser | undefined>): Promise<boolean> {
    this.#browser = await browser;
    return this.#browser !== undefined;
  }

  async leave(): Promise<void> {
    await this.#browser?.close();
    await Promise.all(this.#running.map((process) => process.stop()));
    rmSync(this.#directory, { recursive: true, force: true });
  }

  get browser(): Browser {
    if (!this.#browser) throw new Error('there is no Chromium here');
    return this.#browser;
  }

  /** The address of the app, at the server that was started first. */
  get http(): string {
    return this.#http;
  }

  /** A place in the folder. */
  path(name: string): string {
    return join(this.#directory, name);
  }

  /** Starts a node, and resolves once it is ready. */
  async run(...args: string[]): Promise<Started> {
    const process = start([...args, '--json']);
    this.#running.push(process);
    return { process, ready: JSON.parse(await process.line((line) => line.includes('"ready"'))) as Ready };
  }

  /** Starts a server that serves the web app. `more`: further options; of two that say the same the later one holds. */
  async serve(name: string, ...more: string[]): Promise<Started> {
    const local = '127.0.0.1:0';
    const started = await this.run('server', '--data', this.path(name), '--name', name, '--tls', local, '--http', local, ...more);
    this.#http ||= started.ready.http;
    return started;
  }

  /** Somebody's first visit to the app, in a browser of their own. */
  open({ http = this.#http, viewport }: Visit = {}): Promise<Person> {
    return Person.open(this.browser, http, viewport);
  }

  /** The same, after they have said who they are. */
  async person(name: string, visit?: Visit): Promise<Person> {
    const person = await this.open(visit);
    await person.begin(name);
    return person;
  }
}

/**
 * What the tests of the web app in one `describe` begin and end with: `begin` is called with a browser there, and `it` leaves a test out where there is
 * none. `name`: of its folder. `browser`: opens another than the usual one.
 */
export function setStage(
  name: string,
  begin: (stage: Stage) => Promise<void>,
  browser = launch,
): { readonly stage: Stage; readonly it: (title: string, run: (context: TestContext) => Promise<void>) => void } {
  const stage = new Stage(name);
  let entered = false;
  beforeAll(async () => {
    entered = await stage.enter(browser());
    if (entered) await begin(stage);
  }, START_MS);
  afterAll(() => stage.leave());
  return {
    stage,
    it: (title, run) =>
      it(title, async (context) => {
        if (!entered) return context.skip('there is no Chromium here');
        await run(context);
      }),
  };
}
