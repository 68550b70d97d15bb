import { isTest, type Rule, type SourceFile } from './repository.ts';
import { chain, isNode, parse, place, type SyntaxNode, walk } from './syntax.ts';

/** No way around the type checker, no error that vanishes, no test that does not run without anyone being told why. */
export const noEscapes: Rule = (file) => {
  const { program, comments } = parse(file);
  const found = comments
    .filter((comment) => /^\s*@ts-(ignore|nocheck|expect-error)/.test(comment.value))
    .map((comment) => `${place(file, comment.start)}: ${comment.value.trim().split(/\s/)[0]}`);
  walk(program, (node) => {
    const wrong = wrongOf(node, file);
    if (wrong !== undefined) found.push(`${place(file, node.start)}: ${wrong}`);
  });
  return found;

  function wrongOf(node: SyntaxNode, { path }: SourceFile): string | undefined {
    switch (node.type) {
      case 'TSAnyKeyword':
        return 'the type any';
      case 'TSNonNullExpression':
        return 'a non-null assertion';
      case 'CatchClause':
        return isEmptyCatch(node) ? 'an empty catch: handle the error, or say in it why there is nothing to do' : undefined;
      case 'CallExpression':
        return isTest(path) ? unrun(node) : undefined;
      default:
        return undefined;
    }
  }

  function isEmptyCatch({ body }: SyntaxNode): boolean {
    if (!isNode(body) || !Array.isArray(body.body) || body.body.length > 0) return false;
    return !comments.some((comment) => comment.start > body.start && comment.end < body.end);
  }
};

const BLOCKS = new Set(['it', 'test', 'describe', 'suite']);
const UNRUN = new Set(['skip', 'skipIf', 'runIf', 'todo']);

/** A test that is left out says why when it runs: `it('name', ({ skip }) => { skip(condition, 'reason'); ... })`. */
function unrun(call: SyntaxNode): string | undefined {
  if (isNode(call.callee) && call.callee.type === 'CallExpression') return undefined;
  const [root, ...members] = chain(call.callee);
  if (root === undefined) return undefined;
  if (BLOCKS.has(root)) {
    if (members.includes('only')) return `${root}.only: the other tests would not run`;
    const name = members.find((member) => UNRUN.has(member));
    return name === undefined ? undefined : `${root}.${name}: its reason is never shown; call the test context's skip(condition, 'reason')`;
  }
  if ([root, ...members].at(-1) !== 'skip') return undefined;
  const last = (call.arguments as SyntaxNode[]).at(-1);
  const isReason = last?.type === 'TemplateLiteral' || (last?.type === 'Literal' && typeof last.value === 'string');
  return isReason ? undefined : 'skip without a reason: skip(condition, "reason")';
}
