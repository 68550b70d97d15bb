import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { dismiss } from '../state/context.ts';
import { takeUpdate } from '../state/updates.ts';
import { durationWords, isOnline, isTurnedDown } from '../state/words.ts';
import { IconButton } from '../ui/IconButton.tsx';
import { useApp, useSelect } from './hooks.ts';

/** What holds for the whole app, above everything, and as long as it holds. */
export function Banners(): ReactNode {
  const online = useSelect(({ status }) => isOnline(status));
  const turnedDown = useSelect(({ status }) => isTurnedDown(status));
  const unproved = useSelect(({ status }) => status?.servers.find((server) => server.unproved)?.url);
  const skew = useSelect(({ status }) => status?.clockSkewMs);
  const full = useSelect(({ storageFull }) => storageFull);
  const revoked = useSelect(({ devices }) => devices?.state === 'revoked');
  const update = useSelect(({ updateReady }) => updateReady);
  return (
    <section className="banners" aria-label="Notices">
      {turnedDown && (
        <p className="banner banner-bad" role="alert">
          <strong>This network is closed.</strong> It admits only nodes that its authority has certified, and no browser tabs. Whoever runs
          it can certify a node of yours for the command line.
        </p>
      )}
      {!online && !turnedDown && (
        <p className="banner" role="status">
          <strong>No server can be reached.</strong> You can write; it goes out when a server is back.
        </p>
      )}
      {revoked && (
        <p className="banner banner-bad" role="status">
          <strong>This device was revoked: it no longer stands for you.</strong> Contacts, and what you wrote to them, are on your other
          devices. Closed channels can be read here as far as they had come.
        </p>
      )}
      {unproved !== undefined && (
        <p className="banner banner-bad" role="alert">
          <strong>The server at {new URL(unproved).host} is not who it claims to be.</strong> It could not prove its key, so nothing is sent
          to it. Somebody may stand between you and the server.
        </p>
      )}
      {full && (
        <p className="banner banner-bad" role="alert">
          <strong>The storage of this browser is full.</strong> New messages cannot be kept. Free some room on this device; what was kept is
          safe.
        </p>
      )}
      {skew !== undefined && (
        <p className="banner banner-bad" role="status">
          <strong>
            The clock of this device is {durationWords(skew)} {skew > 0 ? 'behind' : 'ahead'}.
          </strong>{' '}
          Others may refuse what you write. Set it right in the settings of your system.
        </p>
      )}
      {update && (
        <p className="banner banner-good" role="status">
          <span>A new version of Parley is ready.</span>
          <button type="button" className="button-small" onClick={takeUpdate}>
            Use it now
          </button>
        </p>
      )}
    </section>
  );
}

export function Notices(): ReactNode {
  const context = useApp();
  const notices = useSelect((state) => state.notices);
  return (
    <section className="notices" aria-label="Messages of the app">
      {notices.map(({ id, kind, text }) => (
        <div key={id} className={`notice notice-${kind}`} role={kind === 'error' ? 'alert' : 'status'}>
          <span>{text}</span>
          <IconButton icon={X} label="Dismiss" onClick={() => dismiss(context, id)} />
        </div>
      ))}
    </section>
  );
}
