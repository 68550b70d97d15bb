import type { Connection, Transport } from '../ports/transport.ts';
import { ParleyError } from '../util/errors.ts';
import type { Scope } from '../util/scope.ts';

export interface ConnectorDeps {
  readonly transports: readonly Transport[];
  readonly scope: Scope;
  readonly dialTimeoutMs: number;
}

/** Makes connections by the transports that the platform has: listens, and dials. */
export class Connector {
  readonly #deps: ConnectorDeps;

  constructor(deps: ConnectorDeps) {
    this.#deps = deps;
  }

  /** Listens until the scope closes. Returns the bound address. Errors: `in-use`, `unsupported`, `aborted`. */
  async listen(transport: string, address: string, accept: (connection: Connection) => void): Promise<string> {
    const { scope } = this.#deps;
    const listener = await this.#transport(transport).listen(address, accept);
    if (scope.closed) {
      await listener.close();
      throw new ParleyError('aborted', 'closed');
    }
    scope.add(() => listener.close());
    return listener.address;
  }

  /**
   * One connection, and what `open` makes of it: both are given up when the signal aborts, the connection also when it takes too long.
   * Errors: `unreachable`, `timeout`, `refused`, `unsupported`, `aborted`, and those of `open`.
   */
  async dial<T>(
    transport: string,
    address: string,
    signal: AbortSignal,
    open: (connection: Connection, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const controller = new AbortController();
    const abort = (): void => controller.abort(ParleyError.from(signal.reason, 'aborted'));
    const timer = this.#deps.scope.after(this.#deps.dialTimeoutMs, () => {
      controller.abort(new ParleyError('timeout', `no answer from ${address}`, { data: { address } }));
    });
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    try {
      const connection = await this.#transport(transport).dial(address, controller.signal);
      timer.cancel();
      if (controller.signal.aborted) connection.destroy();
      controller.signal.throwIfAborted();
      return await open(connection, controller.signal);
    } catch (error) {
      throw ParleyError.from(controller.signal.aborted ? controller.signal.reason : error);
    } finally {
      timer.cancel();
      signal.removeEventListener('abort', abort);
    }
  }

  #transport(name: string): Transport {
    const transport = this.#deps.transports.find((candidate) => candidate.name === name);
    if (!transport) throw new ParleyError('unsupported', `no transport named ${name}`);
    return transport;
  }
}
