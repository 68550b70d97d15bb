import encode from 'qr';
import { type ReactNode, useMemo } from 'react';

/** A text as a QR code, dark on light in every theme: many readers know no other. */
export function Qr({ text, label }: { text: string; label: string }): ReactNode {
  const rows = useMemo(() => encode(text, 'raw', { border: 2 }), [text]);
  const path = useMemo(() => rows.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : []))).join(''), [rows]);
  const size = rows.length;
  return (
    <svg className="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shapeRendering="crispEdges">
      <rect className="qr-light" width={size} height={size} />
      <path className="qr-dark" d={path} />
    </svg>
  );
}
