import type { Connection, Listener } from '@parley/core';

/**
 * What it does with the words of a real server: hands them on as its own, hands them on with another node id, or says again what the server said
 * on an earlier link.
 */
export type Pretence = 'handed on' | 'another id' | 'said again';

const listeners: Listener[] = [];

/** Listens in the place of a server whose key it does not have. Returns `HOST:PORT`. */
export async function startPretender(server: string, pretence: Pretence): Promise<string> {
  const [core, host] = await Promise.all([import('@parley/core'), import('@parley/host')]);
  const transport = host.createWsTransport({ log: core.silentLog });
  const heard: string[] = [];
  const accept = (page: Connection): void => {
    let real: Connection | undefined;
    const say = (json: string): void => page.send(pretence === 'another id' ? withOtherId(json) : json);
    const begin = async (hello: string): Promise<void> => {
      if (pretence === 'said again' && heard.length >= 2) {
        for (const json of heard) say(json);
        return;
      }
      real = await transport.dial(server, new AbortController().signal);
      real.attach({
        ...DEAF,
        message: (json) => {
          const text = String(typeof json === 'string' ? json : new TextDecoder().decode(json));
          if (heard.length < 2) heard.push(text);
          if (pretence !== 'said again') say(text);
          else if (heard.length === 2) page.close();
        },
      });
      real.send(hello);
    };
    page.attach({
      ...DEAF,
      message: (json) => {
        // What comes after HELLO is kept from the server: it would see that something is wrong.
        if (real || heard.length > 2) return;
        void begin(typeof json === 'string' ? json : new TextDecoder().decode(json));
      },
      closed: () => real?.close(),
    });
  };
  const listener = await transport.listen('127.0.0.1:0', accept);
  listeners.push(listener);
  return listener.address;
}

export async function stopPretenders(): Promise<void> {
  await Promise.all(listeners.splice(0).map((listener) => listener.close()));
}

const DEAF = { data: () => {}, keepAlive: () => {}, drain: () => {}, closed: () => {} };

function withOtherId(json: string): string {
  const message = JSON.parse(json) as { msg_type: string; msg_data: { node_id?: string } };
  if (message.msg_type === 'HELLO') message.msg_data.node_id = '00000000-0000-8000-8000-000000000000';
  return JSON.stringify(message);
}
