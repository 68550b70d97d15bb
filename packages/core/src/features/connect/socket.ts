import { splitAddress } from '../../link/index.ts';

/** A whole socket of S2's "full or partial socket", as `HOST:PORT`. Undefined where the host is missing, or nobody can listen there. */
export function wholeSocket(socket: string): string | undefined {
  const { host, port } = splitAddress(socket) ?? { host: '', port: 0 };
  return host === '' || port === 0 ? undefined : socket;
}

/** A socket at the host from which its owner is seen to speak: nobody can name another's. */
export function socketAt(socket: string, host: string): string {
  return socket === '' ? '' : `${host}:${socket.slice(socket.lastIndexOf(':') + 1)}`;
}
