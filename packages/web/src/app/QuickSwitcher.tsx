import { CornerDownLeft, Hash, Lock, type LucideIcon, User, Zap } from 'lucide-react';
import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { inert } from '../chat/plain.ts';
import { go, joinChannel, showDialog } from '../state/actions.ts';
import { Sheet } from '../ui/Sheet.tsx';
import { useApp, useSelect } from './hooks.ts';
import { type SwitchItem, switchItems } from './switch-items.ts';

const ICONS: Readonly<Record<SwitchItem['kind'], LucideIcon>> = { channel: Hash, closed: Lock, person: User, action: Zap };

/** Goes anywhere by a few letters of its name. */
export function QuickSwitcher(): ReactNode {
  const context = useApp();
  const channels = useSelect((state) => state.channels);
  const contacts = useSelect((state) => state.contacts);
  const people = useSelect((state) => state.people);
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const items = useMemo(
    () => switchItems({ ...(channels && { channels }), ...(contacts && { contacts }), people }, query),
    [channels, contacts, people, query],
  );
  const close = (): void => showDialog(context, undefined);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another one is chosen
  useEffect(() => {
    list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  }, [at, items]);

  const choose = (item: SwitchItem | undefined): void => {
    if (!item) return;
    close();
    if ('go' in item.does) go(item.does.go);
    else if ('join' in item.does) void joinChannel(context, item.does.join);
    else showDialog(context, item.does.dialog);
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    const count = Math.max(1, items.length);
    if (event.key === 'ArrowDown') setAt((at + 1) % count);
    else if (event.key === 'ArrowUp') setAt((at - 1 + count) % count);
    else if (event.key === 'Enter') choose(items[at]);
    else return;
    event.preventDefault();
  };

  return (
    <Sheet title="Go to" onClose={close} className="modal-switcher" bare>
      <input
        // biome-ignore lint/a11y/noAutofocus: the dialog was just opened by its user
        autoFocus
        className="switcher-input"
        role="combobox"
        aria-expanded="true"
        aria-controls="switcher-list"
        aria-activedescendant={items[at] ? `switch-${at}` : undefined}
        aria-label="Go to a channel, a person or an action"
        placeholder="Go to a channel, a person or an action"
        value={query}
        onChange={(event) => {
          setQuery(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div id="switcher-list" ref={list} className="switcher-list" role="listbox" aria-label="Results">
        {items.map((item, index) => {
          const Icon = ICONS[item.kind];
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard stays in the input
            // biome-ignore lint/a11y/useFocusableInteractive: the keyboard stays in the input
            <div
              key={item.id}
              id={`switch-${index}`}
              role="option"
              aria-selected={index === at}
              onClick={() => choose(item)}
              onPointerMove={() => setAt(index)}
            >
              <Icon aria-hidden="true" />
              <bdi>{inert(item.label)}</bdi>
              <span className="quiet">{item.hint}</span>
              <CornerDownLeft aria-hidden="true" className="switcher-enter" />
            </div>
          );
        })}
      </div>
      {items.length === 0 && <p className="quiet switcher-none">Nothing is called that.</p>}
    </Sheet>
  );
}
