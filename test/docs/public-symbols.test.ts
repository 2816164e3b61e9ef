import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { root } from './examples.js';

const entries = ['src/index.ts', 'src/node.ts', 'src/predict.ts'].map((file) => join(root, file));
const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
const program = ts.createProgram(entries, options);
const checker = program.getTypeChecker();

/** Functions and classes, also those inside a namespace or an object such as `layers`. */
function callables(symbol: ts.Symbol, name: string): [string, ts.Symbol][] {
  const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  if (target.flags & (ts.SymbolFlags.Function | ts.SymbolFlags.Class)) return [[name, target]];
  if (target.flags & ts.SymbolFlags.Module) {
    return checker
      .getExportsOfModule(target)
      .flatMap((inner) => callables(inner, `${name}.${inner.name}`));
  }
  if (!(target.flags & (ts.SymbolFlags.Variable | ts.SymbolFlags.Property))) return [];
  const type = checker.getTypeOfSymbol(target);
  if (type.getCallSignatures().length > 0) return [[name, target]];
  // An object of ours; not the insides of a Map or of another library's value.
  const ours = target.declarations?.some(
    (declaration) =>
      ts.isVariableDeclaration(declaration) &&
      declaration.initializer !== undefined &&
      /^(\{|Object\.freeze)/.test(declaration.initializer.getText()),
  );
  return ours
    ? type.getProperties().flatMap((inner) => callables(inner, `${name}.${inner.name}`))
    : [];
}

const isShorthand = (declaration: ts.Declaration) => ts.isShorthandPropertyAssignment(declaration);

function hasExample(symbol: ts.Symbol): boolean {
  const shorthand = symbol.declarations?.find(isShorthand);
  const value = shorthand && checker.getShorthandAssignmentValueSymbol(shorthand);
  const target =
    value && value.flags & ts.SymbolFlags.Alias
      ? checker.getAliasedSymbol(value)
      : (value ?? symbol);
  return target.getJsDocTags(checker).some((tag) => tag.name === 'example');
}

const found = entries.flatMap((entry) => {
  const module = checker.getSymbolAtLocation(program.getSourceFile(entry)!)!;
  return checker.getExportsOfModule(module).flatMap((symbol) => callables(symbol, symbol.name));
});

test('every public function and class has an example', () => {
  expect(found.length).toBeGreaterThan(10);
  const lacking = found.filter(([, symbol]) => !hasExample(symbol)).map(([name]) => name);
  expect([...new Set(lacking)]).toEqual([]);
});
