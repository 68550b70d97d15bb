import fc from 'fast-check';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { excerpt } from './excerpt.ts';
import { MessageText } from './MessageText.tsx';
import { type Block, type Inline, MAX_MARKDOWN, parseMarkdown, safeHref } from './markdown.ts';

const html = (text: string, marked?: readonly string[]): string =>
  renderToStaticMarkup(<MessageText text={text} {...(marked && { marked })} />);

/** The names of all elements, and the names of their attributes. */
const tags = (markup: string): string[] => [...markup.matchAll(/<([a-z0-9]+)/gi)].map((match) => match[1] ?? '');
const attributes = (markup: string): string[] => [...markup.matchAll(/ ([a-z-]+)="/gi)].map((match) => match[1] ?? '');
const hrefs = (markup: string): string[] => [...markup.matchAll(/href="([^"]*)"/g)].map((match) => match[1] ?? '');

const KEY = 'key_US517G5965aydkZ46HS38QLi7UQiSojurfbQfKCELFx';
const CONTACT = `parley:contact/${KEY}`;

const TAGS = 'div p strong em del code pre blockquote ul ol li hr br a bdi span mark button'.split(' ');
const ATTRIBUTES = 'class dir href target rel title tabindex data-language start type aria-expanded'.split(' ');

describe('what is drawn of a message', () => {
  it.each([
    ['bold', 'a **b** c', '<strong>b</strong>'],
    ['italics', 'a *b* c', '<em>b</em>'],
    ['struck', '~~b~~', '<del>b</del>'],
    ['code', 'a `b*c*` d', '>b*c*</code>'],
    ['a block of code', '```js\nlet a = 1;\n```', 'data-language="js"><code>let a = 1;</code>'],
    ['a quote', '> a', '<blockquote dir="auto"><p dir="auto">a</p></blockquote>'],
    ['a list', '- a\n- b', '<ul dir="auto"><li dir="auto"><p dir="auto">a</p></li>'],
    ['a numbered list', '3. a', '<ol start="3"'],
    ['a line break', 'a\nb', 'a<br/>b'],
  ])('has %s', (_, text, expected) => {
    expect(html(text)).toContain(expected);
  });

  it('has links, that tell the other side nothing', () => {
    const markup = html('see https://example.org/a?b=c and [this](http://example.org) or <mailto:a@example.org>');
    expect(hrefs(markup)).toEqual(['https://example.org/a?b=c', 'http://example.org/', 'mailto:a@example.org']);
    expect(markup.match(/rel="noopener noreferrer"/g)).toHaveLength(3);
    expect(markup.match(/target="_blank"/g)).toHaveLength(3);
  });

  it('makes no link of what is only written like one', () => {
    expect(hrefs(html('readme.md 1.2.3.4 a@b.c example.org //example.org ftp://example.org'))).toEqual([]);
  });

  it('has links to contacts, which lead to a place of the app itself', () => {
    expect(hrefs(html(`add ${CONTACT}?name=Ann%20B, or (${CONTACT}).`))).toEqual([`#/contact/${KEY}?name=Ann%20B`, `#/contact/${KEY}`]);
    expect(html(CONTACT)).not.toContain('target=');
    expect(excerpt(`**add** ${CONTACT}`)).toBe(`add ${CONTACT}`);
  });

  it.each([
    ['an address', '[https://bank.example](https://evil.example/login)', 'evil.example'],
    ['a name', '[**bank**.example/login](https://evil.example)', 'evil.example'],
    ['a name as part of another', '[bank.example](https://bank.example.evil.example)', 'bank.example.evil.example'],
    ['a name of letters that look alike', '[b\u0430nk.example](https://bank.example)', 'bank.example'],
    ['a user at a name', '[https://bank.example](https://bank.example@evil.example)', 'evil.example'],
    ['an address of mail', '[a@bank.example](mailto:a@evil.example)', 'evil.example'],
  ])('says where a link leads whose words are %s of somewhere else', (_, text, place) => {
    expect(html(text)).toContain(` (${place})</bdi>`);
  });

  it.each([
    '[bank.example](https://www.bank.example/a)',
    '[https://bank.example/a](https://bank.example/b)',
    '[a@b.example](mailto:a@b.example)',
  ])('leaves the words of a link that are of the same place: %s', (text) => {
    expect(html(text)).toContain(`<bdi>${text.slice(1, text.indexOf(']'))}</bdi>`);
  });

  it('marks what was searched', () => {
    expect(html('The beans. BEANS', ['beans'])).toContain('The <mark>beans</mark>. <mark>BEANS</mark>');
    expect(html('a (b', ['(b'])).toContain('<mark>(b</mark>');
  });
});

describe('what only looks like a link to a contact', () => {
  it.each([
    ['of another kind', `parley:device/${KEY}?secret=AAAA parley:room/${KEY}`],
    ['of another scheme', `parleys:contact/${KEY} xparley:contact/${KEY} javascript:contact/${KEY}`],
    ['behind other words', `[your bank](${CONTACT}) [x](<${CONTACT}?name=a>)`],
    ['in code', `\`${CONTACT}\``],
    ['with a key that is none', `parley:contact/key_abc ${CONTACT.slice(0, -1)}0 ${CONTACT}1111 ${CONTACT.slice(0, -2)}`],
    ['with letters that look alike', `parley:contact/${KEY.replace('key_', 'kеy_')} рarley:contact/${KEY}`],
    ['in other case', `PARLEY:contact/${KEY} parley:CONTACT/${KEY}`],
    ['with more behind it', `${CONTACT}/../../settings ${CONTACT}#/settings ${CONTACT}&a=b ${CONTACT}?note=hi`],
    ['with markup', `parley:contact/<b>${KEY}</b> parley:contact/"onclick="alert(1)"${KEY}`],
  ])('%s is words', (_, text) => {
    expect(hrefs(html(text))).toEqual([]);
  });

  it('does not hide what it names', () => {
    const markup = html(`${CONTACT}?name=%3Cb%3E%E2%80%AEknab`);
    expect(markup).toContain(`>${CONTACT}?name=%3Cb%3E%E2%80%AEknab<`);
  });
});

describe('hostile content', () => {
  it.each([
    ['a script', '<script>alert(1)</script>'],
    ['an image with a handler', '<img src=x onerror=alert(1)>'],
    ['a broken tag', '<svg/onload=alert(1)//'],
    ['a style', '<style>*{display:none}</style><p style="color:red">'],
    ['html in a list', '- <iframe src="https://example.org">'],
    ['html in code', '```html\n</code></pre><script>alert(1)</script>\n```'],
    ['a language of a block with markup', '```"><script>alert(1)</script>\nx\n```'],
    ['a tag in a link', '[<b onclick=x>](https://example.org)'],
    ['a title of a link with markup', '[a](https://example.org "\\"><script>")'],
    ['an image', '![x](https://example.org/track.png)'],
    ['an image of data', '![x](data:image/svg+xml,<svg onload=alert(1)>)'],
    ['a link to script', '[x](javascript:alert(1)) <javascript:alert(1)>'],
    ['a link to script, disguised', '[x](JaVa\tScRiPt:alert(1)) [x](&#106;avascript:alert(1)) [x](\u0001javascript:alert(1))'],
    ['a link to data', '[x](data:text/html,<script>alert(1)</script>)'],
    ['a link to a file', '[x](file:///etc/passwd) [x](blob:https://example.org/1) [x](vbscript:a)'],
    ['a relative link', '[x](/settings) [x](#/settings) [x](//example.org)'],
  ])('%s is words', (_, text) => {
    const markup = html(text);
    expect(tags(markup).filter((tag) => !TAGS.includes(tag))).toEqual([]);
    expect(attributes(markup).filter((name) => !ATTRIBUTES.includes(name))).toEqual([]);
    expect(hrefs(markup).filter((href) => !href.startsWith('https://example.org'))).toEqual([]);
  });

  it('has nothing but its own elements and attributes, whatever the text', () => {
    const pieces = [
      '<',
      '>',
      '"',
      "'",
      '&',
      '[',
      ']',
      '(',
      ')',
      '!',
      '*',
      '_',
      '`',
      '\n',
      '- ',
      '> ',
      'javascript:',
      'https://a.b',
      '<img src=x onerror=y>',
      '#',
      '|',
      '\\',
      '\u202e',
    ];
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 6 })), { maxLength: 40 }), (parts) => {
        const markup = html(parts.join(''));
        expect(tags(markup).filter((tag) => !TAGS.includes(tag))).toEqual([]);
        expect(hrefs(markup).filter((href) => !/^(?:https?:|mailto:)/.test(href))).toEqual([]);
      }),
    );
  });

  it('shows what would turn the text around', () => {
    const markup = html('photo\u202egnp.exe and \u2066isolated\u2069 and \u200bzero');
    expect(markup).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u200b]/);
    expect(markup).toContain('U+202E');
    expect(markup).toContain('U+2066');
  });

  it('keeps each block to its own direction', () => {
    expect(html('שלום\n\nhello').match(/<p dir="auto">/g)).toHaveLength(2);
    expect(html('[שלום](https://example.org)')).toContain('<bdi>שלום</bdi>');
  });

  it('keeps joiners and flags, which belong to letters and emoji', () => {
    expect(html('👩‍🌾 می‌خواهم 🏴󠁧󠁢󠁷󠁬󠁳󠁿')).not.toContain('U+');
  });

  it('nests only so deep', () => {
    const depth = (blocks: readonly Block[]): number => {
      const below = blocks.map((block) =>
        block.kind === 'quote' ? depth(block.children) : block.kind === 'list' ? Math.max(0, ...block.items.map(depth)) : 0,
      );
      return 1 + Math.max(0, ...below);
    };
    expect(depth(parseMarkdown(`${'> '.repeat(500)}a`))).toBeLessThan(20);
    expect(depth(parseMarkdown('- '.repeat(500)))).toBeLessThan(20);
    const inline = (nodes: readonly Inline[]): number =>
      1 + Math.max(0, ...nodes.map((node) => ('children' in node ? inline(node.children) : 0)));
    const [block] = parseMarkdown(`${'*a **b '.repeat(400)}${'** *'.repeat(400)}`);
    expect(block?.kind === 'paragraph' ? inline(block.children) : 0).toBeLessThan(30);
  });

  it('does not parse what is long enough to take its time: it is shown as it stands', () => {
    const word = 'w'.repeat(64 * 1024);
    expect(parseMarkdown(word)).toEqual([{ kind: 'paragraph', children: [{ kind: 'text', text: word }] }]);
    const bad = '[a](*_`'.repeat(MAX_MARKDOWN);
    expect(parseMarkdown(bad)).toEqual([{ kind: 'paragraph', children: [{ kind: 'text', text: bad }] }]);
  });

  it('folds what is long', () => {
    const markup = html('w'.repeat(64 * 1024));
    expect(markup.length).toBeLessThan(4000);
    expect(markup).toContain('Show all of it');
    expect(html('a\n'.repeat(500))).toContain('Show all of it');
  });
});

describe('safeHref', () => {
  it('refuses all but the web and mail', () => {
    for (const href of [
      'javascript:alert(1)',
      ' https://a.b',
      'java\nscript:x',
      'data:text/html,x',
      '/x',
      'https:',
      'http://',
      `https://a.b/${'x'.repeat(3000)}`,
    ]) {
      expect(safeHref(href), href).toBeUndefined();
    }
    expect(safeHref('HTTPS://Example.ORG/a b')).toBe('https://example.org/a%20b');
  });
});

describe('excerpt', () => {
  it('is one line, without marks', () => {
    expect(excerpt('**Hello**\n\n- a\n- `b`')).toBe('Hello a, b');
    expect(excerpt('w'.repeat(500), 10)).toBe(`${'w'.repeat(10)}…`);
  });
});
