import { type ReactNode, useId } from 'react';

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly (readonly [T, string])[];
  readonly onChange: (value: T) => void;
  readonly disabled?: boolean;
  /** What the chosen one means. */
  readonly hint?: ReactNode;
}

/** One of a few. */
export function Choice<T extends string>({ label, value, options, onChange, disabled = false, hint }: ChoiceProps<T>): ReactNode {
  const name = useId();
  return (
    <fieldset className="choice" disabled={disabled} aria-describedby={hint === undefined ? undefined : `${name}-hint`}>
      <legend>{label}</legend>
      {options.map(([key, words]) => (
        <label key={key}>
          <input type="radio" name={name} checked={value === key} onChange={() => onChange(key)} />
          <span>{words}</span>
        </label>
      ))}
      {hint !== undefined && (
        <p className="hint" id={`${name}-hint`}>
          {hint}
        </p>
      )}
    </fieldset>
  );
}
