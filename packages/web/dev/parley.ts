import type { Parley, Phase, TabNode } from '@parley/browser';
import { ParleyError } from '@parley/core';

const phases = (keyId: string): Readonly<Record<string, Phase>> => ({
  starting: { phase: 'starting' },
  new: { phase: 'new' },
  locked: { phase: 'locked', name: 'Mira', keyId },
  failed: { phase: 'failed', code: 'storage', message: 'refused' },
});

/** What stands around the made-up node. */
export class MadeParley implements Parley {
  phase: Phase;
  readonly node: TabNode;
  readonly #named: (name: string) => void;
  readonly #listeners = new Set<(phase: Phase) => void>();

  constructor(node: TabNode, phase: string, keyId: string, named: (name: string) => void) {
    this.node = node;
    this.phase = phases(keyId)[phase] ?? { phase: 'running', leads: true };
    this.#named = named;
  }

  onPhase(listener: (phase: Phase) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async begin(wanted: string): Promise<void> {
    this.#named(wanted);
    this.#run();
  }

  async restore(_: Blob, passphrase: string): Promise<undefined> {
    if (passphrase !== 'passphrase') throw new ParleyError('bad-passphrase', 'wrong');
    this.#run();
  }

  async unlock(passphrase: string): Promise<void> {
    if (passphrase !== 'passphrase') throw new ParleyError('bad-passphrase', 'wrong');
    this.#run();
  }

  async close(): Promise<void> {}

  #run(): void {
    this.phase = { phase: 'running', leads: true };
    for (const listener of this.#listeners) listener(this.phase);
  }
}
