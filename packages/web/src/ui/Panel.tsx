import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { useApp } from '../app/hooks.ts';
import { openPanel } from '../state/actions.ts';
import { IconButton } from './IconButton.tsx';

interface PanelProps {
  readonly title: string;
  /** Default: the title. */
  readonly label?: string;
  readonly closeLabel: string;
  /** Buttons before the one that closes. */
  readonly tools?: ReactNode;
  readonly children: ReactNode;
}

/** What stands beside a conversation. */
export function Panel({ title, label = title, closeLabel, tools, children }: PanelProps): ReactNode {
  const context = useApp();
  return (
    <aside className="panel" aria-label={label}>
      <header className="panel-head">
        <h2>{title}</h2>
        {tools}
        <IconButton icon={X} label={closeLabel} onClick={() => openPanel(context, undefined)} />
      </header>
      {children}
    </aside>
  );
}
