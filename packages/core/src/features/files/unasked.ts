import type { Ports } from '../../ports/index.ts';
import { ParleyError } from '../../util/errors.ts';
import type { Metrics } from '../../util/metrics.ts';
import type { Scope } from '../../util/scope.ts';
import type { FileConfig } from './config.ts';
import { aboutFile, type FileAbout, type Shelf } from './shelf.ts';

export interface MessageOfFiles {
  readonly channelId: string;
  readonly sender: string;
  readonly attachments: readonly Parameters<typeof aboutFile>[0][];
}

export interface UnaskedDeps {
  readonly ports: Ports;
  readonly scope: Scope;
  readonly metrics: Metrics;
  readonly self: string;
  readonly shelf: Shelf;
  readonly blocked: (nodeId: string) => boolean;
  readonly fetch: (about: FileAbout, channelId: string, sender: string) => Promise<void>;
  /** Ends a fetch and removes what is here of a file. */
  readonly forget: (root: string) => Promise<void>;
}

/** How often it is looked whether a file was waited for too long. */
const LOOK_MS = 600_000;

/** Small files are fetched as soon as a message names them, and waited for so long. */
export class Unasked {
  readonly #deps: UnaskedDeps;
  readonly #config: FileConfig;

  constructor(deps: UnaskedDeps, config: FileConfig) {
    this.#deps = deps;
    this.#config = config;
  }

  /** What was waited for too long while the node was off is waited for no more when it resolves. Errors: those of the store. */
  async start(): Promise<void> {
    const { scope, ports } = this.#deps;
    const failed = (error: unknown): void => ports.log.error('a file that nobody gave could not be given up', { error: String(error) });
    scope.every(
      () => LOOK_MS,
      () => scope.run(this.#giveUp(), failed),
    );
    await this.#giveUp();
  }

  /** A message names files: small ones are fetched at once, except those of somebody blocked. */
  named({ channelId, sender, attachments }: MessageOfFiles): void {
    const { self, blocked, shelf, scope, metrics, fetch } = this.#deps;
    if (sender === self || blocked(sender)) return;
    for (const attachment of attachments) {
      const about = aboutFile(attachment);
      if (!about || about.size > this.#config.autoBytes || shelf.fits(about)) continue;
      // Whoever may write in a channel may fill so much of the disk, and no more.
      scope.run(fetch(about, channelId, sender), (error) => metrics.count('file_failures', ParleyError.from(error).code));
    }
  }

  /** Whatever nobody gave in time, or somebody named who is blocked since then, takes no room any more, and can be asked for. */
  async #giveUp(): Promise<void> {
    const { shelf, ports, blocked, forget } = this.#deps;
    const before = ports.clock.now() - this.#config.unaskedMs;
    for (const { root, sender, state, asked, since = 0 } of shelf.all()) {
      if (state === 'fetching' && asked === false && (since <= before || blocked(sender))) await forget(root);
    }
  }
}
