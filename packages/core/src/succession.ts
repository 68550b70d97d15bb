import type { Channels } from './features/channels/index.ts';
import type { Contacts, RotationPlan } from './features/contacts/index.ts';
import type { Devices } from './features/devices/index.ts';
import type { Registry } from './features/registry/index.ts';
import type { Identity } from './identity/index.ts';
import type { Overlay } from './overlay/index.ts';
import { ParleyError } from './util/errors.ts';

/** Where the identity of a node rests, as far as another is to take its place: what a platform supplies. */
export interface Successor {
  /** Makes the next identity, of the same name and under the same passphrase; on disk when it resolves. One that was made before gives way. */
  make(): Promise<Identity>;
  /** The one that was made, if it is there. */
  get(): Promise<Identity | undefined>;
  discard(): Promise<void>;
  /** From its next start on the node is the next identity, whatever happens meanwhile: on disk when it resolves. Ends the run of this one soon. */
  takeOver(): Promise<void>;
}

export interface SuccessionDeps {
  readonly identity: Identity;
  readonly contacts: Contacts;
  readonly channels: Channels;
  readonly registry: Registry;
  readonly overlay: Overlay;
  readonly devices: Devices;
}

/** Another key takes the place of this node's: contacts are told, places in channels are handed on, and the platform changes identities (S3). */
export class Succession {
  readonly #deps: SuccessionDeps;
  readonly #platform: Successor | undefined;
  #finishing: Promise<void> | undefined;

  constructor(deps: SuccessionDeps, platform: Successor | undefined) {
    this.#deps = deps;
    this.#platform = platform;
  }

  /** What was begun with, if anything: also what is still to be told under the new key. */
  get plan(): RotationPlan | undefined {
    return this.#deps.contacts.rotation.plan;
  }

  /** Goes on with what a crash has interrupted. Errors: those of `finish`. */
  async resume(): Promise<void> {
    const { plan } = this;
    if (plan?.phase === 'leaving' && plan.from.keyId === this.#deps.identity.keyId) await this.finish({ anyway: true });
  }

  /**
   * Makes a new key, and tells the contacts who are to know of it, and the user's other devices, which go along. Errors: `unsupported`, `conflict` where it was begun with before, `refused`
   * where an authority has issued this node's certificate, those of `Contacts.pick` and of the store.
   */
  async begin(whom: readonly string[] | 'verified' | 'all'): Promise<RotationPlan> {
    const { contacts } = this.#deps;
    const successor = this.#successor();
    const picked = contacts.pick(whom);
    if (this.plan && this.plan.phase !== 'following') throw new ParleyError('conflict', 'the key is being replaced already');
    await contacts.rotation.begin(await successor.make(), picked, this.#ownDevices());
    return this.plan as RotationPlan;
  }

  /**
   * The new key takes the place of this one. `anyway`: though some contacts were not told yet; they are told afterwards. Errors: `not-found` where
   * nothing was begun with; `conflict` while contacts are not told; `timeout` when it was begun with too long ago; those of the store.
   */
  finish({ anyway = false }: { readonly anyway?: boolean } = {}): Promise<void> {
    this.#finishing ??= this.#finish(anyway).catch((error: unknown) => {
      this.#finishing = undefined;
      throw error;
    });
    return this.#finishing;
  }

  async #finish(anyway: boolean): Promise<void> {
    const { identity, contacts, channels, registry, overlay } = this.#deps;
    const { rotation } = contacts;
    const { plan } = this;
    const successor = this.#successor();
    if (!plan || plan.from.keyId !== identity.keyId) throw new ParleyError('not-found', 'no new key was begun with');
    const next = await successor.get();
    if (next?.keyId !== plan.to.keyId) throw new ParleyError('corrupt', 'the new key is not there any more: cancel, and begin anew');
    if (plan.phase === 'telling') {
      if (rotation.isStale) throw new ParleyError('timeout', 'it was begun with too long ago to be believed: cancel, and begin anew');
      const own = new Set(this.#ownDevices().map(({ keyId }) => keyId));
      // A device that was revoked since is to hear of nothing.
      const untold = plan.contacts.filter(({ handed, device, keyId }) => !handed && (!device || own.has(keyId))).map(({ keyId }) => keyId);
      if (untold.length > 0 && !anyway) {
        const many = untold.length === 1 ? 'somebody was' : `${untold.length} of those who are to know were`;
        throw new ParleyError('conflict', `${many} not told yet: wait until they are, or go on all the same`, { data: { keys: untold } });
      }
      await rotation.leave();
    }
    await channels.succeed(next);
    await registry.withdraw();
    await overlay.handedOn();
    await successor.takeOver();
  }

  /** Forgets the new key. Whoever was told of it was told. Errors: `unsupported`, `not-found`, `conflict`, those of the store. */
  async cancel(): Promise<void> {
    const successor = this.#successor();
    await this.#deps.contacts.rotation.cancel();
    await successor.discard();
  }

  /** Those that may still have to come along from the key before this one, too. */
  #ownDevices(): { readonly keyId: string; readonly nodeId: string }[] {
    const { devices } = this.#deps;
    return [...devices.others(), ...devices.waitedFor()];
  }

  #successor(): Successor {
    if (!this.#platform) throw new ParleyError('unsupported', 'the key of this node cannot be replaced while it runs');
    return this.#platform;
  }
}
