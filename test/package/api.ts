import { join, relative } from 'node:path';
import ts from 'typescript';
import { root } from './consumer.js';

const dist = join(root, 'dist');
/** What a user writes, and what it stands for. */
type Named = [name: string, symbol: ts.Symbol];

const printer = ts.createPrinter({ removeComments: true });

/**
 * Every declaration that a user of these entries can name or be given: the exports of each, and behind
 * them what their types mention without exporting it. Without comments, sorted by name.
 */
export function describeApi(entries: Record<string, string>): string {
  const files = Object.values(entries).map((file) => join(dist, file));
  const program = ts.createProgram(files, {
    ...{ strict: true, noEmit: true, skipLibCheck: true, types: ['node'] },
    ...{ target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.NodeNext },
  });
  const checker = program.getTypeChecker();
  const known = new Set<ts.Symbol>();

  const behindAlias = (symbol: ts.Symbol) =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;

  /** Those of a namespace by its name and theirs, such as `layers.lstm`. */
  const exportsOf = (module: ts.Symbol, prefix = ''): Named[] =>
    checker.getExportsOfModule(module).flatMap((symbol) => {
      const [name, target] = [prefix + symbol.name, behindAlias(symbol)];
      const isNamespace = (target.flags & ts.SymbolFlags.ValueModule) !== 0;
      return isNamespace ? exportsOf(target, `${name}.`) : [[name, target]];
    });

  const sections = Object.entries(entries).map(([name, file]) => {
    const module = checker.getSymbolAtLocation(program.getSourceFile(join(dist, file))!)!;
    const exported = exportsOf(module).filter(([, symbol]) => !known.has(symbol));
    for (const [, symbol] of exported) known.add(symbol);
    return section(name, exported);
  });

  const reached: Named[] = [];
  for (const symbol of known) {
    for (const declaration of oursOf(symbol)) {
      visitNames(declaration, (node) => {
        const found = checker.getSymbolAtLocation(node);
        if (found === undefined) return;
        const target = behindAlias(found);
        if (known.has(target) || !oursOf(target).some(isTopLevel)) return;
        known.add(target);
        reached.push([target.name, target]);
      });
    }
  }
  return [...sections, section('mentioned by these, and not exported', reached)].join('\n');
}

function section(title: string, symbols: Named[]): string {
  const sorted = symbols.sort(([a], [b]) => (a < b ? -1 : 1));
  const texts = sorted.map(([name, symbol]) => {
    const texts = oursOf(symbol).map(print);
    const renamed = name === symbol.name ? [] : [`${name}:`];
    return [...renamed, ...(texts.length > 0 ? texts : [`${name} of another package`])].join('\n');
  });
  return `# ${title}\n\n${texts.join('\n')}\n`;
}

/** The declarations that stand in dist/. */
function oursOf(symbol: ts.Symbol): ts.Declaration[] {
  const declarations = symbol.declarations ?? [];
  return declarations.filter((one) => {
    const path = relative(dist, one.getSourceFile().fileName);
    return !path.startsWith('..') && !ts.isSourceFile(one);
  });
}

function isTopLevel(declaration: ts.Declaration): boolean {
  const { parent } = ts.isVariableDeclaration(declaration)
    ? declaration.parent.parent
    : declaration;
  return ts.isSourceFile(parent) || ts.isModuleBlock(parent);
}

function visitNames(node: ts.Node, visit: (name: ts.Node) => void): void {
  if (isPrivate(node)) return;
  if (ts.isIdentifier(node)) visit(node);
  ts.forEachChild(node, (child) => visitNames(child, visit));
}

const isPrivate = (node: ts.Node) =>
  (ts.isClassElement(node) &&
    (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Private) !== 0) ||
  (ts.isPropertyDeclaration(node) && ts.isPrivateIdentifier(node.name));

/** A declaration as TypeScript writes it, without what nobody outside may use. */
function print(declaration: ts.Declaration): string {
  const file = declaration.getSourceFile();
  if (!ts.isClassDeclaration(declaration)) {
    const text = printer.printNode(ts.EmitHint.Unspecified, declaration, file);
    return ts.isVariableDeclaration(declaration) ? `const ${text}` : withoutExport(text);
  }
  const { modifiers, name, typeParameters, heritageClauses, members } = declaration;
  const open = members.filter((member) => !isPrivate(member));
  const shown = ts.factory.updateClassDeclaration(
    ...([declaration, modifiers, name, typeParameters, heritageClauses, open] as const),
  );
  return withoutExport(printer.printNode(ts.EmitHint.Unspecified, shown, file));
}

const withoutExport = (text: string) => text.replace(/^export (declare )?/, '');
