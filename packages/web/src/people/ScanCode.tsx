import { ScanQrCode } from 'lucide-react';
import { type ReactNode, useRef, useState } from 'react';
import { BusyButton } from '../ui/BusyButton.tsx';
import { readCode } from './read-code.ts';

/** Reads a link from a picture of its QR code; on a phone the picture can be taken there and then. */
export function ScanCode({ onText }: { onText: (text: string) => void }): ReactNode {
  const chooser = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const scan = (picture: File): void => {
    setBusy(true);
    setError(undefined);
    readCode(picture)
      .then(
        (text) => (text === undefined ? setError('There is no QR code to be read in this picture.') : onText(text)),
        () => setError('This file is not a picture that the browser can read.'),
      )
      .finally(() => setBusy(false));
  };
  return (
    <div className="scan">
      <input
        ref={chooser}
        type="file"
        accept="image/*"
        hidden
        onChange={({ target }) => {
          const [picture] = target.files ?? [];
          if (picture) scan(picture);
          // The same picture can be chosen again.
          target.value = '';
        }}
      />
      <BusyButton type="button" className="button-small" busy={busy} onClick={() => chooser.current?.click()}>
        <ScanQrCode aria-hidden="true" size={16} /> {busy ? 'Reading…' : 'Scan a QR code'}
      </BusyButton>
      {error !== undefined && (
        <p className="field-error" role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
