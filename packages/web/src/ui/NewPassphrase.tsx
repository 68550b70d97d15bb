import { MIN_PASSPHRASE_CHARACTERS } from '@parley/core';
import { type ReactNode, useState } from 'react';
import { Field } from './Field.tsx';

/** A passphrase that nobody can read while it is typed, and nobody can reset: so it is typed twice. */
interface Typed {
  readonly first: string;
  readonly again: string;
}

export const NOT_TYPED: Typed = { first: '', again: '' };

/** What was typed, once both are the same and long enough. */
export function agreed({ first, again }: Typed): string | undefined {
  return first === again && first.length >= MIN_PASSPHRASE_CHARACTERS ? first : undefined;
}

interface NewPassphraseProps {
  readonly label: string;
  /** What is to be known of it beside its length. */
  readonly hint: string;
  readonly typed: Typed;
  readonly onChange: (typed: Typed) => void;
  /** Why it could not be set. */
  readonly error?: string | undefined;
}

export function NewPassphrase({ label, hint, typed, onChange, error }: NewPassphraseProps): ReactNode {
  const [left, setLeft] = useState(false);
  const { first, again } = typed;
  const short = first !== '' && first.length < MIN_PASSPHRASE_CHARACTERS;
  // Whoever is only on the way to the same words is not told that they differ.
  const differ = again !== first && again !== '' && (left || !first.startsWith(again));
  return (
    <>
      <Field
        label={label}
        type="password"
        autoComplete="new-password"
        value={first}
        onChange={(value) => onChange({ first: value, again })}
        hint={`At least ${MIN_PASSPHRASE_CHARACTERS} characters. ${hint}`}
        error={short ? `That is shorter than ${MIN_PASSPHRASE_CHARACTERS} characters.` : error}
      />
      <Field
        label={`${label}, again`}
        type="password"
        autoComplete="new-password"
        value={again}
        onChange={(value) => onChange({ first, again: value })}
        onFocus={() => setLeft(false)}
        onBlur={() => setLeft(true)}
        error={differ ? 'The two are not the same. Type the same passphrase twice.' : undefined}
      />
    </>
  );
}
