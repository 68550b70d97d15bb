import type { Ports } from '../../ports/index.ts';
import { ParleyError } from '../../util/errors.ts';
import type { Binding, BindingDeps } from './binding.ts';
import type { StunConfig } from './config.ts';
import { loadStun } from './load.ts';

export interface StunDeps extends BindingDeps {
  readonly ports: Pick<Ports, 'clock' | 'random' | 'datagrams'>;
}

/** STUN on the node's UDP port, where its platform has UDP: see `Binding`. */
export class Stun {
  readonly #deps: StunDeps;
  readonly #config: StunConfig;
  #binding: Binding | undefined;

  constructor(deps: StunDeps, config: StunConfig) {
    this.#deps = deps;
    this.#config = config;
  }

  async start(): Promise<void> {
    if (!this.#deps.ports.datagrams) return;
    const { Binding } = await loadStun();
    this.#binding = new Binding(this.#deps, this.#config);
  }

  /** See `Binding.ask`. */
  async ask(address: string, signal?: AbortSignal): Promise<string> {
    if (!this.#binding) throw new ParleyError('unsupported', 'there is no UDP port to ask from');
    return this.#binding.ask(address, signal);
  }

  async close(): Promise<void> {
    await this.#binding?.close();
  }
}
