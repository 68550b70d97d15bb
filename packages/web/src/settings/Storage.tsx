import type { TabStatus } from '@parley/browser';
import { sizeText } from '@parley/core';
import { type ReactNode, useState } from 'react';
import { useApp } from '../app/hooks.ts';
import { attempt, notify } from '../state/context.ts';
import { eraseAll } from '../state/home.ts';
import { Sheet } from '../ui/Sheet.tsx';

export function Storage({ storage }: { storage: TabStatus['storage'] }): ReactNode {
  const context = useApp();
  const { usedBytes, quotaBytes, persistent } = storage;
  const persist = async (): Promise<void> => {
    await attempt(context, async () => {
      const kept = await context.parley.node.persist();
      const status = await context.parley.node.status();
      context.store.update((state) => ({ ...state, status }));
      if (!kept)
        notify(context, 'info', 'The browser does not promise that yet. Install Parley as an app, or use it for a while, and ask again.');
    });
  };
  return (
    <section className="setting">
      <h2>Storage</h2>
      <p>
        Messages take {sizeText(usedBytes)} of the {sizeText(quotaBytes)} that this browser allows.
      </p>
      <meter className="meter" min={0} max={quotaBytes} high={quotaBytes * 0.8} value={usedBytes} aria-label="Storage in use">
        {sizeText(usedBytes)}
      </meter>
      <p className="quiet">
        {persistent
          ? 'The browser has promised not to remove them when room runs out.'
          : 'When room runs out on this device, the browser may remove them. You can ask it not to.'}
      </p>
      {!persistent && (
        <div className="button-row">
          <button type="button" className="button" onClick={() => void persist()}>
            Keep my messages
          </button>
        </div>
      )}
    </section>
  );
}

export function Erase(): ReactNode {
  const context = useApp();
  const [asking, setAsking] = useState(false);
  const erase = async (): Promise<void> => {
    await attempt(context, () => eraseAll(context));
  };
  return (
    <section className="setting setting-danger">
      <h2>Erase</h2>
      <p className="quiet">Removes your identity and all messages from this browser. Without a backup, this identity is gone for ever.</p>
      <div className="button-row">
        <button type="button" className="button button-danger" onClick={() => setAsking(true)}>
          Erase everything here…
        </button>
      </div>
      {asking && (
        <Sheet title="Erase everything?" onClose={() => setAsking(false)}>
          <p>Your identity, your channels and all messages in this browser are removed. This cannot be undone.</p>
          <div className="button-row">
            <button type="button" className="button" onClick={() => setAsking(false)}>
              Keep them
            </button>
            <button type="button" className="button button-danger" onClick={() => void erase()}>
              Erase
            </button>
          </div>
        </Sheet>
      )}
    </section>
  );
}
