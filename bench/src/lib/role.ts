import { type Answer, isCall } from './ipc.ts';

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function tell(answer: Answer): void {
  process.send?.(answer);
}

/** Plays a role in this process: answers the runner's calls until the runner goes away. */
export function play(role: object): void {
  const methods = new Map(Object.entries(role));
  process.on('message', async (message: unknown) => {
    if (!isCall(message)) return;
    const { id, method, parameters } = message;
    try {
      const implementation: unknown = methods.get(method);
      if (typeof implementation !== 'function') throw new TypeError(`this role has no method ${method}`);
      const value: unknown = await Reflect.apply(implementation, role, parameters);
      tell({ kind: 'value', id, value });
    } catch (error) {
      tell({ kind: 'failure', id, message: describe(error) });
    }
  });
  tell({ kind: 'ready' });
}

/** A child never outlives its runner, and says why it ends before its time. */
export function endWithRunner(): void {
  process.on('disconnect', () => process.exit(0));
  process.on('unhandledRejection', (reason) => fail(reason));
}

export function fail(error: unknown): void {
  tell({ kind: 'failure', message: describe(error) });
  // The message has to leave before the process does.
  setTimeout(() => process.exit(1), 50);
}
