import { type ServerView, serverUrl } from '@parley/browser';
import { Trash2 } from 'lucide-react';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useApp } from '../app/hooks.ts';
import { wordsOf } from '../state/context.ts';
import { SERVER_WORDS } from '../state/words.ts';
import { BusyButton } from '../ui/BusyButton.tsx';
import { Field } from '../ui/Field.tsx';
import { IconButton } from '../ui/IconButton.tsx';
import { useTask } from './useTask.ts';

/** The server of this page, which is always one of them. */
const OWN = `${location.origin.replace(/^http/, 'ws')}/link`;

/** The servers that this node keeps links to. */
export function Servers({ servers }: { servers: readonly ServerView[] }): ReactNode {
  const { parley, store } = useApp();
  const [typed, setTyped] = useState('');
  const [fault, setFault] = useState<string>();
  const task = useTask();
  const set = (urls: readonly string[]): void =>
    task.run(async () => {
      await parley.node.setServers(urls);
      setTyped('');
      const fresh = await parley.node.status();
      store.update((state) => ({ ...state, status: fresh }));
    }, '');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    try {
      set([...new Set([...servers.map(({ url }) => url), serverUrl(typed)])]);
    } catch (error) {
      setFault(wordsOf(error));
    }
  };
  return (
    <section className="setting">
      <h2>Servers</h2>
      <p className="quiet">Ways into the network. They pass messages on and keep them for those who are away. With two, one may fail.</p>
      <ul className="servers">
        {servers.map((server) => (
          <li key={server.url} className={`server server-${server.state}`}>
            <span className="server-light" aria-hidden="true" />
            <span className="server-text">
              <bdi className="server-url">{server.url}</bdi>
              <span className="quiet">
                {SERVER_WORDS[server.state]}
                {server.latencyMs !== undefined && `, ${Math.max(1, Math.round(server.latencyMs))} ms`}
                {server.error !== undefined && `: ${server.error}`}
                {server.url === OWN && '; this page comes from it'}
              </span>
            </span>
            {server.url !== OWN && (
              <IconButton
                icon={Trash2}
                label={`Remove ${server.url}`}
                disabled={servers.length === 1 || task.busy}
                onClick={() => set(servers.map(({ url }) => url).filter((url) => url !== server.url))}
              />
            )}
          </li>
        ))}
      </ul>
      <form onSubmit={submit} className="inline-form">
        <Field
          label="Add a server"
          placeholder="chat.example.org"
          inputMode="url"
          autoComplete="off"
          value={typed}
          onChange={(value) => {
            setTyped(value);
            setFault(undefined);
          }}
          error={fault ?? task.error}
        />
        <BusyButton type="submit" className="button" busy={task.busy} disabled={typed.trim() === ''}>
          Add
        </BusyButton>
      </form>
    </section>
  );
}
