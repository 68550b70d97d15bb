import type { MadeDelivery } from './deliveries.ts';

/** What is said in the made-up channel: ordinary things, and what people do to break an app. */
interface Speech {
  readonly from: 'self' | 'anna' | 'ben' | 'stranger' | 'leo' | 'yael' | 'long' | 'zalgo';
  /** Minutes before now. */
  readonly ago: number;
  readonly text: string;
  readonly delivery?: MadeDelivery;
  /** It answers the message this many before it. */
  readonly replies?: number;
  /** Messages of this sender that are missing before it. */
  readonly skip?: number;
}

const BASE = 26 * 60;

export const SPEECHES: readonly Speech[] = [
  {
    from: 'stranger',
    ago: BASE + 40,
    text: '<script>alert(1)</script> <img src=x onerror=alert(2)> <b>not bold</b> [click](javascript:alert(3)) ![](https://example.org/track.png)',
  },
  {
    from: 'stranger',
    ago: BASE + 39,
    text: `start \u202egnp.exe\u202c end, and a \u2066hidden isolate. https://example.org/${'a/'.repeat(60)}`,
  },
  { from: 'zalgo', ago: BASE + 30, text: `Ḧ̸̛̳́̉̐e̵̡̛̦̓̾̈́${'\u0300\u0316\u0334'.repeat(80)} c̶̖͑̽ö̸̠́m̵̹̑e̴̪̕s` },
  { from: 'long', ago: BASE + 20, text: 'w'.repeat(65_000) },
  { from: 'yael', ago: BASE + 10, text: 'שלום לכולם! מי מביא את הכלים ב-14:00?' },
  { from: 'anna', ago: 190, text: 'Good morning! The beans are **up**, all three rows.' },
  { from: 'anna', ago: 189, text: 'Pictures when I am home.' },
  {
    from: 'ben',
    ago: 180,
    text: 'Wonderful. For Saturday:\n\n- spades (two are at mine)\n- the long hose\n- `compost-log.txt`, which says when we turned it\n\n> last turned in March\n\nSee https://example.org/garden/plan for the plan.',
    skip: 3,
  },
  { from: 'self', ago: 176, text: 'I can take the hose. Is Saturday at ten all right?', delivery: 'delivered', replies: 1 },
  { from: 'leo', ago: 170, text: '👍' },
  { from: 'leo', ago: 169, text: 'Ten is good for me too, if somebody has the key to the shed.' },
  {
    from: 'self',
    ago: 100,
    text: 'Ben has it, I think. The new lock wants a bit of patience: turn it left first, then right, and lift the door while you push.',
    delivery: 'failed',
  },
  {
    from: 'anna',
    ago: 60,
    text: 'For the watering, I wrote this down:\n\n```sh\nfor bed in beans peas salad; do\n  water "$bed" --litres 20\ndone\n```',
  },
  { from: 'ben', ago: 22, text: 'That is more than last year, but it *was* a dry spring.', replies: 1 },
  { from: 'self', ago: 20, text: 'Then twenty it is.', delivery: 'delivered' },
  { from: 'self', ago: 3, text: 'And something to drink.', delivery: 'unconfirmed' },
  { from: 'self', ago: 2, text: 'Bringing cake as well 🍰', delivery: 'stored' },
  { from: 'self', ago: 1, text: 'Is the gate open?', delivery: 'unanswered' },
];
