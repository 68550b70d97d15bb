import type { ExportFormat } from '@parley/core';
import { Bell, BellOff, Download, LogOut, Pin, Settings2, Timer } from 'lucide-react';
import type { ReactNode, RefObject } from 'react';
import { MenuItem, Separator } from 'react-aria-components';
import { useApp, useSelect } from '../app/hooks.ts';
import { openPanel, setSettings, showDialog } from '../state/actions.ts';
import { attempt } from '../state/context.ts';
import { notifyLevel } from '../state/notify.ts';
import type { NotifyLevel } from '../state/settings.ts';
import { PopupMenu } from '../ui/PopupMenu.tsx';

/** By the key of their place in the menu. */
const FORMATS: Readonly<Record<string, readonly [format: ExportFormat, words: string]>> = {
  'save-text': ['text', 'text'],
  'save-html': ['html', 'a page (HTML)'],
  'save-json': ['json', 'JSON'],
};

const LEVELS: Readonly<Record<NotifyLevel, string>> = { all: 'every message', mentions: 'messages with your name', off: 'nothing' };

interface ChannelMenuProps {
  readonly channelId: string;
  readonly trigger: RefObject<HTMLElement | null>;
  readonly onClose: () => void;
}

export default function ChannelMenu({ channelId, trigger, onClose }: ChannelMenuProps): ReactNode {
  const context = useApp();
  const settings = useSelect((state) => state.settings);
  const kind = useSelect(({ channels }) => channels?.find(({ id }) => id === channelId)?.kind);
  const level = notifyLevel(settings, channelId, kind);
  const choose = (key: string | number): void => {
    const [format] = FORMATS[key] ?? [];
    if (format) void attempt(context, async () => (await import('./save-channel.ts')).saveChannel(context, channelId, format));
    else if (key === 'pinned') openPanel(context, { kind: 'pinned' });
    else if (key === 'timer') showDialog(context, { kind: 'timer', channelId });
    else if (key === 'settings') showDialog(context, { kind: 'channel-settings', channelId });
    else if (key === 'leave') showDialog(context, { kind: 'leave', channelId });
    else setSettings(context, { notifyChannel: { ...settings.notifyChannel, [channelId]: key as NotifyLevel } });
  };
  return (
    <PopupMenu label="Channel" trigger={trigger} onAction={choose} onClose={onClose}>
      <MenuItem id="pinned" textValue="Pinned messages" className="menu-item">
        <Pin aria-hidden="true" />
        <span>Pinned messages</span>
      </MenuItem>
      {(kind === 'direct' || kind === 'closed') && (
        <MenuItem id="timer" textValue="Disappearing messages" className="menu-item">
          <Timer aria-hidden="true" />
          <span>Disappearing messages</span>
        </MenuItem>
      )}
      {kind === 'closed' && (
        <MenuItem id="settings" textValue="Settings of the channel" className="menu-item">
          <Settings2 aria-hidden="true" />
          <span>Settings of the channel</span>
        </MenuItem>
      )}
      <Separator className="menu-line" />
      {(['all', 'mentions', 'off'] as const).map((each) => (
        <MenuItem key={each} id={each} textValue={`Notify of ${LEVELS[each]}`} className="menu-item">
          {each === 'off' ? <BellOff aria-hidden="true" /> : <Bell aria-hidden="true" />}
          <span>Notify of {LEVELS[each]}</span>
          {each === level && <span className="menu-mark">chosen</span>}
        </MenuItem>
      ))}
      <Separator className="menu-line" />
      {Object.entries(FORMATS).map(([id, [, words]]) => (
        <MenuItem key={id} id={id} textValue={`Save as ${words}`} className="menu-item">
          <Download aria-hidden="true" />
          <span>Save as {words}</span>
        </MenuItem>
      ))}
      {kind !== 'direct' && <Separator className="menu-line" />}
      {kind !== 'direct' && (
        <MenuItem id="leave" textValue="Leave the channel" className="menu-item menu-danger">
          <LogOut aria-hidden="true" />
          <span>Leave the channel</span>
        </MenuItem>
      )}
    </PopupMenu>
  );
}
