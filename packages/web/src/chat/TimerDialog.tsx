import { type ReactNode, useState } from 'react';
import { useApp, useSelect } from '../app/hooks.ts';
import { showDialog } from '../state/actions.ts';
import { attempt } from '../state/context.ts';
import { lifetimeWords } from '../state/words.ts';
import { BusyButton } from '../ui/BusyButton.tsx';
import { Choice } from '../ui/Choice.tsx';
import { Sheet } from '../ui/Sheet.tsx';
import { inert } from './plain.ts';

const LIFETIMES = [0, 60, 3600, 86_400, 604_800, 2_419_200];

/** How long what is written in a conversation from now on is to last. It changes for everybody, and so not before the user says so. */
export function TimerDialog({ channelId }: { channelId: string }): ReactNode {
  const context = useApp();
  const timer = useSelect(({ channels }) => channels?.find(({ id }) => id === channelId)?.timer);
  const [chosen, setChosen] = useState<number>();
  const [busy, setBusy] = useState(false);
  const now = timer?.seconds ?? 0;
  const offered = LIFETIMES.includes(now) ? LIFETIMES : [...LIFETIMES, now].sort((a, b) => a - b);
  const seconds = chosen ?? now;
  const close = (): void => showDialog(context, undefined);
  const set = async (): Promise<void> => {
    setBusy(true);
    const done = await attempt(context, async () => {
      const changed = await context.parley.node.setTimer(channelId, seconds);
      context.store.update(({ channels = [], ...state }) => ({
        ...state,
        channels: channels.map((known) => (known.id === channelId ? changed : known)),
      }));
      return true;
    });
    setBusy(false);
    if (done) close();
  };
  return (
    <Sheet title="Disappearing messages" onClose={close}>
      <Choice
        label="What is written from now on disappears"
        value={String(seconds)}
        options={offered.map((each) => [String(each), each === 0 ? 'Never' : `After ${lifetimeWords(each)}`])}
        onChange={(value) => setChosen(Number(value))}
        hint={timer && `Set by ${inert(timer.by.display)}.`}
      />
      <p className="quiet">
        It goes from everybody's history, search and files at the same time, even for those who have not read it. Whoever reads it can still
        keep a copy: a picture of the screen, or a modified program. What was written before stays.
      </p>
      <div className="button-row">
        <BusyButton type="button" className="button button-primary" busy={busy} disabled={seconds === now} onClick={() => void set()}>
          Set it for everybody
        </BusyButton>
      </div>
    </Sheet>
  );
}
