import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';
import type { KnownNodes } from './known-nodes.ts';
import type { RoutingTable } from './routing-table.ts';

export interface AttendanceDeps {
  readonly self: string;
  readonly clock: Clock;
  readonly store: Store;
  readonly routes: RoutingTable;
  readonly known: KnownNodes;
  /** A node is there that was not, or the other way round. */
  readonly changed: (nodeId: string, present: boolean) => void;
}

/** Who is there by the routes, as it was told last, and the memory of who was. */
export class Attendance {
  readonly #deps: AttendanceDeps;
  readonly #present = new Set<string>();

  constructor(deps: AttendanceDeps) {
    this.#deps = deps;
  }

  /** Whether a node is there, as `changed` told last. */
  shows(nodeId: string): boolean {
    return nodeId === this.#deps.self || this.#present.has(nodeId);
  }

  /** A node is our neighbour. */
  met(nodeId: string): void {
    this.#deps.known.saw(nodeId, nodeId, this.#deps.clock.now());
  }

  /** Notes that a node is there. False when it is not. */
  saw(nodeId: string): boolean {
    const [best] = this.#deps.routes.candidates(nodeId);
    if (best) this.#deps.known.saw(nodeId, best.neighbour, this.#deps.clock.now());
    return best !== undefined;
  }

  /** Notes who is there all the time. */
  sawAll(): void {
    for (const nodeId of this.#deps.routes.destinations()) this.saw(nodeId);
  }

  /** Routes to a node have changed. */
  update(nodeId: string): void {
    const present = this.#deps.routes.reaches(nodeId);
    if (present === this.#present.has(nodeId)) return;
    if (present) this.#present.add(nodeId);
    else this.#present.delete(nodeId);
    this.#deps.changed(nodeId, present);
  }

  /** Writes what changed since the last call. Errors: those of the store. */
  async save(): Promise<void> {
    const writes = this.#deps.known.takeWrites();
    if (writes.length > 0) await this.#deps.store.commit(writes);
  }
}
