import type { ReactNode } from 'react';
import { useApp, useSelect } from '../app/hooks.ts';
import { showDialog } from '../state/actions.ts';
import { attempt } from '../state/context.ts';
import { lifetimeWords } from '../state/words.ts';
import { Choice } from '../ui/Choice.tsx';
import { Sheet } from '../ui/Sheet.tsx';
import { inert } from './plain.ts';

const LIFETIMES = [0, 60, 3600, 86_400, 604_800, 2_419_200];

/** How long what is written in a conversation from now on is to last. */
export function TimerDialog({ channelId }: { channelId: string }): ReactNode {
  const context = useApp();
  const timer = useSelect(({ channels }) => channels?.find(({ id }) => id === channelId)?.timer);
  const chosen = timer?.seconds ?? 0;
  const offered = LIFETIMES.includes(chosen) ? LIFETIMES : [...LIFETIMES, chosen].sort((a, b) => a - b);
  const choose = (seconds: number): void => {
    void attempt(context, async () => {
      const changed = await context.parley.node.setTimer(channelId, seconds);
      context.store.update(({ channels = [], ...state }) => ({
        ...state,
        channels: channels.map((known) => (known.id === channelId ? changed : known)),
      }));
    });
  };
  return (
    <Sheet title="Disappearing messages" onClose={() => showDialog(context, undefined)}>
      <Choice
        label="What is written from now on disappears"
        value={String(chosen)}
        options={offered.map((seconds) => [String(seconds), seconds === 0 ? 'Never' : `After ${lifetimeWords(seconds)}`])}
        onChange={(value) => choose(Number(value))}
        hint={timer && `Set by ${inert(timer.by.display)}.`}
      />
      <p className="quiet">
        It goes from everybody's history, search and files at the same time, also from those who have not read it. Whoever reads it can keep
        a copy all the same: a picture of the screen, or a changed program. What was written before stays.
      </p>
    </Sheet>
  );
}
