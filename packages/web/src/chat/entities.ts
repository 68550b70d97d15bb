/**
 * Stands in for the package of that name, of which the markdown parser asks one thing: what `&copy;` means. Every browser has that table. A
 * document made by a parser runs nothing and loads nothing.
 */
export function decodeHTMLStrict(entity: string): string {
  // Behind something, or a parser would skip `&Tab;`.
  const decoded = new DOMParser().parseFromString(`x${entity}`, 'text/html').documentElement.textContent?.slice(1) ?? '';
  // Browsers take `&notit;` for `&not` and more; that is no entity here.
  return decoded.endsWith(';') && entity !== '&semi;' ? entity : decoded;
}
