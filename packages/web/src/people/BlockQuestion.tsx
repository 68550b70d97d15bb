import type { ReactNode } from 'react';
import { useApp } from '../app/hooks.ts';
import { blockContact } from '../state/contacts.ts';
import { Question } from '../ui/Question.tsx';

interface BlockQuestionProps {
  readonly keyId: string;
  /** Made harmless. */
  readonly name: string;
  readonly onNo: () => void;
}

export function BlockQuestion({ keyId, name, onNo }: BlockQuestionProps): ReactNode {
  const context = useApp();
  return (
    <Question no="Do not block" yes="Block" onNo={onNo} onYes={() => void blockContact(context, keyId)}>
      <p>
        Block <bdi>{name}</bdi>? Nothing that they send you directly is heard as long as they are blocked, and they are not told: what they
        write meanwhile may come once you unblock them.
      </p>
    </Question>
  );
}
