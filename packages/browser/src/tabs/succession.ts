import type { ApiService, Identity, RotationView, Successor } from '@parley/core';
import type { OpenIdentity, Vault } from '../identity/vault.ts';
import type { TabNode } from '../parley.ts';

export interface TabSuccessionDeps {
  readonly vault: Vault;
  /** Who is at home. Errors: `closed`. */
  readonly open: () => OpenIdentity;
  readonly service: () => ApiService;
  /** Ends the node, and runs that of the next identity, once it is at home. Errors: those of `Vault.takeNext` and of the new node. */
  readonly takeOver: () => Promise<void>;
}

/** A new key for the user of this browser: where it rests until it is used, and what a page asks about it. */
export class TabSuccession implements Successor {
  readonly #deps: TabSuccessionDeps;
  /** What was typed for the one that is being made. */
  #passphrase: string | undefined;

  constructor(deps: TabSuccessionDeps) {
    this.#deps = deps;
  }

  make(): Promise<Identity> {
    return this.#deps.vault.makeNext(this.#deps.open(), this.#passphrase);
  }

  get(): Promise<Identity | undefined> {
    return this.#deps.vault.next(this.#deps.open());
  }

  discard(): Promise<void> {
    return this.#deps.vault.discardNext();
  }

  takeOver(): Promise<void> {
    return this.#deps.takeOver();
  }

  /** Each may be asked again by a tab that has heard no answer. */
  get calls(): Pick<TabNode, 'rotation' | 'beginRotation' | 'finishRotation' | 'cancelRotation'> {
    const { open, service } = this.#deps;
    const now = (): RotationView | undefined => service().rotation.state().rotation;
    return {
      rotation: async () => now(),
      beginRotation: async (contacts, passphrase) => {
        this.#passphrase = passphrase;
        try {
          return await service().rotation.begin(contacts);
        } finally {
          this.#passphrase = undefined;
        }
      },
      finishRotation: async (to, anyway) => {
        if (open().identity.keyId !== to) await service().rotation.finish({ anyway });
      },
      cancelRotation: () => service().rotation.cancel(),
    };
  }
}
