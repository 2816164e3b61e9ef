/** Finds, in the types of the public entries, everything that takes an object of options. */
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** A parameter that is an object of options. */
export interface TakesOptions {
  /** `layers.lstm(args)`. */
  name: string;
  /** The names in it. */
  options: string[];
}

const root = fileURLToPath(new URL('../', import.meta.url));

/** What the functions, constructors and methods that an entry exports take. */
export function parametersWithOptions(entry: string): TakesOptions[] {
  const { config } = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  const program = ts.createProgram([root + entry], options);
  const checker = program.getTypeChecker();
  const found = new Map<string, TakesOptions>();

  const module = checker.getSymbolAtLocation(program.getSourceFile(root + entry)!)!;
  for (const symbol of checker.getExportsOfModule(module)) visit(symbol.name, symbol);
  return [...found.values()];

  function visit(name: string, symbol: ts.Symbol): void {
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    if (target.flags & ts.SymbolFlags.Module) {
      for (const inner of checker.getExportsOfModule(target)) visit(`${name}.${inner.name}`, inner);
      return;
    }
    if (!(target.flags & ts.SymbolFlags.Value)) return;
    const type = checker.getTypeOfSymbol(target);
    addSignatures(name, type.getCallSignatures());
    if (!(target.flags & ts.SymbolFlags.Class)) return;
    addSignatures(`new ${name}`, type.getConstructSignatures());
    const instance = checker.getDeclaredTypeOfSymbol(target);
    for (const member of [...type.getProperties(), ...instance.getProperties()]) {
      if (!isOurs(member) || isPrivate(member)) continue;
      addSignatures(`${name}.${member.name}`, checker.getTypeOfSymbol(member).getCallSignatures());
    }
  }

  function addSignatures(name: string, signatures: readonly ts.Signature[]): void {
    for (const signature of signatures) {
      for (const parameter of signature.parameters) {
        const names = optionNames(checker.getTypeOfSymbol(parameter));
        if (names.length === 0) continue;
        const place = `${name}(${parameter.name})`;
        const before = found.get(place)?.options ?? [];
        found.set(place, { name: place, options: [...new Set([...before, ...names])] });
      }
    }
  }

  /** The names in an object type some of which may be left out; none for any other type. */
  function optionNames(type: ts.Type): string[] {
    const parts = type.isUnion() ? type.types : [type];
    return parts.flatMap((part) => {
      const isObject = (part.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) !== 0;
      const isOther =
        checker.isArrayLikeType(part) ||
        part.getCallSignatures().length > 0 ||
        part.getStringIndexType() !== undefined ||
        ((part.symbol?.flags ?? 0) & ts.SymbolFlags.Class) !== 0;
      if (!isObject || isOther) return [];
      const properties = part.getProperties();
      const isOptional = ({ flags }: ts.Symbol) => (flags & ts.SymbolFlags.Optional) !== 0;
      return properties.some(isOptional) ? properties.map((property) => property.name) : [];
    });
  }
}

function isOurs(symbol: ts.Symbol): boolean {
  return (symbol.declarations ?? []).some(
    (declaration) => !declaration.getSourceFile().fileName.includes('node_modules'),
  );
}

function isPrivate(symbol: ts.Symbol): boolean {
  return (symbol.declarations ?? []).some((declaration) => {
    const name = ts.getNameOfDeclaration(declaration);
    if (name && ts.isPrivateIdentifier(name)) return true;
    const flags = ts.getCombinedModifierFlags(declaration);
    return (flags & ts.ModifierFlags.NonPublicAccessibilityModifier) !== 0;
  });
}
