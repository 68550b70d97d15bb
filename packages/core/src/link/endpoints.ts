/** Something to dial: a transport of this platform, and an address in its own words. */
export interface Target {
  readonly transport: string;
  readonly address: string;
}

/** Longest endpoint that is looked at. */
const MAX_ENDPOINT = 300;

/**
 * How to dial an endpoint of a record (`tls:HOST:PORT`, `wss:HOST`), with the transports that there are; undefined where there is none for it, or
 * it is none (`udp:`).
 */
export function targetOf(endpoint: string, transports: readonly { readonly name: string }[]): Target | undefined {
  const at = endpoint.indexOf(':');
  if (at <= 0 || endpoint.length > MAX_ENDPOINT) return undefined;
  const scheme = endpoint.slice(0, at);
  const rest = endpoint.slice(at + 1);
  const secure = scheme === 'wss';
  const transport = secure ? 'ws' : scheme;
  if (rest === '' || !transports.some(({ name }) => name === transport)) return undefined;
  return { transport, address: secure ? `wss://${rest}` : rest };
}
