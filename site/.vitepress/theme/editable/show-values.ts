/** What console.log is given, as Node prints it: a snippet promises that in its comments. */

/** As in Node: an object or a list takes one line as long as it fits into so many characters. */
const LINE_LENGTH = 72;
/** As in Node: what lies deeper is named, not shown. */
const DEEPEST = 2;

export function showValues(values: readonly unknown[]): string {
  return values.map((value) => (typeof value === 'string' ? value : show(value, 0))).join(' ');
}

function show(value: unknown, depth: number): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (Object.is(value, -0)) return '-0';
  if (typeof value === 'function')
    return value.name ? `[Function: ${value.name}]` : '[Function (anonymous)]';
  if (typeof value !== 'object' || value === null) return String(value);
  if (value instanceof Error) return value.stack ?? value.message;
  if (isTensor(value)) return value.toString();
  return showParts(value, depth);
}

function showParts(value: object, depth: number): string {
  const name = value.constructor?.name ?? 'Object';
  const isList = Array.isArray(value) || ArrayBuffer.isView(value);
  if (depth > DEEPEST) return `[${name}]`;
  const parts = partsOf(value, depth);
  const title = titleOf(value, name);
  const [open, close] = isList ? ['[', ']'] : ['{', '}'];
  if (parts.length === 0) return `${title}${open}${close}`;
  const length = parts.reduce((sum, part) => sum + part.length + 2, title.length + 2 * depth);
  const inLines = length > LINE_LENGTH || parts.some((part) => part.includes('\n'));
  if (!inLines) return `${title}${open} ${parts.join(', ')} ${close}`;
  const indented = parts.map((part) => `  ${part.replaceAll('\n', '\n  ')}`);
  return `${title}${open}\n${indented.join(',\n')}\n${close}`;
}

function partsOf(value: object, depth: number): string[] {
  if (value instanceof Map) {
    return [...value].map(([key, one]) => `${show(key, depth + 1)} => ${show(one, depth + 1)}`);
  }
  if (value instanceof Set || Array.isArray(value) || ArrayBuffer.isView(value)) {
    const all = [...(value as Iterable<unknown>)];
    const shown = all.slice(0, 100).map((one) => show(one, depth + 1));
    if (all.length <= 100) return shown;
    const left = all.length - 100;
    return [...shown, `... ${left} more item${left === 1 ? '' : 's'}`];
  }
  return Object.entries(value).map(([key, one]) => {
    const written = /^[A-Za-z_$][\w$]*$/.test(key) ? key : quoted(key);
    return `${written}: ${show(one, depth + 1)}`;
  });
}

function titleOf(value: object, name: string): string {
  if (value instanceof Map || value instanceof Set) return `${name}(${value.size}) `;
  if (ArrayBuffer.isView(value)) return `${name}(${(value as Uint8Array).length}) `;
  return Array.isArray(value) || name === 'Object' ? '' : `${name} `;
}

function quoted(text: string): string {
  const written = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  if (!text.includes("'")) return `'${written}'`;
  return text.includes('"') ? `'${written.replaceAll("'", "\\'")}'` : `"${written}"`;
}

/** A tensor prints its numbers, where Node would print what it is made of. */
function isTensor(value: object): boolean {
  return 'dataId' in value && 'shape' in value;
}
