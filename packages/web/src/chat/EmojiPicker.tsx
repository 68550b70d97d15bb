import { type KeyboardEvent, type ReactNode, useMemo, useRef, useState } from 'react';
import { type Emoji, findEmoji, GROUPS } from './emoji.ts';

interface EmojiPickerProps {
  readonly onPick: (emoji: string) => void;
  readonly recent: readonly string[];
}

const TABS = ['🕘', '😀', '👋', '🐻', '🍎', '🚗', '⚽', '💡', '🔣', '🏁'];

/** Emoji by group or by name. */
export function EmojiPicker({ onPick, recent }: EmojiPickerProps): ReactNode {
  const [query, setQuery] = useState('');
  const [group, setGroup] = useState(recent.length > 0 ? -1 : 0);
  const grid = useRef<HTMLDivElement>(null);
  // With each letter, and not when there is time: the next key may choose one of them.
  const shown = useMemo((): readonly Emoji[] => {
    if (query.trim() !== '') return findEmoji(query);
    return group === -1 ? recent.map((emoji) => ({ emoji, name: nameOf(emoji) })) : (GROUPS[group]?.emojis ?? []);
  }, [query, group, recent]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const cells = [...(grid.current?.querySelectorAll('button') ?? [])];
    const at = cells.indexOf(document.activeElement as HTMLButtonElement);
    const columns = columnsOf(cells);
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
    if (step === undefined || (at === -1 && event.key !== 'ArrowDown')) return;
    event.preventDefault();
    const next = cells[at === -1 ? 0 : at + step];
    next?.focus();
    next?.scrollIntoView({ block: 'nearest' });
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only hears the arrows that its buttons let through
    <div className="emoji-picker" onKeyDown={onKeyDown}>
      <input
        // biome-ignore lint/a11y/noAutofocus: the picker was just opened by its user
        autoFocus={matchMedia('(hover: hover)').matches}
        type="search"
        placeholder="Search by name"
        aria-label="Search emoji by name"
        value={query}
        onChange={(event) => setQuery(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !shown[0]) return;
          // It is for the picker alone, and not for where the focus goes now.
          event.preventDefault();
          onPick(shown[0].emoji);
        }}
      />
      <div className="emoji-tabs" role="toolbar" aria-label="Groups of emoji">
        {[-1, ...GROUPS.keys()].map((index) => (
          <button
            key={index}
            type="button"
            aria-pressed={index === group && query === ''}
            aria-label={index === -1 ? 'Recently used' : GROUPS[index]?.name}
            title={index === -1 ? 'Recently used' : GROUPS[index]?.name}
            onClick={() => {
              setGroup(index);
              setQuery('');
            }}
          >
            {TABS[index + 1]}
          </button>
        ))}
      </div>
      <div className="emoji-grid" ref={grid}>
        {shown.map(({ emoji, name }) => (
          <button key={emoji} type="button" title={name} aria-label={name} onClick={() => onPick(emoji)}>
            {emoji}
          </button>
        ))}
        {shown.length === 0 && <p className="quiet emoji-none">{query === '' ? 'None used yet.' : 'Nothing has that name.'}</p>}
      </div>
    </div>
  );
}

function columnsOf(cells: readonly HTMLElement[]): number {
  const top = cells[0]?.offsetTop;
  const second = cells.findIndex(({ offsetTop }) => offsetTop !== top);
  return second === -1 ? Math.max(1, cells.length) : second;
}

function nameOf(emoji: string): string {
  return GROUPS.flatMap(({ emojis }) => emojis).find((known) => known.emoji === emoji)?.name ?? emoji;
}
