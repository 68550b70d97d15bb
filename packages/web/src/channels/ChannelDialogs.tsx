import { Plus } from 'lucide-react';
import { type ReactNode, useMemo, useState } from 'react';
import { VList } from 'virtua';
import { useApp, useSelect } from '../app/hooks.ts';
import { inert } from '../chat/plain.ts';
import { joinChannel, leaveChannel, openChannel, showDialog, sortedChannels } from '../state/actions.ts';
import { tellApart } from '../state/channels.ts';
import { explain } from '../state/context.ts';
import { plural } from '../state/words.ts';
import { BusyButton } from '../ui/BusyButton.tsx';
import { Field } from '../ui/Field.tsx';
import { Sheet } from '../ui/Sheet.tsx';
import { ChannelIcon } from './ChannelIcon.tsx';

/** The channels that are known here, joined or not. */
export function BrowseDialog(): ReactNode {
  const context = useApp();
  const channels = useSelect((state) => state.channels);
  const [query, setQuery] = useState('');
  const wanted = query.trim().toLocaleLowerCase().replace(/^#/, '');
  const found = useMemo(
    () =>
      sortedChannels(
        (channels ?? []).filter(
          ({ name, kind = 'public', joined }) =>
            (kind === 'public' || (kind === 'closed' && joined)) && name.toLocaleLowerCase().includes(wanted),
        ),
      ).sort((a, b) => b.members - a.members),
    [channels, wanted],
  );
  const apart = useMemo(() => tellApart(channels), [channels]);
  return (
    <Sheet title="Channels in the network" onClose={() => showDialog(context, undefined)} className="modal-browse">
      <Field label="Find by name" type="search" autoFocus value={query} onChange={setQuery} />
      {found.length === 0 ? (
        <div className="browse-none">
          <p className="quiet">
            {wanted === ''
              ? 'No channel is known here yet. They appear as others announce them.'
              : 'No channel of that name is known here.'}
          </p>
          <button type="button" className="button" onClick={() => showDialog(context, { kind: 'create' })}>
            <Plus aria-hidden="true" /> Create a channel
          </button>
        </div>
      ) : (
        <VList className="browse-list" data={found}>
          {({ id, name, kind, members, joined }) => (
            <div key={id} className="browse-row">
              <ChannelIcon kind={kind} />
              <span className="browse-name">
                <bdi>{inert(name)}</bdi>
                <span className="quiet">
                  {plural(members, 'member')}
                  {apart.has(id) && `, ${apart.get(id)}`}
                </span>
              </span>
              <button
                type="button"
                className={joined ? 'button' : 'button button-primary'}
                aria-label={`${joined ? 'Open' : 'Join'} ${inert(name)}${apart.has(id) ? ` ${apart.get(id)}` : ''}`}
                onClick={() => {
                  if (!joined) void joinChannel(context, id);
                  else {
                    showDialog(context, undefined);
                    openChannel(id);
                  }
                }}
              >
                {joined ? 'Open' : 'Join'}
              </button>
            </div>
          )}
        </VList>
      )}
    </Sheet>
  );
}

export function LeaveDialog({ channelId }: { channelId: string }): ReactNode {
  const context = useApp();
  const channel = useSelect(({ channels }) => channels?.find(({ id }) => id === channelId));
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const close = (): void => showDialog(context, undefined);
  const leave = (): void => {
    setBusy(true);
    leaveChannel(context, channelId)
      .then(close)
      .catch((thrown: unknown) => setError(explain(thrown)))
      .finally(() => setBusy(false));
  };
  return (
    <Sheet title={`Leave #${inert(channel?.name ?? '')}?`} onClose={close}>
      <p>
        {channel?.kind === 'closed'
          ? 'You get no more of its messages, and the others get a new key. What you have stays in this browser; only a member can bring you back.'
          : 'You get no more of its messages. What you have stays in this browser, and you can join again.'}
      </p>
      {error !== undefined && (
        <p className="field-error" role="alert">
          {error}
        </p>
      )}
      <div className="button-row">
        <button type="button" className="button" onClick={close}>
          Stay
        </button>
        <BusyButton type="button" className="button button-danger" busy={busy} onClick={leave}>
          Leave
        </BusyButton>
      </div>
    </Sheet>
  );
}
