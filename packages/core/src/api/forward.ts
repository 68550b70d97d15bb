import type { MessageView } from './types.ts';

/** A message as it reads elsewhere: with the name of its sender, as a quote. */
export function forwarded({ sender, text }: Pick<MessageView, 'sender' | 'text'>): string {
  const lines = text.split('\n').map((line) => `> ${line}`);
  return [`**${sender.name ?? sender.display}** wrote:`, ...lines].join('\n');
}

/** Who wrote what was forwarded, and what, by the word of whoever forwarded it; undefined for a text that says anything else. */
export function forwardedParts(text: string): { readonly name: string; readonly text: string } | undefined {
  const [first = '', ...quoted] = text.split('\n');
  const [, name] = /^\*\*([\s\S]+)\*\* wrote:$/.exec(first) ?? [];
  if (name === undefined || quoted.length === 0 || !quoted.every((line) => line.startsWith('> '))) return undefined;
  return { name, text: quoted.map((line) => line.slice(2)).join('\n') };
}
