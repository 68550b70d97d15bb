import type { MessageView } from './types.ts';

/** A message as it reads elsewhere: with the name of its sender, as a quote. */
export function forwarded({ sender, text }: Pick<MessageView, 'sender' | 'text'>): string {
  const lines = text.split('\n').map((line) => `> ${line}`);
  return [`**${sender.name ?? sender.display}** wrote:`, ...lines].join('\n');
}
