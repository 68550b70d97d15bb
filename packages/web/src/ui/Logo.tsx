import type { ReactNode } from 'react';

export function Logo({ size = 28 }: { size?: number }): ReactNode {
  return (
    <svg className="logo" width={size} height={size} viewBox="0 0 64 64" aria-hidden="true">
      <path
        className="logo-shape"
        d="M10 8h44a7 7 0 0 1 7 7v27a7 7 0 0 1-7 7H33L18.6 60.6A1.6 1.6 0 0 1 16 59.4V49h-6a7 7 0 0 1-7-7V15a7 7 0 0 1 7-7Z"
      />
      <path className="logo-line" d="M19 35 32 21l13 14" />
      <circle className="logo-spark" cx="32" cy="21" r="6.2" />
      <circle className="logo-dot" cx="18.5" cy="35.5" r="5" />
      <circle className="logo-dot" cx="45.5" cy="35.5" r="5" />
    </svg>
  );
}
