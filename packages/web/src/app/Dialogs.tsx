import type { ReactNode } from 'react';
import { BrowseDialog, LeaveDialog } from '../channels/ChannelDialogs.tsx';
import { ChannelSettings } from '../channels/ChannelSettings.tsx';
import { CreateDialog } from '../channels/CreateDialog.tsx';
import { Invitations } from '../channels/Invitations.tsx';
import { InviteDialog } from '../channels/InviteDialog.tsx';
import { MemberDialog } from '../channels/MemberDialog.tsx';
import { DeleteDialog, ForwardDialog, RemoveFileDialog } from '../chat/MessageDialogs.tsx';
import { TimerDialog } from '../chat/TimerDialog.tsx';
import { AddContact } from '../people/AddContact.tsx';
import { PersonDialog } from '../people/PersonDialog.tsx';
import { Requests } from '../people/Requests.tsx';
import { showDialog } from '../state/actions.ts';
import { Sheet } from '../ui/Sheet.tsx';
import { useApp, useSelect } from './hooks.ts';
import { QuickSwitcher } from './QuickSwitcher.tsx';
import { SHORTCUTS } from './shortcuts.ts';

/** The one dialog that is open, if any. Its own chunk, with the component library in it. */
export default function Dialogs(): ReactNode {
  const dialog = useSelect((state) => state.dialog);
  switch (dialog?.kind) {
    case 'switcher':
      return <QuickSwitcher />;
    case 'help':
      return <Help />;
    case 'create':
      return <CreateDialog />;
    case 'browse':
      return <BrowseDialog />;
    case 'leave':
      return <LeaveDialog channelId={dialog.channelId} />;
    case 'channel-settings':
      return <ChannelSettings channelId={dialog.channelId} />;
    case 'timer':
      return <TimerDialog channelId={dialog.channelId} />;
    case 'delete':
      return <DeleteDialog message={dialog.message} />;
    case 'remove-file':
      return <RemoveFileDialog message={dialog.message} index={dialog.index} />;
    case 'forward':
      return <ForwardDialog message={dialog.message} />;
    case 'person':
      return <PersonDialog key={dialog.nodeId} nodeId={dialog.nodeId} />;
    case 'add-contact':
      return <AddContact key={dialog.link} link={dialog.link} />;
    case 'invitations':
      return <Invitations />;
    case 'invite':
      return <InviteDialog channelId={dialog.channelId} />;
    case 'member':
      return <MemberDialog channelId={dialog.channelId} nodeId={dialog.nodeId} />;
    case 'requests':
      return <Requests />;
    default:
      return null;
  }
}

function Help(): ReactNode {
  const context = useApp();
  return (
    <Sheet title="Keyboard" onClose={() => showDialog(context, undefined)}>
      <dl className="shortcuts">
        {SHORTCUTS.map(({ keys, does }) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </Sheet>
  );
}
