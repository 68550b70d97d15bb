import { type ReactNode, useState } from 'react';
import { inert } from '../chat/plain.ts';
import { wordsOf } from '../state/context.ts';
import { eraseAll } from '../state/home.ts';
import { BusyButton } from '../ui/BusyButton.tsx';
import { useFocusHere } from '../ui/focus.ts';
import { useApp } from './hooks.ts';
import { Restore } from './Restore.tsx';

interface ForgottenProps {
  readonly name: string;
  readonly onBack: () => void;
}

type Step = 'words' | 'restore' | 'begin';

/** For whoever has lost the passphrase: what there still is to do, and what is lost by it. Its own chunk. */
export default function Forgotten({ name, onBack }: ForgottenProps): ReactNode {
  const [step, setStep] = useState<Step>('words');
  return (
    <>
      {step === 'words' && <Ways name={name} onStep={setStep} onBack={onBack} />}
      {step === 'restore' && <Restore replaces />}
      {step === 'begin' && <BeginAnew name={name} />}
      {step !== 'words' && (
        <button type="button" className="link-button gate-switch" onClick={() => setStep('words')}>
          Leave what is here as it is
        </button>
      )}
    </>
  );
}

function Ways({ name, onStep, onBack }: ForgottenProps & { onStep: (step: Step) => void }): ReactNode {
  const here = useFocusHere<HTMLHeadingElement>();
  return (
    <>
      <h1 ref={here} tabIndex={-1}>
        Without the passphrase
      </h1>
      <p className="quiet">
        Nobody can open what is kept in this browser, and nobody can reset its passphrase. If you may remember it, go back: what is here
        stays as it is.
      </p>
      <p className="gate-words">
        Otherwise there are two ways on. Each of them erases what is here: the keys of <bdi>{inert(name)}</bdi>, contacts, channels and all
        messages in this browser.
      </p>
      <button type="button" className="button button-primary button-wide" onClick={onBack}>
        Back to the passphrase
      </button>
      <button type="button" className="button button-wide" onClick={() => onStep('restore')}>
        Restore a backup…
      </button>
      <button type="button" className="button button-danger button-wide" onClick={() => onStep('begin')}>
        Begin anew, without one…
      </button>
    </>
  );
}

function BeginAnew({ name }: { name: string }): ReactNode {
  const context = useApp();
  const here = useFocusHere<HTMLHeadingElement>();
  const [sure, setSure] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const erase = (): void => {
    setBusy(true);
    eraseAll(context)
      .catch((thrown: unknown) => setError(wordsOf(thrown)))
      .finally(() => setBusy(false));
  };
  return (
    <>
      <h1 ref={here} tabIndex={-1}>
        Begin anew?
      </h1>
      <p className="quiet">
        You come back as somebody else, whom your contacts do not know, even if you take the same name. Closed channels have to invite you
        again. If you have linked other devices, the first of them can link this browser again afterwards: then you are the same person as
        before.
      </p>
      <label className="check gate-words">
        <input type="checkbox" checked={sure} onChange={(event) => setSure(event.target.checked)} />
        <span>
          I know that everything of <bdi>{inert(name)}</bdi> in this browser is lost for ever.
        </span>
      </label>
      {error !== undefined && (
        <p className="field-error" role="alert">
          {error}
        </p>
      )}
      <BusyButton type="button" className="button button-danger button-wide" busy={busy} disabled={!sure} onClick={erase}>
        {busy ? 'Erasing…' : 'Erase everything here'}
      </BusyButton>
    </>
  );
}
