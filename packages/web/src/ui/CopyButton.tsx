import { Check, Copy } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { useApp } from '../app/hooks.ts';
import { attempt } from '../state/context.ts';
import { IconButton } from './IconButton.tsx';

const SHOWN_MS = 2000;

export function CopyButton({ text, label }: { text: string; label: string }): ReactNode {
  const context = useApp();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async (): Promise<void> => {
    await attempt(context, async () => {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      context.announcement.update(() => 'Copied');
    });
  };
  return <IconButton icon={copied ? Check : Copy} label={copied ? 'Copied' : label} onClick={() => void copy()} />;
}
