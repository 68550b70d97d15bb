/** What somebody takes up of a room. */
export interface Usage {
  messages: number;
  bytes: number;
}

/** One more message of so many bytes. Returns what its owner takes up by now; `begin` makes that of one who had none. */
export function charge<U extends Usage>(map: Map<string, U>, key: string, bytes: number, begin: () => U): U {
  const usage = map.get(key) ?? begin();
  usage.messages++;
  usage.bytes += bytes;
  map.set(key, usage);
  return usage;
}

/** One less. Undefined where nothing was taken up. */
export function credit<U extends Usage>(map: Map<string, U>, key: string, bytes: number): U | undefined {
  const usage = map.get(key);
  if (!usage) return undefined;
  usage.messages--;
  usage.bytes -= bytes;
  if (usage.messages <= 0) map.delete(key);
  return usage;
}
