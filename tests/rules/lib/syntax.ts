import { type Comment, parseSync, visitorKeys } from 'oxc-parser';
import type { SourceFile } from './repository.ts';

/** A node of the syntax tree (ESTree with TypeScript's additions), as far as rules look at it. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [property: string]: unknown;
}

export interface Syntax {
  readonly program: SyntaxNode;
  readonly comments: readonly Comment[];
}

const parsed = new WeakMap<SourceFile, Syntax>();

export function parse(file: SourceFile): Syntax {
  const known = parsed.get(file);
  if (known) return known;
  const result = parseSync(file.path, file.text);
  const error = result.errors[0];
  if (error) throw new Error(`${file.path}: ${error.message}`);
  const syntax = { program: result.program as unknown as SyntaxNode, comments: result.comments };
  parsed.set(file, syntax);
  return syntax;
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}

export function children(node: SyntaxNode): SyntaxNode[] {
  return (visitorKeys[node.type] ?? []).flatMap((key) => node[key]).filter(isNode);
}

/** Visits every node, parents first. `ancestors`: from the parent up to the program. */
export function walk(node: SyntaxNode, visit: (node: SyntaxNode, ancestors: readonly SyntaxNode[]) => void): void {
  const enter = (current: SyntaxNode, ancestors: readonly SyntaxNode[]): void => {
    visit(current, ancestors);
    const below = [current, ...ancestors];
    for (const child of children(current)) enter(child, below);
  };
  enter(node, []);
}

/** `path:line`, for messages. */
export function place(file: SourceFile, offset: number): string {
  return `${file.path}:${file.text.slice(0, offset).split('\n').length}`;
}

/** `it.skip` of `it.skip.each(...)(...)`: the names of a member expression or call from its root on; empty when it has no plain root. */
export function chain(node: unknown): string[] {
  if (!isNode(node)) return [];
  if (node.type === 'Identifier') return [String(node.name)];
  if (node.type === 'CallExpression') return chain(node.callee);
  if (node.type !== 'MemberExpression' || node.computed === true || !isNode(node.property)) return [];
  const object = chain(node.object);
  return object.length === 0 ? [] : [...object, String(node.property.name)];
}

export interface Import {
  readonly specifier: string;
  readonly start: number;
}

/** Every module that a file names: static and dynamic imports, re-exports, and types by `import()`. */
export function imports(file: SourceFile): Import[] {
  const found: Import[] = [];
  walk(parse(file).program, (node) => {
    if (!IMPORTING.has(node.type) || !isNode(node.source)) return;
    // A dynamic import of an expression names no module that could be judged; it is reported as it stands.
    const value = node.source.type === 'Literal' ? node.source.value : file.text.slice(node.source.start, node.source.end);
    found.push({ specifier: String(value), start: node.start });
  });
  return found;
}

const IMPORTING = new Set([
  'ImportDeclaration',
  'ExportAllDeclaration',
  'ExportNamedDeclaration',
  'ImportExpression',
  'TSImportType',
  'TSExternalModuleReference',
]);
