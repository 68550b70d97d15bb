import { ArrowLeft } from 'lucide-react';
import { type ReactNode, useEffect } from 'react';
import { useApp, useSelect } from '../app/hooks.ts';
import { MOD } from '../app/shortcuts.ts';
import { go, showDialog } from '../state/actions.ts';
import { attempt } from '../state/context.ts';
import { capital } from '../state/words.ts';
import { useFocusHere } from '../ui/focus.ts';
import { IconButton } from '../ui/IconButton.tsx';
import { Blocked } from './Blocked.tsx';
import { Devices } from './Devices.tsx';
import { Appearance, Notifications } from './Preferences.tsx';
import { Privacy } from './Privacy.tsx';
import { Profile } from './Profile.tsx';
import { RotateKey } from './RotateKey.tsx';
import { Backup, Passphrase } from './Security.tsx';
import { Servers } from './Servers.tsx';
import { Erase, Storage } from './Storage.tsx';

/** Everything that can be set, on one page. Its own chunk. */
export default function SettingsView(): ReactNode {
  const context = useApp();
  const status = useSelect((state) => state.status);
  const here = useFocusHere<HTMLElement>();
  useEffect(() => {
    // Storage and latencies change without an event.
    void attempt(context, async () => {
      const fresh = await context.parley.node.status();
      context.store.update((state) => ({ ...state, status: fresh }));
    });
  }, [context]);
  return (
    <main className="main">
      <header className="main-head">
        <IconButton icon={ArrowLeft} label="Back to the channels" className="only-narrow" onClick={() => go({ view: 'home' })} />
        <div className="main-title">
          <h1>Settings</h1>
        </div>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <section ref={here} className="settings" aria-label="Settings" tabIndex={0}>
        {status && (
          <>
            <Profile status={status} />
            <Servers servers={status.servers} />
            <RotateKey encrypted={status.encrypted} />
            <Passphrase encrypted={status.encrypted} />
            <Backup name={status.name} />
            <Storage storage={status.storage} />
            <Devices />
            <Privacy />
            <Blocked />
            <Notifications />
            <Appearance />
            <section className="setting">
              <h2>About</h2>
              <p>
                {capital(status.version.replace('/', ' '))}. A network that its users run themselves, under the MIT or the Apache-2.0
                licence. Public channels are public: every node that passes a message on can read it, and sees who sent it. Signatures prove
                who wrote what; they hide nothing.
              </p>
              <div className="button-row">
                <button type="button" className="button" onClick={() => showDialog(context, { kind: 'help' })}>
                  Keyboard shortcuts ({MOD} /)
                </button>
              </div>
            </section>
            <Erase />
          </>
        )}
      </section>
    </main>
  );
}
