import { type ReactNode, useEffect, useState } from 'react';
import { useApp } from '../app/hooks.ts';

interface Progress {
  readonly done: number;
  readonly all: number;
}

/** How far a backup is that is being made or restored; undefined before the first word of it. */
export function useProgress(task: 'backup' | 'restore'): Progress | undefined {
  const { parley } = useApp();
  const [progress, setProgress] = useState<Progress>();
  useEffect(
    () =>
      parley.node.subscribe((event) => {
        if (event.event === 'progress' && event.task === task) setProgress({ done: event.done, all: event.all });
      }),
    [parley, task],
  );
  return progress;
}

export function ProgressLine({ label, progress }: { label: string; progress: Progress | undefined }): ReactNode {
  return <progress className="meter" aria-label={label} max={progress?.all ?? 1} {...(progress ? { value: progress.done } : {})} />;
}
