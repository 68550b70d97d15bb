function page(title: string, ...paragraphs: readonly string[]): string {
  return [
    '<!doctype html>',
    '<html lang="en">',
    `<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title></head>`,
    `<body><h1>${title}</h1>`,
    ...paragraphs.map((text) => `<p>${text}</p>`),
    '</body></html>',
    '',
  ].join('\n');
}

/** Shown in place of the app where a browser would not let it work (DESIGN section 12). */
export const NEEDS_HTTPS = page(
  'Parley needs HTTPS here',
  'A Parley server runs here. Its web app keeps keys and messages in your browser, and browsers allow that over HTTPS, or on the machine of the server itself, alone.',
  'Whoever runs this server can give it a certificate, <code>parley server --http HOST:PORT --http-cert FILE --http-key FILE</code>, or put a proxy with HTTPS before it and tell it the address that people open: <code>--http-proxy https://NAME</code>.',
  'For yourself alone, a tunnel does: <code>ssh -L 4718:127.0.0.1:PORT SERVER</code>, and then open <code>http://127.0.0.1:4718</code>.',
);

/** Shown where there is no app to serve. */
export const NOT_BUILT = page(
  'The web app is not built',
  'This Parley server works; the pages that it would show here have not been made yet. In its folder, type <code>npm run build</code>, and load this page again.',
);
