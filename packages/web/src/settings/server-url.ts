const PATH = '/link';
const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

/**
 * The address of a server as somebody typed it: `host`, `host:port`, or the address of its page. Plain WebSocket goes to this machine alone,
 * and not from a page that came over https.
 */
export function serverUrl(typed: string, secure: boolean): { readonly url: string } | { readonly fault: string } {
  const text = typed.trim();
  const given = /^([a-z]+):\/\//i.exec(text)?.[1]?.toLowerCase();
  const bare = given === undefined ? text : text.slice(given.length + 3);
  if (bare === '' || !URL.canParse(`https://${bare}`)) return { fault: 'That is no address of a server, such as chat.example.org or 127.0.0.1:4718.' };
  if (given !== undefined && !['http', 'https', 'ws', 'wss'].includes(given)) return { fault: `A server is reached by https, not by ${given}.` };
  const { hostname, username } = new URL(`https://${bare}`);
  if (username !== '') return { fault: 'An address of a server holds no name of a user.' };
  const local = LOOPBACK.test(hostname);
  const plain = given === 'http' || given === 'ws' || (given === undefined && local);
  if (plain && !local) return { fault: 'Only a server on this machine is reached without encryption. Others need https.' };
  if (plain && secure) return { fault: 'This page came over https, and the browser lets it reach such servers alone.' };
  // Only now the scheme is known, and with it which port goes without saying.
  const url = new URL(`${plain ? 'ws' : 'wss'}://${bare}`);
  return { url: `${url.protocol}//${url.host}${PATH}` };
}
