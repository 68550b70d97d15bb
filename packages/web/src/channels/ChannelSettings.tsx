import type { ChannelView, ClosedView, HistoryPolicy } from '@parley/core';
import { type FormEvent, type ReactNode, useEffect, useState } from 'react';
import { useApp, useSelect } from '../app/hooks.ts';
import { inert } from '../chat/plain.ts';
import { showDialog } from '../state/actions.ts';
import { changeSettings, loadClosed } from '../state/closed.ts';
import { attempt, explain } from '../state/context.ts';
import { plural } from '../state/words.ts';
import { BusyButton } from '../ui/BusyButton.tsx';
import { Field } from '../ui/Field.tsx';
import { NAME_UNITS, nameError } from '../ui/name-error.ts';
import { Sheet } from '../ui/Sheet.tsx';
import { choiceOf, HistoryFields, policyOf } from './HistoryFields.tsx';

/** What a closed channel is called, and what newcomers may read: for its owners to change, and for all its members to see. */
export function ChannelSettings({ channelId }: { channelId: string }): ReactNode {
  const context = useApp();
  const channel = useSelect(({ channels }) => channels?.find(({ id }) => id === channelId));
  const view = useSelect(({ closed }) => closed[channelId]?.view);
  const close = (): void => showDialog(context, undefined);
  useEffect(() => {
    void attempt(context, () => loadClosed(context, channelId));
  }, [context, channelId]);
  return (
    <Sheet title="Settings of the channel" onClose={close}>
      {channel &&
        view &&
        (view.role === 'owner' ? (
          // Changed by another owner meanwhile, it begins anew.
          <Change key={`${channel.name} ${view.history}`} channel={channel} view={view} onClose={close} />
        ) : (
          <>
            <dl className="facts">
              <dt>Name</dt>
              <dd>
                <bdi>{inert(channel.name)}</bdi>
              </dd>
              <dt>What newcomers can read of the time before them</dt>
              <dd>{historyWords(view.history)}</dd>
            </dl>
            <p className="quiet">Its owners can change that.</p>
          </>
        ))}
    </Sheet>
  );
}

function historyWords(history: HistoryPolicy): string {
  if (history === 'all') return 'Everything';
  return history === 'none' ? 'Nothing' : `The latest ${plural(history, 'message')}`;
}

interface ChangeProps {
  readonly channel: ChannelView;
  readonly view: ClosedView;
  readonly onClose: () => void;
}

function Change({ channel, view, onClose }: ChangeProps): ReactNode {
  const context = useApp();
  const [name, setName] = useState(channel.name);
  const [history, setHistory] = useState(choiceOf(view.history));
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const typed = name.normalize('NFC').trim().replace(/^#/, '');
  const policy = policyOf(history);
  const fault = nameError(typed);
  const changes = {
    ...(typed !== channel.name && { name: typed }),
    ...(policy !== undefined && policy !== view.history && { history: policy }),
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setBusy(true);
    changeSettings(context, channel.id, changes)
      .then(onClose)
      .catch((thrown: unknown) => setError(explain(thrown)))
      .finally(() => setBusy(false));
  };
  return (
    <form onSubmit={submit}>
      <Field
        label="Name"
        maxLength={NAME_UNITS}
        autoComplete="off"
        value={name}
        onChange={(value) => {
          setName(value);
          setError(undefined);
        }}
        error={error ?? fault}
        hint="All members see the new name."
      />
      <HistoryFields
        value={history}
        onChange={setHistory}
        hint="It holds for whoever comes from now on. Those who are in it keep what they have."
      />
      <div className="button-row">
        <button type="button" className="button" onClick={onClose}>
          Cancel
        </button>
        <BusyButton
          type="submit"
          className="button button-primary"
          busy={busy}
          disabled={typed === '' || fault !== undefined || policy === undefined || Object.keys(changes).length === 0}
        >
          Save
        </BusyButton>
      </div>
    </form>
  );
}
