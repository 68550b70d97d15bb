import { contactDisplay, type RotationPlan } from '../features/contacts/index.ts';
import type { Node } from '../node.ts';
import type { RotationState, RotationView } from './types-rotation.ts';

/** What the local API offers about a new key for the user. Errors are those of `Succession`. */
export interface RotationService {
  state(): RotationState;
  /** Makes the key, and tells these contacts of it: key ids, names or aliases. */
  begin(contacts: readonly string[] | 'verified' | 'all'): Promise<RotationView>;
  /** It takes the place of the old one, and this run of the node has to end. */
  finish(options: { readonly anyway?: boolean | undefined }): Promise<void>;
  cancel(): Promise<void>;
}

export function rotationService(node: Node): RotationService {
  const { succession, contacts, devices } = node;
  const view = ({ from, to, time, phase, contacts: told }: RotationPlan): RotationView => ({
    from: from.keyId,
    to: to.keyId,
    since: new Date(time).toISOString(),
    phase,
    contacts: told.map(({ keyId, nodeId, handed, device }) => {
      const contact = contacts.get(keyId);
      const name = contact ? contactDisplay(contact) : (devices.ownerOf(nodeId)?.name ?? keyId.slice(0, 12));
      return { key: keyId, display: name, told: handed, ...(device ? { device } : {}) };
    }),
  });
  return {
    state: () => (succession.plan ? { rotation: view(succession.plan) } : {}),
    begin: async (whom) => view(await succession.begin(whom)),
    finish: ({ anyway = false }) => succession.finish({ anyway }),
    cancel: () => succession.cancel(),
  };
}
