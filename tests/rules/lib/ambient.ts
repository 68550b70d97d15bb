import { isTest, type Rule } from './repository.ts';
import { children, isNode, parse, place, type SyntaxNode, walk } from './syntax.ts';

/** What core must be given by a port, or cannot have on every platform. */
const FORBIDDEN = new Set([
  'Buffer',
  'Intl',
  'Performance',
  'WebSocket',
  'XMLHttpRequest',
  '__dirname',
  '__filename',
  'clearImmediate',
  'clearInterval',
  'clearTimeout',
  'console',
  'crypto',
  'document',
  'fetch',
  'global',
  'globalThis',
  'indexedDB',
  'localStorage',
  'navigator',
  'performance',
  'process',
  'queueMicrotask',
  'require',
  'requestAnimationFrame',
  'self',
  'setImmediate',
  'setInterval',
  'setTimeout',
  'window',
]);

/** Members whose answer depends on where the program runs: its time zone or its language. */
const LOCAL =
  /^(?:[gs]et(?:FullYear|Month|Date|Day|Hours|Minutes|Seconds|Milliseconds|TimezoneOffset)|toLocale\w+|localeCompare|to(?:Date|Time)String)$/;

/** Core takes time, randomness, timers and input or output from its ports (docs/design.md, section 2). */
export const noAmbient: Rule = (file) => {
  if (!file.path.startsWith('packages/core/src/') || isTest(file.path) || file.path.endsWith('.d.ts')) return [];
  const found: string[] = [];
  walk(parse(file).program, (node, ancestors) => {
    if (node.type !== 'Identifier') return;
    const name = String(node.name);
    const parent = ancestors[0];
    if (isKey(node, parent)) {
      if (parent?.type === 'MemberExpression' && LOCAL.test(name)) found.push(`${place(file, node.start)}: ${name} depends on the place`);
    } else if (isAmbient(name, node, parent) && !isDeclared(name, ancestors)) {
      found.push(`${place(file, node.start)}: uses the global ${name}`);
    }
  });
  return found;
};

function isAmbient(name: string, node: SyntaxNode, parent: SyntaxNode | undefined): boolean {
  if (name === 'Math') return !isMember(parent, (member) => member !== 'random');
  if (name === 'Date') return !isConversion(node, parent);
  return FORBIDDEN.has(name);
}

function isMember(parent: SyntaxNode | undefined, allowed: (member: unknown) => boolean): boolean {
  return parent?.type === 'MemberExpression' && parent.computed !== true && isNode(parent.property) && allowed(parent.property.name);
}

/** `new Date(ms)`, `Date.parse(text)`, `Date.UTC(...)` and the type: they turn one form of a time into another and ask no clock. */
function isConversion(node: SyntaxNode, parent: SyntaxNode | undefined): boolean {
  if (parent?.type === 'TSTypeReference') return true;
  if (parent?.type === 'NewExpression') return parent.callee === node && Array.isArray(parent.arguments) && parent.arguments.length > 0;
  return isMember(parent, (member) => member === 'parse' || member === 'UTC');
}

/** Whether the identifier is the name of a member and so refers to nothing. */
function isKey(node: SyntaxNode, parent: SyntaxNode | undefined): boolean {
  if (!parent) return false;
  if (parent.type === 'MemberExpression') return parent.property === node && parent.computed !== true;
  if (parent.type === 'TSQualifiedName') return parent.right === node;
  if (parent.type === 'ImportSpecifier' || parent.type === 'ExportSpecifier') return true;
  return parent.key === node && parent.computed !== true;
}

function isDeclared(name: string, ancestors: readonly SyntaxNode[]): boolean {
  return ancestors.some((scope) => declaredIn(scope).has(name));
}

const declared = new WeakMap<SyntaxNode, Set<string>>();

/** The names that a node declares for what is inside it. */
function declaredIn(scope: SyntaxNode): Set<string> {
  let names = declared.get(scope);
  if (!names) {
    names = new Set(boundNames(scope));
    declared.set(scope, names);
  }
  return names;
}

function boundNames(scope: SyntaxNode): string[] {
  switch (scope.type) {
    case 'Program':
    case 'BlockStatement':
    case 'StaticBlock':
      return children(scope).flatMap(statementNames);
    case 'ForStatement':
      return isNode(scope.init) ? statementNames(scope.init) : [];
    case 'ForOfStatement':
    case 'ForInStatement':
      return isNode(scope.left) ? statementNames(scope.left) : [];
    case 'CatchClause':
      return patternNames(scope.param);
    default:
      return Array.isArray(scope.params) ? scope.params.flatMap(patternNames) : [];
  }
}

function statementNames(statement: SyntaxNode): string[] {
  switch (statement.type) {
    case 'VariableDeclaration':
      return children(statement).flatMap((declarator) => patternNames(declarator.id));
    case 'ImportDeclaration':
      return children(statement).flatMap((specifier) => patternNames(specifier.local));
    case 'ExportNamedDeclaration':
    case 'ExportDefaultDeclaration':
      return isNode(statement.declaration) ? statementNames(statement.declaration) : [];
    default:
      return patternNames(statement.id);
  }
}

function patternNames(pattern: unknown): string[] {
  if (!isNode(pattern)) return [];
  switch (pattern.type) {
    case 'Identifier':
      return [String(pattern.name)];
    case 'ObjectPattern':
      return (pattern.properties as unknown[]).flatMap(patternNames);
    case 'Property':
      return patternNames(pattern.value);
    case 'ArrayPattern':
      return (pattern.elements as unknown[]).flatMap(patternNames);
    case 'AssignmentPattern':
      return patternNames(pattern.left);
    case 'RestElement':
      return patternNames(pattern.argument);
    case 'TSParameterProperty':
      return patternNames(pattern.parameter);
    default:
      return [];
  }
}
