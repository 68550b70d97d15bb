import type { HistoryPolicy } from '@parley/core';
import type { ReactNode } from 'react';
import { Choice } from '../ui/Choice.tsx';
import { Field } from '../ui/Field.tsx';

const POLICIES = [
  ['all', 'Everything'],
  ['last', 'The latest messages'],
  ['none', 'Nothing'],
] as const;

/** What was chosen, and what was typed for how many. */
export interface HistoryChoice {
  readonly policy: (typeof POLICIES)[number][0];
  readonly last: string;
}

export const EVERYTHING: HistoryChoice = { policy: 'all', last: '100' };

/** Most messages that newcomers may be promised. */
const MAX_LAST = 100_000;

/** Undefined while what was typed is no number that could be promised. */
export function policyOf({ policy, last }: HistoryChoice): HistoryPolicy | undefined {
  if (policy !== 'last') return policy;
  const count = /^\d{1,6}$/.test(last) ? Number(last) : 0;
  return count < 1 || count > MAX_LAST ? undefined : count;
}

export function choiceOf(policy: HistoryPolicy): HistoryChoice {
  return typeof policy === 'number' ? { policy: 'last', last: `${policy}` } : { ...EVERYTHING, policy };
}

interface HistoryFieldsProps {
  readonly value: HistoryChoice;
  readonly onChange: (value: HistoryChoice) => void;
  readonly hint: string;
}

/** What newcomers of a closed channel may read. */
export function HistoryFields({ value, onChange, hint }: HistoryFieldsProps): ReactNode {
  return (
    <>
      <Choice
        label="What newcomers can read of the time before them"
        value={value.policy}
        options={POLICIES}
        onChange={(policy) => onChange({ ...value, policy })}
        hint={hint}
      />
      {value.policy === 'last' && (
        <Field
          label="How many messages"
          inputMode="numeric"
          autoComplete="off"
          value={value.last}
          onChange={(last) => onChange({ ...value, last })}
          error={policyOf(value) === undefined ? `A number from 1 to ${MAX_LAST.toLocaleString()}.` : undefined}
        />
      )}
    </>
  );
}
